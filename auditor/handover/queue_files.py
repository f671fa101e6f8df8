"""The files of a queue, as a spreadsheet, Label Studio and Argilla read them. They hold the texts of records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from auditor.evidence.rows import CONFLICT, HABIT, MODEL
from auditor.sheets.words import ANSWER, ROW, TEXT, unsure
from auditor.sheets.write import INTERFACE, TASKS, as_csv, interface

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.handover.finished import Finished
    from auditor.handover.queue import Queue

WHY = {
    HABIT: "one source files such records otherwise than the others",
    CONFLICT: "an equal text has another label",
    MODEL: "models trained on the other records doubt it",
    None: "its label is among the most doubtful",
}


def write_csv(found: Queue, audit: Finished, folder: Path) -> None:
    """``queue.csv`` to fill in column ``your_label``, and ``classes.csv`` to choose from."""
    lines = [{**each, ANSWER: ""} for each in records(found, audit)]
    (folder / "queue.csv").write_text(as_csv(lines), encoding="utf-8", newline="")
    (folder / "classes.csv").write_text(as_csv(_classes(audit)), encoding="utf-8", newline="")


def write_label_studio(found: Queue, audit: Finished, folder: Path) -> None:
    """Tasks with the suggested label as a prediction, and the labelling interface that they fit."""
    tasks = [
        {
            "data": each,
            "predictions": [
                {
                    "model_version": "auditor",
                    "score": round(chance, 4),
                    "result": [
                        {
                            "id": f"r{each[ROW]}",
                            "from_name": ANSWER,
                            "to_name": "text",
                            "type": "choices",
                            "value": {"choices": [each["suggested_label"]]},
                        }
                    ],
                }
            ],
        }
        for each, chance in zip(records(found, audit), found.rows["chance"], strict=True)
    ]
    _dump(folder / TASKS, tasks)
    (folder / INTERFACE).write_text(interface(_classes(audit)), encoding="utf-8")


def write_argilla(found: Queue, audit: Finished, folder: Path, name: str) -> None:
    """The folder that Argilla 2's ``Dataset.from_disk`` reads: settings, dataset and records."""
    lines = records(found, audit)
    about = [key for key in lines[0] if key not in (TEXT, ROW)]
    (folder / ".argilla").mkdir()
    settings = {
        "guidelines": "Choose the class of each record. The suggestion may be wrong.",
        "allow_extra_metadata": True,
        "fields": [
            {"name": "text", "title": "text", "required": True, "type": "text",
             "settings": {"type": "text", "use_markdown": False}},
        ],
        "questions": [
            {"name": ANSWER, "title": "Which class is it?", "required": True, "type": "label_selection",
             "settings": {
                 "type": "label_selection",
                 "options": [
                     {"value": each["label"], "text": each["label"], "description": None} for each in _classes(audit)
                 ],
                 "visible_options": None,
             }},
        ],
        "vectors": [],
        "metadata": [
            {"name": key, "title": key, "type": "terms", "visible_for_annotators": True,
             "settings": {"type": "terms", "values": None}}
            for key in about
        ],
    }  # fmt: skip
    _dump(folder / ".argilla" / "settings.json", settings)
    _dump(
        folder / ".argilla" / "dataset.json",
        {"name": name, "guidelines": settings["guidelines"], "allow_extra_metadata": True},
    )
    _dump(
        folder / "records.json",
        [
            {
                "id": each[ROW],
                "fields": {"text": each[TEXT]},
                "metadata": {key: each[key] for key in about},
                "suggestions": {
                    ANSWER: {"value": each["suggested_label"], "score": round(chance, 4), "agent": "auditor"}
                },
                "responses": {},
                "vectors": {},
            }
            for each, chance in zip(lines, found.rows["chance"], strict=True)
        ],
    )


def records(found: Queue, audit: Finished) -> list[dict[str, str]]:
    """What a person sees of each record, as text."""
    roles = audit.batch.roles
    shown: list[str | pl.Expr] = [
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("rank"),
        pl.col("row_id").cast(pl.String).alias(ROW),
        *(["record_id"] if roles.id else []),
        *([pl.col("time").dt.date().cast(pl.String).fill_null("").alias("date")] if roles.time else []),
        pl.col("text").alias(TEXT),
        pl.col("label").alias("filed_label"),
        "suggested_label",
        pl.col("reason").replace_strict(WHY, default=WHY[None]).fill_null(WHY[None]).alias("why"),
        pl.format("{}", pl.col("chance").round(3)).alias("chance_wrong"),
        pl.when(pl.col("worth").is_not_null())
        .then(pl.format("{}", pl.col("worth").round(2)))
        .otherwise(pl.lit(""))
        .alias("worth"),
    ]
    return found.rows.select(*shown).to_dicts()


def _classes(audit: Finished) -> list[dict[str, str]]:
    defined = {entry.label: entry.definition for entry in audit.batch.taxonomy or ()}
    listed = [{"label": name, "definition": defined.get(name, "")} for name in audit.classes]
    return [*listed, {"label": unsure(audit.classes), "definition": "you cannot tell, or no class fits"}]


def _dump(path: Path, content: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
