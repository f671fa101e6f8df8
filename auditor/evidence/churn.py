"""Rows by month and class, and those that changed hands when a class was born or died."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.estimators.churn import Event, MonthlyCounts, Moved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from auditor.estimators.churn import ClassEvent
    from auditor.evidence.moments import Codes


def monthly_counts(times: pl.Series, codes: Codes, n_classes: int) -> MonthlyCounts:
    """Dated rows per calendar month and class; months without rows stay, as zeros."""
    starts = pl.DataFrame({"month": times.dt.truncate("1mo").dt.date(), "code": codes}).drop_nulls()
    calendar = starts.select(pl.date_range(pl.col("month").min(), pl.col("month").max(), "1mo")).to_series()
    index = pl.DataFrame({"month": calendar}).with_row_index("index")
    placed = starts.join(index, on="month", how="left")
    counts = np.zeros((len(calendar), n_classes), np.int64)
    np.add.at(counts, (placed["index"].to_numpy(), placed["code"].to_numpy()), 1)
    return MonthlyCounts(tuple(calendar.to_list()), counts)


def moves(
    events: tuple[ClassEvent, ...],
    predicted: NDArray[np.int16],
    periods: NDArray[np.int32],
    codes: Codes,
    times: pl.Series,
    n_classes: int,
) -> Iterator[Moved]:
    """Of each event that a model was trained before: what the last such model, of those that ``predicted`` (P, n) the
    later of the rows of ``periods`` (n,), says of the texts that changed hands.
    """
    dates = times.dt.date()
    for event in events:
        later = (dates >= event.month).fill_null(value=False).to_numpy()
        cut = _cut_before(later, periods)
        if cut < 0:
            continue
        said = predicted[cut]
        of_death = later & (said == event.code) & (codes != event.code)
        of_birth = later & (codes == event.code) & (said >= 0) & (said != event.code)
        others = codes[of_death] if event.event is Event.DIED else said[of_birth]
        yield Moved(event, np.bincount(others, minlength=n_classes))


def _cut_before(later: NDArray[np.bool_], periods: NDArray[np.int32]) -> int:
    """The last period that is over before the first of the ``later`` rows (n,); -1 without one."""
    trained_until = int(periods[~later & (periods >= 0)].max(initial=-1))
    first_later = int(periods[later].min(initial=np.iinfo(np.int32).max))
    return min(trained_until, first_later - 1)
