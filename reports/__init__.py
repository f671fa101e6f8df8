"""Reports: an ``AuditResult`` in, text out. Importing this package loads no template or chart library."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console

    from auditor.model import AuditResult

__all__ = ["OUTPUTS", "answer_of", "print_answer", "print_verdict", "to_html", "to_json", "to_markdown", "to_notebook"]


def to_html(result: AuditResult) -> str:
    """One self-contained page: no script, no request to anywhere."""
    from reports.html import to_html as render

    return render(result)


def to_json(result: AuditResult) -> str:
    """The versioned contract that ``reports/schema.json`` describes."""
    from reports.as_json import to_json as render

    return render(result)


def to_markdown(result: AuditResult) -> str:
    """A short summary for a chat or a pull request."""
    from reports.markdown import to_markdown as render

    return render(result)


def to_notebook(result: AuditResult) -> str:
    """The first screen in a frame of its own, so that its style stays its own and nothing in it can run."""
    from html import escape

    from reports.html import to_first_screen

    page = escape(to_first_screen(result), quote=True)
    return f'<iframe title="Audit report" sandbox="" srcdoc="{page}" width="100%" height="800"></iframe>'


def answer_of(result: AuditResult) -> str:
    """The verdict in a line."""
    from reports import first_screen

    return first_screen.of(result).answer


def print_answer(result: AuditResult, console: Console, out_dir: str) -> None:
    """The decision on a terminal, and where the full report lies, alone."""
    from reports.terminal import print_answer as render

    render(result, console, out_dir)


def print_verdict(result: AuditResult, console: Console, out_dir: str, *, verbose: bool = False) -> None:
    """The verdict on a terminal, and where the full report lies."""
    from reports.terminal import print_verdict as render

    render(result, console, out_dir, verbose=verbose)


OUTPUTS: Mapping[str, Callable[[AuditResult], str]] = {
    "report.html": to_html,
    "report.json": to_json,
    "report.md": to_markdown,
}
