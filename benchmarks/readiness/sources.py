"""The data sets as one kind of frame: ``text``, ``truth``, ``time`` (null where unknown) and, from sets with both,
``given``; ``hidden`` marks rows that only the hidden part may hold, null where the time decides.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import polars as pl

from benchmarks import data

DIAGNOSIS = ("Diagnosis Category", "Diagnosis Sub Category")
TREATMENT = ("Treatment Category", "Treatment Sub Category")
PATIENT = ("Type", "Age Range", "Patient Gender")
MODERN_NAMES = {
    "Credit reporting": "Credit reporting, credit repair services, or other personal consumer reports",
    "Credit card": "Credit card or prepaid card",
    "Prepaid card": "Credit card or prepaid card",
    "Bank account or service": "Checking or savings account",
    "Payday loan": "Payday loan, title loan, or personal loan",
    "Consumer Loan": "Vehicle loan or lease",
    "Money transfers": "Money transfer, virtual currency, or money service",
    "Other financial service": "Money transfer, virtual currency, or money service",
}
FLAT_CLASSES, FLAT_ROWS = 10, 2500


@cache
def load(name: str) -> pl.DataFrame:
    """The set of that name; every row once, in a fixed order."""
    return SOURCES[name]()


def _nvd() -> pl.DataFrame:
    """Truth is the class as officially revised by 2025, as the export has it; given is the class before."""
    rows = data.nvd()
    revised = pl.read_parquet(data.folder() / "nvd_relabelled.parquet").filter(pl.col("cwe_old") != pl.col("cwe_new"))
    before = revised.unique("cve").select(id="cve", old="cwe_old", label="cwe_new")
    joined = rows.join(before, on=["id", "label"], how="left").sort("time", "id")
    return joined.select("text", "time", given=pl.coalesce("old", "label"), truth="label")


def _nvd_flat() -> pl.DataFrame:
    """The ten largest classes, at most 2,500 rows of each."""
    rows = _nvd().select("text", "time", "truth")
    largest = rows["truth"].value_counts(sort=True)["truth"][:FLAT_CLASSES]
    kept = rows.filter(pl.col("truth").is_in(largest.to_list())).sample(fraction=1.0, shuffle=True, seed=1)
    return kept.group_by("truth", maintain_order=True).head(FLAT_ROWS).sort("time", "text")


def _noisyag(*, clean: bool) -> pl.DataFrame:
    rows = pl.read_parquet(data.folder() / "noisyag_news.parquet")
    given = pl.col("true_label") if clean else pl.col("label")
    hidden = pl.lit(None, pl.Boolean) if clean else pl.col("split") == "test"
    return rows.select("text", truth="true_label", given=given, time=pl.lit(None, pl.Date), hidden=hidden)


def _undated(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("text", truth="label", time=pl.lit(None, pl.Date))


def _intents(language: str) -> pl.DataFrame:
    return _undated(pl.read_parquet(data.folder() / "intents_es_th.parquet").filter(pl.col("language") == language))


def _cfpb(*, label: str = "product", modern: bool = False) -> pl.DataFrame:
    rows = pl.read_parquet(data.folder() / "cfpb.parquet").filter(pl.col(label).is_not_null())
    truth = pl.col(label).replace(MODERN_NAMES) if modern else pl.col(label)
    time = pl.col("date").str.to_date()
    return rows.select(text=pl.col("narrative").str.slice(0, 1500), truth=truth, time=time).sort("time", "text")


def _imr(label: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """The coded fields as one sentence, the year as its first day."""
    rows = pl.read_csv(data.folder() / "imr_ca.csv")
    said = [pl.format(column.split()[0] + " {}", pl.col(column).fill_null("unknown")) for column in columns]
    time = pl.date(pl.col("Report Year"), 1, 1)
    return rows.select(text=pl.concat_str(said, separator="; "), truth=pl.col(label), time=time).drop_nulls("truth")


SOURCES: dict[str, Callable[[], pl.DataFrame]] = {
    "nvd": _nvd,
    "nvd, ten classes": _nvd_flat,
    "banking77": lambda: _undated(data.banking77()),
    "clinc150": lambda: _undated(data.clinc150()),
    "noisyag_news": lambda: _noisyag(clean=False),
    "noisyag_news, true labels": lambda: _noisyag(clean=True),
    "intents_es_th, spanish": lambda: _intents("es"),
    "intents_es_th, thai": lambda: _intents("th"),
    "cfpb": _cfpb,
    "cfpb, one taxonomy": lambda: _cfpb(modern=True),
    "cfpb, issue": lambda: _cfpb(label="issue"),
    "imr_ca, treatment": lambda: _imr(TREATMENT[0], (*DIAGNOSIS, *PATIENT)),
    "imr_ca, diagnosis": lambda: _imr(DIAGNOSIS[0], (*TREATMENT, *PATIENT)),
    "imr_ca, coded diagnosis": lambda: _imr(DIAGNOSIS[0], (DIAGNOSIS[1], *TREATMENT, *PATIENT)),
    "imr_ca, determination": lambda: _imr("Determination", (*DIAGNOSIS, *TREATMENT, *PATIENT)),
}
