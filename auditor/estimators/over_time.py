"""Retrieval and training on the same records as time goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.estimators.forecast import periods_ahead
from auditor.model import BenefitOverTime
from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.estimators.in_order import InOrder

BENEFIT_OVER_TIME: Key[BenefitOverTime] = Key("benefit over time")


def over_time(found: InOrder, horizon: int) -> BenefitOverTime:
    """Three accuracies per period, of past models and of the vote; ``horizon`` in months."""
    chosen, periods, truth = found.calendar, found.period, found.truth
    lag = periods_ahead(chosen.months, horizon)

    def trained(before: int) -> tuple[float | None, ...]:
        said = found.by_age(np.array([before]))[:, 0]
        return _shares(said == truth, said >= 0, periods, len(chosen.names))

    everywhere = np.ones(len(truth), bool)
    return BenefitOverTime(
        chosen.names,
        tuple(int(rows) for rows in np.bincount(periods, minlength=len(chosen.names))),
        _shares(found.retrieved == truth, everywhere, periods, len(chosen.names)),
        trained(1),
        trained(lag),
        lag * chosen.months,
    )


def _shares(
    right: NDArray[np.bool_], counted: NDArray[np.bool_], periods: NDArray[np.int32], n_periods: int
) -> tuple[float | None, ...]:
    asked = np.bincount(periods[counted], minlength=n_periods)
    hits = np.bincount(periods[counted & right], minlength=n_periods)
    return tuple(float(hit / rows) if rows else None for hit, rows in zip(hits, asked, strict=True))
