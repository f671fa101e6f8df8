"""A first `audit.toml`: what an export looks like, every guess with its reason, and what nobody but its owner knows."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from auditor.addresses import last_name, shown
from auditor.batch import Batch, load
from auditor.config import Config, Read
from auditor.errors import ConfigError
from auditor.folders import scratch
from auditor.gate_limits import GATE_LIMITS
from auditor.governance import QUESTIONS
from auditor.inputs import read_export
from auditor.inputs.encoding import as_utf8
from auditor.inputs.files import Kind, locate
from auditor.inputs.layout import SPELLED, layout_of
from auditor.inputs.sql import connect
from auditor.output import clean
from auditor.prices import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from auditor.limits import Limit

_WIDTH = 112
# Roles that more than one column may play.
_SEVERAL = ("text", "segment", "prediction_run")
_FIRST = (
    "What does a wrongly filed record cost? Every answer in money rests on it. Write it to [cost] error_cost; unset, "
    "the answer is the one at 1."
)
_SHEET = (
    "How many labels are wrong? No export tells. `auditor sheet` draws some 300 recent records; a person who labels "
    "them without seeing their labels answers it."
)
_NO_TIME = "When was each record filed? No column looks like a date; without one nobody can say how long a model holds."
_NO_ANNOTATOR = "Who gave each label? No column says so; with it, the label bias of one person shows."


def draft(export: str, table: str | None = None, query: str | None = None) -> str:
    """The text of an `audit.toml` for ``export``, every setting but the roles commented out.

    Raises InputError where the export cannot be read.
    """
    try:
        batch, unclear = load(Config(export=export, table=table, query=query)), []
    except ConfigError as error:
        batch, unclear = None, str(error).splitlines()
    lines = [
        *_comment(f"Settings of an audit of '{last_name(export, table)}', as `auditor init` found it. Nothing was "
                  "asked: each guess says why; correct it here."),
        *_questions(batch, unclear),
        *_export(export, table, query),
        "",
        *(_roles(batch) if batch else _unknown_roles(export, table, query)),
        "",
        *_read(export),
        *_limits(),
        *_cost(),
        *_governance(),
        *_ignores(),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _questions(batch: Batch | None, unclear: Sequence[str]) -> list[str]:
    asked = [_FIRST, *unclear]
    if batch:
        asked += [notice.text for notice in batch.intake.notices if notice.gates]
        asked += [] if batch.roles.time else [_NO_TIME]
        asked += [] if batch.roles.annotator else [_NO_ANNOTATOR]
    asked += [_SHEET, "Is it ours to run? [governance] lists what has to be answered."]
    lines = ["#", "# Open questions"]
    for number, question in enumerate(asked, 1):
        lines += _comment(f"{number}. {question}")
    return [*lines, ""]


def _roles(batch: Batch) -> list[str]:
    lines = _comment(f"The columns, of {batch.source.rows:,} rows.")
    for choice in batch.roles.choices:
        lines += _comment(f"{choice.role}: {choice.reason}")
        if len(choice.columns) > 1 and choice.role not in _SEVERAL:
            # Columns of 0 and 1 are the label together where none is named.
            continue
        value = list(choice.columns) if choice.role in _SEVERAL else choice.columns[0]
        lines.append(f"{choice.role} = {_quoted(value)}")
    if notices := [notice.text for notice in batch.intake.notices if not notice.gates]:
        lines += ["", "# How the export was read", *(line for text in notices for line in _comment(f"- {text}"))]
    return lines


def _export(export: str, table: str | None, query: str | None) -> list[str]:
    """Without a password, or a path through this machine, which have no place in a file that is handed on."""
    hidden = _comment("User and password are left out: set PGUSER and PGPASSWORD, or ~/.pgpass.")
    which = {"table": table, "query": query}
    named = _from_here(shown(export))
    elsewhere = _comment("It lies in another folder: run there, or pass its path, auditor run PATH --config FILE.")
    return [
        *(hidden if shown(export) != export else []),
        *(elsewhere if named != shown(export) and not Path(named).exists() else []),
        f"export = {_quoted(named)}",
        *(f"{key} = {_quoted(value)}" for key, value in which.items() if value is not None),
    ]


def _from_here(export: str) -> str:
    """A whole path as one from this folder where it lies in it, else its last name; any other as it is."""
    path = Path(export)
    if not path.is_absolute():
        return export
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else path.name


def _unknown_roles(export: str, table: str | None, query: str | None) -> list[str]:
    names = read_export(connect(), export, table=table, query=query).names
    return [
        *_comment(f"The columns: {', '.join(names)}. Write those of text and label here, without the #."),
        '# text = ""',
        '# label = ""',
    ]


def _read(export: str) -> list[str]:
    located = locate(export)
    lines = ["[read]", *_comment("How the files are written. Uncomment a line to settle it for the exports to come.")]
    if located.kind is Kind.DELIMITED:
        file = located.files[0]
        with scratch() as folder:
            layout = layout_of(file, as_utf8(file, located.kind, None, folder / "text"), Read())
        mark = SPELLED.get(layout.delimiter, "this sign")
        lines += [
            f"# delimiter = {_quoted(layout.delimiter)}  # the {mark} cuts the lines into as many cells",
            '# encoding = "utf-8"  # what the file starts with says so, or every character is one of UTF-8',
        ]
        if layout.names is not None:
            lines.append(f"# header = {layout.skip + layout.names + 1}  # the line whose cells look like names")
    else:
        lines += _comment(f"{located.kind} says itself how it is written.")
    return [
        *lines,
        '# date_format = "%Y-%m-%d"  # only where the column of dates does not tell',
        '# null = ["N/A"]  # words that stand for nothing',
        "",
    ]


def _limits() -> list[str]:
    lines = ["[limits]", *_comment("What each gate asks: [pass, fail], or what passes where nothing fails it.")]
    return [*lines, *(line for limit in GATE_LIMITS for line in _limit(limit)), ""]


def _limit(limit: Limit) -> list[str]:
    value = f"{limit.passes:g}" if limit.fail is None else f"[{limit.passes:g}, {limit.fail:g}]"
    side = "more is better" if limit.higher_is_better else "less is better"
    return [*_comment(f"{limit.label} ({side}); {limit.source}"), f"# {limit.measurement} = {value}"]


def _cost() -> list[str]:
    lines = [
        "[cost]",
        *_comment("All in one currency, without its sign. What stands here is certain; else it is assumed."),
    ]
    for key in ("error_cost", *(key for key in KEYS if key != "error_cost")):
        price = KEYS[key]
        lines.append(f"# {key} = {price.value:g}  # {price.label}, {price.unit}")
    return [*lines, ""]


def _governance() -> list[str]:
    lines = ["[governance]", *_comment('Answer in words, or {not_applicable = "the reason"}.')]
    return [*lines, *(f'# {key} = ""  # {question}' for key, question in QUESTIONS.items())]


def _ignores() -> list[str]:
    return [
        "",
        "[severity]",
        *_comment("How grave what a check finds is: info turns no gate, warning makes it cautious, critical fails it."),
        '# LAB003 = "info"',
        "",
        *_comment("What is known and accepted turns no gate; the report still shows it, with the reason:"),
        "# [[ignore]]",
        '#     check = "LAB003"',
        '#     class = ["Billing", "billing"]  # else all that the check finds; or segment = "payer=Acme"',
        '#     reason = "renamed in March, both are right"',
        "#     until = 2027-03-31  # after that day it counts again; else it never does",
    ]


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(clean(" ".join(text.split())), _WIDTH, break_long_words=False)]


def _quoted(value: str | Iterable[str]) -> str:
    """As TOML writes it; JSON's strings and lists are TOML's, but for one sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
