"""Whether the day or the month comes first in ``01/02/2020``: the whole column tells, or nothing does."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import polars as pl

First = Literal["day", "month", "year"]
MARKS = "/-."
# So few values of the other order are slips, and not a second system: half as many again are swapped unseen.
SLIPS = 0.01


class Order(NamedTuple):
    """Which number comes first in the dates with ``mark`` between them, and how many different values prove which.

    ``told`` is False where nothing in the column decides, and ``first`` is then a guess.
    """

    mark: str
    first: First
    told: bool
    day_proofs: int = 0
    month_proofs: int = 0

    @property
    def two_orders(self) -> bool:
        """Whether values prove both orders, and more than slips do."""
        less, more = sorted((self.day_proofs, self.month_proofs))
        return less > SLIPS * more and less > 0


def proof(mark: str) -> pl.Expr:
    """Of column ``text``: ``day`` or ``month``, whichever must come first in a value; null where both could."""
    pairs = pl.col("text").str.extract_groups(_pattern(mark))
    first, second = (pairs.struct.field(part).cast(pl.Int64) for part in ("first", "second"))
    return (
        pl.when((first > 12) & (second <= 12)).then(pl.lit("day"))
        .when((first <= 12) & (second > 12)).then(pl.lit("month"))
    )  # fmt: skip


def orders(texts: pl.Series) -> tuple[Order, ...]:
    """The order of the dates with each mark that ``texts`` holds."""
    return tuple(order for mark in MARKS if (order := _order(texts, mark)))


def _pattern(mark: str) -> str:
    between = re.escape(mark)
    return rf"^(?P<first>\d{{1,2}}){between}(?P<second>\d{{1,2}}){between}(?P<third>\d{{4}}|\d{{2}})(?:\D|$)"


def _order(texts: pl.Series, mark: str) -> Order | None:
    parts = texts.str.extract_groups(_pattern(mark)).struct.unnest().drop_nulls()
    if parts.is_empty():
        return None
    parts = parts.cast(pl.Int64).filter(pl.col("first").is_between(1, 31) & pl.col("second").is_between(1, 31))
    first, second, third = parts.iter_columns()
    if _year_first(first, second, third):
        return Order(mark, "year", True)
    proofs = pl.DataFrame({"text": texts}).select(proof=proof(mark)).to_series()
    day, month = int((proofs == "day").sum()), int((proofs == "month").sum())
    if day or month:
        return Order(mark, "day" if day > month else "month", True, day, month)
    if mark == ".":
        # Nobody who writes the month first puts points between.
        return Order(mark, "day", True)
    if (first == second).all():
        return Order(mark, "month", True)
    # One day in every month, in more years than one: reports of months, and no other order makes them.
    for of_day, of_month, name in ((first, second, "day"), (second, first, "month")):
        if of_day.n_unique() == 1 and of_month.n_unique() >= 3:
            return Order(mark, name, third.n_unique() >= 2)  # type: ignore[arg-type]
    return Order(mark, "month", False)


def _year_first(first: pl.Series, second: pl.Series, third: pl.Series) -> bool:
    """``24/01/31``: what stands last takes the values of a day, and what stands first hardly changes."""
    short = bool(len(third)) and bool(third.is_between(1, 31).all()) and bool((second <= 12).all())
    return short and bool((third > 12).any()) and first.n_unique() * 2 < third.n_unique()
