"""Exports that are no path: how an address is told, and what of it may be shown."""

from __future__ import annotations

from pathlib import Path

POSTGRES = ("postgresql", "postgres")
BUCKET = ("s3",)
_HIDDEN = "..."


def scheme_of(export: str) -> str:
    """Such as ``postgresql``; empty for a path."""
    scheme, mark, _ = export.partition("://")
    return scheme.lower() if mark and scheme.isalnum() else ""


def shown(export: str) -> str:
    """A path as it is; an address without user, password and parameters, which may hold one."""
    scheme = scheme_of(export)
    if not scheme:
        return export
    whole = export.partition("://")[2]
    if scheme in BUCKET:
        # A question mark is part of a pattern there.
        return f"{scheme}://{whole.rpartition('@')[2]}"
    place, _, parameters = whole.partition("?")
    # A password may hold a question mark: then nobody knows where it ends.
    return f"{scheme}://{_HIDDEN if '@' in parameters else place.rpartition('@')[2]}"


def last_name(export: str, table: str | None = None) -> str:
    """What a report, which is handed on, calls an export: the last part of its path, and the table there."""
    address = shown(export)
    scheme, _, place = address.partition("://") if scheme_of(export) else ("", "", "")
    name = place.rstrip("/").rpartition("/")[2] if scheme else Path(export).name
    name = scheme if name in (_HIDDEN, "") else name
    return f"{name}:{table}" if table else name
