"""A training set: which rows in which part, what leaves the training part and why, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.batch import ORDER
from auditor.errors import InputError
from auditor.evidence.groups import coded, kin
from auditor.handover.gain import Classifier, Gain, gain
from auditor.handover.parts import Part, parts
from auditor.keys import Lots
from auditor.model import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from auditor.handover.finished import Finished

    Rows = NDArray[np.bool_]

TRAINED = (Route.FINE_TUNE, Route.ORDINARY)


class Cleaning(StrEnum):
    SUSPECT = "suspect labels"
    DUPLICATE = "duplicates"
    UNROUTED = "classes that no trained model answers"


@dataclass(frozen=True)
class Cleaned:
    """One reason to leave ``rows`` of the training part out, what that is worth on validation, and whether they are
    ``left`` out; ``gain`` None where there was nothing to measure.
    """

    cleaning: Cleaning
    rows: int
    gain: Gain | None
    left: bool


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """``frame``: every usable record with columns ``part`` and ``left_out`` (the reason, null where it stays). ``test``
    is what all that was left out is worth on the latest tenth, None where nothing was.
    """

    frame: pl.DataFrame
    cleaned: tuple[Cleaned, ...]
    test: Gain | None
    groups: int
    dated: bool

    def of(self, part: Part) -> pl.DataFrame:
        """The records of a part that are handed over."""
        return self.frame.filter((pl.col("part") == part) & pl.col("left_out").is_null())


def training_set(audit: Finished, on_stage: Callable[[str], None] = lambda _: None) -> TrainingSet:
    """Rows leave the training part alone, and only where an ordinary classifier is better without them on validation,
    beyond noise.

    Raises InputError where the records are too few or cannot be parted.
    """
    on_stage("Parting the records")
    frame = audit.frame.filter("usable").sort(*ORDER, nulls_last=True, maintain_order=True)
    lots = Lots(frame["item"].to_numpy(), audit.seed)
    near = coded(frame["duplicate_group"].cast(pl.String))
    groups = kin(near, frame["record_id"], frame["group"] if "group" in frame.columns else None).groups
    part = parts(frame["time"], groups, lots)
    train, labels = part == Part.TRAIN, frame["label"].to_numpy().astype(str)
    if len(np.unique(labels[train])) < 2:
        raise InputError("The records to learn from are all of one class: there is nothing to train.")
    on_stage("Training with and without doubtful rows")
    model = Classifier(frame["text"].to_list(), labels, np.flatnonzero(train), lots)
    routed = _routed(audit.report["classes"], labels)
    reasons = {
        Cleaning.SUSPECT: train & frame["reason"].is_not_null().to_numpy(),
        Cleaning.DUPLICATE: train & _repeated(near, labels, train),
        Cleaning.UNROUTED: train & ~routed,
    }

    held = np.flatnonzero(~train)

    def right(left_out: Rows) -> Rows:
        """Which rows (n,) of validation and the latest tenth are answered as filed; False for those to learn from."""
        found = np.zeros(len(labels), bool)
        found[held] = model.answers(held, left_out) == labels[held]
        return found

    as_filed = right(np.zeros(len(labels), bool))
    cleaned = []
    why = np.full(len(frame), "", object)
    for cleaning, rows in reasons.items():
        asked = (part == Part.VALIDATION) & (routed if cleaning is Cleaning.UNROUTED else True)
        measured = rows.any() and asked.any()
        found = gain(as_filed[asked], right(rows)[asked], groups[asked]) if measured else None
        left = found is not None and found.beyond_noise
        if left:
            why[rows & (why == "")] = str(cleaning)
        cleaned.append(Cleaned(cleaning, int(rows.sum()), found, left))
    left_out = why != ""
    asked = (part == Part.TEST) & (routed if (why == Cleaning.UNROUTED).any() else True)
    return TrainingSet(
        frame.with_columns(part=pl.Series(part), left_out=pl.Series(why.tolist(), dtype=pl.String).replace("", None)),
        tuple(cleaned),
        gain(as_filed[asked], right(left_out)[asked], groups[asked]) if left_out.any() and asked.any() else None,
        len(np.unique(groups)),
        frame["time"].null_count() < len(frame),
    )


def _routed(classes: list[Mapping[str, object]], labels: NDArray[np.str_]) -> Rows:
    """Which rows (n,) are of classes that a trained model is to answer; all, where it is to answer none."""
    routes = {str(each["label"]): each["route"] for each in classes}
    trained = np.array([routes.get(label) in TRAINED for label in labels])
    return trained if trained.any() else np.ones(len(labels), bool)


def _repeated(near: NDArray[np.int64], labels: NDArray[np.str_], train: Rows) -> Rows:
    """Rows (n,) of the training part, in order of time, whose near duplicate with the same label comes later."""
    table = pl.DataFrame({"near": near, "label": labels}).with_row_index().filter(pl.Series(train))
    latest = table.group_by("near", "label").agg(pl.col("index").max())["index"].to_numpy()
    repeated = train.copy()
    repeated[latest] = False
    return repeated
