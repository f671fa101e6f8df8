"""`auditor init`: a first audit.toml, without a question."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.options import Query, Table
from auditor.errors import ConfigError
from auditor.output import say


def init(
    export: Annotated[str, typer.Argument(help="The export to look at.")],
    table: Table = None,
    query: Query = None,
    out: Annotated[Path, typer.Option(help="The settings file to write.")] = Path("audit.toml"),
) -> None:
    """Look at an export and write a commented audit.toml: every guess with its reason, and the open questions."""
    from auditor.folders import refuse_unwritable
    from auditor.inputs.files import locate

    locate(export)
    refuse_unwritable(out, "--out")
    if out.exists():
        raise ConfigError(f"'{out}' exists, and is not replaced. Choose another file with --out.")

    from auditor.draft import draft

    text = draft(export, table, query)
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with out.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise ConfigError(f"'{out}' exists, and is not replaced. Choose another file with --out.") from None
    path = f"{export} " if Path(export).is_absolute() else ""
    say(f"{out} is written. Its first lines are the open questions; then: auditor run {path}--config {out}")
