"""What the decision reads of the evidence: shares, counts and their errors, no record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from auditor.errors import NotApplicable
from auditor.evidence.ageing import by_rows
from auditor.evidence.intervals import Z_90
from auditor.model import Age, Answers, ClassFacts, Estimate, Facts, Fresh, LabelFacts, Share

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from auditor.evidence import Evidence
    from auditor.evidence.prompted import Prompted

T = TypeVar("T")

# OpenAI's rule of thumb for English (help centre, "What are tokens and how to count them?").
CHARACTERS_PER_TOKEN = 4.0


def facts(evidence: Evidence, measured: Mapping[str, float], estimates: Mapping[str, Estimate]) -> Facts:
    """``measured`` and ``estimates`` are those of the checks: a person's review stands there, if there was one."""
    codes, n = evidence.codes, len(evidence.codes)
    right = evidence.stand_in.out_of_fold.predicted == codes
    profile, volume = evidence.profile, evidence.volume
    written = [*evidence.classes.names, *(each.definition for each in evidence.batch.taxonomy or ())]
    vote_loss = _or_none(lambda: evidence.vote_loss)
    return Facts(
        rows=n,
        words=profile.mean_words,
        ordinary=Share(float(right.mean()) + _by_all_rows(evidence), _error(right)),
        labels=_labels(evidence, measured),
        ageing=_age(evidence),
        vote_loss=None if vote_loss is None else Share(vote_loss.value, vote_loss.error),
        prompt=_answers(evidence, right, lambda: evidence.prompted),
        trained=_trained(evidence, right),
        fresh=_fresh(measured, estimates),
        by_class=_by_class(evidence, right),
        monthly_volume=volume.monthly,
        volume_from=volume.said,
        tokens_per_record=profile.mean_characters / CHARACTERS_PER_TOKEN,
        taxonomy_tokens=sum(map(len, written)) / CHARACTERS_PER_TOKEN,
    )


def _by_all_rows(evidence: Evidence) -> float:
    """What a classifier of all rows has over those of the folds, which saw four in five."""
    curve = _or_none(lambda: evidence.learning_curve)
    n = len(evidence.codes)
    return -float(by_rows(curve, np.array([n]), n)[0])


def _labels(evidence: Evidence, measured: Mapping[str, float]) -> LabelFacts:
    cost, anchors = evidence.label_cost, evidence.anchor_noise
    error = float(np.sqrt(max(anchors.rate * (1 - anchors.rate), 1 / anchors.anchors) / anchors.anchors))
    reviewed = None
    if "reviewed_noise_rate" in measured:
        low, high = measured["reviewed_noise_low"], measured["reviewed_noise_high"]
        reviewed = Share(measured["reviewed_noise_rate"], (high - low) / (2 * Z_90))
    return LabelFacts(
        Share(cost.rate, error if cost.rate else 0.0),
        Share(cost.at_random, cost.at_random_error),
        Share(cost.placed, cost.placed_error),
        int(cost.listed.sum()),
        reviewed,
    )


def _age(evidence: Evidence) -> Age | None:
    found = _or_none(lambda: evidence.ageing)
    if found is None:
        return None
    (once, covariance), (_, monthly) = found.covariance
    return Age(found.at_once, found.a_month, once, monthly, covariance, found.seen_months)


def _answers(evidence: Evidence, right: NDArray[np.bool_], asked: Callable[[], Prompted]) -> Answers | None:
    """A system's answers beside the ordinary classifier's, on the same records."""
    found = _or_none(asked)
    if found is None or not len(found.rows):
        return None
    theirs = found.right(evidence.classes)
    behind = right[found.rows] - theirs
    wavering = float(found.wavering[found.repeated].mean()) if found.repeated.any() else None
    return Answers(
        len(found.rows),
        Share(float(theirs.mean()), _error(theirs)),
        Share(float(behind.mean()), _error(behind)),
        wavering,
    )


def _trained(evidence: Evidence, right: NDArray[np.bool_]) -> Answers | None:
    """A trial's model stands beside the classifier of the same rows, any other beside that of all rows."""
    tried = evidence.batch.trial
    if tried is None:
        return _answers(evidence, right, lambda: evidence.trained)
    beside = np.zeros_like(right)
    beside[evidence.trained.rows] = evidence.beside_trial
    found = _answers(evidence, beside, lambda: evidence.trained)
    return None if found is None else replace(found, learnt=tried.rows, weights=tried.weights)


def _fresh(measured: Mapping[str, float], estimates: Mapping[str, Estimate]) -> Fresh | None:
    """What a review says of the ordinary classifier on true labels."""
    found = estimates.get("accuracy_true_labels")
    if "reviewed_noise_rate" not in measured or found is None or found.low is None or found.high is None:
        return None
    return Fresh(int(measured["reviewed"]), Share(found.value, (found.high - found.low) / (2 * Z_90)))


def _by_class(evidence: Evidence, right: NDArray[np.bool_]) -> tuple[ClassFacts, ...]:
    codes, k, counts = evidence.codes, len(evidence.classes), evidence.classes.counts
    queries, asked = evidence.retrieval.queries, _or_none(lambda: evidence.prompted)
    voted = np.bincount(codes[queries], minlength=k)
    vote = np.bincount(codes[queries][evidence.retrieval.vote == codes[queries]], minlength=k)
    prompted = np.zeros((2, k))
    if asked is not None:
        of = codes[asked.rows]
        prompted[0] = np.bincount(of, minlength=k)
        prompted[1] = np.bincount(of, weights=asked.right(evidence.classes), minlength=k)
    recall = np.bincount(codes[right], minlength=k) / counts
    listed = np.bincount(codes[evidence.label_cost.listed], minlength=k) / counts
    events = _or_none(lambda: evidence.class_events) or ()
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


def _error(values: NDArray[np.generic]) -> float:
    """The standard error of a mean (n,); that of a share is never under one right and one wrong answer more."""
    n = len(values)
    spread = float(values.astype(float).std())
    return max(spread, float(np.sqrt(1 / (n + 2)))) / float(np.sqrt(max(n, 1)))


def _or_none(compute: Callable[[], T]) -> T | None:
    try:
        return compute()
    except NotApplicable:
        return None
