"""What is planted in a scenario: dates, drift, moving taxonomies, heavy tails, wrong labels; deterministic by rng."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
from sklearn.feature_extraction.text import TfidfVectorizer

MONTHS = 36
CUT = 30
FIRST_YEAR = 2021
QUARTER = 3
OVERHAUL = 12
OVERHAULED = 0.4
SLOW, FAST = 0.04, 0.12
TREND = 2.5
TAIL = 10
WORDS = 300
SITES = 8
HABIT_SITE = "Site 1"

Rng = np.random.Generator


def month_start(month: int) -> date:
    return date(FIRST_YEAR + month // 12, month % 12 + 1, 1)


def dated(rows: pl.DataFrame, rng: Rng, *, trend: float = 0.0) -> pl.DataFrame:
    """A date for every row within 36 months: at random, or with a popularity of each class that rises or falls."""
    names, codes = np.unique(rows["truth"].to_numpy(), return_inverse=True)
    slope = rng.normal(0, trend, len(names))[codes] + 1e-9
    place = np.log1p(rng.random(len(rows)) * np.expm1(slope)) / slope
    if "hidden" in rows.columns and rows["hidden"].null_count() == 0:
        late = rows["hidden"].to_numpy()
        place = np.where(late, CUT + place * (MONTHS - CUT), place * CUT) / MONTHS
    days = np.minimum(place, 1 - 1e-9) * MONTHS * 30.4
    start = np.datetime64(month_start(0))
    return rows.with_columns(time=pl.Series(start + days.astype("timedelta64[D]")).cast(pl.Date))


def heavy_tailed(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Classes thinned so that their sizes fall with the rank, as in Zipf's law."""
    names, codes = np.unique(rows["truth"].to_numpy(), return_inverse=True)
    rank = rng.permutation(len(names))
    kept = rng.random(len(rows)) < (TAIL / (TAIL + rank))[codes]
    return rows.filter(pl.Series(kept))


def renamed(rows: pl.DataFrame, rng: Rng, pace: float) -> pl.DataFrame:
    """Each quarter classes of about ``pace`` of the volume get new names, from then on, before and after the cut."""
    for month in range(QUARTER, MONTHS, QUARTER):
        rows = _rename(rows, rng, month + 1, pace, lambda name, month=month: f"{name.split(' v')[0]} v{month}")
    return rows


def overhauled(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Once, 18 months before the cut, classes of 40 % of the volume get new names; nothing moves after."""
    return _rename(rows, rng, OVERHAUL, OVERHAULED, lambda name: f"{name} v2")


def _rename(rows: pl.DataFrame, rng: Rng, month: int, pace: float, new: Callable[[str], str]) -> pl.DataFrame:
    after = pl.col("time") >= month_start(month)
    current = rows.filter(after)["truth"].value_counts().sort("truth")
    shuffled = current.sample(fraction=1.0, shuffle=True, seed=int(rng.integers(2**31)))
    reached = shuffled["count"].cum_sum() - shuffled["count"]
    chosen = shuffled.filter(reached < pace * shuffled["count"].sum())["truth"].to_list()
    mapping = {name: new(name) for name in chosen}
    return rows.with_columns(truth=pl.when(after).then(pl.col("truth").replace(mapping)).otherwise("truth"))


def reworded(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Half of the commonest 300 words are replaced by new ones, each from a month of its own on."""
    words = rows["text"].str.to_lowercase().str.extract_all(r"\w+")
    common = words.explode().value_counts().sort(["count", words.name], descending=True)[words.name][:WORDS].to_list()
    since = {word: int(rng.integers(1, MONTHS)) for word in common if rng.random() < 0.5}
    month = ((rows["time"].dt.year() - FIRST_YEAR) * 12 + rows["time"].dt.month() - 1).to_list()
    texts = [
        " ".join(f"{word}o" if since.get(word, MONTHS) <= now else word for word in said)
        for said, now in zip(words.to_list(), month, strict=True)
    ]
    return rows.with_columns(text=pl.Series(texts))


def random_noise(rows: pl.DataFrame, rng: Rng, rate: float) -> pl.DataFrame:
    """Another class, any, for ``rate`` of the rows."""
    names, codes = np.unique(rows["truth"].to_numpy(), return_inverse=True)
    hit = rng.random(len(rows)) < rate
    other = (codes + rng.integers(1, len(names), len(rows))) % len(names)
    return rows.with_columns(given=pl.Series(names[np.where(hit, other, codes)]))


def pair_noise(rows: pl.DataFrame, rng: Rng, rate: float) -> pl.DataFrame:
    """Classes of twice ``rate`` of the volume are filed as their nearest class half of the time."""
    names, codes = np.unique(rows["truth"].to_numpy(), return_inverse=True)
    near = nearest(rows["text"], codes, len(names))
    confused = _classes_of(codes, len(names), rng, 2 * rate)
    hit = confused[codes] & (rng.random(len(rows)) < 0.5)
    return rows.with_columns(given=pl.Series(names[np.where(hit, near[codes], codes)]))


def habit_noise(rows: pl.DataFrame, rng: Rng, rate: float) -> pl.DataFrame:
    """One of eight sites, a third of the rows, files classes of three times ``rate`` of the volume as the nearest."""
    names, codes = np.unique(rows["truth"].to_numpy(), return_inverse=True)
    near = nearest(rows["text"], codes, len(names))
    filed = _classes_of(codes, len(names), rng, 3 * rate)
    hit = filed[codes] & (rows["site"] == HABIT_SITE).to_numpy()
    return rows.with_columns(given=pl.Series(names[np.where(hit, near[codes], codes)]))


def sites(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """A site for every row, the first with a third of them."""
    weight = np.r_[1 / 3, np.full(SITES - 1, 2 / 3 / (SITES - 1))]
    drawn = rng.choice(SITES, len(rows), p=weight)
    return rows.with_columns(site=pl.Series([f"Site {site + 1}" for site in drawn]))


def _classes_of(codes: np.ndarray, k: int, rng: Rng, share: float) -> np.ndarray:
    """A mask (k,) of random classes that carry about ``share`` of the rows."""
    order = rng.permutation(k)
    volume = np.bincount(codes, minlength=k)[order] / len(codes)
    chosen = np.zeros(k, bool)
    chosen[order[np.cumsum(volume) - volume / 2 < share]] = True
    return chosen


def nearest(texts: pl.Series, codes: np.ndarray, k: int) -> np.ndarray:
    """The class (k,) with the most similar words to each class."""
    words = TfidfVectorizer(min_df=2, sublinear_tf=True, max_features=20_000).fit_transform(texts.to_list())
    centre = np.stack([np.asarray(words[codes == code].mean(axis=0)).ravel() for code in range(k)])
    centre /= np.linalg.norm(centre, axis=1, keepdims=True) + 1e-9
    return np.asarray((centre @ centre.T - 2 * np.eye(k)).argmax(axis=1))
