"""What a filled sheet says about all recent records: how many labels are wrong, and how right each way is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import NotApplicable
from auditor.evidence.people import People, people
from auditor.evidence.sheet import rate_of_all, rate_of_part, sample_of
from auditor.inputs.labels import folded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence import Evidence
    from auditor.evidence.prompted import Prompted
    from auditor.model import Estimate

    Mask = NDArray[np.bool_]
    Values = NDArray[np.float64]

# Fewer labels give no rate of all (house rule, 2026: the interval says next to nothing).
LEAST = 30
# A class has a rate of its own from so many labels on (house rule, 2026).
LEAST_OF_CLASS = 10
MOST_CLASSES = 30
DOUBT = "the model's doubt"
REPEATED_DOUBT = "the model's doubt where it agrees"
AGREEMENT = "the agreement with the given labels"
# A label that is no class of the export.
OUTSIDE = -3


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


@dataclass(frozen=True)
class _Read:
    """The labelled rows: their positions, strata, true codes, whether they are unsure, and what was given is wrong
    (each (m,)). ``pool`` are the positions of the rows that the sheet was drawn from; None where that changed.
    """

    rows: NDArray[np.int64]
    strata: NDArray[np.int64]
    label: NDArray[np.int64]
    unsure: Mask
    wrong: Mask
    stratum_rows: Mapping[int, int]
    pool: NDArray[np.int64] | None

    def rate(self, of: Mask, y: Values, f: Values, guess: str, least: float = 0.0) -> Estimate:
        """Of ``y`` (m,) over all rows, from the rows ``of`` (m,); ``f`` (n,) guesses it, NaN where it does not."""
        sample = sample_of(self.strata[of], self.stratum_rows)
        whole = None if self.pool is None or np.isnan(f[self.pool]).any() else f[self.pool]
        return rate_of_all(sample, y[of], np.nan_to_num(f[self.rows[of]]), whole, guess, least)

    def weights(self, of: Mask) -> Values:
        return sample_of(self.strata[of], self.stratum_rows).weights


def sheet_rates(evidence: Evidence) -> SheetRates:
    """The rates by the sheet that ``evidence`` holds.

    Raises:
        NotApplicable: there is no sheet, or fewer than `LEAST` of its labels can be used.

    """
    read = _read(evidence)
    known = ~read.unsure
    if known.sum() < LEAST:
        raise NotApplicable(f"{int(known.sum()):,} records of the sheet are labelled, and {LEAST} are needed")
    pairs = _people(evidence, read)
    predicted = evidence.stand_in.out_of_fold.predicted
    agrees = (predicted == evidence.codes).astype(float)
    doubt, wrong = 1 - evidence.label_quality.quality, read.wrong.astype(float)
    repeated_here = float((agrees if read.pool is None else agrees[read.pool]).mean())

    def true(seen: Estimate, by_error: Callable[[People], Values]) -> Estimate:
        return seen if pairs is None else pairs.true_share(seen, by_error(pairs))

    def true_noise(seen: Estimate) -> Estimate:
        return true(seen, lambda two: two.wrong)

    def scored(right: Values, as_given: Values, than: tuple[Values, Values] | None) -> Scored | None:
        """By how often a way is ``right`` (m,) on true labels and ``as_given`` (n,), NaN where it was not asked.

        ``than`` are the same two of the way that it is compared with.
        """
        of = known & ~np.isnan(right)
        if of.sum() < LEAST:
            return None
        level = true(read.rate(of, right, as_given, AGREEMENT), lambda two: two.wrong * two.alike)
        if than is None:
            return Scored(int(of.sum()), level, None)
        lacks = read.rate(of, than[0] - right, than[1] - as_given, AGREEMENT, least=-1.0)
        return Scored(int(of.sum()), level, true(lacks, lambda two: 0 * two.wrong))

    def of_answers(found: Prompted) -> tuple[Values, Values]:
        as_given, right = np.full(len(agrees), np.nan), np.full(len(agrees), np.nan)
        as_given[found.rows] = found.right(evidence.classes)
        truth = np.full(len(agrees), OUTSIDE)
        truth[read.rows] = read.label
        right[found.rows] = found.giving(truth[found.rows])
        return right[read.rows], as_given

    def answered(found: Prompted | None, beside: Prompted | None = None) -> Scored | None:
        """Beside the ordinary classifier of all rows, or beside another one."""
        if found is None:
            return None
        return scored(*of_answers(found), (ordinary, agrees) if beside is None else of_answers(beside))

    ordinary = (predicted[read.rows] == read.label).astype(float)
    by_itself = scored(ordinary, agrees, None)
    assert by_itself is not None  # noqa: S101 - it answers every row
    flagged = known & evidence.label_issues.flagged[read.rows]
    return SheetRates(
        rows=int(known.sum()),
        people=pairs,
        noise=true_noise(read.rate(known, wrong, doubt, DOUBT)),
        if_unsure=true_noise(read.rate(known | read.unsure, (read.wrong | read.unsure).astype(float), doubt, DOUBT)),
        repeated=true(
            read.rate(known, wrong * agrees[read.rows], doubt * agrees, REPEATED_DOUBT),
            lambda two: two.wrong * repeated_here,
        ),
        by_class={name: true_noise(rate) for name, rate in _classes(evidence, read, known).items()},
        flagged=true_noise(rate_of_part(wrong[flagged], read.weights(known)[flagged[known]], "flagged records"))
        if flagged.any()
        else None,
        ordinary=by_itself,
        prompt=answered(_or_none(lambda: evidence.prompted)),
        trained=answered(_or_none(lambda: evidence.trained), evidence.beside_trial),
    )


def _read(evidence: Evidence) -> _Read:
    filled, row_ids = evidence.sheet, evidence.rows["row_id"].to_numpy()
    order = np.argsort(row_ids)
    asked = np.array([each.row_id for each in filled.answers], np.int64)
    codes = {folded(name): code for code, name in enumerate(evidence.classes.names)}
    pool = np.flatnonzero(filled.sheet.recent(evidence.rows["time"]))
    return _Read(
        rows=order[np.searchsorted(row_ids[order], asked)],
        strata=np.array([each.stratum for each in filled.answers], np.int64),
        label=np.array([codes.get(folded(each.label or ""), OUTSIDE) for each in filled.answers], np.int64),
        unsure=np.array([each.label is None for each in filled.answers], bool),
        wrong=np.array([each.wrong for each in filled.answers], bool),
        stratum_rows=dict(enumerate(filled.sheet.stratum_rows)),
        pool=pool if len(pool) == sum(filled.sheet.stratum_rows) else None,
    )


def _people(evidence: Evidence, read: _Read) -> People | None:
    answers = evidence.sheet.answers
    both = np.array([bool(each.label) and bool(each.second) for each in answers], bool)
    differ = np.array([each.label != each.second for each in answers], float)
    return people(differ[both], read.weights(both), len(evidence.classes)) if both.any() else None


def _classes(evidence: Evidence, read: _Read, known: Mask) -> dict[str, Estimate]:
    """The rate of each class with enough labelled records, most of them first."""
    codes, wrong, weights = evidence.codes[read.rows[known]], read.wrong[known].astype(float), read.weights(known)
    counts = np.bincount(codes, minlength=len(evidence.classes))
    return {
        evidence.classes.names[code]: rate_of_part(wrong[codes == code], weights[codes == code], "records of the class")
        for code in np.argsort(-counts, kind="stable")[:MOST_CLASSES]
        if counts[code] >= LEAST_OF_CLASS
    }


def _or_none(compute: Callable[[], Prompted]) -> Prompted | None:
    try:
        return compute()
    except NotApplicable:
        return None
