"""Time: retrieval beside training, a model's age with its forecast, and when each class was in use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reports.charts.common import (
    BLUE,
    HEIGHT,
    ORANGE,
    ROW_HEIGHT,
    WIDTH,
    Chart,
    distinct,
    finish,
    finite,
    in_the_table,
    inline,
    name_axis,
    share_y,
)
from reports.numbers import count, share
from reports.tables import Table
from reports.words import listed, plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import altair as alt

    from auditor.model import BenefitOverTime, Stability

MOST_CLASSES = 15
NAME_WIDTH = 22


def over_time(line: BenefitOverTime | None) -> Chart:
    """Accuracy per period of retrieval from the days before and of the model that was trained a horizon before."""
    title = "Retrieval and training as time goes on"
    if line is None:
        return Chart(title, "Retrieval was not followed over time: it needs dated records over several periods.")
    shown = [
        (period, rows, finite(retrieval), finite(retrained), finite(aged))
        for period, rows, retrieval, retrained, aged in zip(
            line.periods, line.rows, line.retrieval, line.retrained, line.aged, strict=True
        )
        if rows and finite(retrieval) is not None
    ]
    pairs = [(retrieval, aged) for _, _, retrieval, _, aged in shown if retrieval is not None and aged is not None]
    if not pairs:
        return Chart(title, "Retrieval was not followed over time: no period has an earlier model to set beside it.")
    import altair as alt

    names = [period for period, *_ in shown]
    lines = ("Retrieval", f"Trained {line.horizon_months} months before")
    points = [
        {"period": period, "value": value, "line": label}
        for period, _, retrieval, _, aged in shown
        for label, value in zip(lines, (retrieval, aged), strict=True)
        if value is not None
    ]
    reach = [value for _, _, retrieval, _, aged in shown for value in (retrieval, aged)]
    y = share_y("value", reach)
    x = alt.X(
        "period:N",
        sort=names,
        title=None,
        axis=alt.Axis(labelAngle=-45, labelOverlap="greedy", grid=False),
        scale=alt.Scale(type="point"),
    )
    colour = alt.Color(
        "line:N",
        sort=lines,
        scale=alt.Scale(domain=lines, range=[BLUE, ORANGE]),
        legend=alt.Legend(title=None, orient="top", symbolType="circle", labelLimit=200),
    )
    base = alt.Chart(inline(points)).encode(x=x, y=y, color=colour)
    drawing = alt.layer(base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=30))
    ahead = sum(aged > retrieval for retrieval, aged in pairs)
    caption = (
        f"Both answer the same records of each period. Retrieval sees every label up to the day before; the model was "
        f"trained {line.horizon_months} months earlier. The model is ahead in {ahead} of "
        f"{plural(len(pairs), 'period')}."
    )
    table = Table(
        ("Period", "Records", "Retrieval", "Trained just before", f"Trained {line.horizon_months} months before"),
        tuple((period, count(rows), *map(share, values)) for period, rows, *values in shown),
    )
    title = f"Training is ahead of retrieval in {ahead} of {plural(len(pairs), 'period')}"
    return finish(title, caption, drawing.properties(width=WIDTH, height=HEIGHT), "over-time", table)


def class_timeline(stability: Stability | None) -> Chart:
    """When the classes that changed were in use, darker where they carried more of the volume."""
    title = "Classes that appeared, ended or changed"
    changed = [line for line in stability.timeline if line.changes] if stability else []
    if not stability or not changed:
        return Chart(title, "No class appeared, ended or changed its name in the time that the records span.")
    import altair as alt

    shown = changed[:MOST_CLASSES]
    names = distinct([line.label for line in shown], NAME_WIDTH)
    cells, marks = [], []
    for name, line in zip(names, shown, strict=True):
        most = max(line.shares) or 1.0
        cells += [
            {"label": name, "period": period, "weight": value / most}
            for period, value in zip(stability.periods, line.shares, strict=True)
            if value
        ]
        placed = {period_of(change.month, stability.periods) for change in line.changes}
        marks += [{"label": name, "period": period} for period in sorted(placed - {""})]
    x = alt.X(
        "period:N",
        sort=list(stability.periods),
        title=None,
        axis=alt.Axis(labelAngle=-45, labelOverlap="greedy", grid=False, domain=False, ticks=False),
        scale=alt.Scale(domain=list(stability.periods), paddingInner=0.05),
    )
    y = alt.Y("label:N", sort=names, title=None, axis=name_axis())
    opacity = alt.Opacity("weight:Q", scale=alt.Scale(domain=[0, 1], range=[0.15, 1]), legend=None)
    layers: list[alt.Chart] = [
        alt.Chart(inline(cells)).mark_rect(color=BLUE, height=13).encode(x=x, y=y, opacity=opacity)
    ]
    if marks:
        layers.append(
            alt.Chart(inline(marks)).mark_point(color=ORANGE, filled=True, size=40, shape="diamond").encode(x=x, y=y)
        )
    caption = (
        "Each row is a class, darker where it carried more records; a diamond is a change. A model knows nothing of "
        "what begins after its training."
    )
    caption += in_the_table(len(changed) - len(shown), "more class", "more classes")
    table = Table(
        ("Class", "What happened", "From", "With", "Known from"),
        tuple(
            (line.label, change.kind, f"{change.month:%Y-%m}", listed(change.others) or "–", change.source)
            for line in changed
            for change in line.changes
        ),
    )
    drawing = alt.layer(*layers).properties(width=195, height=ROW_HEIGHT * len(shown))
    title = f"{plural(len(changed), 'class', 'classes')} appeared, ended or changed"
    return finish(title, caption, drawing, "timeline", table)


def period_of(day: date, periods: Sequence[str]) -> str:
    """The period that a day falls in, read from how periods are written; empty where none is."""
    half, quarter = (day.month - 1) // 6 + 1, (day.month - 1) // 3 + 1
    written = {f"{day:%Y}", f"{day:%Y-%m}", f"{day:%Y} H{half}", f"{day:%Y} Q{quarter}"}
    for period in periods:
        first, _, last = period.partition(" to ")
        if (last and first <= f"{day:%Y-%m}" <= last) or re.sub(r"-(?=[HQ])", " ", period) in written:
            return period
    return ""
