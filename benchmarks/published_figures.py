"""Published figures on sets at hand, and exports of as many rows as each study trained on or retrieved from."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

import polars as pl

from auditor.model import Way
from benchmarks import data

SEED = 0
# The training part of the variant "plus" holds so many requests that are out of scope; the file at hand has 1,200.
OUT_OF_SCOPE = 250
# More encoders on these sets, read in their sources, in no fit: published as they are, no linear model beside them.
ENCODERS = Path(__file__).with_name("published_encoders.csv")
FAMILIES = ("BANKING77", "CLINC150")


class Group(StrEnum):
    PROMPT = "prompts with retrieved examples"
    LIFT = "encoders of the lift pairs"
    ENCODER = "further encoders, in no fit"
    LANGUAGE_MODEL = "fine-tuned language models of the gap pairs"


@dataclass(frozen=True)
class Figure:
    """A published accuracy of one model on a set at hand; ``rows`` is what it learnt or retrieved from."""

    group: Group
    study: str
    name: str
    rows: int
    model: str
    got: float
    verified: bool = True

    @property
    def way(self) -> Way:
        return Way.PROMPT if self.group is Group.PROMPT else Way.FINE_TUNED


def banking77(rows: int) -> pl.DataFrame:
    """Of the training part: text, label."""
    return _drawn(_part("banking77", "train"), rows)


def clinc150(rows: int) -> pl.DataFrame:
    """Of the training part, in scope: text, label."""
    return _drawn(_part("clinc150", "train"), rows)


def clinc150_plus(rows: int) -> pl.DataFrame:
    """Of the training part and 250 requests out of scope: text, label."""
    outside = _part("clinc150", "oos_train", "oos_val", "oos_test")
    return _drawn(pl.concat([_part("clinc150", "train"), _drawn(outside, OUT_OF_SCOPE)]), rows)


def few(name: str, rows: int) -> pl.DataFrame:
    """As many of each class of the training part: text, label."""
    part = _part(name, "train")
    each = rows // part["label"].n_unique()
    return _drawn(part, len(part)).group_by("label", maintain_order=True).head(each)


def asked(name: str, export: pl.DataFrame) -> pl.DataFrame:
    """The official test part, with the requests out of scope that the ``export`` lacks where it holds some."""
    test = _part(family(name).lower(), "test")
    if name != "CLINC150 plus (with out-of-scope)":
        return test
    outside = _part("clinc150", "oos_train", "oos_val", "oos_test").join(export, on="text", how="anti")
    return pl.concat([test, outside])


def _part(name: str, *splits: str) -> pl.DataFrame:
    rows = pl.read_parquet(data.folder() / f"{name}.parquet").filter(pl.col("split").is_in(splits))
    return rows.select("text", "label")


def _drawn(part: pl.DataFrame, rows: int) -> pl.DataFrame:
    return part.sample(rows, shuffle=True, seed=SEED)


# By the name that the files of published figures give a set: an export of so many rows.
AT_HAND: Mapping[str, Callable[[int], pl.DataFrame]] = {
    "BANKING77": banking77,
    "BANKING77 5-shot": lambda rows: few("banking77", rows),
    "BANKING77 10-shot": lambda rows: few("banking77", rows),
    "CLINC150 in-scope": clinc150,
    "CLINC150 plus (with out-of-scope)": clinc150_plus,
    "CLINC150 5-shot": lambda rows: few("clinc150", rows),
    "CLINC150 10-shot": lambda rows: few("clinc150", rows),
}

# Sets of which something is at hand, and why no export is drawn.
LEFT_OUT: Mapping[str, str] = {
    "BANKING77, 10 classes": "the prompt retrieved from one record a class: 10 rows make no export",
    "BANKING77, 50 classes": "the prompt retrieved from one record a class: 50 rows make no export",
    "CLINC150": "neither retrieval nor a fine-tuned model in it, and the rows trained on are not stated",
    "CLINC150 subset, 30 intents": "neither retrieval nor a fine-tuned model in it; its 4,508 records cannot be "
    "rebuilt either, as 30 of the 150 classes hold 4,500 and the intents are not named",
    "CVE to CWE": "234,770 rows of 205 classes, relabelled by a language model; at hand are 81,448 with the analysts' "
    "own 180",
    "CVE to CWE (CTI-Bench RCM)": "234,770 rows, asked on another set; no retrieval",
    "CFPB": "33,980 and 51,555 rows; at hand are 8,692, and the 16 intents were made by a rule that is not published",
    "AG News": "120,000 rows, or none stated; at hand are 17,600 that were labelled anew",
}


def figures() -> list[Figure]:
    """Every prompt with retrieved examples and every fine-tuned model on the sets at hand, each once. Rows that do not
    say what the model was trained on are left out.
    """
    found = [
        Figure(
            Group.LIFT,
            row["study"],
            row["set"],
            int(row["train_rows"]),
            row["encoder"],
            float(row["encoder_score"]),
            row["verified"] == "yes",
        )
        for row in published("published_lifts")
        if row["set"] in AT_HAND and row["use"] == "yes"
    ]
    found += [
        Figure(
            Group.ENCODER,
            row["study"],
            row["set"],
            int(row["rows"]),
            row["model"],
            float(row["score"]),
        )
        for row in _lines(ENCODERS)
    ]
    for row in published("published_pairs"):
        if row["dataset"] in AT_HAND:
            found += _of_pair(row)
    return list(dict.fromkeys(found))


def _of_pair(row: Mapping[str, str]) -> list[Figure]:
    verified, found = row["verified"] == "yes", []
    if row["prompt_kind"] == "retrieval":
        rows, got = int(row["examples_pool"]), float(row["prompted_accuracy"])
        found.append(Figure(Group.PROMPT, row["study"], row["dataset"], rows, row["prompted_model"], got, verified))
    model = row["trained_model"]
    if row["train_rows"] and row["trained_accuracy"]:
        group = Group.LANGUAGE_MODEL if "Llama" in model else Group.ENCODER
        rows, got = int(row["train_rows"]), float(row["trained_accuracy"])
        found.append(Figure(group, row["study"], row["dataset"], rows, model, got, verified))
    return found


def weights(chosen: Sequence[Figure]) -> list[float]:
    """One for each study and set, shared by its figures, whatever the variant or the size of the set."""
    count = Counter((each.study, family(each.name)) for each in chosen)
    return [1 / count[each.study, family(each.name)] for each in chosen]


def family(name: str) -> str:
    """Sets that share their records under one name."""
    return next((each for each in FAMILIES if name.startswith(each)), name)


def published(name: str) -> list[dict[str, str]]:
    """The rows of one of the product's files of published figures."""
    with files("auditor.judge").joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
