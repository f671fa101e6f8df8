"""The levels of a true tree: reviews of denied care by category and sub-category of diagnosis, each audited."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import polars as pl

from auditor.api import audit
from auditor.config import Config
from auditor.model import AuditResult
from benchmarks.data import folder
from benchmarks.results import save, table
from reports import text

TEXT = ("Treatment Category", "Treatment Sub Category", "Type", "Age Range", "Patient Gender")
PATH = ("Diagnosis Category", "Diagnosis Sub Category")


def main() -> None:
    """Runs, prints and saves the table."""
    with tempfile.TemporaryDirectory() as into:
        export = Path(into) / "reviews.csv"
        reviews = pl.read_csv(folder() / "imr_ca.csv", infer_schema=False)
        path = pl.concat_str(PATH, separator=" > ").alias("diagnosis")
        reviews.select(*TEXT, "Report Year", path).write_csv(export)
        whole = Config(export=str(export), text=TEXT, label="diagnosis", time="Report Year")
        lines = [_line("1", replace(whole, label_level=1)), _line("2, the whole path", whole)]
    columns = ["level", "classes", "answer", "net a month", "siblings and branches", "seconds"]
    save("levels", "python -m benchmarks.levels", [table(columns, lines)])


def _line(level: str, config: Config) -> list[object]:
    started = perf_counter()
    result, _ = audit(config)
    seconds = round(perf_counter() - started)
    net = max((way.net.value for way in result.valuation.ways), default=0.0) if result.valuation else 0.0
    return [level, len(result.classes), str(result.verdict.decision), f"${net:,.0f}", _tree(result), seconds]


def _tree(result: AuditResult) -> str:
    told = (finding for check in result.checks for finding in check.findings if "siblings" in finding.said.fields)
    return next((text.message(finding.said) for finding in told), "")


if __name__ == "__main__":
    main()
