"""Real data sets for the benchmarks, found through AUDITOR_DATA."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

NVD_CLASSES = 47


def folder() -> Path:
    """The folder of the data sets. Raises SystemExit with a sentence where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    found = Path(os.environ.get("AUDITOR_DATA", default))
    if not found.is_dir():
        raise SystemExit("The benchmark data is not here; set AUDITOR_DATA to its folder.")
    return found


def nvd() -> pl.DataFrame:
    """The 47 largest classes of the NVD export, 78,566 rows: text, label, time, id."""
    rows = pl.read_parquet(folder() / "nvd_cwe_2008_2018.parquet")
    largest = rows["cwe"].value_counts(sort=True)["cwe"][:NVD_CLASSES]
    kept = rows.filter(pl.col("cwe").is_in(largest.to_list()))
    return kept.select(text="description", label="cwe", time="published", id="cve")


def noisyag() -> pl.DataFrame:
    """The 10,000 crowd-labelled news of the training part: text, label, true_label."""
    return pl.read_parquet(folder() / "noisyag_news.parquet").filter(pl.col("split") == "train")


def banking77() -> pl.DataFrame:
    """13,083 questions, 77 intents: text, label."""
    return pl.read_parquet(folder() / "banking77.parquet").select("text", "label")


def clinc150() -> pl.DataFrame:
    """22,500 in-scope requests, 150 intents: text, label."""
    return pl.read_parquet(folder() / "clinc150.parquet").filter(pl.col("label") != "oos").select("text", "label")
