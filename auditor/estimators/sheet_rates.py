"""What a filled sheet says about all recent records: how many labels are wrong, and how right each way is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import NotApplicable
from auditor.estimators.people import People, people
from auditor.estimators.sheet import Sample, rate_of_all, rate_of_part, sample_of
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.model import Estimate

    Mask = NDArray[np.bool_]
    Values = NDArray[np.float64]

SHEET_RATES: Key[SheetRates] = Key("rates by the sheet")

# Fewer labels give no rate of all (house rule, 2026: the interval says next to nothing).
LEAST = 30
# A class has a rate of its own from so many labels on (house rule, 2026).
LEAST_OF_CLASS = 10
MOST_CLASSES = 30
DOUBT = "the model's doubt"
REPEATED_DOUBT = "the model's doubt where it agrees"
AGREEMENT = "the agreement with the given labels"


@dataclass(frozen=True)
class Guess:
    """What is guessed of each labelled record, ``at`` (m,), 0 where nothing is, and its ``mean`` over all records that
    the sheet was drawn from; None where that is not known.
    """

    at: Values
    mean: float | None


@dataclass(frozen=True)
class Labelled:
    """The m records of a sheet that people labelled: the ``strata`` (m,) that they were drawn from, with the records of
    each, ``stratum_rows``; which are ``unsure`` (m,), and whose ``given`` class (m,) is ``wrong`` (m,); which have
    ``both`` (m,) people's labels, where the second finds the label wrong, ``second_wrong`` (m,), and the two
    ``differ`` (m,); and those ``flagged`` (m,) by the model.

    Guesses are the model's ``doubt``, the same only ``where_right`` by the labels as given, and whether it is right,
    ``agreeing``; of all records it agrees with the share ``level``.
    """

    strata: NDArray[np.int64]
    stratum_rows: Mapping[int, int]
    unsure: Mask
    given: NDArray[np.int32]
    wrong: Mask
    both: Mask
    second_wrong: Mask
    differ: Mask
    flagged: Mask
    doubt: Guess
    where_right: Guess
    agreeing: Guess
    level: float

    def sample(self, of: Mask) -> Sample:
        """The records ``of`` (m,) as a sample of all."""
        return sample_of(self.strata[of], self.stratum_rows)

    def rate(self, of: Mask, y: Values, guess: Guess, what: str, least: float = 0.0) -> Estimate:
        """Of ``y`` (m,) over all records, from those ``of`` (m,)."""
        return rate_of_all(self.sample(of), y[of], guess.at[of], guess.mean, what, least)


@dataclass(frozen=True)
class Way:
    """How often a way gives the label of the person, ``right`` (m,), and of the second, ``second`` (m,), NaN where
    nobody asked; a guess by the labels ``as_given``; what it is ``behind`` (m,) another on the same records, and a
    guess of that.
    """

    right: Values
    second: Values
    as_given: Guess
    behind: Values | None = None
    behind_as_given: Guess | None = None


@dataclass(frozen=True)
class Scored:
    """How often a way is right on true labels, on ``rows`` records of the sheet, and what it lacks to the ordinary
    classifier on the same ones; None for that itself.
    """

    rows: int
    right: Estimate
    behind: Estimate | None


@dataclass(frozen=True)
class SheetRates:
    """Rates of all records that the sheet was drawn from, ``people``'s own errors put right where two labelled.

    ``noise`` is the share of wrong labels, ``if_unsure`` the same if every unsure one were, ``repeated`` those that a
    model would repeat, ``by_class`` and ``flagged`` the share within a class and among suspects.
    """

    rows: int
    people: People | None
    noise: Estimate
    if_unsure: Estimate
    repeated: Estimate
    by_class: Mapping[str, Estimate]
    flagged: Estimate | None
    ordinary: Scored
    prompt: Scored | None
    trained: Scored | None


def sheet_rates(
    read: Labelled,
    ordinary: Way,
    prompt: Way | None,
    trained: Way | None,
    shown: Sequence[str],
    seed: int,
) -> SheetRates:
    """The rates by the sheet; ``shown`` (K,) are the names of the classes.

    Raises:
        NotApplicable: fewer than `LEAST` of its labels can be used.

    """
    known = ~read.unsure
    if known.sum() < LEAST:
        raise NotApplicable(f"{int(known.sum()):,} records of the sheet are labelled, and {LEAST} are needed")
    pairs = None
    if read.both.any():
        differ = read.differ[read.both].astype(float)
        pairs = people(differ, read.sample(read.both).weights, len(shown), seed)
    wrong, in_dispute = read.wrong.astype(float), (read.wrong != read.second_wrong).astype(float)

    def noise(of: Mask, y: Mask) -> Estimate:
        seen = read.rate(of, y.astype(float), read.doubt, DOUBT)
        return pairs.true_differing(seen, in_dispute[read.both]) if pairs else seen

    def within(seen: Estimate) -> Estimate:
        return pairs.true_share(seen, pairs.wrong) if pairs else seen

    def scored(way: Way | None) -> Scored | None:
        if way is None or (of := known & ~np.isnan(way.right)).sum() < LEAST:
            return None
        right = read.rate(of, way.right, way.as_given, AGREEMENT)
        if pairs:
            right = pairs.true_agreeing(right, np.abs(way.right - way.second)[read.both])
        behind = None
        if way.behind is not None and way.behind_as_given is not None:
            behind = read.rate(of, way.behind, way.behind_as_given, AGREEMENT, least=-1.0)
            behind = pairs.true_share(behind, 0 * pairs.wrong) if pairs else behind
        return Scored(int(of.sum()), right, behind)

    of_ordinary = scored(ordinary)
    assert of_ordinary is not None  # noqa: S101 - it answers every record
    repeated, also = ordinary_again(read, wrong), ordinary_again(read, read.second_wrong.astype(float))
    seen_repeated = read.rate(known, repeated, read.where_right, REPEATED_DOUBT)
    flagged = known & read.flagged
    weights = read.sample(known).weights
    return SheetRates(
        rows=int(known.sum()),
        people=pairs,
        noise=noise(known, read.wrong),
        if_unsure=noise(known | read.unsure, read.wrong | read.unsure),
        repeated=pairs.true_differing(seen_repeated, np.abs(repeated - also)[read.both], read.level)
        if pairs
        else seen_repeated,
        by_class={name: within(rate) for name, rate in _classes(read, known, weights, shown).items()},
        flagged=within(rate_of_part(wrong[flagged], weights[flagged[known]], "flagged records"))
        if flagged.any()
        else None,
        ordinary=of_ordinary,
        prompt=scored(prompt),
        trained=scored(trained),
    )


def ordinary_again(read: Labelled, wrong: Values) -> Values:
    """Which ``wrong`` labels (m,) the ordinary classifier gives again."""
    return read.agreeing.at * wrong


def _classes(read: Labelled, known: Mask, weights: Values, shown: Sequence[str]) -> dict[str, Estimate]:
    """The rate of each class with enough labelled records, most of them first."""
    codes, wrong = read.given[known], read.wrong[known].astype(float)
    counts = np.bincount(codes, minlength=len(shown))
    return {
        shown[code]: rate_of_part(wrong[codes == code], weights[codes == code], "records of the class")
        for code in np.argsort(-counts, kind="stable")[:MOST_CLASSES].tolist()
        if counts[code] >= LEAST_OF_CLASS
    }
