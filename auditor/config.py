"""What a person asked for: `audit.toml` under the command line, checked as a whole."""

from __future__ import annotations

import hashlib
import json
import math
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from auditor.addresses import last_name, shown
from auditor.errors import ConfigError, did_you_mean
from auditor.governance import QUESTIONS, Answer
from auditor.prices import KEYS

FAIL_ON = ("caution", "verdict", "inconclusive", "worse")
# Neither where a result goes nor what of the machine it may take changes it.
WRITTEN_TO = ("out", "force", "pdf", "junit", "history")
OF_MACHINE = ("threads", "max_memory")
_MAX_HORIZON = 60
MOST_THREADS = 256
_MAX_PRICE = 1e9

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


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Bad
    return value


def _path(value: object) -> str:
    text = _text(value)
    if _is_device(text):
        raise Bad
    return text


def _is_device(path: str | Path) -> bool:
    """A device may have no end, and a socket no content; what a shell hands over with <(...) has both."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or stat.S_ISSOCK(mode)


def _texts(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise Bad
    return tuple(dict.fromkeys(_text(item) for item in items))


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Bad
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise Bad
    return float(value)


def _limit(value: object) -> Limit:
    match value:
        case {"pass": passing, **rest} if not rest:
            return _number(passing)
        case {"pass": passing, "fail": failing, **rest} if not rest:
            return _number(passing), _number(failing)
        case [passing, failing]:
            return _number(passing), _number(failing)
        case _:
            return _number(value)


def _answer(value: object) -> object:
    match value:
        case {"not_applicable": reason, **rest} if not rest:
            return {"not_applicable": _text(reason)}
        case date():
            return value
        case int() | float() if not isinstance(value, bool):
            return str(value)
        case _:
            return _text(value)


def _governance(value: object) -> dict[str, object]:
    table = _table(value)
    for key in table:
        if key not in QUESTIONS:
            raise Bad(f"'{key}' is not a question of governance.{did_you_mean(key, QUESTIONS)}")
    return table


def _price(value: object) -> float:
    number = _number(value)
    if number < 0:
        raise Bad
    return number


def _cost(value: object) -> dict[str, object]:
    table = _table(value)
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
    return table


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise Bad
    return dict(value)


def _whole(low: int, high: int | None = None) -> Rule:
    def parse(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Bad
        if value < low or (high is not None and value > high):
            raise Bad
        return value

    return Rule(f"a whole number from {low} to {high}" if high else f"a whole number, {low} or more", parse)


def _one_of(*choices: str) -> Rule:
    def parse(value: object) -> str:
        if value not in choices:
            raise Bad
        return str(value)

    return Rule(f"one of {', '.join(choices)}", parse)


def _day(value: object) -> str:
    """As ISO 8601 writes it; TOML has dates of its own."""
    text = value.isoformat() if isinstance(value, date) else _text(value)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Bad from None


def _window(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[1-9][0-9]{0,3}[dwmy]", text):
        raise Bad
    return text


def _bytes(value: object) -> int:
    """A thousand to the step, as on a box, or 1,024 with an i."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT])(i?)B?", _text(value).strip(), re.IGNORECASE)
    if found is None:
        raise Bad
    number, unit, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** (1 + "KMGT".index(unit.upper())))


def _mark(value: object) -> str:
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n\0':
        raise Bad
    return value


def _encoding(value: object) -> str:
    name = _text(value)
    try:
        # A codec that is no encoding of text, such as base64, refuses too.
        "".encode(name)
    except (LookupError, ValueError):
        raise Bad from None
    return name


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        raise Bad
    return tuple(dict.fromkeys(value))


_COLUMN = Rule("a column name", _text)
_COLUMNS = Rule("a column name or a list of column names", _texts)
_PATH = Rule("a path to a file or folder", _path)
_DAY = Rule("a day such as 2024-01-31", _day)
_CODES = Rule("a check code or a list of check codes", _texts)
_REASON = Rule("a reason in words", _text)
_LIMIT = Rule("a number, a [pass, fail] pair or {pass = ..., fail = ...}", _limit)
_ANSWER = Rule('an answer in words, a date, or {not_applicable = "the reason"}', _answer)
_GOVERNANCE = Rule("a table of questions, each with its answer", _governance, _ANSWER)
_PRICE = Rule("a number, 0 or more (all prices stand in one currency, without its sign)", _price)
_COST = Rule("a table of prices and quantities", _cost, _PRICE)
_SEVERITY = _one_of("info", "warning", "critical")
_LIMITS = Rule("a table of measurements, each with its limit", _table, _LIMIT)


# `dataclasses.field` itself is typed to return whatever the field holds.
def _key(rule: Rule, default: object = None) -> Any:  # noqa: ANN401
    if default is dict:
        return field(default_factory=dict, metadata={"rule": rule})
    return field(default=default, metadata={"rule": rule})


@dataclass(frozen=True)
class Read:
    """How the export is to be read, where the file itself does not say; nothing is guessed that stands here."""

    delimiter: str | None = _key(Rule("one character, no quote and no line end", _mark))
    encoding: str | None = _key(Rule('the name of an encoding, such as "windows-1252" or "utf-16"', _encoding))
    header: int | None = _key(Rule("the line of the column names, 0 where there is none", _whole(0).parse))
    null: tuple[str, ...] | None = _key(Rule("a list of words that stand for nothing", _words))
    date_format: str | None = _key(Rule('a format such as "%d/%m/%Y"', _text))


def _read_section(value: object) -> Read:
    rules = {key.name: key.metadata["rule"] for key in fields(Read)}
    return Read(**_section(value, "read", rules, "does not say how to read an export"))


def _section(value: object, name: str, rules: Mapping[str, Rule], stray: str) -> dict[str, Any]:
    """The table ``name``, each key read by its rule. ``stray`` is what is said of a key that has none."""
    given = _table(value)
    for key, each in given.items():
        if key not in rules:
            raise Bad(f"'{key}' {stray}.{did_you_mean(key, rules)}")
        try:
            given[key] = rules[key].parse(each)
        except Bad:
            raise Bad(f"'{name}.{key}' must be {rules[key].expected}; found {_shown(each)}.") from None
    return given


_IGNORE: Mapping[str, Rule] = {
    "check": Rule("a check code", _text),
    "class": Rule("a class or a list of classes", _texts),
    "segment": Rule('a column, a value such as "payer=Acme", or a list of them', _texts),
    "reason": _REASON,
    "until": _DAY,
}


def _ignores(value: object) -> tuple[dict[str, Any], ...]:
    """Reports of schema 2.2 held a table of codes and reasons."""
    tables = [{"check": code, "reason": why} for code, why in value.items()] if isinstance(value, Mapping) else value
    if not isinstance(tables, list | tuple):
        raise Bad
    read = []
    for place, each in enumerate(tables, 1):
        table = _section(each, "ignore", _IGNORE, "is no key of [[ignore]]")
        for key in ("check", "reason"):
            if key not in table:
                raise Bad(f"[[ignore]] number {place} has no '{key}'.")
        if "class" in table and "segment" in table:
            raise Bad(f"[[ignore]] number {place} names a class and a segment: a finding is about one of them.")
        read.append(table)
    return tuple(read)


@dataclass(frozen=True)
class Config:
    """One audit's settings. Each field is one key of `audit.toml` and carries the rule that checks it."""

    export: str | None = _key(_PATH)
    table: str | None = _key(Rule("the name of a table", _text))
    query: str | None = _key(Rule("one SELECT", _text))
    text: tuple[str, ...] = _key(_COLUMNS, ())
    label: str | None = _key(_COLUMN)
    label_is: str | None = _key(Rule("the name of a label", _text))
    label_level: int | None = _key(_whole(1))
    time: str | None = _key(_COLUMN)
    label_time: str | None = _key(_COLUMN)
    id: str | None = _key(_COLUMN)
    group: str | None = _key(_COLUMN)
    segment: tuple[str, ...] = _key(_COLUMNS, ())
    annotator: str | None = _key(_COLUMN)
    prediction: str | None = _key(_COLUMN)
    prediction_run: tuple[str, ...] = _key(_COLUMNS, ())
    trained_prediction: str | None = _key(_COLUMN)
    split: str | None = _key(_COLUMN)
    sheet: str | None = _key(_PATH)
    taxonomy: str | None = _key(_PATH)
    baseline: str | None = _key(_PATH)
    trial: str | None = _key(_PATH)
    corrections: str | None = _key(_PATH)
    since: str | None = _key(_DAY)
    until: str | None = _key(_DAY)
    window: str | None = _key(Rule('a span such as "12m", "90d", "8w" or "2y"', _window))
    history: str | None = _key(_PATH)
    out: str | None = _key(_PATH)
    force: bool = _key(Rule("true or false", _flag), default=False)
    horizon: int = _key(_whole(1, _MAX_HORIZON), 6)
    seed: int = _key(_whole(0), 0)
    threads: int | None = _key(_whole(1, MOST_THREADS))
    max_memory: int | None = _key(Rule('an amount of memory such as "4GB" or "800MB"', _bytes))
    include_examples: int = _key(_whole(0), 0)
    junit: str | None = _key(_PATH)
    pdf: bool = _key(Rule("true or false", _flag), default=False)
    fail_on: str | None = _key(_one_of(*FAIL_ON))
    select: tuple[str, ...] = _key(_CODES, ())
    ignore: tuple[Mapping[str, Any], ...] = _key(Rule("[[ignore]] tables, each with check and reason", _ignores), ())
    severity: Mapping[str, str] = _key(Rule("a table of check codes, each with its severity", _table, _SEVERITY), dict)
    limits: Mapping[str, Limit] = _key(_LIMITS, dict)
    cost: Mapping[str, float] = _key(_COST, dict)
    governance: Mapping[str, Answer] = _key(_GOVERNANCE, dict)
    read: Read = field(
        default_factory=Read, metadata={"rule": Rule("a table of what the file itself does not say", _read_section)}
    )


RULES: Mapping[str, Rule] = {key.name: key.metadata["rule"] for key in fields(Config)}
PATHS = tuple(key for key, rule in RULES.items() if rule is _PATH)


def load_config(path: Path | None, overrides: Mapping[str, object], where: str = "command line") -> Config:
    """The settings of the file at ``path``, with ``overrides`` on top; None and empty lists there mean "not given".

    ``where`` is how a complaint names the place of the ``overrides``.

    Raises:
        ConfigError: the file cannot be read, or keys or values are wrong; one line for each.

    """
    given = {key: value for key, value in overrides.items() if value is not None and value not in ((), [])}
    from_file, file_problems = _checked(_read(path), str(path)) if path else ({}, [])
    from_line, line_problems = _checked(given, where)
    if problems := file_problems + line_problems:
        raise ConfigError("\n".join(problems))
    return Config(**(from_file | from_line))


def effective(config: Config) -> dict[str, Any]:
    """Every setting but what one machine may give, defaults included, ready for JSON. A report is handed on, so of a
    path only the last name.
    """
    settings = {key: value for key, value in _plain(config).items() if key not in OF_MACHINE}
    return settings | {key: last_name(settings[key]) for key in PATHS if settings[key]}


def config_hash(config: Config) -> str:
    """Names the settings that can change a result."""
    settings = {key: value for key, value in _plain(config).items() if key not in (*WRITTEN_TO, *OF_MACHINE)}
    if config.export is not None:
        # From the hash of an address with its password somebody might guess the password.
        settings["export"] = shown(config.export)
    canonical = json.dumps(settings, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _plain(config: Config) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(config), default=str))
    return plain


def _read(path: Path) -> dict[str, Any]:
    if _is_device(path):
        raise ConfigError(f"'{path}' is a device, and no settings file. Check the path given with --config.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"There is no settings file at '{path}'. Check the path given with --config.") from None
    except OSError as error:
        raise ConfigError(f"The settings file '{path}' cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"The settings file '{path}' is not UTF-8 text. Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The settings file '{path}' is not valid TOML: {error}.") from None


def _checked(given: Mapping[str, object], source: str) -> tuple[dict[str, Any], list[str]]:
    """The values that hold, and a line for each that does not."""
    values: dict[str, Any] = {}
    problems: list[str] = []

    def read(name: str, value: object, rule: Rule) -> object:
        try:
            parsed = rule.parse(value)
        except Bad as bad:
            said = str(bad) or f"'{name}' must be {rule.expected}; found {_shown(value)}."
            problems.append(f"{source}: {said}")
            return None
        if rule.entry and isinstance(parsed, dict):
            return {key: read(f"{name}.{key}", each, rule.entry) for key, each in parsed.items()}
        return parsed

    for key, value in given.items():
        if rule := RULES.get(key):
            values[key] = read(key, value, rule)
        else:
            problems.append(f"{source}: '{key}' is not a setting.{did_you_mean(key, RULES)}")
    return values, problems


def _shown(value: object) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
