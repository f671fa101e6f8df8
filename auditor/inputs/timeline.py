"""The date of every record: as `[read] date_format` says, or as the column tells, and what it leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from auditor.errors import ConfigError, InputError
from auditor.inputs.date_order import Order, proof
from auditor.inputs.dates import ACCEPTED, ParsedTimes, parse_as, parse_times
from auditor.model import GateId, Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

# House rules: from so many unread dates on it is worth a word, and from so many nobody knows the order of time.
WORTH_A_WORD = 0.01
TOO_MANY = 0.1
# A source whose dates keep to one order shows it by so many values that only that order can read.
PROOFS_OF_A_SOURCE = 5
_NAMED_ROWS = 5
FORMATS = {"day": "%d{0}%m{0}%Y", "month": "%m{0}%d{0}%Y", "year": "%y{0}%m{0}%d"}


class Timeline(NamedTuple):
    """The dates, and the notices about how they were read."""

    parsed: ParsedTimes
    notices: tuple[Notice, ...] = ()


def read_times(values: pl.Series, column: str, form: str | None, sources: Sequence[pl.Series] = ()) -> Timeline:
    """The dates of ``column``; ``sources`` are the columns (n,) that may tell one system's dates from another's.

    Raises:
        ConfigError: ``form`` is no format of dates.
        InputError: nothing is a date, values prove two orders of day and month, or a value is not as ``form`` says.

    """
    if form is not None and not values.dtype.is_temporal():
        parsed = _as_given(values, column, form)
        return Timeline(parsed, _unread(parsed, values, column))
    parsed = parse_times(values)
    filled = len(values) - parsed.blank
    if filled and parsed.unreadable == filled:
        raise InputError(_no_date(column))
    notices: list[Notice] = []
    for order in parsed.orders:
        if order.two_orders:
            by_source = _each_source(values, column, order, sources)
            parsed = by_source.parsed
            notices += by_source.notices
        elif order.day_proofs and order.month_proofs:
            notices.append(_slips(values, column, order))
        elif not order.told:
            notices.append(_open(column, order))
    if parsed.early_or_late:
        notices.append(_seconds(parsed, column))
    if parsed.fiscal:
        notices.append(Notice(f"The fiscal years in column '{column}' are read as calendar years."))
    return Timeline(parsed, (*notices, *_unread(parsed, values, column)))


def read_label_times(values: pl.Series, column: str, form: str | None, sources: Sequence[pl.Series] = ()) -> Timeline:
    """As `read_times`, but another system may have dated the labels: ``form`` holds where it fits one value."""
    parsed = parse_times(values)
    if parsed.times.null_count() == len(values):
        return Timeline(parsed)
    fits = form and not values.dtype.is_temporal() and parse_as(values, form).times.is_not_null().any()
    return read_times(values, column, form if fits else None, sources)


def rows_where(found: pl.Series) -> str:
    """The first rows (counted from 1, without the header) of ``found`` (n,), in words."""
    rows = [f"{row + 1:,}" for row in found.fill_null(value=False).arg_true().head(_NAMED_ROWS)]
    count = int(found.sum())
    if count == 1:
        return f"row {rows[0]}"
    if count > len(rows):
        return f"rows {', '.join(rows)} and {count - len(rows):,} more"
    return f"rows {', '.join(rows[:-1])} and {rows[-1]}"


def _as_given(values: pl.Series, column: str, form: str) -> ParsedTimes:
    try:
        parsed = parse_as(values, form)
    except ValueError as error:
        raise ConfigError(f"'date_format' in [read] cannot be used: {error}.") from None
    unread = parsed.times.is_null()
    other = unread & parse_times(values).times.is_not_null()
    filled = len(values) - parsed.blank
    if filled and other.sum() > WORTH_A_WORD * filled:
        raise InputError(
            f"{int(other.sum()):,} of {filled:,} dates in column '{column}' are not as 'date_format' in [read] says "
            f"({rows_where(other)}). Correct the format, or export the dates in one spelling."
        )
    if filled and parsed.unreadable == filled:
        raise InputError(
            f"No value in column '{column}' is a date as 'date_format' in [read] says. Correct the format, or choose "
            "another column with --time COL."
        )
    return parsed


def _open(column: str, order: Order) -> Notice:
    other = "month" if order.first == "day" else "day"
    mine, theirs = (FORMATS[first].format(order.mark) for first in (order.first, other))
    return Notice(
        f"Nothing in column '{column}' tells day from month: the dates are read {order.first} first. "
        f"Settle it with date_format = \"{mine}\" or \"{theirs}\" in [read].",
        (GateId.STABILITY,),
    )  # fmt: skip


def _seconds(parsed: ParsedTimes, column: str) -> Notice:
    first, last = parsed.times.dt.year().cast(pl.String).drop_nulls().sort()[[0, -1]]
    return Notice(
        f"The numbers in column '{column}' are read as seconds since 1970, which makes them of {first} to {last}; "
        "a Mac counts from 2001, SAS and Stata from 1960. If that is wrong, export the dates as YYYY-MM-DD; "
        'date_format = "%s" in [read] says that it is right.',
        (GateId.STABILITY,),
    )


def _slips(values: pl.Series, column: str, order: Order) -> Notice:
    other = "month" if order.first == "day" else "day"
    rows = rows_where(_proofs(values, order.mark) == other)
    form = FORMATS[order.first].format(order.mark)
    return Notice(
        f"The dates in column '{column}' are read {order.first} first, but {rows} can only be {other} first. "
        f"Without them, date_format = \"{form}\" in [read] reads the rest."
    )  # fmt: skip


def _each_source(values: pl.Series, column: str, order: Order, sources: Sequence[pl.Series]) -> Timeline:
    """The dates read source by source, where one column tells the two orders apart."""
    proofs = _proofs(values, order.mark)
    for source in sources:
        table = pl.DataFrame({"source": source, "proof": proofs, "text": values.cast(pl.String)})
        counted = (
            table.filter(pl.col("text").str.contains(order.mark, literal=True))
            .group_by("source")
            .agg(day=(pl.col("proof") == "day").sum(), month=(pl.col("proof") == "month").sum())
        )
        if counted.select(
            (pl.min_horizontal("day", "month") == 0).all()
            & (pl.col("day") + pl.col("month") >= PROOFS_OF_A_SOURCE).all()
        ).item():
            return _by_source(values, column, source)
    less = "day" if order.day_proofs < order.month_proofs else "month"
    more = "month" if less == "day" else "day"
    few, many = int((proofs == less).sum()), int((proofs == more).sum())
    raise InputError(
        f"The dates in column '{column}' stand in two orders: {many:,} can only be {more} first, {few:,} only {less} "
        f"first ({rows_where(proofs == less)}). "
        "Export the dates as YYYY-MM-DD, or each source by itself with its date_format in [read]."
    )


def _by_source(values: pl.Series, column: str, source: pl.Series) -> Timeline:
    rows = pl.DataFrame({"source": source, "text": values}).with_row_index("row")
    parts = [part.select("row", time=parse_times(part["text"]).times) for part in rows.partition_by("source")]
    times = pl.concat(parts).sort("row")["time"].alias(values.name)
    whole = parse_times(values)
    unreadable = times.null_count() - whole.blank
    name = source.name.partition(":")[2] or source.name
    notice = Notice(
        f"The dates in column '{column}' stand in two orders, and column '{name}' tells which: each of its values is "
        "read in its own. One date_format in [read] cannot say this; export the dates as YYYY-MM-DD to be sure."
    )
    return Timeline(whole._replace(times=times, unreadable=unreadable), (notice,))


def _proofs(values: pl.Series, mark: str) -> pl.Series:
    texts = values.cast(pl.String).str.strip_chars()
    return pl.DataFrame({"text": texts}).select(proof=proof(mark)).to_series()


def _unread(parsed: ParsedTimes, values: pl.Series, column: str) -> tuple[Notice, ...]:
    filled = len(values) - parsed.blank
    if not filled or parsed.unreadable <= WORTH_A_WORD * filled:
        return ()
    blank = values.is_null()
    if not values.dtype.is_temporal():
        blank |= values.cast(pl.String).str.strip_chars() == ""
    rows = rows_where(parsed.times.is_null() & ~blank)
    gates = (GateId.STABILITY,) if parsed.unreadable > TOO_MANY * filled else ()
    text = (
        f"{parsed.unreadable:,} of {filled:,} dates in column '{column}' cannot be read ({rows}) and count as missing. "
        "If they are dates, date_format in [read] says how all are written."
    )
    return (Notice(text, gates),)


def _no_date(column: str) -> str:
    return (
        f"No value in column '{column}' is a date auditor can read. It reads {ACCEPTED} and the like, from 1900 to "
        "2100; say how the dates are written with date_format in [read], or choose another column with --time COL."
    )
