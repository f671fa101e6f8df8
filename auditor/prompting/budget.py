"""The hard cap on what a baseline may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cap:
    """At most ``tokens`` in all, and at most ``money`` at the prices per million tokens; None is no cap on money."""

    tokens: int
    money: float | None = None
    input_price: float = 0.0
    output_price: float = 0.0

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        return (input_tokens * self.input_price + output_tokens * self.output_price) / 1e6

    @property
    def priced(self) -> bool:
        return bool(self.input_price or self.output_price)


class Budget:
    """Counts what is spent, (input, output) tokens, and what is under way. A request that could break the cap is
    never sent.
    """

    def __init__(self, cap: Cap, spent: tuple[int, int] = (0, 0)) -> None:
        self.cap = cap
        self._input, self._output = spent

    def reserve(self, input_tokens: int, output_tokens: int) -> bool:
        """Sets aside the most that a request can use; False where that is more than is left."""
        after = self._input + input_tokens, self._output + output_tokens
        money = self.cap.money
        if sum(after) > self.cap.tokens or (money is not None and self.cap.cost(*after) > money):
            return False
        self._input, self._output = after
        return True

    def settle(self, reserved: tuple[int, int], used: tuple[int, int]) -> None:
        """Puts what was used, (input, output) tokens, in the place of what was set aside."""
        self._input += used[0] - reserved[0]
        self._output += used[1] - reserved[1]


def counted(stated: int, known: int, most: int) -> int:
    """Tokens that a request counts for: what the endpoint states, up to the ``most`` that the request allowed, but
    never less than what is ``known`` to have gone over the wire.
    """
    return max(known, min(stated, most))
