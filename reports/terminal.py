"""The verdict on a terminal: a page's first screen, in 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.model import Decision, GateStatus
from auditor.output import clean
from reports import first_screen, sheet, text, view, why, words
from reports.numbers import NBSP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from auditor.model import AuditResult, Valuation
    from reports.first_screen import FirstScreen

WIDTH = 100

_WAY_WIDTHS = (19, None, None, 10, 10)

_STATUS_STYLES = {
    GateStatus.PASS: "green",
    GateStatus.CAUTION: "yellow",
    GateStatus.FAIL: "bold red",
    GateStatus.UNKNOWN: "bright_black",
}
_DECISION_STYLES = {
    Decision.FINE_TUNE: "bold green",
    Decision.FINE_TUNE_SUBSET: "bold green",
    Decision.ORDINARY_CLASSIFIER: "bold yellow",
    Decision.FIX_DATA_FIRST: "bold red",
    Decision.PROMPT_WITH_RETRIEVAL: "bold yellow",
    Decision.INCONCLUSIVE: "bold",
}


def print_verdict(result: AuditResult, console: Console, out_dir: str) -> None:
    """Print the verdict, the gates, what was inferred, and where the full report lies."""
    width = min(console.width, WIDTH)
    screen = first_screen.of(result)
    if notices := result.run.intake.notices:
        _print_list(console, width, "Before you read on", [notice.text for notice in notices])
        console.print()
    console.print(Text(words.question(result)), width=width)
    console.print(Text(screen.answer, _DECISION_STYLES[result.verdict.decision]), width=width)
    console.print(Text(_line(" ".join((screen.why, *screen.beside)))), width=width)
    console.print()
    console.print(_lines(screen), width=width)
    console.print()
    if valuation := why.weighed(result):
        console.print(_ways(valuation), width=width)
        console.print()
    console.print(_gates(result), width=width)
    _print_list(console, width, "The fresh sheet", sheet.said(result))
    chosen = [choice for choice in result.run.roles if not choice.given and choice.columns]
    _print_list(
        console,
        width,
        "Columns that the audit chose",
        [f"{choice.role}: {words.listed(choice.columns)} ({choice.reason})" for choice in chosen],
    )
    console.print()
    # Unwrapped, so that the path can be copied or clicked.
    console.print(Text(f"Report: {clean(out_dir).rstrip('/')}/report.html"), soft_wrap=True)


def _lines(screen: FirstScreen) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=14)
    table.add_column(ratio=1)
    for line in screen.lines:
        texts = line.texts if len(line.texts) == 1 else [f"- {text}" for text in line.texts]
        table.add_row(Text(line.name, "bold"), Text("\n".join(map(_line, texts))))
    return table


def _ways(valuation: Valuation) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True)
    for head, width in zip(first_screen.heads(valuation), _WAY_WIDTHS, strict=True):
        table.add_column(Text(head, "bold"), width=width, ratio=None if width else 1)
    for way in first_screen.table(valuation):
        name = f"{way.name}\n{way.mark}" if way.mark else way.name
        today, later = (
            f"{value}\n{basis}" for value, basis in ((way.today, way.today_basis), (way.later, way.later_basis))
        )
        table.add_row(*(Text(cell.replace(NBSP, " ").rstrip()) for cell in (name, today, later, way.cost, way.gain)))
    return table


def _gates(result: AuditResult) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for gate in result.gates:
        tile = view.tile(gate)
        note = f"{tile.measure}: {tile.figure}, {tile.limit}" if tile.measure else words.sentence(text.summary(gate))
        status = Text(f"{tile.symbol} {tile.word}", _STATUS_STYLES[gate.status])
        table.add_row(Text(tile.name), status, Text(_line(note)))
    return table


def _print_list(console: Console, width: int, title: str, items: Sequence[str]) -> None:
    if not items:
        return
    if title:
        console.print()
        console.print(Text(title, "bold"), width=width)
    for item in items:
        table = Table.grid(padding=(0, 1))
        table.add_row(Text("-"), Text(_line(item)))
        console.print(Padding(table, (0, 0, 0, 1)), width=width)


def _line(text: str) -> str:
    return words.sentence(text).replace(NBSP, " ")
