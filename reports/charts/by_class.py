"""Classes: how many rows each has, how many the surrogate finds, and where labels look wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.charts.common import (
    BLUE,
    FONT_SIZE,
    INK,
    ORANGE,
    ROW_HEIGHT,
    Chart,
    distinct,
    finish,
    finite,
    inline,
    name_axis,
    percent_axis,
)
from reports.numbers import share
from reports.words import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import ClassRow

LABEL_WIDTH = 24
MOST_CLASSES_SHOWN = 12
MOST_NOISY_SHOWN = 6


def class_balance(classes: Sequence[ClassRow]) -> Chart:
    """Rows per class beside the share of them that the surrogate finds."""
    title = "Records and recall by class"
    ranked = sorted(classes, key=lambda row: (-row.rows, row.label))
    shown = ranked[:MOST_CLASSES_SHOWN]
    if not shown:
        return Chart(title, "No classes: no record has both text and a label.")
    import altair as alt

    names = distinct([row.label for row in shown], LABEL_WIDTH)
    data = [
        {"label": name, "rows": row.rows, "recall": finite(row.recall)} for name, row in zip(names, shown, strict=True)
    ]
    height = ROW_HEIGHT * len(shown)
    y = alt.Y("label:N", sort=names, title=None, axis=name_axis())
    rows = alt.X("rows:Q", title="Records", axis=alt.Axis(format=",.0f", tickCount=2))
    recall = alt.X("recall:Q", title="Recall", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(3))
    bare = alt.Y("label:N", sort=names, title=None, axis=alt.Axis(labels=False, ticks=False, grid=True))
    left = alt.Chart(inline(data)).mark_bar(color=BLUE, height=11).encode(y=y, x=rows)
    right = (
        alt.Chart(inline([point for point in data if point["recall"] is not None]))
        .mark_point(color=ORANGE, filled=True, size=60)
        .encode(y=bare, x=recall)
    )
    drawing = alt.hconcat(
        left.properties(width=95, height=height), right.properties(width=85, height=height), spacing=18
    )
    caption = "Long bars with a dot far to the left are what a model would get wrong most. "
    caption += _rest(len(shown), len(ranked), sum(row.rows for row in ranked[len(shown) :]))
    unmeasured = sum(row.recall is None for row in shown)
    if unmeasured:
        caption += f" Recall was not measured for {plural(unmeasured, 'class', 'classes')} of these."
    return finish(_missed(classes) or title, caption.strip(), drawing, "balance")


def noise_by_class(classes: Sequence[ClassRow]) -> Chart:
    """Where the labels that look wrong are, in rows."""
    title = "Labels that look wrong, by class"
    noisy = [(row, row.noise_rate * row.rows) for row in classes if row.noise_rate and finite(row.noise_rate)]
    noisy.sort(key=lambda pair: (-pair[1], pair[0].label))
    shown = noisy[:MOST_NOISY_SHOWN]
    if not shown:
        return Chart(title, "No noise by class: none was measured above zero.")
    import altair as alt

    names = distinct([row.label for row, _ in shown], LABEL_WIDTH)
    data = [
        {"label": name, "wrong": wrong, "text": f"{share(row.noise_rate)} of its own"}
        for name, (row, wrong) in zip(names, shown, strict=True)
    ]
    most = shown[0][1]
    base = alt.Chart(inline(data)).encode(
        y=alt.Y("label:N", sort=names, title=None, axis=name_axis()),
        x=alt.X(
            "wrong:Q",
            title="Records that look wrong",
            # The words beside a bar may be half as wide as the drawing.
            scale=alt.Scale(domain=[0, most * 2], nice=False),
            axis=alt.Axis(format=",.0f", tickCount=3),
        ),
    )
    bars = base.mark_bar(color=ORANGE, height=11)
    texts = base.mark_text(align="left", dx=4, color=INK, fontSize=FONT_SIZE).encode(text="text:N")
    caption = "Correct the longest bars first; the figure beside each is the share of its class. " + _rest(
        len(shown), len(noisy), round(sum(wrong for _, wrong in noisy[len(shown) :]))
    )
    drawing = alt.layer(bars, texts).properties(width=190, height=ROW_HEIGHT * len(shown))
    first, wrong = shown[0]
    part = share(wrong / sum(each for _, each in noisy))
    title = f"{shorten(first.label, LABEL_WIDTH)} holds {part} of the labels that look wrong"
    return finish(title, caption.strip(), drawing, "noise")


def _missed(classes: Sequence[ClassRow]) -> str:
    """How many classes a model misses more often than not; empty where none was measured."""
    measured = [row.recall for row in classes if row.recall is not None]
    missed = sum(recall < 0.5 for recall in measured)
    if not measured:
        return ""
    if not missed:
        return "A model finds at least half of every class"
    return (
        f"A model misses most of {plural(missed, 'class', 'classes')} of {len(measured)}" if len(measured) > 1 else ""
    )


def _rest(shown: int, total: int, rows: int) -> str:
    """What a chart leaves out, in words."""
    left_out = total - shown
    if not left_out:
        return ""
    return f"{plural(left_out, 'more class', 'more classes')} with {plural(rows, 'record')} in the table of classes."
