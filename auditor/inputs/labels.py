"""How labels and records are compared, wherever they come from."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def folded(label: str) -> str:
    """Labels that differ in case or white space alone are one, as in ``auditor.evidence.classes``."""
    return re.sub(r"\s+", " ", label.strip()).lower()


def record_digest(text: str, label: str) -> str:
    """Tells a record from a changed one, and shows nothing of it; with its text, equal labels do not look alike."""
    return blake2b(f"{folded(label)}\0{text}".encode(), digest_size=8).hexdigest()


def digests(rows: pl.DataFrame) -> list[str]:
    """The digest of each of the ``rows`` (columns text, label)."""
    return [record_digest(text, label) for text, label in rows.select("text", "label").iter_rows()]
