"""Which records to read again, first the one whose reading is expected to be worth most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from auditor.errors import InputError
from auditor.estimators.label_cost import RIGHT_OF_CHANGED
from auditor.evidence.rows import HABIT
from auditor.inputs.corrections import READ

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from auditor.handover.finished import Finished

# Halvings of the interval in which the scale of the doubts lies.
_HALVINGS = 60


@dataclass(frozen=True, eq=False)
class Queue:
    """``rows`` of the finished audit's frame, most worth reading first, with columns ``chance`` (that the label is
    wrong) and ``worth`` (of reading it, in money over the horizon, before the ``price``; null where the audit puts none
    on wrong labels). ``listed``: they are those that a repair reads. ``read`` counts those left out as people have read
    them, ``suspect`` the suspect records of the whole export where a repair does not read them all.
    """

    rows: pl.DataFrame
    price: float
    listed: bool
    read: int
    suspect: int


def queue(audit: Finished, most: int | None = None) -> Queue:
    """The records that a repair reads; where the audit lists none, the suspect ones.

    ``most`` takes the first so many of all records instead. All wrong labels together are worth what the repair gives
    back, each its part of that; reading a record is worth this times the chance that its label is wrong.

    Raises InputError where no record is left to read, or the audit did not judge the labels.
    """
    frame = audit.frame.filter(pl.col("usable") & pl.col("label_quality").is_not_null())
    habit = (frame["reason"] == HABIT).fill_null(value=False)
    noise = audit.report["estimates"].get("label_noise_rate")
    if noise is None:
        raise InputError(
            "The audit did not say how many labels look wrong: LAB001 did not run. Audit the export with it."
        )
    frame = frame.with_columns(
        chance=pl.Series(chances(frame["label_quality"].to_numpy(), habit.to_numpy(), noise["value"]))
    )
    listed = bool(frame["listed"].any())
    chosen = frame if most is not None else frame.filter("listed" if listed else pl.col("reason").is_not_null())
    each, price = _money(audit.report, float(frame.filter("listed")["chance"].sum()))
    worth = pl.lit(None, pl.Float64) if each is None else pl.col("chance") * each
    left = chosen.filter(~pl.col(READ)) if READ in chosen.columns else chosen
    if left.is_empty():
        raise InputError("There is nothing to relabel: the audit doubts no label that nobody has read yet.")
    ranked = left.with_columns(worth=worth).sort("chance", "label_quality", "key", descending=[True, False, False])
    more = int(frame["reason"].is_not_null().sum()) if listed and most is None else 0
    # More than polars counts to may be asked for.
    first = ranked if most is None else ranked.head(min(most, len(ranked)))
    return Queue(first, price, listed, len(chosen) - len(left), more)


def chances(quality: NDArray[np.float64], habit: NDArray[np.bool_], rate: float) -> NDArray[np.float64]:
    """The chance (n,) that each label is wrong: doubt, scaled so that it adds up to the ``rate`` of wrong labels.

    Of a source's ``habit`` (n,), which a model repeats and so does not doubt, as many are wrong as of the answers that
    change once the habit is put right (decision 16).
    """
    doubt = np.where(habit, 0.0, 1 - quality)
    wanted = max(rate * len(quality) - RIGHT_OF_CHANGED * habit.sum(), 0.0)
    low, high = 0.0, len(quality) / max(float(doubt.sum()), 1e-9)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(middle * doubt, 1).sum() < wanted else (low, middle)
    return np.where(habit, RIGHT_OF_CHANGED, np.minimum(high * doubt, 1))


def _money(report: Mapping[str, Any], wrong: float) -> tuple[float | None, float]:
    """What a corrected label is worth over the horizon where the repair finds so many ``wrong`` ones, and what reading
    a record costs; None where nothing is listed.
    """
    valuation = report["valuation"]
    repair = valuation and valuation["repair"]
    if not repair or not wrong:
        return None, 0.0
    gained = repair["recovered"] * valuation["months"] * valuation["monthly_volume"] * valuation["error_cost"]
    price = next(each["value"] for each in valuation["assumptions"] if each["key"] == "review_price")
    return gained / wrong, price
