"""The comparisons that one audit makes over time, gathered into their family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.evidence.churn import MONTHLY_COUNTS
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import HALVES
from auditor.evidence.drift import ALPHA, DriftTest, amount_test, as_family, mix_test, text_test, volume_tests
from auditor.evidence.given import BATCH, ROWS, SEED
from auditor.evidence.languages import LANGUAGES
from auditor.evidence.narrow import NARROW
from auditor.evidence.redefinition import REDEFINITIONS, Redefinition
from auditor.evidence.tokens import TOKENS
from auditor.results import Key

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from auditor.results import Results


DRIFT: Key[Drift] = Key("drift")


@dataclass(frozen=True)
class Drift:
    """``tests`` with p-values adjusted over all of them, the months of the largest ``gap`` and ``spike``.

    ``redefined`` are the pairs of classes whose border moved, as sure as the other findings.
    """

    tests: tuple[DriftTest, ...]
    gap: date | None
    spike: date | None
    redefined: tuple[Redefinition, ...]

    def of(self, *kinds: str) -> tuple[DriftTest, ...]:
        return tuple(test for test in self.tests if test.kind in kinds)


def drift(results: Results) -> Drift:
    """The earlier against the later half; every pair of the redefinitions is tested by itself first."""
    halves, redefined = results[HALVES], results.get(REDEFINITIONS) or ()
    rows, seed = results[ROWS], results[SEED]
    dated = np.flatnonzero(halves >= 0)
    late = halves[dated] == 1
    lengths = np.asarray(results[TOKENS].counts.sum(axis=1)).ravel()[dated].astype(float)
    tests = [
        mix_test("labels", "classes", results[CLASSES].codes[dated], late, seed),
        text_test(results[NARROW].phi, results[CLASSES].codes, results[NARROW].moments, halves),
        amount_test("length", "length of the text", lengths, late),
        mix_test("language", "language of the text", results[LANGUAGES][dated], late, seed),
        *_columns(rows[dated], late, seed),
        *_missing(results),
    ]
    by_month = results[MONTHLY_COUNTS]
    # Of dates that are years, no month means anything.
    months = by_month.counts.sum(axis=1) if results[BATCH].time_granularity != "year" else np.zeros(0, np.int64)
    of_volume, gap, spike = volume_tests(months, _last_days(rows["time"]))
    tests += of_volume
    swing = min((each.p for each in redefined), default=1.0)
    family = as_family([*tests, DriftTest("definitions", "pairs of classes", 0.0, swing)])
    # As sure as the surest pair is once it stands in the family, each pair must be by itself.
    sure = tuple(each for each in redefined if each.p * len(family) <= ALPHA) if family[-1].moved else ()
    if not of_volume:
        return Drift(family, None, None, sure)
    return Drift(family, by_month.months[gap], by_month.months[spike], sure)


def _columns(rows: pl.DataFrame, late: NDArray[np.bool_], seed: int) -> list[DriftTest]:
    tests = []
    for name in rows.columns:
        kind, _, column = name.partition(":")
        if kind == "segment" and rows[name].n_unique() > 1:
            codes = rows[name].fill_null("").rank("dense").to_numpy().astype(np.int32) - 1
            tests.append(mix_test("column", column, codes, late, seed))
        elif kind == "numeric":
            tests.append(amount_test("column", column, rows[name].cast(float).to_numpy().astype(float), late))
    return tests


def _missing(results: Results) -> list[DriftTest]:
    """Blank cells, texts and labels, over every dated row of the export."""
    times = results[ROWS]["time"]
    middle = times.filter(results[HALVES] == 1)[0]
    frame = results[BATCH].frame.filter(pl.col("time").is_between(times.min(), times.max()))
    late = (frame["time"] >= middle).to_numpy()
    tests = []
    for name in frame.columns:
        kind, _, column = name.partition(":")
        if kind not in ("segment", "numeric", "label", "text"):
            continue
        blank = (frame[name].is_null() | (frame[name] == "") if name == "text" else frame[name].is_null()).to_numpy()
        if 0 < blank.sum() < len(blank):
            tests.append(mix_test("missing", column or kind, blank.astype(np.int32), late, results[SEED]))
    return tests


def _last_days(times: pl.Series) -> tuple[int, int]:
    last = times.max()
    recent = (times > last - timedelta(days=30)).sum()  # type: ignore[operator]
    return int(recent), int((times > last - timedelta(days=120)).sum() - recent)  # type: ignore[operator]
