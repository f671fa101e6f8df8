"""What gives the label away, by order or identity."""

from __future__ import annotations

from auditor.check import Check, Context, Parameter
from auditor.evidence.classes import CLASSES
from auditor.evidence.leaks import CROSSING, ELSEWHERE, IN_PLACE, LEAST, PLANTED, Crossing, Phrase
from auditor.limits import Limit
from auditor.model import (
    COUNT,
    PERCENT,
    CheckReport,
    Finding,
    GateId,
    GateStatus,
    Kind,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

MAX_NAMED = 20
AGAIN = Template(
    "label_again",
    "Column {column} of the text is the label again: what a model gets right here it will not know tomorrow.",
    "Leave the column out of --text.",
    {"column": Kind.COLUMN},
)
ACROSS = Template(
    "groups_across_split",
    "{rows} of {asked} test records by {column} are of an id or group that the training part holds: a model gets "
    "{as_given} of them right, and {without} where it has not seen these groups.",
    "Split by group, so that one patient, account or claim is on one side only.",
    {"rows": COUNT, "asked": COUNT, "column": Kind.COLUMN, "as_given": PERCENT, "without": PERCENT},
)
ADDED = Template(
    "phrase_added",
    "'{term}' stands in {here} of '{label}' where {column} is {value}, in {elsewhere} of it elsewhere and next to "
    "never in other classes there: it was added with the label.",
    "Remove the phrase from the text, or export the text as it was before the label.",
    {
        "term": Kind.WORDS,
        "here": PERCENT,
        "label": Kind.CLASS,
        "column": Kind.COLUMN,
        "value": Kind.VALUE,
        "elsewhere": PERCENT,
    },
)


def proven_leaks(context: Context) -> CheckReport:
    """A column that is the label again, a group on both sides of the given split, a phrase of one source or period."""
    again = context.batch.roles.again
    across = context.results.get(CROSSING)
    planted = context.results[PLANTED]
    findings = [
        Finding("PAT010", Severity.WARNING, Subject(SubjectKind.COLUMN, (column,)), AGAIN.of(column=column))
        for column in again
    ]
    crosses = across is not None and across.crossing > context["crossing"] * across.asked
    if across is not None and crosses:
        findings.append(_across(context.batch.roles.split or "", across))
    findings += [_phrase(each, context.results[CLASSES].shown[each.code]) for each in planted[:MAX_NAMED]]
    measurements: dict[str, float] = {"proven_leaks": len(again) + crosses + len(planted)}
    if across is not None:
        measurements |= {"crossing_share": across.crossing / across.asked}
    return CheckReport(measurements, tuple(findings))


def _across(column: str, found: Crossing) -> Finding:
    return Finding(
        "PAT010",
        Severity.WARNING,
        Subject(SubjectKind.COLUMN, (column,)),
        ACROSS.of(
            rows=found.crossing, asked=found.asked, column=column, as_given=found.as_given, without=found.without
        ),
        found.crossing / found.asked,
        evidence={"rows": found.crossing, "as_given": found.as_given, "without": found.without},
    )


def _phrase(found: Phrase, label: str) -> Finding:
    where = {"column": found.column, "value": found.value}
    return Finding(
        "PAT010",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (label,)),
        ADDED.of(term=found.term, here=found.here, label=label, elsewhere=found.elsewhere, **where),
        found.here,
        evidence={"term": found.term, "rows": found.rows, **where},
    )


CHECK = Check(
    "PAT010",
    "proven-leaks",
    "What gives the label away, by order or identity",
    GateId.PATTERNS,
    "A model that reads its answer looks right until it meets a fresh record.",
    proven_leaks,
    reads=(CLASSES, PLANTED),
    may=(CROSSING,),
    parameters=(
        Parameter("crossing", 0.01, "house rule (2026): one test record in a hundred"),
        Parameter("in place", IN_PLACE, "house rule (2026): half of the class there"),
        Parameter("elsewhere", ELSEWHERE, "house rule (2026): one record in fifty"),
        Parameter("records", LEAST, "house rule (2026): on each side"),
    ),
    limits=(
        Limit(
            GateId.PATTERNS,
            "proven_leaks",
            "columns, splits and phrases that give the label away",
            "{} columns, splits or phrases give the label away",
            0,
            None,
            "count",
            "house rule (2026): none; it fails nothing, as what is removed is mended",
            "Remove what gives the label away from the text, and split by group.",
            hours=8,
            missing=GateStatus.UNKNOWN,
        ),
    ),
    templates=(AGAIN, ACROSS, ADDED),
)
