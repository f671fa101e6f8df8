"""Labelling that one source or one period has and the others do not, as a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.model import Finding, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from auditor.evidence.sources import Habit

MAX_ROW_IDS = 20


def bias_finding(
    code: str, severity: Severity, habit: Habit, names: tuple[str, ...], row_ids: NDArray[np.int64]
) -> Finding:
    return Finding(
        code,
        severity,
        Subject(SubjectKind.SEGMENT, (f"{habit.column}={habit.value}",)),
        f"{habit.column} '{habit.value}' files {100 * habit.rate:.0f} % of what reads like "
        f"'{names[habit.expected]}' under '{names[habit.given]}' "
        f"({len(habit.rows):,} records; elsewhere {100 * habit.elsewhere:.1f} %).",
        habit.rate,
        habit.elsewhere,
        "Ask this source for its rule; relabel the records or keep them out of training. "
        f"A model trained now repeats {100 * habit.repeated_noise_rate:.0f} % of them.",
        {
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
