"""Where training pays: volume by what an error costs."""

from __future__ import annotations

from itertools import groupby, pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any

from reports.charts.common import BLUE, FONT_SIZE, HEIGHT, INK, ORANGE, WIDTH, Chart, finish, inline
from reports.numbers import about, money
from reports.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from auditor.model import DecisionMap, Valuation

# By how many of the three prompts training beats.
SHADES = (0.0, 0.2, 0.5, 0.85)
TITLES = (
    "At today's volume and cost of an error training pays beside no likely prompt",
    "At today's volume and cost of an error training pays beside a weak prompt only",
    "At today's volume and cost of an error training pays, unless the prompt is a strong one",
    "At today's volume and cost of an error training pays beside any likely prompt",
)
# An area is named that has so many cells.
NAMED_FROM = 40


def decision_map(valuation: Valuation) -> Chart:
    """Shaded where training beats a weak, an expected and a strong prompt, with today's point."""
    found = valuation.map
    if found is None:
        return Chart("Where training pays", "Nothing is known to draw where training pays.")
    import altair as alt

    x = alt.Scale(type="log", domain=_ends(found.volumes, valuation.monthly_volume), nice=False)
    y = alt.Scale(type="log", domain=_ends(found.costs, valuation.error_cost), nice=False)
    across = alt.X("from:Q", scale=x, title="Records a month", axis=alt.Axis(format="~s", tickCount=4, grid=False))
    up = alt.Y("low:Q", scale=y, title="An error costs", axis=alt.Axis(format="$,.4~g", tickCount=4, grid=False))
    areas = (
        alt.Chart(inline(_areas(found)))
        .mark_rect(color=BLUE)
        .encode(x=across, x2="to:Q", y=up, y2="high:Q", opacity=alt.Opacity("shade:Q", scale=None))
    )
    names = (
        alt.Chart(inline(_names(found)))
        .mark_text(color=INK, fontSize=FONT_SIZE)
        .encode(x=alt.X("from:Q", scale=x), y=alt.Y("low:Q", scale=y), text="name:N")
    )
    today = alt.Chart(inline([{"from": valuation.monthly_volume, "low": valuation.error_cost, "name": "today"}]))
    place = {"x": alt.X("from:Q", scale=x), "y": alt.Y("low:Q", scale=y)}
    point = today.mark_point(color=ORANGE, filled=True, size=60).encode(**place)
    name = today.mark_text(color=INK, fontSize=FONT_SIZE, align="left", dx=7).encode(**place, text="name:N")
    caption = (
        "Shaded where the better trained way nets more than prompting: light beside a weak prompt only (one in twenty "
        "is weaker), darker beside the expected one, darkest beside a strong one too. All else as it is."
    )
    drawing = alt.layer(areas, names, point, name).properties(width=WIDTH - 50, height=HEIGHT)
    return finish(TITLES[found.here], caption, drawing, "map", _table(found))


def _ends(values: Sequence[float], today: float) -> list[float]:
    return [min(values[0], today), max(values[-1], today)]


def _areas(found: DecisionMap) -> Iterator[dict[str, Any]]:
    """Neighbours of one shade in a line are one rectangle."""
    volumes, costs = _edges(found.volumes), _edges(found.costs)
    for line, (low, high) in zip(found.pays, pairwise(costs), strict=True):
        start = 0
        for digit, run in groupby(line):
            end = start + len(list(run))
            if digit != "0":
                shade = SHADES[int(digit)]
                yield {"from": volumes[start], "to": volumes[end], "low": low, "high": high, "shade": shade}
            start = end


def _edges(middles: Sequence[float]) -> list[float]:
    """Of cells around the ``middles``; the outer ones end there."""
    return [middles[0], *(sqrt(low * high) for low, high in pairwise(middles)), middles[-1]]


def _names(found: DecisionMap) -> Iterator[dict[str, Any]]:
    def where(holds: Callable[[int], bool]) -> list[tuple[int, int]]:
        return [(j, i) for i, line in enumerate(found.pays) for j, digit in enumerate(line) if holds(int(digit))]

    for name, cells in (("prompt", where(lambda digit: not digit)), ("train", where(lambda digit: digit > 1))):
        if len(cells) >= NAMED_FROM:
            across, up = (sorted(cell[axis] for cell in cells)[len(cells) // 2] for axis in (0, 1))
            yield {"from": found.volumes[across], "low": found.costs[up], "name": name}


def _table(found: DecisionMap) -> Table:
    """From which cost of an error on training pays, for some volumes."""

    def least(column: int, prompts: int) -> str:
        short = [i for i, line in enumerate(found.pays) if int(line[column]) < prompts]
        first = short[-1] + 1 if short else 0
        if first == len(found.costs):
            return "–"
        return "any" if not first else money(found.costs[first])

    picked = range(0, len(found.volumes), max(1, len(found.volumes) // 5))
    lines = tuple((about(found.volumes[j]), *(least(j, prompts) for prompts in (1, 2, 3))) for j in picked)
    return Table(("Records a month", "Weak prompt: pays from", "Expected", "Strong"), lines)
