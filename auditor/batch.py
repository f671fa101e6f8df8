"""The loaded export: who plays which role, and every row typed, in one frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from auditor.errors import ConfigError, InputError
from auditor.governance import answers
from auditor.inputs import Source, read_export
from auditor.inputs.answers import STANDS_FOR, with_answers
from auditor.inputs.columns import NESTED, profile
from auditor.inputs.copies import copies, usable
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
from auditor.inputs.several import one_hot, read_labels
from auditor.inputs.sql import TABLE, connect, quoted
from auditor.inputs.taxonomy import Entry, read_taxonomy
from auditor.inputs.texts import told
from auditor.inputs.time_slice import sliced
from auditor.inputs.timeline import read_label_times, read_times
from auditor.inputs.trial import TRAINED, with_trial
from auditor.inputs.weights import uncounted
from auditor.inputs.withdrawn import falls, said
from auditor.keys import row_keys
from auditor.memory import in_bytes
from auditor.model import Corrections, GovernanceAnswer, Intake, Notice, Tried
from auditor.sheets.fill import Filled, read_filled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.config import Config

__all__ = ["NUMERIC", "ORDER", "SEGMENT", "Batch", "Roles", "load"]

SEGMENT = "segment:"
NUMERIC = "numeric:"
ENTITY = "entity:"
ANSWER = "prediction:"
# House rules: what most records have alone, or what is as long and as varied as prose, is an answer and no class.
MAX_ONCE, MAX_WORDS, MAX_SHARE = 0.5, 15, 0.2
# 20,000 records of so many take 8.5 GB (benchmarks/results/growth.md).
MAX_CLASSES = 5_000
# Roles of one column each that keep their name.
ALONE = ("group", "prediction", TRAINED, "split")

ORDER = ("time", "key", "label")
# Bytes that the table which is read may keep in memory; what is more lies in the database's own temporary folder.
READING = 1_000_000_000
# What is no part of a row's key, so that the same records are drawn with and without a column of groups.
UNKEYED = ("row_id", "record_id", "copy", "usable", "group", ENTITY)


@dataclass(frozen=True, eq=False)
class Batch:
    """Every input row of the slice of time, by time and then by input order.

    Column ``key`` is that of all values with a role but the label, so that a class by another name draws the same
    records; ``item`` is that of the record: of its id, where it has one.

    ``sheet`` is what people labelled afresh, ``taxonomy`` the definitions of the classes, where they were given;
    ``governance`` every question about the running of a model; ``trial`` the model that a trial fine-tuned;
    ``corrections`` what people put right in the labels.
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

    def usable(self, *names: str) -> pl.DataFrame:
        """Columns ``names`` of the rows that are audited, in the same order wherever they stood, and where each stands
        in the frame, ``at``.
        """
        rows = self.frame.select(*dict.fromkeys((*ORDER, *names)), "usable").with_row_index("at")
        return rows.filter("usable").sort(*ORDER, nulls_last=True, maintain_order=True).select("at", *names)

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


def load(config: Config, given: object = None) -> Batch:
    """Read the export and give its columns their roles.

    A frame that is ``given``, of polars, pandas or Arrow, is read in place of the file; ``config.export`` is its name.

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
            return _load(config, given, memory)
        except (OutOfMemoryException, MemoryError):
            continue
    # The exception's own message would hold the statement.
    if config.max_memory is None:
        raise MemoryError
    raise ConfigError(
        f"--max-memory allows {in_bytes(config.max_memory)}, in which the export cannot be read. Allow more, or audit "
        "fewer columns. Nothing was written."
    )


def _load(config: Config, given: object, memory: int | None) -> Batch:
    _refuse_conflicts(config)
    taxonomy = read_taxonomy(config.taxonomy) if config.taxonomy else None
    # Closed before the rows are typed: a database keeps the memory of a table that was dropped.
    with connect(config.threads, memory) as con:
        source = read_export(con, str(config.export), config.read, given, config.table, config.query)
        if problem := unreadable(given_roles(config), source):
            raise ConfigError(problem)
        columns = profile(con, source)
        source, renamed = join_renamed(con, source, columns, given_columns(config))
        roles = resolve_roles(con, config, source, profile(con, source) if renamed else columns)
        about_withdrawn = (said(con, *roles.withdrawn),) if roles.withdrawn else ()
        # One by one: columns that come together share memory, and the last of them holds that of all.
        columns_read = (con.sql(f"SELECT {each} FROM {TABLE}").pl() for each in _selection(roles, source))
        raw = pl.concat(columns_read, how="horizontal")
    sources = [raw[name] for name in raw.columns if name.startswith(SEGMENT)]
    times, notices = read_times(raw["time"], roles.time or "", config.read.date_format, sources)
    if roles.label_time:
        when, more = read_label_times(raw["label_time"], roles.label_time, config.read.date_format, sources)
        raw, notices = raw.with_columns(label_time=when.times), (*notices, *more)
    labels, about_labels = read_labels(raw["label"], roles.label, config.label_is)
    labels, about_levels = at_level(labels, roles.label, config.label_level)
    about_levels += beside(roles.label, roles.levels, labels.drop_nulls().n_unique())
    about_labels = (*about_withdrawn, *about_labels, *about_levels)
    raw = raw.with_columns(label=labels)
    if times.blank == source.rows:
        roles = _without_time(roles)
    frame, about_copies = _typed(raw, roles, times)
    notices = (*source.notices, *renamed, *about_labels, *turned(labels, roles.label), *about_copies, *notices)
    if wordless := int(frame["signs"].sum()):
        notices += (Notice(f"{wordless:,} of the texts hold no word, only signs such as emoji, and count as empty."),)
    used = frame.select("garbled", "may_be_nothing", "label").filter(frame["usable"])
    notices += (*uncounted(columns, given_columns(config)), *garbled(used))
    if config.read.null is None:
        notices += doubtful(used, roles.label, roles.text)
    frame = frame.drop("garbled", "may_be_nothing", "signs")
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
    return Batch(source, roles, intake, frame, times.granularity, sheet, taxonomy, governance, tried, corrected)


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


def _selection(roles: Roles, source: Source) -> list[str]:
    """The columns that play a role in SQL, as text; only dates that are stored as dates stay what they are."""
    types = dict(source.columns)

    def text(name: str | None, alias: str) -> str:
        return f"{quoted(name)}::VARCHAR AS {quoted(alias)}" if name else f"NULL::VARCHAR AS {quoted(alias)}"

    time = text(roles.time, "time")
    if roles.time and types[roles.time].startswith(("DATE", "TIMESTAMP")):
        time = f"{quoted(roles.time)} AS time"
    return [
        time,
        *([text(roles.label_time, "label_time")] if roles.label_time else []),
        text(roles.id, "id"),
        f"{_label(roles, types)} AS label",
        *(text(name, f"text:{i}") for i, name in enumerate(roles.text)),
        *(text(name, role) for role in ALONE if (name := getattr(roles, role))),
        *(text(name, ANSWER + name) for name in roles.prediction_run),
        *(text(name, SEGMENT + name) for name in roles.segment),
        *(text(name, ENTITY + name) for name in roles.entities),
        *(f"TRY_CAST({quoted(name)} AS DOUBLE) AS {quoted(NUMERIC + name)}" for name in roles.numeric),
    ]


def _label(roles: Roles, types: Mapping[str, str]) -> str:
    """The label as text: lists as JSON, as their commas are no safe marks; null where nobody stands by it."""
    if roles.flags:
        label = one_hot(roles.flags)
    elif NESTED.search(types[roles.label]):
        label = f"to_json({quoted(roles.label)})::VARCHAR"
    else:
        label = f"{quoted(roles.label)}::VARCHAR"
    return f"CASE WHEN NOT {falls(*roles.withdrawn)} THEN {label} END" if roles.withdrawn else label


def _typed(raw: pl.DataFrame, roles: Roles, times: ParsedTimes) -> tuple[pl.DataFrame, tuple[Notice, ...]]:
    text = _joined(roles.text).fill_null("")
    label = _filled("label")
    row_id = pl.col("row_id")
    typed = (
        raw.with_columns(times.times.alias("time"))
        .with_row_index("row_id")
        .select(
            row_id,
            _filled("id").fill_null(row_id.cast(pl.String)).alias("record_id"),
            text.alias("text"),
            label,
            "time",
            *(["label_time"] if roles.label_time else []),
            *(name for name in raw.columns if name in ALONE or _is_extra(name)),
        )
    )
    ids = pl.select(pl.when(raw["id"].str.strip_chars() != "").then(raw["id"])).to_series().alias("id")
    bare = typed.select(~cs.starts_with(*UNKEYED))
    about_texts = told(typed["text"])
    typed = typed.with_columns(*_keys(bare.drop("label"), ids), *about_texts)
    copy, notices = copies(ids, typed["key"], bare.drop("text").with_columns(about_texts["text_key"]))
    typed = typed.with_columns(copy).with_columns(usable(pl.col("label")))
    return typed.sort("time", "row_id", nulls_last=True), notices


def _keys(bare: pl.DataFrame, ids: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Of every row and of every record. A row without an id is a record by itself, as its values tell."""
    rows = pl.Series("key", row_keys(bare.with_columns(ids)))
    named = pl.Series("item", row_keys(ids.to_frame()))
    return rows, named.zip_with(ids.is_not_null(), rows.alias("item"))


def _is_extra(name: str) -> bool:
    return name.startswith((SEGMENT, NUMERIC, ANSWER, ENTITY))


def _joined(columns: tuple[str, ...]) -> pl.Expr:
    """One column bare; several as ``name: value`` lines, the blank ones left out."""
    if len(columns) == 1:
        return pl.col("text:0")
    lines = [pl.format("{}: {}", pl.lit(name), _filled(f"text:{i}")) for i, name in enumerate(columns)]
    return pl.concat_str(lines, separator="\n", ignore_nulls=True)


def _filled(name: str) -> pl.Expr:
    """The value untouched, or null where it is blank."""
    return pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name))


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
    if frame.filter("usable")["label"].n_unique() < 2:
        return (
            f"Every usable row has the same label in column '{roles.label}'. "
            "An audit needs two classes or more; choose another column with --label COL."
        )
    return _no_classes(frame.filter("usable")["label"], roles.label)


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
