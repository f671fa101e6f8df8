"""A short summary for a chat or a pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.model import Severity
from reports import facts, numbers, view, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.model import AuditResult

CRITICAL_SHOWN = 5

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")


def to_markdown(result: AuditResult) -> str:
    """The verdict, the gates, the routes and the gravest findings."""
    verdict = result.verdict
    answer, sentence = words.verdict_lines(result)
    lines = [f"## {words.question(result)}", "", f"**{answer}.** {_safe(sentence)}", ""]
    if result.examples:
        held = words.plural(len(result.examples), "record")
        lines += [f"> report.html and report.json contain masked text of {held}: handle them like the export.", ""]
    lines += _bullets(verdict.reasons[: view.REASONS_ON_FIRST_SCREEN])
    lines += ["| Gate | Status | Figure | Limit |", "|---|---|---|---|"]
    for gate in result.gates:
        tile = view.tile(gate)
        figure = f"{tile.measure}: {tile.figure}" if tile.measure else words.sentence(gate.summary)
        cells = (tile.name, f"{tile.symbol} {tile.word}", figure, tile.limit or "–")
        lines.append("| " + " | ".join(_safe(cell) for cell in cells) + " |")
    lines.append("")
    lines += _titled("What would change this", [view.action_words(action) for action in verdict.would_change])
    lines += _titled("How sure we are", facts.sureness(result))
    lines += _titled("What this rests on", verdict.conditions)
    lines += _titled(
        "Where the volume should go",
        [
            f"{route.name}: {numbers.share(route.share)} in {words.plural(len(route.members), 'class', 'classes')}"
            for route in view.routes(result.classes)
            if route.members
        ],
    )
    critical = [f for check in result.checks for f in check.findings if f.severity is Severity.CRITICAL]
    lines += _titled("Gravest findings", [f"{f.code}: {f.message}" for f in critical[:CRITICAL_SHOWN]])
    run = result.run
    lines.append(
        f"{run.intake.rows_used:,} of {words.plural(run.intake.rows_read, 'row')} used; "
        f"run {_safe(run.id)}, auditor {_safe(run.tool_version)}."
    )
    return "\n".join(lines) + "\n"


def _titled(title: str, items: Iterable[str]) -> list[str]:
    bullets = _bullets(items)
    return [f"**{title}**", "", *bullets] if bullets else []


def _bullets(items: Iterable[str]) -> list[str]:
    bullets = [f"- {_safe(words.sentence(item))}" for item in items]
    return [*bullets, ""] if bullets else []


def _safe(text: str) -> str:
    """One line in which nothing is markup, a link or a mention."""
    line = _MARKS.sub(r"\\\1", words.one_line(text))
    # A word joiner keeps a name such as @everyone, or a bare address, from coming alive.
    return line.replace("@", "@\N{WORD JOINER}").replace("://", ":\N{WORD JOINER}//")
