"""Every price and quantity of `[cost]`: what it means, and what it is where nobody says.

Assumptions are round figures of November 2026 for a mid-sized hosted model and a small team, each within a factor of
two; a figure that somebody sets is certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ASSUMED = "assumption of 2026-11"
SET = "set in audit.toml"
MEASURED = "measured on the export"
INSTRUCTION_TOKENS = 60
LABEL_TOKENS = 8
HOURS_A_MONTH = 730
MILLION = 1_000_000
# OpenAI's rule of thumb for English (help centre, "What are tokens and how to count them?"). Other Latin languages have
# 3 to 4.7, see `auditor.script_tokens`.
CHARACTERS_PER_TOKEN = 4.0


@dataclass(frozen=True)
class Price:
    """What one figure means, and what it is where nobody says."""

    label: str
    value: float
    unit: str


PRICES: Mapping[str, Price] = {
    "input_price": Price("Prompted model, tokens sent", 2.5, "per million tokens"),
    "cached_input_price": Price("Prompted model, tokens sent again (cached)", 0.25, "per million tokens"),
    "output_price": Price("Prompted model, tokens received", 10.0, "per million tokens"),
    "examples": Price("Retrieved examples in a prompt", 20.0, "examples"),
    "output_tokens": Price("An answer", 12.0, "tokens"),
    "prompt_hours": Price("Work to set up a prompt", 24.0, "hours"),
    "prompt_upkeep_hours": Price("Upkeep of a prompt", 2.0, "hours a month"),
    "ordinary_hours": Price("Work to set up an ordinary classifier", 40.0, "hours"),
    "ordinary_retraining_hours": Price("Work to train it again", 1.0, "hours"),
    "ordinary_upkeep_hours": Price("Upkeep of an ordinary classifier", 2.0, "hours a month"),
    "ordinary_hosting": Price("Ordinary classifier, hosting", 30.0, "a month"),
    "tuned_input_price": Price("Tuned model, tokens sent", 0.8, "per million tokens"),
    "tuned_output_price": Price("Tuned model, tokens received", 3.2, "per million tokens"),
    "hosting_price": Price("Tuned model, hosting", 0.0, "per hour"),
    "training_price": Price("Training", 5.0, "per million tokens and epoch"),
    "epochs": Price("Epochs of a training", 3.0, "epochs"),
    "first_hours": Price("Work on the first training", 80.0, "hours"),
    "retraining_hours": Price("Work on each retraining", 16.0, "hours"),
    "tuned_upkeep_hours": Price("Upkeep of a tuned model", 4.0, "hours a month"),
    "routing_hours": Price("Work to route classes to two ways", 24.0, "hours"),
    "hourly_rate": Price("An engineer", 90.0, "per hour"),
    "labelling_price": Price("A label given afresh", 0.6, "per record"),
    "review_price": Price("Reading a listed record", 0.3, "per record"),
    "measuring_hours": Price("Work to measure a prompt", 8.0, "hours"),
}
# What is certain or decides by itself: not within a factor of two.
STATED: Mapping[str, Price] = {
    "error_cost": Price("A wrongly filed record", 1.0, "per record"),
    "months": Price("The time that the sum covers", 24.0, "months"),
    "handling_price": Price("Today's handling of a record", 0.0, "per record"),
    "monthly_volume": Price("Records", 0.0, "records a month"),
    "retraining_every_months": Price("Time between trainings", 12.0, "months"),
}
KEYS: Mapping[str, Price] = {**PRICES, **STATED}
MONTHS = STATED["months"].value
ERROR_COST = STATED["error_cost"].value


def prices(given: Mapping[str, float]) -> dict[str, float]:
    """Every price by its key: as set in ``given``, else as assumed."""
    return {key: given.get(key, price.value) for key, price in PRICES.items()}
