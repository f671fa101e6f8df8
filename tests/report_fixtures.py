"""Audit results built by hand: one realistic, and the variations that reports must survive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from auditor.model import (
    NOTHING_TURNS,
    Action,
    AgePoint,
    Assumption,
    AuditResult,
    BacktestMatrix,
    BenefitOverTime,
    CheckOutcome,
    ClassChange,
    ClassRow,
    ClassTimeline,
    Condition,
    ConditionKind,
    Criterion,
    DecaySplit,
    Decision,
    Estimate,
    Example,
    Finding,
    Forecast,
    Gate,
    GateId,
    GateStatus,
    GovernanceAnswer,
    Growth,
    Intake,
    Kind,
    LearningCurve,
    LearningPoint,
    NextStep,
    Outcome,
    PastAudit,
    RepairValue,
    Retraining,
    RoleChoice,
    Route,
    RunInfo,
    Said,
    SegmentDoubt,
    Severity,
    SheetWorth,
    Stability,
    StepKind,
    Subject,
    SubjectKind,
    Template,
    TornadoBar,
    Turns,
    Valuation,
    Verdict,
    Way,
)
from checks import LIMITS
from tests.valuations import level, valued, way

# The answers, and what a page has to survive beside them.
ANSWERED = (
    "fine_tune",
    "subset",
    "ordinary",
    "fix_data_first",
    "prompt",
    "measure_first",
    "inconclusive",
    "keep_today",
)
VARIANTS = (*ANSWERED, "with_everything", "hostile", "degenerate", "one_class")
HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("https://evil.example","refund")'
HOSTILE_NAMES = (
    HOSTILE,
    '"><img src=x onerror=alert(1)>',
    "' style='background:url(https://evil.example/x)",
    "{{ 7 * 7 }}{% raw %}",
    "![x](https://evil.example/pixel.png) @everyone | a",
    "\x1b[31mred\x1b[0m \u202edesrever\x07 \ud800",
    "Überzahlung 😀 — 支払い拒否 " + "lang" * 60,
    "",
    "javascript:alert(1)",
    "]]></style><script>alert(2)</script>",
    FORMULA,
)

DENIALS = (
    "Missing prior authorization",
    "Coordination of benefits",
    "Timely filing limit exceeded",
    "Duplicate claim",
    "Not medically necessary",
    "Invalid diagnosis code",
    "Patient not eligible",
    "Bundled service",
    "Missing modifier",
    "Out of network provider",
    "Non-covered service",
    "Invalid procedure code",
    "Missing documentation",
    "Incorrect place of service",
    "Benefit maximum reached",
    "Provider not credentialed",
    "Referral missing",
    "Wrong payer billed",
    "Demographic mismatch",
    "Incorrect units billed",
    "Coverage terminated",
    "Global period",
    "Experimental treatment",
    "Age conflict",
    "Gender conflict",
    "Subscriber not found",
    "Workers compensation",
    "Third-party liability",
    "Medicare secondary payer",
    "Invalid NDC",
    "Missing attachment",
    "Frequency limit",
    "Hospice enrolled",
    "Consent form missing",
    "Incorrect rate code",
    "Taxonomy mismatch",
    "CLIA number missing",
    "Anaesthesia time missing",
    "Revenue code conflict",
    "Ambulance certification missing",
    "Interim bill",
    "Late charges",
    "Tooth number missing",
    "Assistant surgeon not allowed",
    "Observation hours",
    "Drug wastage",
    "Other: see remarks (legacy code 99, retired in the 2025 taxonomy, kept for appeals only)",
)


def said(message: str, remedy: str = "", template: str = "made_up", found: Mapping[str, Any] | None = None) -> Said:
    """Sentences as they stand, and what they say."""
    shown = {"message": message, "remedy": remedy}
    known = dict.fromkeys([*shown, *(found or {})], Kind.WORDS)
    return Said(Template(template, "{message}", "{remedy}", known), {**(found or {}), **shown})


def templates(result: AuditResult) -> dict[tuple[str, str], Template]:
    """Those of its findings, by check and template id."""
    found = (finding for check in result.checks for finding in check.findings)
    return {(each.code, each.said.template.id): each.said.template for each in found}


def fix_data_first() -> AuditResult:
    """80,000 denials whose labels carry a bias of two sites."""
    return AuditResult(
        run=_run(),
        verdict=_verdict(),
        gates=_gates(),
        estimates=_estimates(),
        checks=_checks(),
        classes=_classes(),
        learning_curve=_curve(),
        backtest=_backtest(),
        valuation=_dirty(),
        effective_config={
            "seed": 7,
            "include_examples": False,
            "roles": {"text": ["denial_note"], "label": "category"},
            "limits": {"labels": {"noise_max": 0.05, "source": "default"}, "volume": {"rows_min": 2000}},
            "costs": {"currency": "USD", "training": 1800.0, "per_1k_tokens": None},
        },
    )


def fine_tune() -> AuditResult:
    """Clean, stable, a million records a month, and a prompt that was measured."""
    base = fix_data_first()
    gates = tuple(
        replace(
            gate,
            status=GateStatus.PASS,
            criteria=tuple(
                replace(c, status=GateStatus.PASS, observed=c.pass_limit, margin=0.0) for c in gate.criteria
            ),
        )
        for gate in base.gates
    )
    verdict = Verdict(
        decision=Decision.FINE_TUNE,
        measure_first=False,
        steps=(NextStep(StepKind.ACT, 0, 9_800, 1_900_000),),
        conditions=(
            Condition(ConditionKind.PROMPT_UNDER, 0.83),
            Condition(ConditionKind.REVIEW, 0.08),
            Condition(ConditionKind.RETRAIN, 6.0),
        ),
        turns=NOTHING_TURNS,
        against=(),
        would_change=(),
    )
    ways = (
        way(Way.PROMPT, level(0.78, 0.04, 300), level(0.76, 0.05, 300), 262_000),
        way(Way.ORDINARY, level(0.861, 0.012, 80_000), level(0.81, 0.02, 80_000), 38_000, 3),
        way(Way.FINE_TUNED, level(0.89, 0.02), level(0.845, 0.03), 141_000, 6),
    )
    best = {Way.PROMPT: 0.01, Way.ORDINARY: 0.13, Way.FINE_TUNED: 0.86}
    valuation = valued(ways, volume=1_000_000, pays=0.99, tuning=0.86, best=best, answer=Way.FINE_TUNED)
    return replace(base, gates=gates, verdict=verdict, valuation=valuation, classes=_routed(valuation, Route.FINE_TUNE))


def subset() -> AuditResult:
    """Some classes are worth a trained model, the rest are not."""
    base = fix_data_first()
    ways = (
        way(Way.PROMPT, level(0.78, 0.03, 600), level(0.77, 0.04, 600), 14_000),
        way(Way.ORDINARY, level(0.80, 0.02, 80_000), level(0.76, 0.03, 80_000), 9_000, 3),
        way(Way.FINE_TUNED, level(0.84, 0.03), level(0.80, 0.03), 41_000, 9),
    )
    best = {Way.PROMPT: 0.18, Way.ORDINARY: 0.16, Way.FINE_TUNED: 0.66}
    sheets = (SheetWorth(300, 900, 900),)
    valuation = valued(
        ways,
        volume=30_000,
        pays=0.82,
        tuning=0.84,
        best=best,
        error_cost=4.0,
        error_cost_set=True,
        subset=464.0,
        answer=2_940.0,
        sheets=sheets,
    )
    verdict = Verdict(
        decision=Decision.FINE_TUNE_SUBSET,
        measure_first=False,
        steps=(NextStep(StepKind.ACT, 0, 9_800, 70_600), NextStep(StepKind.REPAIR, 2_140, 640, 9_300)),
        conditions=(Condition(ConditionKind.ROUTE), Condition(ConditionKind.RETRAIN, 9.0)),
        turns=NOTHING_TURNS,
        against=(GateId.STABILITY,),
        would_change=base.verdict.would_change,
    )
    rows = tuple(
        replace(
            row,
            route=Route.FINE_TUNE if rank < 12 else Route.PROMPT,
            why="Worth more than its share of the fixed costs." if rank < 12 else "A prompt nets more here.",
            value_a_month=2_940.0 * row.volume_share / sum(each.volume_share for each in base.classes[:12])
            if rank < 12
            else 0.0,
            pooled=rank >= 30,
        )
        for rank, row in enumerate(base.classes)
    )
    return replace(base, verdict=verdict, valuation=valuation, classes=rows)


def ordinary() -> AuditResult:
    """A prompt is five points behind, and a linear model does it."""
    base = fix_data_first()
    ways = (
        way(Way.PROMPT, level(0.79, 0.03, 600), level(0.78, 0.04, 600), 31_000),
        way(Way.ORDINARY, level(0.86, 0.012, 80_000), level(0.84, 0.02, 80_000), 8_600, 1),
        way(Way.FINE_TUNED, level(0.88, 0.03), level(0.845, 0.03), 46_000, 12),
    )
    best = {Way.PROMPT: 0.03, Way.ORDINARY: 0.83, Way.FINE_TUNED: 0.14}
    valuation = valued(ways, volume=30_000, pays=0.97, tuning=0.14, best=best, answer=Way.ORDINARY)
    verdict = Verdict(
        decision=Decision.ORDINARY_CLASSIFIER,
        measure_first=False,
        steps=(NextStep(StepKind.ACT, 0, 1_440, 66_600), NextStep(StepKind.ERROR_COST, 0, 0, 0)),
        conditions=(),
        turns=Turns(0.71, 11.0, 310_000, prompt_first=True),
        against=(GateId.STABILITY, GateId.GOVERNANCE),
        would_change=base.verdict.would_change,
    )
    return replace(base, verdict=verdict, valuation=valuation, classes=_routed(valuation, Route.ORDINARY))


def prompt() -> AuditResult:
    """A thousand records a month: no training pays for itself, and nothing is worth measuring."""
    base = fix_data_first()
    ways = (
        way(Way.PROMPT, level(0.81, 0.13), level(0.79, 0.14), 9_300),
        way(Way.ORDINARY, level(0.79, 0.012, 80_000), level(0.72, 0.03, 80_000), 12_400, 6),
        way(Way.FINE_TUNED, level(0.84, 0.03), level(0.77, 0.05), 38_200, 24),
        way(Way.TODAY, level(0.94, 0.02, 200), level(0.94, 0.02, 200), 25_400),
    )
    best = {Way.PROMPT: 0.71, Way.ORDINARY: 0.27, Way.FINE_TUNED: 0.0, Way.TODAY: 0.02}
    notes = (
        "The volume fell by two thirds in the last year; the last three months are used.",
        "No dates before 2022: decay is expected, not measured.",
        "Prices are assumptions of November 2026.",
        "A currency was not given.",
    )
    valuation = valued(ways, volume=1_058, pays=0.27, tuning=0.02, best=best, notes=notes)
    verdict = Verdict(
        decision=Decision.PROMPT_WITH_RETRIEVAL,
        measure_first=False,
        steps=(NextStep(StepKind.ERROR_COST, 0, 0, 0),),
        conditions=(),
        turns=Turns(0.52, 23.0, 150_000, prompt_first=True),
        against=(GateId.LABELS, GateId.PATTERNS, GateId.STABILITY, GateId.GOVERNANCE),
        would_change=base.verdict.would_change,
    )
    return replace(base, verdict=verdict, valuation=valuation, classes=_routed(valuation, Route.PROMPT))


def measure_first() -> AuditResult:
    """Training may well pay; three hundred labels would tell."""
    base = fix_data_first()
    ways = (
        way(Way.PROMPT, level(0.79, 0.14), level(0.77, 0.14), 29_000),
        way(Way.ORDINARY, level(0.861, 0.012, 80_000), level(0.80, 0.03, 80_000), 22_000, 3),
        way(Way.FINE_TUNED, level(0.89, 0.02), level(0.86, 0.04), 43_000, 9),
    )
    best = {Way.PROMPT: 0.31, Way.ORDINARY: 0.18, Way.FINE_TUNED: 0.51}
    sheets = (
        SheetWorth(100, 9_100, 300),
        SheetWorth(300, 14_000, 900),
        SheetWorth(1_000, 15_200, 3_000),
        SheetWorth(3_000, 15_900, 9_000),
    )
    valuation = valued(ways, volume=30_000, pays=0.69, tuning=0.74, best=best, sheets=sheets)
    verdict = Verdict(
        decision=Decision.PROMPT_WITH_RETRIEVAL,
        measure_first=True,
        steps=(NextStep(StepKind.SHEET, 300, 900, 14_000), NextStep(StepKind.ERROR_COST, 0, 0, 0)),
        conditions=(),
        turns=Turns(0.74, 3.2, 94_000, prompt_first=True),
        against=(GateId.LABELS, GateId.STABILITY),
        would_change=base.verdict.would_change,
    )
    return replace(base, verdict=verdict, valuation=valuation, classes=_routed(valuation, Route.PROMPT))


def keep_today() -> AuditResult:
    """People do it better than any way, for what they cost."""
    base = prompt()
    ways = (
        way(Way.PROMPT, level(0.81, 0.13), level(0.79, 0.14), 9_300),
        way(Way.ORDINARY, level(0.79, 0.012, 80_000), level(0.72, 0.03, 80_000), 12_400, 6),
        way(Way.FINE_TUNED, level(0.84, 0.03), level(0.77, 0.05), 38_200, 24),
        way(Way.TODAY, level(0.96, 0.02, 200), level(0.96, 0.02, 200), 9_900),
    )
    best = {Way.PROMPT: 0.11, Way.ORDINARY: 0.04, Way.FINE_TUNED: 0.0, Way.TODAY: 0.85}
    return replace(base, valuation=valued(ways, volume=1_058, pays=0.27, tuning=0.02, best=best))


def inconclusive() -> AuditResult:
    """No dates, no costs: two gates have no figure at all, and a check crashed."""
    base = fix_data_first()
    unknown = {GateId.STABILITY, GateId.BENEFIT}
    gates = tuple(
        replace(
            gate,
            status=GateStatus.UNKNOWN,
            summary=(said("The export does not say."),),
            criteria=tuple(replace(c, status=GateStatus.UNKNOWN, observed=None, margin=None) for c in gate.criteria),
        )
        if gate.id in unknown
        else gate
        for gate in base.gates
    )
    return replace(
        base,
        run=replace(base.run, first_date=None, last_date=None),
        verdict=replace(
            base.verdict,
            decision=Decision.INCONCLUSIVE,
            steps=(NextStep(StepKind.EXPORT, 200, 0, 0),),
            against=(GateId.LABELS, GateId.PATTERNS),
            turns=NOTHING_TURNS,
        ),
        gates=gates,
        estimates={"label_noise_rate": base.estimates["label_noise_rate"]},
        learning_curve=None,
        backtest=None,
        valuation=replace(_dirty(), monthly_volume=0.0),
    )


def hostile() -> AuditResult:
    """Every free string is an attack, and there are 150 classes."""
    base = fix_data_first()
    names = [HOSTILE_NAMES[i % len(HOSTILE_NAMES)] + (str(i) if i >= 10 else "") for i in range(150)]
    rows = tuple(
        replace(base.classes[i % len(base.classes)], label=name, why=name, rows=1000 - i)
        for i, name in enumerate(names)
    )
    finding = replace(
        _checks()[1].findings[0],
        said=said(HOSTILE, HOSTILE_NAMES[1]),
        subject=Subject(SubjectKind.CLASS, HOSTILE_NAMES),
        evidence={HOSTILE: list(HOSTILE_NAMES), "nan": float("nan"), "set": {3, 1}, "surrogate": "\ud800"},
    )
    checks = tuple(
        replace(check, title=HOSTILE_NAMES[i % 10], reason=HOSTILE_NAMES[(i + 1) % 10], findings=(finding,) * 40)
        for i, check in enumerate(base.checks)
    )
    return replace(
        base,
        run=replace(
            base.run,
            source="/home/somebody/" + HOSTILE_NAMES[1],
            roles=(RoleChoice("text", HOSTILE_NAMES, False, HOSTILE),),
        ),
        verdict=replace(
            base.verdict,
            would_change=(Action(HOSTILE, GateId.LABELS, 3, said(HOSTILE_NAMES[1])),),
        ),
        gates=tuple(
            replace(
                gate,
                summary=(said(HOSTILE),),
                criteria=tuple(replace(c, label=HOSTILE, source=HOSTILE, unit=HOSTILE) for c in gate.criteria),
            )
            for gate in base.gates
        ),
        estimates={HOSTILE: Estimate(0.5, None, None, HOSTILE, HOSTILE), **base.estimates},
        checks=checks,
        classes=rows,
        backtest=replace(_backtest(), periods=HOSTILE_NAMES[:6]),
        valuation=replace(
            _dirty(),
            volume_from=HOSTILE,
            notes=HOSTILE_NAMES,
            assumptions=tuple(Assumption(name, name, 1.0, name, name) for name in HOSTILE_NAMES),
            moves=tuple(TornadoBar(name, name, -1.0, 1.0) for name in HOSTILE_NAMES),
        ),
        effective_config={HOSTILE: {HOSTILE: HOSTILE}},
    )


def degenerate() -> AuditResult:
    """Nothing was measured, and what numbers there are, are none."""
    nan = float("nan")
    base = fix_data_first()
    return AuditResult(
        run=replace(
            base.run,
            intake=Intake(0, 0, 0, 0, 0, 0, 0),
            roles=(),
            first_date=None,
            last_date=None,
            source="",
            seconds={},
        ),
        verdict=Verdict(Decision.INCONCLUSIVE, False, (), (), NOTHING_TURNS, (), ()),
        gates=tuple(Gate(gate, GateStatus.UNKNOWN, ()) for gate in GateId),
        estimates={"break_even_months": Estimate(nan, nan, float("inf"), "months", "")},
        checks=(),
        classes=(),
        learning_curve=LearningCurve((LearningPoint(0, nan, nan, nan),), ()),
        backtest=BacktestMatrix((), (), (), nan, 6),
        effective_config={},
    )


def with_examples() -> AuditResult:
    """Somebody asked for record text."""
    shown = (
        Example(41, DENIALS[0], DENIALS[3], "▒▒▒ claim denied, see ▒▒▒"),
        Example(7, DENIALS[1], DENIALS[2], HOSTILE),
    )
    return replace(fix_data_first(), examples=shown)


def with_everything() -> AuditResult:
    """Stability and benefit as a full audit of dated records gives them."""
    base = fix_data_first()
    matrix = _backtest()
    count = len(matrix.periods)
    born = ClassChange(DENIALS[11], "born", date(2025, 2, 1), (), 903, "records")
    renamed = ClassChange(DENIALS[9], "renamed", date(2024, 2, 1), (DENIALS[40],), 2_100, "taxonomy")
    return replace(
        base,
        stability=Stability(
            periods=matrix.periods,
            choice="quarters: the shortest with 200 records each",
            macro_f1=matrix.accuracy,
            ages=(AgePoint(3, 0.84, 0.80, 0.86), AgePoint(6, 0.80, 0.74, 0.83)),
            forecast=Forecast(6, 0.79, 0.742, 0.834, 8, 0.021),
            decay=DecaySplit(0.071, 0.042, 0.018, 0.011),
            retraining=Retraining(4.2, 2_100, 0.03, 33),
            timeline=(
                ClassTimeline(DENIALS[11], tuple(0.01 * max(0, at - 8) for at in range(count)), (born,)),
                ClassTimeline(DENIALS[9], tuple(0.02 if at < 5 else 0.0 for at in range(count)), (renamed,)),
                ClassTimeline(DENIALS[0], (0.1,) * count, ()),
            ),
            growth=Growth(45, 47, 0.7, date(2027, 3, 1)),
        ),
        benefit_over_time=BenefitOverTime(
            matrix.periods,
            matrix.rows,
            tuple(0.7 + 0.004 * at for at in range(count)),
            (None, *(0.84,) * (count - 1)),
            (None, None, *(round(0.83 - 0.01 * at, 2) for at in range(count - 2))),
            6,
        ),
        segments=(
            SegmentDoubt("site", "NORTH", 6_200, 0.21, 0.202, 0.218),
            SegmentDoubt("payer", "ACME", 41_000, 0.08, 0.078, 0.082),
            SegmentDoubt("site", "LAKE", 38_000, 0.07, 0.068, 0.072),
        ),
        governance=(
            GovernanceAnswer("owner", "Who owns the model?", "Revenue cycle, J. Doe", None),
            GovernanceAnswer("region", "Where may the records be processed?", None, "they stay in house"),
            GovernanceAnswer("budget", "Who pays for training it again?", None, None),
        ),
    )


def with_history() -> AuditResult:
    """Audited twice before."""
    base = fix_data_first()
    figures = {c.measurement: c.observed for gate in base.gates for c in gate.criteria}
    told = ((2, Decision.INCONCLUSIVE, None), (8, Decision.FIX_DATA_FIRST, 0.0913))
    past = tuple(
        PastAudit(datetime(2026, month, 3, tzinfo=UTC), 61_000 + month, decision, figures | {"conflict_rate": rate})
        for month, decision, rate in told
    )
    return replace(base, history=past)


def one_class() -> AuditResult:
    """A single class, a single period pair and missing values wherever the model allows them."""
    base = fix_data_first()
    row = replace(
        base.classes[0],
        volume_share=1.0,
        recall=None,
        precision=None,
        retrieval_recall=None,
        noise_rate=None,
        first_seen=None,
        last_seen=None,
    )
    return replace(
        base,
        classes=(row,),
        learning_curve=LearningCurve((LearningPoint(500, 1.0, 1.0, 1.0),), ()),
        backtest=BacktestMatrix(("2025", "2026"), (10, 0), ((None, 0.5), (None, None)), 0.6, 6),
    )


def _run() -> RunInfo:
    return RunInfo(
        id="20261114T093000Z-4f2a91",
        time=datetime(2026, 11, 14, 9, 30, tzinfo=UTC),
        tool_version="0.1.0",
        config_hash="9b1c0e7d52aa",
        data_fingerprint="sha256:6f0a4b3c9d1e",
        source="exports/denials_2022_2026.parquet",
        intake=Intake(80_412, 80_000, 187, 225, 0, 31, 4),
        roles=(
            RoleChoice("text", ("denial_note",), True, "given in audit.toml"),
            RoleChoice("label", ("category",), True, "given in audit.toml"),
            RoleChoice("time", ("received_on",), False, "the only column of dates, 99.96 % readable"),
            RoleChoice("annotator", ("coder_id",), False, "24 values, each on many labels"),
            RoleChoice("segment", ("payer", "site"), False, "few values, no other role"),
            RoleChoice("prediction", (), False, "no column looks like one"),
        ),
        first_date=date(2022, 10, 3),
        last_date=date(2026, 9, 30),
        seconds={"read": 1.21, "features": 9.84, "checks": 6.502, "total": 18.93},
    )


def _verdict() -> Verdict:
    return Verdict(
        decision=Decision.FIX_DATA_FIRST,
        measure_first=False,
        steps=(NextStep(StepKind.REPAIR, 2_140, 640, 22_500), NextStep(StepKind.SHEET, 300, 900, 4_100)),
        conditions=(),
        turns=Turns(None, 2.4, 71_000, prompt_first=False),
        against=(GateId.LABELS, GateId.PATTERNS, GateId.STABILITY),
        would_change=(
            Action(
                "Relabel the 2,140 rows of sites NORTH and LAKE that read as coordination of benefits.",
                GateId.PATTERNS,
                2_140,
                said("Wrong labels fall from 6.2 % to 3.5 %; the repeated share from 94 % to 11 %."),
            ),
            Action(
                "Merge 'Late charges' into 'Interim bill'.",
                GateId.VOLUME,
                310,
                said("Recall on both rises from 41 % to 78 %."),
            ),
            Action("Name an owner and a retraining budget.", GateId.GOVERNANCE),
        ),
    )


def _dirty() -> Valuation:
    """Labels that carry the bias of two sites."""
    ways = (
        way(Way.PROMPT, level(0.79, 0.03, 600), level(0.74, 0.04, 600), 29_000),
        way(Way.ORDINARY, level(0.861, 0.012, 80_000), level(0.76, 0.03, 80_000), 12_000, 3),
        way(Way.FINE_TUNED, level(0.88, 0.03), level(0.775, 0.04), 43_000, 9),
    )
    repair = RepairValue(2_140, level(0.042, 0.011), 0.031, 640, 21_900, 0.93, level(0.842, 0.012))
    best = {Way.PROMPT: 0.16, Way.ORDINARY: 0.63, Way.FINE_TUNED: 0.21}
    sheets = (SheetWorth(100, 2_000, 300), SheetWorth(300, 4_100, 900), SheetWorth(1_000, 4_600, 3_000))
    return valued(ways, volume=30_000, pays=0.84, tuning=0.25, best=best, repair=repair, sheets=sheets, answer=2_220.0)


def _routed(valuation: Valuation, route: Route) -> tuple[ClassRow, ...]:
    """Every class on one route; together they are worth what the way of that route nets over prompting."""
    kind = {Route.FINE_TUNE: Way.FINE_TUNED, Route.ORDINARY: Way.ORDINARY, Route.PROMPT: Way.PROMPT}[route]
    net = {each.way: each.net.value for each in valuation.ways}
    total = net[kind] - net[Way.PROMPT]
    return tuple(
        replace(row, route=route, why="", value_a_month=total * row.volume_share, pooled=rank >= 30)
        for rank, row in enumerate(_classes())
    )


def _criterion(
    name: str, label: str, status: str, observed: float | None, limits: tuple[float, float | None], unit: str
) -> Criterion:
    passes, fails = limits
    known = {limit.measurement: limit.sentence for limit in LIMITS}
    sentence = known.get(name, f"{label}: {{}}")
    margin = None
    if observed is not None:
        upwards = fails is None or passes >= fails
        margin = observed - passes if upwards else passes - observed
    return Criterion(
        name, label, sentence, GateStatus(status), observed, passes, fails, margin, unit, "default, see docs/limits.md"
    )


def _gates() -> tuple[Gate, ...]:
    return (
        Gate(
            GateId.VOLUME,
            GateStatus.PASS,
            (said("71,300 different rows; twice as many would add about one point."),),
            (
                _criterion("unique_rows", "Different rows", "pass", 71_300, (2_000, 500), "rows"),
                _criterion("doubling_gain", "Gain from twice the rows", "pass", 0.009, (0.02, 0.05), "points"),
                _criterion(
                    "small_class_volume",
                    "Volume in classes under 50 rows",
                    "pass",
                    0.0121,
                    (0.05, 0.2),
                    "share",
                ),
            ),
        ),
        Gate(
            GateId.LABELS,
            GateStatus.FAIL,
            (said("At least 6.2 % of labels are wrong, and equal texts often carry different labels."),),
            (
                _criterion("label_noise_rate", "Labels that look wrong", "fail", 0.0624, (0.03, 0.05), "share"),
                _criterion("conflict_rate", "Same text, different label", "caution", 0.0502, (0.05, 0.1), "share"),
            ),
        ),
        Gate(
            GateId.PATTERNS,
            GateStatus.FAIL,
            (said("Two sites share a bias that a model would learn."),),
            (
                _criterion(
                    "amplification_ratio",
                    "Bad pattern after training, against before",
                    "fail",
                    1.07,
                    (0.5, 0.9),
                    "ratio",
                ),
                _criterion("leaking_columns", "Texts that name their label", "pass", 0, (0, 3), "count"),
            ),
        ),
        Gate(
            GateId.STABILITY,
            GateStatus.CAUTION,
            (said("Accuracy falls seven points in six months, mostly in four new classes."),),
            (_criterion("decay_at_horizon", "Accuracy lost in six months", "caution", 0.071, (0.05, 0.1), "points"),),
        ),
        Gate(
            GateId.BENEFIT,
            GateStatus.PASS,
            (said("Training beats retrieval by 14 points and pays for itself in three months."),),
            (
                _criterion("gain_over_retrieval", "Gain over retrieval", "pass", 0.141, (0.05, 0.02), "points"),
                _criterion("break_even_months", "Months to break even", "pass", 3.2, (12, 24), "months"),
            ),
        ),
        Gate(
            GateId.GOVERNANCE,
            GateStatus.UNKNOWN,
            (said("No owner and no retraining plan were named."),),
            (
                _criterion("owner_named", "An owner is named", "unknown", None, (1, 0), "yes_no"),
                _criterion("defined_classes", "Classes with a definition", "pass", 1.0, (0.95, 0.8), "share"),
            ),
        ),
    )


def _estimates() -> dict[str, Estimate]:
    folds = "5-fold proxy on 71,300 different rows"
    return {
        "label_noise_rate": Estimate(0.081, 0.0624, None, "share", "out-of-fold disagreement; a lower bound"),
        "accuracy_given_labels": Estimate(0.8613, 0.8588, 0.8637, "share", folds),
        "prompt_accuracy": Estimate(0.79, 0.65, 0.93, "share", "expected: the fine-tuned model less a published gap"),
        "trained_accuracy": Estimate(0.88, 0.85, 0.91, "share", "expected: a published lift above the ordinary one"),
        "net_value_a_month": Estimate(2_220, -1_780, 6_220, "money", "the answer over prompting, a month"),
        "probability_training_pays": Estimate(0.84, 0.84, 0.84, "share", "the same draws"),
        "break_even_volume": Estimate(12_000, None, None, "records a month", "where both net the same"),
        "break_even_error_cost": Estimate(0.4, None, None, "money", "where both net the same"),
        "accuracy_true_labels": Estimate(0.82, 0.79, 0.85, "share", "given-label accuracy, corrected for noise"),
        "accuracy_in_6_months": Estimate(0.79, 0.742, 0.834, "share", "decay fitted to the backtest"),
        "accuracy_doubling_data": Estimate(0.8705, 0.8641, 0.8766, "share", "power law with an asymptote"),
        "retrieval_accuracy": Estimate(0.7204, 0.7172, 0.7236, "share", "vote of the ten nearest rows"),
        "retrieval_ceiling": Estimate(0.9412, 0.9391, 0.9433, "share", "the label is among the ten nearest"),
        "amplification_ratio": Estimate(1.07, 0.98, 1.15, "ratio", "rate in predictions over rate in labels"),
        "repeated_noise_rate": Estimate(0.94, 0.91, 0.96, "share", "suspected rows whose label the proxy repeats"),
        "conflict_rate": Estimate(0.0502, 0.0481, 0.0523, "share", "near-duplicate groups with two labels"),
        "near_duplicate_share": Estimate(0.1088, 0.1088, 0.1088, "share", "64-bit sketches, distance at most 3"),
        "churned_volume_share": Estimate(0.083, 0.083, 0.083, "share", "classes first or last seen inside a year"),
        "monthly_volume": Estimate(1_686, 1_540, 1_830, "records", "mean of the last six months"),
        "tokens_per_record": Estimate(212, 208, 216, "tokens", "characters over four"),
        "break_even_months": Estimate(3.2, 2.1, 5.6, "months", "costs in audit.toml"),
    }


def _checks() -> tuple[CheckOutcome, ...]:
    bias = Finding(
        code="PAT001",
        severity=Severity.CRITICAL,
        subject=Subject(SubjectKind.SEGMENT, ("site=NORTH", "site=LAKE")),
        said=said(
            "41 % of 'Coordination of benefits' is filed as 'Duplicate claim' here, 1.9 % elsewhere.",
            "Relabel these rows; they are marked systematic in rows.parquet.",
        ),
        observed=0.41,
        limit=0.1,
        evidence={
            "pair": ["Coordination of benefits", "Duplicate claim"],
            "rows": 2140,
            "rate_elsewhere": 0.0193,
        },
    )
    conflict = Finding(
        code="LAB002",
        severity=Severity.WARNING,
        subject=Subject(SubjectKind.DATASET),
        said=said(
            "3,580 rows share their text with a row of another label.", "Let one person decide each of the 410 groups."
        ),
        observed=0.0502,
        limit=0.05,
    )
    noise = replace(
        conflict,
        code="LAB001",
        severity=Severity.CRITICAL,
        said=said("About 4,990 labels look wrong."),
    )
    small = replace(
        conflict,
        code="VOL002",
        severity=Severity.INFO,
        subject=Subject(SubjectKind.CLASS, tuple(DENIALS[40:])),
        said=said("Seven classes have fewer than 50 rows.", "Send them to the prompt."),
    )
    lines = (
        ("VOL001", "volume-rows", "Enough different rows", "volume", "passed", "", 0.02, ()),
        ("VOL002", "volume-classes", "Enough rows in every class", "volume", "found", "", 0.01, (small,)),
        ("LAB001", "labels-noise", "Share of wrong labels", "labels", "found", "", 1.9, (noise,)),
        (
            "LAB002",
            "labels-conflicts",
            "Equal texts, different labels",
            "labels",
            "found",
            "",
            0.4,
            (conflict,),
        ),
        (
            "LAB003",
            "labels-agreement",
            "Annotators agree",
            "labels",
            "not_applicable",
            "No row was labelled twice.",
            0.0,
            (),
        ),
        (
            "PAT001",
            "patterns-systematic",
            "Systematic confusions by segment",
            "patterns",
            "found",
            "",
            2.2,
            (bias,),
        ),
        ("PAT002", "patterns-leakage", "Texts that name their label", "patterns", "passed", "", 0.3, ()),
        ("STA001", "stability-decay", "Accuracy in six months", "stability", "passed", "", 1.1, ()),
        (
            "STA002",
            "stability-drift",
            "Text drift",
            "stability",
            "errored",
            "ValueError: the reference window is empty",
            0.2,
            (),
        ),
        ("BEN001", "benefit-retrieval", "Gain over retrieval", "benefit", "passed", "", 0.8, ()),
        (
            "BEN002",
            "benefit-prompt",
            "Gain over the prompt in use",
            "benefit",
            "skipped",
            "No column of predictions.",
            0.0,
            (),
        ),
        (
            "GOV001",
            "governance-owner",
            "Owner and plan",
            "governance",
            "not_applicable",
            "Not stated in audit.toml.",
            0.0,
            (),
        ),
        (
            "GOV002",
            "governance-privacy",
            "Personal data in the text",
            "governance",
            "ignored",
            "Masked upstream (J. Doe)",
            0.0,
            (),
        ),
    )
    return tuple(
        CheckOutcome(code, name, title, GateId(gate), Outcome(outcome), reason, seconds, {"figure": 1 / 3}, found)
        for code, name, title, gate, outcome, reason, seconds, found in lines
    )


def _classes() -> tuple[ClassRow, ...]:
    rows = []
    weights = [1 / (rank + 2) for rank in range(len(DENIALS))]
    for rank, (label, weight) in enumerate(zip(DENIALS, weights, strict=True)):
        volume = weight / sum(weights)
        count = round(80_000 * volume)
        recall = round(max(0.31, 0.95 - 0.011 * rank - (0.2 if rank in {1, 3} else 0)), 3)
        if rank in {1, 3, 17}:
            route, why = Route.FIX_FIRST, "Too many labels look wrong, and not at random."
        elif rank < 24:
            route, why = Route.FINE_TUNE, "Enough rows, clean labels, stable."
        else:
            route, why = Route.PROMPT, "Too few rows to train on."
        rows.append(
            ClassRow(
                label=label,
                rows=count,
                unique_rows=round(count * 0.89),
                volume_share=round(volume, 6),
                recall=recall if rank != 45 else None,
                precision=round(min(1.0, recall + 0.02), 3),
                retrieval_recall=round(recall - 0.14, 3),
                noise_rate=0.17 if rank in {1, 3} else round(0.012 + 0.001 * (rank % 9), 3),
                first_seen=date(2022, 10, 3) if rank % 11 else date(2025, 2, 1),
                last_seen=date(2026, 9, 30) if rank != 46 else date(2025, 1, 31),
                route=route,
                why=why,
                prompt_recall=round(recall - 0.09, 3),
                value_a_month=2_220 * volume,
                pooled=rank >= 30,
            )
        )
    return tuple(rows)


def _curve() -> LearningCurve:
    def point(rows: int, band: float) -> LearningPoint:
        accuracy = 0.885 - 2.4 * rows**-0.41
        return LearningPoint(rows, accuracy, accuracy - band, accuracy + band)

    measured = tuple(point(rows, 0.6 * rows**-0.5) for rows in (1_100, 2_200, 4_450, 8_900, 17_800, 35_650, 71_300))
    return LearningCurve(measured, (point(142_600, 0.006), point(285_200, 0.011)))


def _backtest() -> BacktestMatrix:
    periods = tuple(f"{year}-Q{quarter}" for year in (2023, 2024, 2025) for quarter in (1, 2, 3, 4))
    accuracy = tuple(
        tuple(
            round(0.845 - 0.021 * (j - i) - (0.03 if j >= 9 else 0) + 0.002 * i, 4) if j > i else None
            for j in range(len(periods))
        )
        for i in range(len(periods))
    )
    rows = tuple(5_000 + 150 * index for index in range(len(periods)))
    return BacktestMatrix(periods, rows, accuracy, 0.861, 6)
