"""Do intervals hold what they say? One table of all, then what stands behind each row.

``accuracy`` holds the audits of `benchmarks.readiness` against a linear SVM on TF-IDF, trained on earlier rows of the
same export and judged by given labels. ``doubling`` audits 20 exports at a size and at twice that. ``later`` are the
forecasts of `benchmarks.later`. Finished lines are kept in ``build``; a stopped run goes on there.

    python -m benchmarks.calibration [audits]

With ``audits`` what rests on these alone is printed, and nothing is saved.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import norm, t

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.estimators.curve import LEARNING_CURVE, doubling_error
from auditor.evidence.classes import CLASSES
from auditor.evidence.surrogate import SURROGATE
from auditor.judge.draws import LINEAR_AHEAD, LINEAR_SPREAD
from auditor.plan import steps_for
from benchmarks import later
from benchmarks.readiness.lines import append, lines
from benchmarks.readiness.scenarios import TUNING
from benchmarks.readiness.sources import load as source
from benchmarks.results import RESULTS, save, table
from benchmarks.six_months import DRIFT, histories
from checks.benefit.ben001_retrieval_baseline import OTHERS_AHEAD, OTHERS_SPREAD
from checks.patterns.pat001_class_recall import OTHERS_SPREAD as RECALL_SPREAD

Values = NDArray[np.float64]

LEVELS = (0.5, 0.8, 0.9)
Z = float(norm.ppf(0.95))
HALF, HELD_OUT, SMALL = 0.5, 60, 2_000
DONE = Path("build/calibration.jsonl")
AUDITS, OUTCOMES = Path("build/readiness/audits.jsonl"), RESULTS / "readiness_outcomes.jsonl"
SIZES = (
    ("banking77", 1000), ("banking77", 2500), ("banking77", 5000), ("clinc150", 1500), ("clinc150", 4000),
    ("nvd", 1500), ("nvd", 5000), ("nvd, ten classes", 1000), ("nvd, ten classes", 3000),
    ("noisyag_news, true labels", 500), ("noisyag_news, true labels", 2000), ("noisyag_news, true labels", 5000),
    ("cfpb, one taxonomy", 1000), ("cfpb, one taxonomy", 3000), ("cfpb", 2500), ("imr_ca, treatment", 1500),
    ("imr_ca, treatment", 5000), ("imr_ca, diagnosis", 2500), ("noisyag_news", 2000), ("intents_es_th, spanish", 800),
)  # fmt: skip


def main() -> None:
    """Measures what is missing and writes the tables."""
    if sys.argv[1:] == ["audits"]:
        of_audits = _of([*_accuracy_rows(), *_vote_rows(), *_class_rows()])
        print("\n\n".join([of_audits, *_accuracy(), *_by_class()]))
        return
    one_blas_thread()
    done = {(line["set"], line["rows"]) for line in lines(DONE)}
    DONE.parent.mkdir(exist_ok=True)
    for name, rows in SIZES:
        if (name, rows) not in done:
            append(DONE, doubled(name, rows))
            print(name, rows, flush=True)
    parts = [*_every(), *_doubling(), *_accuracy(), *_by_class(), *later.sections()]
    save("calibration", "python -m benchmarks.calibration", parts)


@dataclass(frozen=True)
class Row:
    """What intervals missed by: ``off`` (n,) with its standard error (n,), the outcome's own in it, and its ``told``
    part alone; t distributions of ``freedom`` (n,).
    """

    figure: str
    part: str
    off: Values
    error: Values
    told: Values
    freedom: Values | float = np.inf

    def cells(self) -> list[object]:
        covers = [f"{_share(self.off, self.error, level, self.freedom):.2f}" for level in LEVELS]
        half = t.ppf(0.95, self.freedom) * self.told
        score = 2 * half + later.MISS * np.maximum(np.abs(self.off) - half, 0)
        constant = np.quantile(np.abs(self.off), 0.9)
        by_constant = 2 * constant + later.MISS * np.maximum(np.abs(self.off) - constant, 0)
        return [self.figure, self.part, len(self.off), *covers, f"{score.mean():.3f}", f"{by_constant.mean():.3f}"]


def _every() -> Iterator[str]:
    """Every figure with an interval, by half, source and size where there are enough."""
    yield "## Every interval"
    yield (
        "Outcomes with their own binomial error added. Scores at 90 % (Gneiting and Raftery 2007), lower is better, "
        "beside that of the constant interval that holds nine in ten of the same outcomes, which no audit knows."
    )
    rows = [*_accuracy_rows(), _doubling_row(), *_vote_rows(), *_class_rows(), *_later_rows()]
    yield _of(rows)


def _of(rows: list[Row]) -> str:
    head = ["figure", "of", "n", *(f"{100 * level:.0f} %" for level in LEVELS), "score", "constant's"]
    return table(head, [row.cells() for row in rows])


def _accuracy_rows() -> Iterator[Row]:
    off, error, spread, sources, sizes = _accuracy_misses()
    tuning = np.isin(sources, TUNING)
    parts = {"all": tuning | ~tuning, "tuning half": tuning, "testing half": ~tuning}
    parts |= {f"under {SMALL:,} rows": sizes < SMALL, f"{SMALL:,} rows and more": sizes >= SMALL}
    parts |= {name: sources == name for name in np.unique(sources)}
    for name, here in parts.items():
        yield Row("ordinary classifier", name, off[here], error[here], spread[here])


def _doubling_row() -> Row:
    found = [line for line in lines(DONE) if line["said"] is not None]
    off = np.array([line["said"] - (line["then"] - line["now"]) for line in found])
    error = np.array([doubling_error(line["rows"]) for line in found])
    return Row("twice the rows add", "20 sets and sizes", off, error, error)


def _vote_rows() -> Iterator[Row]:
    """Of exports without planted mistakes: the audit's vote against one that shares nothing with it but the texts."""
    got = {line["scenario"]: line for line in lines(OUTCOMES)}
    found = [(got[a["scenario"]], a["facts"]["vote"]) for a in lines(AUDITS) if a["facts"]["vote"]]
    found = [(line, vote) for line, vote in found if line["wrong_labels"] == 0]
    value, error = (np.array([vote[key] for _, vote in found]) for key in ("value", "error"))
    right = np.array([line["vote_in_time_true"] for line, _ in found])
    rows = np.array([line["in_time_rows"] for line, _ in found])
    tuning = np.array([line["scenario"].split(";")[0].split(",")[0] in TUNING for line, _ in found])
    off, told = value + OTHERS_AHEAD - right, np.hypot(error, OTHERS_SPREAD)
    for name, here in {"all": tuning | ~tuning, "tuning half": tuning, "testing half": ~tuning}.items():
        asked = np.hypot(told[here], _binomial(right[here], rows[here]))
        yield Row("neighbours' vote", f"another retriever, {name}", off[here], asked, told[here])


def _class_rows() -> Iterator[Row]:
    """Recall of classes of exports that do not move, on 60 hidden records of the class or more."""
    found = np.array([each[1:] for each in _classes() if not each[0]["moves"] and each[3] >= HELD_OUT])
    rows, recall, asked, right = found.T
    told, got = np.hypot(_binomial(recall, rows), RECALL_SPREAD), right / asked
    yield Row("recall of a class", "still exports", recall - got, np.hypot(told, _binomial(got, asked)), told)


def _later_rows() -> Iterator[Row]:
    for name, found in (("natural", later.natural()), ("planted drift", histories(DRIFT))):
        if found:
            said, got = later.told(found, later.now), later.outcomes(found)
            yield Row("six months", name, said.value - got, said.spread, said.spread, said.freedom)
    natural = later.natural()
    for source_name in sorted({each.name.split(",")[0] for each in natural}):
        here = [each for each in natural if each.name.startswith(source_name)]
        said, got = later.told(here, later.now), later.outcomes(here)
        yield Row("six months", f"natural, {source_name}", said.value - got, said.spread, said.spread, said.freedom)


def _binomial(share: Values, rows: Values) -> Values:
    return np.asarray(np.sqrt((share * (1 - share) + 1 / (rows + 2)) / (rows + 2)))


def _classes() -> Iterator[tuple[dict[str, Any], float, float, float, float]]:
    """The outcome of each export with, by class, its rows, recall, hidden records and how many of them are found."""
    outcomes = {line["scenario"]: line for line in lines(OUTCOMES)}
    for line in lines(AUDITS):
        outcome, rows = outcomes[line["scenario"]], line["facts"]["rows"]
        hidden, right, _ = outcome["by_class"]
        every = line["facts"]["by_class"]
        codes = {name: code for code, name in enumerate(sorted(each["label"] for each in every))}
        if len(codes) != outcome["classes"]:
            continue
        by_number = all(name.isdigit() and int(name) < len(hidden) for name in codes)
        for each in every:
            code = int(each["label"]) if by_number else codes[each["label"]]
            yield outcome, each["share"] * rows, each["recall"], hidden[code], right[code]


def _by_class() -> Iterator[str]:
    """A class is named as missed if its whole interval, that of any classifier, lies under one half."""
    yield "## Classes named as missed"
    rows = []
    for name, moves in (("still exports", False), ("moving exports", True)):
        found = [each for each in _classes() if each[0]["moves"] is moves and each[3] >= HELD_OUT]
        ways = {
            "by the figure": (0.0, 0.0),
            "by its interval": (Z, 0.0),
            "by that of any classifier": (Z, RECALL_SPREAD),
        }
        for how, (z, spread) in ways.items():
            named = [each for each in found if _upper(each[2], each[1], z, spread) < HALF]
            false = sum(right / hidden >= HALF for *_, hidden, right in named)
            missed = sum(each[4] / each[3] < HALF for each in found) - (len(named) - false)
            rows.append([name, how, len(found), len(named), false, f"{false / max(len(named), 1):.2f}", missed])
    yield (
        f"Classes of {HELD_OUT} hidden records or more; falsely named if a linear classifier finds half of them or "
        "more, on later records where the export moves."
    )
    yield table(["exports", "named", "classes", "named so", "falsely", "share", "not named"], rows)


def _upper(share: float, rows: float, z: float, spread: float) -> float:
    """The upper end of Wilson's interval, of classifiers that are apart by so much."""
    centre = share + z * z / (2 * rows)
    half = z * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return share + float(np.hypot((centre + half) / (1 + z * z / rows) - share, z * spread))


def doubled(name: str, rows: int) -> dict[str, Any]:
    """What twice the rows were said to add, and what the audit's own figure gained."""
    column = "given" if name == "noisyag_news" else "truth"
    frame = source(name).select("text", label=column).sample(fraction=1.0, shuffle=True, seed=5)
    (now, said), (then, _) = (_figures(frame.head(size)) for size in (rows, 2 * rows))
    return {"set": name, "rows": rows, "now": now, "then": then, "said": said}


def _figures(frame: pl.DataFrame) -> tuple[float, float | None]:
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.parquet"
        frame.write_parquet(export)
        steps = steps_for(load(Config(export=str(export), text=("text",), label="label")), 0)
        right = steps[SURROGATE].out_of_fold.accuracy(steps[CLASSES].codes)
        return right, steps[LEARNING_CURVE].by_twice_the_rows


def _doubling() -> Iterator[str]:
    found = [line for line in lines(DONE) if line["said"] is not None]
    said, got = np.array([line["said"] for line in found]), np.array([line["then"] - line["now"] for line in found])
    error = np.array([doubling_error(line["rows"]) for line in found])
    yield "## What twice the rows add"
    yield (
        f"Mean error {100 * np.abs(said - got).mean():.2f} points over {len(found)} sets and sizes, bias "
        f"{100 * (said - got).mean():+.2f}. {_cover(said - got, error)}"
    )
    yield table(
        ["set", "rows", "said to add", "added"],
        [
            [line["set"], f"{line['rows']:,}", f"{100 * a:+.1f}", f"{100 * b:+.1f}"]
            for line, a, b in zip(found, said, got, strict=True)
        ],
    )


def _accuracy_misses() -> tuple[Values, Values, Values, NDArray[np.str_], Values]:
    """By export: off by, its standard error, the told part of it, source and rows. Judged by given labels, so that
    wrong ones and changing names count for both.
    """
    outcomes = {line["scenario"]: line for line in lines(OUTCOMES)}
    found = [(outcomes[line["scenario"]], line["facts"]["ordinary"]) for line in lines(AUDITS)]
    got = np.array([outcome["linear_in_time_given"] for outcome, _ in found])
    asked = np.array([outcome["in_time_rows"] for outcome, _ in found])
    off = np.array([said["value"] for _, said in found]) + LINEAR_AHEAD - got
    spread = np.hypot([said["error"] for _, said in found], LINEAR_SPREAD)
    error = np.hypot(spread, np.sqrt(got * (1 - got) / asked))
    sources = np.array([outcome["scenario"].split(";")[0].split(",")[0] for outcome, _ in found])
    return off, error, spread, sources, np.array([outcome["rows"] for outcome, _ in found])


def _accuracy() -> Iterator[str]:
    off, error, spread, sources, _ = _accuracy_misses()
    yield "## Accuracy of an ordinary classifier"
    width = 2 * Z * np.median(spread)
    yield f"{_cover(off, error)} Median width {100 * width:.1f} points, bias {100 * off.mean():+.1f}."
    yield table(
        ["source", "exports", "bias in points", "inside 90 %"],
        [
            [name, int(here.sum()), f"{100 * off[here].mean():+.1f}", f"{_share(off[here], error[here], 0.9):.2f}"]
            for name in sorted(set(sources.tolist()))
            for here in [sources == name]
        ],
    )


def _cover(off: Values, error: Values) -> str:
    held = ", ".join(f"{100 * level:.0f} % → {100 * _share(off, error, level):.0f} %" for level in LEVELS)
    return f"Intervals that say so much hold so many of {len(off)}: {held}."


def _share(off: Values, error: Values, level: float, freedom: Values | float = np.inf) -> float:
    return float((np.abs(off) <= t.ppf((1 + level) / 2, freedom) * error).mean())


if __name__ == "__main__":
    main()
