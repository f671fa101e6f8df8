"""What a person's review says about this export, and what of it cannot be used."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from auditor.errors import InputError
from auditor.inputs.labels import folded

if TYPE_CHECKING:
    import polars as pl

    from auditor.inputs.review_file import Line

_COMPARED = 60


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Judged:
    """A person's verdict on one row. ``correct_label`` is "" where none was given."""

    row_id: int
    stratum: int
    verdict: Verdict
    correct_label: str


@dataclass(frozen=True)
class Verdicts:
    """``stratum_rows`` holds the rows of each stratum when the sample was drawn.

    ``contradictory`` and ``unreadable`` row ids, and ``foreign`` ids as written, are left out of ``judged``.
    """

    judged: tuple[Judged, ...]
    stratum_rows: Mapping[int, int]
    not_reviewed: int
    contradictory: tuple[int, ...]
    unreadable: tuple[int, ...]
    foreign: tuple[str, ...]


def settle(lines: Sequence[Line], frame: pl.DataFrame) -> Verdicts:
    """The verdicts of ``lines`` on the rows of ``frame``.

    A line is foreign where its row is unknown or unusable now, or has another label or text.

    Raises:
        InputError: no line is filled, none belongs to the export, or the strata are not as they were drawn.

    """
    stratum_rows = _strata(lines)
    filled = [line for line in lines if line.verdict or line.correct_label]
    if not filled:
        raise InputError("No line of the review has a verdict. Fill the column 'verdict': right, wrong or unsure.")
    known = _present(lines, frame)
    foreign = [line for line in filled if not _belongs(line, known)]
    if len(foreign) == len(filled):
        raise InputError(
            "No filled line of the review belongs to this export: row ids, labels or texts differ. "
            "Pass the review that was drawn from it, or draw one with `auditor review`."
        )
    by_row: dict[int, list[Line]] = defaultdict(list)
    for line in filled:
        if _belongs(line, known):
            by_row[_whole(line.row_id)].append(line)
    judged, contradictory, unreadable = [], [], []
    for row_id, said in by_row.items():
        verdicts = {line.verdict.casefold() for line in said}
        corrections = {folded(line.correct_label): line.correct_label for line in said if line.correct_label}
        verdict = next(iter(verdicts))
        if verdicts - {"", *Verdict}:
            unreadable.append(row_id)
        elif len(verdicts) > 1 or len(corrections) > 1 or _contradicts(verdict, corrections, folded(said[0].label)):
            contradictory.append(row_id)
        else:
            given = next(iter(corrections.values()), "")
            judged.append(Judged(row_id, _whole(said[0].stratum), Verdict(verdict), given))
    if not judged and len(unreadable) >= len(contradictory):
        raise InputError("No verdict of the review can be read. Write right, wrong or unsure in the column 'verdict'.")
    return Verdicts(
        tuple(judged),
        stratum_rows,
        len({line.row_id for line in lines}) - len({line.row_id for line in filled}),
        tuple(contradictory),
        tuple(unreadable),
        tuple(dict.fromkeys(line.row_id for line in foreign)),
    )


def _contradicts(verdict: str, corrections: Mapping[str, str], label: str) -> bool:
    if verdict == Verdict.WRONG:
        return label in corrections
    return bool(corrections) and (verdict == "" or (verdict == Verdict.RIGHT and label not in corrections))


def _present(lines: Sequence[Line], frame: pl.DataFrame) -> dict[int, tuple[str, str]]:
    """Label and start of the text of the usable rows that the review names."""
    wanted = {_whole(line.row_id) for line in lines} - {-1}
    rows = frame.filter(frame["usable"] & frame["row_id"].is_in(sorted(wanted)))
    return {
        row_id: (folded(label), _start(text)) for row_id, label, text in rows.select("row_id", "label", "text").rows()
    }


def _belongs(line: Line, known: Mapping[int, tuple[str, str]]) -> bool:
    label, start = known.get(_whole(line.row_id), (None, ""))
    return label == folded(line.label) and (not line.text or _start(line.text) == start)


def _start(text: str) -> str:
    """Letters and digits alone: spreadsheets change white space, line ends and typographic marks."""
    return re.sub(r"[^a-z0-9]", "", text.lower())[:_COMPARED]


def _strata(lines: Sequence[Line]) -> dict[int, int]:
    sizes: dict[int, int] = {}
    for line in lines:
        stratum, rows = _whole(line.stratum), _whole(line.stratum_rows)
        if stratum < 0 or rows < 1 or sizes.setdefault(stratum, rows) != rows:
            raise InputError(
                f"The review's line for row {line.row_id[:20] or '(blank)'} has a changed 'stratum' or 'stratum_rows'. "
                "They carry the odds of the draw: copy both columns from the file that was drawn."
            )
    return sizes


def _whole(cell: str) -> int:
    """A whole number, also as spreadsheets write it; -1 for anything else."""
    return int(match[1]) if (match := re.fullmatch(r"(\d{1,15})(\.0*)?", cell)) else -1
