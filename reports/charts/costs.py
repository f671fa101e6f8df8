"""Costs: what both ways have cost by each month, and which figure moves the result most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.charts.common import (
    BLUE,
    HEIGHT,
    INK,
    ORANGE,
    ROW_HEIGHT,
    WIDTH,
    Chart,
    Table,
    distinct,
    finish,
    inline,
    name_axis,
)

if TYPE_CHECKING:
    from auditor.model import Cost

MOST_BARS = 8
MOST_MONTHS = 120
NAME_WIDTH = 26


def break_even(cost: Cost | None) -> Chart:
    """What prompting and training have cost by each month."""
    title = "What both ways cost"
    if cost is None:
        return Chart(title, "Costs are not known: nobody gave the volume a month, and the records have no dates.")
    import altair as alt

    crossing = cost.break_even_months or 0
    months = range(min(max(cost.payback_months, round(1.2 * crossing)), MOST_MONTHS) + 1)
    ways = ("Prompting", "Training")
    spent = [
        (month, cost.prompt_per_month * month, cost.first_training + cost.tuned_per_month * month) for month in months
    ]
    points = [
        {"month": month, "cost": each, "way": way}
        for month, *both in spent
        for way, each in zip(ways, both, strict=True)
    ]
    colour = alt.Color(
        "way:N",
        scale=alt.Scale(domain=ways, range=[BLUE, ORANGE]),
        legend=alt.Legend(title=None, orient="top", symbolType="stroke"),
    )
    drawing = (
        alt.Chart(inline(points))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("month:Q", title="Months", axis=alt.Axis(grid=False, tickCount=6, format="d")),
            y=alt.Y("cost:Q", title="Spent by then", axis=alt.Axis(format="~s", tickCount=5)),
            color=colour,
        )
    )
    if cost.break_even_months is None:
        caption = "The lines do not cross: with these prices training never pays for itself."
    else:
        caption = f"Training has paid for itself where the lines cross, after {crossing:,.0f} months."
    table = Table(("Month", *ways), tuple((f"{month}", f"{one:,.0f}", f"{other:,.0f}") for month, one, other in spent))
    return finish(title, caption, drawing.properties(width=WIDTH, height=HEIGHT), "break-even", table)


def tornado(cost: Cost | None) -> Chart:
    """The net result with one figure halved and doubled, the widest bar first."""
    title = "What moves the result most"
    ranked = sorted(cost.tornado, key=lambda bar: -abs(bar.at_double - bar.at_half)) if cost else []
    if not cost or not ranked:
        return Chart(title, "No single figure moves the result.")
    import altair as alt

    shown = ranked[:MOST_BARS]
    names = distinct([bar.label for bar in shown], NAME_WIDTH)
    data = [
        {"label": name, "half": bar.at_half, "double": bar.at_double} for name, bar in zip(names, shown, strict=True)
    ]
    base = alt.Chart(inline(data)).encode(y=alt.Y("label:N", sort=names, title=None, axis=name_axis()))
    axis = alt.Axis(format="~s", tickCount=4)
    half, double = (alt.X(f"{field}:Q", title=None, axis=axis) for field in ("half", "double"))
    drawing = alt.layer(
        base.mark_rule(color=BLUE, strokeWidth=4, opacity=0.4).encode(x=half, x2="double:Q"),
        base.mark_point(color=BLUE, filled=True, size=45).encode(x=half),
        base.mark_point(color=ORANGE, filled=True, size=45).encode(x=double),
        alt.Chart(inline([{"net": 0}])).mark_rule(color=INK, strokeDash=[4, 4]).encode(x="net:Q"),
    )
    caption = (
        f"Net saving after {cost.payback_months} months with one figure halved (blue) or doubled (orange). Left of the "
        "dashed line training loses money."
    )
    table = Table(
        ("Figure", "Halved", "Doubled"),
        tuple((bar.label, f"{bar.at_half:,.0f}", f"{bar.at_double:,.0f}") for bar in ranked),
    )
    return finish(title, caption, drawing.properties(width=180, height=ROW_HEIGHT * len(shown)), "tornado", table)
