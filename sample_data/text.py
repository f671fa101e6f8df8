"""Turns categories into notes: clauses are drawn, ordered, styled, then filled with a row's own figures."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sample_data import phrases
from sample_data.clauses import CLAUSES, FAMILY_CLAUSES
from sample_data.taxonomy import ALL_CATEGORIES, INDEX, shares

if TYPE_CHECKING:
    from collections.abc import Sequence

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Strings = NDArray[np.object_]

# How hard the notes are to tell apart: TF-IDF with logistic regression should get about nine in ten right.
_OWN_CLAUSES = (0.035, 0.315, 0.65)
_ASIDES = (0.59, 0.35, 0.06)
_ASIDE_POWER = 0.5
_SHORTEST, _LONGEST = 25, 44
_HARD_LIMIT = 46
_TYPO_SHARE = 0.06
_ABBREVIATED_SHARE = 0.35
_LOWER_SHARE, _UPPER_SHARE = 0.15, 0.03

_GROUP = re.compile(r"\(([^()]*)\)")
_ABBREVIATION = re.compile(r"\b(" + "|".join(phrases.ABBREVIATIONS) + r")\b")


def expand(pattern: str) -> tuple[str, ...]:
    """Every reading of a pattern: ``a (b|c)`` gives ``a b`` and ``a c``; an alternative may be empty."""
    pieces = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(_GROUP.split(pattern))]
    lead = pattern[-1:] if pattern.endswith(" ") else ""
    return tuple(" ".join("".join(words).split()) + lead for words in itertools.product(*pieces))


@dataclass(frozen=True)
class Pool:
    """Phrases to draw from; each pattern is equally likely however many readings it has."""

    texts: Strings
    cumulative: NDArray[np.float64]

    def draw(self, rng: np.random.Generator, rows: int) -> Strings:
        return self.texts[np.searchsorted(self.cumulative, rng.random(rows), side="right")]


def pool(patterns: Sequence[str]) -> Pool:
    readings = [expand(pattern) for pattern in patterns]
    texts = np.array([text for group in readings for text in group], dtype=object)
    weights = np.concatenate([np.full(len(group), 1 / len(group)) for group in readings])
    cumulative = np.cumsum(weights / weights.sum())
    cumulative[-1] = 1.0
    return Pool(texts, cumulative)


@dataclass(frozen=True)
class Templates:
    """Notes before their figures are filled in. ``upper`` marks the ones typed in capitals."""

    texts: list[str]
    upper: Bools


@dataclass(frozen=True, slots=True)
class _Draft:
    candidates: tuple[str, ...]
    wanted: list[bool]
    place: list[float]
    target: int
    separator: str
    lower: bool
    short: bool
    typo: int


@dataclass(frozen=True)
class Figures:
    """What a note may quote. Nothing here depends on the category."""

    svc: Strings
    code: Strings
    code2: Strings
    dx: Strings
    d: Strings
    d2: Strings
    n: Strings
    amt: Strings
    rep: Strings
    day: Strings


def figures(rng: np.random.Generator, amount: NDArray[np.float64]) -> Figures:
    rows = len(amount)

    def pick(options: Sequence[str]) -> Strings:
        return np.array(options, dtype=object)[rng.integers(len(options), size=rows)]

    dates = [f"{month}/{day}" for month in range(1, 13) for day in range(1, 29)]
    return Figures(
        svc=pick(phrases.SERVICES),
        code=pick(phrases.CODES),
        code2=pick(phrases.CODES),
        dx=pick(phrases.DIAGNOSES),
        d=pick(dates),
        d2=pick(dates),
        n=pick([str(number) for number in range(2, 46)]),
        amt=np.array([f"${value:,.2f}" for value in amount.tolist()], dtype=object),
        rep=pick(phrases.CONTACTS),
        day=pick(phrases.DAYS),
    )


def _by_category(rng: np.random.Generator, concept: Ints, pools: Sequence[Pool]) -> Strings:
    drawn = np.empty(len(concept), dtype=object)
    for index in np.unique(concept):
        rows = np.flatnonzero(concept == index)
        drawn[rows] = pools[index].draw(rng, len(rows))
    return drawn


def neighbours(rng: np.random.Generator, concept: Ints) -> Ints:
    """For each row a category that its own is easily taken for; large ones come up more often."""
    share = np.append(shares(), shares()[len(shares()) // 2]) ** _ASIDE_POWER
    chosen = np.empty_like(concept)
    for index in np.unique(concept):
        near = np.array([INDEX[key] for key in ALL_CATEGORIES[index].near])
        rows = np.flatnonzero(concept == index)
        chosen[rows] = rng.choice(near, size=len(rows), p=share[near] / share[near].sum())
    return chosen


def templates(rng: np.random.Generator, concept: Ints) -> Templates:
    """One template a row, from its category's clauses, its neighbours' and those that all share."""
    rows = len(concept)
    reasons = [pool(CLAUSES[category.key]) for category in ALL_CATEGORIES]
    vague = [pool(FAMILY_CLAUSES[category.family]) for category in ALL_CATEGORIES]
    leads, asides = pool(phrases.LEADS), pool(phrases.ASIDES)
    openings, details, actions = pool(phrases.OPENINGS), pool(phrases.DETAILS), pool(phrases.ACTIONS)

    own = rng.choice(3, size=rows, p=_OWN_CLAUSES)
    aside = rng.choice(3, size=rows, p=_ASIDES)
    first = np.where(own > 0, _by_category(rng, concept, reasons), _by_category(rng, concept, vague))
    columns = [
        leads.draw(rng, rows) + first,
        _by_category(rng, concept, reasons),
        asides.draw(rng, rows) + _by_category(rng, neighbours(rng, concept), reasons),
        asides.draw(rng, rows) + _by_category(rng, neighbours(rng, concept), reasons),
        openings.draw(rng, rows),
        actions.draw(rng, rows),
        *(details.draw(rng, rows) for _ in range(4)),
        actions.draw(rng, rows),
        details.draw(rng, rows),
    ]
    wanted = np.ones((rows, len(columns)), dtype=bool)
    wanted[:, 1] = own == 2
    wanted[:, 2] = aside > 0
    wanted[:, 3] = aside > 1
    # The opening tends to the front and the next step to the end, as people write, but not always.
    place = rng.random((rows, len(columns)))
    place[:, 4] -= 0.55
    place[:, 5] += 0.45
    target = rng.integers(_SHORTEST, _LONGEST, size=rows)
    separators = np.array(phrases.SEPARATORS, dtype=object)[rng.integers(len(phrases.SEPARATORS), size=rows)]
    lower = rng.random(rows) < _LOWER_SHARE
    short = rng.random(rows) < _ABBREVIATED_SHARE
    typo = np.where(rng.random(rows) < _TYPO_SHARE, rng.integers(1, 1 << 30, size=rows), 0)
    texts = [
        _assemble(_Draft(*row))
        for row in zip(
            zip(*(column.tolist() for column in columns), strict=True),
            wanted.tolist(),
            place.tolist(),
            target.tolist(),
            separators.tolist(),
            lower.tolist(),
            short.tolist(),
            typo.tolist(),
            strict=True,
        )
    ]
    return Templates(texts, rng.random(rows) < _UPPER_SHARE)


def _assemble(draft: _Draft) -> str:
    fewest = most = 0
    taken: list[int] = []
    for index, text in enumerate(draft.candidates):
        if not draft.wanted[index] or (index > 3 and fewest >= draft.target):
            continue
        if any(draft.candidates[other].endswith(text) for other in taken):
            continue
        length = text.count(" ") + 1
        # A figure may fill in as two words ("payer rep").
        longest = length + text.count("{")
        if most + longest <= _HARD_LIMIT:
            taken.append(index)
            fewest += length
            most += longest
    taken.sort(key=draft.place.__getitem__)
    parts = [draft.candidates[index] for index in taken]
    if draft.short:
        parts = [_ABBREVIATION.sub(lambda found: phrases.ABBREVIATIONS[found[0]], part) for part in parts]
    if draft.typo:
        parts = _mistype(parts, draft.typo)
    if draft.separator == ". " and not draft.lower:
        parts = [part[0].upper() + part[1:] for part in parts]
    note = draft.separator.join(parts)
    return note if draft.lower else note[0].upper() + note[1:] + "."


def _mistype(parts: list[str], typo: int) -> list[str]:
    index = typo % len(parts)
    words = parts[index].split(" ")
    at = typo // 16 % len(words)
    word = words[at]
    if len(word) > 4 and word.isalpha():
        cut = 1 + typo // 512 % (len(word) - 3)
        words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return [*parts[:index], " ".join(words), *parts[index + 1 :]]


def fill(drafts: Sequence[str], source: Ints, upper: Bools, values: Figures) -> list[str]:
    """Drafts with figures in. A row that copies another (``source``) keeps its treatment, not its sums."""
    columns = (
        values.svc[source],
        values.code[source],
        values.code2[source],
        values.dx[source],
        values.rep,
        values.d,
        values.d2,
        values.n,
        values.amt,
        values.day,
    )
    notes = [
        draft.format(svc=svc, code=code, code2=code2, dx=dx, rep=rep, d=d, d2=d2, n=n, amt=amt, day=day)
        for draft, svc, code, code2, dx, rep, d, d2, n, amt, day in zip(
            drafts, *(column.tolist() for column in columns), strict=True
        )
    ]
    return [note.upper() if caps else note for note, caps in zip(notes, upper[source].tolist(), strict=True)]
