"""Are planted leaks found, and are real exports as they are accused of none?

Seven kinds, ten plants each, of different classes, sources, sizes and seeds, in exports of `tests.exports` and of news;
then the shared sets as they are. ``PAT010`` and ``GOV005`` accuse, ``PAT004`` and ``PAT011`` ask.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.model import CheckOutcome
from auditor.plan import steps_for
from auditor.runner import read_by, run_checks
from benchmarks.data import banking77, clinc150, folder, noisyag, nvd
from benchmarks.results import save, table
from checks import ALL_CHECKS, LIMITS
from tests.exports import CLASSES, PAYERS, export, labelled, of_people

ACCUSE, ASK = ("PAT010", "GOV005"), ("PAT004", "PAT011")
PLANTS = 10
Plant = tuple[pl.DataFrame, dict[str, Any]]


def plain(seed: int) -> pl.DataFrame:
    """Exports of 800 to 2,600 records, whose classes are 60 to 100 % told by their words."""
    return export(800 + 200 * seed, own_words=1 + seed % 4, seed=seed)


def unplanted(seed: int) -> Plant:
    """With every column that a plant needs, and no leak: patients on one side of the split, labels after the texts."""
    frame = labelled(of_people(plain(seed), "patient", each=2 + seed % 5), after=10)
    tested = pl.col("patient").str.slice(1).cast(pl.Int64) % 4 == 0
    frame = frame.with_columns(split=pl.when(tested).then(pl.lit("test")).otherwise(pl.lit("train")))
    return frame, {"label_time": "labelled", "group": "patient"}


def label_again(seed: int) -> Plant:
    """As it is, as codes, upper case, or corrected in up to 8 % of the records."""
    rng = np.random.default_rng(seed)
    frame = plain(seed)
    names = {name: (name, f"K{number}", name.upper())[seed % 3] for number, name in enumerate(CLASSES)}
    other = rng.random(len(frame)) < 0.02 * (seed % 5)
    again = pl.Series([names[CLASSES[0] if moved else name] for name, moved in zip(frame["label"], other, strict=True)])
    return frame.with_columns(kind=again), {"text": ("note", "kind")}


def text_after_label(seed: int) -> Plant:
    """From 2 % of the records on."""
    return labelled(plain(seed), after=10, early=0.02 + 0.03 * seed), {"label_time": "labelled"}


def across_split(seed: int) -> Plant:
    """Patients of two to six records in a split by record; in every second export the id names them."""
    frame = of_people(plain(seed), "patient", each=2 + seed % 5, own_words=1 + seed % 3)
    part = np.random.default_rng(seed).random(len(frame)) < 0.2 + 0.03 * seed
    frame = frame.with_columns(split=pl.Series(np.where(part, "test", "train")))
    return (frame, {"group": "patient"}) if seed % 2 else (frame.drop("claim"), {"id": "patient"})


def phrase_of_source(seed: int) -> Plant:
    """In 60 to 100 % of a class at one payer."""
    where = {"label": CLASSES[seed % 4], "payer": PAYERS[seed // 4], "share": 0.6 + 0.04 * seed}
    return export(1200 + 200 * seed, seed=seed, plant=[_append("closed by desk seven", where)]), {}


def phrase_of_period(seed: int) -> Plant:
    """In 60 to 100 % of a class within one calendar year."""
    since = pl.date(2022 + seed % 3, 1, 1)
    frame = export(1800 + 200 * seed, seed=seed)
    chosen = (pl.col("label") == CLASSES[seed % 4]) & pl.col("day").is_between(since, since.dt.offset_by("12mo"))
    chosen &= pl.Series(np.random.default_rng(seed).random(len(frame)) < 0.6 + 0.04 * seed)
    added = pl.when(chosen).then(pl.col("note") + " reviewed under rule b").otherwise("note")
    return frame.with_columns(note=added), {}


def code_in_text(seed: int) -> Plant:
    """In 35 to 80 % of a class."""
    where = {"label": CLASSES[seed % 4], "share": 0.35 + 0.05 * seed}
    return export(800 + 200 * seed, own_words=1 + seed % 4, seed=seed, plant=[_append("CO97", where)]), {}


def name_in_text(seed: int) -> Plant:
    """In 35 to 80 % of a class."""
    name = CLASSES[seed % 4]
    where = {"label": name, "share": 0.35 + 0.05 * seed}
    return export(800 + 200 * seed, own_words=1 + seed % 4, seed=seed, plant=[_append(f"({name})", where)]), {}


KINDS: Mapping[str, tuple[Callable[[int], Plant], str, str]] = {
    "a column of the text that is the label again": (label_again, "PAT010", "accused"),
    "text dated after the label": (text_after_label, "GOV005", "accused"),
    "a patient across a given split": (across_split, "PAT010", "accused"),
    "a phrase of one class at one source": (phrase_of_source, "PAT010", "accused"),
    "a phrase of one class in one period": (phrase_of_period, "PAT010", "accused"),
    "a code in the text": (code_in_text, "PAT004", "asked"),
    "the label's name in the text": (name_in_text, "PAT011", "asked"),
}


def main() -> None:
    """Audits every plant and every shared set, and writes the tables."""
    one_blas_thread()
    rows = [[kind, said, *_found(plant, code)] for kind, (plant, code, said) in KINDS.items()]
    total = sum(int(row[2].split()[0]) for row in rows)
    shared = [_as_is(name, frame, settings) for name, (frame, settings) in _shared().items()]
    save(
        "leaks",
        "python -m benchmarks.leaks",
        [
            f"{total} of {PLANTS * len(rows)} plants are found; the last column counts the same finding in exports "
            "without a leak, which have patients, a split by patient and dates of labels too.",
            table(["kind", "is", "found", "same code without it"], rows),
            "## Shared sets as they are",
            table(["set", "records", "accused of", "asked about"], shared),
        ],
    )


def _append(text: str, where: Mapping[str, Any]) -> dict[str, Any]:
    return {"do": "append", "text": text, "where": where}


def _found(plant: Callable[[int], Plant], code: str) -> tuple[str, str]:
    hits = sum(bool(_checked(*plant(seed), code).findings) for seed in range(PLANTS))
    clean = sum(bool(_checked(*unplanted(seed), code).findings) for seed in range(PLANTS))
    print(code, hits, clean, flush=True)
    return f"{hits} of {PLANTS}", f"{clean} of {PLANTS}"


def _checked(frame: pl.DataFrame, settings: Mapping[str, Any], code: str) -> CheckOutcome:
    usual = {"text": ("note",), "label": "label", "time": "day", "segment": ("payer",)}
    usual |= {"id": "claim"} if "claim" in frame.columns else {}
    return _outcomes(frame, {**usual, **settings}, (code,))[code]


def _outcomes(frame: pl.DataFrame, settings: Mapping[str, Any], codes: tuple[str, ...]) -> dict[str, CheckOutcome]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "export.parquet"
        frame.write_parquet(path)
        batch = load(Config(export=str(path), **settings))
        results = steps_for(batch, 0, limits=LIMITS).run(read_by(ALL_CHECKS, batch, codes))
        outcomes, _ = run_checks(ALL_CHECKS, results, codes)
    return {outcome.code: outcome for outcome in outcomes}


def _shared() -> dict[str, tuple[pl.DataFrame, dict[str, Any]]]:
    given = {"text": ("text",), "label": "label"}
    return {
        "BANKING77": (banking77(), given),
        "CLINC150": (clinc150(), given),
        "NVD, 20,000": (nvd().sample(20_000, seed=0), given | {"time": "time", "id": "id"}),
        "noisy AG news": (noisyag(), given | {"time": None}),
        "CFPB": (
            pl.read_parquet(folder() / "cfpb.parquet"),
            {"text": ("narrative",), "label": "product", "time": "date"},
        ),
        "IMR California": (pl.read_csv(folder() / "imr_ca.csv", infer_schema=False), {"label": "Determination"}),
    }


def _as_is(name: str, frame: pl.DataFrame, settings: Mapping[str, Any]) -> list[object]:
    found = _outcomes(frame, settings, (*ACCUSE, *ASK))
    print(name, {code: len(each.findings) for code, each in found.items()}, flush=True)

    def said(codes: tuple[str, ...]) -> str:
        counted = {code: len(found[code].findings) for code in codes if found[code].findings}
        return ", ".join(f"{rows} × {code}" for code, rows in counted.items()) or "nothing"

    return [name, f"{len(frame):,}", said(ACCUSE), said(ASK)]


if __name__ == "__main__":
    main()
