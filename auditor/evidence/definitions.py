"""The labels of the records against the definitions of the classes and their time in force."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.inputs.labels import folded
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.classes import Classes
    from auditor.inputs.dates import Granularity
    from auditor.inputs.taxonomy import Entry

DEFINITIONS: Key[Definitions] = Key("definitions")

_STEP = {"day": "1d", "month": "1mo", "year": "1y"}


@dataclass(frozen=True)
class Definitions:
    """Rows (n,) ``before`` and ``after`` their label's time in force, and class codes by what is wrong with them.

    ``unused`` are labels of the taxonomy that no row carries.
    """

    before: NDArray[np.bool_]
    after: NDArray[np.bool_]
    unknown: tuple[int, ...]
    undefined: tuple[int, ...]
    unused: tuple[str, ...]


def against_definitions(
    classes: Classes, times: pl.Series, granularity: Granularity, entries: Sequence[Entry]
) -> Definitions:
    """Labels that differ in case or white space alone are one; ``times`` (n,) may hold nulls, which never offend.

    A record's date is as fine as ``granularity``: one of a month is in force if a day of that month is.
    """
    by_label: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_label[entry.folded].append(entry)
    first = times.dt.truncate(_STEP[granularity]).cast(times.dtype)
    last = first.dt.offset_by(_STEP[granularity])
    before, after = np.zeros(len(times), bool), np.zeros(len(times), bool)
    unknown, undefined = [], []
    names = [folded(name) for name in classes.names]
    for code, name in enumerate(names):
        periods = by_label.get(name)
        if periods is None:
            unknown.append(code)
            continue
        if not any(entry.definition for entry in periods):
            undefined.append(code)
        rows = np.flatnonzero(classes.codes == code)
        starts, ends = last.gather(rows), first.gather(rows)
        covered, early = np.zeros(len(rows), bool), np.ones(len(rows), bool)
        for entry in periods:
            soon = _true(starts <= entry.start) if entry.start else np.zeros(len(rows), bool)
            late = _true(ends >= entry.end) if entry.end else np.zeros(len(rows), bool)
            covered |= ~soon & ~late
            early &= soon
        before[rows], after[rows] = ~covered & early, ~covered & ~early
    carried = set(names)
    unused = tuple(periods[0].label for name, periods in by_label.items() if name not in carried)
    return Definitions(before, after, tuple(unknown), tuple(undefined), unused)


def _true(found: pl.Series) -> NDArray[np.bool_]:
    return np.asarray(found.fill_null(value=False).to_numpy(), bool)
