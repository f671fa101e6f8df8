"""The pages of the documentation site, and whether a built one asks anybody for anything.

    python -m benchmarks.site pages FOLDER     writes the pages, of which `make docs` makes the site
    python -m benchmarks.site asks FOLDER      exits 1 where a page of the site loads something from elsewhere

The pages are the documents as they stand, at the same places, so that their links hold; every check from its metadata;
and a list for each folder that a document names.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.model import QUESTIONS
from checks import ALL_CHECKS
from reports import numbers, text, words

if TYPE_CHECKING:
    from auditor.check import Check
    from auditor.limits import Limit

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "benchmarks/results")
EVERY_CHECK = "docs/every_check.md"
LISTS = {"docs/adr": "Decisions", "docs/answers": "The answers", "benchmarks/results": "What was measured"}
_LOADED = re.compile(
    r"""(?:<(?:script|img|iframe|source)\b[^>]*?\bsrc|<link\b[^>]*?\bhref|@import)\s*=?\s*["'](?:https?:)?//[^"']+"""
    # What the theme's script fetches where a page holds it.
    r"""|class="(?:mermaid|glightbox|pyodide)[^"]*\""""
)
_TITLE = re.compile(r"(?m)^# (.+)$")


def write_pages(folder: Path) -> None:
    """Every page below ``folder``, which is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in DOCUMENTS:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.jsonl"))
        else:
            shutil.copyfile(source, target)
    (folder / EVERY_CHECK).write_text(every_check(), encoding="utf-8")
    for name, title in LISTS.items():
        (folder / name / "index.md").write_text(listed(folder / name, title), encoding="utf-8")
    for page in folder.rglob("*.md"):
        page.write_text(_to_lists(page.read_text(encoding="utf-8"), page.parent, folder), encoding="utf-8")


def every_check() -> str:
    """Each check by its gate: why it matters, what it needs, its constants and limits, and what it may say."""
    lines = ["# Every check", "", "Written from the checks themselves; `auditor explain CODE` prints the same.", ""]
    for gate, question in QUESTIONS.items():
        own = [check for check in ALL_CHECKS if check.gate is gate]
        lines += [
            f"## {words.GATES[gate]}",
            "",
            f"*{question}*",
            "",
            *(line for check in own for line in _check(check)),
        ]
    return "\n".join(lines)


def _check(check: Check) -> list[str]:
    lines = [f"### {check.code}: {check.title}", "", check.why, ""]
    if check.needs:
        lines += [f"Needs a column for: {', '.join(sorted(check.needs))}.", ""]
    lines += [f"- `{each.name}` = {each.value:g} ({each.source})" for each in check.parameters]
    lines += [_limit(limit) for limit in check.limits]
    lines += [""] if check.parameters or check.limits else []
    if check.templates:
        lines += ["It may say:", "", *(f"- {_plain(each.message)} *{each.remedy}*" for each in check.templates), ""]
    return lines


def _limit(limit: Limit) -> str:
    side = "or more" if limit.higher_is_better else "or less"
    fails = "" if limit.fail is None else f", fails beyond {_figure(limit.fail, limit)}"
    passes = f"passes at {_figure(limit.passes, limit)} {side}"
    return f"- `{limit.measurement}`: {limit.label}; {passes}{fails} ({limit.source})"


def _figure(value: float, limit: Limit) -> str:
    return text.figure(value, limit.unit).replace(numbers.NBSP, " ")


def _plain(message: str | tuple[str, ...]) -> str:
    return message if isinstance(message, str) else " ".join(part.strip() for part in message)


def listed(folder: Path, title: str) -> str:
    """A page that leads to every document of ``folder``, and shows its pictures."""
    lines = [f"# {title}", ""]
    for page in sorted(folder.glob("*.md")):
        name = _TITLE.search(page.read_text(encoding="utf-8"))
        lines.append(f"- [{name[1] if name else page.stem}]({page.name})")
    lines += [f"![{picture.stem.replace('_', ' ')}]({picture.name})\n" for picture in sorted(folder.glob("*.png"))]
    return "\n".join([*lines, ""])


def _to_lists(page: str, place: Path, folder: Path) -> str:
    """Links to a folder lead to its list."""

    def of(link: re.Match[str]) -> str:
        target = (place / link[1]).resolve()
        is_list = target.is_relative_to(folder.resolve()) and (target / "index.md").exists()
        return f"]({link[1]}/index.md)" if is_list else link[0]

    return re.sub(r"\]\(([\w./-]+)\)", of, page)


def asks(site: Path) -> list[str]:
    """What the pages of ``site`` load from elsewhere, one line each."""
    files = [path for path in site.rglob("*") if path.suffix in {".html", ".css"}]
    return [f"{file}: {found}" for file in files for found in _LOADED.findall(file.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    if what == "pages":
        write_pages(where)
    else:
        sys.exit("\n".join(asks(where)) or 0)
