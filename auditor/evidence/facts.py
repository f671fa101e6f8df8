"""What the decision reads of the evidence: shares, counts and their errors, no record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import or_none
from auditor.evidence.ageing import by_rows
from auditor.evidence.intervals import Z_90, mean_error
from auditor.inputs.trial import DRAWN
from auditor.model import Age, Answers, ClassFacts, Estimate, Facts, Fresh, LabelFacts, Share
from auditor.script_tokens import mean_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from auditor.evidence import Evidence
    from auditor.evidence.prompted import Prompted
    from auditor.evidence.sheet_rates import Scored, SheetRates

# Of fewer records without near-duplicates the vote says nothing of the others.
MIN_ALONE = 100


def facts(evidence: Evidence) -> Facts:
    codes, n = evidence.codes, len(evidence.codes)
    by_sheet = or_none(lambda: evidence.sheet_rates)
    right = evidence.stand_in.out_of_fold.predicted == codes
    profile, volume = evidence.profile, evidence.volume
    written = [*evidence.classes.names, *(each.definition for each in evidence.batch.taxonomy or ())]
    return Facts(
        rows=n,
        words=profile.mean_words,
        ordinary=Share(float(right.mean()) + _by_all_rows(evidence), mean_error(right)),
        labels=_labels(evidence, by_sheet),
        ageing=_age(evidence),
        prompt=_answers(evidence, right, lambda: evidence.prompted),
        trained=_trained(evidence, right),
        fresh=None if by_sheet is None else _fresh(by_sheet),
        by_class=_by_class(evidence, right),
        monthly_volume=volume.monthly,
        volume_from=volume.said,
        tokens_per_record=mean_tokens(evidence.rows["text"]),
        taxonomy_tokens=mean_tokens(pl.Series(["".join(written)])),
        trial=evidence.batch.trial,
        vote=_vote(evidence),
    )


def _vote(evidence: Evidence) -> Share | None:
    """Of records without near-duplicates: a prompt is shown none either."""
    found, near = evidence.retrieval, evidence.duplicates.near
    alone = np.bincount(near)[near[found.queries]] == 1
    if alone.sum() < MIN_ALONE:
        return None
    right = (found.vote == evidence.codes[found.queries])[alone]
    return Share(float(right.mean()), mean_error(right))


def _by_all_rows(evidence: Evidence) -> float:
    """What a classifier of all rows has over those of the folds, which saw four in five."""
    curve = or_none(lambda: evidence.learning_curve)
    n = len(evidence.codes)
    return -float(by_rows(curve, np.array([n]), n)[0])


def _labels(evidence: Evidence, by_sheet: SheetRates | None) -> LabelFacts:
    cost = evidence.label_cost
    return LabelFacts(
        Share(cost.rate, evidence.anchor_noise.error if cost.rate else 0.0),
        Share(cost.at_random, cost.at_random_error),
        Share(cost.placed, cost.placed_error),
        int(cost.listed.sum()),
        None if by_sheet is None else _share(by_sheet.noise),
    )


def _age(evidence: Evidence) -> Age | None:
    found = or_none(lambda: evidence.ageing)
    if found is None:
        return None
    (once, covariance), (_, monthly) = found.covariance
    return Age(found.at_once, found.a_month, once, monthly, covariance, found.seen_months)


def _answers(evidence: Evidence, right: NDArray[np.bool_], asked: Callable[[], Prompted]) -> Answers | None:
    """A system's answers beside the ordinary classifier's, on the same records."""
    found = or_none(asked)
    if found is None or not len(found.rows):
        return None
    theirs = found.right(evidence.classes)
    behind = right[found.rows] - theirs
    wavering = float(found.wavering[found.repeated].mean()) if found.repeated.any() else None
    return Answers(
        len(found.rows),
        Share(found.mean(theirs), found.error(theirs)),
        Share(found.mean(behind), found.error(behind)),
        wavering,
    )


def _trained(evidence: Evidence, right: NDArray[np.bool_]) -> Answers | None:
    """A trial's model stands beside the classifier of the same rows, any other beside that of all rows."""
    beside = evidence.beside_trial
    if beside is None:
        return _answers(evidence, right, lambda: evidence.trained)
    drawn = evidence.rows[DRAWN].to_numpy()[beside.rows].astype(bool)
    theirs = evidence.trained.right(evidence.classes)[drawn]
    behind = beside.right(evidence.classes)[drawn] - theirs
    return Answers(
        len(theirs), Share(float(theirs.mean()), mean_error(theirs)), Share(float(behind.mean()), mean_error(behind))
    )


def _fresh(found: SheetRates) -> Fresh:
    """The ways on true labels, record by record beside the ordinary classifier."""

    def pair(scored: Scored | None) -> tuple[Share | None, Share | None]:
        if scored is None or scored.behind is None:
            return None, None
        return _share(scored.right), _share(scored.behind)

    asked = (None if scored is None else scored.rows for scored in (found.prompt, found.trained))
    return Fresh(found.rows, _share(found.ordinary.right), *pair(found.prompt), *pair(found.trained), *asked)


def _share(found: Estimate) -> Share:
    assert found.low is not None and found.high is not None  # noqa: S101 - a sheet's rates have both
    return Share(found.value, (found.high - found.low) / (2 * Z_90))


def _by_class(evidence: Evidence, right: NDArray[np.bool_]) -> tuple[ClassFacts, ...]:
    codes, k, counts = evidence.codes, len(evidence.classes), evidence.classes.counts
    queries, asked = evidence.retrieval.queries, or_none(lambda: evidence.prompted)
    voted = np.bincount(codes[queries], minlength=k)
    vote = np.bincount(codes[queries][evidence.retrieval.vote == codes[queries]], minlength=k)
    prompted = np.zeros((2, k))
    if asked is not None:
        of = codes[asked.rows]
        prompted[0] = np.bincount(of, minlength=k)
        whole = np.bincount(of, weights=asked.weights, minlength=k)
        hits = np.bincount(of, weights=asked.weights * asked.right(evidence.classes), minlength=k)
        prompted[1] = prompted[0] * hits / np.maximum(whole, 1e-9)
    recall = np.bincount(codes[right], minlength=k) / counts
    listed = np.bincount(codes[evidence.label_cost.listed], minlength=k) / counts
    events = or_none(lambda: evidence.class_events) or ()
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
        for code, name in enumerate(evidence.classes.names)
    )
