"""What every report must hold: the contract, the safety of the page, and its words."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from auditor import model
from checks import LIMITS
from checks.patterns.pat002_confusions import CONFUSED, TOSS_UP
from reports import (
    OUTPUTS,
    brief,
    charts,
    criteria,
    facts,
    first_screen,
    html,
    numbers,
    print_verdict,
    sheet,
    the_sum,
    to_html,
    to_json,
    to_markdown,
    to_notebook,
    view,
    words,
)
from reports.as_json import schema
from reports.charts.over_time import period_noun
from reports.charts.svg import tidy
from reports.charts.timeline import period_of
from reports.from_json import from_json
from reports.plain import plain
from tests import golden
from tests import report_fixtures as results
from tests.valuations import decision_map

SNAPSHOTS = Path(__file__).parent / "snapshots"
ANSWERS = {
    "fine_tune": "Yes: fine-tune",
    "subset": "Yes, for some classes: fine-tune these, prompt for the rest",
    "ordinary": "No: an ordinary classifier does it",
    "fix_data_first": "Not yet: fix the data first",
    "prompt": "No: prompt",
    "measure_first": "Measure first: 300 records labelled afresh ($900, worth $14,000); prompt meanwhile",
    "inconclusive": "The data cannot answer",
    "keep_today": "No way beats today's handling",
}
VARIANTS = results.VARIANTS
ELEMENTS = set(
    re.findall(
        r"\w+",
        """html head meta title style body main header nav section h1 h2 h3 h4 p ol ul li a span div br
        strong code pre table caption thead tbody tr th td details summary dl dt dd figure figcaption
        svg g path rect line text defs clippath lineargradient stop""",
    )
)
UNSAFE = set("\x07\x1b\u202e\ud800")
LOADING = {"style", "src", "srcset", "action", "xlink:href", "background"}


@pytest.fixture(scope="module")
def sections():
    return html.sections(results.with_everything())


class Page(HTMLParser):
    """The elements, attributes, style and text of a page, as a browser would see them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.style = ""
        self.text = ""
        self._in_style = False
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._in_style = tag == "style"

    def handle_endtag(self, tag):
        self._in_style = False

    def handle_data(self, data):
        if self._in_style:
            self.style += data
        else:
            self.text += data


def snapshot(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{name} changed; UPDATE_SNAPSHOTS=1 accepts it"


def terminal(result, width=80):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    print_verdict(result, console, "build/demo")
    return console.file.getvalue()


class TestPage:
    @pytest.mark.parametrize("name", VARIANTS)
    def test_holds_nothing_active(self, pages, name):
        page = Page(pages[name])
        assert set(page.elements) <= ELEMENTS
        assert "<script" not in pages[name].lower()
        assert page.elements.count("style") == 1
        for tag, attribute, value in page.attributes:
            assert not attribute.startswith("on"), (tag, attribute)
            assert attribute not in {"style", "src", "srcset", "action", "xlink:href", "background"}, (
                tag,
                attribute,
            )
            if attribute == "href":
                assert value.startswith("#")
            if "url(" in value and tag not in {"td", "th", "svg"}:
                assert re.fullmatch(r"url\(#[\w-]+\)", value)

    @pytest.mark.parametrize("name", VARIANTS)
    def test_policy_allows_its_own_style_only(self, pages, name):
        page = Page(pages[name])
        policy = next(v for _, a, v in page.attributes if a == "content" and "default-src" in v)
        digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
        assert "default-src 'none'" in policy
        assert f"style-src 'sha256-{digest}'" in policy
        assert "unsafe" not in policy
        assert "url(" not in page.style and "@import" not in page.style

    def test_hostile_names_are_shown_as_text(self, pages):
        text = Page(pages["hostile"]).text
        assert results.HOSTILE in text
        assert "{{ 7 * 7 }}" in text
        assert not set(text) & UNSAFE

    @pytest.mark.parametrize("name", VARIANTS)
    def test_ids_are_unique_and_links_resolve(self, pages, name):
        attributes = Page(pages[name]).attributes
        ids = [value for _, attribute, value in attributes if attribute == "id"]
        assert len(ids) == len(set(ids))
        assert {value[1:] for _, attribute, value in attributes if attribute == "href"} <= set(ids)

    @pytest.mark.parametrize("name", VARIANTS)
    def test_every_check_appears_once(self, pages, name):
        for check in getattr(results, name)().checks:
            assert pages[name].count(f'<tr id="check-{check.code}">') == 1

    @pytest.mark.parametrize("name", VARIANTS)
    def test_is_small(self, pages, name):
        assert len(pages[name].encode()) < 1_500_000

    def test_every_class_appears_once(self, sections):
        assert sections["classes"].count('<th scope="row" class="name">') == len(results.DENIALS)

    def test_says_when_there_is_no_upper_bound(self, pages):
        assert "6.2\N{NO-BREAK SPACE}% or more" in pages["fix_data_first"]
        assert "the data gives no upper bound" in pages["fix_data_first"]

    def test_says_why_a_chart_is_missing(self, pages):
        assert "No backtest: the export has no dates" in pages["inconclusive"]
        assert "No learning curve" in pages["inconclusive"]

    def test_shows_no_folder_of_the_machine_on_the_first_screen(self):
        assert "/home/somebody" not in html.sections(results.hostile())["verdict"]

    @pytest.mark.parametrize("section", [*html.sections(results.degenerate()), "sum"])
    def test_section_is_as_recorded(self, section, sections):
        # Drawings change with the renderer's version; what they show is tested elsewhere.
        bare = re.sub(r"<svg.*?</svg>", "<svg></svg>", sections[section], flags=re.DOTALL)
        snapshot(f"report_{section}.html", bare)


def plain_text(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_no_gate_asks_for_a_measurement_that_the_next_step_says_is_not_worth_its_price():
    base = results.prompt()
    benefit = next(gate for gate in base.gates if gate.id is model.GateId.BENEFIT)
    act = replace(base.verdict.steps[0], kind=model.StepKind.ACT)
    asked = replace(base.verdict.steps[0], kind=model.StepKind.SHEET)
    said = [
        brief.of(
            replace(benefit, status=model.GateStatus.FAIL), replace(base, verdict=replace(base.verdict, steps=(step,)))
        )
        for step in (act, asked)
    ]
    assert said[0].action == brief.NO_MEASUREMENT != said[1].action


class TestFirstScreen:
    @pytest.mark.parametrize(("name", "answer"), ANSWERS.items())
    def test_answers(self, name, answer):
        assert first_screen.of(getattr(results, name)()).answer == answer

    @pytest.mark.parametrize("name", [*VARIANTS, "with_history", "with_examples"])
    def test_takes_under_120_words(self, name):
        screen = first_screen.of(getattr(results, name)())
        said = [screen.answer, screen.why, *screen.beside]
        said += [text for line in screen.lines for text in (line.name, *line.texts)]
        assert len(" ".join(said).split()) < 120

    @pytest.mark.parametrize("steps", [1, 2])
    @pytest.mark.parametrize("kind", model.StepKind)
    @pytest.mark.parametrize("name", [*ANSWERS])
    def test_takes_under_120_words_at_its_longest(self, name, kind, steps):
        base = getattr(results, name)()
        step = model.NextStep(kind, 12_500, 1_234_567.0, 98_765_432.0)
        conditions = tuple(model.Condition(each, 12.3) for each in list(model.ConditionKind)[:3])
        way, figure = model.Way, 0.1234
        ranges = (
            model.CostRange(0, 0.4, way.ORDINARY, 24.0, None),
            model.CostRange(0.4, 17, way.PROMPT, None, None),
            model.CostRange(17, None, way.TODAY, None, None),
        )
        verdict = replace(
            base.verdict,
            steps=(step,) * steps,
            conditions=conditions,
            turns=model.Turns(figure, 23_400.0, 1_234_567, prompt_first=True),
            against=tuple(model.GateId),
        )
        gates = tuple(
            replace(gate, status=model.GateStatus.FAIL, criteria=(_longest(),)) for gate in results.prompt().gates
        )
        valuation = base.valuation and replace(base.valuation, ranges=ranges, error_cost=12.3)
        valuation = valuation and replace(
            valuation, ways=tuple(replace(w, net=model.Level(12e6 * w.net.value, 0, 0)) for w in valuation.ways)
        )
        assert first_screen.of(replace(base, verdict=verdict, gates=gates, valuation=valuation)).words < 120

    @pytest.mark.parametrize("name", VARIANTS)
    def test_every_output_says_the_same_words(self, name):
        result = getattr(results, name)()
        screen = first_screen.of(result)
        page = plain_text(Page(html.sections(result)["verdict"]).text)
        console = plain_text(terminal(result))
        markdown = plain_text(re.sub(r"\\(.)", r"\1", to_markdown(result))).replace("\N{WORD JOINER}", "")
        verdict = json.loads(to_json(result))["verdict"]
        assert (verdict["headline"], verdict["why"]) == (screen.answer, screen.why)
        assert [each["text"] for each in verdict["next_steps"]] == list(screen.steps)
        assert [each["text"] for each in verdict["conditions"]] == list(screen.conditions)
        assert verdict["would_be_yes"] == screen.yes_if
        for said in (screen.answer, screen.why, *screen.beside, *(line.name for line in screen.lines)):
            assert plain_text(said) in page
            assert plain_text(said) in markdown
        for said in (screen.answer, screen.why, *(line.name for line in screen.lines[:3])):
            assert said.split()[0] in console
        for text in (text for line in screen.lines for text in line.texts):
            assert plain_text(text) in page

    def test_a_trial_is_extended_and_not_measured(self):
        result = results.prompt()
        ways = tuple(
            replace(each, today=replace(each.today, rows=1_000, learnt=2_000)) for each in result.valuation.ways
        )
        lines = first_screen.table(replace(result.valuation, ways=ways))
        assert all(line.today_basis.endswith(", measured on 2,000 rows, extended") for line in lines)

    def test_a_stated_error_cost_needs_no_ranges(self):
        stated, assumed = (first_screen.of(each()) for each in (results.subset, results.ordinary))
        assert stated.why.endswith("counting $4 per error.") and not stated.beside
        assert assumed.why.endswith("counting an assumed $1 per error.")
        assert assumed.beside == ("Under $10 an ordinary classifier, above fine-tune.",)

    def test_three_ranges_in_one_sentence(self):
        way = model.Way
        ranges = (
            model.CostRange(0.0, 0.4, way.ORDINARY, 24.0, None),
            model.CostRange(0.4, 17.0, way.PROMPT, None, None),
            model.CostRange(17.0, None, way.FINE_TUNED, 24.0, None),
        )
        valuation = replace(results.prompt().valuation, ranges=ranges)
        assert first_screen.ranges(valuation) == "Under $0.40 an ordinary classifier, to $17 prompt, above fine-tune."
        often = (*ranges[:2], replace(ranges[2], retrained_months=6.0, right=0.84))
        assert first_screen.ranges(replace(valuation, ranges=often)).endswith(
            "above fine-tune every 6 months (84 % right)."
        )
        assert first_screen.ranges(replace(valuation, ranges=ranges[2:])) == "At any error cost: fine-tune."
        assert first_screen.ranges(replace(valuation, ranges=())) == ""

    def test_ranges_are_those_of_the_labels_as_they_are_where_a_repair_gives_something_back(self):
        valuation = results.fix_data_first().valuation
        one = replace(valuation, ranges=(model.CostRange(0.0, None, model.Way.PROMPT, None, None),))
        assert first_screen.ranges(one) == "Without a repair, at any error cost: prompt."
        two = (model.CostRange(0.0, 5.0, model.Way.PROMPT, None, None), replace(one.ranges[0], low=5.0))
        said = first_screen.ranges(replace(valuation, ranges=two))
        assert said == "Without a repair, under $5 prompt, above prompt."
        for repair in (None, replace(valuation.repair, recovered=0.0)):
            assert first_screen.ranges(replace(one, repair=repair)) == "At any error cost: prompt."

    @pytest.mark.parametrize(("best", "said"), [(-46.0, True), (46.0, False)])
    def test_it_says_where_no_way_earns_its_cost(self, best, said):
        result = results.prompt()
        nets = {model.Way.PROMPT: best}
        ways = tuple(
            replace(each, net=replace(each.net, value=nets.get(each.way, -162.0))) for each in result.valuation.ways
        )
        screen = first_screen.of(replace(result, valuation=replace(result.valuation, ways=ways)))
        assert (first_screen.NONE_EARNS in screen.beside) is said
        assert screen.words <= first_screen.MOST_WORDS

    def test_measuring_first_is_never_a_no(self):
        for kind in model.StepKind:
            base = results.measure_first()
            step = replace(base.verdict.steps[0], kind=kind)
            answer = first_screen.of(replace(base, verdict=replace(base.verdict, steps=(step,)))).answer
            assert answer.startswith("Measure first: ") and answer.endswith("; prompt meanwhile")
        unpriced = replace(base.verdict.steps[0], kind=model.StepKind.ERROR_COST)
        asked = first_screen.of(replace(base, verdict=replace(base.verdict, steps=(unpriced,))))
        assert asked.answer == "Measure first: what a wrongly filed record costs (free); prompt meanwhile"

    def test_a_prompt_behind_in_money_says_what_training_would_save(self):
        assert (
            first_screen.of(results.measure_first())
            .why.replace("\N{NO-BREAK SPACE}", " ")
            .startswith(
                "Fine-tuning would save about $2,120 a month against prompting, with a chance of 69 %, and file 2,700"
            )
        )

    def test_the_less_certain_question_is_named(self):
        base = results.measure_first()
        unsure = replace(base, valuation=replace(base.valuation, training_pays=0.95, tuning_pays=0.6))
        assert (
            first_screen.of(unsure)
            .why.replace("\N{NO-BREAK SPACE}", " ")
            .startswith(
                "Fine-tuning would save about $925 a month against an ordinary classifier, with a chance of 60 %,"
            )
        )

    def test_keeping_todays_handling_while_measuring(self):
        base, today = results.measure_first(), results.keep_today()
        screen = first_screen.of(replace(base, valuation=today.valuation))
        assert screen.answer.endswith("keep to today's handling meanwhile")
        assert screen.beside[0] == "No way beats today's handling."

    def test_without_leave_to_train_that_is_what_a_yes_takes(self):
        refused = model.GovernanceAnswer("consent", "Did the people agree?", "No, for billing alone", None)
        result = replace(results.prompt(), governance=(refused,))
        act = replace(
            result,
            verdict=replace(result.verdict, steps=(model.NextStep(model.StepKind.ACT, 0, 0.0, 0.0),)),
        )
        assert first_screen.of(act).why == "Nobody may train on these records, which leaves prompting."
        assert first_screen.of(act).beside == ()
        assert first_screen.of(act).yes_if == "leave to train on these records"
        assert first_screen.of(act).steps == ("Prompt; nobody may train on these records.",)
        assert "Prompt; nobody may train on these records." in to_html(act)

    def test_conditions_only_for_a_yes(self):
        base = results.prompt()
        verdict = replace(base.verdict, conditions=(model.Condition(model.ConditionKind.ROUTE),))
        assert first_screen.of(replace(base, verdict=replace(verdict, conditions=()))).conditions == ()
        yes = first_screen.of(replace(base, verdict=replace(verdict, decision=model.Decision.FINE_TUNE)))
        assert len(yes.conditions) == 1
        assert yes.yes_if == ""

    def test_the_classes_add_up_to_the_figure_on_top(self):
        for name in ("fine_tune", "subset", "ordinary", "prompt", "fix_data_first"):
            result = getattr(results, name)()
            total = sum(row.value_a_month for row in result.classes)
            section = plain_text(Page(html.sections(result)["classes"]).text)
            assert words.all_classes(total) in section
            said = numbers.money(total, whole=True)
            if total and name != "fix_data_first":
                assert f"save about {said} a month against prompting" in first_screen.of(result).why

    def test_the_way_that_nets_most_is_named(self):
        lines = first_screen.table(results.measure_first().valuation)
        assert [(line.name, line.mark, line.gain) for line in lines] == [
            ("Prompt", "", "–"),
            ("Ordinary classifier", "", "$1,190 better"),
            ("Fine-tuned model", "worth most", "$2,120 better"),
        ]

    def test_three_notes_stand_on_the_first_screen_and_the_rest_in_the_sum(self):
        sections = html.sections(results.prompt())
        notes = results.prompt().valuation.notes
        assert all(note in sections["verdict"] for note in notes[:3])
        assert notes[3] not in sections["verdict"] and notes[3] in sections["sum"]

    def test_what_cannot_be_answered_shows_no_sum(self):
        sections = html.sections(results.inconclusive())
        assert "<table" not in sections["verdict"] and "sum" not in sections
        base = results.degenerate()
        step = model.NextStep(model.StepKind.EXPORT, 200, 0.0, 0.0)
        screen = first_screen.of(replace(base, verdict=replace(base.verdict, steps=(step,))))
        assert screen.why == "0 records with text and label are too few to decide: a first answer takes 200."
        assert screen.steps == ("Bring 200 or more records with text and label.",)
        assert [line.name for line in screen.lines] == ["Next step"]


def _longest() -> model.Criterion:
    """A failed figure with the longest sentence of all."""
    limit = max(LIMITS, key=lambda each: len(each.sentence.split()))
    failed = model.GateStatus.FAIL
    return model.Criterion(limit.measurement, "", limit.sentence, failed, 0.123, 0.05, 0.1, -0.073, "share", "default")


class TestJson:
    @pytest.mark.parametrize("name", VARIANTS)
    def test_satisfies_its_schema(self, name):
        jsonschema.Draft202012Validator.check_schema(schema())
        jsonschema.validate(json.loads(to_json(getattr(results, name)())), schema())

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("schema_version",), "1.0"),
            (("surprise",), 1),
            (("verdict", "decision"), "perhaps"),
            (("run", "rows"), -1),
            (("run", "intake", "surprise"), 0),
            (("gates", 0, "evidence", 0, "observed"), "many"),
            (("gates", 0, "status"), "green"),
            (("estimates", "label_noise_rate", "surprise"), 0),
            (("checks", 0, "outcome"), "fine"),
            (("classes", 0, "recall"), 1.5),
            (("learning_curve", "measured", 0, "rows"), 1.5),
            (("backtest", "accuracy", 0, 1), "0.8"),
        ],
    )
    def test_schema_refuses_what_is_wrong(self, path, value):
        data = copy.deepcopy(json.loads(to_json(results.fix_data_first())))
        place = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(data, schema())

    def test_schema_is_closed_at_every_object_of_ours(self):
        def objects(node):
            if isinstance(node, dict):
                if "properties" in node and node.get("type") == "object":
                    yield node
                for child in node.values():
                    yield from objects(child)
            elif isinstance(node, list):
                for child in node:
                    yield from objects(child)

        found = list(objects(schema()))
        assert len(found) > 10
        for node in found:
            assert node["additionalProperties"] is False
            assert set(node["required"]) == set(node["properties"])

    def test_schema_knows_every_field_and_word_of_the_model(self):
        own, top = schema()["$defs"], schema()["properties"]
        money = top["valuation"]["oneOf"][1]
        described = {
            model.Criterion: own["criterion"],
            model.Estimate: own["estimate"],
            model.Finding: own["finding"],
            model.LearningPoint: own["learning_point"],
            model.Subject: own["finding"]["properties"]["subject"],
            model.Action: own["action"],
            model.Turns: top["verdict"]["properties"]["turns"],
            model.BenefitOverTime: top["benefit_over_time"],
            model.Valuation: money,
            model.Level: own["level"],
            model.WayValue: money["properties"]["ways"]["items"],
            model.CostRange: money["properties"]["ranges"]["items"],
            model.AtCost: money["properties"]["at_costs"]["items"],
            model.SheetWorth: money["properties"]["sheets"]["items"],
            model.RepairValue: money["properties"]["repair"]["oneOf"][1],
            model.SegmentDoubt: top["segments"]["items"],
            model.GovernanceAnswer: top["governance"]["items"],
            model.Assumption: money["properties"]["assumptions"]["items"],
            model.TornadoBar: money["properties"]["moves"]["items"],
            model.CheckOutcome: top["checks"]["items"],
            model.ClassRow: top["classes"]["items"],
            model.LearningCurve: top["learning_curve"]["oneOf"][1],
            model.BacktestMatrix: top["backtest"]["oneOf"][1],
            model.Intake: top["run"]["properties"]["intake"],
            model.RoleChoice: top["run"]["properties"]["roles"]["items"],
            model.AuditResult: schema(),
        }
        for kind, node in described.items():
            named = [field.name for field in fields(kind) if field.name != "schema_version"]
            if "said" in named:
                # As the template and its fields, and as the sentences that they make.
                named[named.index("said") : named.index("said") + 1] = ["message", "remedy", "template", "fields"]
            if kind is model.Estimate:
                # By its interval: of both ends, or of one.
                named.insert(named.index("unit"), "level")
            assert named == [name for name in node["properties"] if name != "schema_version"]
        words_of = {
            model.Decision: own["decision"],
            model.Way: own["way"],
            model.StepKind: top["verdict"]["properties"]["next_steps"]["items"]["properties"]["kind"],
            model.ConditionKind: top["verdict"]["properties"]["conditions"]["items"]["properties"]["kind"],
            model.GateId: own["gate_id"],
            model.GateStatus: own["status"],
            model.Outcome: top["checks"]["items"]["properties"]["outcome"],
            model.Severity: own["finding"]["properties"]["severity"],
            model.SubjectKind: own["finding"]["properties"]["subject"]["properties"]["kind"],
            model.Route: top["classes"]["items"]["properties"]["route"],
        }
        for kind, node in words_of.items():
            assert [member.value for member in kind] == node["enum"]

    def test_names_what_the_contract_names(self):
        data = json.loads(to_json(results.fix_data_first()))
        assert data["schema_version"] == model.SCHEMA_VERSION
        assert data["run"]["rows"] == 80_412
        assert data["run"]["dates"] == {"first": "2022-10-03", "last": "2026-09-30"}
        assert data["run"]["time"] == "2026-11-14T09:30:00+00:00"
        assert data["gates"][0]["question"] == model.QUESTIONS[model.GateId.VOLUME]
        assert data["estimates"]["label_noise_rate"]["high"] is None
        assert list(data["estimates"]) == sorted(data["estimates"])

    def test_plain_values(self):
        class Scalar:
            def item(self):
                return 0.123456789

        assert plain({"b": float("nan"), "a": float("inf")}) == {"a": None, "b": None}
        assert list(plain({"b": 1, "a": 2})) == ["a", "b"]
        assert plain([1 / 3, True, None, {3, 1}]) == [0.333333, True, None, [1, 3]]
        assert plain(Scalar()) == 0.123457
        assert plain("\ud800") == "?"
        assert plain(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00+00:00"
        assert plain(Path("a")) == "a"


class TestEveryOutput:
    @pytest.mark.parametrize("name", OUTPUTS)
    def test_same_result_same_bytes(self, name):
        assert OUTPUTS[name](results.fix_data_first()) == OUTPUTS[name](results.fix_data_first())

    @pytest.mark.parametrize("name", [*ANSWERS, "with_everything", "with_history", "with_examples", "one_class"])
    def test_json_holds_all_that_is_shown(self, pages, name):
        original = getattr(results, name)()
        read = from_json(json.loads(to_json(original)), results.templates(original))
        assert to_markdown(original) == to_markdown(read)
        # Drawings use more digits than the contract keeps.
        ours, theirs = (re.sub(r"<svg.*?</svg>", "", page, flags=re.S) for page in (pages[name], to_html(read)))
        assert ours == theirs

    @pytest.mark.parametrize("name", VARIANTS)
    def test_writes_as_utf8(self, name):
        for render in (to_json, to_markdown):
            assert render(getattr(results, name)()).encode("utf-8")

    def test_importing_reports_is_light(self):
        heavy = "{'altair', 'jinja2', 'vl_convert', 'rich'}"
        probe = f"import reports, sys; sys.exit(bool({heavy} & set(sys.modules)))"
        assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0  # noqa: S603

    def test_words_cover_the_model(self):
        assert set(words.DECISIONS) == set(words.ANSWERS) == set(model.Decision)
        assert set(words.WAYS) == set(words.DOING) == set(words.A_WAY) == set(words.ADVICE) == set(model.Way)
        assert set(words.GATES) == set(model.GateId)
        assert set(words.STATUSES) == set(words.SYMBOLS) == set(model.GateStatus)
        assert set(words.OUTCOMES) == set(model.Outcome)
        assert set(words.ROUTES) == set(model.Route)
        assert set(words.SEVERITIES) == set(model.Severity)


@pytest.mark.parametrize(("at_random", "counts_none"), [(0.0, True), (0.13, False)])
def test_labels_that_look_wrong_and_cost_nothing_are_named(at_random, counts_none):
    result = golden.judged("cheap errors")
    labels = replace(result.facts.labels, at_random=model.Share(at_random, 0.01))
    said = " ".join(the_sum.facts(replace(result, facts=replace(result.facts, labels=labels)), result.valuation))
    assert ("mistakes at random: whether the 13\N{NO-BREAK SPACE}% of labels that look wrong" in said) is counts_none


class TestFacts:
    @pytest.mark.parametrize(
        ("section", "said"),
        [
            ("verdict", "Ordinary classifier worth most 86 % 85 % to 87 %, measured on 80,000 rows 76 %"),
            ("steps", "Label 300 recent records afresh (auditor sheet --rows 300): costs $900"),
            (
                "gate-stability",
                "Trained today, a model would get 79 % right 6 months on (74 % to 83 %); 8 such",
            ),
            ("gate-stability", "Of the 7.1 points that models of the past lost, 4.2 points are classes"),
            (
                "gate-stability",
                "Growing older costs a model another 3.0 points in 4 months; some 2,100 new labels win that back",
            ),
            (
                "gate-stability",
                "went from 45 to 47 classes in use, with a new one every 17 months.",
            ),
            ("sum", "The sum runs over 24 months and 30,000 records a month (mean of the last 12 months)"),
            ("sum", "A wrongly filed record costs $1, which is assumed: nobody said what one costs."),
            ("sum", "The answer nets $2,220 a month over prompting (−$1,780 to $6,220)."),
            (
                "sum",
                "The better trained way, an ordinary classifier, is worth more than prompting with a chance of 84 %",
            ),
            ("sum", "Either training or prompting is ahead at every volume"),
            ("sum", "Wrong labels cost the best way 4.2 points on true labels (3.1 points to 5.3 points)."),
            ("sum", "$10 +$6,710 +$9,920 Fine-tuned model 84 %"),
            ("sum", "2,140 listed records read: worth most, $21,900 for $640"),
            ("sum", "5 figures that this rests on"),
            ("sum", "An engineer $90 per hour assumption of 2026-11"),
            ("sum", "Records 30,000 records a month measured on the export"),
            ("checks", "9 of 13 checks gave an answer."),
            ("gate-labels", "1 segment lies wholly above it, in orange."),
            ("gate-governance", "Where may the records be processed? Does not apply: they stay in house"),
            ("gate-governance", "Who pays for training it again? ! No answer yet"),
            ("gate-benefit", "Fine-tuned model 88 % 85 % to 91 % Expected: a published lift"),
            ("gate-benefit", "Break-even error cost $0.40 none Where both net the same"),
            ("gate-benefit", "The model is ahead in 9 of 10 periods."),
        ],
    )
    def test_says(self, sections, section, said):
        shown = " ".join(Page(sections[section]).text.replace("\N{NO-BREAK SPACE}", " ").split())
        assert said in shown

    def test_a_taxonomy_that_did_not_grow(self):
        base = results.with_everything()
        still = replace(base.stability, growth=model.Growth(47, 47, 0.0, None))
        assert facts.of_gate(replace(base, stability=still), model.GateId.STABILITY)[-1] == (
            "The taxonomy has 47 classes in use, as many as at the start."
        )

    def test_a_change_stands_in_its_period(self):
        days = (date(2024, 5, 1), date(2024, 7, 1))
        for periods, expected in (
            (("2023", "2024"), ["2024", "2024"]),
            (("2024 H1", "2024 H2"), ["2024 H1", "2024 H2"]),
            (("2024-Q2", "2024-Q3"), ["2024-Q2", "2024-Q3"]),
            (("2024-05", "2024-07"), ["2024-05", "2024-07"]),
            (("2023-11 to 2024-06", "2024-06 to 2025-01"), ["2023-11 to 2024-06", "2024-06 to 2025-01"]),
            (("2020", "2021"), ["", ""]),
        ):
            assert [period_of(day, periods) for day in days] == expected

    def test_charts_over_time_say_why_they_are_missing(self):
        base = results.with_everything()
        still = replace(base.stability, timeline=())
        assert "No class appeared" in charts.class_timeline(still).caption
        assert "dated records" in charts.over_time(None).caption
        alone = replace(base.benefit_over_time, aged=(None,) * 12)
        assert "no period has an earlier model" in charts.over_time(alone).caption

    def test_pairs_whose_labels_are_a_toss_up_are_not_drawn_as_records_that_read_like_another_class(self):
        pair = model.Subject(model.SubjectKind.CLASS, ("Gold desk", "General desk"))
        tossed = TOSS_UP.of(rows=511, given="General desk", expected="Gold desk", held=0.37)
        read_alike = CONFUSED.of(rows=482, label="Gold desk", share=0.4, taken_for="General desk")
        found = tuple(
            model.Finding("PAT002", model.Severity.INFO, pair, said, share)
            for said, share in ((tossed, 0.37), (read_alike, 0.4))
        )
        gate, outcome = model.GateId.PATTERNS, model.Outcome.FOUND
        check = model.CheckOutcome("PAT002", "confusions", "Classes confused", gate, outcome, findings=found)
        chart = charts.confusions((check,))
        assert chart.table.lines == (("Gold desk", "General desk", "482", "40\N{NO-BREAK SPACE}%"),)


class TestExamples:
    def test_a_report_with_record_text_says_so_first(self):
        page = Page(to_html(results.with_examples()))
        assert page.text.index("Contains masked text of 2 records") < page.text.index("Not yet")
        assert results.HOSTILE in page.text
        assert "contain masked text of 2 records" in to_markdown(results.with_examples())

    def test_a_report_without_says_nothing_of_it(self, pages):
        assert "masked text" not in pages["fix_data_first"]


class TestTrend:
    def test_earlier_audits_stand_beside_this_one(self):
        section = Page(html.sections(results.with_history())["trend"]).text
        assert section.index("2026-02-03") < section.index("2026-08-03") < section.index("Now")
        assert "not measured9.1\N{NO-BREAK SPACE}%5.02\N{NO-BREAK SPACE}%" in section
        assert "No answerFix the data firstFix the data first" in section

    def test_a_first_audit_has_no_trend(self):
        assert "trend" not in html.sections(results.fix_data_first())


class TestNotebook:
    def test_the_first_screen_stands_in_a_frame_where_nothing_runs(self):
        page = Page(to_notebook(results.hostile()))
        assert page.elements == ["iframe"]
        attributes = {name: value for _, name, value in page.attributes}
        assert attributes["sandbox"] == ""
        assert attributes["srcdoc"] == html.to_first_screen(results.hostile())

    @pytest.mark.parametrize("variant", VARIANTS)
    def test_the_first_screen_leads_nowhere_and_tells_no_record(self, pages, variant):
        result = getattr(results, variant)()
        screen = html.to_first_screen(result)
        assert len(screen) < len(pages[variant])
        assert first_screen.of(result).answer in Page(screen).text.replace("\N{NO-BREAK SPACE}", " ")
        assert {value for _, name, value in Page(screen).attributes if name == "href"} <= {"#gates"}
        assert not [each for each in result.examples if each.text in screen]


class TestWords:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("labels that look wrong", "Labels that look wrong"),
            ("eBay returns", "eBay returns"),
            ("payer=acme, always", "payer=acme, always"),
            ("two\nlines", "Two lines"),
            ("", ""),
        ],
    )
    def test_sentence(self, text, shown):
        assert words.sentence(text) == shown

    @pytest.mark.parametrize(
        ("periods", "noun"),
        [
            (("2024", "2025"), "years"),
            (("2024 H1", "2024 H2"), "half-years"),
            (("2024 Q1", "2024-Q2"), "quarters"),
            (("2024-01",), "months"),
            (("2024", "later"), "periods"),
            ((), "periods"),
        ],
    )
    def test_periods(self, periods, noun):
        assert period_noun(periods) == noun

    def test_a_passed_gate_shows_the_figure_nearest_to_its_limit(self):
        gate = results.fix_data_first().gates[0]
        assert view.tile(gate).measure == "Gain from twice the rows"

    def test_a_failed_gate_shows_the_limit_it_crossed(self):
        tile = view.tile(results.fix_data_first().gates[1])
        assert tile.limit.replace("\N{NO-BREAK SPACE}", " ") == "fails above 5 %"

    def test_an_unknown_gate_shows_what_was_not_measured(self):
        assert view.tile(results.fix_data_first().gates[5]).figure == "not stated"


class TestTerminal:
    @pytest.mark.parametrize("name", VARIANTS)
    def test_fits_80_columns_and_sends_no_control_codes(self, name):
        printed = terminal(getattr(results, name)())
        assert max(len(line) for line in printed.splitlines()) <= 80
        assert not set(printed) & UNSAFE
        assert printed.rstrip().endswith("build/demo/report.html")

    @pytest.mark.parametrize("name", ["prompt", "ordinary", "measure_first", "fix_data_first", "keep_today"])
    def test_the_reason_is_cut_only_where_twelve_lines_are_full(self, name):
        base = getattr(results, name)()
        ranges = (
            model.CostRange(0.0, 12.5, model.Way.ORDINARY, 12.0, None),
            model.CostRange(12.5, 37.0, model.Way.PROMPT, None, None),
            model.CostRange(37.0, None, model.Way.FINE_TUNED, 1.0, 0.82),
        )
        ways = [replace(each, net=replace(each.net, value=each.net.value - 1e7)) for each in base.valuation.ways]
        valuation = replace(base.valuation, ways=tuple(ways), ranges=ranges, error_cost_set=False)
        said = terminal(replace(base, valuation=valuation)).rstrip().split("\n\n")[-1].splitlines()
        facts = next(at for at, line in enumerate(said) if line.startswith("Next step"))
        assert "…" not in "".join(said[:facts]) or len(said) >= 12

    def test_is_as_recorded(self):
        printed = "\n".join(line.rstrip() for line in terminal(results.fix_data_first()).splitlines())
        snapshot("report_terminal.txt", printed + "\n")


class TestMarkdown:
    def test_is_as_recorded(self):
        snapshot("report.md", to_markdown(results.fix_data_first()))

    def test_hostile_names_stay_text(self):
        text = to_markdown(results.hostile())
        assert not re.search(r"(?<!\\)[<>\[\]`]", text)
        assert "://" not in text
        assert "@everyone" not in text
        table = [line for line in text.splitlines() if line.startswith("|")]
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {5, 6}

    def test_degenerate_result(self):
        assert "The data cannot answer" in to_markdown(results.degenerate())


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "unit", "shown"),
        [
            (0.753, "share", "75 %"),
            (0.0753, "share", "7.5 %"),
            (0.998, "share", "99.8 %"),
            (0.9999, "share", "99.99 %"),
            (0.00998, "share", "1.0 %"),
            (0.00421, "share", "0.42 %"),
            (0.071, "points", "7.1 points"),
            (80_000, "rows", "80,000 rows"),
            (1.072, "ratio", "1.07×"),
            (3.21, "months", "3.2 months"),
            (1, "yes_no", "yes"),
            (1, "months", "1 month"),
            (1, "classes", "1 class"),
            (0.01, "points", "1.0 points"),
            (-0.0001, "months", "0.00 months"),
            (None, "share", "not measured"),
            (float("nan"), "share", "not measured"),
            (float("inf"), "months", "not measured"),
        ],
    )
    def test_figure(self, value, unit, shown):
        assert numbers.figure(value, unit).replace("\N{NO-BREAK SPACE}", " ") == shown

    @pytest.mark.parametrize(
        ("low", "high", "shown"),
        [
            (0.70, 0.80, "75 %: 70 % to 80 %"),
            (0.7512, 0.7548, "75.3 %: 75.1 % to 75.5 %"),
            (0.7, None, "70 % or more: from 70 %; the data gives no upper bound"),
            (None, 0.8, "80 % or less: up to 80 %; the data gives no lower bound"),
            (None, None, "75 %: none"),
            (0.753, 0.753, "75 %: none needed: a count"),
        ],
    )
    def test_estimates_are_rounded_to_their_interval(self, low, high, shown):
        estimate = model.Estimate(0.753, low, high, "share", "")
        said = f"{numbers.estimate_value(estimate)}: {numbers.interval_words(estimate)}"
        assert said.replace("\N{NO-BREAK SPACE}", " ") == shown

    @pytest.mark.parametrize(
        ("value", "shown", "whole"),
        [
            (0.05, "$0.05", "under $1"),
            (0.4, "$0.40", "under $1"),
            (1.0, "$1", "$1"),
            (3.2, "$3.20", "$3"),
            (9.999, "$10", "$10"),
            (17.3, "$17", "$17"),
            (912.4, "$912", "$912"),
            (1_234, "$1,230", "$1,230"),
            (12_000, "$12,000", "$12,000"),
            (999_600, "$1.0 million", "$1.0 million"),
            (1_234_567, "$1.2 million", "$1.2 million"),
            (98_765_432, "$99 million", "$99 million"),
            (2.4e9, "$2.4 billion", "$2.4 billion"),
            (-203.4, "−$203", "−$203"),
            (-0.4, "−$0.40", "$0"),
            (0.004, "under $0.01", "under $1"),
            (0.0, "$0", "$0"),
            (float("nan"), "not measured", "not measured"),
        ],
    )
    def test_money(self, value, shown, whole):
        assert (numbers.money(value), numbers.money(value, whole=True)) == (shown, whole)

    def test_gains_carry_their_sign(self):
        assert [numbers.gain(value) for value in (2_117, -203.4, 0.4, 0)] == ["+$2,120", "−$203", "under $1", "$0"]

    def test_chances_are_no_finer_than_draws(self):
        shown = [
            numbers.chance(value).replace("\N{NO-BREAK SPACE}", " ") for value in (0.9998, 0.6149, 0.0, float("nan"))
        ]
        assert shown == ["over 99 %", "61 %", "under 1 %", "not measured"]
        assert (numbers.every(0.4), numbers.every(8.6)) == ("every month", "every 9 months")

    def test_quantities(self):
        assert numbers.quantity(30, "a month") == "$30 a month"
        assert numbers.quantity(90, "per hour") == "$90 per hour"
        assert numbers.quantity(1_058, "records a month").replace("\N{NO-BREAK SPACE}", " ") == "1,058 records a month"

    def test_counts_are_rounded_to_their_interval(self):
        estimate = model.Estimate(1_686, 1_540, 1_833, "records", "")
        assert numbers.interval_words(estimate).replace("\N{NO-BREAK SPACE}", " ") == "1,540 records to 1,830 records"
        assert numbers.estimate_value(estimate).startswith("1,690")

    def test_a_missed_limit_never_looks_met(self):
        criterion = model.Criterion(
            "a", "A", "A: {}", model.GateStatus.CAUTION, 0.8996, 0.9, 0.8, -0.0004, "share", "default"
        )
        shown = (
            criteria.observed_words(criterion),
            criteria.limit_words(criterion),
            criteria.margin_words(criterion),
        )
        assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in shown] == [
            "89.96 %",
            "at least 90 %",
            "0.04 points beyond",
        ]

    def test_round_limits_keep_no_trailing_zeros(self):
        shown = [text.replace("\N{NO-BREAK SPACE}", " ") for text in numbers.figures((0.02971, 0.005, 0.01), "share")]
        assert shown == ["3.0 %", "0.5 %", "1 %"]

    def test_side_of_the_limit_without_a_second_limit(self):
        criterion = model.Criterion("a", "A", "A: {}", model.GateStatus.PASS, 3.0, 5.0, None, 2.0, "months", "")
        assert criteria.limit_side(criterion) == "at most"
        assert criteria.limit_side(replace(criterion, margin=-2.0)) == "at least"
        assert criteria.limit_side(replace(criterion, observed=None, margin=None)) == ""
        assert criteria.fail_words(criterion) == ""


class TestCharts:
    def test_many_periods_and_missing_cells(self):
        periods = tuple(f"{2000 + index}" for index in range(24))
        accuracy = tuple(tuple(0.5 if j > i and j % 5 else None for j in range(24)) for i in range(24))
        matrix = model.BacktestMatrix(periods, (10,) * 24, accuracy, float("nan"), 6)
        assert "<svg" in charts.backtest_matrix(matrix).svg
        decay = charts.decay_by_age(matrix)
        assert "<svg" in decay.svg
        assert "Years after training ended" in decay.svg

    def test_images_have_a_name_for_screen_readers(self):
        svg = charts.learning_curve(results.fix_data_first().learning_curve).svg
        assert svg.startswith('<svg role="img" aria-label="More records may not help.')

    def test_labels_that_read_alike_are_kept_apart(self):
        row = results.fix_data_first().classes[0]
        classes = [replace(row, label="x" * 100 + str(index)) for index in range(3)]
        svg = charts.class_balance(classes).svg
        assert "(2)" in svg and "(3)" in svg

    def test_unknown_elements_are_refused(self):
        with pytest.raises(ValueError, match="script"):
            tidy("<svg><script>1</script></svg>", "a", "b")

    def test_unknown_attributes_are_dropped(self):
        assert tidy('<svg onload="x"><g xlink:href="y" fill="red"/></svg>', "a", "b") == (
            '<svg role="img" aria-label="b"><g fill="red"/></svg>'
        )

    @pytest.mark.parametrize(
        ("volume", "says"),
        [
            (200, "beside no likely prompt"),
            (1_000, "beside a weak prompt only"),
            (30_000, "unless the prompt is a strong one"),
            (1_000_000, "beside any likely prompt"),
        ],
    )
    def test_the_map_says_in_its_title_where_today_lies(self, volume, says):
        valuation = replace(results.prompt().valuation, monthly_volume=volume, map=decision_map(volume, 1.0))
        chart = charts.decision_map(valuation)
        assert chart.title.endswith(says)
        assert "today" in chart.svg
        assert chart.table.lines[-1] == ("1,000,000", "any", "any", "$1")

    def test_of_the_next_steps_the_title_names_the_one_worth_most(self):
        chart = charts.next_steps(results.measure_first().valuation)
        assert re.match(r"[\d,]+ records labelled afresh: worth most, \$", chart.title)
        none = charts.next_steps(replace(results.measure_first().valuation, sheets=(model.SheetWorth(100, 5, 60),)))
        assert none.title == "No measurement and no repair is worth its cost"
        assert [line[3] for line in none.table.lines] == ["−$55"]
        assert not charts.next_steps(replace(results.measure_first().valuation, sheets=(), repair=None)).svg

    def test_a_chart_that_fails_does_not_cost_the_page(self, monkeypatch):
        def fail(*_):
            raise ValueError("the renderer is gone")

        monkeypatch.setattr("reports.charts.common.draw", fail)
        assert "It could not be drawn (ValueError)." in to_html(results.fix_data_first())


def with_sheet(measured, **estimates):
    outcome = model.CheckOutcome(
        "LAB005", "sheet", "", model.GateId.LABELS, model.Outcome.PASSED, measurements=measured
    )
    return replace(results.prompt(), checks=(outcome,), estimates=estimates)


FILLED = {"reviewed": 234, "review_needed": 30, "review_unsure": 6, "review_blank": 60, "review_gone": 0}


def test_a_sheet_is_said_in_sentences():
    result = with_sheet(
        FILLED | {"reviewed_noise_rate": 0.047, "people_pairs": 46, "people_apart": 0.14},
        label_noise_rate=model.Estimate(0.047, 0.0, 0.1, "share", ""),
        accuracy_true_labels=model.Estimate(0.89, 0.84, 0.94, "share", ""),
        prompt_accuracy_true_labels=model.Estimate(0.78, 0.74, 0.83, "share", ""),
        prompt_behind_true_labels=model.Estimate(0.088, 0.067, 0.11, "points", ""),
        trained_accuracy_true_labels=model.Estimate(0.93, 0.88, 0.99, "share", ""),
        trained_behind_true_labels=model.Estimate(-0.02, -0.05, 0.01, "points", ""),
    )
    said = [line.replace(numbers.NBSP, " ") for line in sheet.said(result)]
    assert said == [
        "Of the sheet's 300 records 234 are labelled, 6 unsure, 60 not filled yet; two people labelled 46 of them and "
        "differ on 14 %.",
        "Wrong labels: 5 % (0 % to 10 %).",
        "Right on true labels: ordinary classifier 89 % (84 % to 94 %); prompt 78 % (74 % to 83 %); fine-tuned model "
        "93 % (88 % to 99 %).",
        "Record by record, the prompt gets 9 points fewer right than the ordinary classifier (7 points to 11 points).",
        "Record by record, the fine-tuned model gets 2 points more right than the ordinary classifier (−1 points to "
        "5 points).",
    ]
    assert said == [line.replace(numbers.NBSP, " ") for line in facts.of_gate(result, model.GateId.LABELS)]
    assert "Right on true labels" in to_markdown(result)


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        ({}, []),
        ({"review_prompt_answers": 300, "review_trained_answers": 300}, []),
        ({"review_prompt_answers": 0},
         ["The baseline answered 0 of the sheet's 300 records; auditor baseline ... --sheet asks about all of them."]),
        ({"review_prompt_answers": 300, "review_trained_answers": 41},
         ["The trial's model answered 41 of the sheet's 300 records; "
          "auditor trial ... --sheet asks about all of them."]),
    ],
)  # fmt: skip
def test_who_did_not_answer_the_whole_sheet_is_told_how(answered, said):
    assert sheet.said(with_sheet(FILLED | {"review_drawn": 300} | answered))[1:] == said


def test_a_sheet_with_too_few_labels_says_so_and_no_more():
    for labels, are in ((12, "12 are"), (1, "1 is"), (29, "29 are")):
        few = FILLED | {"reviewed": labels, "review_blank": 294 - labels}
        assert sheet.said(with_sheet(few)) == [
            f"Of the sheet's 300 records {are} labelled, 6 unsure, {294 - labels} not filled yet; 30 labels are needed "
            "before the sheet says anything of all records."
        ]
    assert sheet.said(results.prompt()) == []
