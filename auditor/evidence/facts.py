"""What the decision reads of the results: shares, counts and their errors, no record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.estimators.ageing import AGEING
from auditor.estimators.churn import CLASS_EVENTS
from auditor.estimators.curve import LEARNING_CURVE
from auditor.estimators.label_cost import LABEL_COST
from auditor.estimators.label_noise import ANCHOR_NOISE
from auditor.estimators.ordinary import ORDINARY_AHEAD
from auditor.estimators.sheet_rates import SHEET_RATES
from auditor.estimators.volume import VOLUME
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.given import BATCH, ROWS, TIMES
from auditor.evidence.label_cost import LISTED
from auditor.evidence.means import mean_error
from auditor.evidence.profile import PROFILE, TOKENS_PER_RECORD
from auditor.evidence.prompted import BESIDE_TRIAL, PROMPTED, TRAINED
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.surrogate import SURROGATE
from auditor.inputs.trial import DRAWN
from auditor.interval import Z_90
from auditor.model import Age, Answers, ClassFacts, Estimate, Facts, Fresh, LabelFacts, Share
from auditor.results import Key
from auditor.script_tokens import mean_tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.estimators.sheet_rates import Scored, SheetRates
    from auditor.evidence.prompted import Prompted
    from auditor.results import Results

FACTS: Key[Facts] = Key("facts of the decision")

# Of fewer records without near-duplicates the vote says nothing of the others.
MIN_ALONE = 100


def facts(results: Results) -> Facts:
    codes = results[CLASSES].codes
    n = len(codes)
    by_sheet = results.get(SHEET_RATES)
    right = results[SURROGATE].out_of_fold.predicted == codes
    profile, volume, curve = results[PROFILE], results[VOLUME], results.get(LEARNING_CURVE)
    ahead = results[ORDINARY_AHEAD]
    written = [*results[CLASSES].names, *(each.definition for each in results[BATCH].taxonomy or ())]
    return Facts(
        rows=n,
        words=profile.mean_words,
        ordinary=Share(
            _clipped(float(right.mean()) + ahead.value + (curve.by_all_rows if curve else 0.0)),
            math.hypot(mean_error(right), ahead.error),
        ),
        labels=_labels(results, by_sheet),
        ageing=_age(results),
        prompt=_answers(results, right, results.get(PROMPTED), ahead.value),
        trained=_trained(results, right, ahead.value),
        fresh=None if by_sheet is None else _fresh(by_sheet, ahead.value, trial=results[BATCH].trial is not None),
        by_class=_by_class(results, right),
        monthly_volume=volume.monthly,
        volume_from=volume.said,
        tokens_per_record=results[TOKENS_PER_RECORD],
        taxonomy_tokens=mean_tokens(pl.Series(["".join(written)])),
        trial=results[BATCH].trial,
        vote=_vote(results),
        ceiling=1 - results[DUPLICATES].wrong_at_least(codes) / n,
        choice=ahead.choice,
    )


def _vote(results: Results) -> Share | None:
    """Of records without near-duplicates: a prompt is shown none either."""
    found, near = results[RETRIEVAL], results[DUPLICATES].near
    alone = np.bincount(near)[near[found.queries]] == 1
    if alone.sum() < MIN_ALONE:
        return None
    right = (found.vote == results[CLASSES].codes[found.queries])[alone]
    return Share(float(right.mean()), mean_error(right))


def _labels(results: Results, by_sheet: SheetRates | None) -> LabelFacts:
    cost = results[LABEL_COST]
    return LabelFacts(
        Share(cost.rate, results[ANCHOR_NOISE].error if cost.rate else 0.0),
        Share(cost.at_random, cost.at_random_error),
        Share(cost.placed, cost.placed_error),
        round(results[LISTED].sum() * len(results[TIMES]) / len(results[ROWS])),
        None if by_sheet is None else _share(by_sheet.noise),
    )


def _age(results: Results) -> Age | None:
    found = results.get(AGEING)
    if found is None:
        return None
    (once, covariance), (_, monthly) = found.covariance
    return Age(found.at_once, found.a_month, once, monthly, covariance, found.seen_months)


def _answers(results: Results, right: NDArray[np.bool_], found: Prompted | None, ahead: float) -> Answers | None:
    """A system's answers beside the ordinary classifier's on the same records, where the surrogate is ``right`` (n,)
    and the ordinary one so far ``ahead`` of it.
    """
    if found is None or not len(found.rows):
        return None
    theirs = found.right(results[CLASSES])
    ordinary = right[found.rows].astype(float) + ahead
    behind = ordinary - theirs
    inconsistency = float(found.inconsistent[found.repeated].mean()) if found.repeated.any() else None
    return Answers(
        len(found.rows),
        Share(found.mean(theirs), found.error(theirs)),
        Share(found.mean(behind), found.error(behind)),
        inconsistency,
        found.error(ordinary),
    )


def _trained(results: Results, right: NDArray[np.bool_], ahead: float) -> Answers | None:
    """A trial's model stands beside the classifier of the same rows, any other beside that of all rows."""
    beside = results.get(BESIDE_TRIAL)
    if beside is None:
        return _answers(results, right, results.get(TRAINED), ahead)
    drawn = results[ROWS][DRAWN].to_numpy()[beside.rows].astype(bool)
    theirs = results[TRAINED].right(results[CLASSES])[drawn]
    behind = beside.right(results[CLASSES])[drawn] - theirs
    return Answers(
        len(theirs), Share(float(theirs.mean()), mean_error(theirs)), Share(float(behind.mean()), mean_error(behind))
    )


def _fresh(found: SheetRates, ahead: float, *, trial: bool) -> Fresh:
    """The ways on true labels, record by record beside the ordinary classifier, which is so far ``ahead`` of the
    surrogate, and right on all at most. A ``trial`` has one of its own.
    """
    right = _share(found.ordinary.right, ahead)
    ordinary = Share(_clipped(right.value), right.error)

    def pair(scored: Scored | None, *, own: bool = False) -> tuple[Share | None, Share | None]:
        if scored is None or scored.behind is None:
            return None, None
        return _share(scored.right), _share(scored.behind, 0.0 if own else ordinary.value - found.ordinary.right.value)

    asked = (None if scored is None else scored.rows for scored in (found.prompt, found.trained))
    return Fresh(found.rows, ordinary, *pair(found.prompt), *pair(found.trained, own=trial), *asked)


def _clipped(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _share(found: Estimate, ahead: float = 0.0) -> Share:
    assert found.low is not None and found.high is not None  # noqa: S101 - a sheet's rates have both
    return Share(found.value + ahead, (found.high - found.low) / (2 * Z_90))


def _by_class(results: Results, right: NDArray[np.bool_]) -> tuple[ClassFacts, ...]:
    codes, k, counts = results[CLASSES].codes, len(results[CLASSES]), results[CLASSES].counts
    queries, asked = results[RETRIEVAL].queries, results.get(PROMPTED)
    voted = np.bincount(codes[queries], minlength=k)
    vote = np.bincount(codes[queries][results[RETRIEVAL].vote == codes[queries]], minlength=k)
    prompted = np.zeros((2, k))
    if asked is not None:
        of = codes[asked.rows]
        prompted[0] = np.bincount(of, minlength=k)
        whole = np.bincount(of, weights=asked.weights, minlength=k)
        hits = np.bincount(of, weights=asked.weights * asked.right(results[CLASSES]), minlength=k)
        prompted[1] = prompted[0] * hits / np.maximum(whole, 1e-9)
    recall = np.bincount(codes[right], minlength=k) / counts
    listed = np.bincount(codes[results[LISTED]], minlength=k) / counts
    events = results.get(CLASS_EVENTS) or ()
    churned = {event.code for event in events}
    return tuple(
        ClassFacts(
            name,
            float(counts[code] / counts.sum()),
            float(recall[code]),
            float(vote[code] / voted[code]) if voted[code] else None,
            int(prompted[0, code]),
            float(prompted[1, code]),
            float(listed[code]),
            code in churned,
        )
        for code, name in enumerate(results[CLASSES].names)
    )
