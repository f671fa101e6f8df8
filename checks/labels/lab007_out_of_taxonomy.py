"""Labels outside the taxonomy or its dates."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context
from auditor.evidence.classes import CLASSES
from auditor.evidence.definitions import DEFINITIONS
from auditor.evidence.given import ROWS
from auditor.evidence.shown import CLASS_SHARED_BY, RARE
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

MAX_NAMED = 20
MAX_ROW_IDS = 20


def out_of_taxonomy(context: Context) -> CheckReport:
    """Compares the labels with the definitions of the classes and their time in force."""
    results, found = context.results, context.results[DEFINITIONS]
    classes, codes = results[CLASSES], results[CLASSES].codes
    names, counts = classes.shown, classes.counts
    row_ids = results[ROWS]["row_id"].to_numpy()
    findings = [
        _finding(
            (names[code],),
            f"'{names[code]}' ({counts[code]:,} records) is not in the taxonomy.",
            float(counts[code]),
            "Add it with a definition, or move its records.",
            {"kind": "unknown", "rows": int(counts[code])},
        )
        for code in [code for code in found.unknown if not classes.rare[code]][:MAX_NAMED]
    ]
    if rare := [code for code in found.unknown if classes.rare[code]]:
        findings.append(
            _finding(
                (RARE,),
                f"{len(rare):,} classes of fewer than {CLASS_SHARED_BY} records each ({counts[rare].sum():,} in all) "
                "are not in the taxonomy; rows.parquet names them.",
                float(len(rare)),
                "Move their records, or add the classes with definitions.",
                {"kind": "unknown", "rows": int(counts[rare].sum())},
            )
        )
    for kind, mask, words in (
        ("before", found.before, "before it came into force"),
        ("after", found.after, "after it went out of force"),
    ):
        by_class = np.bincount(codes[mask], minlength=len(names))
        findings += [
            _finding(
                (names[code],),
                f"{by_class[code]:,} records were filed under '{names[code]}' {words}.",
                float(by_class[code]),
                "Move them to the class in force on their date, or correct the taxonomy's dates.",
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
                f"{len(found.undefined):,} classes have no definition.",
                float(len(found.undefined)),
                "Write one sentence for each: annotators and prompts need it.",
                {"kind": "undefined"},
            )
        )
    if found.unused:
        findings.append(
            _finding(
                found.unused[:MAX_NAMED],
                f"{len(found.unused):,} labels of the taxonomy are on no record: no model can learn them.",
                float(len(found.unused)),
                "Collect records for them, or retire them.",
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
    message: str,
    observed: float,
    advice: str,
    evidence: dict[str, object],
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding("LAB007", severity, Subject(SubjectKind.CLASS, names), message, observed, 0.0, advice, evidence)


CHECK = Check(
    "LAB007",
    "out-of-taxonomy",
    "Labels outside the taxonomy or its dates",
    GateId.LABELS,
    "A label that no definition covers, or no longer covers, teaches a class that nobody wants answered.",
    out_of_taxonomy,
    reads=(CLASSES, ROWS, DEFINITIONS),
)
