"""How a value of the settings is read: what it must be, and what refuses anything else."""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from auditor.errors import did_you_mean
from auditor.governance import QUESTIONS
from auditor.prices import KEYS

_MIN_PRICE, _MAX_PRICE = 1e-9, 1e9
# What a file system addresses, and more than any machine has.
_MAX_BYTES = 2**63

Limit = float | tuple[float, float]


class Bad(Exception):
    """A value that a rule refuses; its message, if any, says more than what the rule expects."""


class Rule(NamedTuple):
    """How a key's value is read. ``parse`` raises `Bad` for anything but what ``expected`` says.

    For a table, ``entry`` says how the value of each of its keys is read.
    """

    expected: str
    parse: Callable[[object], object]
    entry: Rule | None = None


def as_text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Bad
    return value


def as_path(value: object) -> str:
    text = as_text(value)
    if "\0" in text or is_device(text):
        raise Bad
    return text


def is_device(path: str | Path) -> bool:
    """A device may have no end, and a socket no content; what a shell hands over with <(...) has both."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or stat.S_ISSOCK(mode)


def as_texts(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise Bad
    return tuple(dict.fromkeys(as_text(item) for item in items))


def as_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Bad
    return value


def as_number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Bad
    try:
        number = float(value)
    except OverflowError:
        raise Bad from None
    if not math.isfinite(number):
        raise Bad
    return number


def as_limit(value: object) -> Limit:
    match value:
        case {"pass": passing, **rest} if not rest:
            return as_number(passing)
        case {"pass": passing, "fail": failing, **rest} if not rest:
            return as_number(passing), as_number(failing)
        case [passing, failing]:
            return as_number(passing), as_number(failing)
        case _:
            return as_number(value)


def as_answer(value: object) -> object:
    match value:
        case {"not_applicable": reason, **rest} if not rest:
            return {"not_applicable": as_text(reason)}
        case date():
            return value
        case int() | float() if not isinstance(value, bool):
            return str(value)
        case _:
            return as_text(value)


def as_governance(value: object) -> dict[str, object]:
    table = as_table(value)
    for key in table:
        if key not in QUESTIONS:
            raise Bad(f"'{key}' is not a question of governance.{did_you_mean(key, QUESTIONS)}")
    return table


def as_price(value: object) -> float:
    number = as_number(value)
    if number < 0:
        raise Bad
    return number


def as_cost(value: object) -> dict[str, object]:
    table = as_table(value)
    for key in table:
        if key not in KEYS:
            raise Bad(f"'{key}' is not a figure of cost.{did_you_mean(key, KEYS)}")
    for key in ("retraining_every_months", "months"):
        if table.get(key) == 0:
            raise Bad(f"'{key}' must be above 0.")
    if table.get("error_cost") == 0:
        raise Bad("'error_cost' must be above 0; leave it out where nobody knows it.")
    for key, price in table.items():
        if isinstance(price, int | float) and price > _MAX_PRICE:
            raise Bad(f"'{key}' is more than a thousand million. Check its zeros.")
        if isinstance(price, int | float) and 0 < price < _MIN_PRICE:
            raise Bad(f"'{key}' is less than a thousand-millionth. Check its zeros, or leave it out.")
    return table


def as_table(value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise Bad
    return dict(value)


def whole(low: int, high: int | None = None) -> Rule:
    def parse(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Bad
        if value < low or (high is not None and value > high):
            raise Bad
        return value

    return Rule(f"a whole number from {low} to {high}" if high else f"a whole number, {low} or more", parse)


def one_of(*choices: str) -> Rule:
    def parse(value: object) -> str:
        if value not in choices:
            raise Bad
        return str(value)

    return Rule(f"one of {', '.join(choices)}", parse)


def as_day(value: object) -> str:
    """As ISO 8601 writes it; TOML has dates of its own."""
    text = value.isoformat() if isinstance(value, date) else as_text(value)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Bad from None


def as_window(value: object) -> str:
    text = as_text(value)
    if not re.fullmatch(r"[1-9][0-9]{0,3}[dwmy]", text):
        raise Bad
    return text


def as_bytes(value: object) -> int:
    """A thousand to the step, as on a box, or 1,024 with an i."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT])(i?)B?", as_text(value).strip(), re.IGNORECASE)
    if found is None:
        raise Bad
    number, unit, binary = found.groups()
    amount = float(number) * (1024 if binary else 1000) ** (1 + "KMGT".index(unit.upper()))
    if not 1 <= amount <= _MAX_BYTES:
        raise Bad
    return int(amount)


def as_mark(value: object) -> str:
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n\0':
        raise Bad
    return value


def as_encoding(value: object) -> str:
    name = as_text(value)
    try:
        # A codec that is no encoding of text, such as base64, refuses too.
        "".encode(name)
    except (LookupError, ValueError):
        raise Bad from None
    return name


def as_words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        raise Bad
    return tuple(dict.fromkeys(value))


COLUMN = Rule("a column name", as_text)
COLUMNS = Rule("a column name or a list of column names", as_texts)
PATH = Rule("a path to a file or folder", as_path)
DAY = Rule("a day such as 2024-01-31", as_day)
CODES = Rule("a check code or a list of check codes", as_texts)
REASON = Rule("a reason in words", as_text)
LIMIT = Rule("a number, a [pass, fail] pair or {pass = ..., fail = ...}", as_limit)
ANSWER = Rule('an answer in words, a date, or {not_applicable = "the reason"}', as_answer)
GOVERNANCE = Rule("a table of questions, each with its answer", as_governance, ANSWER)
PRICE = Rule("a number, 0 or more (all prices stand in one currency, without its sign)", as_price)
COST = Rule("a table of prices and quantities", as_cost, PRICE)
SEVERITY = one_of("info", "warning", "critical")
LIMITS = Rule("a table of measurements, each with its limit", as_table, LIMIT)
