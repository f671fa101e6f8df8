"""Labels outside the taxonomy or its dates."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context
from auditor.evidence.classes import CLASSES
from auditor.evidence.definitions import DEFINITIONS
from auditor.evidence.given import ROWS
from auditor.evidence.shown import RARE
from auditor.model import (
    CLASS_SHARED_BY,
    COUNT,
    CheckReport,
    Finding,
    GateId,
    Kind,
    OneOf,
    Said,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

MAX_NAMED = 20
MAX_ROW_IDS = 20
UNKNOWN_CLASS = Template(
    "unknown_class",
    "'{label}' ({rows} records) is not in the taxonomy.",
    "Add it with a definition, or move its records.",
    {"label": Kind.CLASS, "rows": COUNT},
)
UNKNOWN_RARE = Template(
    "unknown_rare",
    "{classes} classes of fewer than {least} records each ({rows} in all) are not in the taxonomy; rows.parquet names "
    "them.",
    "Move their records, or add the classes with definitions.",
    {"classes": COUNT, "least": COUNT, "rows": COUNT},
)
OUT_OF_FORCE = Template(
    "out_of_force",
    "{rows} records were filed under '{label}' {when}.",
    "Move them to the class in force on their date, or correct the taxonomy's dates.",
    {
        "rows": COUNT,
        "label": Kind.CLASS,
        "when": OneOf({"before": "before it came into force", "after": "after it went out of force"}),
    },
)
UNDEFINED = Template(
    "undefined",
    "{classes} classes have no definition.",
    "Write one sentence for each: annotators and prompts need it.",
    {"classes": COUNT},
)
UNUSED = Template(
    "unused",
    "{labels} labels of the taxonomy are on no record: no model can learn them.",
    "Collect records for them, or retire them.",
    {"labels": COUNT},
)


def out_of_taxonomy(context: Context) -> CheckReport:
    """Compares the labels with the definitions of the classes and their time in force."""
    results, found = context.results, context.results[DEFINITIONS]
    classes, codes = results[CLASSES], results[CLASSES].codes
    names, counts = classes.shown, classes.counts
    row_ids = results[ROWS]["row_id"].to_numpy()
    findings = [
        _finding(
            (names[code],),
            UNKNOWN_CLASS.of(label=names[code], rows=int(counts[code])),
            float(counts[code]),
            {"kind": "unknown", "rows": int(counts[code])},
        )
        for code in [code for code in found.unknown if not classes.rare[code]][:MAX_NAMED]
    ]
    if rare := [code for code in found.unknown if classes.rare[code]]:
        findings.append(
            _finding(
                (RARE,),
                UNKNOWN_RARE.of(classes=len(rare), least=CLASS_SHARED_BY, rows=int(counts[rare].sum())),
                float(len(rare)),
                {"kind": "unknown", "rows": int(counts[rare].sum())},
            )
        )
    for kind, mask in (("before", found.before), ("after", found.after)):
        by_class = np.bincount(codes[mask], minlength=len(names))
        findings += [
            _finding(
                (names[code],),
                OUT_OF_FORCE.of(label=names[code], rows=int(by_class[code]), when=kind),
                float(by_class[code]),
                {
                    "kind": kind,
                    "rows": int(by_class[code]),
                    "row_ids": row_ids[mask & (codes == code)][:MAX_ROW_IDS].tolist(),
                },
            )
            for code in np.argsort(-by_class, kind="stable")[:MAX_NAMED]
            if by_class[code]
        ]
    if found.undefined:
        listed = tuple(dict.fromkeys(names[code] for code in found.undefined))
        findings.append(
            _finding(
                listed[:MAX_NAMED],
                UNDEFINED.of(classes=len(found.undefined)),
                float(len(found.undefined)),
                {"kind": "undefined"},
            )
        )
    if found.unused:
        findings.append(
            _finding(
                found.unused[:MAX_NAMED],
                UNUSED.of(labels=len(found.unused)),
                float(len(found.unused)),
                {"kind": "unused"},
                Severity.INFO,
            )
        )
    measurements = {
        "out_of_taxonomy_share": float(np.isin(codes, found.unknown).mean()),
        "undefined_classes": float(len(found.undefined)),
        "unused_labels": float(len(found.unused)),
    }
    if results[ROWS]["time"].null_count() < len(codes):
        measurements["out_of_force_share"] = float((found.before | found.after).mean())
    return CheckReport(measurements, tuple(findings))


def _finding(
    names: tuple[str, ...],
    said: Said,
    observed: float,
    evidence: dict[str, object],
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding("LAB007", severity, Subject(SubjectKind.CLASS, names), said, observed, 0.0, evidence=evidence)


CHECK = Check(
    "LAB007",
    "out-of-taxonomy",
    "Labels outside the taxonomy or its dates",
    GateId.LABELS,
    "A label that no definition covers, or no longer covers, teaches a class that nobody wants answered.",
    out_of_taxonomy,
    reads=(CLASSES, ROWS, DEFINITIONS),
    templates=(UNKNOWN_CLASS, UNKNOWN_RARE, OUT_OF_FORCE, UNDEFINED, UNUSED),
)
