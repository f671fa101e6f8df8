"""Pairs of classes: which ones a model mixes up, and which one source mixes up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditor.model import Outcome, SubjectKind
from reports.charts.common import (
    BLUE,
    FONT_SIZE,
    INK,
    ORANGE,
    WIDTH,
    Chart,
    finish,
    finite,
    in_the_table,
    inline,
)
from reports.numbers import count, share
from reports.tables import Table
from reports.words import plural, shorten

if TYPE_CHECKING:
    import altair as alt

    from auditor.model import CheckOutcome, Finding

MOST_PAIRS = 10
_ANSWERED = (Outcome.PASSED, Outcome.FOUND, Outcome.IGNORED)
LINE_HEIGHT = 34
NAME_WIDTH = 20


def confusions(checks: tuple[CheckOutcome, ...]) -> Chart:
    """The pairs of classes that a model takes for each other, by records.

    Pairs whose labels are a toss-up are none of these: their records are the other class's, their share is another's.
    """
    title = "Classes that a model takes for one another"
    pairs = [
        (finding.subject.names, rows, finite(finding.observed))
        for finding in _findings(checks, "PAT002")
        if "taken_for" in finding.said.fields and isinstance(rows := finding.said.fields.get("rows"), int)
    ]
    pairs.sort(key=lambda pair: (-pair[1], pair[0]))
    if not pairs:
        return Chart(title, "Of no class is more than a tenth surely taken for another.")
    import altair as alt

    shown = pairs[:MOST_PAIRS]
    data = [
        {
            "line": number,
            "rows": rows,
            "name": _pair(*names),
            "text": f"{count(rows)} ({share(rate)})",
        }
        for number, (names, rows, rate) in enumerate(shown)
    ]
    x = alt.X("rows:Q", axis=None, scale=alt.Scale(domain=[0, shown[0][1] * 1.45], nice=False))
    base = alt.Chart(inline(data)).encode(y=_line())
    bars = base.mark_bar(color=ORANGE, height=9, yOffset=7).encode(x=x)
    figures = base.mark_text(align="left", dx=5, dy=7, color=INK, fontSize=FONT_SIZE).encode(x=x, text="text:N")
    caption = (
        "The bar is how many records of the first class a model takes for the second, and their share of the first. "
        "Write down what tells the two apart, or merge them."
    )
    caption += in_the_table(len(pairs) - len(shown), "more pair")
    table = Table(
        ("Class", "Taken for", "Records", "Share of the class"),
        tuple((names[0], names[1], count(rows), share(rate)) for names, rows, rate in pairs),
    )
    drawing = alt.layer(bars, figures, _words(base, "name", -8)).properties(
        width=WIDTH, height=LINE_HEIGHT * len(shown)
    )
    (first, second), rows, _ = pairs[0]
    title = f"{count(rows)} records of {shorten(first, NAME_WIDTH)} read like {shorten(second, NAME_WIDTH)}"
    return finish(title, caption, drawing, "confusions", table)


def source_bias(checks: tuple[CheckOutcome, ...]) -> Chart:
    """How often one source mixes up two classes, against all others."""
    title = "Label bias of one source"
    found = [
        finding
        for finding in _findings(checks, "PAT003")
        if finding.subject.kind is SubjectKind.SEGMENT and {"given", "expected", "rows"} <= finding.said.fields.keys()
    ]
    known = [(f, finite(f.observed), finite(f.limit)) for f in found]
    lines = [(f, here, elsewhere) for f, here, elsewhere in known if here is not None and elsewhere is not None]
    if not lines:
        measured = any(check.code == "PAT003" and check.outcome in _ANSWERED for check in checks)
        none = "No source mixes up two classes far more often than the others."
        return Chart(
            title, none if measured else "Label bias was not measured: no column says where a record comes from."
        )
    import altair as alt

    shown = lines[:MOST_PAIRS]
    data = [
        {
            "line": number,
            "here": here,
            "elsewhere": elsewhere,
            "name": _pair(str(f.said.fields["expected"]), str(f.said.fields["given"])),
            "text": f"{shorten(', '.join(f.subject.names), NAME_WIDTH)}: {share(here)}, elsewhere {share(elsewhere)}",
        }
        for number, (f, here, elsewhere) in enumerate(shown)
    ]
    base = alt.Chart(inline(data)).encode(y=_line())
    scale = alt.Scale(domain=[0, 1])
    x, from_x = (alt.X(f"{field}:Q", axis=None, scale=scale) for field in ("here", "elsewhere"))
    rules = base.mark_rule(color=ORANGE, strokeWidth=3, opacity=0.5, yOffset=7).encode(x=from_x, x2="here:Q")
    others = base.mark_point(color=BLUE, filled=True, size=55, yOffset=7).encode(x=from_x)
    ours = base.mark_point(color=ORANGE, filled=True, size=70, yOffset=7).encode(x=x)
    caption = (
        "The right-hand dot is how often the source named files the first class under the second; the left-hand dot is "
        "how often all others do. A wide gap is a rule of that source alone."
    )
    table = Table(
        ("Source", "Reads like", "Filed as", "Here", "Elsewhere", "Records"),
        tuple(
            (
                ", ".join(f.subject.names),
                str(f.said.fields["expected"]),
                str(f.said.fields["given"]),
                share(here),
                share(elsewhere),
                count(f.said.fields["rows"]),
            )
            for f, here, elsewhere in lines
        ),
    )
    drawing = alt.layer(rules, others, ours, _words(base, "name", -8), _words(base, "text", 20))
    title = f"{plural(len({f.subject.names for f, *_ in lines}), 'source files', 'sources file')} classes differently"
    return finish(
        title, caption, drawing.properties(width=WIDTH, height=(LINE_HEIGHT + 12) * len(shown)), "habits", table
    )


def _findings(checks: tuple[CheckOutcome, ...], code: str) -> list[Finding]:
    """With those that the settings ignore: a drawing shows what is there."""
    own = [check for check in checks if check.code == code]
    return [finding for check in own for finding in (*check.findings, *(each.finding for each in check.ignored))]


def _pair(first: str, second: str) -> str:
    return f"{shorten(first, NAME_WIDTH)} → {shorten(second, NAME_WIDTH)}"


def _line() -> Any:  # noqa: ANN401 (altair's own types are built at run time)
    import altair as alt

    return alt.Y("line:O", axis=None)


def _words(base: alt.Chart, field: str, dy: int) -> alt.Chart:
    """Words of a line at the chart's left edge, above or below its mark."""
    import altair as alt

    said = base.mark_text(align="left", dy=dy, color=INK, fontSize=FONT_SIZE)
    return said.encode(x=alt.value(0), text=f"{field}:N")  # type: ignore[no-any-return]
