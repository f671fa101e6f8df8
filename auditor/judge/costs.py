"""What each way costs over the horizon: a part that is fixed, and one for each record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.model import Way
from auditor.prices import HOURS_A_MONTH, INSTRUCTION_TOKENS, LABEL_TOKENS, MILLION

if TYPE_CHECKING:
    from auditor.model import Facts


@dataclass(frozen=True)
class Costs:
    """Over all months: ``fixed``, of which ``once`` before the first record, and ``per_record`` answered; numbers, or
    arrays over draws where the prices are.
    """

    once: Any
    fixed: Any
    per_record: Any


def costs_of(way: Way, price: Mapping[str, Any], facts: Facts, months: float, cadence: float) -> Costs:
    """``price`` by the keys of `PRICES`; a model is trained again every ``cadence`` months."""
    rate, record = price["hourly_rate"], facts.tokens_per_record
    again = max(months / cadence - 1, 0.0)
    if way is Way.PROMPT:
        own = price["examples"] * (record + LABEL_TOKENS) + record
        standing = INSTRUCTION_TOKENS + facts.taxonomy_tokens
        tokens = standing * price["cached_input_price"] + own * price["input_price"]
        once = price["prompt_hours"] * rate
        fixed = once + months * price["prompt_upkeep_hours"] * rate
        inconsistency = (facts.prompt.inconsistency if facts.prompt else None) or 0.0
        answered = (tokens + price["output_tokens"] * price["output_price"]) / MILLION
        # Somebody reads a record on which the prompt contradicts itself.
        return Costs(once, fixed, answered + inconsistency * price["review_price"])
    if way is Way.ORDINARY:
        once = price["ordinary_hours"] * rate
        hours = again * price["ordinary_retraining_hours"] + months * price["ordinary_upkeep_hours"]
        return Costs(once, once + hours * rate + months * price["ordinary_hosting"], 0.0 * rate)
    first, training = first_training(price, facts), _training(price, facts)
    hours = again * price["retraining_hours"] + months * price["tuned_upkeep_hours"]
    hosting = months * HOURS_A_MONTH * price["hosting_price"]
    tokens = (INSTRUCTION_TOKENS + record) * price["tuned_input_price"]
    per_record = (tokens + price["output_tokens"] * price["tuned_output_price"]) / MILLION
    return Costs(first, first + again * training + hours * rate + hosting, per_record)


def first_training(price: Mapping[str, Any], facts: Facts) -> Any:  # noqa: ANN401 - as the prices are
    """The work and the tokens of the first fine-tuning."""
    return _training(price, facts) + price["first_hours"] * price["hourly_rate"]


def _training(price: Mapping[str, Any], facts: Facts) -> Any:  # noqa: ANN401 - as the prices are
    tokens = facts.rows * (INSTRUCTION_TOKENS + facts.tokens_per_record + LABEL_TOKENS)
    return tokens * price["epochs"] * price["training_price"] / MILLION
