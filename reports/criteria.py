"""A figure of a gate held against its limits, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reports.numbers import ANSWERS, SHARES, figure, figures, is_number, with_unit

if TYPE_CHECKING:
    from auditor.model import Criterion


def limit_words(criterion: Criterion) -> str:
    """``at least 2,000 rows`` or ``at most 5 %``, told apart from what was observed."""
    if criterion.unit in ANSWERS:
        return f"must be {figure(criterion.pass_limit, criterion.unit)}"
    _, limit, _ = _shown(criterion)
    side = limit_side(criterion)
    return f"{side} {limit}" if side else limit


def fail_words(criterion: Criterion) -> str:
    """``fails above 10 %``, empty where there is no second limit."""
    fails = criterion.fail_limit
    if criterion.unit in ANSWERS or not is_number(fails) or fails == criterion.pass_limit:
        return ""
    side = "below" if limit_side(criterion) == "at least" else "above"
    return f"fails {side} {_shown(criterion)[2]}"


def observed_words(criterion: Criterion) -> str:
    """The figure; ``between 4 and 9 points`` where it has an interval on one side of its limit.

    Where the interval holds the limit: what would tell.
    """
    if criterion.unit in ANSWERS and not is_number(criterion.observed):
        return "not stated"
    if is_number(criterion.observed) and not criterion.is_settled:
        return f"not known: needs {criterion.needs}"
    return _between(criterion) if _is_closed(criterion) else _shown(criterion)[0]


def _is_closed(criterion: Criterion) -> bool:
    return is_number(criterion.low) and is_number(criterion.high)


def _between(criterion: Criterion) -> str:
    """Both ends, told apart from the limit."""
    low, high, _ = figures((criterion.low, criterion.high, criterion.pass_limit), criterion.unit)
    if low == high:
        return low
    return f"between {low.removesuffix(with_unit('', criterion.unit))} and {high}"


def _shown(criterion: Criterion) -> tuple[str, ...]:
    return figures((criterion.observed, criterion.pass_limit, criterion.fail_limit), criterion.unit)


def margin_words(criterion: Criterion) -> str:
    """How far inside or beyond the limit the figure lies; a dash where that is not known."""
    margin = criterion.margin
    if margin is None or not math.isfinite(margin) or criterion.unit in ANSWERS or not criterion.is_settled:
        return "–"
    unit = "points" if criterion.unit in SHARES else criterion.unit
    distance = figures((abs(margin),), unit)[0]
    if margin == 0:
        return "at the limit"
    return f"{distance} inside" if margin > 0 else f"{distance} beyond"


def limit_side(criterion: Criterion) -> str:
    """Which side of the limit passes, read from the limits or, failing that, from the margin's sign."""
    if criterion.fail_limit is not None and criterion.fail_limit != criterion.pass_limit:
        return "at least" if criterion.pass_limit > criterion.fail_limit else "at most"
    if criterion.observed is None or criterion.margin is None or criterion.margin == 0:
        return ""
    above = criterion.observed > criterion.pass_limit
    return "at least" if above == (criterion.margin > 0) else "at most"
