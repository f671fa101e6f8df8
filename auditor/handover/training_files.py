"""The files of a training set: chats, a folder for Hugging Face, one Parquet table. They hold the texts of records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from auditor.handover.parts import Part

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.handover.training import TrainingSet

CARD = "README.md"
# What a model is told before each record; the classes themselves are what it learns.
TASK = "Sort the record into one category. Answer with the name of the category alone."
_CONFIGS = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
  - split: validation
    path: data/validation-*
  - split: test
    path: data/test-*
---

"""


def write_chat(found: TrainingSet, folder: Path, card: str) -> None:
    """A line of JSON for each record, with the messages that OpenAI's fine-tuning and its kin read; a file a part."""
    for part in Part:
        with (folder / f"{part}.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
            for text, label in found.of(part).select("text", "label").iter_rows():
                turns = (("system", TASK), ("user", text), ("assistant", label))
                messages = [{"role": role, "content": content} for role, content in turns]
                stream.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
    (folder / CARD).write_text(card, encoding="utf-8")


def write_hugging_face(found: TrainingSet, folder: Path, card: str) -> None:
    """The layout that ``datasets.load_dataset(folder)`` reads: a Parquet file a part, the card as its README.md."""
    (folder / "data").mkdir()
    for part in Part:
        _columns(found.of(part)).write_parquet(folder / "data" / f"{part}-00000-of-00001.parquet")
    (folder / CARD).write_text(_CONFIGS + card, encoding="utf-8")


def write_parquet(found: TrainingSet, folder: Path, card: str) -> None:
    """One table of all records, ``part`` and the reason why one is ``left_out`` of it among the columns."""
    _columns(found.frame, "part", "left_out").write_parquet(folder / "training.parquet")
    (folder / CARD).write_text(card, encoding="utf-8")


def _columns(frame: pl.DataFrame, *more: str) -> pl.DataFrame:
    return frame.select("record_id", "text", "label", pl.col("time").dt.date().alias("date"), *more)
