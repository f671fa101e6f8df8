"""Every limit that a gate holds a figure to: those of the checks, and the judge's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.judge.gates import TRAINING_PAYS
from checks import LIMITS

if TYPE_CHECKING:
    from auditor.limits import Limit

GATE_LIMITS: tuple[Limit, ...] = (*LIMITS, TRAINING_PAYS)
