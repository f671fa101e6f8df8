"""What trials came to, against what published lifts, fewer rows and a linear probe foretold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from auditor.interval import Z_90
from auditor.judge.draws import LARGER_AHEAD, LARGER_SPREAD
from auditor.judge.published import Comparison, Law, fit_lifts, lift_law, published_lifts
from auditor.model import Answers, Facts, Share, Tried
from benchmarks.readiness.scenarios import set_of, source_of
from benchmarks.results import table

Line = Mapping[str, Any]
# Of the encoder that the trials tuned.
WEIGHTS = 22_713_216
# Fewer wrong labels than that are none.
CLEAN = 0.02
# A probe misleads where it is so far from the tuned encoder, and by more than two standard errors.
FAR = 0.02


def sections(lines: Sequence[Line]) -> list[str]:
    """All tables; none of a kind that no line fills."""
    learnt = sorted({line["planned_rows"] for line in lines})
    return [
        f"{len(lines)} trials of `auditor trial`'s own encoder (22 million weights), on {_joined(learnt)} rows; one "
        "thread of bfloat16. Test rows: up to 1,000 hidden ones; 'in time': 500 of the same months, where texts or "
        "classes move with time.",
        *_outcomes(lines),
        *_residuals(lines),
        *_fitted_again(lines),
        *_extended(lines),
        *_probes(lines),
    ]


def root(line: Line) -> float:
    """What the encoder added on true labels, over the root of the ordinary classifier's errors."""
    part = _today(line)
    return float(part["over_ordinary"][0] / np.sqrt(1 - part["ordinary"]))


def with_trial(facts: Facts, line: Line) -> Facts:
    """As the audit knows them that reads the trial: by the labels as given."""
    part, error = _today(line), _error(line)
    right, ordinary = part["tuned_given"], part["ordinary_given"]
    spread = float(np.sqrt(right * (1 - right) / part["tested"]))
    trained = Answers(part["tested"], Share(right, spread), Share(ordinary - right, error))
    return replace(facts, trained=trained, trial=Tried(line["rows"], WEIGHTS))


def _outcomes(lines: Sequence[Line]) -> list[str]:
    rows = [
        [
            line["scenario"] + (" (in time)" if part == "in_time" else ""),
            line["rows"],
            line["classes"],
            round(line["words"]),
            line["length"],
            f"{100 * line['cut']:.0f} %",
            *(line[part][name] for name in ("tuned", "probe", "ordinary", "surrogate", "vote")),
            _points(*line[part]["over_ordinary"]),
            f"{line['rate'] or 0:g}",
            line["epoch"],
            round(line["cpu_seconds"] / 60, 1),
        ]
        for line in lines
        for part in ("in_time", "later")
        if part in line
    ]
    header = [
        "scenario", "rows", "classes", "words", "tokens read", "cut", "tuned", "probe", "ordinary", "surrogate", "vote",
        "tuned over ordinary", "rate", "epoch", "CPU minutes",
    ]  # fmt: skip
    said = "Share right on true labels, all trained on the same rows as given. Differences in points ± standard error."
    return ["## Outcomes", said, table(header, rows)]


def _residuals(lines: Sequence[Line]) -> list[str]:
    """By the labels as given, today: what the judge forecasts."""
    rows, held, by_source = [], [], defaultdict(list)
    for line in lines:
        part = _today(line)
        linear, gain, error = part["ordinary_given"], _comparison(line).gain, _error(line)
        law = lift_law(linear, line["words"])
        mean, spread = law.mean * (1 - linear) - LARGER_AHEAD, (law.quantile(0.95) - law.mean) * (1 - linear)
        half = float(np.sqrt(spread**2 + (Z_90 * LARGER_SPREAD) ** 2 + (Z_90 * error) ** 2))
        held.append(abs(gain - mean) <= half)
        by_source[_source(line)].append(gain - mean)
        forecast = f"{_points(mean)} ({_points(mean - half)} to {_points(mean + half)})"
        got = _points(gain, error)
        rows.append(
            [line["scenario"], line["rows"], linear, forecast, got, _points(gain - mean), "yes" if held[-1] else "no"]
        )
    header = ["scenario", "rows", "ordinary", "lift foretold", "lift got", "residual", "inside"]
    of_source = [[name, len(found), _points(float(np.mean(found)))] for name, found in sorted(by_source.items())]
    said = (
        "The published law at the ordinary classifier's score, less a base-size encoder's lead over this one, with the "
        f"test's own error in the interval: {sum(held)} of {len(held)} hold what was got. A loss of more than 2 points "
        "counts as none: a team keeps the linear model."
    )
    return [
        "## The lift's residuals", said, table(header, rows), table(["source", "trials", "mean residual"], of_source)
    ]  # fmt: skip


def _fitted_again(lines: Sequence[Line]) -> list[str]:
    """The published law, and one that the trials on clean labels joined as one more study, a set for each source."""
    own = [_comparison(line, LARGER_AHEAD) for line in lines if line["wrong_labels"] < CLEAN]
    if not own:
        return []
    before, after = fit_lifts(published_lifts()), fit_lifts([*published_lifts(), *own])
    rows = []
    for linear in (0.6, 0.75, 0.9):
        for words in (12, 40, 150):
            laws = [trend.law(linear, {"words": words}) for trend in (before, after)]
            rows.append([linear, words, *(_interval(law, 1 - linear) for law in laws)])
    said = (
        f"With {len({row.name for row in own})} sources of ours, a base-size encoder's lead added. Mean gain in points "
        "and 90 % interval."
    )
    return [
        "## The lift fitted again", said, table(["ordinary", "words", "published", "with the trials"], rows)
    ]  # fmt: skip


def _comparison(line: Line, larger: float = 0.0) -> Comparison:
    """As a published row, by the labels as given, with the lead of a ``larger`` encoder."""
    part = _today(line)
    scores = part["ordinary_given"], part["tuned_given"] + larger
    return Comparison("trials", _source(line), line["words"], line["rows"], line["classes"], *scores)


def _interval(law: Law, errors: float) -> str:
    low, high = law.quantile(0.05) * errors, law.quantile(0.95) * errors
    return f"{_points(law.mean * errors)} ({_points(low)} to {_points(high)})"


def _extended(lines: Sequence[Line]) -> list[str]:
    """Of the same source at two sizes: the gain at the smaller, extended by the root of the errors."""
    clean = [line for line in lines if line["wrong_labels"] < CLEAN]
    pairs = [
        (few, many)
        for few in clean
        for many in clean
        if few["planned_rows"] < many["planned_rows"] and _set(few) == _set(many)
    ]
    if not pairs:
        return []
    rows, missed, errors = [], [], []
    for few, many in pairs:
        of_few, of_many = _today(few), _today(many)
        shrunk = float(np.sqrt((1 - of_many["ordinary"]) / (1 - of_few["ordinary"])))
        extended, got = of_few["over_ordinary"][0] * shrunk, of_many["over_ordinary"][0]
        error = float(np.hypot(_error(few) * shrunk, _error(many)))
        missed.append(got - extended)
        errors.append(error)
        rows.append([
            few["scenario"], few["rows"], many["rows"], _points(of_few["over_ordinary"][0]), _points(extended),
            _points(got, _error(many)), _points(got - extended, error),
        ])  # fmt: skip
    spread = float(np.sqrt(max(np.mean(np.square(missed)) - np.mean(np.square(errors)), 0)))
    header = ["scenario", "from rows", "to rows", "gain there", "extended", "got", "missed"]
    return [
        "## Fewer rows extended to more",
        f"Beyond what the test rows explain, the extension misses by {_points(spread)} points (standard deviation).",
        table(header, rows),
    ]


def _probes(lines: Sequence[Line]) -> list[str]:
    rows = []
    for line in lines:
        part = _today(line)
        ahead, error = part["over_probe"]
        gain = part["probe"] - part["ordinary"]
        misleads = abs(ahead) > max(FAR, 2 * error)
        rows.append([
            line["scenario"], line["rows"], _points(gain), _points(*part["over_ordinary"]), _points(ahead, error),
            "yes" if misleads else "no",
        ])  # fmt: skip
    header = ["scenario", "rows", "probe over ordinary", "tuned over ordinary", "tuned over probe", "misleads"]
    said = "A linear probe on the encoder as it is misleads where it is 2 points and two standard errors off."
    return ["## Where the probe misleads", said, table(header, rows)]


def _today(line: Line) -> Mapping[str, Any]:
    return line.get("in_time", line["later"])


def _error(line: Line) -> float:
    return float(_today(line)["over_ordinary"][1])


def _source(line: Line) -> str:
    return source_of(line["scenario"])


def _set(line: Line) -> str:
    return set_of(line["scenario"])


def _points(value: float, error: float | None = None) -> str:
    return f"{100 * value:+.1f}" + ("" if error is None else f" ± {100 * error:.1f}")


def _joined(sizes: Sequence[int]) -> str:
    return " and ".join(f"{size:,}" for size in sizes)
