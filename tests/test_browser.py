"""The page as a person meets it: in a real Chromium, with a keyboard, a screen reader's rules and a printer."""

from __future__ import annotations

import re
from io import BytesIO
from unicodedata import normalize

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from reports import brief
from reports.pdf import browser as program
from reports.pdf import write_pdf
from tests import report_fixtures as results

CHROMIUM = program()
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SCREENS, VARIANTS = results.ANSWERED, results.VARIANTS
WIDTHS = (360, 768, 1440)
MOST_WORDS, MOST_PIXELS, MOST_PIXELS_UNFOLDED, MOST_PAGES = 700, 7_900, 33_000, 12
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
FOCUSABLE = "a[href], summary, [tabindex='0']"
SEEN = f"""() => {{
    const at = document.activeElement, style = getComputedStyle(at);
    return [[...document.querySelectorAll("{FOCUSABLE}")].indexOf(at), style.outlineStyle];
}}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory, pages):
    """Every variant as a file, under a name that tries to be markup and a formula."""
    folder = tmp_path_factory.mktemp("pages")
    paths = {}
    for name in VARIANTS:
        paths[name] = folder / f"=1+1 <b onmouseover=alert(1)>{name}.html"
        paths[name].write_text(pages[name], encoding="utf-8")
    return paths


@pytest.fixture
def visit(browser, files):
    """Opens a variant and gives its page; the test fails where the page asks, says or runs anything."""
    contexts = []
    heard = []

    def opened(name, width=1440, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        address = files[name].as_uri()
        page.on("request", lambda request: request.url == address or heard.append(request.url))
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert heard == []


@pytest.mark.parametrize("name", VARIANTS)
def test_asks_nobody_and_runs_nothing(visit, name):
    page = visit(name)
    page.evaluate(OPEN_ALL)
    page.mouse.wheel(0, 20_000)
    assert page.locator("script, img, iframe, object, form, link").count() == 0


def test_markup_and_formulas_in_names_stay_text(visit):
    page = visit("hostile")
    page.evaluate(OPEN_ALL)
    text = page.locator("body").inner_text()
    assert results.HOSTILE in text
    assert results.FORMULA in text
    assert page.locator("a:not([href^='#'])").count() == 0


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("with_everything", 360),
        ("prompt", 390),
        pytest.param("with_everything", 1440, marks=pytest.mark.slow),
        pytest.param("inconclusive", 768, marks=pytest.mark.slow),
        pytest.param("subset", 1440, marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing(visit, name, width, scheme):
    page = visit(name, width, scheme)
    page.evaluate(OPEN_ALL)
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    assert len(found.response["passes"]) > 20


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["with_everything", "hostile", "inconclusive", "prompt"])
def test_nobody_scrolls_sideways(visit, name, width):
    page = visit(name, width)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", SCREENS)
def test_the_answer_and_its_table_fit_a_laptop_screen(visit, name):
    page = visit(name)
    last = page.locator("#verdict table, #verdict dl").last.bounding_box()
    assert last["y"] + last["height"] <= 900


@pytest.mark.parametrize("width", WIDTHS)
def test_charts_fit_their_column(visit, width):
    page = visit("with_everything", width)
    page.evaluate(OPEN_ALL)
    boxes = page.locator("figure svg")
    assert boxes.count() >= 5
    for box in boxes.all():
        around, inside = box.locator("xpath=..").bounding_box(), box.bounding_box()
        assert inside["x"] + inside["width"] <= around["x"] + around["width"] + 1


def test_tab_goes_through_the_page_in_order(visit):
    page = visit("fix_data_first")
    wanted = [each.is_visible() for each in page.locator(FOCUSABLE).all()]
    visited = []
    for _ in range(sum(wanted)):
        page.keyboard.press("Tab")
        position, outline = page.evaluate(SEEN)
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")
        visited.append(position)
    assert visited == [position for position, shown in enumerate(wanted) if shown]
    assert page.locator(FOCUSABLE).first.get_attribute("href") == "#gates"


def test_details_open_with_the_keyboard(visit):
    page = visit("fix_data_first")
    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.evaluate("each => each.open")


def test_print_cuts_no_chart(visit):
    page = visit("with_everything")
    page.evaluate(OPEN_ALL)
    charts = page.locator("figure")
    whole = [(figure.locator("figcaption").inner_text(), figure.locator("p").inner_text()) for figure in charts.all()]
    paper = ["".join(sheet.split()) for sheet in sheets(page)]
    assert len(whole) >= 5
    for title, caption in whole:
        first, last = "".join(normalize("NFKC", title).split()), "".join(normalize("NFKC", caption).split())[-25:]
        assert any(first in sheet and last in sheet.partition(first)[2] for sheet in paper), title


def sheets(page):
    """The text of each, ligatures taken apart."""
    return [normalize("NFKC", sheet.extract_text()) for sheet in PdfReader(BytesIO(page.pdf(format="A4"))).pages]


def test_print_takes_the_first_two_layers_and_all_evidence_on_demand(visit):
    page = visit("with_everything")
    brief = sheets(page)
    assert len(brief) <= MOST_PAGES
    assert "Glossary" not in " ".join(brief)
    page.get_by_text("Unfold everything").click()
    everything = " ".join(sheets(page))
    assert "Glossary" in everything and "Source of the limit" in everything


@pytest.mark.parametrize("name", SCREENS)
def test_outside_folds_there_are_few_words_and_little_to_scroll(visit, name):
    page = visit(name)
    assert page.evaluate("document.body.innerText.split(/\\s+/).length") <= MOST_WORDS
    assert page.evaluate("document.documentElement.scrollHeight") <= MOST_PIXELS
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollHeight") <= MOST_PIXELS_UNFOLDED


@pytest.mark.parametrize("name", SCREENS)
def test_sentences_of_the_first_two_layers_are_short(name):
    result = getattr(results, name)()
    said = [each for gate in result.gates for each in spoken(brief.of(gate, result))]
    lengths = [len(sentence.split()) for each in said for sentence in re.split(r"(?<=[.!?]) +", each) if sentence]
    assert max(lengths) <= 30
    assert sum(lengths) / len(lengths) <= 18


def spoken(each):
    return (each.title, *each.said, *(each.action or ())[1:])


def test_every_table_has_a_caption_and_every_head_a_scope(visit):
    page = visit("with_everything")
    assert page.locator("table").count() == page.locator("table > caption").count() > 10
    assert page.locator("th:not([scope])").count() == 0


def test_a_link_into_a_fold_opens_it(visit):
    page = visit("with_everything")
    assert not page.locator("#sum table").first.is_visible()
    page.get_by_role("link", name="The sum").click()
    assert page.locator("#sum table").first.is_visible()


@pytest.mark.slow
def test_the_pdf_of_the_command_line_is_the_page(files, tmp_path):
    write_pdf(CHROMIUM, files["fix_data_first"], tmp_path / "report.pdf")
    first = PdfReader(tmp_path / "report.pdf").pages[0]
    assert "on these 80,000 records?" in first.extract_text()
    assert [round(float(side)) for side in first.mediabox[2:]] == [595, 842]


@pytest.mark.slow
def test_a_browser_that_fails_is_an_error(files, tmp_path):
    with pytest.raises(OSError, match="could not print"):
        write_pdf("false", files["fine_tune"], tmp_path / "report.pdf")
