"""What a drawn sheet keeps about itself, and where its records stand in an export."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from auditor.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = "sheet.json"
VERSION = 1
# An export that lacks more of a sheet's records is another one (house rule, 2026).
LEAST_FOUND = 0.5
MOST_ROWS = 1 << 32


@dataclass(frozen=True)
class DrawnRow:
    """One record of the sheet. ``text`` and ``label`` are digests: they tell a change and show nothing."""

    row_id: int
    stratum: int
    text: str
    label: str


@dataclass(frozen=True)
class Sheet:
    """``rows`` in the order of the sheet, ``stratum_rows`` those that each stratum was drawn from, ``classes`` the
    answers to choose from, ``second`` the row ids that a second person labels too. The records drawn from are those
    from ``since`` to ``until``; None where no record has a date.
    """

    source: str
    data_fingerprint: str
    seed: int
    since: datetime | None
    until: datetime | None
    stratum_rows: tuple[int, ...]
    classes: tuple[str, ...]
    second: tuple[int, ...]
    rows: tuple[DrawnRow, ...]

    @property
    def digest(self) -> str:
        """Tells the sheet from one that was drawn anew."""
        rows = ",".join(f"{row.row_id} {row.text} {row.label}" for row in self.rows)
        return blake2b(rows.encode(), digest_size=8).hexdigest()

    def recent(self, times: pl.Series) -> NDArray[np.bool_]:
        """Which of the rows with these ``times`` (n,) the sheet would be drawn from."""
        if self.since is None or self.until is None:
            return np.ones(len(times), bool)
        return times.is_between(self.since, self.until).fill_null(value=False).to_numpy()

    def as_json(self) -> str:
        counts = np.bincount([row.stratum for row in self.rows], minlength=len(self.stratum_rows)).tolist()
        odds = [round(count / size, 6) for count, size in zip(counts, self.stratum_rows, strict=True)]
        kept = {"version": VERSION, **asdict(self), "inclusion_probabilities": odds}
        return json.dumps(kept, default=str, ensure_ascii=False, indent=1) + "\n"


def text_digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def sheet_rows(path: str | Path, frame: pl.DataFrame) -> tuple[int, ...]:
    """Row ids in ``frame`` (columns row_id, text, usable) of the sheet at ``path``: its folder, or a file in there.

    Records whose text is no longer in the export are left out.

    Raises:
        InputError: there is no sheet at ``path``, or the export holds less than half of its records.

    """
    return tuple(found_rows(read_sheet(path), frame).values())


def found_rows(sheet: Sheet, frame: pl.DataFrame) -> dict[int, int]:
    """The row id of each of the sheet's records in ``frame`` now, by the row id that it had when it was drawn.

    A record that has moved is found by its text, where just one row has it.

    Raises:
        InputError: the export holds less than half of the records.

    """
    rows = frame.filter("usable").select("row_id", "text")
    texts = dict(rows.filter(rows["row_id"].is_in([row.row_id for row in sheet.rows])).rows())
    found = {
        row.row_id: row.row_id
        for row in sheet.rows
        if row.row_id in texts and text_digest(texts[row.row_id]) == row.text
    }
    if len(found) < len(sheet.rows):
        places: dict[str, list[int]] = defaultdict(list)
        for row_id, text in rows.rows():
            places[text_digest(text)].append(row_id)
        moved = {row.row_id: places[row.text] for row in sheet.rows if row.row_id not in found and row.text in places}
        taken = set(found.values())
        found |= {row_id: at[0] for row_id, at in moved.items() if len(at) == 1 and at[0] not in taken}
    if len(found) < LEAST_FOUND * len(sheet.rows):
        raise InputError(
            f"The sheet belongs to another export: it was drawn from '{sheet.source}', and of its {len(sheet.rows):,} "
            f"records {len(found):,} are in this one with the same text. Pass the export that it was drawn from."
        )
    return found


def stands_for(sheet: Sheet, found: Mapping[int, int]) -> dict[int, float]:
    """How many records each row of the sheet that was ``found`` stands for, by its row id now."""
    kept = [row for row in sheet.rows if row.row_id in found]
    counts = Counter(row.stratum for row in kept)
    return {found[row.row_id]: sheet.stratum_rows[row.stratum] / counts[row.stratum] for row in kept}


def read_sheet(path: str | Path) -> Sheet:
    """The drawn sheet in the folder at ``path``, or beside the file at ``path``.

    Raises:
        InputError: there is none, or its `sheet.json` is damaged.

    """
    given = Path(path)
    if not given.exists():
        raise InputError(f"There is no sheet at '{path}'. Pass the folder that `auditor sheet` wrote.")
    kept = (given if given.is_dir() else given.parent) / KEPT
    try:
        return _sheet(json.loads(kept.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise InputError(
            f"There is no '{kept}', which holds the odds of the draw. Put the filled file back into the folder that "
            "`auditor sheet` wrote, and pass that."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise InputError(f"'{kept}' is damaged. Put back the one that `auditor sheet` wrote.") from None


def _sheet(kept: dict[str, Any]) -> Sheet:
    if kept["version"] != VERSION:
        raise ValueError
    rows = tuple(
        DrawnRow(int(row["row_id"]), int(row["stratum"]), str(row["text"]), str(row["label"])) for row in kept["rows"]
    )
    sizes = tuple(int(size) for size in kept["stratum_rows"])
    drawn = Counter(row.stratum for row in rows)
    fits = all(0 <= stratum < len(sizes) and count <= sizes[stratum] for stratum, count in drawn.items())
    ids = {row.row_id for row in rows}
    if not rows or not fits or len(ids) < len(rows) or not 0 <= min(ids) <= max(ids) < MOST_ROWS:
        raise ValueError
    return Sheet(
        source=str(kept["source"]),
        data_fingerprint=str(kept["data_fingerprint"]),
        seed=int(kept["seed"]),
        since=_moment(kept["since"]),
        until=_moment(kept["until"]),
        stratum_rows=sizes,
        classes=tuple(str(name) for name in kept["classes"]),
        second=tuple(int(row_id) for row_id in kept["second"]),
        rows=rows,
    )


def _moment(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
