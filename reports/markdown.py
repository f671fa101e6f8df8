"""A short summary for a chat or a pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reports import findings, first_screen, numbers, sheet, text, view, why, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.model import AuditResult, Valuation

NOTICES_SHOWN = 3
ACTIONS_SHOWN = 3

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")


def to_markdown(result: AuditResult) -> str:
    """The answer first, then the ways, the gates, what to do and the routes, in under 40 lines."""
    screen = first_screen.of(result)
    sentences = safe(" ".join((screen.why, *screen.beside)))
    lines = [f"**{safe(screen.answer)}.** {sentences}", "", f"This answers: {words.question(result)}", ""]
    notices = [*findings.ignored_said(result.checks), *(notice.text for notice in result.run.intake.notices)]
    lines += _titled("Before you read on", _few(notices, NOTICES_SHOWN))
    if result.examples:
        held = words.plural(len(result.examples), "record")
        lines += [f"> report.html and report.json contain masked text of {held}: handle them like the export.", ""]
    lines += _bullets(f"{line.name}: {'; '.join(line.texts)}" for line in screen.lines)
    if valuation := why.weighed(result):
        lines += _ways(valuation)
    lines += ["| Gate | Status | Figure | Limit |", "|---|---|---|---|"]
    for gate in result.gates:
        tile = view.tile(gate)
        figure = f"{tile.measure}: {tile.figure}" if tile.measure else words.sentence(text.summary(gate))
        cells = (tile.name, f"{tile.symbol} {tile.word}", figure, tile.limit or "–")
        lines.append(_row(cells))
    lines.append("")
    lines += _titled("The fresh sheet", sheet.said(result))
    unmet = [view.action_words(each) for each in result.verdict.would_change]
    lines += _titled("Limits that are not met", _few(unmet, ACTIONS_SHOWN))
    lines += _titled(
        "Where the volume should go",
        [
            f"{route.name}: {numbers.share(route.share)} in {words.plural(len(route.members), 'class', 'classes')}"
            f"{f', {numbers.gain(route.value)} a month over prompting' if route.value else ''}"
            for route in view.routes(result.classes)
            if route.members
        ],
    )
    run = result.run
    lines.append(
        f"{numbers.count(run.intake.rows_used)} of {words.plural(run.intake.rows_read, 'row')} used; "
        f"run {safe(run.id)}, auditor {safe(run.tool_version)}."
    )
    return "\n".join(lines) + "\n"


def _ways(valuation: Valuation) -> list[str]:
    lines = [_row(first_screen.heads(valuation)), "|---|---|---|---|---|"]
    for way in first_screen.table(valuation):
        name = f"{way.name} ({way.mark})" if way.mark else way.name
        today = f"{way.today} ({way.today_basis})" if way.today_basis else way.today
        later = f"{way.later} ({way.later_basis})" if way.later_basis else way.later
        lines.append(_row((name, today, later, way.cost, way.gain)))
    return [*lines, ""]


def _few(items: list[str], most: int) -> list[str]:
    """The first of them, and how many more the page has."""
    return items if len(items) <= most else [*items[:most], f"{len(items) - most} more in report.html"]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(safe(cell) for cell in cells) + " |"


def _titled(title: str, items: Iterable[str]) -> list[str]:
    bullets = _bullets(items)
    return [f"**{title}**", "", *bullets] if bullets else []


def _bullets(items: Iterable[str]) -> list[str]:
    bullets = [f"- {safe(words.sentence(item))}" for item in items]
    return [*bullets, ""] if bullets else []


def safe(text: str) -> str:
    """One line in which nothing is markup, a link or a mention."""
    line = _MARKS.sub(r"\\\1", words.one_line(text))
    # A word joiner keeps a name such as @everyone, or a bare address, from coming alive.
    return line.replace("@", "@\N{WORD JOINER}").replace("://", ":\N{WORD JOINER}//")
