"""What a trial leaves behind: `trial.json`, figures only, and the answers by row, without any text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.cells import all_defused
from auditor.estimators.intervals import share_estimate
from auditor.evidence.classes import CLASSES
from auditor.evidence.given import BATCH, ROWS
from auditor.evidence.means import mean_error
from auditor.evidence.prompted import PROMPTED
from auditor.inputs.labels import digests
from auditor.inputs.trial import ANSWERS, LATEST, ORDINARY, OTHERS, PART, PROBE, RANDOM, TUNED, tuning_of
from auditor.interval import Z_90
from auditor.model import Estimate, Tuning

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from auditor.plan.resolver import Resolver
    from auditor.trials.contest import Contest
    from auditor.trials.encoder import Encoder
    from auditor.trials.split import Split

SUMMARY = "trial.json"
SYSTEMS = {
    TUNED: "the fine-tuned encoder",
    PROBE: "a linear probe on the encoder as it is",
    ORDINARY: "the best linear classifier on words and characters",
    "vote": "the neighbours' vote",
    "prompt": "the prompted model",
}


@dataclass(frozen=True)
class Record:
    """``accuracy`` by system on the given labels of the rows ``asked``, ``latest`` of them from the latest tenth;
    ``ahead``: how far the first system, tuned or probe, is ahead of each other one, record by record; the prompt on
    the ``prompted`` rows that it answered as well. ``epoch`` 0: none did better than the probe. ``ended``: planned,
    minutes, interrupted or probe.
    """

    data_fingerprint: str
    encoder: str
    encoder_weights: int
    rows: int
    validation: int
    asked: int
    latest: int
    prompted: int
    classes: int
    length: int
    cut: float
    rate: float | None
    epoch: int
    ended: str
    seconds: float
    threads: int
    seed: int
    accuracy: Mapping[str, Estimate]
    ahead: Mapping[str, Estimate]

    @property
    def tuning(self) -> Tuning | None:
        """What the first system's answers rest on; None: on a linear probe, and the trial is none."""
        return tuning_of(self.ended, self.epoch)


def record(steps: Resolver, rows: Split, found: Contest, encoder: Encoder, seconds: float, seed: int) -> Record:
    """The figures of a trial whose models were asked."""
    every = {name: said == steps[CLASSES].codes[rows.asked] for name, said in answers(found).items()}
    right = {name: hits[rows.drawn] for name, hits in every.items()}
    training = found.training
    kept = training.kept if training else None
    first = next(iter(right))
    accuracy = {name: share_estimate(int(hits.sum()), len(hits), SYSTEMS[name]) for name, hits in right.items()}
    ahead = {name: _ahead(right[first], hits) for name, hits in right.items() if name != first}
    answered, prompt = prompted(steps, rows.asked)
    if len(prompt):
        accuracy["prompt"] = _mean(prompt, SYSTEMS["prompt"])
        ahead["prompt"] = _ahead(every[first][answered], prompt)
    return Record(
        steps[BATCH].source.fingerprint,
        encoder.name,
        encoder.weights,
        len(rows.train),
        len(rows.validation),
        int(rows.drawn.sum()),
        len(rows.latest),
        len(prompt),
        len(np.unique(steps[CLASSES].codes[rows.train])),
        found.length,
        found.cut,
        kept.rate if kept else None,
        kept.number if kept else 0,
        training.ended if training else PROBE,
        round(seconds, 1),
        encoder.threads,
        seed,
        accuracy,
        ahead,
    )


def answers(found: Contest) -> dict[str, NDArray[np.int64]]:
    """Class codes (q,) by system, the trial's own first."""
    tuned: dict[str, NDArray[np.int64]] = {} if found.tuned is None else {TUNED: found.tuned}
    return tuned | {
        PROBE: found.probe,
        ORDINARY: found.ordinary.astype(np.int64),
        "vote": found.vote.astype(np.int64),
    }


def prompted(steps: Resolver, asked: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Places (p,) among the rows ``asked`` that a prompted model answered too, and how often it was right (p,)."""
    if not steps[BATCH].answers:
        return np.empty(0, np.int64), np.empty(0)
    found = steps[PROMPTED]
    _, places, theirs = np.intersect1d(asked, found.rows, return_indices=True)
    return places, found.right(steps[CLASSES])[theirs]


def _ahead(first: NDArray[np.bool_], other: NDArray[np.generic]) -> Estimate:
    return _mean(first - other.astype(float), "the same records, paired")


def _mean(values: NDArray[np.float64], method: str) -> Estimate:
    """With a 90 % interval that is never narrower than one answer more or less would make it."""
    mean, half = float(values.mean()), Z_90 * mean_error(values)
    return Estimate(mean, mean - half, mean + half, "share", method)


def _asked(rows: Split) -> dict[str, NDArray[np.int64]]:
    """In the order of the answers."""
    return {LATEST: rows.latest, RANDOM: rows.random, OTHERS: rows.others}


def write(about: Record, steps: Resolver, rows: Split, found: Contest, out: Path) -> None:
    """Both files or none: half of each trial would be read as one."""
    names = np.array(steps[CLASSES].names)
    asked = steps[ROWS][rows.asked]
    table = asked.select(
        "row_id",
        "record_id",
        pl.Series("record", digests(asked), dtype=pl.String),
        pl.Series(PART, [name for name, part in _asked(rows).items() for _ in part], dtype=pl.String),
    )
    said = {name: pl.Series(names[codes], dtype=pl.String) for name, codes in answers(found).items()}
    out.mkdir(parents=True, exist_ok=True)
    work = {name: out / f".{name}.new" for name in (ANSWERS, SUMMARY)}
    try:
        all_defused(table.with_columns(**said)).write_csv(work[ANSWERS])
        work[SUMMARY].write_text(json.dumps(asdict(about), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        for name, path in work.items():
            path.replace(out / name)
    finally:
        for path in work.values():
            path.unlink(missing_ok=True)
