"""Labelling that one source or one period has and the others do not, as a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import COUNT, PERCENT, Figure, Finding, Kind, Severity, Subject, SubjectKind, Template

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from auditor.evidence.sources import Habit

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
    code: str, severity: Severity, habit: Habit, names: tuple[str, ...], row_ids: NDArray[np.int64]
) -> Finding:
    return Finding(
        code,
        severity,
        Subject(SubjectKind.SEGMENT, (f"{habit.column}={habit.value}",)),
        FILED_APART.of(
            column=habit.column,
            value=habit.value,
            rate=habit.rate,
            expected=names[habit.expected],
            given=names[habit.given],
            rows=len(habit.rows),
            elsewhere=habit.elsewhere,
            repeated=habit.repeated_noise_rate,
        ),
        habit.rate,
        habit.elsewhere,
        evidence={
            "column": habit.column,
            "value": habit.value,
            "given": names[habit.given],
            "expected": names[habit.expected],
            "rows": len(habit.rows),
            "p_value": habit.p_value,
            "repeated_noise_rate": habit.repeated_noise_rate,
            "amplification_ratio": habit.amplification_ratio,
            "row_ids": row_ids[habit.rows[:MAX_ROW_IDS]].tolist(),
        },
    )
