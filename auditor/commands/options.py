"""What every command that reads an export asks alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from auditor.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.config import Config

Column = Optional[str]  # noqa: UP045 - typer reads it at run time
Audited = Annotated[Column, typer.Argument(help="The export that `auditor run` audits.")]
Texts = Annotated[list[str] | None, typer.Option(help="Column with the text; repeat to join several.")]
Label = Annotated[Column, typer.Option(help="Column with the label.")]
LabelIs = Annotated[Column, typer.Option(help="Audit this one label as yes or no.")]
LabelLevel = Annotated[
    int | None, typer.Option(min=1, help="Audit this level of labels that are paths, such as A > B (from 1, the top).")
]
Time = Annotated[Column, typer.Option(help="Column with the date of the record.")]
LabelTime = Annotated[Column, typer.Option(help="Column with the date on which the label was given.")]
RecordId = Annotated[Column, typer.Option("--id", help="Column with the id of the record.")]
Group = Annotated[Column, typer.Option(help="Column whose records keep together: patient, account, claim.")]
Segments = Annotated[list[str] | None, typer.Option(help="Column such as payer or site; repeat for several.")]
Annotator = Annotated[Column, typer.Option(help="Column that says who gave the label.")]
Taxonomy = Annotated[Column, typer.Option(help="Table of the classes: label, definition, active_from, active_to.")]
Table = Annotated[Column, typer.Option(help="Of a database: the table to read.")]
Query = Annotated[Column, typer.Option(help="Of a database: one SELECT, whose rows are read.")]
ConfigFile = Annotated[Path | None, typer.Option(help="audit.toml; options on the command line win.")]
AtATime = Annotated[int | None, typer.Option(min=1, help="Threads to work with (as many as cores, up to 8).")]
MaxMemory = Annotated[str | None, typer.Option(help="Memory to stay within, such as 4GB.")]
DrawSeed = Annotated[int | None, typer.Option(help="Seed of the draw (0).")]


def settings_of(file: Path | None, given: Mapping[str, object], usage: str) -> Config:
    """The settings of ``file`` and those ``given``, whose number of threads libraries keep to from here on.

    Raises ConfigError with the ``usage`` where no export is named.
    """
    from auditor.config import load_config
    from auditor.memory import give_back_at_once
    from auditor.threads import keep_libraries_to

    settings = load_config(file, given)
    if settings.export is None:
        raise ConfigError(f"No export is named. Pass its path: {usage}.")
    keep_libraries_to(settings.threads)
    give_back_at_once()
    return settings
