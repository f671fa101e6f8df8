"""What order or identity proves to give the label away: a column that is the label again, one entity on both sides of
a given split, a phrase that one class has in one source or period only. What stands in the text for the label's name is
a question: nobody can read off an export whether it was there before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from auditor.evidence.leakage import CODE_COVERAGE, TellingWord, least_precision
from auditor.evidence.moments import moments_of, score
from auditor.evidence.shown import OTHERS, shared
from auditor.model import SHARED_BY
from auditor.results import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.evidence.leakage import WithoutWords
    from auditor.evidence.moments import Codes, Fit
    from auditor.evidence.sources import SourceColumn
    from auditor.evidence.tokens import Tokens

PLANTED: Key[tuple[Phrase, ...]] = Key("phrases of a class in one source or period")
CROSSING: Key[Crossing] = Key("groups across the given split")
NAMES: Key[tuple[TellingWord, ...]] = Key("names that stand in their texts")
NAMED: Key[Named] = Key("names of labels in the text")

# House rules (2026). Half of a class in one source or period holds the phrase, one in fifty elsewhere does, and each
# side has 30 records: a rate of a half among fewer is a toss-up.
IN_PLACE, ELSEWHERE, LEAST = 0.5, 0.02, 30
# What was added stands at one end of nearly all texts that hold it, and these are otherwise as different as texts are:
# of their terms not half are in most of them. New things that happen (a campaign, a product) are neither; measured on
# NVD, whose vocabulary changes with the years.
AT_ONE_END, DIFFERENT, ALIKE = 0.9, 0.5, 0.5
_WORD = re.compile(r"\w+")
_ASKED = ("test", "valid", "val", "dev", "eval", "holdout")


@dataclass(frozen=True)
class Phrase:
    """The term ``term`` stands in ``rows`` records of class ``code`` where ``column`` is ``value``: a share ``here`` of
    them, and of that class elsewhere a share ``elsewhere``.
    """

    term: str
    code: int
    column: str
    value: str
    rows: int
    here: float
    elsewhere: float
    holders: NDArray[np.int64]


def phrases(
    texts: pl.Series,
    tokens: Tokens,
    codes: Codes,
    n_classes: int,
    groups: NDArray[np.int64],
    sharers: NDArray[np.int64],
    columns: Iterable[SourceColumn],
) -> tuple[Phrase, ...]:
    """The widest such term of each class in each source; holders are of enough different ``groups`` (n,), and enough
    ``sharers`` (g, n) hold it for it to be shown.
    """
    counted = np.flatnonzero(tokens.document_frequency >= max(SHARED_BY, round(IN_PLACE * LEAST)))
    held = tokens.counts[:, counted].tocsc()
    held.data = np.ones_like(held.data)
    terms = [tokens.terms[at] for at in counted]
    found = [
        phrase for column in columns for phrase in _of_column(held, terms, codes, n_classes, groups, sharers, column)
    ]
    if not found:
        return ()
    ends = _ends(texts)
    return tuple(phrase for phrase in found if _added(tokens, ends, phrase.holders))


def _of_column(
    held: sp.csc_matrix,
    terms: Sequence[str],
    codes: Codes,
    n_classes: int,
    groups: NDArray[np.int64],
    sharers: NDArray[np.int64],
    column: SourceColumn,
) -> list[Phrase]:
    n_sources = len(column.values)
    cell = column.codes.astype(np.int64) * n_classes + codes
    ones = np.ones(len(cell), np.float32)
    size = np.bincount(cell, minlength=n_sources * n_classes).reshape(n_sources, n_classes)
    in_cell = (held.T @ sp.csr_matrix((ones, (np.arange(len(cell)), cell)), (len(cell), size.size))).tocoo()
    term, source, code, rows = in_cell.row, in_cell.col // n_classes, in_cell.col % n_classes, in_cell.data
    of_source = sp.csr_matrix((rows, (term, source)), (len(terms), n_sources)).toarray()
    of_class = sp.csr_matrix((rows, (term, code)), (len(terms), n_classes)).toarray()
    here, beside, after = (
        size[source, code],
        size.sum(axis=1)[source] - size[source, code],
        size.sum(axis=0)[code] - size[source, code],
    )
    large = (here >= LEAST) & (beside >= LEAST) & (after >= LEAST) & (rows >= SHARED_BY)
    rare = (of_source[term, source] - rows <= ELSEWHERE * beside) & (of_class[term, code] - rows <= ELSEWHERE * after)
    found = np.flatnonzero(large & rare & (rows >= IN_PLACE * here))
    widest: dict[tuple[int, int], Phrase] = {}
    for at in sorted(found, key=lambda each: (-rows[each], -len(terms[term[each]]), terms[term[each]])):
        place = int(source[at]), int(code[at])
        if place in widest or column.values[place[0]] in (OTHERS, "(missing)", "(no date)"):
            continue
        holders = held.indices[held.indptr[term[at]] : held.indptr[term[at] + 1]]
        holders = holders[cell[holders] == in_cell.col[at]]
        if len(np.unique(groups[holders])) >= DIFFERENT * rows[at] and shared(sharers, holders):
            away = float((of_class[term[at], code[at]] - rows[at]) / after[at])
            widest[place] = Phrase(
                terms[term[at]], place[1], column.name, column.values[place[0]], int(rows[at]),
                float(rows[at] / here[at]), away, holders,
            )  # fmt: skip
    return list(widest.values())


def _ends(texts: pl.Series) -> NDArray[np.int64]:
    """Codes (2, n) of the first two and the last two words of each of the ``texts`` (n,)."""
    words = texts.str.to_lowercase().str.extract_all(r"\w+")
    pairs = (words.list.head(2).list.join(" "), words.list.tail(2).list.join(" "))
    return np.stack([pair.rank("dense").fill_null(0).to_numpy().astype(np.int64) for pair in pairs])


def _added(tokens: Tokens, ends: NDArray[np.int64], holders: NDArray[np.int64]) -> bool:
    """Whether a phrase of the ``holders`` (h,) was added to texts that were there."""
    at_end = max(np.unique(end[holders], return_counts=True)[1].max() for end in ends)
    held = tokens.counts[holders].tocsc()
    in_most = np.diff(held.indptr) > len(holders) / 2
    return bool(
        at_end >= AT_ONE_END * len(holders)
        and np.diff(held[:, np.flatnonzero(in_most)].indptr).sum() < ALIKE * held.nnz
    )


@dataclass(frozen=True)
class Crossing:
    """Of ``asked`` rows of the given test part ``crossing`` are of a group that the training part holds; accuracy on
    those ``as_given``, and trained ``without`` their groups.
    """

    asked: int
    crossing: int
    as_given: float
    without: float


def crossing(
    split: pl.Series, groups: NDArray[np.int64], phi: Features, codes: Codes, n_classes: int, fit: Fit
) -> Crossing | None:
    """Of the ``split`` (n,) as it was given, by equal ids and groups (n,); None where it names no two parts."""
    part = split.fill_null("").str.to_lowercase()
    learnt = part.str.starts_with("train").to_numpy()
    asked = np.zeros(len(part), bool)
    for name in _ASKED:
        asked |= part.str.starts_with(name).to_numpy()
    if not learnt.any() or not asked.any():
        return None
    across = asked & np.isin(groups, groups[learnt])
    rows = np.flatnonzero(across)
    if not len(rows):
        return Crossing(int(asked.sum()), 0, 0.0, 0.0)
    known = moments_of(phi, codes, np.flatnonzero(learnt), n_classes)
    theirs = moments_of(phi, codes, np.flatnonzero(learnt & np.isin(groups, groups[rows])), n_classes)
    as_given, without = (
        float((score(phi, rows, fit.weights(each)).argmax(axis=1) == codes[rows]).mean())
        for each in (known, known - theirs)
    )
    return Crossing(int(asked.sum()), len(rows), as_given, without)


@dataclass(frozen=True)
class Named:
    """Classes whose name stands in much of their texts and hardly elsewhere, a word of each name in ``words``, and what
    a model gets without all of these; None where there are none.
    """

    words: tuple[TellingWord, ...]
    effect: WithoutWords | None


def names_in_text(
    texts: pl.Series, codes: Codes, names: Sequence[str], shown: NDArray[np.bool_]
) -> tuple[TellingWord, ...]:
    """Of each class of ``names`` (K,) that is ``shown`` (K,): where ``texts`` (n,) hold its name as a phrase."""
    spaced = " " + texts.str.to_lowercase().str.replace_all(r"\W+|_", " ") + " "
    found, counts = [], np.bincount(codes, minlength=len(names))
    for code in np.flatnonzero(shown):
        name = " ".join(_WORD.findall(names[int(code)].lower().replace("_", " ")))
        if len(name) < 2:
            continue
        holders = np.flatnonzero(spaced.str.contains(f" {name} ", literal=True).to_numpy())
        right, rows = codes[holders] == code, counts[code]
        least = least_precision(rows / len(codes))
        if len(holders) < SHARED_BY or right.mean() < least or right.sum() < CODE_COVERAGE * rows:
            continue
        precise, covered = float(right.mean()), float(right.sum() / rows)
        found.append(TellingWord(name, int(code), holders, precise, covered, precise / (rows / len(codes))))
    return tuple(found)
