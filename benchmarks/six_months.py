"""The forecast of later accuracy: natural histories, shuffled ones that cannot drift, and drift that was planted.

Each line is an export that ends with a cut, and what a linear classifier trained on all of it then got over the
horizon. What the forecast is made of is kept in ``build``, so that another way to forecast is scored in seconds.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.errors import AuditError
from auditor.estimators.ageing import LACKING_ROWS
from auditor.estimators.forecast import ACCURACY_BY_AGE
from auditor.estimators.ordinary import ORDINARY_AHEAD
from auditor.evidence.classes import CLASSES
from auditor.evidence.periods import PERIODS, Periods
from auditor.evidence.proxy import OUT_OF_FOLD
from auditor.evidence.retrieval import ASKED_IN_ORDER
from auditor.evidence.surrogate import SURROGATE, TRAINED_IN_ORDER
from auditor.plan import steps_for
from benchmarks.readiness.classifiers import features, linear
from benchmarks.readiness.sources import load as source

DONE = Path("build/six_months")
NATURAL, SHUFFLED, DRIFT = "natural", "shuffled", "drift"
SHUFFLES, DRIFTS = 200, 120
SHUFFLED_ROWS, DRIFT_ROWS, NATURAL_ROWS, LATER_ROWS = 1_500, 1_800, 2_500, 1_000
MONTHS, AHEAD = 24, 6
STRENGTH = 0.4
LEAST_SCORED = 150


@dataclass(frozen=True)
class History:
    """What the forecast of one export is made of, and the ``outcome``: the share of ``scored`` later rows that a linear
    classifier got right. ``in_time`` is what it got in random folds; None where that was not asked for.

    ``right`` (n,) is the surrogate in random folds on every row, ``now`` (q,) the same on those ``asked`` in order,
    ``then`` (P, q) that of the models of the past, ``answered`` where one did.
    """

    kind: str
    name: str
    cut: date
    horizon: int
    promised: float
    by_proxy: float
    periods: Periods
    accuracy: np.ndarray
    lacking: np.ndarray
    right: np.ndarray
    asked: np.ndarray
    now: np.ndarray
    then: np.ndarray
    answered: np.ndarray
    outcome: float | None
    in_time: float | None
    scored: int


def histories(kind: str) -> list[History]:
    """All that were measured of a ``kind``, in a fixed order."""
    return [History(**pickle.loads(path.read_bytes())) for path in sorted(DONE.glob(f"{kind}-*.pickle"))]


def main() -> None:
    """Measures what is missing."""
    one_blas_thread()
    DONE.mkdir(parents=True, exist_ok=True)
    for path, build in _all():
        if path.exists() or path.with_suffix(".none").exists():
            continue
        try:
            found = build()
        except AuditError as error:
            path.with_suffix(".none").write_text(str(error))
            continue
        path.write_bytes(pickle.dumps(vars(found)))
        print(path.stem, found.promised, found.outcome, flush=True)


def _all() -> Iterator[tuple[Path, object]]:
    for at, (name, cut, horizon) in enumerate(_cuts()):
        yield DONE / f"natural-{at:03}.pickle", lambda each=(name, cut, horizon): _natural(*each)
    for seed in range(DRIFTS):
        yield DONE / f"drift-{seed:03}.pickle", lambda seed=seed: _drifted(seed)
    for seed in range(SHUFFLES):
        yield DONE / f"shuffled-{seed:03}.pickle", lambda seed=seed: _shuffled(seed)


def _cuts() -> Iterator[tuple[str, date, int]]:
    for year in range(2010, 2019):
        for month in (1, 7):
            yield "nvd", date(year, month, 1), 6
    for name in ("imr_ca, treatment", "imr_ca, diagnosis"):
        for year in range(2005, 2017):
            yield name, date(year, 1, 1), 12
    for name in ("cfpb, one taxonomy", "cfpb, issue"):
        for month in (4, 5, 6, 7):
            yield name, date(2023, month, 1), 2


def _natural(name: str, cut: date, horizon: int) -> History:
    column = "given" if name == "nvd" else "truth"
    rows = source(name).select("text", "time", label=column).drop_nulls()
    rows = rows.filter(pl.col("time") >= date(2023, 1, 1)) if name.startswith("cfpb") else rows
    end = _later(cut, horizon)
    before = rows.filter(pl.col("time") < cut)
    after = rows.filter((pl.col("time") >= cut) & (pl.col("time") < end))
    before = before.sample(min(NATURAL_ROWS, len(before)), seed=1).sort("time", "text")
    return _history(NATURAL, name, cut, horizon, before, after.sample(min(LATER_ROWS, len(after)), seed=1))


def _shuffled(seed: int) -> History:
    names = ("nvd", "imr_ca, treatment", "cfpb, one taxonomy", "banking77", "clinc150")
    name = names[seed % len(names)]
    rows = source(name).select("text", label="truth").drop_nulls().sample(SHUFFLED_ROWS, seed=100 + seed)
    return _history(SHUFFLED, name, _month(MONTHS), AHEAD, _dated(rows, MONTHS, seed), None)


def _drifted(seed: int) -> History:
    """A steady drift of one of four kinds, that goes on after the cut as before it."""
    names = ("nvd", "imr_ca, treatment", "cfpb, issue", "banking77", "clinc150")
    name, kind = names[seed % len(names)], list(PLANTS)[seed % len(PLANTS)]
    rng = np.random.default_rng(seed)
    rows = source(name).select("text", label="truth").drop_nulls().sample(DRIFT_ROWS, seed=300 + seed)
    rows = PLANTS[kind](_dated(rows, MONTHS + AHEAD, seed), rng)
    cut = _month(MONTHS)
    before, after = rows.filter(pl.col("time") < cut), rows.filter(pl.col("time") >= cut)
    return _history(DRIFT, f"{name}, {kind}", cut, AHEAD, before, after, in_time=True)


def _renamed(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Every month classes of some 3 % of the records change their name: to a new one, or to that of another class."""
    to_new = bool(rng.integers(2))
    day, names = _changes(rows, rng, first=0.0, pace=rng.uniform(0.029, 0.036)), rows["label"].unique().sort()
    other = {each: f"{each} (revised)" if to_new else str(rng.choice(names)) for each in names}
    labels = (other[label] if when >= day[label] else label for label, when in rows.select("label", "time").iter_rows())
    return rows.with_columns(label=pl.Series(labels, dtype=pl.String))


def _arriving(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Classes begin one after the other, a quarter of them before the first month."""
    day = _changes(rows, rng, first=-MONTHS / 2, pace=rng.uniform(0.022, 0.024))
    return rows.filter(pl.Series([when >= day[label] for label, when in rows.select("label", "time").iter_rows()]))


def _worded(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Each word is replaced by a new one every so many months."""
    lasts, began = rng.uniform(6, 10), {}

    def now(word: str, month: float) -> str:
        turn = int((month + began.setdefault(word.lower(), rng.uniform(0, lasts))) // lasts)
        return f"{word}{'abcdefghij'[turn % 10]}x" if turn else word

    months = (rows["time"] - _month(0)).dt.total_days() / 365.25 * 12
    texts = (
        " ".join(now(word, month) for word in text.split()) for text, month in zip(rows["text"], months, strict=True)
    )
    return rows.with_columns(text=pl.Series(texts, dtype=pl.String))


def _muddled(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """More and more labels are drawn at random."""
    share = rng.uniform(0.2, 0.35) * (rows["time"] - _month(0)).dt.total_days() / (365.25 * (MONTHS + AHEAD) / 12)
    drawn = rng.random(len(rows)) < share.to_numpy()
    others = rng.choice(rows["label"].to_numpy(), len(rows))
    return rows.with_columns(label=pl.Series(np.where(drawn, others, rows["label"].to_numpy())))


PLANTS = {"names": _renamed, "arriving": _arriving, "words": _worded, "labels": _muddled}


def _changes(rows: pl.DataFrame, rng: np.random.Generator, *, first: float, pace: float) -> dict[str, date]:
    """The day on which each class changes: from the month ``first`` on, ``pace`` of the records a month."""
    share = dict(rows.group_by("label").agg(pl.len() / len(rows)).iter_rows())
    days, gone = {}, 0.0
    for label in rng.permutation(sorted(share)).tolist():
        days[label] = _month_at(first + gone / pace)
        gone += share[label]
    return days


def _history(
    kind: str,
    name: str,
    cut: date,
    horizon: int,
    before: pl.DataFrame,
    after: pl.DataFrame | None,
    *,
    in_time: bool = False,
) -> History:
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.parquet"
        before.write_parquet(export)
        steps = steps_for(load(Config(export=str(export), text=("text",), label="label", time="time")), 0)
        codes, asked, said = steps[CLASSES].codes, steps[ASKED_IN_ORDER], steps[TRAINED_IN_ORDER]
        right = steps[SURROGATE].out_of_fold.predicted == codes
        outcome, of_folds = (None, None) if after is None else _by_linear(before, after, folds=in_time)
        if after is not None and len(after) < LEAST_SCORED:
            raise AuditError("too few later rows")
        return History(
            kind,
            name,
            cut,
            horizon,
            float(right.mean()) + steps[ORDINARY_AHEAD].value,
            steps[OUT_OF_FOLD].accuracy(codes),
            steps[PERIODS],
            steps[ACCURACY_BY_AGE],
            steps[LACKING_ROWS],
            right,
            asked,
            right[asked],
            said == codes[asked],
            said >= 0,
            outcome,
            of_folds,
            0 if after is None else len(after),
        )


def _by_linear(before: pl.DataFrame, after: pl.DataFrame, *, folds: bool) -> tuple[float, float | None]:
    train, later = features(before["text"].to_list(), after["text"].to_list())
    labels = before["label"].to_numpy()
    outcome = float((linear(train, labels, STRENGTH).predict(later.sparse) == after["label"].to_numpy()).mean())
    if not folds:
        return outcome, None
    fold = np.random.default_rng(0).permutation(len(labels)) % 8
    right = [
        linear(train.take(np.flatnonzero(fold != each)), labels[fold != each], STRENGTH).predict(
            train.sparse[np.flatnonzero(fold == each)]
        )
        == labels[fold == each]
        for each in range(3)
    ]
    return outcome, float(np.concatenate(right).mean())


def _dated(rows: pl.DataFrame, months: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(1_000 + seed)
    days = np.sort(rng.integers(0, round(months * 365.25 / 12), len(rows)))
    return rows.with_columns(time=pl.Series([_month(0) + timedelta(days=int(day)) for day in days]))


def _month(month: int) -> date:
    return date(2023 + month // 12, month % 12 + 1, 1)


def _month_at(month: float) -> date:
    return _month(0) + timedelta(days=month * 365.25 / 12)


def _later(day: date, months: int) -> date:
    return date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)


if __name__ == "__main__":
    main()
