"""Filled reviews on demand, from what the labels ought to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

STRATA = 2


def filled(frame: pl.DataFrame, truth: Sequence[str], folder: Path, size: int = 200, **changes: Any) -> str:
    """A review of ``size`` rows in two strata; ``unsure`` and ``blank`` rows lose their verdict."""
    lines = judged(frame, truth, size)
    verdicts = lines["verdict"].to_list()
    for verdict, count in (("unsure", changes.get("unsure", 0)), ("", changes.get("blank", 0))):
        open_ = [number for number, said in enumerate(verdicts) if said in {"right", "wrong"}]
        for number in open_[:count]:
            verdicts[number] = verdict
    correct = [
        label if verdict == "wrong" else "" for label, verdict in zip(lines["correct_label"], verdicts, strict=True)
    ]
    path = folder / "filled.csv"
    lines.with_columns(verdict=pl.Series(verdicts), correct_label=pl.Series(correct)).write_csv(path)
    return str(path)


def judged(frame: pl.DataFrame, truth: Sequence[str], size: int = 200) -> pl.DataFrame:
    """The lines of a review whose verdicts are all true."""
    rng = np.random.default_rng(0)
    strata = np.array_split(np.arange(len(frame)), STRATA)
    drawn = [(row, number) for number, rows in enumerate(strata) for row in rng.choice(rows, size // STRATA, False)]
    rows = [int(row) for row, _ in drawn]
    labels = [frame["label"][row] for row in rows]
    right = [label == truth[row] for label, row in zip(labels, rows, strict=True)]
    return pl.DataFrame(
        {
            "row_id": rows,
            "text": [frame["note"][row] for row in rows],
            "label": labels,
            "stratum": [number + 1 for _, number in drawn],
            "stratum_rows": [len(strata[number]) for _, number in drawn],
            "verdict": ["right" if each else "wrong" for each in right],
            "correct_label": ["" if each else truth[row] for each, row in zip(right, rows, strict=True)],
        }
    )
