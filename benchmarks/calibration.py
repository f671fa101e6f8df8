"""Do intervals hold what they say? One table of all, then what stands behind each row.

``accuracy`` holds the audits of `benchmarks.readiness` against a linear SVM on TF-IDF, trained on earlier rows of the
same export and judged by given labels. ``doubling`` audits 20 exports at a size and at twice that, three draws of each.
``later`` are the forecasts of `benchmarks.later`. Finished lines are kept in ``build``; a stopped run goes on there.

    python -m benchmarks.calibration [audits]

With ``audits`` what rests on these alone is printed, and nothing is saved.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import numpy as np
import polars as pl

from auditor.batch import load
from auditor.blas import one_blas_thread
from auditor.config import Config
from auditor.estimators.curve import LEARNING_CURVE, doubling_error
from auditor.evidence.classes import CLASSES
from auditor.evidence.surrogate import SURROGATE
from auditor.plan import steps_for
from benchmarks import later
from benchmarks.covers import (
    AUDITS,
    BEFORE,
    LEVELS,
    OUTCOMES,
    Line,
    Row,
    Z,
    accuracy,
    binomial,
    bound,
    exports,
    of_audits,
    side_by_side,
)
from benchmarks.readiness.lines import append, lines
from benchmarks.readiness.sources import load as source
from benchmarks.results import save, table
from benchmarks.six_months import DRIFT, History, histories
from checks.patterns.pat001_class_recall import OTHERS_SPREAD as RECALL_SPREAD

HALF, HELD_OUT = 0.5, 60
# The first draw stands for an export, the mean of all for what twice the rows add to such exports.
DRAWN = (5, 6, 7)
DONE = Path("build/calibration.jsonl")
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
        print("\n\n".join([side_by_side([*of_audits(), (_class_row(), None)]), *_accuracy(), *_bound(), *_by_class()]))
        return
    one_blas_thread()
    done = {(line["set"], line["rows"], line["draw"]) for line in lines(DONE)}
    DONE.parent.mkdir(exist_ok=True)
    for draw in DRAWN:
        for name, rows in SIZES:
            if (name, rows, draw) not in done:
                append(DONE, doubled(name, rows, draw))
                print(name, rows, draw, flush=True)
    parts = [*_every(), *_doubling(), *_accuracy(), *_bound(), *_by_class(), *later.sections()]
    save("calibration", "python -m benchmarks.calibration", parts)


def _every() -> Iterator[str]:
    """Every figure with an interval, by half, source and size where there are enough."""
    yield "## Every interval"
    yield (
        "Outcomes with their own binomial error added. Scores at 90 % (Gneiting and Raftery 2007), lower is better, "
        "beside that of the constant interval that holds nine in ten of the same outcomes, which no audit knows. "
        "Before: audits of the same exports by commit 2d8eb08, held to the same outcomes; that of six months as its "
        "interval was then, on the figure of now."
    )
    yield side_by_side([*of_audits(), *_doubling_rows(), (_class_row(), None), *_later_rows()])


def _doubling_rows() -> Iterator[tuple[Row, Row | None]]:
    """What one draw of a set is said to gain against what it gains, and every draw against the mean of all."""
    first = [line for line in _doubled() if line["draw"] == DRAWN[0]]
    before = [line for line in lines(BEFORE) if "set" in line]
    yield _doubling_row("20 sets and sizes", first, [_gain(line) for line in first]), _doubling_before(before)
    gains = [mean(_gain(other) for other in _doubled() if _same_set(line, other)) for line in _doubled()]
    yield _doubling_row(f"mean of {len(DRAWN)} draws each", _doubled(), gains), None


def _doubled() -> list[Line]:
    return [line for line in lines(DONE) if line["said"] is not None]


def _same_set(line: Line, other: Line) -> bool:
    return bool(line["set"] == other["set"] and line["rows"] == other["rows"])


def _gain(line: Line) -> float:
    return float(line["then"] - line["now"])


def _doubling_row(part: str, found: list[Line], gains: list[float]) -> Row:
    off = np.array([line["said"] for line in found]) - np.array(gains)
    error = np.array([doubling_error(line["rows"]) for line in found])
    return Row("twice the rows add", part, off, error, error)


def _doubling_before(found: list[Line]) -> Row:
    """Its interval was that of the accuracy then."""
    off = np.array([line["said"] - _gain(line) for line in found])
    error = np.array([(line["high"] - line["low"]) / (2 * Z) for line in found])
    return Row("twice the rows add", "", off, error, error)


def _class_row() -> Row:
    """Recall of classes of exports that do not move, on 60 hidden records of the class or more."""
    found = np.array([each[1:] for each in _classes() if not each[0]["moves"] and each[3] >= HELD_OUT])
    rows, recall, asked, right = found.T
    told, got = np.hypot(binomial(recall, rows), RECALL_SPREAD), right / asked
    return Row("recall of a class", "still exports", recall - got, np.hypot(told, binomial(got, asked)), told)


def _later_rows() -> Iterator[tuple[Row, Row | None]]:
    natural = later.natural()
    sources = sorted({each.name.split(",")[0] for each in natural})
    parts = {"natural": natural, "planted drift": histories(DRIFT)}
    parts |= {f"natural, {name}": [each for each in natural if each.name.startswith(name)] for name in sources}
    for name, found in parts.items():
        if found:
            yield _later_row(name, found, later.now), _later_row(name, found, later.before)


def _later_row(name: str, found: list[History], way: later.Way) -> Row:
    said = later.told(found, way)
    return Row("six months", name, said.value - later.outcomes(found), said.spread, said.spread, said.freedom)


def _classes() -> Iterator[tuple[Line, float, float, float, float]]:
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


def doubled(name: str, rows: int, draw: int) -> Line:
    """What twice the rows were said to add, and what the audit's own figure gained."""
    column = "given" if name == "noisyag_news" else "truth"
    frame = source(name).select("text", label=column).sample(fraction=1.0, shuffle=True, seed=draw)
    (now, said), (then, _) = (_figures(frame.head(size)) for size in (rows, 2 * rows))
    return {"set": name, "rows": rows, "draw": draw, "now": now, "then": then, "said": said}


def _figures(frame: pl.DataFrame) -> tuple[float, float | None]:
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.parquet"
        frame.write_parquet(export)
        steps = steps_for(load(Config(export=str(export), text=("text",), label="label")), 0)
        right = steps[SURROGATE].out_of_fold.accuracy(steps[CLASSES].codes)
        return right, steps[LEARNING_CURVE].by_twice_the_rows


def _doubling() -> Iterator[str]:
    (one, _), (every, _) = _doubling_rows()
    yield "## What twice the rows add"
    yield (
        f"Mean error {100 * np.abs(one.off).mean():.2f} points over {len(one.off)} sets and sizes, bias "
        f"{100 * one.off.mean():+.2f}. {_cover(one)} What one draw gains is itself known to a point or so: held to the "
        f"mean of {len(DRAWN)} draws of its set, what a draw is said to gain is off by "
        f"{100 * np.abs(every.off).mean():.2f} points, bias {100 * every.off.mean():+.2f}. {_cover(every)}"
    )
    sets = [[line for line in _doubled() if (line["set"], line["rows"]) == each] for each in SIZES]
    yield table(
        ["set", "rows", "said to add", "added", f"mean of {len(DRAWN)} said", "added"],
        [
            [found[0]["set"], f"{found[0]['rows']:,}", *(f"{100 * each:+.1f}" for each in _shown(found))]
            for found in sets
            if found
        ],
    )


def _shown(found: list[Line]) -> tuple[float, ...]:
    first = found[0]
    return first["said"], _gain(first), mean(line["said"] for line in found), mean(_gain(line) for line in found)


def _accuracy() -> Iterator[str]:
    found = exports()
    row, sources = accuracy(found), np.array([each.source for each in found])
    yield "## Accuracy of an ordinary classifier"
    width = 2 * Z * np.median(row.told)
    yield f"{_cover(row)} Median width {100 * width:.1f} points, bias {100 * row.off.mean():+.1f}."
    yield table(
        ["source", "exports", "bias in points", "inside 90 %"],
        [
            [name, int(here.sum()), f"{100 * row.off[here].mean():+.1f}", f"{row.take(name, here).held(0.9):.2f}"]
            for name in sorted(set(sources.tolist()))
            for here in [sources == name]
        ],
    )


def _bound() -> Iterator[str]:
    yield "## The lower bound on wrong labels"
    yield (
        "One-sided, at 95 %, of the same exports. True is what was planted, of news what its truth column says, and of "
        "sets that two readers read the upper end of what they found besides (`judged_rows.md`); labels of others as "
        "they came count as right, though nobody has read them."
    )
    yield bound()


def _cover(row: Row) -> str:
    held = ", ".join(f"{100 * level:.0f} % → {100 * row.held(level):.0f} %" for level in LEVELS)
    return f"Intervals that say so much hold so many of {len(row.off)}: {held}."


if __name__ == "__main__":
    main()
