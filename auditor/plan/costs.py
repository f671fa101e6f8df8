"""What an audit takes in time and memory, from the size of its export, before anything is computed."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from auditor.errors import ConfigError
from auditor.evidence.features import FeatureShares
from auditor.evidence.linear import ASKED
from auditor.evidence.logistic import MAX_CELLS
from auditor.evidence.narrow import WIDTH
from auditor.evidence.periods import choose_periods
from auditor.evidence.proxy import N_FOLDS
from auditor.evidence.quality import LOOK_AGAIN_BELOW, VOTERS, VOTES
from auditor.evidence.retrieval import MAX_QUERIES
from auditor.evidence.sampling import MOST_ROWS
from auditor.evidence.text_space import SAMPLE
from auditor.memory import in_bytes
from auditor.plan.paths import together

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from auditor.batch import Batch
    from auditor.results import Key

# The steps' own constants, in CPU seconds for each of the `units`; other steps take nothing that shows.
# Fitted to whole audits of the exports that benchmarks/costs.py names, and held to others in
# benchmarks/results/costs.md (2026-11).
SECONDS: Mapping[str, Mapping[str, float]] = {
    "reading": {"run": 0.18, "rows read": 3.17, "letters": 0.0103},
    "tokens": {"letters": 0.223},
    "names that stand in their texts": {"run": 0.00777, "rows": 0.361, "letters": 0.0165, "choices": 0.0148},
    "duplicates": {"run": 0.00824, "rows": 0.756, "letters": 0.0209},
    "languages": {"run": 0.00118, "letters": 0.0066, "choices": 7.68e-06},
    "word vectors": {"run": 0.4, "letters": 0.0457, "rows": 3.83},
    "words like codes": {"run": 0.00112, "letters": 0.00716},
    "phrases of a class in one source or period": {
        "run": 0.00942,
        "rows": 0.119,
        "letters": 0.0259,
        "choices": 0.000264,
    },
    "telling words": {"run": 0.000643, "rows": 0.0165, "letters": 0.00551},
    "features": {"cells": 0.00619, "letters": 0.0323},
    "accuracy with all words": {"few rows": 205.0},
    "aliases": {"run": 0.0292},
    "moments by fold": {"products": 0.00618, "solves": 0.0609, "scores": 0.0799, "cells": 0.0152},
    "leaked codes": {"few rows": 142.0},
    "out-of-fold predictions": {"products": 0.00013, "solves": 0.0254, "scores": 0.089},
    "naive Bayes": {"letters": 0.0359, "choices": 0.189},
    "retrieval": {"asked": 0.0126, "asked rows": 0.0302},
    "narrow features": {"narrow solves": 0.00226, "choices": 0.177},
    "label issues": {"run": 0.0982, "rows": 0.786, "choices": 0.0187},
    "surrogate": {"choices": 0.331, "logistic": 1.18},
    "label quality": {"votes": 0.0283, "products again": 0.00447, "solves again": 0.137},
    "retrieval in order of time": {"asked in time": 0.0129},
    "bias of sources": {"products by source": 0.0187, "solves by source": 0.0569},
    "backtest": {"narrow products": 0.0125, "narrow solves": 0.0143, "narrow scores": 0.0135, "choices": 0.0224},
    "accuracy with groups kept together": {"products": 0.000181, "solves": 0.00457},
    "scrambled pairs": {"rows": 0.0584, "letters": 0.000159, "choices": 0.0321},
    "learning curve": {"products": 0.0022, "solves": 0.114, "scores": 0.0913, "terms by class": 1.64},
    "thin texts": {"run": 0.00121, "rows": 0.173, "letters": 0.00672},
    "gain by relabelling": {"columns": 0.271},
    "linear classifier": {"words fitted": 3.52},
    "training in order of time": {"narrow scores": 0.0091, "letters": 0.048},
    "predictions without the period": {
        "narrow products": 0.000725,
        "narrow solves": 0.00258,
        "narrow scores": 0.00154,
        "choices": 0.0135,
    },
    "cost of wrong labels": {"cells": 0.00561},
    "redefinitions": {"rows": 1.26, "letters": 0.000946, "choices": 0.0119},
    "drift": {"run": 0.00289, "rows": 1.2, "letters": 0.00198, "choices": 0.0378},
    "retraining cadence": {"narrow solves": 0.00191},
    "checks and reports": {"run": 1.77, "rows read": 6.77, "letters": 0.0493, "columns": 0.897},
}
# Gigabytes at the peak for each of the `units`, from the same audits, and what each thread more takes.
GIGABYTES: Mapping[str, float] = {
    "cells": 0.001,
    "squares": 0.0639,
    "squares again": 0.048,
    "run": 0.423,
    "letters": 0.0113,
    "rows": 1.39,
    "choices": 0.0516,
}
# What a second step at work holds for itself: a matrix of moments in double and two in single precision, and chunks.
SQUARE, OF_THREAD = 16e-3, 0.1
# Letters times classes, in thousand millions, of the largest training of the linear classifier.
WORDS_FITTED = 0.3
# Of fewer records an audit says little, so that nobody is sent to them.
LEAST = 1_000
# Before the steps and after them.
READING, REPORTING = "reading", "checks and reports"
# CPU seconds that the product of `pace` took on the machine of the fit.
PRODUCT = 0.022


@dataclass(frozen=True)
class Size:
    """Of an export: ``rows`` read, those ``modelled``, the ``letters`` of their texts in bytes, their ``classes``, the
    columns of ``segments``, and the ``periods`` of the dates, 0 without.
    """

    rows: int
    modelled: int
    letters: int
    classes: int
    segments: int
    periods: int

    def of(self, rows: int) -> Size:
        """Of so many of the rows."""
        share = rows / self.modelled
        return replace(self, rows=int(share * self.rows), modelled=rows, letters=int(share * self.letters))

    @property
    def width(self) -> int:
        """Columns of the features, those of the word vectors' mean among them."""
        return FeatureShares().width(self.modelled) + 257


def size_of(batch: Batch) -> Size:
    """Of what was read, before anything is computed."""
    usable = batch.usable("time", "letters", "label")
    modelled = min(len(usable), MOST_ROWS)
    periods = choose_periods(usable["time"], batch.time_granularity)
    letters, classes = int(usable["letters"].cast(pl.Int64).sum()), usable["label"].n_unique()
    return Size(
        rows=len(batch.frame),
        modelled=modelled,
        letters=letters * modelled // max(len(usable), 1),
        classes=classes,
        segments=len(batch.roles.segment),
        periods=0 if periods is None else len(periods.calendar.names),
    )


def units(size: Size) -> dict[str, float]:
    """What the cost of a step may grow with: multiplications in thousand millions, all else in millions."""
    n, d, k, p = size.modelled, size.width, size.classes, size.periods
    narrow, asked = min(d, WIDTH), min(n, MAX_QUERIES)
    voters = min(VOTERS, VOTES // n)
    again = n < LOOK_AGAIN_BELOW
    logistic = n * d * k / 1e9 if n * d * k <= MAX_CELLS else 0.0
    return {
        "run": 1.0,
        "rows read": size.rows / 1e6,
        "rows": n / 1e6,
        "few rows": min(n, SAMPLE) / 1e6,
        "columns": size.segments,
        "letters": size.letters / 1e6,
        "choices": n * k / 1e6,
        "terms by class": size.letters * k / 1e9,
        "words fitted": min(size.letters * k / 1e9, WORDS_FITTED) * (1 + min(-(-ASKED * N_FOLDS // n), N_FOLDS)),
        "cells": n * d / 1e6,
        "squares": d * d / 1e6,
        "squares again": again * d * d / 1e6,
        "products": n * d * d / 1e9,
        "solves": d**3 / 1e9,
        "scores": n * d * k / 1e9,
        "logistic": logistic,
        "logistic by period": logistic * p,
        "asked": asked * n * d / 1e9,
        "asked rows": asked * n / 1e6,
        "asked in time": asked * n * d / 1e9 * (p > 0),
        "votes": voters * n * (256 + 3 * k) / 1e9,
        "products again": again * n * d * d / 1e9,
        "solves again": again * d**3 / 1e9,
        "narrow products": n * narrow**2 / 1e9 * (p > 0),
        "narrow solves": narrow**3 / 1e9 * p,
        "narrow scores": n * narrow * k / 1e9 * p,
        "products by source": n * narrow**2 / 1e9 * size.segments,
        "solves by source": narrow**3 / 1e9 * size.segments,
    }


def seconds(size: Size, pace: float = 1.0) -> dict[str, float]:
    """CPU seconds of each step by its name, of `READING` and of `REPORTING`, on a machine that takes ``pace`` times
    those of the fit.
    """
    of = units(size)
    return {name: pace * sum(each * of[unit] for unit, each in took.items()) for name, took in SECONDS.items()}


def wall_time(graph: Mapping[Key[Any], Collection[Key[Any]]], took: Mapping[str, float], threads: int) -> float:
    """Seconds of a run of the steps of ``graph``, each with what it reads and ``took`` CPU seconds by its name."""
    known = {key: tuple(need for need in needs if need in graph) for key, needs in graph.items()}
    alone = took.get(READING, 0.0) + took.get(REPORTING, 0.0)
    return alone + together(known, {key: took.get(key.name, 0.0) for key in graph}, threads)


def gigabytes(size: Size, threads: int) -> float:
    """At the peak, on so many ``threads``."""
    of = units(size)
    alone = sum(each * of[unit] for unit, each in GIGABYTES.items())
    return alone + (threads - 1) * (OF_THREAD + SQUARE * of["squares"])


def threads_within(size: Size, asked: int, limit: int | None) -> int:
    """As many threads as ``asked`` for, or fewer where memory is to stay within the ``limit`` in bytes.

    Raises ConfigError where one takes more.
    """
    if limit is None:
        return asked
    for n in range(asked, 0, -1):
        if gigabytes(size, n) <= limit / 1e9:
            return n
    # Not by halves: fewer records take more columns.
    some = (size.modelled * percent // 100 for percent in range(99, 0, -1))
    fit = next((rows for rows in some if rows > LEAST and gigabytes(size.of(rows), 1) <= limit / 1e9), None)
    what = f"audit a slice of time of some {fit:,} records (--window)" if fit else "audit fewer columns"
    raise ConfigError(
        f"An audit of these {size.rows:,} records takes about {gigabytes(size, 1):.1f} GB of memory, and --max-memory "
        f"allows {in_bytes(limit)}. Allow more, or {what}. Nothing was written."
    )


def pace() -> float:
    """How many times longer than the machine of the fit this one takes, by a product of some milliseconds."""
    matrix = np.ones((1024, 1024), np.float32)
    took = []
    for _ in range(5):
        start = time.thread_time()
        _ = matrix @ matrix
        took.append(time.thread_time() - start)
    return min(took) / PRODUCT
