"""Training, validation and the latest tenth: in order of time, what hangs together in one part."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.keys import Lots

# Of the rows, validation and the latest part hold so much each (as trials do, decision 18).
SHARE = 0.1
# With fewer rows a tenth says nothing.
LEAST = 100


class Part(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def parts(times: pl.Series, groups: NDArray[np.int64], lots: Lots) -> NDArray[np.str_]:
    """The part (n,) of each row: the latest tenth is `TEST`, the tenth before it `VALIDATION`.

    A group (n,) is wholly in the part of its last date. Groups without a date, and those of more than a tenth of all
    rows, are learnt from; where no row has a date the parts are drawn at random.

    Raises InputError where there are fewer than 100 rows, or all hang together.
    """
    n = len(groups)
    if n < LEAST:
        raise InputError(f"A training set needs {LEAST} records; the audit used {n:,}.")
    table = pl.DataFrame({"group": groups, "time": times, "lot": lots.drawn("parts")})
    held = table.group_by("group").agg(pl.col("time").max(), pl.len().alias("rows"), pl.col("lot").min())
    movable = pl.col("rows") <= max(SHARE * n, 1)
    if times.null_count() < n:
        movable &= pl.col("time").is_not_null()
    order = held.filter(movable).sort("time", "lot", descending=True, nulls_last=True)
    reached = order["rows"].cum_sum() - order["rows"]
    part = (
        pl.when(reached < SHARE * n)
        .then(pl.lit(Part.TEST))
        .when(reached < 2 * SHARE * n)
        .then(pl.lit(Part.VALIDATION))
        .otherwise(pl.lit(Part.TRAIN))
    )
    placed = order.select("group", part.alias("part"))
    found = table.join(placed, on="group", how="left", maintain_order="left")["part"].fill_null(Part.TRAIN).to_numpy()
    if not all((found == each).any() for each in Part):
        raise InputError("The records cannot be parted: most of them hang together as one group.")
    return np.asarray(found, dtype=np.str_)
