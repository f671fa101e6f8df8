"""Small exports on demand: plain records of a few classes, and what a case plants in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

CLASSES = ("billing", "coverage", "records", "provider")
PAYERS = ("north", "south", "east", "west")
ROLES: Mapping[str, Any] = {"text": ("note",), "label": "label", "time": "day", "id": "claim", "segment": ("payer",)}
FIRST, LAST = date(2022, 1, 1), date(2024, 12, 31)
SHARED_WORDS = 240
WORDS_OF_A_CLASS = 24


def vocabulary(count: int) -> list[str]:
    """Made-up words, all different and without digits."""
    starts = [a + b for a, b in product("bdfgklmnprstvz", "aeiou")]
    words = ["".join(parts) + "n" for parts in product(starts, starts)]
    order = np.random.default_rng(1).permutation(len(words))
    return [words[i] for i in order[:count]]


def export(
    rows: int = 600,
    classes: Sequence[str] = CLASSES,
    own_words: int = 6,
    shared_words: int = 12,
    seed: int = 0,
    plant: Sequence[Mapping[str, Any]] = (),
) -> pl.DataFrame:
    """Records in random order of time, with ``own_words`` that only their class uses; then each plant in turn.

    Classes, payers and amounts are independent of time and of each other.
    """
    rng = np.random.default_rng(seed)
    words = vocabulary(SHARED_WORDS + WORDS_OF_A_CLASS * len(classes))
    shared, own = words[:SHARED_WORDS], np.array(words[SHARED_WORDS:]).reshape(len(classes), -1)
    code = rng.permutation(np.arange(rows) % len(classes))

    def note(own_of_class: np.ndarray) -> str:
        drawn = [*rng.choice(own_of_class, own_words), *rng.choice(shared, shared_words, replace=False)]
        return " ".join(rng.permutation(drawn))

    days = (LAST - FIRST).days + 1
    frame = pl.DataFrame(
        {
            "claim": [f"C{number:05}" for number in range(rows)],
            "day": [FIRST + timedelta(days=int(day)) for day in rng.permutation(np.arange(rows) * days // rows)],
            "payer": rng.choice(PAYERS, rows).tolist(),
            "amount": rng.gamma(2, 100, rows).round(2),
            "note": [note(own[each]) for each in code],
            "label": [classes[each] for each in code],
        }
    )
    return reduce(lambda done, step: _planted(done, step, rng), plant, frame)


def _planted(frame: pl.DataFrame, plant: Mapping[str, Any], rng: np.random.Generator) -> pl.DataFrame:
    """One change, which ``do`` names, to the rows that ``where`` describes."""
    rows = _where(frame, rng, **plant.get("where", {}))
    chosen = pl.Series(np.isin(np.arange(len(frame)), rows))
    match plant["do"]:
        case "set":
            column, value = plant["column"], plant.get("value")
            return frame.with_columns(pl.when(chosen).then(pl.lit(value)).otherwise(pl.col(column)).alias(column))
        case "append":
            return frame.with_columns(pl.when(chosen).then(pl.col("note") + " " + plant["text"]).otherwise("note"))
        case "number":
            return (
                frame.with_row_index("row")
                .with_columns(pl.format("{} ref 9{}", "note", "row").alias("note"))
                .drop("row")
            )
        case "scale":
            column = plant["column"]
            return frame.with_columns(
                pl.when(chosen).then(pl.col(column) * plant["by"]).otherwise(column).alias(column)
            )
        case "same_text":
            return frame.with_columns(
                pl.when(chosen).then(pl.lit(frame["note"][int(rows[0])])).otherwise("note").alias("note")
            )
        case "flip":
            names = sorted(set(frame["label"]))
            other = [rng.choice([name for name in names if name != label]) for label in frame["label"]]
            return frame.with_columns(pl.when(chosen).then(pl.Series(other)).otherwise("label").alias("label"))
        case "drop":
            return frame.filter(~chosen)
    raise ValueError(f"unknown plant: {plant}")


def _where(
    frame: pl.DataFrame,
    rng: np.random.Generator,
    label: str | None = None,
    payer: str | None = None,
    word: str | None = None,
    since: date | None = None,
    until: date | None = None,
    share: float = 1.0,
    rows: int | None = None,
) -> np.ndarray:
    """Row numbers, in order: all that fit, or a random ``share`` or number of ``rows`` of them."""
    fits = pl.Series([True]).new_from_index(0, len(frame))
    for column, value in (("label", label), ("payer", payer)):
        fits &= frame[column] == value if value else True
    fits &= frame["note"].str.contains(word) if word else True
    fits &= frame["day"] >= since if since else True
    fits &= frame["day"] < until if until else True
    found = np.flatnonzero(fits.fill_null(value=False).to_numpy())
    wanted = round(share * len(found)) if rows is None else rows
    return np.sort(rng.choice(found, wanted, replace=False))


def twice_labelled(frame: pl.DataFrame, share: float, changed: float) -> pl.DataFrame:
    """A ``share`` of the records again from a second annotator, who gives ``changed`` of them another label."""
    again = frame.head(round(share * len(frame)))
    names = sorted(set(frame["label"]))
    labels = [
        names[(names.index(label) + 1) % len(names)] if row < changed * len(again) else label
        for row, label in enumerate(again["label"])
    ]
    again = again.with_columns(label=pl.Series(labels), who=pl.lit("second"))
    return pl.concat([frame.with_columns(who=pl.lit("first")), again])


def of_people(frame: pl.DataFrame, column: str, each: int, own_words: int = 4) -> pl.DataFrame:
    """``each`` records in turn of one person, all of one label, with ``own_words`` that only this person uses."""
    rng = np.random.default_rng(2)
    frame = frame.sort("label", maintain_order=True)
    person = np.arange(len(frame)) // each
    letters = np.array(list("bdfgklmnprstvz"))
    own = ["".join(rng.choice(letters, 9)) for _ in range(own_words * (person.max() + 1))]
    notes = [
        " ".join([note, *own[own_words * who : own_words * (who + 1)]])
        for note, who in zip(frame["note"], person, strict=True)
    ]
    return frame.with_columns(pl.Series("note", notes), pl.Series(column, [f"P{who:05}" for who in person]))


def copied(frame: pl.DataFrame, share: float) -> pl.DataFrame:
    """A ``share`` of the records again, under other ids."""
    again = frame.head(round(share * len(frame)))
    return pl.concat([frame, again.with_columns(pl.format("{}again", "claim").alias("claim"))])


def answered(
    frame: pl.DataFrame, right: float, again: float | None = None, asked: float = 1.0, wrong: str | None = None
) -> pl.DataFrame:
    """Answers of a prompted system to the first ``asked`` part; the first ``right`` part of those has the label."""
    names = sorted(set(frame["label"]))
    n = round(asked * len(frame))
    other = [wrong or names[(names.index(label) + 1) % len(names)] for label in frame["label"]]

    def run(share: float) -> pl.Series:
        said = [label if row < share * n else other[row] for row, label in enumerate(frame["label"])]
        return pl.Series([each if row < n else None for row, each in enumerate(said)], dtype=pl.String)

    answers = {"answer": run(right)} | ({} if again is None else {"answer again": run(again)})
    return frame.with_columns(**answers)


def labelled(frame: pl.DataFrame, after: int, early: float = 0.0, late: float = 0.0) -> pl.DataFrame:
    """The day of each label: ``after`` so many days, but for shares of ``early`` and ``late`` ones."""
    part = pl.int_range(pl.len()) / pl.len()
    days = pl.when(part < early).then(-5).when(part >= 1 - late).then(400).otherwise(after)
    return frame.with_columns(labelled=pl.col("day") + pl.duration(days=days))


def saved(frame: pl.DataFrame, folder: Path, name: str = "export.parquet") -> str:
    path = folder / name
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return str(path)
