"""Pictures of the first screen, answer by answer: `python -m tests.pictures` writes ``docs/answers``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from reports import to_html
from reports.pdf import browser as program
from tests import report_fixtures as results
from tests.test_browser import FLAGS

FOLDER = Path(__file__).parents[1] / "docs" / "answers"
ANSWERS = {
    "fine_tune": "yes",
    "subset": "subset",
    "ordinary": "ordinary",
    "fix_data_first": "fix-first",
    "prompt": "prompt",
    "measure_first": "measure-first",
}
WIDTHS = (1440, 390)
FIRST_SCREEN = "document.querySelector('main > nav, nav').getBoundingClientRect().bottom + 20"


def main() -> None:
    """Draws each answer at each width, as far down as the first screen goes."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program(), args=FLAGS)
        for name, answer in ANSWERS.items():
            page_file = Path(folder) / f"{answer}.html"
            page_file.write_text(to_html(getattr(results, name)()), encoding="utf-8")
            for width in WIDTHS:
                page = browser.new_page(viewport={"width": width, "height": 900})
                page.goto(page_file.as_uri())
                clip = {"x": 0, "y": 0, "width": width, "height": page.evaluate(FIRST_SCREEN)}
                page.screenshot(path=FOLDER / f"{answer}-{width}.png", clip=clip, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
