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
        """Two sentences for a person."""
        similar = f", each with up to {self.examples:,} similar ones," if self.examples else ""
        known = f" {self.answered:,} more are answered already." if self.answered else ""
        return (
            f"The text of {self.records:,} records{similar} goes to {self.where}.\n"
            f"That takes {self.requests:,} requests of about {self.input_tokens:,} tokens in all, and "
            f"{self._price}.{known}"
        )

    @property
    def _price(self) -> str:
        ceiling = f"never more than {self.cap.tokens:,} tokens (--max-tokens)"
        if self.cap.money is not None:
            ceiling += f" or {self.cap.money:,.2f} (--max-cost)"
        if not self.cap.priced:
            return f"{ceiling}; what that costs is not known without --input-price and --output-price"
        cost = self.cap.cost(self.input_tokens, round(OUTPUT_TOKENS * self.requests))
        return f"costs about {cost:,.2f}; {ceiling}"
