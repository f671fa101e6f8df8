"""How many labels of three sets are wrong as they came: 400 rows each, read blind by two readers.

``draw`` writes what each reader is shown, rows and both names in an order of their own: the given label and the
likeliest other class, of rows that the audit accuses and of others. ``score`` reads the answers (``a``, ``b``, ``both``
fit as well, or ``neither``), and keeps a hash of each row and what the readers said, no text. The readers were two runs
of a large language model: alike, so that they agree more often than people would, and share what they misread.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
import typer

from auditor.blas import one_blas_thread
from auditor.estimators.intervals import share_estimate
from auditor.evidence import classes
from auditor.evidence.label_issues import find_label_issues
from auditor.model import Estimate
from benchmarks.ranking import ranked
from benchmarks.readiness.sources import load as source
from benchmarks.results import RESULTS, save, table

SETS = ("banking77", "clinc150", "cfpb, one taxonomy")
READERS = ("first", "second")
ROWS = 400
SHEETS = Path("build/judged_rows")
JUDGED = RESULTS / "judged_rows.jsonl"
WRONG = ("other", "neither")

app = typer.Typer()


@app.command("draw")
def draw_sheets() -> None:
    """Writes a sheet for each reader of each set, the classes beside it, and the key."""
    one_blas_thread()
    for name in SETS:
        folder = SHEETS / name
        folder.mkdir(parents=True, exist_ok=True)
        rows = drawn(source(name))
        rows.write_parquet(folder / "key.parquet")
        folder.joinpath("classes.txt").write_text("\n".join(sorted(source(name)["truth"].unique())), "utf-8")
        for reader in READERS:
            folder.joinpath(f"{reader}.txt").write_text(_sheet(rows, reader), "utf-8")


def drawn(frame: pl.DataFrame) -> pl.DataFrame:
    """``ROWS`` rows, half of them accused where there are so many: text, given and other label, and for how many each
    stands.
    """
    found = classes.fold_labels(frame["truth"])
    _, first = ranked(frame["text"], found.codes, len(found))
    others = first.probabilities.copy()
    accused = find_label_issues(found.codes, others).flagged
    others[np.arange(len(frame)), found.codes] = -1
    rng = np.random.default_rng(11)
    among = [rng.permutation(np.flatnonzero(accused == side)) for side in (True, False)]
    taken = among[0][: ROWS // 2]
    parts = [taken, among[1][: ROWS - len(taken)]]
    rows = np.concatenate(parts)
    names = np.array(found.names)
    return pl.DataFrame(
        {
            "text": frame["text"].gather(rows),
            "given": names[found.codes[rows]],
            "other": names[others[rows].argmax(axis=1)],
            "accused": accused[rows],
            "stands_for": np.concatenate(
                [np.full(len(part), len(all_of) / len(part)) for part, all_of in zip(parts, among, strict=True)]
            ),
        }
    )


def _order(reader: str, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The order in which a reader sees the rows, and of which (n,) the given label is ``a``."""
    rng = np.random.default_rng([5, READERS.index(reader)])
    return rng.permutation(rows), rng.random(rows) < 0.5


def _sheet(rows: pl.DataFrame, reader: str) -> str:
    order, given_first = _order(reader, len(rows))
    shown = []
    for number, at in enumerate(order.tolist(), 1):
        text, given, other = rows.row(at)[:3]
        a, b = (given, other) if given_first[at] else (other, given)
        shown.append(f"[{number}]\n{' '.join(text.split())}\na: {a}\nb: {b}\n")
    return "\n".join(shown)


@app.command()
def score() -> None:
    """Reads the answers of both readers, keeps them under hashes, and writes the table."""
    told = [line for name in SETS for line in _said(name)]
    JUDGED.write_text("".join(json.dumps(line) + "\n" for line in told), "utf-8")
    save("judged_rows", "python -m benchmarks.judged_rows score", list(_tables(pl.DataFrame(told))))


def _said(name: str) -> Iterator[dict[str, object]]:
    rows = pl.read_parquet(SHEETS / name / "key.parquet")
    by_reader = [_answers(name, reader, len(rows)) for reader in READERS]
    for at, (text, given, _, accused, stands_for) in enumerate(rows.iter_rows()):
        row = sha256(f"{text}\0{given}".encode()).hexdigest()[:16]
        said = dict(zip(READERS, (answers[at] for answers in by_reader), strict=True))
        yield {"set": name, "row": row, "accused": accused, "stands_for": round(stands_for, 3), **said}


def _answers(name: str, reader: str, rows: int) -> list[str]:
    """What a reader said of each row in the key's order: ``given``, ``other``, ``both`` or ``neither``.

    Raises ValueError where a row has no answer or an answer is none of four.
    """
    order, given_first = _order(reader, rows)
    lines = [line for line in (SHEETS / name / f"{reader}_answers.txt").read_text("utf-8").splitlines() if line.strip()]
    read = {int(number): answer.strip() for number, answer in (line.split(":") for line in lines)}
    numbered = len(lines) == rows and set(read) == set(range(1, rows + 1))
    if not numbered or not set(read.values()) <= {"a", "b", "both", "neither"}:
        raise ValueError(f"{name}, {reader} reader: one of a, b, both and neither for each of 1 to {rows}")
    said = [""] * rows
    for number, at in enumerate(order.tolist(), 1):
        names = ("given", "other") if given_first[at] else ("other", "given")
        said[at] = {"a": names[0], "b": names[1]}.get(read[number], read[number])
    return said


def judged(name: str) -> Estimate:
    """The share of wrong labels of a set as it came. Low is the 90 % interval's low end where a label is wrong only if
    both readers say so, high its high end where one is enough; the value lies between.
    """
    rows = pl.read_ndjson(JUDGED).filter(pl.col("set") == name)
    both, either = (_rate(rows, needed) for needed in (2, 1))
    return Estimate((both.value + either.value) / 2, both.low, either.high, "share", "")


def _rate(rows: pl.DataFrame, needed: int) -> Estimate:
    """The share of all rows that ``needed`` readers call wrong, put together from accused and others by the squares of
    how far each share is from its own ends (Newcombe 1998).
    """
    wrong = pl.sum_horizontal(pl.col(reader).is_in(WRONG).cast(int) for reader in READERS) >= needed
    whole, value, low, high = rows["stands_for"].sum(), 0.0, 0.0, 0.0
    for (_,), part in rows.with_columns(wrong=wrong).group_by(["accused"]):
        share, weight = share_estimate(int(part["wrong"].sum()), len(part), ""), part["stands_for"].sum() / whole
        value += weight * share.value
        low += (weight * (share.value - (share.low or 0.0))) ** 2
        high += (weight * ((share.high or 1.0) - share.value)) ** 2
    return Estimate(value, max(value - sqrt(low), 0.0), value + sqrt(high), "share", "")


def _tables(told: pl.DataFrame) -> Iterator[str]:
    yield (
        "Rows that the audit accuses and others, shuffled, with both names in random order; neither reader knew which "
        "was given, which row was accused, or what the other said. A label is wrong where a reader takes the other "
        "name or neither. Both were runs of a large language model with the names of the classes and no definitions: "
        "no experts, and alike, so that they agree more often than people would. 90 % intervals of the rows drawn."
    )
    yield table(
        ["set", "rows", "wrong by both, %", "by either, %", "wrong of accused by both, by either, %", "of others, %"],
        [_line(name, told.filter(pl.col("set") == name)) for name in SETS],
    )


def _line(name: str, rows: pl.DataFrame) -> list[str]:
    def shares(part: pl.DataFrame) -> str:
        by_both, by_either = (_rate(part, needed).value for needed in (2, 1))
        return f"{100 * by_both:.1f}, {100 * by_either:.1f} ({len(part)} rows)"

    ends = [_rate(rows, needed) for needed in (2, 1)]
    return [
        name,
        str(len(rows)),
        *(f"{100 * each.value:.1f} ({100 * (each.low or 0):.1f} to {100 * (each.high or 1):.1f})" for each in ends),
        *(shares(rows.filter(pl.col("accused") == side)) for side in (True, False)),
    ]


if __name__ == "__main__":
    app()
