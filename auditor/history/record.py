"""What one run said, slim enough to keep for ever: a report.json without its findings, and a sample of keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from auditor.errors import InputError
from auditor.model import SCHEMA_VERSION, Content, Decision, GateId, GateStatus

SCHEMA = 1
# What the history keeps of the parts of a report; of other parts nothing.
_KEPT = {
    "checks": ("code", "gate", "measurements"),
    "classes": ("label", "rows"),
    "segments": ("column", "value", "rows"),
}
_WHOLE = ("schema_version", "run", "gates", "estimates", "effective_config")


@dataclass(frozen=True)
class Interval:
    """A figure and its 90 % interval; a bound that the data could not give is None."""

    value: float
    low: float | None
    high: float | None
    unit: str


@dataclass(frozen=True)
class Held:
    """A figure that a gate held to its limits."""

    gate: GateId
    measurement: str
    label: str
    status: GateStatus
    observed: float | None
    pass_limit: float
    fail_limit: float | None
    higher_is_better: bool
    unit: str


@dataclass(frozen=True)
class Record:
    """A run as the history keeps it. ``classes`` and ``sources`` (by column and value) hold numbers of records, of
    those that a report may name; ``settings`` what a comparison rests on.
    """

    id: str
    time: datetime
    name: str
    tool_version: str
    data_fingerprint: str
    content: Content
    rows: int
    first_date: date | None
    last_date: date | None
    decision: Decision
    gates: Mapping[GateId, GateStatus]
    held: tuple[Held, ...]
    estimates: Mapping[str, Interval]
    measured: Mapping[str, float]
    classes: Mapping[str, int]
    sources: Mapping[tuple[str, str], int]
    roles: Mapping[str, tuple[str, ...]]
    settings: Mapping[str, Any]

    @property
    def label(self) -> str:
        """The column of labels, or several."""
        return ", ".join(self.roles.get("label", ()))


def slim(report: Mapping[str, Any], content: Content) -> dict[str, Any]:
    """What the history keeps of ``report`` (a report.json), with the sample of ``content``, which no report shows."""
    kept: dict[str, Any] = {part: report[part] for part in _WHOLE}
    kept["verdict"] = {"decision": report["verdict"]["decision"]}
    for part, keys in _KEPT.items():
        kept[part] = [{key: each[key] for key in keys} for each in report[part]]
    return {"history_schema": SCHEMA, "sample": list(content.sample), "report": kept}


def read(data: object, path: object) -> Record:
    """The record that ``data`` holds: of a history, or a report.json.

    Raises InputError, naming ``path``, where it is neither, where a newer version wrote it, or one too old to read.
    """
    broken = InputError(f"'{path}' is no report of auditor and no record of a history.")
    if not isinstance(data, Mapping):
        raise broken
    try:
        report, sample = data, ()
        if "history_schema" in data:
            _readable(int(data["history_schema"]), SCHEMA, path)
            report, sample = data["report"], tuple(data["sample"])
        _readable(major(report["schema_version"]), major(SCHEMA_VERSION), path)
        return _record(report, sample)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise broken from None


def _readable(found: int, known: int, path: object) -> None:
    if found > known:
        raise InputError(
            f"'{path}' was written by a newer auditor (schema {found}; this one reads {known}). Update auditor."
        )
    if found < known:
        raise InputError(
            f"'{path}' was written by an older auditor (schema {found}; this one reads {known}). "
            "Audit that export again with this version."
        )


def _record(report: Mapping[str, Any], sample: tuple[str, ...]) -> Record:
    run, config = report["run"], report["effective_config"]
    limits = limits_of(config)
    return Record(
        id=run["id"],
        time=datetime.fromisoformat(run["time"]),
        name=run["source"],
        tool_version=run["tool_version"],
        data_fingerprint=run["data_fingerprint"],
        content=Content(run.get("content_fingerprint", ""), sample),
        rows=int(run["intake"]["rows_used"]),
        first_date=_day(run["dates"]["first"]),
        last_date=_day(run["dates"]["last"]),
        decision=Decision(report["verdict"]["decision"]),
        gates={GateId(gate["id"]): GateStatus(gate["status"]) for gate in report["gates"]},
        held=tuple(
            _held(GateId(gate["id"]), each, limits[each["measurement"]])
            for gate in report["gates"]
            for each in gate["evidence"]
        ),
        estimates={
            name: Interval(float(each["value"]), each["low"], each["high"], each["unit"])
            for name, each in report["estimates"].items()
        },
        measured={name: float(value) for check in report["checks"] for name, value in check["measurements"].items()},
        classes={each["label"]: int(each["rows"]) for each in report["classes"]},
        sources={(each["column"], each["value"]): int(each["rows"]) for each in report["segments"]},
        roles={role["role"]: tuple(role["columns"]) for role in run["roles"]},
        settings={
            "limits": {name: (each["passes"], each["fail"]) for name, each in sorted(limits.items())},
            "prices": dict(config["cost"]),
            # Which days it starts and ends on moves from run to run.
            "slice of time": (bool(config.get("since")), bool(config.get("until")), config.get("window")),
            "checks": tuple(config["select"]),
            "horizon": config["horizon"],
            "way of reading": {key: value for key, value in config["read"].items() if value is not None},
        },
    )


def limits_of(config: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The limits that the ``effective_config`` of a report holds, by measurement."""
    limits: dict[str, Mapping[str, Any]] = dict(config["limits"])
    # Reports of schema 2.0 held the limit that decides instead inside the other one.
    better = [limit["better"] for limit in limits.values() if limit.get("better")]
    return limits | {limit["measurement"]: limit for limit in better}


def major(version: str) -> int:
    """Of a schema: reports of another one cannot be read."""
    return int(version.partition(".")[0])


def _held(gate: GateId, each: Mapping[str, Any], limit: Mapping[str, Any]) -> Held:
    return Held(
        gate,
        each["measurement"],
        each["label"],
        GateStatus(each["status"]),
        each["observed"],
        each["pass_limit"],
        each["fail_limit"],
        bool(limit["higher_is_better"]),
        each["unit"],
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
