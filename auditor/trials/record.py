"""What a trial leaves behind: `trial.json`, figures only, and the answers by row, without any text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.evidence.intervals import Z_90, share_estimate
from auditor.model import Estimate

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from auditor.evidence import Evidence
    from auditor.trials.contest import Contest
    from auditor.trials.encoder import Encoder
    from auditor.trials.split import Split

SUMMARY, ANSWERS = "trial.json", "answers.csv"
SYSTEMS = {
    "tuned": "the fine-tuned encoder",
    "probe": "a linear probe on the encoder as it is",
    "ordinary": "the best linear classifier on words and characters",
    "vote": "the neighbours' vote",
    "prompt": "the prompted model",
}


@dataclass(frozen=True)
class Record:
    """``accuracy`` by system on the given labels of the rows ``asked``; ``ahead``: how far the first system, tuned or
    probe, is ahead of each other one, record by record. ``ended``: planned, minutes, interrupted or probe.
    """

    data_fingerprint: str
    encoder: str
    encoder_weights: int
    rows: int
    validation: int
    asked: int
    latest: int
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


def record(evidence: Evidence, rows: Split, found: Contest, encoder: Encoder, seconds: float, seed: int) -> Record:
    """The figures of a trial whose models were asked."""
    right = {name: said == evidence.codes[rows.asked] for name, said in answers(found).items()}
    best = max(found.epochs, key=lambda epoch: epoch.right, default=None)
    first = next(iter(right))
    return Record(
        evidence.batch.source.fingerprint,
        encoder.name,
        encoder.weights,
        len(rows.train),
        len(rows.validation),
        len(rows.asked),
        len(rows.latest),
        len(np.unique(evidence.codes[rows.train])),
        found.length,
        found.cut,
        best.rate if best else None,
        best.number if best else 0,
        found.ended,
        round(seconds, 1),
        encoder.threads,
        seed,
        {name: share_estimate(int(hits.sum()), len(hits), SYSTEMS[name]) for name, hits in right.items()},
        {name: _ahead(right[first], hits) for name, hits in right.items() if name != first},
    )


def answers(found: Contest) -> dict[str, NDArray[np.int64]]:
    """Class codes (q,) by system, the trial's own first."""
    tuned: dict[str, NDArray[np.int64]] = {} if found.tuned is None else {"tuned": found.tuned}
    return tuned | {
        "probe": found.probe,
        "ordinary": found.ordinary.astype(np.int64),
        "vote": found.vote.astype(np.int64),
    }


def _ahead(first: NDArray[np.bool_], other: NDArray[np.bool_]) -> Estimate:
    """The mean paired difference with a 90 % interval, never narrower than one answer more or less would make it."""
    gain = first.astype(float) - other
    n = len(gain)
    half = Z_90 * max(float(gain.std()), float(np.sqrt(1 / (n + 2)))) / float(np.sqrt(n))
    mean = float(gain.mean())
    return Estimate(mean, mean - half, mean + half, "share", "the same records, paired")


def write(about: Record, evidence: Evidence, rows: Split, found: Contest, out: Path) -> None:
    """The answers first: a summary without them would be half a trial."""
    names = np.array(evidence.classes.names)
    table = evidence.rows[rows.asked].select(
        "row_id",
        "record_id",
        part=pl.Series(["latest"] * len(rows.latest) + ["random"] * len(rows.random), dtype=pl.String),
    )
    said = {name: pl.Series(names[codes], dtype=pl.String) for name, codes in answers(found).items()}
    out.mkdir(parents=True, exist_ok=True)
    table.with_columns(**said).write_csv(out / ANSWERS)
    (out / SUMMARY).write_text(json.dumps(asdict(about), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
