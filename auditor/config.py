"""What a person asked for: `audit.toml` under the command line, checked as a whole."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from auditor import setting
from auditor.addresses import last_name, shown
from auditor.errors import ConfigError, did_you_mean
from auditor.governance import Answer
from auditor.setting import Bad, Limit, Rule

FAIL_ON = ("caution", "verdict", "inconclusive", "worse")
# Neither where a result goes nor what of the machine it may take changes it.
WRITTEN_TO = ("out", "force", "pdf", "junit", "history")
OF_MACHINE = ("threads", "max_memory", "engine", "scheduler", "work")
ENGINES = ("dask",)
_MAX_HORIZON = 60
MOST_THREADS = 256
# What the random draws of scikit-learn take.
MOST_SEED = 2**32 - 1


# `dataclasses.field` itself is typed to return whatever the field holds.
def _key(rule: Rule, default: object = None) -> Any:  # noqa: ANN401
    if default is dict:
        return field(default_factory=dict, metadata={"rule": rule})
    return field(default=default, metadata={"rule": rule})


@dataclass(frozen=True)
class Read:
    """How the export is to be read, where the file itself does not say; nothing is guessed that stands here."""

    delimiter: str | None = _key(Rule("one character, no quote and no line end", setting.as_mark))
    encoding: str | None = _key(
        Rule('the name of an encoding, such as "windows-1252" or "utf-16"', setting.as_encoding)
    )
    header: int | None = _key(Rule("the line of the column names, 0 where there is none", setting.whole(0).parse))
    null: tuple[str, ...] | None = _key(Rule("a list of words that stand for nothing", setting.as_words))
    date_format: str | None = _key(Rule('a format such as "%d/%m/%Y"', setting.as_text))


def _read_section(value: object) -> Read:
    rules = {key.name: key.metadata["rule"] for key in fields(Read)}
    return Read(**_section(value, "read", rules, "does not say how to read an export"))


def _section(value: object, name: str, rules: Mapping[str, Rule], stray: str) -> dict[str, Any]:
    """The table ``name``, each key read by its rule. ``stray`` is what is said of a key that has none."""
    given = setting.as_table(value)
    for key, each in given.items():
        if key not in rules:
            raise Bad(f"'{key}' {stray}.{did_you_mean(key, rules)}")
        try:
            given[key] = rules[key].parse(each)
        except Bad:
            raise Bad(f"'{name}.{key}' must be {rules[key].expected}; found {_shown(each)}.") from None
    return given


_IGNORE: Mapping[str, Rule] = {
    "check": Rule("a check code", setting.as_text),
    "class": Rule("a class or a list of classes", setting.as_texts),
    "segment": Rule('a column, a value such as "payer=Acme", or a list of them', setting.as_texts),
    "reason": setting.REASON,
    "until": setting.DAY,
}


def _ignores(value: object) -> tuple[dict[str, Any], ...]:
    """Reports of schema 2.2 held a table of codes and reasons."""
    tables = [{"check": code, "reason": why} for code, why in value.items()] if isinstance(value, Mapping) else value
    if not isinstance(tables, list | tuple) or (isinstance(value, Mapping) and "check" in value):
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

    export: str | None = _key(setting.PATH)
    table: str | None = _key(Rule("the name of a table", setting.as_text))
    query: str | None = _key(Rule("one SELECT", setting.as_text))
    text: tuple[str, ...] = _key(setting.COLUMNS, ())
    label: str | None = _key(setting.COLUMN)
    label_is: str | None = _key(Rule("the name of a label", setting.as_text))
    label_level: int | None = _key(setting.whole(1))
    time: str | None = _key(setting.COLUMN)
    label_time: str | None = _key(setting.COLUMN)
    id: str | None = _key(setting.COLUMN)
    group: str | None = _key(setting.COLUMN)
    segment: tuple[str, ...] = _key(setting.COLUMNS, ())
    annotator: str | None = _key(setting.COLUMN)
    prediction: str | None = _key(setting.COLUMN)
    prediction_run: tuple[str, ...] = _key(setting.COLUMNS, ())
    trained_prediction: str | None = _key(setting.COLUMN)
    split: str | None = _key(setting.COLUMN)
    sheet: str | None = _key(setting.PATH)
    taxonomy: str | None = _key(setting.PATH)
    baseline: str | None = _key(setting.PATH)
    trial: str | None = _key(setting.PATH)
    corrections: str | None = _key(setting.PATH)
    since: str | None = _key(setting.DAY)
    until: str | None = _key(setting.DAY)
    window: str | None = _key(Rule('a span such as "12m", "90d", "8w" or "2y"', setting.as_window))
    history: str | None = _key(setting.PATH)
    out: str | None = _key(setting.PATH)
    force: bool = _key(Rule("true or false", setting.as_flag), default=False)
    horizon: int = _key(setting.whole(1, _MAX_HORIZON), 6)
    seed: int = _key(setting.whole(0, MOST_SEED), 0)
    threads: int | None = _key(setting.whole(1, MOST_THREADS))
    max_memory: int | None = _key(Rule('an amount of memory such as "4GB" or "800MB"', setting.as_bytes))
    engine: str | None = _key(setting.one_of(*ENGINES))
    scheduler: str | None = _key(Rule('an address such as "tls://10.0.0.1:8786"', setting.as_text))
    work: str | None = _key(setting.PATH)
    include_examples: int = _key(setting.whole(0), 0)
    junit: str | None = _key(setting.PATH)
    pdf: bool = _key(Rule("true or false", setting.as_flag), default=False)
    fail_on: str | None = _key(setting.one_of(*FAIL_ON))
    select: tuple[str, ...] = _key(setting.CODES, ())
    ignore: tuple[Mapping[str, Any], ...] = _key(Rule("[[ignore]] tables, each with check and reason", _ignores), ())
    severity: Mapping[str, str] = _key(
        Rule("a table of check codes, each with its severity", setting.as_table, setting.SEVERITY), dict
    )
    limits: Mapping[str, Limit] = _key(setting.LIMITS, dict)
    cost: Mapping[str, float] = _key(setting.COST, dict)
    governance: Mapping[str, Answer] = _key(setting.GOVERNANCE, dict)
    read: Read = field(
        default_factory=Read, metadata={"rule": Rule("a table of what the file itself does not say", _read_section)}
    )


RULES: Mapping[str, Rule] = {key.name: key.metadata["rule"] for key in fields(Config)}
PATHS = tuple(key for key, rule in RULES.items() if rule is setting.PATH)


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
    return settings | {key: last_name(settings[key]) for key in PATHS if settings.get(key)}


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
    if setting.is_device(path):
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
    except (ValueError, RecursionError):
        # What is TOML, and beyond Python: thousands of digits, or lists in lists in lists.
        raise ConfigError(f"The settings file '{path}' holds a number or a nesting too large to read.") from None


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
    try:
        text = json.dumps(value, default=str, ensure_ascii=False)
    except ValueError:
        # Python writes no whole number of thousands of digits; TOML reads one in hexadecimal.
        return "a number too large to show"
    return text if len(text) <= 60 else f"{text[:57]}..."
