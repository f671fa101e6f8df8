"""Accuracy as rows grow, and one approach against another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.charts.common import (
    BLUE,
    FONT_SIZE,
    HEIGHT,
    INK,
    WIDTH,
    Chart,
    domain,
    finish,
    finite,
    inline,
    name_axis,
    percent_axis,
    share_y,
)
from reports.numbers import count, estimate_value, figure, interval_words, share
from reports.tables import Table
from reports.words import ESTIMATES, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import altair as alt

    from auditor.model import Estimate, LearningCurve, LearningPoint


def learning_curve(curve: LearningCurve | None) -> Chart:
    """Accuracy against rows: measured points with their band, then the forecast."""
    title = "Accuracy as records grow"
    measured = _points(curve.measured) if curve else []
    if not measured:
        return Chart(title, "No learning curve: too few records to measure one.")
    import altair as alt

    forecast = _points(curve.forecast) if curve else []
    ahead = [measured[-1], *forecast] if forecast else []
    everything = measured + forecast
    rows = [point["rows"] for point in everything]
    x = alt.X(
        "rows:Q",
        title="Records trained on (log scale)",
        scale=alt.Scale(type="log", domain=[min(rows) / 1.15, max(rows) * 1.15], nice=False),
        axis=alt.Axis(format="~s", tickCount=6, grid=False, labelOverlap="greedy"),
    )
    reach = [point[key] for point in everything for key in ("low", "high", "accuracy")]
    y = share_y("accuracy", reach)
    y_low = share_y("low", reach)
    layers: list[alt.Chart] = []
    for points, dash, opacity in ((measured, [1, 0], 0.28), (ahead, [5, 4], 0.14)):
        base = alt.Chart(inline(points))
        layers.append(base.mark_area(color=BLUE, opacity=opacity).encode(x=x, y=y_low, y2="high:Q"))
        layers.append(base.mark_line(color=BLUE, strokeDash=dash, strokeWidth=2).encode(x=x, y=y))
    layers.append(alt.Chart(inline(measured)).mark_point(color=BLUE, filled=True, size=45).encode(x=x, y=y))
    last = measured[-1]
    named = [{**last, "text": share(last["accuracy"])}]
    caption = f"With {plural(int(last['rows']), 'record')} the surrogate gets {share(last['accuracy'])} right."
    if forecast:
        end = forecast[-1]
        named.append({**end, "text": share(end["accuracy"])})
        caption += (
            f" With {count(end['rows'])} it would get {share(end['accuracy'])}"
            f" ({share(end['low'])} to {share(end['high'])}): where the dashed line is flat, more records would not"
            " help. The band is the 90 % interval."
        )
    labels = alt.Chart(inline(named)).mark_text(dy=14, align="right", color=INK, fontSize=FONT_SIZE)
    layers.append(labels.encode(x=x, y=y, text="text:N"))
    table = Table(
        ("Records", "Right", "90 % interval", ""),
        tuple(
            (
                count(point["rows"]),
                share(point["accuracy"]),
                f"{share(point['low'])} to {share(point['high'])}",
                kind,
            )
            for kind, points in (("measured", measured), ("forecast", forecast))
            for point in points
        ),
    )
    if forecast:
        title = _more_records(last, forecast[-1])
    return finish(title, caption, alt.layer(*layers).properties(width=WIDTH, height=HEIGHT), "curve", table)


def approaches(estimates: Mapping[str, Estimate]) -> Chart:
    """The three ways and the neighbours' vote, each with its interval."""
    title = "What each approach gets right"
    wanted = ("prompt_accuracy", "accuracy_given_labels", "trained_accuracy", "retrieval_accuracy")
    known = [(ESTIMATES[key][0], estimates[key]) for key in wanted if key in estimates]
    known = [(name, estimate) for name, estimate in known if finite(estimate.value) is not None]
    if len(known) < 2:
        return Chart(title, "No comparison: fewer than two approaches were measured.")
    import altair as alt

    names = [name for name, _ in known]
    data = [
        {
            "label": name,
            "value": estimate.value,
            "low": estimate.value if estimate.low is None else estimate.low,
            "high": estimate.value if estimate.high is None else estimate.high,
            "text": figure(estimate.value, estimate.unit),
        }
        for name, estimate in known
    ]
    reach = [bound for _, estimate in known for bound in (estimate.low, estimate.value, estimate.high)]
    base = alt.Chart(inline(data)).encode(y=alt.Y("label:N", sort=names, title=None, axis=name_axis()))
    scale = alt.Scale(domain=list(domain(reach)), nice=False)
    x = alt.X("value:Q", title=None, scale=scale, axis=percent_axis(3))
    x_low = alt.X("low:Q", title=None, scale=scale, axis=percent_axis(3))
    bars = base.mark_rule(color=BLUE, strokeWidth=4, opacity=0.4).encode(x=x_low, x2="high:Q")
    dots = base.mark_point(color=BLUE, filled=True, size=70).encode(x=x)
    texts = base.mark_text(dy=-11, color=INK, fontSize=FONT_SIZE).encode(x=x, text="text:N")
    caption = (
        "On the labels as given, today. Each bar is the 90 % interval: a wide one is an expectation from published "
        "results, and a measurement would narrow it. The vote says little about a prompted model."
    )
    table = Table(
        ("Approach", "Right", "90 % interval"),
        tuple((name, estimate_value(estimate), interval_words(estimate)) for name, estimate in known),
    )
    drawing = alt.layer(bars, dots, texts).properties(width=205, height=36 * len(known))
    return finish(_ahead(known), caption, drawing, "approaches", table)


def _more_records(now: Mapping[str, float], then: Mapping[str, float]) -> str:
    """What the forecast says, or that it says nothing."""
    if then["low"] <= now["accuracy"]:
        return "More records may not help"
    return f"With {count(then['rows'])} records a model would get {share(then['low'])} to {share(then['high'])} right"


def _ahead(known: list[tuple[str, Estimate]]) -> str:
    """Which approach gets most right, where no other one's interval reaches it."""
    name, best = max(known, key=lambda pair: pair[1].value)
    low = best.value if best.low is None else best.low
    others = [other.value if other.high is None else other.high for _, other in known if other is not best]
    return f"{name}: ahead of all others" if max(others) < low else "In accuracy today no way is clearly ahead"


def _points(points: Iterable[LearningPoint]) -> list[dict[str, float]]:
    """Points that a log axis can hold; a missing bound falls back on the point itself."""
    kept = []
    for point in points:
        accuracy = finite(point.accuracy)
        if accuracy is None or point.rows <= 0:
            continue
        low, high = finite(point.low), finite(point.high)
        kept.append(
            {
                "rows": float(point.rows),
                "accuracy": accuracy,
                "low": accuracy if low is None else low,
                "high": accuracy if high is None else high,
            }
        )
    return sorted(kept, key=lambda point: point["rows"])
