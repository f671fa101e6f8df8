"""Figures as people read them: rounded to what they bear, with their unit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model import Estimate, Figure, Level

NBSP = "\N{NO-BREAK SPACE}"
NOT_MEASURED = "not measured"
NOT_KNOWN = "not known"
# An interval of half of all shares, as from 30 to 80 %, says nothing (house rule, 2026).
WIDEST = 0.5
MINUS = "\N{MINUS SIGN}"
MOST_DECIMALS = 3

SHARES = frozenset({"share", "rate", "fraction", "proportion", "accuracy", "probability"})
POINTS = frozenset({"points", "share_points", "percentage points"})
RATIOS = frozenset({"ratio", "x", "times"})
ANSWERS = frozenset({"yes_no", "yes/no", "bool", "boolean", "answer"})
COUNTS = frozenset(
    {"rows", "records", "classes", "groups", "labels", "segments", "periods", "tokens", "pairs", "words"}
)
MONEY = frozenset({"money", "dollars", "$"})
PLAIN = frozenset({"", "count", "number", "1"})


def is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def figure(
    value: float | None, unit: str, decimals: int | None = None, *, signed: bool = False, bare: bool = False
) -> str:
    """One value with its unit, such as ``7.5 %``, ``80,000 rows`` or ``1.02×``.

    ``signed``: with a plus; ``bare``: without the unit.
    """
    if value is None or not math.isfinite(value):
        return NOT_MEASURED
    if unit in ANSWERS:
        return "yes" if value >= 0.5 else "no"
    if unit in MONEY:
        return money(value)
    scaled = _scaled(value, unit)
    text = _thousands(scaled, _decimals(scaled, unit) if decimals is None else decimals)
    if signed and not text.startswith(MINUS):
        text = f"+{text}"
    return text if bare else with_unit(text, unit)


def share(value: float | None) -> str:
    """A share for a table cell; a dash where there is none."""
    return figure(value, "share") if is_number(value) else "–"


def money(value: float | None, *, whole: bool = False) -> str:
    """``$0.40``, ``$17``, ``$1,230``, ``$12,300`` or ``$1.2 million``. A ``whole`` sum has no cents: ``under $1``."""
    if value is None or not math.isfinite(value):
        return NOT_MEASURED
    size, least = abs(value), 1.0 if whole else 0.01
    if size < least:
        return f"under ${least:g}" if value > 0 else "$0"
    return (MINUS if value < 0 else "") + _dollars(size, cents=not whole)


def _dollars(size: float, *, cents: bool) -> str:
    if cents and size < 9.995 and round(size, 2) != round(size):
        return f"${size:.2f}"
    if size < 999_500:
        return f"${round(size, min(0, 2 - math.floor(math.log10(size)))):,.0f}"
    name, scale = ("million", 1e6) if size < 999.5e6 else ("billion", 1e9)
    return f"${size / scale:,.{1 if size < 9.95 * scale else 0}f} {name}"


def gain(value: float) -> str:
    """A whole sum with its sign: ``+$2,120``."""
    said = money(value, whole=True)
    return f"+{said}" if value >= 1 else said


def better(value: float) -> str:
    """A difference in money, in words: ``$128 worse``."""
    return f"{money(abs(value), whole=True)} {'better' if value >= 0 else 'worse'}"


def limit(value: float | None) -> str:
    """A share that something is held to, without trailing zeros."""
    return figures((value,), "share")[0]


def chance(value: float) -> str:
    """A chance, no finer than draws can tell: ``61 %``, ``over 99 %``."""
    if not math.isfinite(value):
        return NOT_MEASURED
    if 0.005 <= value < 0.995:
        return f"{100 * value:.0f}{NBSP}%"
    return f"{'over 99' if value > 0.5 else 'under 1'}{NBSP}%"


def every(months: float) -> str:
    """``every month``, ``every 9 months``."""
    whole = max(1, round(months))
    return "every month" if whole == 1 else f"every {whole} months"


def count(value: float) -> str:
    """``30,000``."""
    return f"{value:,.0f}"


def about(value: float) -> str:
    """A count that stems from a forecast, to two digits."""
    whole = round(abs(value))
    return f"{round(whole, 2 - len(str(whole))):,}"


def level_words(level: Level) -> tuple[str, str]:
    """A share, and its 90 % interval: ``84 %`` and ``81 % to 87 %``."""
    value, low, high = _fitted(level.value, level.low, level.high, "share")
    return value, f"{low} to {high}" if low and high and low != high else ""


def quantity(value: float, unit: str) -> str:
    """A price or an amount that the sum rests on: ``$90 per hour``, ``1,058 records a month``."""
    if unit.startswith("per ") or unit == "a month":
        return f"{money(value)} {unit}"
    return figure(value, unit)


def figures(values: tuple[float | None, ...], unit: str) -> tuple[str, ...]:
    """Several values at the fewest decimals that keep different ones apart: 89.6 never reads as 90."""
    known = {value for value in values if value is not None and math.isfinite(value)}
    decimals: dict[float, int] = {}
    for more in range(MOST_DECIMALS + 1):
        decimals = {value: _enough_decimals(_scaled(value, unit), unit, more) for value in known}
        rounded = [round(_scaled(value, unit), decimals[value]) for value in known]
        vanished = rounded.count(0) > (0 in known)
        if len(set(rounded)) == len(known) and not vanished:
            break
    return tuple(
        NOT_MEASURED if value is None or not math.isfinite(value) else figure(value, unit, decimals[value])
        for value in values
    )


def beside(kind: Figure, value: float, limit: float) -> Figure:
    """``kind`` at the fewest decimals, but no fewer than its own, at which ``value`` does not read as its ``limit``."""
    decimals = kind.decimals
    if decimals is None or value == limit:
        return kind
    one, other = (_scaled(each, kind.unit) for each in (value, limit))
    while decimals < MOST_DECIMALS and round(one, decimals) == round(other, decimals):
        decimals += 1
    return replace(kind, decimals=decimals)


def says_something(low: float | None, high: float | None, unit: str) -> bool:
    """Whether an interval leaves out anything that matters: a share of none to most may be any."""
    if unit not in SHARES:
        return True
    return (1.0 if high is None else high) - (low or 0.0) < WIDEST


def estimate_value(estimate: Estimate) -> str:
    """``75 %``, ``6 % or more`` where the data gives no upper bound, or that it is not known."""
    if (estimate.low, estimate.high) in {(0, None), (None, 1)}:
        return NOT_KNOWN
    value, low, high = _rounded(estimate)
    if bool(low) == bool(high):
        return value
    return f"{low} or more" if low else f"{high} or less"


def interval_words(estimate: Estimate) -> str:
    """The 90 % interval, and in words which bound the data cannot give."""
    _, low, high = _rounded(estimate)
    if low and high:
        if estimate.low == estimate.high:
            return "none needed" if estimate.unit in MONEY else "none needed: a count"
        return f"{low} to {high}"
    if low:
        return f"from {low}; the data gives no upper bound"
    return f"up to {high}; the data gives no lower bound" if high else "none"


def _rounded(estimate: Estimate) -> tuple[str, str, str]:
    return _fitted(estimate.value, estimate.low, estimate.high, estimate.unit)


def _fitted(value: float, low: float | None, high: float | None, unit: str) -> tuple[str, str, str]:
    """A figure and its bounds at the digits that the interval bears; empty where a bound is missing."""
    low = low if is_number(low) else None
    high = high if is_number(high) else None
    step: int | None = None
    if low is not None and high is not None and high > low:
        # An interval says how many digits its figure bears.
        width = _scaled(high, unit) - _scaled(low, unit)
        digits = -math.floor(math.log10(width / (2 if unit in SHARES | POINTS else 20)))
        fewest = -3 if unit in COUNTS | PLAIN else 0
        step = min(max(digits, fewest), 2 if unit in RATIOS else MOST_DECIMALS)
        if unit in COUNTS | PLAIN:
            step = min(step, 1 if abs(value) < 100 else 0)
    return (
        figure(value, unit, step),
        "" if low is None else figure(low, unit, step),
        "" if high is None else figure(high, unit, step),
    )


def _scaled(value: float, unit: str) -> float:
    return value * 100 if unit in SHARES | POINTS else value


def _decimals(scaled: float, unit: str) -> int:
    size = abs(scaled)
    if unit in COUNTS | PLAIN and (size >= 100 or scaled == round(scaled)):
        return 0
    if unit in SHARES and 99.5 <= size < 100:
        # Nearly all is not all.
        return 1 if size < 99.95 else 2
    if unit in SHARES | POINTS:
        return 0 if size >= 9.95 or scaled == 0 else 1 if size >= 0.995 else 2
    if unit in RATIOS:
        return 2
    return 0 if size >= 100 or scaled == round(scaled) else 1 if size >= 1 else 2


def _enough_decimals(scaled: float, unit: str, more: int) -> int:
    """Some decimals more than usual, yet no trailing zeros on a round limit."""
    decimals = min(_decimals(scaled, unit) + more, MOST_DECIMALS)
    enough = (fewer for fewer in range(decimals) if abs(scaled - round(scaled, fewer)) < 1e-9)
    return decimals if unit in RATIOS else next(enough, decimals)


def _thousands(value: float, decimals: int) -> str:
    text = f"{round(value, decimals):,.{max(decimals, 0)}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def with_unit(text: str, unit: str) -> str:
    """A number written out, with its unit."""
    if unit in SHARES:
        return f"{text}{NBSP}%"
    if unit in POINTS:
        return f"{text}{NBSP}{'point' if text == '1' else 'points'}"
    if unit in RATIOS:
        return f"{text}×"
    noun = unit.replace("_", " ")
    if text == "1" and noun in {*COUNTS, "months", "days"}:
        noun = {"classes": "class"}.get(noun, noun.removesuffix("s"))
    return text if unit in PLAIN else f"{text}{NBSP}{noun}"
