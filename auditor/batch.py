"""The loaded export: who plays which role, and every row typed, in one frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from auditor.errors import ConfigError, InputError
from auditor.governance import answers
from auditor.inputs import Source, read_export
from auditor.inputs.answers import STANDS_FOR, with_answers
from auditor.inputs.columns import Column, profile
from auditor.inputs.corrections import said_of, with_corrections
from auditor.inputs.dates import Granularity, ParsedTimes
from auditor.inputs.disguise import garbled, turned
from auditor.inputs.groups import keeps_nothing
from auditor.inputs.labels import folded
from auditor.inputs.levels import at_level, beside
from auditor.inputs.nested import unreadable
from auditor.inputs.nothing import doubtful
from auditor.inputs.renamed import join_renamed
from auditor.inputs.roles import Roles, given_columns, given_roles, resolve_roles
from auditor.inputs.rows import (
    ANSWER,
    ENTITY,
    NUMERIC,
    SEGMENT,
    by_time,
    keyed,
    rows_of,
    selected,
    selection,
    with_copies,
    without_texts,
)
from auditor.inputs.several import read_labels
from auditor.inputs.sql import connect
from auditor.inputs.taxonomy import Entry, read_taxonomy
from auditor.inputs.texts import NOTED
from auditor.inputs.time_slice import sliced
from auditor.inputs.timeline import read_label_times, read_times
from auditor.inputs.trial import with_trial
from auditor.inputs.weights import uncounted
from auditor.inputs.withdrawn import said
from auditor.memory import in_bytes
from auditor.model import Corrections, GovernanceAnswer, Intake, Notice, Tried
from auditor.sheets.fill import Filled, read_filled

if TYPE_CHECKING:
    import duckdb

    from auditor.config import Config
    from auditor.inputs.shards import Keys, Shards, Texts

__all__ = ["ENTITY", "NUMERIC", "ORDER", "SEGMENT", "Batch", "Roles", "load"]

# House rules: what most records have alone, or what is as long and as varied as prose, is an answer and no class.
MAX_ONCE, MAX_WORDS, MAX_SHARE = 0.5, 15, 0.2
# 20,000 records of so many take 8.5 GB (benchmarks/results/growth.md).
MAX_CLASSES = 5_000
ORDER = ("time", "key", "label")
# Bytes that the table which is read may keep in memory; what is more lies in the database's own temporary folder.
READING = 1_000_000_000


@dataclass(frozen=True, eq=False)
class Batch:
    """Every input row of the slice of time, by time and then by input order.

    Column ``key`` is that of all values with a role but the label, so that a class by another name draws the same
    records; ``item`` is that of the record: of its id, where it has one.

    ``sheet`` is what people labelled afresh, ``taxonomy`` the definitions of the classes, where they were given;
    ``governance`` every question about the running of a model; ``trial`` the model that a trial fine-tuned;
    ``corrections`` what people put right in the labels. Where the texts stand elsewhere, the frame says of each row
    whether it has one, and ``texts`` fetches those of some by their ``row_id``.
    """

    source: Source
    roles: Roles
    intake: Intake
    frame: pl.DataFrame
    time_granularity: Granularity
    sheet: Filled | None = None
    taxonomy: tuple[Entry, ...] | None = None
    governance: tuple[GovernanceAnswer, ...] = ()
    trial: Tried | None = None
    corrections: Corrections | None = None
    texts: Texts | None = None

    def usable(self, *names: str) -> pl.DataFrame:
        """Columns ``names`` of the rows that are audited, in the same order wherever they stood, and where each stands
        in the frame, ``at``.
        """
        rows = self.frame.select(*dict.fromkeys((*ORDER, *names)), "usable").with_row_index("at")
        return rows.filter("usable").sort(*ORDER, nulls_last=True, maintain_order=True).select("at", *names)

    def with_texts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Some ``rows`` of the frame with their texts."""
        return rows if self.texts is None else rows.with_columns(self.texts(rows["row_id"]).alias("text"))

    def without_texts(self) -> Batch:
        """Of each row only whether it has a text: a word that stands for any, or null."""
        return replace(self, frame=self.frame.with_columns(text=pl.when(pl.col("text") != "").then(pl.lit("text"))))

    @property
    def segments(self) -> tuple[str, ...]:
        """The frame's columns of segments."""
        return tuple(SEGMENT + name for name in self.roles.segment)

    @property
    def answers(self) -> tuple[str, ...]:
        """The frame's columns with a prompted system's answers, one for each run."""
        return tuple(name for name in self.frame.columns if name == "prediction" or name.startswith(ANSWER))

    @property
    def has_baseline(self) -> bool:
        """Whether the answers are those of `auditor baseline`."""
        return STANDS_FOR in self.frame.columns

    @property
    def entities(self) -> tuple[str, ...]:
        """The frame's columns that look like those of patients or accounts, where no column of groups is given."""
        return tuple(ENTITY + name for name in self.roles.entities)

    @property
    def numeric(self) -> tuple[str, ...]:
        """The frame's columns of quantities."""
        return tuple(NUMERIC + name for name in self.roles.numeric)


def load(config: Config, given: object = None, shards: Shards | None = None) -> Batch:
    """Read the export and give its columns their roles.

    A frame that is ``given``, of polars, pandas or Arrow, is read in place of the file; ``config.export`` is its name.
    Where it stands in ``shards``, others read it.

    Raises:
        ConfigError: no export is named, a column does not exist, a role cannot be told, or ``max_memory`` is too little
            to read it in.
        InputError: the export cannot be read, or holds nothing to audit; or the sheet, the
            taxonomy, the baseline, the trial or the corrections cannot be used.
        MemoryError: it takes more than there is.

    """
    from duckdb import OutOfMemoryException

    # What is held as one piece, such as a cell of many megabytes, may need more than is enough for millions of rows.
    for memory in (READING, None) if config.max_memory is None else (config.max_memory // 2,):
        try:
            return _load(config, given, shards, memory)
        except (OutOfMemoryException, MemoryError):
            continue
    # The exception's own message would hold the statement.
    if config.max_memory is None:
        raise MemoryError
    raise ConfigError(
        f"--max-memory allows {in_bytes(config.max_memory)}, in which the export cannot be read. Allow more, or audit "
        "fewer columns. Nothing was written."
    )


def _load(config: Config, given: object, shards: Shards | None, memory: int | None) -> Batch:
    _refuse_conflicts(config)
    taxonomy = read_taxonomy(config.taxonomy) if config.taxonomy else None
    # Closed before the rows are typed: a database keeps the memory of a table that was dropped.
    with connect(config.threads, memory) as con:
        source, keys = _read(con, config, given, shards)
        if problem := unreadable(given_roles(config), source):
            raise ConfigError(problem)
        columns = profile(con, source)
        source, renamed = join_renamed(con, source, columns, given_columns(config))
        if shards and renamed:
            raise InputError(f"{renamed[0].text} Shards are read one by one, each with the same names.")
        roles = resolve_roles(con, config, source, profile(con, source) if renamed else columns)
        about_withdrawn = (said(con, *roles.withdrawn),) if roles.withdrawn else ()
        sql = selection(roles, source)
        raw = selected(con, without_texts(sql) if shards else sql)
    sources = [raw[name] for name in raw.columns if name.startswith(SEGMENT)]
    times, notices = read_times(raw["time"], roles.time or "", config.read.date_format, sources)
    if roles.label_time:
        when, more = read_label_times(raw["label_time"], roles.label_time, config.read.date_format, sources)
        raw, notices = raw.with_columns(label_time=when.times), (*notices, *more)
    labels, about_labels = _labels(raw["label"], roles, config)
    if times.blank == source.rows:
        roles = _without_time(roles)
    about_labels = (*about_withdrawn, *about_labels, *turned(labels, roles.label))
    rows = rows_of(raw.with_columns(times.times.alias("time"), label=labels), roles.text)
    # What nobody reads any more is as large as what is made now.
    del raw, labels, sources
    made, texts = keys(rows, sql, roles.text)
    rows, about_copies = with_copies(rows.hstack(made))
    if texts is not None:
        rows = rows.with_columns(text=pl.when(pl.col("letters") > 0).then(pl.lit("text")).otherwise(pl.lit("")))
    about_rows = (*about_copies, *notices, *_about(rows, roles, columns, config))
    notices = (*source.notices, *renamed, *about_labels, *about_rows)
    kept = rows.drop(NOTED).get_columns()
    del rows, made
    frame = by_time(kept)
    intake = _intake(frame, times, notices)
    _refuse_unfit(frame, intake, roles)
    frame, tried, corrected = _answered(frame, config, source.fingerprint)
    if corrected:
        notices = (*notices, said_of(corrected))
        intake = _intake(frame, times, notices)
    sheet = read_filled(config.sheet, frame) if config.sheet else None
    frame, cut = sliced(frame, config)
    if cut:
        intake = replace(_intake(frame, times, (*notices, cut)), missing_date=0, unreadable_date=0)
        _refuse_slice(frame, intake, roles, sheet)
    governance = answers(config.governance)
    return Batch(source, roles, intake, frame, times.granularity, sheet, taxonomy, governance, tried, corrected, texts)


def _read(con: duckdb.DuckDBPyConnection, config: Config, given: object, shards: Shards | None) -> tuple[Source, Keys]:
    """The table `export`, read here or by the workers on its shards, and what makes the keys of its rows."""
    if shards is not None:
        return shards.table(con, config)
    source = read_export(con, str(config.export), config.read, given, config.table, config.query)
    return source, lambda rows, *_: (keyed(rows), None)


def _labels(raw: pl.Series, roles: Roles, config: Config) -> tuple[pl.Series, tuple[Notice, ...]]:
    labels, about_labels = read_labels(raw, roles.label, config.label_is)
    labels, about_levels = at_level(labels, roles.label, config.label_level)
    about_levels += beside(roles.label, roles.levels, labels.drop_nulls().n_unique())
    return labels, (*about_labels, *about_levels)


def _about(rows: pl.DataFrame, roles: Roles, columns: tuple[Column, ...], config: Config) -> tuple[Notice, ...]:
    """What is said of texts and labels that may not be what they seem."""
    notices: tuple[Notice, ...] = ()
    if wordless := int(rows["signs"].sum()):
        notices += (Notice(f"{wordless:,} of the texts hold no word, only signs such as emoji, and count as empty."),)
    used = rows.select("garbled", "may_be_nothing", "label").filter(rows["usable"])
    notices += (*uncounted(columns, given_columns(config)), *garbled(used))
    return notices if config.read.null is not None else (*notices, *doubtful(used, roles.label, roles.text))


def _answered(
    frame: pl.DataFrame, config: Config, fingerprint: str
) -> tuple[pl.DataFrame, Tried | None, Corrections | None]:
    """``frame`` with what models and people answered: about labels as filed, so that corrections come last."""
    tried = corrected = None
    if config.baseline:
        frame = with_answers(frame, config.baseline, fingerprint)
    if config.trial:
        frame, tried = with_trial(frame, config.trial, fingerprint)
    if config.corrections:
        frame, corrected = with_corrections(frame, config.corrections)
    return frame, tried, corrected


def _refuse_unfit(frame: pl.DataFrame, intake: Intake, roles: Roles) -> None:
    if problem := _nothing_to_audit(frame, intake, roles):
        raise InputError(problem)
    if roles.group and (problem := keeps_nothing(frame.filter("usable"), roles.group)):
        raise ConfigError(problem)


def _refuse_slice(frame: pl.DataFrame, intake: Intake, roles: Roles, sheet: Filled | None) -> None:
    if problem := _nothing_to_audit(frame, intake, roles):
        raise InputError(f"{intake.notices[-1].text} {problem}")
    here = set(frame["row_id"])
    if sheet and (outside := sum(answer.row_id not in here for answer in sheet.answers)):
        raise InputError(
            f"{outside:,} of {len(sheet.answers):,} answers on the sheet are about records outside the slice of time. "
            "Widen it, or draw a sheet of its records."
        )


def _refuse_conflicts(config: Config) -> None:
    if config.export is None:
        raise ConfigError("No export is named. Pass its path: auditor run EXPORT.")
    if config.baseline and config.prediction:
        raise ConfigError("--baseline and --prediction both name the answers of a prompted system. Pass one of them.")
    if config.trial and config.trained_prediction:
        raise ConfigError("--trial and --trained-prediction both name the answers of a fine-tuned model. Pass one.")
    if config.prediction_run and not config.prediction:
        raise ConfigError("--prediction-run names a second run; name the first with --prediction.")


def _intake(frame: pl.DataFrame, times: ParsedTimes, notices: tuple[Notice, ...]) -> Intake:
    return Intake(
        rows_read=frame.height,
        rows_used=int(frame["usable"].sum()),
        empty_text=int((~frame["has_word"]).sum()),
        missing_label=frame["label"].null_count(),
        copies=int(frame["copy"].sum()),
        missing_date=times.blank,
        unreadable_date=times.unreadable,
        notices=notices,
    )


def _nothing_to_audit(frame: pl.DataFrame, intake: Intake, roles: Roles) -> str | None:
    text = ", ".join(f"'{name}'" for name in roles.text)
    if intake.missing_label == intake.rows_read:
        return f"Every label in column '{roles.label}' is empty. Choose another with --label COL."
    if intake.empty_text == intake.rows_read:
        return f"No text in {text} has a word in it. Choose another column with --text COL."
    if not intake.rows_used:
        return f"No row has both a label in '{roles.label}' and text in {text}. Check both columns."
    labels = frame.filter("usable")["label"]
    if len(set(map(folded, labels.unique()))) < 2:
        return (
            f"Every usable row has the same label in column '{roles.label}'. "
            "An audit needs two classes or more; choose another column with --label COL."
        )
    return _no_classes(labels, roles.label)


def _no_classes(labels: pl.Series, column: str) -> str | None:
    """Why ``labels`` are no classes: free answers, or more names than an audit compares."""
    counts = labels.value_counts(name="rows")
    once, words = int((counts["rows"] == 1).sum()), counts["label"].str.count_matches(r"\S+").mean()
    several = f"{len(counts):,} different labels in {len(labels):,} records"
    other = "Choose another column with --label COL"
    if once > MAX_ONCE * len(labels):
        return f"Most labels in column '{column}' occur once ({several}): this is no classification. {other}."
    if isinstance(words, float) and words > MAX_WORDS and len(counts) > MAX_SHARE * len(labels):
        return f"The labels in column '{column}' are sentences ({several}): this is no classification. {other}."
    if len(counts) > MAX_CLASSES and len(set(map(folded, counts["label"]))) > MAX_CLASSES:
        return (
            f"Column '{column}' holds {several}, and an audit compares {MAX_CLASSES:,} classes at most. {other}, such "
            "as one of a higher level, take a level of names that are paths with --label-level N, or audit one label "
            "as yes or no with --label-is NAME."
        )
    return None


def _without_time(roles: Roles) -> Roles:
    choices = tuple(choice for choice in roles.choices if choice.role != "time")
    return replace(roles, time=None, choices=choices)
