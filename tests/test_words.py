"""What an audit can say: every template, read as one list."""

from __future__ import annotations

import re
from datetime import date
from importlib import import_module
from pkgutil import iter_modules

import pytest

from auditor import actions, evidence, judge
from auditor.gate_limits import GATE_LIMITS
from auditor.model import COUNT, PERCENT, POINTS, Figure, Kind, Listed, OneOf, Template
from benchmarks.results import RESULTS
from checks import ALL_CHECKS
from checks.stability.sta005_wording_drift import WORDS_MOVED
from reports import cover, text
from reports.glossary import GLOSSARY
from reports.numbers import MINUS, NBSP


def modules(package):
    return [each.name for each in iter_modules(package.__path__, f"{package.__name__}.")]


TEMPLATES = [(check.code, template) for check in ALL_CHECKS for template in check.templates]
MODULES = [actions, *(import_module(name) for at in (evidence, judge) for name in modules(at))]
TEMPLATES += [(at.__name__, each) for at in MODULES for each in vars(at).values() if isinstance(each, Template)]
IDS = [f"{code} {template.id}" for code, template in TEMPLATES]
OLD_TERMS = r"habit|born or died|drawer|stand-?in\b|waver|side by side|rhythm"
HYPHEN_FOR_MINUS = r"(^|[ (])-(\d|\{)"
UNITS = {"share": r" ?%| percent", "points": r" ?points?\b", "months": r" ?months?\b", "days": r" ?days?\b"}


def parts(template):
    """Each piece of text that the template may show, with the fields that stand in it."""
    message = (template.message,) if isinstance(template.message, str) else template.message
    yield from ((part, template.fields) for part in (*message, template.remedy))
    for field in template.fields.values():
        if isinstance(field, OneOf):
            yield from ((words, {}) for words in field.words.values())
        if isinstance(field, Listed):
            yield from [(field.item, field.fields), (field.more, {}), (field.none, {})]


def all_words():
    listed = [f"{code} {template.id}: {part}" for code, template in TEMPLATES for part, _ in parts(template) if part]
    for check in ALL_CHECKS:
        listed += [f"{check.code}: {words}" for words in (check.title, check.why)]
    for limit in GATE_LIMITS:
        listed += [
            f"{limit.measurement}: {words}"
            for words in (limit.label, limit.sentence, limit.action, limit.otherwise)
            if words
        ]
    return listed + [f"glossary: {term}: {meaning}" for term, meaning in GLOSSARY.items()]


def test_all_words_as_one_list_hold_no_old_term_and_no_hyphen_for_a_minus():
    listed = all_words()
    print("\n".join(listed))
    said = [line.partition(": ")[2] for line in listed]
    assert [words for words in said if re.search(f"(?i){OLD_TERMS}", words) or re.search(HYPHEN_FOR_MINUS, words)] == []


@pytest.mark.parametrize(("code", "template"), TEMPLATES, ids=IDS)
def test_a_template_uses_the_fields_that_it_declares_and_no_other(code, template):
    used = set().union(*(text.names(part) for part, fields in parts(template) if fields is template.fields))
    assert used == set(template.fields)
    for field in template.fields.values():
        if isinstance(field, Listed):
            assert text.names(field.item) == set(field.fields)


@pytest.mark.parametrize(("code", "template"), TEMPLATES, ids=IDS)
def test_a_figure_brings_its_unit_and_its_digits(code, template):
    for part, fields in parts(template):
        named = re.findall(r"\{(\w+)\}([^{]*)", part)
        assert len(named) == part.count("{")
        for name, after in named:
            field = fields[name]
            if isinstance(field, Figure) and not field.bare and field.unit in UNITS:
                assert not re.match(UNITS[field.unit], after), part


def test_no_two_templates_of_a_check_have_one_id():
    assert len(IDS) == len(set(IDS))


def test_every_check_that_can_find_something_says_it_in_templates():
    assert [check.code for check in ALL_CHECKS if not check.templates] == ["BEN002"]


def said(message, kind, value):
    return text.message(Template("one", message, fields={"it": kind}).of(it=value))


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (COUNT, 12_345, "12,345"),
        (PERCENT, 0.314, "31 %"),
        (POINTS, 0.0101, "1 point"),
        (Figure("points", 1, signed=True), -0.031, f"{MINUS}3.1 points"),
        (Figure("points", 0, signed=True), 0.031, "+3 points"),
        (Figure("share", 0, bare=True), 0.314, "31"),
        (Figure("months"), 1, "1 month"),
        (Figure("months"), 6, "6 months"),
        (Kind.CLASS, "Late {charges}", "Late {charges}"),
        (Kind.MONTH, date(2024, 3, 1), "March 2024"),
        (OneOf({"a": "one way", "b": "another"}), "b", "another"),
        (Listed("'{x}'", {"x": Kind.CLASS}, last=" and "), [{"x": "a"}, {"x": "b"}, {"x": "c"}], "'a', 'b' and 'c'"),
        (Listed("{x}", {"x": COUNT}, most=2, more=", ..."), [{"x": 1}, {"x": 2}, {"x": 3}], "1, 2, ..."),
        (Listed("{x}", {"x": COUNT}, none="none"), [], "none"),
    ],
    ids=str,
)
def test_a_field_is_shown(kind, value, shown):
    assert said("So: {it}.", kind, value) == f"So: {shown}."


def test_figures_of_one_sentence_are_told_apart():
    share = Figure("share")
    template = Template("two", "{found} (limit {limit})", fields={"found": share, "limit": share})
    assert text.message(template.of(found=0.0502, limit=0.05)) == "5.02 % (limit 5 %)"
    assert text.message(template.of(found=0.314, limit=0.05)) == "31 % (limit 5 %)"


def test_a_part_without_its_field_is_left_out():
    template = Template(
        "parts", ("{rows} records", ", {strays} of them stray", "."), "", {"rows": COUNT, "strays": COUNT}
    )
    assert text.message(template.of(rows=9, strays=2)) == "9 records, 2 of them stray."
    assert text.message(template.of(rows=9, strays=None)) == "9 records."


@pytest.mark.parametrize("fields", [{}, {"rows": 1, "other": 2}])
def test_a_field_too_few_or_too_many_is_refused(fields):
    with pytest.raises(TypeError, match="are not its fields"):
        Template("rows", "{rows} records.", fields={"rows": COUNT}).of(**fields)


@pytest.mark.parametrize("estimate", cover.COVERS)
def test_how_often_intervals_held_is_what_the_benchmark_measured(estimate):
    said = cover.COVERS[estimate]
    table = (RESULTS / "calibration.md").read_text("utf-8").splitlines()
    (line,) = (each for each in table if each.startswith(f"| {said.figure} | {said.of} |"))
    cases, _, _, held = (each.strip() for each in line.split("|")[3:7])
    assert (int(cases), float(held)) == (said.cases, said.held)
    held_in = f"{100 * float(held):.0f} % of {cases} cases"
    assert cover.words(estimate).replace(NBSP, " ") == f"Such intervals held in {held_in}."


@pytest.mark.parametrize(
    ("words", "rising", "falling", "after"),
    [
        (None, None, None, "(50 is chance)."),
        (1, [{"word": "telefax"}], None, "(50 is chance), and 1 word changed in use. Rising: telefax."),
        (2, None, [{"word": "remit"}], "(50 is chance), and 2 words changed in use. Falling: remit."),
    ],
)
def test_words_that_changed_in_use_are_named_where_there_are_any(words, rising, falling, after):
    shown = text.message(WORDS_MOVED.of(told_apart=0.78, words=words, rising=rising, falling=falling))
    assert shown.endswith(f"78 times in 100 {after}")
