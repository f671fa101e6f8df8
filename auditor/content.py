"""A fingerprint of records: of their parsed values, not of bytes or order."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from auditor.keys import row_keys
from auditor.model import Content

# With 256 keys of an export of which the later one holds all, at twice its size some 128 can be looked up there.
SAMPLE = 256
_NAMED = ("text", "label", "time", "label_time")
_OTHERS = ("segment:", "numeric:")


def content_of(frame: pl.DataFrame) -> Content:
    """What names the rows of a batch's ``frame``. Nothing and an empty value are alike; answers of models are no part
    of a record.
    """
    names = [name for name in frame.columns if name in _NAMED or name.startswith(_OTHERS)]
    # A row without an id has the key of its values as that of its record.
    values = frame.select(*names, id=pl.when(pl.col("item") != pl.col("key")).then("record_id"))
    blank = pl.col(pl.String).str.strip_chars() == ""
    values = values.with_columns(pl.when(~blank).then(pl.col(pl.String)))
    filled = [name for name in values.columns if values[name].null_count() < len(values)]
    keys = np.sort(row_keys(values.select(filled)))
    whole = hashlib.sha256("\0".join(sorted(filled)).encode())
    whole.update(keys.astype("<u8").tobytes())
    return Content(whole.hexdigest(), tuple(f"{key:016x}" for key in np.unique(keys)[:SAMPLE]))
