"""What prompting and training cost a month, when training has paid for itself, and what moves that. Pure.

Prices are assumptions: round figures of November 2026 for a mid-sized hosted model, to be replaced under `[cost]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite

from auditor.model import Assumption, Cost, TornadoBar

ASSUMED = "assumption of 2026-11"
SET = "set in audit.toml"
MEASURED = "measured on the export"
# House rule (2026): what has not paid for itself after two years will be replaced before it does.
PAYBACK_MONTHS = 24
HOURS_A_MONTH = 730
# OpenAI's rule of thumb for English (help centre, "What are tokens and how to count them?").
CHARACTERS_PER_TOKEN = 4.0
INSTRUCTION_TOKENS = 60
LABEL_TOKENS = 8
MILLION = 1_000_000
# Below the smallest coin, a figure moves nothing.
LEAST_MOVE = 0.01


@dataclass(frozen=True)
class Price:
    """What one figure of `[cost]` means, and what it is where nobody says."""

    label: str
    value: float
    unit: str


PRICES: Mapping[str, Price] = {
    "input_price": Price("Prompted model, tokens sent", 2.5, "per million tokens"),
    "cached_input_price": Price("Prompted model, tokens sent again (cached)", 0.25, "per million tokens"),
    "output_price": Price("Prompted model, tokens received", 10.0, "per million tokens"),
    "tuned_input_price": Price("Tuned model, tokens sent", 0.8, "per million tokens"),
    "tuned_output_price": Price("Tuned model, tokens received", 3.2, "per million tokens"),
    "hosting_price": Price("Tuned model, hosting", 0.0, "per hour"),
    "training_price": Price("Training", 5.0, "per million tokens and epoch"),
    "epochs": Price("Epochs of a training", 3.0, "epochs"),
    "labelling_price": Price("A new label", 0.3, "per record"),
    "review_price": Price("Reviewing an answer", 0.3, "per record"),
    "reviewed_a_month": Price("Answers reviewed, either way", 200.0, "records a month"),
    "hourly_rate": Price("An engineer", 90.0, "per hour"),
    "first_hours": Price("Work on the first training", 80.0, "hours"),
    "retraining_hours": Price("Work on each retraining", 16.0, "hours"),
    "examples": Price("Retrieved examples in a prompt", 20.0, "examples"),
    "output_tokens": Price("An answer", 12.0, "tokens"),
}
# Measured where the export can tell; these stand in where it cannot.
STAND_INS: Mapping[str, Price] = {
    "monthly_volume": Price("Records", inf, "records a month"),
    "retraining_every_months": Price("Time between trainings", 12.0, "months"),
    "labels_each": Price("New labels for each retraining", 0.0, "records"),
}
FROM_EXPORT: Mapping[str, Price] = {
    "tokens_per_record": Price("A record", inf, "tokens"),
    "taxonomy_tokens": Price("The classes and their definitions", inf, "tokens"),
    "training_rows": Price("Records trained on", inf, "records"),
}
KEYS: Mapping[str, Price] = {**PRICES, **STAND_INS}


def cost(given: Mapping[str, float], measured: Mapping[str, float]) -> Cost | None:
    """Both ways compared; None where the volume a month is neither measured nor given.

    ``given`` holds figures of `[cost]`, ``measured`` those of `FROM_EXPORT` and `STAND_INS` that the export tells.
    """
    known = {**PRICES, **STAND_INS, **FROM_EXPORT}
    values = {key: given.get(key, measured.get(key, price.value)) for key, price in known.items()}
    if not all(isfinite(value) for value in values.values()):
        return None
    prompt, tuned, first, again = _monthly(values)
    saving = prompt - tuned
    return Cost(
        prompt,
        tuned,
        first,
        again,
        values["retraining_every_months"],
        _prompt_tokens(values),
        PAYBACK_MONTHS,
        _net(values),
        first / saving if saving > 0 else None,
        _volume_to_pay_back(values),
        tuple(
            Assumption(key, price.label, values[key], price.unit, _source(key, given, measured))
            for key, price in known.items()
        ),
        _tornado(values, known),
    )


def _source(key: str, given: Mapping[str, float], measured: Mapping[str, float]) -> str:
    return SET if key in given else MEASURED if key in measured else ASSUMED


def _prompt_tokens(v: Mapping[str, float]) -> float:
    """Tokens of one prompt: instruction and taxonomy, the examples with their labels, the record."""
    return INSTRUCTION_TOKENS + v["taxonomy_tokens"] + _own_tokens(v)


def _own_tokens(v: Mapping[str, float]) -> float:
    """What differs from prompt to prompt and cannot be cached."""
    return v["examples"] * (v["tokens_per_record"] + LABEL_TOKENS) + v["tokens_per_record"]


def _monthly(v: Mapping[str, float]) -> tuple[float, float, float, float]:
    """A month of prompting and of a tuned model, the first training, and each retraining."""
    review = v["reviewed_a_month"] * v["review_price"]
    one_prompt = (
        (INSTRUCTION_TOKENS + v["taxonomy_tokens"]) * v["cached_input_price"]
        + _own_tokens(v) * v["input_price"]
        + v["output_tokens"] * v["output_price"]
    ) / MILLION
    one_tuned = (
        (INSTRUCTION_TOKENS + v["tokens_per_record"]) * v["tuned_input_price"]
        + v["output_tokens"] * v["tuned_output_price"]
    ) / MILLION
    tokens = v["training_rows"] * (INSTRUCTION_TOKENS + v["tokens_per_record"] + LABEL_TOKENS)
    training = tokens * v["epochs"] * v["training_price"] / MILLION
    again = training + v["labels_each"] * v["labelling_price"] + v["retraining_hours"] * v["hourly_rate"]
    tuned = v["monthly_volume"] * one_tuned + v["hosting_price"] * HOURS_A_MONTH + review
    return (
        v["monthly_volume"] * one_prompt + review,
        tuned + again / v["retraining_every_months"],
        training + v["first_hours"] * v["hourly_rate"],
        again,
    )


def _net(v: Mapping[str, float]) -> float:
    """What training has saved, less what it cost, after `PAYBACK_MONTHS`."""
    prompt, tuned, first, _ = _monthly(v)
    return PAYBACK_MONTHS * (prompt - tuned) - first


def _volume_to_pay_back(v: Mapping[str, float]) -> float | None:
    """The records a month from which training pays for itself in time; the net is linear in them."""
    at_none, at_one = _net({**v, "monthly_volume": 0.0}), _net({**v, "monthly_volume": 1.0})
    return max(-at_none / (at_one - at_none), 0.0) if at_one > at_none else None


def _tornado(values: Mapping[str, float], known: Mapping[str, Price]) -> tuple[TornadoBar, ...]:
    """The net with each figure halved and doubled, what moves it most first; what does not move it is left out."""
    bars = [
        TornadoBar(key, price.label, _net({**values, key: values[key] / 2}), _net({**values, key: values[key] * 2}))
        for key, price in known.items()
    ]
    moving = [bar for bar in bars if abs(bar.at_half - bar.at_double) > LEAST_MOVE]
    return tuple(sorted(moving, key=lambda bar: -abs(bar.at_double - bar.at_half)))
