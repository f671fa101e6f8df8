"""The scenarios, and how each is built from its data set."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from benchmarks.readiness import planting
from benchmarks.readiness.sources import load

FULL = 10**9
HIDDEN_ROWS = 2000
PLANTED_CUT, PLANTED_END = planting.month_start(planting.CUT), planting.month_start(planting.MONTHS)
TUNING = ("nvd", "banking77", "imr_ca")


def set_of(name: str) -> str:
    """The set in a scenario's name."""
    return name.split(";", maxsplit=1)[0]


def source_of(name: str) -> str:
    """The data source in a scenario's name."""
    return set_of(name).split(",")[0]


@dataclass(frozen=True)
class Scenario:
    """``source`` as in `sources.SOURCES`; ``rows`` is the size of the training part.

    ``drift`` none: dates drawn at random; natural: the set's own, with the training part before ``cut`` and
    the hidden part until ``end``; mix, wording: planted. ``taxonomy`` stable, natural, slow, fast (classes renamed
    each quarter) or overhauled (once, long ago). ``noise`` none, real, random, pairs or habit, at ``rate``.
    Undated scenarios have dates too, but the export does not show them.
    """

    source: str
    rows: int = FULL
    noise: str = "none"
    rate: float = 0.0
    drift: str = "none"
    taxonomy: str = "stable"
    tail: str = "natural"
    dated: bool = True
    start: date | None = None
    cut: date = PLANTED_CUT
    end: date = PLANTED_END

    @property
    def data_set(self) -> str:
        return self.source.split(",")[0]

    @property
    def half(self) -> str:
        return "tuning" if self.data_set in TUNING else "testing"

    @property
    def name(self) -> str:
        parts = [
            self.source,
            "all rows" if self.rows == FULL else f"{self.rows} rows",
            f"{self.noise} noise {self.rate:.0%}"
            if self.rate
            else f"{self.noise} noise"
            if self.noise == "real"
            else "",
            f"{self.drift} drift" if self.drift != "none" else "",
            f"taxonomy {self.taxonomy}" if self.taxonomy != "stable" else "",
            f"{self.tail} tail" if self.tail != "natural" else "",
            f"cut {self.cut}" if self.drift == "natural" else "",
            "" if self.dated else "undated",
        ]
        return "; ".join(part for part in parts if part)


@dataclass(frozen=True)
class Built:
    """Frames with ``text``, ``given``, ``truth``, ``time`` and ``site``. ``train`` is what the audit sees (without
    truth); ``more`` up to as many rows again, from the same months; ``arriving`` rows after the cut that retrieval
    may use once they are older than the month; ``hidden`` at most 2,000 later rows.
    """

    train: pl.DataFrame
    more: pl.DataFrame
    arriving: pl.DataFrame
    hidden: pl.DataFrame


def build(scenario: Scenario) -> Built:
    """The parts of a scenario, the same on every call."""
    rng = np.random.default_rng(zlib.crc32(scenario.name.encode()))
    rows = load(scenario.source)
    if scenario.tail == "heavy":
        rows = planting.heavy_tailed(rows, rng)
    if scenario.drift != "natural":
        rows = planting.dated(rows, rng, trend=planting.TREND if scenario.drift == "mix" else 0.0)
    if scenario.drift == "wording":
        rows = planting.reworded(rows, rng)
    rows = planting.sites(rows, rng)
    match scenario.taxonomy:
        case "slow" | "fast":
            rows = planting.renamed(rows, rng, planting.SLOW if scenario.taxonomy == "slow" else planting.FAST)
        case "overhauled":
            rows = planting.overhauled(rows, rng)
    rows = _with_given(rows, scenario, rng).sample(fraction=1.0, shuffle=True, seed=int(rng.integers(2**31)))
    return _split(rows.select("text", "given", "truth", "time", "site"), rows, scenario)


def _with_given(rows: pl.DataFrame, scenario: Scenario, rng: np.random.Generator) -> pl.DataFrame:
    match scenario.noise:
        case "random":
            return planting.random_noise(rows, rng, scenario.rate)
        case "pairs":
            return planting.pair_noise(rows, rng, scenario.rate)
        case "habit":
            return planting.habit_noise(rows, rng, scenario.rate)
        case "real":
            return rows
        case _:
            return rows.with_columns(given="truth")


def _split(rows: pl.DataFrame, marked: pl.DataFrame, scenario: Scenario) -> Built:
    """Shuffled ``rows`` into parts. Undated rows of natural scenarios are training rows."""
    time = pl.col("time")
    late = rows["time"].is_between(scenario.cut, scenario.end, closed="left").fill_null(value=False)
    early = rows["time"].fill_null(scenario.cut.replace(year=scenario.cut.year - 1)) < scenario.cut
    if scenario.start is not None:
        early &= rows["time"] >= scenario.start
    train_and_more, later = rows.filter(early), rows.filter(late)
    if "hidden" in marked.columns and marked["hidden"].null_count() == 0:
        # True labels exist for some rows only: those are hidden, and a sixth of the others arrives later.
        hidden = later.head(HIDDEN_ROWS)
        arrives = len(train_and_more) // 6
        moved = train_and_more.head(arrives)
        arriving = moved.with_columns(time=later["time"].head(arrives))
        train_and_more = train_and_more.slice(arrives)
    else:
        n_hidden = min(HIDDEN_ROWS, round(0.7 * len(later)))
        hidden, arriving = later.head(n_hidden), later.slice(n_hidden)
    n = min(scenario.rows, len(train_and_more))
    train, more = train_and_more.head(n), train_and_more.slice(n, n)
    # As many arrive each month as came before: the thinned past must not meet a dense present.
    months = max((scenario.cut - train["time"].min()).days, 1)
    due = round(n * (scenario.end - scenario.cut).days / months)
    return Built(*(part.sort(time) for part in (train, more, arriving.head(due), hidden)))


def _nvd(rows: int, cut: date, **more: object) -> Scenario:
    start, end = cut.replace(year=cut.year - 4), _half_year_after(cut)
    taxonomy = "natural" if cut.year >= 2015 else "stable"
    return Scenario("nvd", rows, "real", drift="natural", taxonomy=taxonomy, start=start, cut=cut, end=end, **more)


def _half_year_after(day: date) -> date:
    return day.replace(month=day.month + 6) if day.month <= 6 else day.replace(year=day.year + 1, month=day.month - 6)


def _imr(task: str, rows: int, year: int, **more: object) -> Scenario:
    return Scenario(f"imr_ca, {task}", rows, drift="natural", cut=date(year, 1, 1), end=date(year + 1, 1, 1), **more)


def _cfpb(source: str, cut: date, end: date, **more: object) -> Scenario:
    return Scenario(source, drift="natural", taxonomy="natural", cut=cut, end=end, **more)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("banking77"),
    Scenario("banking77", 500),
    Scenario("banking77", 1000),
    Scenario("banking77", 2500),
    Scenario("banking77", 5000),
    Scenario("banking77", noise="random", rate=0.05),
    Scenario("banking77", 5000, "random", 0.15),
    Scenario("banking77", 8000, "random", 0.35),
    Scenario("banking77", 5000, "pairs", 0.12),
    Scenario("banking77", 8000, "habit", 0.10),
    Scenario("banking77", 8000, taxonomy="slow"),
    Scenario("banking77", 8000, taxonomy="fast"),
    Scenario("banking77", 8000, taxonomy="overhauled"),
    Scenario("banking77", 8000, drift="wording"),
    Scenario("banking77", tail="heavy"),
    Scenario("banking77", 8000, dated=False),
    Scenario("nvd", 1000),
    Scenario("nvd", 3000),
    Scenario("nvd", 10_000),
    Scenario("nvd", 8000, "random", 0.10),
    Scenario("nvd", 8000, "random", 0.30),
    Scenario("nvd", 8000, "pairs", 0.12),
    Scenario("nvd", 8000, "habit", 0.10),
    Scenario("nvd", 8000, taxonomy="fast"),
    Scenario("nvd", 8000, dated=False),
    Scenario("nvd, ten classes", 500),
    Scenario("nvd, ten classes", 8000, tail="flat"),
    _nvd(10_000, date(2012, 7, 1)),
    _nvd(3000, date(2014, 1, 1)),
    _nvd(10_000, date(2015, 1, 1)),
    _nvd(12_000, date(2016, 7, 1)),
    _nvd(12_000, date(2017, 1, 1)),
    _nvd(12_000, date(2018, 1, 1)),
    _nvd(FULL, date(2018, 7, 1)),
    _imr("treatment", FULL, 2015),
    _imr("treatment", 500, 2015),
    _imr("treatment", 3000, 2012),
    _imr("treatment", 8000, 2014, noise="random", rate=0.15),
    _imr("treatment", 8000, 2014, noise="pairs", rate=0.12),
    _imr("diagnosis", FULL, 2012),
    _imr("coded diagnosis", FULL, 2015),
    _imr("coded diagnosis", 8000, 2014, noise="habit", rate=0.10),
    _imr("determination", FULL, 2015),
    _imr("determination", 8000, 2016, dated=False),
    Scenario("clinc150"),
    Scenario("clinc150", 500),
    Scenario("clinc150", 1500),
    Scenario("clinc150", 4000),
    Scenario("clinc150", 8000),
    Scenario("clinc150", 8000, "random", 0.10),
    Scenario("clinc150", 8000, "random", 0.40),
    Scenario("clinc150", 6000, "pairs", 0.15),
    Scenario("clinc150", 8000, "habit", 0.08),
    Scenario("clinc150", 8000, taxonomy="slow"),
    Scenario("clinc150", 8000, taxonomy="fast"),
    Scenario("clinc150", 8000, taxonomy="overhauled"),
    Scenario("clinc150", 8000, drift="wording"),
    Scenario("clinc150", 8000, drift="mix"),
    Scenario("clinc150", tail="heavy"),
    Scenario("clinc150", 8000, dated=False),
    _cfpb("cfpb", date(2019, 7, 1), date(2020, 4, 1)),
    _cfpb("cfpb", date(2023, 7, 1), date(2023, 9, 1)),
    _cfpb("cfpb, one taxonomy", date(2023, 1, 1), date(2023, 9, 1)),
    _cfpb("cfpb, issue", date(2023, 6, 1), date(2023, 9, 1), start=date(2023, 1, 1)),
    Scenario("cfpb", dated=False),
    Scenario("cfpb, one taxonomy"),
    Scenario("cfpb, one taxonomy", 500),
    Scenario("cfpb, one taxonomy", 2000),
    Scenario("cfpb, one taxonomy", noise="random", rate=0.20),
    Scenario("cfpb, one taxonomy", noise="pairs", rate=0.10),
    Scenario("cfpb, one taxonomy", noise="habit", rate=0.10),
    Scenario("cfpb, one taxonomy", taxonomy="fast"),
    Scenario("noisyag_news", noise="real"),
    Scenario("noisyag_news", 2000, "real"),
    Scenario("noisyag_news", 500, "real"),
    Scenario("noisyag_news", noise="real", dated=False),
    Scenario("noisyag_news, true labels"),
    Scenario("noisyag_news, true labels", 500),
    Scenario("noisyag_news, true labels", 2000),
    Scenario("noisyag_news, true labels", 8000, "random", 0.10),
    Scenario("noisyag_news, true labels", 8000, "random", 0.40),
    Scenario("noisyag_news, true labels", 8000, "pairs", 0.15),
    Scenario("noisyag_news, true labels", 8000, "habit", 0.10),
    Scenario("noisyag_news, true labels", 8000, drift="mix"),
    Scenario("noisyag_news, true labels", 8000, dated=False),
)
