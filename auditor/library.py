"""Audits from Python: a frame or a path in, the result out, for notebooks and pipelines."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from auditor import api
from auditor.config import load_config
from auditor.errors import ConfigError, InputError
from auditor.inputs.frames import FRAMES, is_frame
from auditor.model import AuditResult
from reports import answer_of, to_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    import polars as pl

    from auditor.inputs.frames import Frame

    Path_ = str | os.PathLike[str]
    Names = str | Sequence[str]


@dataclass(frozen=True, repr=False)
class Audit(AuditResult):
    """Everything that the reports show, and ``rows``: the table of ``rows.parquet``, one line for each record.

    In a notebook it shows itself as the first screen of the page, without any text of a record.
    """

    rows: pl.DataFrame = field(kw_only=True, compare=False)

    def write(self, folder: Path_, *, force: bool = False, pdf: bool = False) -> Path:
        """Write the files of ``auditor run`` to a new ``folder``, all or nothing; gives it.

        Raises ConfigError where it exists and ``force`` is not given, or holds what no audit wrote.
        """
        api.write(self, self.rows, Path(folder), force=force, pdf=pdf)
        return Path(folder)

    def __repr__(self) -> str:
        return f"<Audit of '{self.run.source}': {answer_of(self)}>"

    def _repr_html_(self) -> str:
        return to_notebook(self)


def audit(
    export: Path_ | Frame,
    *,
    name: str | None = None,
    config: Path_ | None = None,
    table: str | None = None,
    query: str | None = None,
    text: Names | None = None,
    label: str | None = None,
    label_is: str | None = None,
    label_level: int | None = None,
    time: str | None = None,
    label_time: str | None = None,
    id: str | None = None,
    segment: Names | None = None,
    annotator: str | None = None,
    prediction: str | None = None,
    prediction_run: Names | None = None,
    trained_prediction: str | None = None,
    split: str | None = None,
    sheet: Path_ | None = None,
    taxonomy: Path_ | None = None,
    baseline: Path_ | None = None,
    trial: Path_ | None = None,
    corrections: Path_ | None = None,
    history: Path_ | None = None,
    since: str | date | None = None,
    until: str | date | None = None,
    window: str | None = None,
    horizon: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    include_examples: int | None = None,
    select: Names | None = None,
    ignore: Sequence[Mapping[str, object]] | None = None,
    severity: Mapping[str, str] | None = None,
    limits: Mapping[str, float | Sequence[float]] | None = None,
    cost: Mapping[str, float] | None = None,
    governance: Mapping[str, object] | None = None,
    read: Mapping[str, object] | None = None,
    on_stage: Callable[[str], None] = lambda _: None,
) -> Audit:
    """Audit a path, or a frame of polars, pandas or Arrow, which is read as a file is.

    The options are the keys of ``audit.toml``, which ``config`` may name; what is given here wins. Columns that are not
    named are chosen by name and content. ``name`` is what the report calls a frame; ``history`` holds earlier audits to
    show beside this one; ``on_stage`` hears each stage as it starts. polars keeps the number of threads that it began
    with, whatever ``threads`` says.

    >>> audit(frame, text="note", label="category", time="denied_on").write("audit")  # doctest: +SKIP

    Raises:
        ConfigError: wrong settings, a column that does not exist, or one that cannot be told.
        InputError: the export cannot be read or audited.

    """
    given = {
        "table": table, "query": query, "text": text,
        "label": label, "label_is": label_is, "label_level": label_level, "time": time,
        "label_time": label_time, "id": id, "segment": segment, "annotator": annotator, "prediction": prediction,
        "prediction_run": prediction_run, "trained_prediction": trained_prediction, "split": split, "sheet": sheet,
        "taxonomy": taxonomy, "baseline": baseline, "trial": trial, "corrections": corrections, "history": history,
        "since": since, "until": until, "window": window, "horizon": horizon, "seed": seed, "threads": threads,
        "include_examples": include_examples, "select": select, "ignore": ignore, "severity": severity,
        "limits": limits, "cost": cost, "governance": governance, "read": read,
    }  # fmt: skip
    given = {key: os.fspath(value) if isinstance(value, os.PathLike) else value for key, value in given.items()}
    frame: object = None
    if isinstance(export, str | os.PathLike):
        if name is not None:
            raise ConfigError("name= is what a report calls a frame; a file has a name of its own.")
        given["export"] = os.fspath(export)
    elif is_frame(export):
        if table is not None or query is not None:
            raise ConfigError("table= and query= pick rows of a database; pick those of a frame before.")
        frame, given["export"] = export, name or "frame"
    else:
        raise InputError(f"An audit reads a path or a frame ({FRAMES}); found {type(export).__name__}.")
    settings = load_config(Path(config) if config is not None else None, given, "audit()")
    result, rows = api.audit(settings, on_stage, frame)
    return Audit(**{each.name: getattr(result, each.name) for each in fields(result)}, rows=rows)
