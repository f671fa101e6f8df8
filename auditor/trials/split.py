"""Which rows a trial learns from, chooses by and is asked about; what is alike stands on one side only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import InputError
from auditor.inputs.trial import LEAST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.keys import Lots

    Rows = NDArray[np.int64]

# At most so many test rows of each kind and so many validation rows, and never more than a tenth of the export.
TESTED, CHECKED, PART = 500, 300, 10


@dataclass(frozen=True)
class Split:
    """Rows ``train``, ``validation``, and those asked: ``latest`` from the latest tenth, ``random`` from before it, and
    ``others`` that somebody named. Without dates ``latest`` is empty and ``random`` twice as many.
    """

    train: Rows
    validation: Rows
    latest: Rows
    random: Rows
    others: Rows

    @property
    def asked(self) -> Rows:
        return np.concatenate([self.latest, self.random, self.others])

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Which of the rows asked (q,) stand for the export: the latest and the random ones."""
        return np.arange(len(self.asked)) < len(self.latest) + len(self.random)


def split(n_dated: int, groups: NDArray[np.int64], size: int, lots: Lots, others: Rows) -> Split:
    """Rows in order of time, the first ``n_dated`` with dates; rows of a group (n,) stay together.

    ``size`` rows are learnt from, fewer where the export holds no more; ``others`` (m,) are asked besides. Undated rows
    beside dated ones are asked only there.

    Raises:
        InputError: fewer than 100 rows are left to learn from.

    """
    n = len(groups)
    most = min(TESTED, n // PART)
    order = lots.order("trial")
    cut = n_dated - n_dated // PART
    late = (order >= cut) & (order < n_dated)
    latest = order[late][:most]
    early = order[~late]
    free = early[~np.isin(groups[early], groups[latest])]
    asked = free[(free < n_dated) | (n_dated == 0)]
    random = asked[: most if n_dated else 2 * most]
    others = np.setdiff1d(others, [*latest, *random])
    free = free[~np.isin(groups[free], groups[[*random, *others]])]
    validation = free[: min(CHECKED, n // PART)]
    free = free[~np.isin(groups[free], groups[validation])]
    if len(free) < LEAST:
        raise InputError(f"A trial needs {LEAST} rows to learn from, beside those that it is asked about.")
    return Split(*(np.sort(part) for part in (free[:size], validation, latest, random, others)))
