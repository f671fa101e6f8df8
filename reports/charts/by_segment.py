"""Segments: where a model doubts the labels more than elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.charts.common import (
    BLUE,
    INK,
    ORANGE,
    ROW_HEIGHT,
    Chart,
    distinct,
    domain,
    finish,
    in_the_table,
    inline,
    name_axis,
    percent_axis,
)
from reports.numbers import count, share
from reports.tables import Table
from reports.words import plural

if TYPE_CHECKING:
    from auditor.model import SegmentDoubt

MOST_SEGMENTS = 15
NAME_WIDTH = 24


def doubt_by_segment(segments: tuple[SegmentDoubt, ...]) -> Chart:
    """The share of labels that a model doubts in each segment, with its interval, against all of them."""
    title = "Labels that a model doubts, by segment"
    if not segments:
        return Chart(title, "Labels by segment were not measured: no column says where a record comes from.")
    import altair as alt

    shown = segments[:MOST_SEGMENTS]
    names = distinct([f"{each.column}={each.value}" for each in shown], NAME_WIDTH)
    overall = sum(each.share * each.rows for each in segments) / sum(each.rows for each in segments)
    data = [
        {
            "label": name,
            "share": each.share,
            "low": each.low,
            "high": each.high,
            "ink": ORANGE if each.low > overall else BLUE,
        }
        for name, each in zip(names, shown, strict=True)
    ]
    reach = [bound for each in shown for bound in (each.low, each.high)]
    scale = alt.Scale(domain=list(domain([*reach, overall])), nice=False)
    x, x_low = (alt.X(f"{field}:Q", title=None, scale=scale, axis=percent_axis(4)) for field in ("share", "low"))
    colour = alt.Color("ink:N", scale=None)
    base = alt.Chart(inline(data)).encode(y=alt.Y("label:N", sort=names, title=None, axis=name_axis()), color=colour)
    drawing = alt.layer(
        base.mark_rule(strokeWidth=4, opacity=0.4).encode(x=x_low, x2="high:Q"),
        base.mark_point(filled=True, size=50).encode(x=x),
        alt.Chart(inline([{"share": overall}])).mark_rule(color=INK, strokeDash=[4, 4]).encode(x=x),
    )
    worse = sum(each.low > overall for each in segments)
    caption = (
        f"The dashed line is all segments together, {share(overall)}; each bar is the 90 % interval. "
        f"{plural(worse, 'segment lies', 'segments lie')} wholly above it, in orange."
    )
    caption += in_the_table(len(segments) - len(shown), "more segment")
    table = Table(
        ("Segment", "Records", "Doubted", "From", "To"),
        tuple(
            (f"{each.column}={each.value}", count(each.rows), share(each.share), share(each.low), share(each.high))
            for each in segments
        ),
    )
    title = f"{plural(worse, 'segment')} of {len(segments)} with more doubtful labels than the rest"
    return finish(title, caption, drawing.properties(width=190, height=ROW_HEIGHT * len(shown)), "segments", table)
