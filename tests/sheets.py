"""Filled sheets on demand, from what the labels ought to be."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from auditor.inputs.labels import record_digest
from auditor.sheets.sheet import KEPT, DrawnRow, Sheet, text_digest
from auditor.sheets.write import write_files

STRATA = 2
Lines = list[dict[str, str]]


def drawn(frame: pl.DataFrame, folder: Path, size: int = 200, second: int = 50, first: int | None = None) -> Path:
    """A sheet of ``size`` rows in two strata, as `auditor sheet` writes it, in the new ``folder``. One stratum are the
    ``first`` rows, half of them unless told otherwise.
    """
    rng = np.random.default_rng(0)
    strata = np.array_split(np.arange(len(frame)), STRATA if first is None else [first])
    rows = [(int(row), at) for at, of in enumerate(strata) for row in rng.choice(of, size // STRATA, replace=False)]
    rows = [rows[at] for at in rng.permutation(len(rows))]
    texts, labels = frame["note"].to_list(), frame["label"].to_list()
    kept = tuple(DrawnRow(row, at, text_digest(texts[row]), record_digest(texts[row], labels[row])) for row, at in rows)
    classes = tuple(sorted(set(labels)))
    asked = tuple(row for row, _ in rows[:second])
    folder.mkdir()
    write_files(folder, [{"row_id": str(row), "text": texts[row]} for row, _ in rows], second, classes, {})
    sheet = Sheet("export.parquet", "", 0, None, None, tuple(map(len, strata)), classes, asked, kept)
    (folder / KEPT).write_text(sheet.as_json(), encoding="utf-8")
    return folder


def filled(
    frame: pl.DataFrame, truth: Sequence[str], folder: Path, size: int = 200, unsure: int = 0, blank: int = 0,
    apart: float | None = None,
) -> str:  # fmt: skip
    """The folder of a sheet that a person filled with the truth; a second one differs on the share ``apart``."""
    out = drawn(frame, folder / "sheet", size)
    lines = read(out / "sheet.csv")
    names = sorted(set(truth))
    for at, line in enumerate(lines):
        line["your_label"] = "unsure" if at < unsure else "" if at < unsure + blank else truth[int(line["row_id"])]
    save(out / "sheet.csv", lines)
    if apart is not None:
        others = read(out / "second.csv")
        for at, line in enumerate(others):
            right = truth[int(line["row_id"])]
            wrong = names[(names.index(right) + 1) % len(names)]
            line["your_label"] = wrong if at < apart * len(others) else right
        save(out / "second.csv", others)
    return str(out)


def read(file: Path) -> Lines:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))


def save(file: Path, lines: Lines, separator: str = ",", encoding: str = "utf-8") -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(lines[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(lines)
    file.write_bytes(out.getvalue().encode(encoding, errors="replace"))
