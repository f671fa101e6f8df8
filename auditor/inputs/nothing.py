"""Words for nothing: those that no person writes are missing values; those that may be a class are kept, and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from auditor.inputs.sql import TABLE, quoted, replace_columns
from auditor.keys import AT_ONCE
from auditor.model import GateId, Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

# What databases (\\N of MySQL and Hive), pandas, JSON writers and spreadsheets put where there is nothing.
MISSING = (
    "\\N", "NaN", "nan", "NAN", "-nan", "NaT", "<NA>", "__HIVE_DEFAULT_PARTITION__", "[]", "{}",
    "#N/A", "#N/A N/A", "#NA", "#NV", "#N/D", "#GETTING_DATA",
)  # fmt: skip
# A spreadsheet's errors in any language: #REF!, #DIV/0!, #NAME?, #WERT!, #¡VALOR!; LibreOffice's Err:502.
_SPREADSHEET_ERROR = r"^(#[¡¿]?\p{Lu}[\p{Lu}/0]*[!?]|Err:5\d\d)$"
# What people and programs write for nothing, and what is a class elsewhere ("None" of an allergy, "NA" of Namibia).
_DOUBTFUL = {
    "none", "null", "(null)", "<null>", "nil", "na", "n/a", "n.a.", "n. a.", "-", "--", "---", "?", "??", "???", ".",
    "(blank)", "(blanks)", "(empty)", "(leer)", "(vide)", "(en blanco)", "(vazio)", "(vuoto)", "#", "tbd", "n/d",
    "n.d.", "s/d", "n/v", "no data", "not available", "not applicable", "not specified", "not provided", "not set",
    "keine angabe", "nicht angegeben", "non renseigné", "non précisé", "sin dato", "sin datos", "sin especificar",
    "não informado", "non specificato", "niet opgegeven", "не указано", "нет данных", "該当なし", "未指定", "未填写",
    "ไม่ระบุ", "<none>", "(none)", "<blank>", "undefined", "k.a.", "k. a.", "keine", "keiner", "aucun",
    "aucune", "ninguno", "ninguna", "nessuno", "nessuna", "nenhum", "nenhuma", "geen", "ingen", "brak", "нет",
    "なし", "無", "无", "ไม่มี", "total", "grand total", "subtotal", "totals", "gesamt", "summe", "gesamtergebnis",
    "totale", "total général", "total general", "totaal", "итого", "合計", "总计",
}  # fmt: skip
# In signs, the spaces around it included.
_LONGEST = 80
# Fewer of the labels than these cannot move the share of wrong ones across a limit: those of the gate `labels` are 5 %
# and more, and such words are a fifth of that.
TRACE = 0.01
# Signs that print nothing: white space of any kind, zero-width ones.
_INVISIBLE = r"^[\p{Z}\p{C}]*$"
# Cells in memory at one time: of thousands of columns some hundred, of millions of rows one column.
_CELLS, _COLUMNS_AT_ONCE = 5_000_000, 100


def blank_missing(con: duckdb.DuckDBPyConnection, names: Sequence[str], words: tuple[str, ...]) -> None:
    """Make what stands for nothing null in the table `export`: `MISSING`, ``words``, empty lists and NaN."""
    marks = [*MISSING, *words]
    blanked: dict[str, pl.Series] = {}
    (rows,) = con.sql(f"SELECT count(*) FROM {TABLE}").fetchall()[0]
    at_once = min(max(_CELLS // max(rows, 1), 1), _COLUMNS_AT_ONCE)
    # In polars and in parts: a statement with an expression for each of thousands of columns takes minutes to plan.
    for start in range(0, len(names), at_once):
        part = ", ".join(quoted(name) for name in names[start : start + at_once])
        for values in con.sql(f"SELECT {part} FROM {TABLE}").pl():
            nothing = _nothing(values, marks, listed=bool(words))
            if nothing is not None and nothing.any():
                blanked[values.name] = values.to_frame().select(pl.when(~nothing).then(pl.first())).to_series()
    replace_columns(con, blanked)


def _nothing(values: pl.Series, marks: Sequence[str], *, listed: bool) -> pl.Series | None:
    """Which values stand for nothing; None for a type that cannot hold such a value."""
    kind = values.dtype
    if isinstance(kind, pl.List):
        return (values.list.len() == 0).fill_null(value=False)
    if isinstance(kind, pl.String | pl.Enum | pl.Categorical):
        parts = values.cast(pl.String).to_frame().iter_slices(AT_ONCE)
        return pl.concat([_words_for_nothing(part.to_series(), marks) for part in parts]) if len(values) else None
    of_numbers = values.cast(pl.String).is_in(marks).fill_null(value=False) if listed and kind.is_numeric() else None
    if kind.is_float():
        blank = values.is_nan().fill_null(value=False)
        return blank if of_numbers is None else blank | of_numbers
    return of_numbers


def _words_for_nothing(values: pl.Series, marks: Sequence[str]) -> pl.Series:
    stripped = values.str.strip_chars()
    signs = stripped.str.contains(_SPREADSHEET_ERROR) | stripped.str.contains(_INVISIBLE)
    return (stripped.is_in(marks) | signs).fill_null(value=False)


def may_be_nothing(values: pl.Expr) -> pl.Expr:
    """Those of the ``values`` that may stand for nothing, without the spaces around; the others are null."""
    # Nothing that is longer is stripped and spelled anew: texts are most of the memory that reading takes.
    short = pl.when(values.str.len_chars() <= _LONGEST).then(values).str.strip_chars()
    return pl.when(short.str.to_lowercase().is_in(list(_DOUBTFUL))).then(short)


def doubtful(frame: pl.DataFrame, label: str, text: Sequence[str]) -> tuple[Notice, ...]:
    """What is said of labels and texts that may stand for nothing; ``frame`` holds the usable rows, their label and
    what of their text ``may_be_nothing``.

    The gate `labels` hangs on it where they are more than a `TRACE` of the labels.
    """
    notices = []
    labels = _counts(frame.select(may_be_nothing(pl.col("label"))).to_series())
    if labels:
        share = sum(labels.values()) / frame.height
        gates = (GateId.LABELS,) if share > TRACE else ()
        notices.append(Notice(_said(labels, "label", f"in '{label}'", "classes"), gates))
    if texts := _counts(frame["may_be_nothing"]):
        notices.append(Notice(_said(texts, "text", "in " + ", ".join(f"'{name}'" for name in text), "texts")))
    return tuple(notices)


def _counts(found: pl.Series) -> dict[str, int]:
    counted = found.drop_nulls().value_counts(sort=True).sort(["count", found.name], descending=[True, False])
    return dict(counted.iter_rows())


def _said(counts: dict[str, int], what: str, where: str, kept: str) -> str:
    listed = ", ".join(f"'{word}' {count:,}" for word, count in counts.items())
    words = ", ".join(f'"{word}"' for word in counts)
    total = sum(counts.values())
    what, kept = (what, f"it is kept as one of the {kept}") if total == 1 else (f"{what}s", f"they are kept as {kept}")
    return (
        f"{total:,} {what} {where} may stand for nothing ({listed}); {kept}. "
        f"[read] null = [{words}] drops what stands for nothing, and null = [] says that all of it is right."
    )
