"""What was once said that is no figure, and what is said of the same now. Each line is a test as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from auditor.estimators.ageing import Ageing, ageing
from auditor.estimators.calendar import Calendar
from auditor.estimators.forecast import forecast
from auditor.evidence.classes import fold_labels
from auditor.gate_limits import GATE_LIMITS
from auditor.judge.gates import judge_gates
from auditor.model import (
    CheckOutcome,
    ClassFacts,
    Finding,
    Forecast,
    Gate,
    GateId,
    Growth,
    Outcome,
    Retraining,
    Severity,
    Subject,
    SubjectKind,
)
from benchmarks.results import save, table
from checks.benefit.ben001_retrieval_baseline import LITTLE_TO_ADD
from checks.labels.lab008_duplicate_classes import BY_SOURCE
from reports import brief, facts, text
from reports.numbers import NBSP
from tests import report_fixtures as results


@dataclass(frozen=True)
class Case:
    """What ``said`` on a real export, why that is no figure, and ``now``: the same from a small made one."""

    said: str
    why: str
    now: Callable[[], str]


def main() -> None:
    """Writes the table."""
    rows = [[each.said, each.why, each.now().replace(NBSP, " ")] for each in CASES]
    notes = (
        "Each line is made from the code as it stands; `tests/test_nonsense.py` asserts what it must and must not say."
    )
    save("nonsense", "python -m benchmarks.nonsense", [notes, table(["it said", "what was wrong", "it says"], rows)])


def wide_forecast() -> str:
    """An interval that leaves nothing out."""
    return _stability(forecast=Forecast(6, 0.75, 0.0, 1.0, 2, 0.2))


def two_periods() -> str:
    """The widest that an interval of six months can be where the past was calm: one period scored, no earlier error."""
    cells = np.full((2, 2), np.nan)
    cells[0, 1] = 0.75
    return _stability(forecast=forecast(cells, np.array([300, 300]), 6, 6))


def unbounded_noise() -> str:
    """No label looks wrong, nobody read any."""
    gate = _gate(GateId.LABELS, label_noise_rate=0.0, label_noise_low=0.0)
    return f"{gate.status.value}: {_title(gate)}"


def far_birth() -> str:
    """One class born in eleven years."""
    return _stability(growth=Growth(46, 47, 1 / 11, None))


def regular_births() -> str:
    """Eight classes born in eleven years."""
    return _stability(growth=Growth(39, 47, 8 / 11, None))


def few_records() -> str:
    """A class of three records in ten thousand, in an export that half a million a month come to."""
    from tests.test_judge import FACTS, decide

    rare = ClassFacts("rare", 3 / FACTS.rows, 0.0, 1.0, 0, 0.0, 0.0, churned=False)
    found = decide(replace(FACTS, by_class=(*FACTS.by_class, rare)), volume=500_000.0)
    return f"pooled with other small classes: {', '.join(each.label for each in found.routes if each.pooled)}"


def two_spellings() -> str:
    """Numbers that a join of two tables wrote twice."""
    found = fold_labels(pl.Series(["1", "2"] * 40 + ["1.0", "2.0"] * 30))
    said = [f"{name} ({count} records)" for name, count in zip(found.names, found.counts, strict=True)]
    return f"{len(found)} classes: {', '.join(said)}"


def hard_quarters() -> str:
    """Records get harder for models of the past, young and old alike."""
    found = calendar_alone()
    assert found.by_age is not None
    every = "no cadence" if found.by_age[0] < 1.645 * found.by_age[1] else "a cadence"
    slope, within = (f"{1000 * each:.1f} thousandths a month" for each in (found.a_month, found.by_age[0]))
    return f"{slope} by all records, {within} among models of one quarter: {every}"


def calendar_alone() -> Ageing:
    """Eight quarters, every model a little worse in each later one, whatever its age."""
    rng, rows = np.random.default_rng(0), 600
    period = np.repeat(np.arange(8), rows).astype(np.int32)
    cut = np.arange(8)[:, None]
    right_now = rng.random(len(period)) < 0.85
    right_then = rng.random((8, len(period))) < 0.85 - 0.03 * period
    chosen = Calendar(tuple("abcdefgh"), "quarter", 3, np.bincount(period))
    found = ageing(right_now, right_then, period > cut, period, chosen, np.zeros(8))
    assert found is not None
    return found


def cadence() -> str:
    """What growing older costs; how often to train is the sum's to say."""
    from checks import ALL_CHECKS

    said = {limit.action for limit in GATE_LIMITS}
    said |= {template.remedy for check in ALL_CHECKS for template in check.templates}
    told = [each for each in said if "retrain" in each.lower()]
    return f"{_stability(retraining=Retraining(27.0, None, 0.03, 40))} {' '.join(told)}".strip()


def near_limit() -> str:
    """A gain of 2.6 points, held to 3."""
    fields = {"records": 20, "right": 0.71, "gain": 0.026, "error": 0.011}
    found = Finding("BEN001", Severity.WARNING, Subject(SubjectKind.DATASET), LITTLE_TO_ADD.of(**fields), 0.026, 0.03)
    return text.found(found)


def around_limit() -> str:
    """A gain whose interval holds its limit."""
    gate = _gate(GateId.VOLUME, doubling_gain=0.026, doubling_gain_low=0.01, doubling_gain_high=0.042)
    return f"{gate.status.value}: {_title(gate)}"


def beside_limit() -> str:
    """One whose interval does not."""
    gate = _gate(GateId.VOLUME, doubling_gain=0.012, doubling_gain_low=0.002, doubling_gain_high=0.022)
    return f"{gate.status.value}: {_title(gate)}"


def no_pay() -> str:
    """757 records to read, which would turn a limit and pay nobody."""
    from auditor.actions import actions_for

    outcomes = _measured(rows=10_000, label_noise_rate=0.1257, label_noise_low=0.11)
    gates = judge_gates(outcomes, GATE_LIMITS)
    told = [
        each.rows
        for each in actions_for(gates, GATE_LIMITS, outcomes, reading_pays=False)
        if each.gate is GateId.LABELS
    ]
    return "nobody is told to read them" if not told else f"read {told[0]} records"


def two_schemes() -> str:
    """One class under two names, each in its own extract."""
    fields = {
        "first": "Credit card",
        "first_rows": 412,
        "second": "Credit card or prepaid card",
        "second_rows": 388,
        "read": 0.81,
        "read_back": 0.64,
        "column": "extract",
        "value": "2015",
    }
    return f"{text.message(BY_SOURCE.of(**fields))} {text.remedy(BY_SOURCE.of(**fields))}"


CASES = (
    Case("right in six months 75 % (0 to 100 %)", "the interval leaves nothing out", wide_forecast),
    Case("73 % in six months (22 to 100 %), of two periods", "wider than what any history missed by", two_periods),
    Case("pass: 0 % or more, how many at most the data cannot tell", "a pass on what is not known", unbounded_noise),
    Case("the next class is due around December 2031, in an export of 2018", "one birth is no pace", far_birth),
    Case("the next is due around April 2019, in a report of 2026", "a date beside another clock", regular_births),
    Case("training −56 points for a class of three records, and a route", "three records say nothing", few_records),
    Case("at least 56 % of the labels are wrong", "a concat wrote 1 and 1.0", two_spellings),
    Case("decay by age, 10 points a year", "hard quarters taken for age", hard_quarters),
    Case("retrain every 27 months; retrain more often", "two voices on one thing", cadence),
    Case("training would add +3 points, limit 3", "2.6 misses 3", near_limit),
    Case("pass: twice the records would add 2.6 points", "1.0 to 4.2 holds the limit of 3", around_limit),
    Case("pass: twice the records would add 1.2 points", "without its interval", beside_limit),
    Case("read 757 records again; the answer stays: prompt", "turns a limit, pays nobody", no_pay),
    Case("two classes are mixed up", "two naming schemes ask for a mapping", two_schemes),
)


def _stability(**parts: object) -> str:
    whole = results.with_everything()
    assert whole.stability is not None
    bare = dict.fromkeys(("forecast", "decay", "retraining", "growth"), None) | parts
    said = facts.of_gate(replace(whole, stability=replace(whole.stability, **bare)), GateId.STABILITY)
    return " ".join(said)


def _measured(**values: float) -> tuple[CheckOutcome, ...]:
    return (CheckOutcome("ALL001", "all", "All", GateId.VOLUME, Outcome.PASSED, measurements=values),)


def _gate(gate: GateId, **values: float) -> Gate:
    limits = tuple(limit for limit in GATE_LIMITS if limit.measurement in values)
    return next(each for each in judge_gates(_measured(**values), limits) if each.id is gate)


def _title(gate: Gate) -> str:
    said = brief.of(gate, results.fix_data_first())
    return f"{said.title}. {said.said[0]}"


if __name__ == "__main__":
    main()
