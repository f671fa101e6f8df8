"""The decision class by class: the same sums, so that the classes add up to the answer on top."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from auditor.interval import Z_90
from auditor.model import Route, Way

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from auditor.judge.draws import Draws
    from auditor.judge.value import Line, Stakes
    from auditor.model import ClassFacts, ClassRoute, ClassRow, Facts

    Values = NDArray[np.float64]

# A measured class counts beside so many records of what is expected of it.
PRIOR_RECORDS = 20.0
# With fewer records a month a class is not decided by itself (house rule, 2026).
LEAST_A_MONTH = 10.0
# Nor is one that rests on fewer records of the export (house rule, 2026): three records say nothing of a class.
LEAST_ROWS = 20
LEAST, MOST = 0.01, 0.99


@dataclass(frozen=True)
class ByClass:
    """Expected shares (K,) right by ``prompt``, by the ``ordinary`` classifier and by a ``tuned`` model, on true labels
    at their age; they add up to what each way gets in all. ``pooled`` (K,) marks classes too small to be decided alone.
    """

    share: Values
    prompt: Values
    ordinary: Values
    tuned: Values
    pooled: NDArray[np.bool_]

    def of(self, way: Way) -> Values:
        return {Way.PROMPT: self.prompt, Way.ORDINARY: self.ordinary, Way.FINE_TUNED: self.tuned}[way]


@dataclass(frozen=True)
class Subset:
    """Training for the classes in ``kept`` (K,), a prompt for the others: its ``net`` (n,)."""

    kept: NDArray[np.bool_]
    net: Values


def by_class(drawn: Draws, found: Mapping[Way, Line], facts: Facts, stakes: Stakes) -> ByClass:
    """From what each class got in the folds: what age costs lies on the classes that came or went, where there are
    any; a prompt's classes are as far apart as the vote's and the classifier's, in log-odds.
    """
    rows = facts.by_class
    share = np.array([each.share for each in rows])
    recall = np.array([each.recall for each in rows])
    vote = np.array([each.recall if each.vote is None else each.vote for each in rows])
    churned = np.array([each.churned for each in rows])
    pooled = (share * stakes.volume < LEAST_A_MONTH) | (share * facts.rows < LEAST_ROWS)
    lost = float((drawn.at_once + drawn.a_month * found[Way.FINE_TUNED].cadence / 2).mean())
    moving = float(share[churned].sum())
    moved = np.where(churned, min(max(lost, 0.0) / moving, 1.0), 0.0) if moving else np.zeros(len(share))
    trained = np.clip(recall - moved * recall, LEAST, MOST)
    prompt = np.clip((recall + vote) / 2, LEAST, MOST)
    asked = np.array([each.asked for each in rows])
    if asked.any():
        level = float((share * prompt).sum())
        measured = sum(each.prompted for each in rows) / asked.sum()
        expected = _shifted(prompt, share, float(np.clip(measured, LEAST, MOST))) if level else prompt
        hits = np.array([each.prompted for each in rows])
        prompt = np.clip((hits + PRIOR_RECORDS * expected) / (asked + PRIOR_RECORDS), LEAST, MOST)
    means = {way: float(line.accuracy.mean()) for way, line in found.items()}
    return ByClass(
        share,
        _shifted(prompt, share, means[Way.PROMPT]),
        _shifted(trained, share, means[Way.ORDINARY]),
        _shifted(trained, share, means[Way.FINE_TUNED]),
        pooled,
    )


def _shifted(right: Values, share: Values, mean: float) -> Values:
    """``right`` (K,) moved in log-odds, all alike, so that their mean by ``share`` is ``mean``."""
    odds = np.log(right / (1 - right))
    low, high = -12.0, 12.0
    for _ in range(60):
        middle = (low + high) / 2
        if float((share / (1 + np.exp(-(odds + middle)))).sum()) < mean * float(share.sum()):
            low = middle
        else:
            high = middle
    return np.asarray(1 / (1 + np.exp(-(odds + low))))


def routed(
    rows: tuple[ClassRow, ...], routes: Sequence[ClassRoute], measured: Sequence[ClassFacts]
) -> tuple[ClassRow, ...]:
    """Each of the ``rows`` with the ``routes`` (K,) of the classes that stand under its name, ``measured`` (K,).

    Classes that no report names are one row, which goes where most of their records go.
    """
    under: dict[str, list[int]] = {}
    for at, each in enumerate(measured):
        under.setdefault(each.label, []).append(at)
    return tuple(
        _routed(row, [routes[at] for at in here], [measured[at].share for at in here])
        for row in rows
        if (here := under[row.label])
    )


def _routed(row: ClassRow, routes: Sequence[ClassRoute], share: Sequence[float]) -> ClassRow:
    of_route = {
        route: sum(part for each, part in zip(routes, share, strict=True) if each.route is route) for route in Route
    }
    return replace(
        row,
        route=max(of_route, key=lambda route: of_route[route]),
        prompt_recall=float(np.average([each.prompt_recall for each in routes], weights=share)),
        value_a_month=sum(each.value_a_month for each in routes),
        pooled=all(each.pooled for each in routes),
    )


def subset(classes: ByClass, drawn: Draws, found: Mapping[Way, Line], facts: Facts, stakes: Stakes) -> Subset | None:
    """Training for some classes, with both ways kept up and a router; None where that is all, none, or a guess.

    A class leaves the better single way only where its own answers say so surely: the best of many guesses flatters
    itself, and classes that came or went are no better a guess (ADR 14).
    """
    prompt, tuned = found[Way.PROMPT], found[Way.FINE_TUNED]
    gain = classes.share * (classes.tuned - classes.prompt)
    asked = np.array([each.asked for each in facts.by_class])
    if not asked.any():
        return None
    # What both cost a record is small beside an error, and the same for every class.
    error = np.sqrt(classes.prompt * (1 - classes.prompt) / (asked + PRIOR_RECORDS))
    sure = np.abs(classes.tuned - classes.prompt) > Z_90 * error
    better = tuned.net(stakes.worth).mean() > prompt.net(stakes.worth).mean()
    kept = np.where(sure & ~classes.pooled, gain > 0, better).astype(bool)
    part = float(classes.share[kept].sum())
    if not kept.any() or part > MOST:
        return None
    right = float((classes.share * np.where(kept, classes.tuned, classes.prompt)).sum())
    spread = part * (tuned.accuracy - tuned.accuracy.mean()) + (1 - part) * (prompt.accuracy - prompt.accuracy.mean())
    routing = drawn.price["routing_hours"] * drawn.price["hourly_rate"]
    answered = part * tuned.per_record + (1 - part) * prompt.per_record
    cost = prompt.fixed + tuned.fixed + routing + prompt.records * answered
    return Subset(kept, np.asarray((right + spread) * stakes.worth - cost))
