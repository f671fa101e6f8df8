"""One trial, from the export to its two files. Nothing leaves the machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.errors import ConfigError, InputError
from auditor.evidence.classes import CLASSES
from auditor.evidence.features import FEATURES
from auditor.evidence.given import BATCH, LOTS, ROWS
from auditor.evidence.groups import KIN
from auditor.evidence.prompted import PROMPTED
from auditor.folders import refuse_foreign
from auditor.plan import steps_for
from auditor.progress import DETAIL
from auditor.sheets import sheet_rows
from auditor.trials.contest import Contest, hold
from auditor.trials.encoder import (
    PACKAGE,
    Encoder,
    carried_folder,
    enough_memory,
    load_encoder,
    refuse_without_torch,
    unknown_share,
)
from auditor.trials.record import SUMMARY, Record, record, write
from auditor.trials.split import TESTED, Split, split

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from auditor.config import Config
    from auditor.plan.resolver import Resolver


# Where a prompted model answered a larger part of the rows, those drawn hold enough of its answers.
SAMPLED = 0.3
# Of the words of so many texts. The carried encoder knows all of English and Spanish, and 37 % of Thai, where it is 44
# points behind a linear classifier (benchmarks/results/trials.md).
LOOKED_AT, UNKNOWN = 200, 0.1


@dataclass(frozen=True)
class Plan:
    """``rows`` to learn from, for at most ``minutes`` of training; ``model`` None: the encoder that a package carries.
    ``probe``: only the linear probe, on the encoder as it is.
    """

    rows: int
    minutes: float
    model: Path | None
    probe: bool


def trial(config: Config, plan: Plan, out: Path, *, force: bool, on_stage: Callable[[str], None]) -> Record:
    """Trains, asks, and writes `trial.json` and its answers to ``out``.

    Raises:
        ConfigError: torch or an encoder is not there, or ``out`` is something else.
        InputError: the export cannot be read, or holds too few rows.
        AuditError: the machine has too little memory.

    """
    _own_folder(out, force=force)
    refuse_without_torch()
    folder = plan.model or carried_folder()
    encoder = load_encoder(folder, folder.name if plan.model else PACKAGE)
    on_stage("Reading the export")
    batch = load(replace(config, sheet=None, trial=None))
    steps = steps_for(batch, config.seed, on_stage)
    with one_blas_thread():
        rows = rows_for(steps, plan.rows, config)
        started = perf_counter()
        found = _held(steps, encoder, rows, plan, config.seed, on_stage)
        about = record(steps, rows, found, encoder, perf_counter() - started, config.seed)
        write(about, steps, rows, found, out)
    return about


def rows_for(steps: Resolver, size: int, config: Config) -> Split:
    """Of the ``size`` rows to learn from none is of the sheet that ``config`` names, nor alike to one that is.

    Raises:
        InputError: the sheet is another export's, or too few rows are left.

    """
    frame = steps[ROWS]
    # Records labelled by several people are one item.
    groups = steps[KIN].groups
    others = _answered(steps)
    if config.sheet:
        drawn = sheet_rows(config.sheet, steps[BATCH].frame)
        others = np.union1d(others, np.flatnonzero(frame["row_id"].is_in(list(drawn))))
    return split(len(frame) - frame["time"].null_count(), groups, size, steps[LOTS], others)


def _answered(steps: Resolver) -> NDArray[np.int64]:
    """Rows that a prompted model answered, so that both can be compared, where these are a sample."""
    if not steps[BATCH].answers:
        return np.empty(0, np.int64)
    rows = steps[PROMPTED].rows
    if len(rows) > SAMPLED * len(steps[ROWS]):
        return np.empty(0, np.int64)
    return rows[steps[LOTS][rows].order("answered")[:TESTED]]


def _held(
    steps: Resolver, encoder: Encoder, rows: Split, plan: Plan, seed: int, on_stage: Callable[[str], None]
) -> Contest:
    codes, phi = steps[CLASSES].codes, steps[FEATURES]
    if len(np.unique(codes[rows.train])) < 2:
        raise InputError("The rows to learn from are all of one class. Take more with --rows.")
    go_on = None if plan.probe else until(plan.minutes, on_stage)
    texts = steps[ROWS]["text"].to_list()
    unknown = unknown_share(encoder, [texts[row] for row in rows.train[:LOOKED_AT]])
    if unknown > UNKNOWN:
        raise InputError(
            f"The encoder cannot read {100 * unknown:.0f} % of the words: they are in another script or language than "
            "its own. Name an encoder of that language with --model."
        )
    with enough_memory():
        return hold(encoder, texts, codes, len(steps[CLASSES]), phi, rows, seed, on_stage, go_on)


def until(minutes: float, on_stage: Callable[[str], None] = lambda _: None) -> Callable[[float], bool]:
    """Hears the share that is done, says how long the rest takes, and whether to go on: for so many minutes."""
    started: list[float] = []

    def go_on(done: float) -> bool:
        if not started:
            started.append(perf_counter())
            return True
        spent = perf_counter() - started[0]
        left = max(min(spent / done * (1 - done), 60 * minutes - spent), 0.0)
        on_stage(f"Fine-tuning{DETAIL}{_said(left)} left")
        return spent < 60 * minutes

    return go_on


def _said(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _own_folder(out: Path, *, force: bool) -> None:
    """A trial takes long: an earlier one is replaced on request only, and nothing else ever."""
    refuse_foreign(out, SUMMARY)
    if (out / SUMMARY).exists() and not force:
        raise ConfigError(
            f"The folder '{out}' holds a trial. Choose another one with --out, or replace it with --force."
        )
