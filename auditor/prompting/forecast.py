"""What a run will send, where to and for how much: said before the first request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.prices import PRICES

if TYPE_CHECKING:
    from auditor.prompting.budget import Cap

OUTPUT_TOKENS = PRICES["output_tokens"].value


@dataclass(frozen=True)
class Forecast:
    """``requests`` remain to be sent about ``records``, each with up to ``examples`` retrieved ones, of together
    ``input_tokens``; ``answered`` questions need none. ``where`` is the destination in words.
    """

    records: int
    examples: int
    requests: int
    answered: int
    input_tokens: int
    cap: Cap
    where: str

    @property
    def words(self) -> str:
        """Two lines for a person: where and how much."""
        similar = f", each with up to {self.examples:,} similar ones," if self.examples else ""
        known = f"; {self.answered:,} more are answered already" if self.answered else ""
        return (
            f"The text of {self.records:,} records{similar} goes to {self.where}.\n"
            f"{self.requests:,} requests{known}. About {self.input_tokens:,} tokens, {self._price}."
        )

    @property
    def _price(self) -> str:
        """What it costs, as far as prices are known, and the caps."""
        cost = self.cap.cost(self.input_tokens, round(OUTPUT_TOKENS * self.requests))
        price = f"about {cost:,.2f}" if self.cap.priced else "price unknown (--input-price, --output-price)"
        money = "" if self.cap.money is None else f" and {self.cap.money:,.2f} (--max-cost)"
        return f"{price}; capped at {self.cap.tokens:,} tokens (--max-tokens){money}"
