"""What no export answers: who runs the model, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GovernanceAnswer:
    """One question about the running of a model. Both ``answer`` and ``not_applicable`` None: nobody answered it."""

    key: str
    question: str
    answer: str | None
    not_applicable: str | None

    @property
    def open(self) -> bool:
        return self.answer is None and self.not_applicable is None


@dataclass(frozen=True)
class Assumption:
    """One figure that costs rest on; ``source`` says whether it was measured, set by a person or assumed."""

    key: str
    label: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class TornadoBar:
    """The net after `Cost.payback_months` with one figure halved and doubled, all others as they are."""

    key: str
    label: str
    at_half: float
    at_double: float


@dataclass(frozen=True)
class Cost:
    """Prompting against a tuned model, in the currency of the prices.

    ``tuned_per_month`` carries its part of the retrainings. ``net_after_payback`` is what training has saved, less
    what it cost, after ``payback_months``. ``break_even_months`` None: it never pays for itself;
    ``break_even_volume``: records a month from which it does so in time, None for no volume.
    """

    prompt_per_month: float
    tuned_per_month: float
    first_training: float
    each_retraining: float
    retraining_every_months: float
    prompt_tokens: float
    payback_months: int
    net_after_payback: float
    break_even_months: float | None
    break_even_volume: float | None
    assumptions: tuple[Assumption, ...]
    tornado: tuple[TornadoBar, ...]
