"""Verdicts against right decisions, forecasts against what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from auditor.model import TRAINING, Decision
from benchmarks.readiness.audits import decided_anew
from benchmarks.readiness.outcomes import restored
from benchmarks.readiness.rule import Measured
from benchmarks.results import table

HALVES = ("tuning", "testing")
SHORT = {
    Decision.FINE_TUNE: "train",
    Decision.FINE_TUNE_SUBSET: "subset",
    Decision.FIX_DATA_FIRST: "fix",
    Decision.PROMPT_WITH_RETRIEVAL: "prompt",
    Decision.INCONCLUSIVE: "inconclusive",
}


@dataclass(frozen=True)
class Case:
    """One scenario: its ``outcome`` line, its ``audit`` line and what the rule makes of the outcome."""

    outcome: dict[str, Any]
    audit: dict[str, Any]
    measured: Measured

    @property
    def settled(self) -> bool:
        return len(self.measured.accepted) == 1

    def measurement(self, name: str) -> float:
        return next(each["measurements"][name] for each in self.audit["checks"] if name in each["measurements"])


Rule = Callable[[Case], Decision]

RULES: dict[str, Rule] = {
    "`auditor`": lambda case: case.audit["decision"],
    "`auditor` after a review": lambda case: case.audit["after_review"],
    "rows > 10,000": lambda case: Decision.FINE_TUNE if case.audit["rows"] > 10_000 else Decision.PROMPT_WITH_RETRIEVAL,
    "flagged share < 5 %": lambda case: (
        Decision.FINE_TUNE if case.measurement("flagged_share") < 0.05 else Decision.FIX_DATA_FIRST
    ),
    "cross-validated accuracy > 0.8": lambda case: (
        Decision.FINE_TUNE if case.measurement("accuracy_given_labels") > 0.8 else Decision.PROMPT_WITH_RETRIEVAL
    ),
}

OURS = tuple(RULES)[:2]


def cases(outcomes: list[dict[str, Any]], audits: list[dict[str, Any]]) -> list[Case]:
    """Every scenario with both lines, in the order of the outcomes; decided by today's limits and policy."""
    by_name = {
        line["scenario"]: line
        | {
            "decision": decided_anew(line, reviewed=False),
            "after_review": decided_anew(line, reviewed=True),
        }
        for line in audits
    }
    return [Case(line, by_name[line["scenario"]], restored(line)) for line in outcomes if line["scenario"] in by_name]


def sections(found: Sequence[Case]) -> list[str]:
    """All tables as Markdown."""
    return [
        "## Agreement with the right decision",
        _agreement(found),
        "Accepted: the outcome's 90 % intervals allow the verdict; strict: the verdict is the decision at the measured "
        "values; settled: accepted, of the scenarios whose outcome allows one decision only. Made worse: `fine_tune` "
        "where the trained model is right less often than retrieval.",
        "After a review: 200 records drawn as `auditor review` draws them, judged by the true labels.",
        *(
            f"## Decisions of {name}, {half}\n\n{_confusion(RULES[name], _half(found, half))}"
            for name in OURS
            for half in HALVES
        ),
        "Rows: the right decision at the measured values; columns: the verdict.",
        "## Forecasts",
        _forecasts(found),
        "Against the classifier that was trained, which is not the audit's stand-in, on one draw of rows. Covered: the "
        "90 % interval holds what came; for the share of wrong labels, its lower end does not exceed the truth.",
        "## Scenarios",
        _scenarios(found),
    ]


def _half(found: Sequence[Case], half: str) -> list[Case]:
    return [case for case in found if half in {case.outcome["half"], "all"}]


def agrees(rule: Rule, case: Case) -> bool:
    return rule(case) in case.measured.accepted


def _agreement(found: Sequence[Case]) -> str:
    rows = []
    for name, rule in RULES.items():
        for half in (*HALVES, "all"):
            part = _half(found, half)
            settled = [case for case in part if case.settled]
            worse = sum(rule(case) is Decision.FINE_TUNE and case.measured.made_worse for case in part)
            rows.append(
                [
                    name,
                    half,
                    len(part),
                    _share([agrees(rule, case) for case in part]),
                    _share([rule(case) is case.measured.decision for case in part]),
                    f"{_share([agrees(rule, case) for case in settled])} of {len(settled)}",
                    _share([(rule(case) in TRAINING) == (case.measured.decision in TRAINING) for case in part]),
                    worse,
                ]
            )
    header = ["rule", "half", "scenarios", "accepted", "strict", "settled", "to train or not", "made worse"]
    return table(header, rows)


def _share(hits: list[bool]) -> str:
    return f"{100 * np.mean(hits):.0f} %" if hits else "-"


def _confusion(rule: Rule, found: Sequence[Case]) -> str:
    counts = {
        (right, said): sum(case.measured.decision is right and rule(case) is said for case in found)
        for right in Decision
        for said in Decision
    }
    rows = [[SHORT[right], *(counts[right, said] or "" for said in Decision)] for right in Decision]
    return table(["right", *(SHORT[said] for said in Decision)], rows)


@dataclass(frozen=True)
class Forecast:
    """``estimate`` of the audit, and what came, from the outcome line; None where the scenario cannot tell."""

    estimate: str
    came: Callable[[dict[str, Any]], float | None]
    said: str


def _later_given(line: dict[str, Any]) -> float | None:
    # The hidden rows of this set carry true labels only, which the forecast is not about.
    return None if line["scenario"].startswith("noisyag_news;") else line["later_given"]


def _doubled(line: dict[str, Any]) -> float | None:
    doubling = line["measured"]["doubling"]
    really = doubling["low"] != 0.0 and line["wrong_labels"] == 0.0
    return line["in_time_given"] + doubling["value"] if really else None


FORECASTS = (
    Forecast("accuracy_given_labels", lambda line: line["in_time_given"], "held-out rows, given labels"),
    Forecast("accuracy_true_labels", lambda line: line["in_time_true"], "held-out rows, true labels"),
    Forecast("accuracy_in_6_months", _later_given, "hidden rows, given labels"),
    Forecast("accuracy_doubling_data", _doubled, "held-out rows plus the measured gain"),
    Forecast("retrieval_accuracy", lambda line: line["in_time_retrieval"], "held-out rows, other features"),
    Forecast("retrieval_ceiling", lambda line: line["ceiling"], "hidden rows, other features"),
    Forecast("label_noise_rate", lambda line: line["wrong_labels"], "planted or known wrong labels"),
)


def _forecasts(found: Sequence[Case]) -> str:
    rows = []
    for forecast in FORECASTS:
        for half in HALVES:
            pairs = [
                (case.audit["estimates"][forecast.estimate], came)
                for case in found
                if case.outcome["half"] == half
                and forecast.estimate in case.audit["estimates"]
                and (came := forecast.came(case.outcome)) is not None
            ]
            if not pairs:
                continue
            error = np.array([estimate[0] - came for estimate, came in pairs])
            bounded = [
                (low is None or low <= came) and (high is None or came <= high)
                for (_, low, high), came in pairs
                if (low, high) != (None, None)
            ]
            rows.append(
                [
                    f"`{forecast.estimate}`",
                    forecast.said,
                    half,
                    len(pairs),
                    float(np.abs(error).mean()),
                    f"{error.mean():+.3f}",
                    f"{_share(bounded)} of {len(bounded)}",
                ]
            )
    return table(["forecast", "against", "half", "scenarios", "mean error", "bias", "covered"], rows)


def _scenarios(found: Sequence[Case]) -> str:
    rows = []
    for case in found:
        line, measured = case.outcome, case.measured
        other = sorted(SHORT[each] for each in measured.accepted - {measured.decision})
        rows.append(
            [
                f"{line['scenario']} ({line['rows']:,})",
                SHORT[measured.decision] + (f" (or {', '.join(other)})" if other else ""),
                *(SHORT[RULES[rule](case)] + ("" if agrees(RULES[rule], case) else " ✗") for rule in OURS),
                line["trained"],
                line["retrieval"],
                line["ceiling"],
                measured.label_cost.value,
                measured.doubling.value,
                line["wrong_labels"],
            ]
        )
    header = [
        "scenario (rows)",
        "right",
        "verdict",
        "after review",
        "trained",
        "retrieval",
        "ceiling",
        "label cost",
        "doubling",
        "wrong",
    ]
    return table(header, rows)
