"""Plain files: the shared sets and the sample under five usual headers, in three formats, columns shuffled."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import NamedTuple

import polars as pl

from auditor.batch import load
from auditor.config import Config
from auditor.errors import ConfigError, InputError
from benchmarks import data
from benchmarks.results import table

ROWS = 4_000
SAMPLE = Path(__file__).parents[1] / "sample_data" / "denials_small.csv"
# What people call text, label, date and id.
HEADERS = (
    ("text", "label", "date", "id"),
    ("description", "category", "created_at", "ticket_id"),
    ("Message", "Intent", "Timestamp", "Case Number"),
    ("note", "reason", "received_on", "record_key"),
    ("Comment Text", "Topic", "Submitted Date", "Ref No"),
)
FORMATS = ("csv", "jsonl", "parquet")
ROLES = ("text", "label", "time", "id")


class Set(NamedTuple):
    """Rows with the columns text, label, and those of time and id that a set has; others are beside them."""

    name: str
    rows: pl.DataFrame


def sets() -> list[Set]:
    """A sample of each set."""
    cfpb = pl.read_parquet(data.folder() / "cfpb.parquet").select(
        "extract", text="narrative", label="product", time="date", id=pl.col("id").cast(pl.String)
    )
    sample = pl.read_csv(SAMPLE).rename({"claim_id": "id", "denied_on": "time", "note": "text", "category": "label"})
    return [
        Set("nvd", _some(data.nvd())),
        Set("banking77", _some(data.banking77())),
        Set("cfpb", _some(cfpb)),
        Set("sample", _some(sample)),
        Set("intents_es_th", _some(pl.read_parquet(data.folder() / "intents_es_th.parquet").drop("split"))),
    ]


def _some(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sample(min(ROWS, rows.height), seed=1)


def plain_tables() -> list[str]:
    """What each of the files gives, as text and a table."""
    lines, said = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in sets():
            for number, header in enumerate(HEADERS):
                names = {role: called for role, called in zip(ROLES, header, strict=True) if role in rows.columns}
                renamed = rows.rename(names)
                given = [_given(_written(renamed, form, number, Path(folder)), names) for form in FORMATS]
                lines.append([name, ", ".join(header), *given])
                said += given
    counts = {kind: sum(each.startswith(kind) for each in said) for kind in ("right", "asked", "refused", "WRONG")}
    summary = (
        f"{len(said)} plain files: {counts['right']} read with every role right, {counts['asked']} asked, "
        f"{counts['refused']} refused, {counts['WRONG']} wrong."
    )
    return ["## Plain files", summary, table(["set", "header", *FORMATS], lines)]


def _written(rows: pl.DataFrame, form: str, seed: int, folder: Path) -> Path:
    names = list(rows.columns)
    random.Random(seed).shuffle(names)
    rows, file = rows.select(names), folder / f"plain.{form}"
    if form == "csv":
        rows.write_csv(file)
    elif form == "jsonl":
        rows.with_columns(pl.col(pl.Date, pl.Datetime).cast(pl.String)).write_ndjson(file)
    else:
        rows.write_parquet(file)
    return file


def _given(file: Path, right: dict[str, str]) -> str:
    try:
        roles = load(Config(export=str(file))).roles
    except ConfigError as error:
        return f"asked: {' '.join(str(error).split())[:120]}"
    except InputError as error:
        return f"refused: {' '.join(str(error).split())[:120]}"
    found = {"text": roles.text, "label": roles.label, "time": roles.time, "id": roles.id}
    wrong = [
        f"{role} {found[role]}" for role in ROLES if role in right and found[role] not in (right[role], (right[role],))
    ]
    return f"WRONG: {', '.join(wrong)}" if wrong else "right"
