"""A fingerprint of records: of their parsed values, not of bytes or order."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from auditor.keys import AT_ONCE, keys_of_parts
from auditor.model import Content

# With 256 keys of an export of which the later one holds all, at twice its size some 128 can be looked up there.
SAMPLE = 256
_NAMED = ("text_key", "label", "time", "label_time")
_OTHERS = ("segment:", "numeric:")


def content_of(frame: pl.DataFrame) -> Content:
    """What names the rows of a batch's ``frame``. Nothing and an empty value are alike; answers of models are no part
    of a record.
    """
    filled = [name for name in _values(frame.head(0)).columns if _has_any(frame, name)]
    keys = np.sort(keys_of_parts(_values(part).select(filled) for part in frame.iter_slices(AT_ONCE)))
    whole = hashlib.sha256("\0".join(sorted(filled)).encode())
    whole.update(keys.astype("<u8").tobytes())
    return Content(whole.hexdigest(), tuple(f"{key:016x}" for key in np.unique(keys)[:SAMPLE]))


def _values(rows: pl.DataFrame) -> pl.DataFrame:
    """What the records of ``rows`` hold, null where it is blank. A row without an id has the key of its values as that
    of its record.
    """
    names = [name for name in rows.columns if name in _NAMED or name.startswith(_OTHERS)]
    values = rows.select(*names, id=pl.when(pl.col("item") != pl.col("key")).then("record_id"))
    values = values.with_columns(pl.when(rows["letters"] > 0).then("text_key").cast(pl.String))
    return values.with_columns(pl.when(pl.col(pl.String).str.strip_chars() != "").then(pl.col(pl.String)))


def _has_any(frame: pl.DataFrame, name: str) -> bool:
    return any(_values(part)[name].null_count() < len(part) for part in frame.iter_slices(AT_ONCE))
