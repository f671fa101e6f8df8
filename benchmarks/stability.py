"""Stability against truth: forecasts, migrations, false alarms and power. Each part saves what it has as it goes.

`python -m benchmarks.stability [forecasts|migrations|alarms|power ...]` measures the parts named, or all, and writes
the table of every part measured so far. Windows of the last two parts use features of 600 columns, so that
a copy takes less than a second.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from auditor.batch import load
from auditor.config import Config
from auditor.estimators.backtest import BACKTEST
from auditor.estimators.changes import CLASS_CHANGES
from auditor.estimators.duplicate_classes import ALIASES
from auditor.estimators.forecast import accuracy_ahead
from auditor.estimators.prospective_gain import FORECAST_LATER
from auditor.evidence import features
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES, Duplicates
from auditor.evidence.features import FEATURES
from auditor.evidence.given import HORIZON, ROWS
from auditor.evidence.periods import PERIODS
from auditor.evidence.proxy import FOLD_MOMENTS, OUT_OF_FOLD
from auditor.evidence.surrogate import SURROGATE
from auditor.evidence.text_space import TEXT_SPACE
from auditor.evidence.tokens import TOKENS
from auditor.plan import steps_for
from auditor.plan.resolver import Resolver
from benchmarks.data import banking77, clinc150, folder, noisyag, nvd
from benchmarks.results import save, table
from sample_data import generate
from tests.checking import checked

PARTS = Path("build/stability")
CODES = ("STA002", "STA003", "STA005", "STA006", "STA007", "STA008")
NARROW = features.FeatureShares(max_width=600)
WINDOWS = (100, 300, 1000, 5000)
COPIES = 200
# A window of fewer a class is refused: most of its labels stand there once.
ROWS_OF_A_CLASS = 10
REPEATS = 5
FIRST, DAYS = date(2022, 1, 1), 1096
EVERY = 2


def about(frame: pl.DataFrame, where: Path, **roles: Any) -> Resolver:
    path = where / "rows.parquet"
    frame.write_parquet(path)
    settings = {"text": ("text",), "label": "label", "time": "time", "id": "id"} | roles
    return steps_for(load(Config(export=str(path), **settings)), 0)


def forecasts(where: Path) -> Iterator[list[object]]:
    """At the end of each year: the forecast for 6 and 12 months, what came, and what random folds promised.

    The backtest is the proxy's: by what the surrogate is ahead of it in random folds, it is taken to be later too.
    """
    rows = nvd().sort("time", "id").gather_every(EVERY)
    whole = about(rows, where)
    past = whole[BACKTEST]
    for year in range(2011, 2018):
        until = about(rows.filter(pl.col("time") < datetime(year + 1, 1, 1)), where)
        promised = until[SURROGATE].out_of_fold.accuracy(until[CLASSES].codes)
        ahead = promised - until[OUT_OF_FOLD].accuracy(until[CLASSES].codes)
        cut = past.calendar.names.index(f"{year} H2")
        for months in (6, 12):
            found = until.but({HORIZON: months})[FORECAST_LATER]
            came = accuracy_ahead(past.accuracy, past.calendar.rows, cut, months // 6) + ahead
            yield [year, months, found.value, found.low, found.high, came, promised, until[PERIODS].calendar.unit]


def migrations(where: Path) -> Iterator[list[object]]:
    """Every change named in NVD and CFPB, with the years in which the class is filed, counted by themselves."""
    for name, frame, segment in (("NVD", nvd().sort("time", "id").gather_every(EVERY), ()), ("CFPB", cfpb(), EXTRACT)):
        found = about(frame, where, segment=segment)
        dated = frame.with_columns(year=pl.col("time").cast(pl.String).str.head(4).fill_null("undated"))

        def filed(label: str, dated: pl.DataFrame = dated) -> str:
            years = dated.filter(pl.col("label") == label)["year"].value_counts().sort("year")
            return " ".join(f"{year}:{rows}" for year, rows in years.rows())

        for change in found[CLASS_CHANGES]:
            others = ", ".join(change.others)
            yield [name, change.label, change.kind, f"{change.month:%Y-%m}", others, filed(change.label)]
        names = found[CLASSES].names
        for pair in found[ALIASES] if segment else ():
            inside, outside = names[pair.inside], names[pair.outside]
            side = f"{pair.column} {pair.value}" if pair.column else "undated"
            yield [name, inside, f"other name, in {side} alone", "?", outside, f"{filed(inside)}; {filed(outside)}"]


EXTRACT = ("extract",)


def cfpb() -> pl.DataFrame:
    rows = pl.read_parquet(folder() / "cfpb.parquet")
    return rows.select("id", "extract", text="narrative", label="product", time="date")


def alarms(where: Path) -> Iterator[list[object]]:
    """Sets with random dates: which checks find anything. Features are shared between the copies of a window."""
    sets = {"clinc150": clinc150(), "banking77": banking77(), "noisyag": noisyag().select("text", "label")}
    for name, frame in sets.items():
        for window in WINDOWS:
            rng = np.random.default_rng(window)
            largest = frame["label"].value_counts(sort=True)["label"][: window // ROWS_OF_A_CLASS].to_list()
            known = frame.filter(pl.col("label").is_in(largest))
            sample = known.sample(min(window, len(known)), seed=window).with_row_index("id")
            base = narrow(about(redated(sample, rng), where))
            by_row = np.argsort(ids(base))
            for copy in range(COPIES // len(WINDOWS)):
                found = shuffled(base, by_row, about(redated(sample, rng), where))
                yield [name, window, copy, " ".join(sorted(alarmed(found)))]


def redated(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    return frame.with_columns(
        time=pl.Series([FIRST + timedelta(days=int(d)) for d in rng.integers(0, DAYS, len(frame))])
    )


def narrow(steps: Resolver) -> Resolver:
    return steps.but({FEATURES: features.feature_matrix(steps[TOKENS], steps[TEXT_SPACE].embedded, 0, NARROW)})


def ids(steps: Resolver) -> np.ndarray:
    return steps[ROWS]["record_id"].cast(pl.Int64).to_numpy()


def shuffled(base: Resolver, by_row: np.ndarray, copy: Resolver) -> Resolver:
    """``copy`` with what does not depend on the dates taken from ``base``, in the order of its own rows."""
    order = by_row[ids(copy)]
    classes, tokens, twins, folds, first = (
        base[key] for key in (CLASSES, TOKENS, DUPLICATES, FOLD_MOMENTS, OUT_OF_FOLD)
    )
    return copy.but(
        {
            FEATURES: base[FEATURES][order],
            CLASSES: replace(classes, codes=classes.codes[order]),
            TOKENS: replace(tokens, counts=tokens.counts[order]),
            DUPLICATES: Duplicates(twins.exact[order], twins.near[order]),
            FOLD_MOMENTS: replace(folds, folds=folds.folds[order]),
            OUT_OF_FOLD: replace(first, probabilities=first.probabilities[order], predicted=first.predicted[order]),
        }
    )


def alarmed(steps: Resolver) -> set[str]:
    outcomes = checked(steps, select=CODES)[0]
    assert not [each for each in outcomes if each.outcome == "errored"], outcomes
    return {each.code for each in outcomes if each.findings}


Plant = Callable[[pl.DataFrame, str, str, float, np.random.Generator], pl.DataFrame]


def label_shift(frame: pl.DataFrame, a: str, b: str, strength: float, rng: np.random.Generator) -> pl.DataFrame:
    """The late records of five classes thin out by ``strength``."""
    five = sorted(set(frame["label"]))[:5]
    lost = pl.Series(rng.random(len(frame)) < strength)
    return frame.filter(~(frame["label"].is_in(five) & late(frame) & lost))


def wording_shift(frame: pl.DataFrame, a: str, b: str, strength: float, rng: np.random.Generator) -> pl.DataFrame:
    """A new phrase in a share of the late texts."""
    chosen = late(frame) & pl.Series(rng.random(len(frame)) < strength)
    return frame.with_columns(text=pl.when(chosen).then(pl.col("text") + " via member portal").otherwise("text"))


def rename(frame: pl.DataFrame, a: str, b: str, strength: float, rng: np.random.Generator) -> pl.DataFrame:
    """Class a, with ``strength`` rows, gets a new name in the middle."""
    frame = limited(frame, {a: strength})
    return relabelled(frame, late(frame) & (frame["label"] == a), "new name")


def merge(frame: pl.DataFrame, a: str, b: str, strength: float, rng: np.random.Generator) -> pl.DataFrame:
    """Classes a and b, with ``strength`` rows each, become one of a new name."""
    frame = limited(frame, {a: strength, b: strength})
    return relabelled(frame, late(frame) & frame["label"].is_in([a, b]), "new name")


def split(frame: pl.DataFrame, a: str, b: str, strength: float, rng: np.random.Generator) -> pl.DataFrame:
    """One class of a and b, with ``strength`` rows each, is divided into the two."""
    frame = limited(frame, {a: strength, b: strength})
    return relabelled(frame, ~late(frame) & frame["label"].is_in([a, b]), "old name")


def redefine(frame: pl.DataFrame, a: str, b: str, strength: float, rng: np.random.Generator) -> pl.DataFrame:
    """A share of the late texts of class a goes to class b."""
    chosen = late(frame) & (frame["label"] == a) & pl.Series(rng.random(len(frame)) < strength)
    return relabelled(frame, chosen, b)


def late(frame: pl.DataFrame) -> pl.Series:
    return frame["time"] >= FIRST + timedelta(days=DAYS // 2)


def limited(frame: pl.DataFrame, rows: dict[str, float]) -> pl.DataFrame:
    return pl.concat(
        [part.head(int(rows.get(label, len(part)))) for (label,), part in frame.group_by("label", maintain_order=True)]
    )


def relabelled(frame: pl.DataFrame, chosen: pl.Series, label: str) -> pl.DataFrame:
    return frame.with_columns(label=pl.when(chosen).then(pl.lit(label)).otherwise("label"))


PLANTS: dict[str, tuple[Plant, tuple[float, ...], set[str]]] = {
    "label shift": (label_shift, (0.0, 0.2, 0.4, 0.8), {"STA002"}),
    "wording shift": (wording_shift, (0.0, 0.05, 0.15, 0.4), {"STA005"}),
    "rename": (rename, (40, 80, 120), {"renamed"}),
    "merge": (merge, (40, 80, 120), {"merged"}),
    "split": (split, (40, 80, 120), {"split_up", "split_off"}),
    "definition": (redefine, (0.0, 0.2, 0.4, 0.8), {"STA008"}),
}


def power(where: Path) -> Iterator[list[object]]:
    """Planted changes at growing strength: how often they are named, and how often evidently's preset sees drift."""
    for name, frame in (("clinc150", clinc150()), ("sample", sample(where))):
        large = sorted(frame["label"].value_counts(sort=True)["label"][:16])
        even = pl.concat([frame.filter(pl.col("label") == label).head(125) for label in large])
        for plant, (change, strengths, expected) in PLANTS.items():
            for strength in strengths:
                for repeat in range(REPEATS):
                    rng = np.random.default_rng(repeat)
                    a, b = rng.choice(large, 2, replace=False)
                    dated = redated(even.sample(fraction=1, shuffle=True, seed=repeat).with_row_index("id"), rng)
                    planted = change(dated, a, b, strength, rng)
                    found = named(narrow(about(planted, where)))
                    peer = evidently_drifts(planted, "text" if plant == "wording shift" else "label")
                    yield [name, plant, strength, repeat, bool(expected & found), peer, " ".join(sorted(found))]


def sample(where: Path) -> pl.DataFrame:
    made = generate.make(20_000, seed=7, clean=True)
    generate.write(made, where / "sample")
    return pl.read_parquet(where / "sample" / "denials.parquet").select(text="note", label="category")


def named(steps: Resolver) -> set[str]:
    outcomes = checked(steps, select=CODES)[0]
    return {each.code for each in outcomes if each.findings} | {
        finding.said.template.id for each in outcomes for finding in each.findings if each.code == "STA003"
    }


def evidently_drifts(frame: pl.DataFrame, column: str) -> bool:
    """Whether DataDriftPreset at its defaults calls ``column`` drifted, later half against earlier half."""
    os.environ["DO_NOT_TRACK"] = "1"
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    by_time = frame.sort("time").select(column)
    half = len(by_time) // 2
    kind = {"text_columns": ["text"]} if column == "text" else {"categorical_columns": ["label"]}
    parts = [
        Dataset.from_pandas(part.to_pandas(), data_definition=DataDefinition(**kind))
        for part in (by_time[half:], by_time[:half])
    ]
    found = Report([DataDriftPreset()]).run(*parts).dict()
    return any(
        metric["metric_name"].startswith("DriftedColumnsCount") and metric["value"]["count"] > 0
        for metric in found["metrics"]
    )


def forecast_table(rows: list[list[Any]]) -> str:
    wide = [[r[0], r[1], r[7], r[2], f"{r[3]:.3f} to {r[4]:.3f}", r[5], r[6]] for r in rows]
    inside = np.mean([r[3] <= r[5] <= r[4] for r in rows])
    error, promised = (float(np.mean([abs(r[i] - r[5]) for r in rows])) for i in (2, 6))
    header = ["end of", "months", "periods", "forecast", "90 % interval", "came", "random folds promised"]
    return (
        f"## Forecasts\n\nNVD, every {EVERY}nd record. {inside:.2f} of {len(rows)} intervals cover what came (asked: "
        f"0.85). Mean absolute error {error:.3f} (asked: 0.07), that of the promise {promised:.3f}: a ratio of "
        f"{error / promised:.2f} (asked: 0.7).\n\n" + table(header, wide)
    )


def migration_table(rows: list[list[Any]]) -> str:
    header = ["set", "class", "what", "from", "others", "records filed by year"]
    return (
        "## Migrations\n\nWhat the audit names, beside the plain counts of its rows. CFPB's old names stand in an "
        "extract without dates, so the audit names the pairs (LAB008) and no month; they were renamed in April 2017. "
        "'Consumer Loan' was divided between two products, of which one is named. The renaming of August 2023 is not "
        "in the export, which ends on 24 August 2023. 'Payday loan, title loan, or personal loan' comes into use with "
        "the extract that holds nothing else.\n\n" + table(header, rows)
    )


def alarm_table(rows: list[list[Any]]) -> str:
    cells: dict[tuple[str, int], list[str]] = {}
    for name, window, _, codes in rows:
        cells.setdefault((name, window), []).append(codes)
    every = [
        [*key, len(found), sum(map(bool, found)), " ".join(sorted({c for f in found for c in f.split()}))]
        for key, found in cells.items()
    ]
    fired = sum(bool(row[3]) for row in rows)
    return (
        f"## False alarms\n\nRandom dates over three years. {fired} of {len(rows)} audits report any drift, churn or "
        f"definition drift: {fired / len(rows):.3f} (asked: 0.05 at most).\n\n"
        + table(["set", "rows", "audits", "with a finding", "of"], every)
    )


def power_table(rows: list[list[Any]]) -> str:
    cells: dict[tuple[str, str, float], list[tuple[bool, bool]]] = {}
    for name, plant, strength, _, ours, peer, _ in rows:
        cells.setdefault((name, plant, strength), []).append((ours, peer))
    shown = [
        [name, plant, f"{strength:g}", len(each), *map(float, np.mean(each, axis=0))]
        for (name, plant, strength), each in cells.items()
    ]
    return (
        "## Power\n\nShare of the planted changes that the right finding names, 16 classes of 125 records; evidently: "
        "share in which DataDriftPreset calls the column drifted, which names neither kind nor class. Strength: share "
        "of late records, or records of each class.\n\n"
        + table(["set", "planted", "strength", "audits", "named", "evidently"], shown)
    )


MEASURES = {
    "forecasts": (forecasts, forecast_table),
    "migrations": (migrations, migration_table),
    "alarms": (alarms, alarm_table),
    "power": (power, power_table),
}


def main() -> None:
    """Measures the parts named and writes the tables of all parts that are there."""
    PARTS.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or MEASURES:
        measured: list[list[object]] = []
        with tempfile.TemporaryDirectory() as where:
            for row in MEASURES[name][0](Path(where)):
                measured.append(row)
                (PARTS / f"{name}.json").write_text(json.dumps(measured), encoding="utf-8")
    there = [
        (PARTS / f"{name}.json", show) for name, (_, show) in MEASURES.items() if (PARTS / f"{name}.json").exists()
    ]
    save(
        "stability",
        "python -m benchmarks.stability",
        [show(json.loads(path.read_text("utf-8"))) for path, show in there],
    )


if __name__ == "__main__":
    main()
