"""What each next step is worth beyond its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.charts.common import BLUE, FONT_SIZE, INK, ROW_HEIGHT, Chart, finish, inline, name_axis
from reports.numbers import money
from reports.tables import Table
from reports.words import plural

if TYPE_CHECKING:
    from auditor.model import Valuation

AFRESH = "{} labelled afresh"


def next_steps(valuation: Valuation) -> Chart:
    """A bar for each size of a fresh sheet, and for reading the listed records."""
    steps = [
        (AFRESH.format(plural(each.rows, "record")), each.worth, each.cost, each.worth - each.cost)
        for each in valuation.sheets
    ]
    if repair := valuation.repair:
        steps.append(
            (f"{plural(repair.rows, 'listed record')} read", repair.net + repair.cost, repair.cost, repair.net)
        )
    if not steps:
        return Chart("What a next step is worth", "No next step would tell anything that money hangs on.")
    import altair as alt

    name, _, cost, left = max(steps, key=lambda step: step[3])
    title = f"{name}: worth most, {money(left, whole=True)} for {money(cost, whole=True)}"
    if left <= 0:
        title = "No measurement and no repair is worth its cost"
    data = [
        {"name": each[0], "left": each[3], "end": max(each[3], 0.0), "text": money(each[3], whole=True)}
        for each in steps
    ]
    low, high = (chosen(0.0, *(each[3] for each in steps)) for chosen in (min, max))
    x = alt.Scale(domain=[low, high + 0.45 * ((high - low) or 1)], nice=False)
    base = alt.Chart(inline(data)).encode(y=alt.Y("name:N", sort=None, title=None, axis=name_axis()))
    bars = base.mark_bar(color=BLUE, height=9).encode(x=alt.X("left:Q", axis=None, scale=x))
    figures = base.mark_text(align="left", dx=4, color=INK, fontSize=FONT_SIZE).encode(
        x=alt.X("end:Q", axis=None, scale=x), text="text:N"
    )
    caption = (
        f"What each step is expected to save in {valuation.months} months, less its cost. What a sheet tells levels "
        "off as it grows; its cost does not."
    )
    table = Table(
        ("Step", "Expected to save", "Costs", "Left over"),
        tuple((each[0], *(money(value, whole=True) for value in each[1:])) for each in steps),
    )
    drawing = alt.layer(bars, figures).properties(width=150, height=ROW_HEIGHT * len(steps))
    return finish(title, caption, drawing, "next-steps", table)
