"""Change in the mix of classes."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.estimators.drift import DRIFT
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import HALVES
from auditor.model import CheckReport, Figure, Finding, GateId, Kind, Listed, Severity, Subject, SubjectKind, Template

MIX_MOVED = Template(
    "mix_moved",
    "The mix of classes moved between the earlier and the later half of the records, most in {most}.",
    "Weigh recent records more, and watch the mix in production.",
    {"most": Listed("'{label}' ({change})", {"label": Kind.CLASS, "change": Figure("points", 1, signed=True)})},
)


def label_drift(context: Context) -> CheckReport:
    """Class shares of the earlier half of the records against the later half."""
    classes, halves = context.results[CLASSES], context.results[HALVES]
    (test,) = context.results[DRIFT].of("labels")
    measurements = {"label_psi": test.effect, "label_psi_p": test.adjusted}
    if not test.moved or test.effect <= context["psi"]:
        return CheckReport(measurements)
    early, late = (
        np.bincount(classes.codes[halves == half], minlength=len(classes)) / (halves == half).sum() for half in (0, 1)
    )
    change = late - early
    moved = np.argsort(-np.abs(change))[:5]
    finding = Finding(
        "STA002",
        Severity.WARNING,
        Subject(SubjectKind.DATASET, tuple(classes.shown[code] for code in moved)),
        MIX_MOVED.of(most=[{"label": classes.shown[code], "change": float(change[code])} for code in moved[:3]]),
        test.effect,
        context["psi"],
    )
    return CheckReport(measurements, (finding,))


CHECK = Check(
    "STA002",
    "label-drift",
    "Change in the mix of classes",
    GateId.STABILITY,
    "A model keeps the class mix that it was trained on.",
    label_drift,
    reads=(CLASSES, HALVES, DRIFT),
    needs=frozenset({"time"}),
    parameters=(Parameter("psi", 0.1, "Siddiqi 2006: under 0.1 little change; and sure in the family of drift tests"),),
    templates=(MIX_MOVED,),
)
