"""The verdict on a terminal, in twelve lines of 80 columns; all of the first screen with ``verbose``."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.model import Decision, GateStatus
from auditor.output import clean
from reports import findings, first_screen, sheet, steps, text, view, why, words
from reports.numbers import NBSP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from auditor.model import AuditResult, Valuation
    from reports.first_screen import FirstScreen

WIDTH = 100
# The reason takes what the rest leaves of all lines, and with the answer no fewer than its own.
MOST_LINES, WHY_LINES, MOST_FACTS, FACT_LINES, NAME_WIDTH = 12, 4, 3, 2, 16
MOST_NOTICES = 5

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


def print_verdict(result: AuditResult, console: Console, out_dir: str, *, verbose: bool = False) -> None:
    """The notices that matter, then the decision, three facts, the next command and where the report lies.

    ``verbose``: all notices, and the ways, gates, sheet and columns as well.
    """
    width = min(console.width, WIDTH)
    screen = first_screen.of(result)
    # How far a sheet goes is said in any case: nobody fills one to be told nothing.
    told = [] if verbose else sheet.said(result)[:1]
    turned = first_screen.by_settings(result)
    ignored = findings.ignored_said(result.checks)
    notices = [*turned, *_guessed(result), *told, *ignored, *(notice.text for notice in result.run.intake.notices)]
    shown = notices if verbose else notices[:MOST_NOTICES]
    if len(shown) < len(notices):
        shown = [*shown, f"{len(notices) - len(shown)} more: --verbose"]
    if shown:
        _print_list(console, width, "Before you read on", shown)
        console.print()
    if verbose:
        _print_more(result, console, width)
    answer = _cut(screen.answer, width, WHY_LINES)
    console.print(Text(answer, _DECISION_STYLES[result.verdict.decision]), width=width)
    facts, command = _facts(screen, width), steps.command(result.verdict)
    left = MOST_LINES - 1 - bool(command) - sum(said.count("\n") + 1 for said in (answer, *facts.values()))
    because = " ".join((screen.why, *(each for each in screen.beside if each not in turned)))
    console.print(Text(_cut(because, width, max(left, WHY_LINES - answer.count("\n")))), width=width)
    console.print(_lines(facts), width=width)
    # Unwrapped, so that both can be copied or clicked.
    if command:
        console.print(Text(f"Next command: {command}"), soft_wrap=True)
    _print_path(console, out_dir)


def print_answer(result: AuditResult, console: Console, out_dir: str) -> None:
    """The decision and where the report lies, a line each."""
    answer = Text(first_screen.of(result).answer, _DECISION_STYLES[result.verdict.decision])
    console.print(answer, soft_wrap=True)
    _print_path(console, out_dir)


def _print_path(console: Console, out_dir: str) -> None:
    folder = clean(out_dir).rstrip("/")
    console.print(Text(f"Report: {folder}/report.html"), soft_wrap=True)


def _guessed(result: AuditResult) -> list[str]:
    """Which columns nobody named, in one line."""
    chosen = [choice for choice in result.run.roles if not choice.given and choice.columns]
    named = ", ".join(f"{choice.role} {words.listed(choice.columns)}" for choice in chosen)
    return [f"The audit chose these columns: {named}"] if chosen else []


def _print_more(result: AuditResult, console: Console, width: int) -> None:
    console.print(Text(words.question(result)), width=width)
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


def _facts(screen: FirstScreen, width: int) -> dict[str, str]:
    return {
        line.name: _cut(" ".join(line.texts), width - NAME_WIDTH - 2, FACT_LINES) for line in screen.lines[:MOST_FACTS]
    }


def _lines(facts: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=NAME_WIDTH)
    table.add_column(ratio=1)
    for name, said in facts.items():
        table.add_row(Text(name, "bold"), Text(said))
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


def _cut(text: str, width: int, lines: int) -> str:
    """At most so many lines; an ellipsis where text was cut, all of which the report has."""
    return "\n".join(wrap(_line(text), width, max_lines=lines, placeholder=" …"))


def _line(text: str) -> str:
    return words.sentence(text).replace(NBSP, " ")
