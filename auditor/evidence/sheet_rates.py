"""What a filled sheet says about all recent records: how many labels are wrong, and how right each way is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import NotApplicable
from auditor.estimators.people import People, people
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import ROWS, SEED
from auditor.evidence.label_issues import LABEL_ISSUES
from auditor.evidence.prompted import BESIDE_TRIAL, PROMPTED, TRAINED
from auditor.evidence.quality import LABEL_QUALITY
from auditor.evidence.sheet import rate_of_all, rate_of_part, sample_of
from auditor.evidence.surrogate import SURROGATE
from auditor.inputs.labels import folded
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.prompted import Prompted
    from auditor.model import Estimate
    from auditor.results import Results
    from auditor.sheets.fill import Filled

    Mask = NDArray[np.bool_]
    Values = NDArray[np.float64]

SHEET: Key[Filled] = Key("sheet")
SHEET_RATES: Key[SheetRates] = Key("rates by the sheet")

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
    """The labelled rows: their positions, strata, true codes, whether they are unsure, and what was given is wrong;
    which have ``both`` people's labels, and the same of the ``second`` (each (m,)). ``pool`` are the positions of the
    rows that the sheet was drawn from; None where that changed.
    """

    rows: NDArray[np.int64]
    strata: NDArray[np.int64]
    label: NDArray[np.int64]
    unsure: Mask
    wrong: Mask
    both: Mask
    second: NDArray[np.int64]
    second_wrong: Mask
    stratum_rows: Mapping[int, int]
    pool: NDArray[np.int64] | None

    def rate(self, of: Mask, y: Values, f: Values, guess: str, least: float = 0.0) -> Estimate:
        """Of ``y`` (m,) over all rows, from the rows ``of`` (m,); ``f`` (n,) guesses it, NaN where it does not."""
        sample = sample_of(self.strata[of], self.stratum_rows)
        whole = None if self.pool is None or np.isnan(f[self.pool]).any() else f[self.pool]
        return rate_of_all(sample, y[of], np.nan_to_num(f[self.rows[of]]), whole, guess, least)

    def weights(self, of: Mask) -> Values:
        return sample_of(self.strata[of], self.stratum_rows).weights


def sheet_rates(results: Results) -> SheetRates:
    """The rates by the sheet.

    Raises:
        NotApplicable: fewer than `LEAST` of its labels can be used.

    """
    read = _read(results)
    known = ~read.unsure
    if known.sum() < LEAST:
        raise NotApplicable(f"{int(known.sum()):,} records of the sheet are labelled, and {LEAST} are needed")
    pairs = _people(results, read)
    predicted = results[SURROGATE].out_of_fold.predicted
    agrees = (predicted == results[CLASSES].codes).astype(float)
    doubt, wrong = 1 - results[LABEL_QUALITY].quality, read.wrong.astype(float)
    agreeing = max(float((agrees if read.pool is None else agrees[read.pool]).mean()), 1e-6)

    in_dispute = (read.wrong != read.second_wrong).astype(float)

    def noise(of: Mask, y: Mask) -> Estimate:
        seen = read.rate(of, y.astype(float), doubt, DOUBT)
        return pairs.true_differing(seen, in_dispute[read.both]) if pairs else seen

    def within(seen: Estimate) -> Estimate:
        return pairs.true_share(seen, pairs.wrong) if pairs else seen

    def level(right: Values, to_second: Values, as_given: Values) -> Estimate:
        """By how often a way is ``right`` (m,), gives the second person's label and is right ``as_given`` (n,)."""
        seen = read.rate(known & ~np.isnan(right), right, as_given, AGREEMENT)
        return pairs.true_agreeing(seen, np.abs(right - to_second)[read.both]) if pairs else seen

    def answered(found: Prompted | None, beside: Prompted | None = None) -> Scored | None:
        """Against the ordinary classifier of all rows, or the one ``beside`` it."""
        if found is None:
            return None
        as_given = _everywhere(found, found.right(results[CLASSES]), len(agrees))
        right, to_second = (_giving(found, read, labels, len(agrees)) for labels in (read.label, read.second))
        of = known & ~np.isnan(right)
        if of.sum() < LEAST:
            return None
        other, other_given = ordinary, agrees
        if beside is not None:
            other = _giving(beside, read, read.label, len(agrees))
            other_given = _everywhere(beside, beside.right(results[CLASSES]), len(agrees))
        behind = read.rate(of, other - right, other_given - as_given, AGREEMENT, least=-1.0)
        if pairs:
            behind = pairs.true_share(behind, 0 * pairs.wrong)
        return Scored(int(of.sum()), level(right, to_second, as_given), behind)

    ordinary, ordinary_second = ((predicted[read.rows] == labels).astype(float) for labels in (read.label, read.second))
    repeated, also = agrees[read.rows] * wrong, agrees[read.rows] * read.second_wrong
    seen_repeated = read.rate(known, repeated, doubt * agrees, REPEATED_DOUBT)
    flagged = known & results[LABEL_ISSUES].flagged[read.rows]
    return SheetRates(
        rows=int(known.sum()),
        people=pairs,
        noise=noise(known, read.wrong),
        if_unsure=noise(known | read.unsure, read.wrong | read.unsure),
        repeated=pairs.true_differing(seen_repeated, np.abs(repeated - also)[read.both], agreeing)
        if pairs
        else seen_repeated,
        by_class={name: within(rate) for name, rate in _classes(results, read, known).items()},
        flagged=within(rate_of_part(wrong[flagged], read.weights(known)[flagged[known]], "flagged records"))
        if flagged.any()
        else None,
        ordinary=Scored(int(known.sum()), level(ordinary, ordinary_second, agrees), None),
        prompt=answered(results.get(PROMPTED)),
        trained=answered(results.get(TRAINED), results.get(BESIDE_TRIAL)),
    )


def _everywhere(found: Prompted, values: Values, n: int) -> Values:
    """``values`` (a,) of the rows asked at their place among all (n,), NaN elsewhere."""
    whole = np.full(n, np.nan)
    whole[found.rows] = values
    return whole


def _giving(found: Prompted, read: _Read, labels: NDArray[np.int64], n: int) -> Values:
    """How often the answers give ``labels`` (m,) on the labelled rows (m,), NaN where nobody asked."""
    truth = np.full(n, OUTSIDE)
    truth[read.rows] = labels
    return _everywhere(found, found.giving(truth[found.rows]), n)[read.rows]


def _read(results: Results) -> _Read:
    filled, row_ids = results[SHEET], results[ROWS]["row_id"].to_numpy()
    order = np.argsort(row_ids)
    asked = np.array([each.row_id for each in filled.answers], np.int64)
    codes = {folded(name): code for code, name in enumerate(results[CLASSES].names)}

    def code(label: str | None) -> int:
        return codes.get(folded(label or ""), OUTSIDE)

    pool = np.flatnonzero(filled.sheet.recent(results[ROWS]["time"]))
    return _Read(
        rows=order[np.searchsorted(row_ids[order], asked)],
        strata=np.array([each.stratum for each in filled.answers], np.int64),
        label=np.array([code(each.label) for each in filled.answers], np.int64),
        unsure=np.array([each.label is None for each in filled.answers], bool),
        wrong=np.array([each.wrong for each in filled.answers], bool),
        both=np.array([bool(each.label) and bool(each.second) for each in filled.answers], bool),
        second=np.array([code(each.second) for each in filled.answers], np.int64),
        second_wrong=np.array([each.second_wrong for each in filled.answers], bool),
        stratum_rows=dict(enumerate(filled.sheet.stratum_rows)),
        pool=pool if len(pool) == sum(filled.sheet.stratum_rows) else None,
    )


def _people(results: Results, read: _Read) -> People | None:
    differ = np.array([each.label != each.second for each in results[SHEET].answers], float)[read.both]
    return people(differ, read.weights(read.both), len(results[CLASSES]), results[SEED]) if read.both.any() else None


def _classes(results: Results, read: _Read, known: Mask) -> dict[str, Estimate]:
    """The rate of each class with enough labelled records, most of them first."""
    codes, wrong, weights = (
        results[CLASSES].codes[read.rows[known]],
        read.wrong[known].astype(float),
        read.weights(known),
    )
    counts = np.bincount(codes, minlength=len(results[CLASSES]))
    return {
        results[CLASSES].shown[code]: rate_of_part(wrong[codes == code], weights[codes == code], "records of the class")
        for code in np.argsort(-counts, kind="stable")[:MOST_CLASSES]
        if counts[code] >= LEAST_OF_CLASS
    }
