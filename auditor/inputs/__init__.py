"""Readers: one for each kind of source, all ending in the DuckDB table `export`."""

from auditor.inputs.source import Source, read_export

__all__ = ["Source", "read_export"]
