"""A history as one flat table, for tools that draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from auditor.cells import all_defused
from auditor.errors import ConfigError
from auditor.folders import refuse_unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from auditor.history.record import Record

_COLUMNS = (
    "run", "time", "export", "records", "first_date", "last_date", "decision", "tool_version", "data_fingerprint",
    "content_fingerprint", "kind", "figure", "value", "low", "high", "unit", "gate", "gate_status", "status",
    "pass_limit", "fail_limit",
)  # fmt: skip


def written(records: Sequence[Record], path: Path) -> int:
    """Write every figure of every run to ``path``, passing ones too, one line each; gives the number of lines.

    Raises ConfigError where the name ends neither in .csv nor in .parquet, or where the file exists.
    """
    import polars as pl

    if path.suffix not in (".csv", ".parquet"):
        raise ConfigError(f"'{path}' must end in .csv or .parquet.")
    refuse_unwritable(path, "--to")
    if path.exists():
        raise ConfigError(f"'{path}' exists. Choose another file with --to.")
    lines = [{**_run(record), **each} for record in records for each in _figures(record)]
    text, number = pl.String, pl.Float64
    types = dict.fromkeys(_COLUMNS, text) | dict.fromkeys(("value", "low", "high", "pass_limit", "fail_limit"), number)
    frame = pl.DataFrame(
        lines,
        schema=types
        | {"records": pl.Int64, "time": pl.Datetime("us", "UTC"), "first_date": pl.Date, "last_date": pl.Date},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    all_defused(frame).write_csv(path) if path.suffix == ".csv" else frame.write_parquet(path)
    return len(frame)


def _run(record: Record) -> dict[str, Any]:
    return {
        "run": record.id,
        "time": record.time,
        "export": record.name,
        "records": record.rows,
        "first_date": record.first_date,
        "last_date": record.last_date,
        "decision": str(record.decision),
        "tool_version": record.tool_version,
        "data_fingerprint": record.data_fingerprint,
        "content_fingerprint": record.content.fingerprint,
    }


def _figures(record: Record) -> Iterator[dict[str, Any]]:
    """What gates hold to limits, then every estimate with its interval, then every other measurement of a check."""
    for held in record.held:
        yield {
            "kind": "limit",
            "figure": held.measurement,
            "value": held.observed,
            "unit": held.unit,
            "gate": str(held.gate),
            "gate_status": str(record.gates[held.gate]),
            "status": str(held.status),
            "pass_limit": held.pass_limit,
            "fail_limit": held.fail_limit,
        }
    for name, each in record.estimates.items():
        yield {
            "kind": "estimate",
            "figure": name,
            "value": each.value,
            "low": each.low,
            "high": each.high,
            "unit": each.unit,
        }
    for name, value in record.measured.items():
        if math.isfinite(value):
            yield {"kind": "measurement", "figure": name, "value": value}
