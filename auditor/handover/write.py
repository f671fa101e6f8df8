"""Writes what an audit hands over to a new folder, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.addresses import last_name
from auditor.blas import one_blas_thread
from auditor.dated import root_of
from auditor.errors import ConfigError
from auditor.folders import new_folder, refuse_unwritable
from auditor.handover.finished import finished
from auditor.handover.kinds import QUEUES, TRAINING, To

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auditor.handover.finished import Finished


def hand_over(
    run: Path,
    export: str | None,
    to: To,
    out: Path,
    rows: int | None = None,
    on_stage: Callable[[str], None] = lambda _: None,
) -> str:
    """Writes the files of ``to`` to the new folder ``out``; gives what a person is told.

    Raises:
        ConfigError: ``out`` exists or cannot be written, or ``rows`` are asked of what is no queue.
        InputError: there is no audit, the export is not the one that it read, or there is nothing to hand over.

    """
    refuse_unwritable(out, "--out")
    if out.exists():
        raise ConfigError(
            f"'{out}' exists, and is not replaced: somebody may have filled it. Choose another with --out."
        )
    if rows is not None and to not in QUEUES:
        raise ConfigError(f"--rows is of a queue ({', '.join(QUEUES)}); '{to}' takes all records.")
    on_stage("Reading the export")
    with one_blas_thread():
        audit = finished(run, export)
        if to in QUEUES:
            return _queue(audit, to, out, rows)
        if to in TRAINING:
            return _training(audit, to, out, on_stage)
        return _snapshot(audit, out, on_stage)


def _queue(audit: Finished, to: To, out: Path, rows: int | None) -> str:
    from auditor.handover import queue_files
    from auditor.handover.queue import queue

    found = queue(audit, rows)
    with new_folder(out) as work:
        if to is To.CSV:
            queue_files.write_csv(found, audit, work)
        elif to is To.LABEL_STUDIO:
            queue_files.write_label_studio(found, audit, work)
        else:
            queue_files.write_argilla(found, audit, work, str(root_of(last_name(audit.batch.source.path))))
    ranked = "most doubtful first"
    if found.rows["worth"].null_count() == 0:
        ranked = f"most worth reading first (one costs {found.price:.2f} to read)"
    kind = "records that a repair reads" if found.listed and rows is None else "records"
    read = f" {found.read:,} that people have read are left out." if found.read else ""
    more = f" {found.suspect:,} are suspect in all: --rows takes more." if found.suspect > len(found.rows) else ""
    return f"{len(found.rows):,} {kind}, {ranked}.{read}{more}"


def _training(audit: Finished, to: To, out: Path, on_stage: Callable[[str], None]) -> str:
    from auditor.handover import training_files
    from auditor.handover.card import card
    from auditor.handover.parts import Part
    from auditor.handover.training import training_set

    found = training_set(audit, on_stage)
    write = {
        To.CHAT: training_files.write_chat,
        To.HUGGING_FACE: training_files.write_hugging_face,
        To.PARQUET: training_files.write_parquet,
    }[to]
    with new_folder(out) as work:
        write(found, work, card(found, audit))
    train, validation, test = (len(found.of(part)) for part in Part)
    left = found.frame["left_out"].count()
    cleaned = f"{left:,} rows left the training part" if left else "no row left the training part"
    return (
        f"{train:,} records to learn from, {validation:,} to validate and the latest {test:,} to test; {cleaned} "
        f"({out / training_files.CARD} says why)."
    )


def _snapshot(audit: Finished, out: Path, on_stage: Callable[[str], None]) -> str:
    from auditor.handover.snapshot import write_workspace

    on_stage("Evidently's tests")
    with new_folder(out) as work:
        return write_workspace(audit, work)
