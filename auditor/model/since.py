"""What changed from one audit of an export to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from auditor.model.vocabulary import GateId, GateStatus


class Change(StrEnum):
    """How a figure moved. ``unknown``: nobody knows how far it moves by chance."""

    BETTER = "better"
    WORSE = "worse"
    WITHIN = "within noise"
    UNKNOWN = "noise unknown"
    SAME = "same"


@dataclass(frozen=True)
class MovedFigure:
    """A figure ``before`` and ``after``, in ``unit``; ``names`` are the classes or sources that it is about."""

    measurement: str
    label: str
    before: float | None
    after: float | None
    unit: str
    change: Change
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class MovedGate:
    """``fell``: beyond noise."""

    gate: GateId
    before: GateStatus
    after: GateStatus
    fell: bool


@dataclass(frozen=True)
class Since:
    """The last audit of the export in the history, at ``time``: ``said`` is the answer in a sentence, ``worse`` that
    of `--fail-on worse`; the five named figures and the gates.
    """

    run: str
    time: datetime
    said: str
    worse: bool
    figures: tuple[MovedFigure, ...]
    gates: tuple[MovedGate, ...]
