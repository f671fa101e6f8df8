"""Source-specific label bias between two classes, from which of the two a text is nearer to.

Where a model finds a class by half or less, most of its wrongly filed records read to it like a third class, and
`sources.find_label_bias` sees too few of them. Of two classes alone it still tells which one a text is nearer to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.source_bias import Nearer, biased_pairs
from auditor.evidence.sources import LabelBias, bias_of, of_one_class

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes
    from auditor.evidence.proxy import OutOfFold
    from auditor.evidence.sources import SourceColumn

# The class that a text is nearer to than to its label is among so many that the model thinks of first.
GUESSES = 5
SAME_ROWS = 0.5


def find_pair_bias(
    column: SourceColumn,
    codes: Codes,
    without_source: OutOfFold,
    with_source: OutOfFold,
    known: Collection[LabelBias] = (),
) -> tuple[LabelBias, ...]:
    """(source, given → expected) cells, see `biased_pairs`, whose records are not mostly those of cells ``known`` or
    surer.
    """
    probabilities = without_source.probabilities
    n_classes, n_sources = probabilities.shape[1], len(column.values)
    given_p = probabilities[np.arange(len(codes)), codes]
    guesses = np.argsort(-probabilities, axis=1, kind="stable")[:, :GUESSES]
    above = np.take_along_axis(probabilities, guesses, axis=1) > given_p[:, None]
    row, place = np.nonzero(above)
    nearer = guesses[row, place].astype(np.int64)
    # Cells (a, b, source) of records filed under a and nearer to b; and those filed under b that are among its guesses.
    cell, size = np.unique((codes[row] * n_classes + nearer) * n_sources + column.codes[row], return_counts=True)
    among = (guesses == codes[:, None]).any(axis=1)
    own = np.bincount(codes[among] * n_sources + column.codes[among], minlength=n_classes * n_sources)
    own = own.reshape(n_classes, n_sources)
    away, away_size = np.unique(
        (codes[row] * n_classes + nearer)[among[row]] * n_sources + column.codes[row][among[row]], return_counts=True
    )
    pairs = np.unique(cell // n_sources)
    given, wanted = pairs // n_classes, pairs % n_classes
    sources = np.arange(n_sources)
    filed = _looked_up(cell, size, pairs[:, None] * n_sources + sources)
    back = _looked_up(away, away_size, (wanted * n_classes + given)[:, None] * n_sources + sources)
    nearer_to = Nearer(given, wanted, filed, filed + own[wanted] - back)
    taken = np.zeros(len(codes), bool)
    for bias in known:
        nearer_expected = probabilities[:, bias.expected] > probabilities[:, bias.given]
        taken |= (column.codes == column.values.index(bias.value)) & (codes == bias.given) & nearer_expected
    # Where one habit took nearly all records of a class, what is left of them shows nothing more.
    emptied = {(bias.value, bias.expected) for bias in known}
    found = []
    # Records of one habit are nearer to several classes than to their label: the surest cell has them.
    for each in biased_pairs(nearer_to, of_one_class(column, codes, n_classes)):
        at, a, b = each.source, each.given, each.expected
        rows = np.unique(row[(codes[row] == a) & (nearer == b) & (column.codes[row] == at)])
        if taken[rows].mean() >= SAME_ROWS or (column.values[at], b) in emptied:
            continue
        taken[rows] = True
        emptied.add((column.values[at], b))
        here = (column.codes == at) & np.isin(codes, (a, b)) & (probabilities[:, b] > probabilities[:, a])
        found.append(bias_of(column, each, rows, here, with_source))
    return tuple(sorted(found, key=lambda bias: -len(bias.rows)))


def _looked_up(keys: NDArray[np.int64], values: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """The ``values`` (m,) of sorted ``keys`` (m,) at ``wanted``; 0 where there is none."""
    if not len(keys):
        return np.zeros(wanted.shape, np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
