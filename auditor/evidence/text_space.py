"""What the features are made of: words and English word vectors, or character n-grams where those win."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.features import FeatureShares, feature_matrix
from auditor.evidence.naive_bayes import damped_counts, naive_bayes
from auditor.evidence.pieces import with_pieces
from auditor.evidence.proxy import fold_moments, out_of_fold, random_folds
from auditor.evidence.surrogate import without_logistic
from auditor.results import Key

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.features import Embedding
    from auditor.evidence.grid import Gridded
    from auditor.evidence.moments import Codes
    from auditor.evidence.tokens import Tokens
    from auditor.keys import Lots

TEXT_SPACE: Key[TextSpace] = Key("text space")

# As many columns as rows, up to the usual most: n-grams are many, and few of them are rare.
WIDE = FeatureShares(rows_per_column=1)
SAMPLE = 5_000


@dataclass(frozen=True)
class TextSpace:
    """The terms of every text, its `embedding` if that is used, and how the features' width is shared."""

    tokens: Tokens
    embedded: Embedding | None
    shares: FeatureShares

    def features(self, seed: int) -> Gridded:
        """φ (n, D)."""
        return feature_matrix(self.tokens, self.embedded, seed, self.shares)

    def part(self, rows: NDArray[np.int64]) -> TextSpace:
        """Of some of the texts."""
        tokens, embedded = self.tokens.of(rows), self.embedded
        return TextSpace(tokens, None if embedded is None else embedded.of(rows), self.shares)


def usual(words: Tokens, embedded: Embedding | None) -> TextSpace:
    """Of an English export."""
    return TextSpace(words, embedded, FeatureShares())


def best_space(
    texts: pl.Series, words: Tokens, embedded: Embedding | None, codes: Codes, n_classes: int, lots: Lots, items: Lots
) -> TextSpace:
    """The space in which the proxy and naive Bayes are right most often, out of fold, on at most 5,000 random rows."""
    both = with_pieces(texts, words)
    spaces = [usual(words, embedded), TextSpace(both, None, WIDE)]
    if embedded is not None:
        spaces.append(TextSpace(both, embedded, WIDE))
    sample = np.sort(lots.order("text space")[:SAMPLE])
    folds = random_folds(items[sample])
    return max(spaces, key=lambda space: _accuracy(space.part(sample), codes[sample], n_classes, folds, lots.seed))


def _accuracy(space: TextSpace, codes: Codes, n_classes: int, folds: NDArray[np.int8], seed: int) -> float:
    phi = space.features(seed)
    by_proxy = out_of_fold(phi, codes, fold_moments(phi, codes, n_classes, folds))
    by_terms = naive_bayes(damped_counts(space.tokens), codes, n_classes, folds)
    return without_logistic(by_proxy, by_terms, codes).out_of_fold.accuracy(codes)
