"""Classes born, dying, renamed and merged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from auditor.check import Check, Context
from auditor.estimators.changes import CLASS_CHANGES, GROWTH
from auditor.estimators.churn import CLASS_EVENTS, Event
from auditor.evidence.classes import CLASSES
from auditor.limits import Limit
from auditor.model import (
    COUNT,
    CheckReport,
    ClassChange,
    Estimate,
    Field,
    Finding,
    GateId,
    GateStatus,
    Kind,
    Listed,
    OneOf,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

MAX_NAMED = 40
_ENDS = frozenset({"born", "died"})
_PAIRED = frozenset({"renamed", "merged"})
_FOLLOW = "Train on records from after the change, or leave the class to prompting until there are enough."
_PAUSED = "Ask why it pauses, and whether it means the same after the pause."
_FIELDS: Mapping[str, Field] = {
    "label": Kind.CLASS,
    "month": Kind.MONTH,
    "rows": COUNT,
    "others": Listed("'{label}'", {"label": Kind.CLASS}, last=" and "),
    "dated_by": OneOf({"taxonomy": " The taxonomy gives this date.", "records": ""}),
}


def _template(id: str, *parts: str, remedy: str = _FOLLOW) -> Template:
    """Of a change: its month, and whence that is known."""
    parts = (*parts, "{dated_by}")
    return Template(id, parts, remedy, {name: _FIELDS[name] for name in _FIELDS if f"{{{name}}}" in "".join(parts)})


# By the kind of the change.
BY_KIND = (
    _template(
        "renamed",
        "'{label}' was renamed to {others} in {month}.",
        remedy="Map the old name to the new one before training.",
    ),
    _template(
        "merged",
        "'{label}' was merged into {others} in {month}.",
        remedy="Map the old names to the new one before training.",
    ),
    _template(
        "died",
        "'{label}' is hardly filed any more from {month} on ({rows} records).",
        " What reads like it goes to {others}.",
        remedy="Relabel its records by the classes in use, or leave them out of training.",
    ),
    _template(
        "born", "'{label}' comes into use in {month} ({rows} records).", " Before, its texts read like {others}."
    ),
    _template("dormant", "'{label}' pauses from {month} on, and comes back later ({rows} records).", remedy=_PAUSED),
    _template("returned", "'{label}' is filed again from {month} on, after a pause ({rows} records).", remedy=_PAUSED),
    _template(
        "seasonal",
        "'{label}' comes in one season of the year only, first from {month} on ({rows} records).",
        remedy="Judge the class by whole years.",
    ),
)
_RELABEL = "Relabel the records from before the split, or train on those after it alone."
SPLIT_UP = _template(
    "split_up", "'{label}' was split in {month}; what reads like it goes to {others}.", remedy=_RELABEL
)
# A class that begins and ends within the export: a stopgap, a migration, a test.
_BRIEF = "Ask what it was for; relabel its records by the classes in use, or leave them out of training."
BRIEFLY = tuple(
    _template(f"briefly_{each.id}", *each.message[:-1], remedy=_BRIEF) for each in BY_KIND if each.id in _ENDS
)
SPLIT_OFF = _template(
    "split_off", "'{label}' comes into use in {month} ({rows} records), split off from {others}.", remedy=_RELABEL
)


def taxonomy_churn(context: Context) -> CheckReport:
    """Classes born, dying, renamed and merged, with dates, and the volume that they carry."""
    results = context.results
    told = results[CLASS_CHANGES]
    born, died = ({change.label for change in told if change.kind == kind} for kind in ("born", "died"))
    codes = {event.code for event in results[CLASS_EVENTS]}
    share = float(np.isin(results[CLASSES].codes, list(codes)).mean())
    measurements: dict[str, float] = {
        "born_classes": len({event.code for event in results[CLASS_EVENTS] if event.event is Event.BORN}),
        "dead_classes": len({event.code for event in results[CLASS_EVENTS] if event.event is Event.DIED}),
        "churned_volume_share": share,
    }
    if growth := results[GROWTH]:
        measurements["classes_born_per_year"] = growth.born_per_year
    return CheckReport(
        measurements,
        tuple(_changed(change, brief=change.label in born & died) for change in told[:MAX_NAMED]),
        {"churned_volume_share": Estimate(share, None, None, "share", "rows of classes born or dead in the export")},
    )


def _changed(change: ClassChange, *, brief: bool) -> Finding:
    told = {
        "label": change.label,
        "month": change.month,
        "rows": change.rows,
        "others": [{"label": name} for name in change.others] or None,
        "dated_by": change.source,
    }
    split = SPLIT_OFF if len(change.others) == 1 else SPLIT_UP
    name = f"briefly_{change.kind}" if brief else change.kind
    template = next((each for each in (*BY_KIND, *BRIEFLY) if each.id == name), split)
    evidence: dict[str, object] = {"event": change.kind, "month": change.month.isoformat(), "date_from": change.source}
    if change.others:
        evidence |= {"from": change.label, "to": change.others[0], "others": list(change.others)}
    return Finding(
        "STA003",
        Severity.INFO if change.kind == "seasonal" else Severity.WARNING,
        Subject(SubjectKind.CLASS, (change.label, *change.others[:1]) if change.kind in _PAIRED else (change.label,)),
        template.of(**{name: told[name] for name in template.fields}),
        float(change.rows),
        evidence=evidence,
    )


CHECK = Check(
    "STA003",
    "taxonomy-churn",
    "Classes born, dying, renamed and merged",
    GateId.STABILITY,
    "A model cannot answer a class that it has never seen, and goes on answering one that is gone.",
    taxonomy_churn,
    reads=(CLASSES, CLASS_CHANGES, CLASS_EVENTS, GROWTH),
    needs=frozenset({"time"}),
    limits=(
        Limit(
            GateId.STABILITY,
            "churned_volume_share",
            "volume in classes that appeared or ended",
            "{} of the volume is in classes that appeared or ended",
            0.05,
            None,
            "share",
            "house rule (2026)",
            "Map renamed and merged classes to their new names.",
            counted=True,
            hours=8,
            missing=GateStatus.UNKNOWN,
        ),
    ),
    templates=(*BY_KIND, *BRIEFLY, SPLIT_UP, SPLIT_OFF),
)
