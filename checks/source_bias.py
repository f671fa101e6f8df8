"""Label bias of one source or one period, as a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import COUNT, PERCENT, Figure, Finding, Kind, Severity, Subject, SubjectKind, Template

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from auditor.evidence.sources import LabelBias

MAX_ROW_IDS = 20
FILED_APART = Template(
    "filed_apart",
    "{column} '{value}' files {rate} of what reads like '{expected}' under '{given}' ({rows} records; elsewhere "
    "{elsewhere}).",
    "Ask this source for its rule; relabel the records or keep them out of training. A model trained now repeats "
    "{repeated} of them.",
    {
        "column": Kind.COLUMN,
        "value": Kind.VALUE,
        "rate": PERCENT,
        "expected": Kind.CLASS,
        "given": Kind.CLASS,
        "rows": COUNT,
        "elsewhere": Figure("share", 1),
        "repeated": PERCENT,
    },
)


def bias_finding(
    code: str, severity: Severity, bias: LabelBias, names: tuple[str, ...], row_ids: NDArray[np.int64]
) -> Finding:
    return Finding(
        code,
        severity,
        Subject(SubjectKind.SEGMENT, (f"{bias.column}={bias.value}",)),
        FILED_APART.of(
            column=bias.column,
            value=bias.value,
            rate=bias.rate,
            expected=names[bias.expected],
            given=names[bias.given],
            rows=len(bias.rows),
            elsewhere=bias.elsewhere,
            repeated=bias.repeated_noise_rate,
        ),
        bias.rate,
        bias.elsewhere,
        evidence={
            "column": bias.column,
            "value": bias.value,
            "given": names[bias.given],
            "expected": names[bias.expected],
            "rows": len(bias.rows),
            "p_value": bias.p_value,
            "repeated_noise_rate": bias.repeated_noise_rate,
            "amplification_ratio": bias.amplification_ratio,
            "row_ids": row_ids[bias.rows[:MAX_ROW_IDS]].tolist(),
        },
    )
