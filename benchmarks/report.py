"""The report of three exports: how large, how long to render, what axe-core says; and the pictures in ``docs``.

Needs a Chromium. The pictures show the sample's report.
"""

from __future__ import annotations

import gzip
import statistics
import tempfile
import time
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from auditor.api import audit
from auditor.config import Config
from auditor.model import AuditResult
from benchmarks.data import folder as data
from benchmarks.data import nvd
from benchmarks.results import save, table
from reports import to_html
from reports.pdf import browser as program
from sample_data import generate

RUNS = 3
DOCS = Path(__file__).parents[1] / "docs"
LAPTOP, PHONE, SHEET = (1440, 900), (360, 740), (794, 1123)
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
SAMPLE = {"text": ("note",), "label": "category", "time": "denied_on", "id": "claim_id", "annotator": "coder"}


def main() -> None:
    """Measures, prints and saves the table, and takes the pictures."""
    lines = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program(), args=flags)
        for name, settings in _exports(Path(folder)).items():
            result, _ = audit(Config(**settings))
            page = Path(folder) / f"{name}.html"
            lines.append(
                [name, f"{result.run.intake.rows_used:,}", len(result.classes), *_measured(result, page, browser)]
            )
            if name == "sample":
                _pictures(page, browser)
        browser.close()
    heads = ["export", "records", "classes", "KB", "KB in a mail (gzip)", "seconds to render", "axe-core violations"]
    note = "axe-core: laptop and phone, light and dark, everything unfolded; violations of any of its rules."
    save("report", "python -m benchmarks.report", [table(heads, lines), note])


def _exports(folder: Path) -> dict[str, dict[str, object]]:
    generate.write(generate.make(80_000, seed=7), folder)
    nvd().write_parquet(folder / "nvd.parquet")
    return {
        "sample": {"export": str(folder / "denials.parquet"), **SAMPLE, "segment": ("payer", "facility")},
        "NVD": {"export": str(folder / "nvd.parquet"), "text": ("text",), "label": "label", "time": "time", "id": "id"},
        "imr_ca": {
            "export": str(data() / "imr_ca.csv"),
            "text": ("Diagnosis Category", "Diagnosis Sub Category", "Age Range", "Patient Gender"),
            "label": "Treatment Category",
            "time": "Report Year",
            "id": "Reference ID",
        },
    }


def _measured(result: AuditResult, page: Path, browser: Browser) -> list[object]:
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        html = to_html(result)
        seconds.append(time.perf_counter() - start)
    page.write_text(html, encoding="utf-8")
    size = len(html.encode())
    violations = 0
    for width, height in (LAPTOP, PHONE):
        for scheme in ("light", "dark"):
            shown = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            shown.goto(page.as_uri())
            shown.evaluate(OPEN_ALL)
            violations += Axe().run(shown).violations_count
            shown.close()
    return [round(size / 1000), round(len(gzip.compress(html.encode())) / 1000), statistics.median(seconds), violations]


def _pictures(page: Path, browser: Browser) -> None:
    for name, size, scheme, media, where in (
        ("report", LAPTOP, "light", "screen", ""),
        ("report-phone", PHONE, "dark", "screen", ""),
        ("report-gate", LAPTOP, "light", "screen", "#gate-patterns"),
        ("report-print", SHEET, "light", "print", ""),
    ):
        shown = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        shown.emulate_media(media=media)
        shown.goto(page.as_uri() + where)
        if media == "print":
            shown.evaluate("document.body.style.padding = '15mm 14mm'")
        shown.screenshot(path=DOCS / f"{name}.png")
        shown.close()


if __name__ == "__main__":
    main()
