"""How the forecast of six months fares: on natural histories, shuffled ones, and planted drift (`six_months`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from auditor.estimators.ageing import Ageing, ageing, recent_shift
from auditor.estimators.forecast import (
    PRIOR_ERRORS,
    accuracy_ahead,
    expected,
    forecast,
    past_errors,
    periods_ahead,
    recency,
)
from auditor.estimators.prospective_gain import forecast_later
from auditor.interval import Z_90
from benchmarks.results import table
from benchmarks.six_months import DRIFT, NATURAL, PLANTS, SHUFFLED, History, histories

Values = NDArray[np.float64]
Way: TypeAlias = "Callable[[History], tuple[float, float, float]]"
LIMIT, LOST = 0.03, 0.08
# Errors of neighbouring origins stand together: drawn again two by two (moving blocks, Kuensch 1989).
BLOCK, DRAWS = 2, 2_000
MISS = 2 / 0.1
# Of nearly one class there is nothing to tell apart.
ONE_CLASS = 0.95


def interval_score(off: Values, half: Values | np.floating) -> Values:
    """Of intervals at 90 % that are ``half`` wide to either side (Gneiting and Raftery 2007), lower is better."""
    return np.asarray(2 * half + MISS * np.maximum(np.abs(off) - half, 0))


@dataclass(frozen=True)
class Told:
    """A forecast of each history: ``value`` (n,) and the ``spread`` (n,) of a t distribution of ``freedom`` (n,)."""

    value: Values
    spread: Values
    freedom: Values

    def half(self, level: float) -> Values:
        return np.asarray(t.ppf((1 + level) / 2, self.freedom) * self.spread)

    def held(self, got: Values, level: float) -> Values:
        return np.asarray(np.abs(got - self.value) <= self.half(level))

    def score(self, got: Values) -> Values:
        return interval_score(got - self.value, self.half(0.9))


def age_of(each: History) -> Ageing:
    calendar, periods = each.periods.calendar, each.periods.codes
    hits = np.bincount(periods[(periods >= 0) & each.right], minlength=len(calendar.names))
    shift = recent_shift(float(each.right.mean()), hits, calendar)
    found = ageing(each.now, each.then, each.answered, periods[each.asked], calendar, each.lacking, shift)
    assert found is not None
    return found


def now(each: History) -> tuple[float, float, float]:
    """The forecast as it stands: value, spread and freedom."""
    plain = forecast(each.accuracy, each.periods.calendar.rows, each.periods.calendar.months, each.horizon)
    later = forecast_later(each.promised, each.by_proxy, plain, age_of(each), each.horizon)
    assert plain is not None and later is not None
    assert later.low is not None and later.high is not None
    ahead = periods_ahead(each.periods.calendar.months, each.horizon)
    freedom = PRIOR_ERRORS + float(recency(plain.errors, each.periods.calendar.months).sum()) / ahead
    # Either end may be cut off at none or all.
    half = max(later.high - later.value, later.value - later.low)
    return later.value, half / float(t.ppf(0.95, freedom)), freedom


def before(each: History) -> tuple[float, float, float]:
    """As it was: t on the errors of this history alone, of all or of recent ones, two of which count as one."""
    ahead, months = periods_ahead(each.periods.calendar.months, each.horizon), each.periods.calendar.months
    squares = past_errors(each.accuracy, each.periods.calendar.rows, ahead, months) ** 2
    if not len(squares):
        return now(each)[0], 0.5 / float(t.ppf(0.95, 2.0)), 2.0
    independent = max(len(squares) / ahead, 1)
    recent = float(np.average(squares, weights=recency(len(squares), months)))
    spread = np.sqrt(max(float(squares.mean()), recent) * (1 + 1 / independent))
    return now(each)[0], float(spread), max(independent / 2, 2.0)


def same(each: History) -> tuple[float, float, float]:
    """Same as in the last such window, with what windows that follow each other differ by."""
    ahead = periods_ahead(each.periods.calendar.months, each.horizon)
    rows = each.periods.calendar.rows
    seen = np.array([accuracy_ahead(each.accuracy, rows, cut, ahead) for cut in range(len(rows) - ahead)])
    seen = seen[np.isfinite(seen)]
    steps = seen[ahead:] - seen[:-ahead]
    spread = float(np.sqrt((steps**2).mean())) if len(steps) else 0.05
    return float(seen[-1]) + each.promised - each.by_proxy, max(spread, 0.01), 1e6


def quantile(each: History) -> tuple[float, float, float]:
    """The mean of the past, and the 90 % quantile of the errors that it made."""
    ahead, months = periods_ahead(each.periods.calendar.months, each.horizon), each.periods.calendar.months
    errors = past_errors(each.accuracy, each.periods.calendar.rows, ahead, months)
    value = expected(each.accuracy, len(each.periods.calendar.rows) - 1, ahead, months) + each.promised - each.by_proxy
    half = float(np.quantile(np.abs(errors), 0.9)) if len(errors) else 0.05
    return value, max(half, 0.005) / float(norm.ppf(0.95)), 1e6


RIVALS: dict[str, Way] = {
    "as it stands": now,
    "before": before,
    "same as last period": same,
    "quantile of past errors": quantile,
}


def told(found: Sequence[History], way: Way) -> Told:
    return Told(*np.array([way(each) for each in found]).T)


def natural() -> list[History]:
    return [each for each in histories(NATURAL) if each.promised < ONE_CLASS and each.outcome is not None]


def outcomes(found: Sequence[History]) -> Values:
    """What a linear classifier got."""
    return np.array([each.outcome for each in found], float)


def sections() -> list[str]:
    """The tables of natural and of planted histories, apart."""
    parts = ["## Six months: natural histories"]
    found = natural()
    names = sorted({each.name for each in found})
    counted = ", ".join(f"{sum(each.name == name for each in found)} of {name}" for name in names)
    parts.append(
        f"{len(found)} origins ({counted}): NVD by half-year, imr_ca by year with twelve months ahead, CFPB by month "
        "with two ahead. A linear classifier trained until the cut, on what came after. What other histories count was "
        "chosen on NVD alone. Differences of the score with 90 % intervals by moving blocks of two origins of a series."
    )
    parts.append(_scores(found, RIVALS))
    parts += ["## Six months: planted drift", *_drift()]
    parts += ["## Six months: nothing drifts", *_still()]
    return parts


def _scores(found: Sequence[History], ways: dict[str, Way]) -> str:
    got = outcomes(found)
    ours = told(found, now).score(got)
    rows = []
    for name, way in ways.items():
        each = told(found, way)
        score = each.score(got)
        low, high = np.quantile(_again(found, score - ours), (0.05, 0.95))
        versus = "–" if way is now else f"{score.mean() - ours.mean():+.3f} ({low:+.3f} to {high:+.3f})"
        covers = (f"{each.held(got, level).mean():.2f}" for level in (0.5, 0.8, 0.9))
        width = f"± {100 * float(np.median(each.half(0.9))):.1f}"
        off = f"{100 * float(np.abs(each.value - got).mean()):.1f}"
        rows.append([name, *covers, f"{score.mean():.3f}", versus, width, off])
    head = ["forecast", "50 %", "80 %", "90 %", "score at 90 %", "less as it stands", "median width", "mean error"]
    return table(head, rows)


def _again(found: Sequence[History], values: Values) -> Values:
    """Means of ``values`` (n,) over series drawn again in blocks."""
    rng = np.random.default_rng(0)
    names = np.array([each.name for each in found])
    series = [values[names == name] for name in np.unique(names)]
    sums = np.zeros(DRAWS)
    for each in series:
        size = min(BLOCK, len(each))
        starts = rng.integers(0, len(each) - size + 1, (DRAWS, -(-len(each) // size)))
        drawn = each[starts[..., None] + np.arange(size)].reshape(DRAWS, -1)[:, : len(each)]
        sums += drawn.sum(axis=1)
    return sums / len(values)


def _drift() -> list[str]:
    every = histories(DRIFT)
    rows = []
    for kind in ("all", *PLANTS):
        of_kind = [each for each in every if kind in ("all", each.name.split(", ")[-1])]
        found = [each for each in of_kind if _lost(each) >= LOST]
        loss = np.array([age_of(each).loss(each.horizon) for each in found])
        error = np.array([Z_90 * age_of(each).loss_error(each.horizon) for each in found])
        lost = np.mean([_lost(each) for each in found])
        sure, above = int((loss - error > LIMIT).sum()), int((loss > LIMIT).sum())
        said = (f"{100 * each:.1f}" for each in (lost, loss.mean()))
        rows.append([kind, len(of_kind), len(found), *said, above, sure])
    return [
        "Four kinds of steady drift, of 24 months and the six after. Names: every month classes of 3 % of the records "
        "change theirs, to a new one or that of another class. Arriving: classes begin one after the other. Words: "
        "each word is replaced every six to ten months. Labels: more and more are drawn at random, up to a fifth or a "
        "third. Counted are those that a linear classifier loses 8 points in, by what it gets in random folds. "
        "Warned of (STA001): the figure of the loss lies above 3 points. Gate cautious: its whole interval does; where "
        "it does not, the gate is not known. The last table is of all.",
        table(["kind", "planted", "lose 8 points", "lost", "said", "warned of", "gate cautious"], rows),
        _scores(every, {"as it stands": now, "before": before, "same as last period": same}),
    ]


def _lost(each: History) -> float:
    return (each.in_time or 0.0) - (each.outcome or 0.0)


def _still() -> list[str]:
    found = histories(SHUFFLED)
    ages = [age_of(each) for each in found]
    loss = np.array([age.loss(each.horizon) for age, each in zip(ages, found, strict=True)])
    error = np.array([Z_90 * age.loss_error(each.horizon) for age, each in zip(ages, found, strict=True)])
    by_age = [age.by_age for age in ages if age.by_age is not None]
    aged = sum(slope > Z_90 * spread for slope, spread in by_age)
    mixed = sum(age.a_month > Z_90 * age.covariance[1][1] ** 0.5 > 0 for age in ages)
    sure, above = int((loss - error > LIMIT).sum()), int((loss > LIMIT).sum())
    around, none = int(((loss - error <= LIMIT) & (loss + error > LIMIT)).sum()), int((np.abs(loss) <= error).sum())
    return [
        f"{len(found)} sets with shuffled dates: mean loss {100 * loss.mean():+.2f} points (± "
        f"{100 * Z_90 * loss.std() / len(loss) ** 0.5:.2f}). Warned of {above}, gate cautious {sure}; not known "
        f"{around}. The interval of the loss holds none in {none}. By models of different age on records of one period "
        f"{aged} of {len(by_age)} seem to age, {mixed} by all records at once.",
    ]
