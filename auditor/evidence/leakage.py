"""Single words that give the label away, and what a model is worth without them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from auditor.evidence.features import embedding, feature_matrix
from auditor.evidence.proxy import fold_moments, left_out, out_of_fold, random_folds
from auditor.evidence.shown import shared
from auditor.model import SHARED_BY
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes, Fit
    from auditor.evidence.tokens import Tokens
    from auditor.keys import Lots

LEAKED_CODES: Key[Leaked] = Key("leaked codes")
CODES: Key[tuple[TellingWord, ...]] = Key("words like codes")
WITH_WORDS: Key[WithWords | None] = Key("accuracy with all words")
TELLING_WORDS: Key[tuple[TellingWord, ...]] = Key("telling words")

SAMPLE = 10_000
# House rules: leaves room for label noise; a third of the class leans on a code, half of it on a word.
PRECISION = 0.9
# Of a class of nearly all records any word is as precise: a word tells it where it leaves out half of the rest.
LEFT_OUT = 0.5
CODE_COVERAGE, WORD_COVERAGE = 0.3, 0.5


@dataclass(frozen=True)
class TellingWord:
    """A word that stands in ``rows`` (r,), a share ``precision`` of which are of class ``code``.

    ``coverage`` is the share of that class that holds it; ``lift`` is ``precision`` over the class's own share.
    """

    word: str
    code: int
    rows: NDArray[np.int64]
    precision: float
    coverage: float
    lift: float

    @property
    def is_code(self) -> bool:
        """Letters and digits in one word, as in an account or reason code."""
        return any(map(str.isdigit, self.word)) and any(map(str.isalpha, self.word))


def telling_words(
    tokens: Tokens, codes: Codes, n_classes: int, groups: NDArray[np.int64], coverage: float
) -> tuple[TellingWord, ...]:
    """Words that reach `PRECISION`, `LEFT_OUT` and ``coverage`` for one class, widest first.

    Enough different ``groups`` ((n,), or (g, n): of each) hold them.
    """
    columns = np.flatnonzero(tokens.is_word & (tokens.document_frequency >= SHARED_BY))
    present = tokens.counts.tocsc()[:, columns]
    counts = np.bincount(codes, minlength=n_classes)
    found = []
    for position, column in enumerate(columns):
        holders = present.indices[present.indptr[position] : present.indptr[position + 1]]
        by_class = np.bincount(codes[holders], minlength=n_classes)
        code = int(by_class.argmax())
        precise, covered = by_class[code] / len(holders), by_class[code] / counts[code]
        share = counts[code] / len(codes)
        if precise >= least_precision(share) and covered >= coverage and shared(groups, holders):
            lift = precise / share
            word = tokens.terms[column]
            found.append(TellingWord(word, code, np.sort(holders), float(precise), float(covered), float(lift)))
    return tuple(sorted(found, key=lambda each: (-len(each.rows), each.word)))


def least_precision(share: float) -> float:
    """Of a word that tells a class of this ``share`` of all records, by `PRECISION` and `LEFT_OUT`."""
    return max(PRECISION, share + LEFT_OUT * (1 - share))


@dataclass(frozen=True)
class WithoutWords:
    """Out-of-fold accuracy on the records that hold one of the words: with the words, and ``without`` them."""

    records: int
    with_words: float
    without: float


@dataclass(frozen=True)
class Leaked:
    """Code-like words that give the label away, and what a model gets without them; None where there are none."""

    words: tuple[TellingWord, ...]
    effect: WithoutWords | None


@dataclass(frozen=True)
class WithWords:
    """A model of all terms on a ``sample`` (m,) of the rows: their ``folds`` (m,), its ``fit``, and which of them it
    gets ``right`` (m,) out of fold.
    """

    sample: NDArray[np.int64]
    folds: NDArray[np.int8]
    fit: Fit
    right: NDArray[np.bool_]


def with_words(tokens: Tokens, codes: Codes, n_classes: int, lots: Lots, items: Lots) -> WithWords:
    """Of at most 10,000 random records: what `accuracy_without` some of the words is held to."""
    sample = np.sort(lots.order("without words")[:SAMPLE])
    folds, labels = random_folds(items[sample]), codes[sample]
    part = tokens.of(sample)
    phi = feature_matrix(part, embedding(part), lots.seed)
    moments = fold_moments(phi, labels, n_classes, folds)
    return WithWords(sample, folds, moments.fit, out_of_fold(phi, labels, moments).predicted == labels)


def accuracy_without(
    whole: WithWords, tokens: Tokens, words: Sequence[TellingWord], codes: Codes, n_classes: int, seed: int
) -> WithoutWords:
    """Trains anew on the sample of ``whole``, without ``words`` and their pairs."""
    labels = codes[whole.sample]
    holds = np.isin(whole.sample, np.concatenate([word.rows for word in words]))
    if not holds.any():
        return WithoutWords(0, float("nan"), float("nan"))
    told = {word.word for word in words}
    kept = np.array([told.isdisjoint(term.split()) for term in tokens.terms])
    part = replace(
        tokens,
        counts=tokens.counts[whole.sample][:, np.flatnonzero(kept)],
        terms=tuple(term for term, stays in zip(tokens.terms, kept, strict=True) if stays),
        document_frequency=tokens.document_frequency[kept],
        is_word=tokens.is_word[kept],
        hashes=tokens.hashes[kept],
    )
    phi = feature_matrix(part, embedding(part), seed)
    said = left_out(phi, labels, n_classes, whole.folds, whole.fit).argmax(axis=1)
    right = said == labels
    return WithoutWords(int(holds.sum()), float(whole.right[holds].mean()), float(right[holds].mean()))
