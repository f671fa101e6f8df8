"""The backtest, as a matrix and as decay with age."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from reports.charts.common import (
    BLUE,
    FONT_SIZE,
    HEIGHT,
    INK,
    ORANGE,
    WIDTH,
    Chart,
    distinct,
    finish,
    finite,
    inline,
    share_y,
)
from reports.numbers import share
from reports.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import altair as alt

    from auditor.model import BacktestMatrix, Stability

MOST_PERIODS_WITH_TEXT = 14


class _Cell(NamedTuple):
    i: int
    j: int
    accuracy: float
    rows: int


def backtest_matrix(matrix: BacktestMatrix | None) -> Chart:
    """Accuracy by the period that training ended in and the period scored."""
    title = "Trained until one period, scored on a later one"
    cells = _cells(matrix)
    if not matrix or not cells:
        return Chart(title, "No backtest: the export has no dates, or too few periods with enough rows.")
    import altair as alt

    names = distinct(matrix.periods, 12)
    values = [cell.accuracy for cell in cells]
    low, high = min(values), max(values)
    middle = (low + high) / 2
    data = [
        {
            "trained": names[cell.i],
            "scored": names[cell.j],
            "accuracy": cell.accuracy,
            "text": f"{cell.accuracy * 100:.0f}",
            # Cividis runs from dark to light, so the ink turns at its middle.
            "ink": "#ffffff" if cell.accuracy < middle else "#000000",
        }
        for cell in cells
    ]
    crowded = len(names) > MOST_PERIODS_WITH_TEXT
    side = min(WIDTH, 44 * len(names))
    axis = alt.Axis(labelAngle=-45, labelOverlap=crowded, grid=False, domain=False, ticks=False)
    upright = alt.Axis(labelOverlap=crowded, grid=False, domain=False, ticks=False)
    shown_columns = [name for index, name in enumerate(names) if any(cell.j == index for cell in cells)]
    shown_rows = [name for index, name in enumerate(names) if any(cell.i == index for cell in cells)]
    base = alt.Chart(inline(data)).encode(
        x=alt.X("scored:N", sort=shown_columns, title="Scored on", axis=axis),
        y=alt.Y("trained:N", sort=shown_rows, title="Trained until the end of", axis=upright),
    )
    legend = alt.Legend(title=None, format="%", gradientLength=120) if crowded else None
    colour = alt.Color(
        "accuracy:Q",
        scale=alt.Scale(scheme="cividis", domain=[low, high if high > low else low + 0.01]),
        legend=legend,
    )
    layers: list[alt.Chart] = [base.mark_rect().encode(color=colour)]
    if not crowded:
        ink = alt.Color("ink:N", scale=None, legend=None)
        layers.append(base.mark_text(fontSize=11).encode(text="text:N", color=ink))
    drawing = alt.layer(*layers).resolve_scale(color="independent").properties(width=side, height=side * 0.8)
    caption = (
        f"Each square is a model trained until one period and scored on a later one: {share(low)} right where it is "
        f"dark, {share(high)} where it is light. A dark column is a time that no earlier model was ready for."
    )
    table = Table(
        ("Trained until", *names),
        tuple(
            (names[i], *(share(value) for value in line))
            for i, line in enumerate(matrix.accuracy)
            if any(cell.i == i for cell in cells)
        ),
    )
    title = f"Models of the past got {share(low)} to {share(high)} of later records right"
    return finish(title, caption, drawing, "matrix", table)


def decay_by_age(matrix: BacktestMatrix | None, stability: Stability | None = None) -> Chart:
    """How accuracy falls with the age of the model, against accuracy inside the training period, and the forecast."""
    title = "Accuracy as a model ages"
    cells = _cells(matrix)
    if not matrix or not cells:
        return Chart(title, "No decay curve: it needs a backtest over dated rows.")
    import altair as alt

    ages: dict[int, list[_Cell]] = {}
    for cell in cells:
        ages.setdefault(cell.j - cell.i, []).append(cell)
    pooled = {age: _pooled(ages[age]) for age in sorted(ages)}
    data = [{"age": age, **point} for age, point in pooled.items()]
    in_time = matrix.in_time_accuracy
    reach = [bound for point in pooled.values() for bound in (point["least"], point["most"])]
    reach.append(in_time)
    if stability and stability.forecast:
        reach += [bound for bound in (stability.forecast.low, stability.forecast.high) if bound is not None]
    y = share_y("mean", reach)
    unit = period_noun(matrix.periods)
    x = alt.X(
        "age:Q",
        title=f"{unit.capitalize()} after training ended",
        axis=alt.Axis(format="d", tickMinStep=1, tickCount=5, grid=False),
    )
    base = alt.Chart(inline(data))
    layers: list[alt.Chart] = [
        base.mark_area(color=ORANGE, opacity=0.2).encode(x=x, y=share_y("least", reach), y2="most:Q"),
        base.mark_line(color=ORANGE, strokeWidth=2).encode(x=x, y=y),
        base.mark_point(color=ORANGE, filled=True, size=45).encode(x=x, y=y),
    ]
    if math.isfinite(in_time):
        reference = alt.Chart(inline([{"mean": in_time}]))
        layers.append(reference.mark_rule(color=BLUE, strokeDash=[5, 4], strokeWidth=2).encode(y=y))
        layers.append(_named("not aged", max(pooled), in_time, x, y, "right", -8))
    ahead = stability.forecast if stability and stability.ages else None
    if ahead and stability and ahead.low is not None and ahead.high is not None:
        age = ahead.months / stability.ages[0].months
        expected = alt.Chart(inline([{"age": age, "mean": ahead.value, "least": ahead.low, "most": ahead.high}]))
        layers.append(expected.mark_rule(color=BLUE, strokeWidth=3).encode(x=x, y=share_y("least", reach), y2="most:Q"))
        layers.append(expected.mark_point(color=BLUE, filled=True, shape="diamond", size=110).encode(x=x, y=y))
        layers.append(_named("forecast", age, ahead.high, x, y, "left", 8))
    first, last = data[0], data[-1]

    def noun(age: float) -> str:
        return unit.removesuffix("s") if age == 1 else unit

    title = (
        f"Models get {share(first['mean'])} right after {first['age']} {noun(first['age'])}, "
        f"{share(last['mean'])} after {last['age']}"
    )
    caption = (
        f"Random folds promise {share(in_time)}, the dashed line. The band runs from the worst to the best model "
        "of the past. The surrogate is kept plain for this."
    )
    if ahead and ahead.low is not None:
        caption += (
            f" The diamond is the forecast for its full form over the next {ahead.months} months: "
            f"{share(ahead.value)}, with its 90 % interval."
        )
    table = Table(
        ("Age", "Right", "Worst", "Best"),
        tuple(
            (f"{point['age']:.0f} {noun(point['age'])}", *(share(point[key]) for key in ("mean", "least", "most")))
            for point in data
        ),
    )
    return finish(title, caption, alt.layer(*layers).properties(width=WIDTH, height=HEIGHT), "decay", table)


def _named(
    text: str, age: float, mean: float, x: alt.X, y: alt.Y, align: Literal["left", "right"], dy: int
) -> alt.Chart:
    """What stands at a point of the drawing, in words beside it."""
    import altair as alt

    aside = 8 if align == "left" else 0
    point = alt.Chart(inline([{"age": age, "mean": mean}]))
    mark = point.mark_text(align=align, dx=aside, dy=dy, color=INK, fontSize=FONT_SIZE)
    named: alt.Chart = mark.encode(x=x, y=y, text=alt.value(text))
    return named


def period_noun(periods: Iterable[str]) -> str:
    """What one period is, read from how all of them are written."""
    patterns = {
        "years": r"\d{4}",
        "half-years": r"\d{4}[- ]?H[12]",
        "quarters": r"\d{4}[- ]?Q[1-4]",
        "months": r"\d{4}-\d{2}",
    }
    names = list(periods)
    for noun, pattern in patterns.items():
        if names and all(re.fullmatch(pattern, name) for name in names):
            return noun
    return "periods"


def _cells(matrix: BacktestMatrix | None) -> list[_Cell]:
    """The scored cells of the matrix, with the rows that each was scored on."""
    if matrix is None:
        return []
    return [
        _Cell(i, j, accuracy, matrix.rows[j] if j < len(matrix.rows) else 1)
        for i, line in enumerate(matrix.accuracy[: len(matrix.periods)])
        for j, value in enumerate(line[: len(matrix.periods)])
        if (accuracy := finite(value)) is not None
    ]


def _pooled(cells: Sequence[_Cell]) -> dict[str, float]:
    weight = sum(cell.rows for cell in cells)
    right = sum(cell.accuracy * cell.rows for cell in cells)
    values = [cell.accuracy for cell in cells]
    mean = right / weight if weight else sum(values) / len(values)
    return {"mean": mean, "least": min(values), "most": max(values)}
