"""Classes born, dying, renamed and merged."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context
from auditor.evidence.changes import CLASS_CHANGES, GROWTH
from auditor.evidence.churn import CLASS_EVENTS, Event
from auditor.evidence.classes import CLASSES
from auditor.limits import Limit
from auditor.model import (
    CheckReport,
    ClassChange,
    Estimate,
    Finding,
    GateId,
    GateStatus,
    Severity,
    Subject,
    SubjectKind,
)

MAX_NAMED = 40


def taxonomy_churn(context: Context) -> CheckReport:
    """Classes born, dying, renamed and merged, with dates, and the volume that they carry."""
    results = context.results
    told = results[CLASS_CHANGES]
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
        tuple(_changed(change) for change in told[:MAX_NAMED]),
        {"churned_volume_share": Estimate(share, None, None, "share", "rows of classes born or dead in the export")},
    )


_WORDS = {
    "renamed": "'{label}' was renamed to {others} in {month}.",
    "merged": "'{label}' was merged into {others} in {month}.",
    "died": "'{label}' is hardly filed any more from {month} on ({rows:,} records).",
    "born": "'{label}' comes into use in {month} ({rows:,} records).",
    "dormant": "'{label}' pauses from {month} on, and comes back later ({rows:,} records).",
    "returned": "'{label}' is filed again from {month} on, after a pause ({rows:,} records).",
    "seasonal": "'{label}' comes in one season of the year only, first from {month} on ({rows:,} records).",
}
_SPLIT_UP = "'{label}' was split in {month}; what reads like it goes to {others}."
_SPLIT_OFF = "'{label}' comes into use in {month} ({rows:,} records), split off from {others}."
_REMEDIES = {
    "renamed": "Map the old name to the new one before training.",
    "merged": "Map the old names to the new one before training.",
    "split": "Relabel the records from before the split, or train on those after it alone.",
    "seasonal": "Judge the class by whole years.",
}
_RELATED = {
    "died": " What reads like it goes to {others}.",
    "born": " Before, its texts read like {others}.",
}
_PAIRED = frozenset({"renamed", "merged"})
_FOLLOW = "Train on records from after the change, or leave the class to prompting, which follows the taxonomy."


def _changed(change: ClassChange) -> Finding:
    split = _SPLIT_OFF if len(change.others) == 1 else _SPLIT_UP
    words = _WORDS.get(change.kind, split).format(
        label=change.label, others=_listed(change.others), month=f"{change.month:%B %Y}", rows=change.rows
    )
    if change.kind in _RELATED and change.others:
        words += _RELATED[change.kind].format(others=_listed(change.others))
    if change.source == "taxonomy":
        words += " The taxonomy gives this date."
    evidence: dict[str, object] = {"event": change.kind, "month": change.month.isoformat(), "date_from": change.source}
    if change.others:
        evidence |= {"from": change.label, "to": change.others[0], "others": list(change.others)}
    return Finding(
        "STA003",
        Severity.INFO if change.kind == "seasonal" else Severity.WARNING,
        Subject(SubjectKind.CLASS, (change.label, *change.others[:1]) if change.kind in _PAIRED else (change.label,)),
        words,
        float(change.rows),
        None,
        _REMEDIES.get(change.kind, _FOLLOW),
        evidence,
    )


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"'{name}'" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


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
            "volume in classes that were born or died",
            "{} of the volume is in classes that were born or died",
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
)
