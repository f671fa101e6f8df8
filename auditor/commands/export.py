"""`auditor export` and `auditor apply`: what an audit hands over, and the corrections that come back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.handover.kinds import QUEUES, To
from auditor.output import say

Run = Annotated[Path, typer.Argument(metavar="RUN", help="The audit: its folder, or audit-<name> for the latest.")]
Again = Annotated[
    str | None, typer.Argument(metavar="[EXPORT]", help="The export that it read, where it lies elsewhere now.")
]


def export(
    run: Run,
    export: Again = None,
    to: Annotated[To, typer.Option(help="A queue to relabel, a training set, or a workspace for Evidently.")] = To.CSV,
    out: Annotated[Path | None, typer.Option(help="New folder for the files (queue, training or evidently).")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Of a queue: the first so many of all records.")] = None,
) -> None:
    """Hand over what an audit found: labels to correct, a training set, or a snapshot. Nothing leaves the machine."""
    target = out or Path("queue" if to in QUEUES else "evidently" if to is To.EVIDENTLY else "training")
    if to is not To.EVIDENTLY:
        say(f"'{target}' will hold the texts of records: handle it like the export.")

    from auditor.handover.write import hand_over
    from auditor.progress import stages

    with stages() as (_, on_stage):
        said = hand_over(run, export, to, target, rows, on_stage)
    say(f"\n{said}\n{_next(to, target, run)}")


def _next(to: To, target: Path, run: Path) -> str:
    match to:
        case To.CSV:
            file = target / "queue.csv"
            return f"Choose a class in column 'your_label' of {file}. Then: auditor apply {file} {run}"
        case To.LABEL_STUDIO:
            return (
                f"Import {target / 'label_studio.json'} into Label Studio with the interface label_studio.xml, and "
                f"export JSON. Then: auditor apply EXPORTED.json {run}"
            )
        case To.ARGILLA:
            return (
                f"In Python: rg.Dataset.from_disk('{target}', workspace=...), and when it is read "
                f"dataset.records.to_json('read.json'). Then: auditor apply read.json {run}"
            )
        case To.CHAT:
            return f"Files: train.jsonl, validation.jsonl, test.jsonl in {target}"
        case To.HUGGING_FACE:
            return f"In Python: datasets.load_dataset('{target}')"
        case To.PARQUET:
            return f"Table: {target / 'training.parquet'}"
        case To.EVIDENTLY:
            return f"Look at it: evidently ui --workspace {target}"


def apply(
    corrections: Annotated[
        Path,
        typer.Argument(metavar="CORRECTIONS", help="A filled queue: CSV, XLSX, or JSON of Label Studio or Argilla."),
    ],
    run: Run,
    export: Again = None,
    out: Annotated[Path, typer.Option(help="New file for the corrections.")] = Path("corrections.json"),
) -> None:
    """Take corrected labels back, laid over the export, which is never changed; the next audit shows what they did."""
    from auditor.handover.corrected import take_back

    found = take_back(corrections, run, export, out)
    say(f"{found}\nThen: auditor run --again {run} --corrections {out}")
