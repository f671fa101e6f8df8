"""Which figure of the sum moves its result most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.charts.common import (
    BLUE,
    INK,
    ORANGE,
    ROW_HEIGHT,
    Chart,
    distinct,
    finish,
    inline,
    name_axis,
)
from reports.numbers import money
from reports.tables import Table
from reports.words import inside, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import TornadoBar

MOST_BARS = 8
NAME_WIDTH = 26


def _decides(ranked: Sequence[TornadoBar]) -> str:
    """Which figure, halved or doubled, turns a loss into a gain or back."""
    turning = [bar for bar in ranked if min(bar.at_half, bar.at_double) < 0 < max(bar.at_half, bar.at_double)]
    if not turning:
        pays = ranked[0].at_half > 0
        return (
            "Training pays, whichever figure is halved or doubled" if pays else "No figure by itself makes training pay"
        )
    others = f" and {plural(len(turning) - 1, 'other figure')}" if len(turning) > 1 else ""
    return f"Whether training pays turns on {inside(turning[0].label)}{others}"


def tornado(moves: Sequence[TornadoBar], months: int) -> Chart:
    """The net result with one figure halved and doubled, the widest bar first."""
    title = "What moves the result most"
    ranked = sorted(moves, key=lambda bar: -abs(bar.at_double - bar.at_half))
    if not ranked:
        return Chart(title, "No single figure moves the result.")
    import altair as alt

    shown = ranked[:MOST_BARS]
    names = distinct([bar.label for bar in shown], NAME_WIDTH)
    data = [
        {"label": name, "half": bar.at_half, "double": bar.at_double} for name, bar in zip(names, shown, strict=True)
    ]
    base = alt.Chart(inline(data)).encode(y=alt.Y("label:N", sort=names, title=None, axis=name_axis()))
    axis = alt.Axis(format="$~s", tickCount=4)
    half, double = (alt.X(f"{field}:Q", title=None, axis=axis) for field in ("half", "double"))
    drawing = alt.layer(
        base.mark_rule(color=BLUE, strokeWidth=4, opacity=0.4).encode(x=half, x2="double:Q"),
        base.mark_point(color=BLUE, filled=True, size=45).encode(x=half),
        base.mark_point(color=ORANGE, filled=True, size=45).encode(x=double),
        alt.Chart(inline([{"net": 0}])).mark_rule(color=INK, strokeDash=[4, 4]).encode(x="net:Q"),
    )
    caption = (
        f"What training nets over prompting in {months} months with one figure halved (blue) or doubled (orange), all "
        "others as they are. Left of the dashed line it loses money."
    )
    table = Table(
        ("Figure", "Halved", "Doubled"),
        tuple((bar.label, money(bar.at_half, whole=True), money(bar.at_double, whole=True)) for bar in ranked),
    )
    return finish(
        _decides(ranked), caption, drawing.properties(width=180, height=ROW_HEIGHT * len(shown)), "tornado", table
    )
