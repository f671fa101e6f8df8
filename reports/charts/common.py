"""What the charts share: palette, axes, safe data, and the last step to SVG."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.charts.svg import draw
from reports.tables import Table
from reports.words import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import altair as alt

# Okabe and Ito's blue and vermilion: told apart with every kind of colour vision.
BLUE = "#0072b2"
ORANGE = "#d55e00"
# The stylesheet recolours these three in the dark, so nothing else may use them.
INK = "#222222"
AXIS = "#888888"
GRID = "#dddddd"

FONT_SIZE = 11

# Narrow enough that a phone shows a chart at its own size; laptops enlarge it.
WIDTH = 290
HEIGHT = 190
ROW_HEIGHT = 19


@dataclass(frozen=True)
class Chart:
    """A drawing with its title, its caption and its figures. Without an SVG the caption says why there is none."""

    title: str
    caption: str
    svg: str = ""
    table: Table | None = None


def finish(title: str, caption: str, drawing: alt.TopLevelMixin, name: str, table: Table | None = None) -> Chart:
    """Render an Altair chart under the common look."""
    spec = drawing.to_dict(validate=False)
    spec["config"] = _config()
    return Chart(title, caption, draw(spec, f"chart-{name}", f"{title}. {caption}"), table)


def inline(points: Iterable[dict[str, Any]]) -> alt.Data:
    """Rows as inline data, without a data frame library."""
    import altair as alt

    return alt.Data(values=list(points))  # type: ignore[no-untyped-call]


def finite(value: float | None) -> float | None:
    """The value as a plain float, None where it is missing or not finite."""
    return None if value is None or not math.isfinite(value) else float(value)


def domain(values: Iterable[float | None], pad: float = 0.08) -> tuple[float, float]:
    """An axis range for shares: from one multiple of 5 % to another, a little wider than the values."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    margin = max((high - low) * pad, 0.01)
    return max(0.0, math.floor(20 * (low - margin)) / 20), min(1.0, math.ceil(20 * (high + margin)) / 20)


def distinct(names: Sequence[str], width: int) -> list[str]:
    """Names cut to width and kept apart: two that would read alike get a number."""
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        short = shorten(name, width) or "(empty)"
        seen[short] += 1
        result.append(short if seen[short] == 1 else f"{shorten(name, width - 4)} ({seen[short]})")
    return result


def in_the_table(hidden: int, one: str, many: str = "") -> str:
    """Where the lines are that a chart leaves out; empty where it shows them all."""
    return f" {plural(hidden, one, many)} in the table." if hidden else ""


def share_y(field: str, values: Iterable[float | None], title: str = "Accuracy") -> alt.Y:
    """A vertical axis in percent that fits the values."""
    import altair as alt

    low, high = domain(values)
    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(domain=[low, high], nice=False), axis=percent_axis(5))


def percent_axis(ticks: int) -> alt.Axis:
    import altair as alt

    return alt.Axis(format=".0~%", tickCount=ticks)


def name_axis() -> alt.Axis:
    import altair as alt

    return alt.Axis(labelLimit=190, ticks=False, domain=False, labelPadding=6)


def _config() -> dict[str, Any]:
    font = "sans-serif"
    return {
        # The image carries one label of its own; one per mark would triple its size.
        "aria": False,
        "background": "transparent",
        "font": font,
        "view": {"stroke": None},
        "point": {"opacity": 1},
        "axis": {
            "labelColor": INK,
            "titleColor": INK,
            "labelFontSize": FONT_SIZE,
            "titleFontSize": FONT_SIZE,
            "titleFontWeight": "normal",
            "titlePadding": 8,
            "domainColor": AXIS,
            "tickColor": AXIS,
            "gridColor": GRID,
        },
        "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": FONT_SIZE},
    }
