"""``report.html``: one self-contained page. No script, no request to anywhere, all data escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from auditor.model import GateId, GateStatus
from auditor.output import clean
from reports import (
    brief,
    charts,
    compared,
    criteria,
    facts,
    findings,
    first_screen,
    glossary,
    numbers,
    text,
    the_sum,
    view,
    why,
    words,
)

if TYPE_CHECKING:
    from auditor.model import AuditResult, Gate, Valuation
    from reports.first_screen import FirstScreen

_PERCENT = re.compile(r"(?<=\d) %")
_HYPHENED = re.compile(r"[A-Za-z]+-[A-Za-z]+")
_POLICY = "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def to_html(result: AuditResult) -> str:
    """Render the whole page. The same result gives the same bytes."""
    return _page(result, sections(result).values())


def to_first_screen(result: AuditResult) -> str:
    """A page of the verdict and the gates alone, without links. It holds no text of a record, whatever the result."""
    return _page(result, [_verdict(result, first_screen.of(result), whole=False)])


def _page(result: AuditResult, parts: Iterable[str]) -> str:
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _environment().get_template("page.html.j2")
    return page.render(
        title=words.question(result),
        policy=_POLICY.format(digest=digest),
        style=Markup(style),  # noqa: S704 (our own file)
        sections=[Markup(section) for section in parts],  # noqa: S704 (escaped when rendered)
    )


def sections(result: AuditResult) -> dict[str, str]:
    """Each section's HTML by name, in the order of the page."""
    screen = first_screen.of(result)
    parts = {"verdict": _verdict(result, screen)}
    for gate in brief.ordered(result.gates):
        parts[f"gate-{gate.id}"] = _gate(result, gate)
    parts["steps"] = _render("steps", result, screen=screen)
    if result.examples:
        parts["examples"] = _render("examples", result)
    parts["classes"] = _render("classes", result, routes=view.routes(result.classes))
    if valuation := why.weighed(result):
        parts["sum"] = _sum(result, valuation)
    if result.corrections:
        parts["corrections"] = _render(
            "corrections",
            result,
            lines=compared.corrected(result.corrections),
            table=compared.before_and_now(result.corrections, result),
        )
    if result.since:
        parts["since"] = _render("since", result, since=result.since, table=compared.since(result.since))
    if result.history:
        parts["trend"] = _render("trend", result, past=result.history[-view.PAST_AUDITS_SHOWN :])
    parts["checks"] = _render("checks", result)
    parts["method"] = _render("method", result)
    parts["run"] = _render(
        "run",
        result,
        intake=view.intake_lines(result.run),
        lineage=view.lineage_lines(result.run),
        others=view.estimate_lines(result.estimates, None),
        words_shown=view.words_shown(result.run),
    )
    parts["config"] = _render("config", result, lines=view.config_lines(result.effective_config))
    parts["glossary"] = _render("glossary", result)
    return parts


def _verdict(result: AuditResult, screen: FirstScreen, *, whole: bool = True) -> str:
    valuation = why.weighed(result)
    return _render(
        "verdict",
        result,
        screen=screen,
        heads=first_screen.heads(valuation) if valuation else (),
        ways=first_screen.table(valuation) if valuation else (),
        notes=[text.message(note) for note in valuation.notes[: first_screen.MOST_NOTES]] if valuation else (),
        tiles=[view.tile(gate) for gate in result.gates],
        whole=whole,
    )


def _sum(result: AuditResult, valuation: Valuation) -> str:
    return _render(
        "sum",
        result,
        lines=the_sum.facts(result, valuation),
        ways=the_sum.ways(valuation),
        at_costs=the_sum.at_costs(valuation),
        assumptions=the_sum.assumptions(valuation),
        charts=[
            _drawn(draw, result)
            for draw in (
                lambda _: charts.decision_map(valuation),
                lambda _: charts.next_steps(valuation),
                lambda _: charts.tornado(valuation.moves, valuation.months),
            )
        ],
    )


def _gate(result: AuditResult, gate: Gate) -> str:
    drawn = [_drawn(draw, result) for draw in _CHARTS.get(gate.id, ())]
    passes = gate.status is GateStatus.PASS
    figure = None if passes else next((chart for chart in drawn if chart.svg), None)
    return _render(
        "gate",
        result,
        gate=gate,
        passes=passes,
        brief=brief.of(gate, result),
        figure=figure,
        tile=view.tile(gate),
        facts=facts.of_gate(result, gate.id),
        answers=result.governance if gate.id is GateId.GOVERNANCE else (),
        estimates=view.estimate_lines(result.estimates, gate.id),
        charts=[chart for chart in drawn if chart is not figure],
        found=findings.found(result.checks, gate.id),
        ignored=findings.ignored(result.checks, gate.id),
        silent=view.silent_checks(result.checks, gate.id),
    )


_Draw = Callable[["AuditResult"], charts.Chart]

_CHARTS: dict[GateId, tuple[_Draw, ...]] = {
    GateId.VOLUME: (
        lambda result: charts.learning_curve(result.learning_curve),
        lambda result: charts.class_balance(result.classes),
    ),
    GateId.LABELS: (
        lambda result: charts.noise_by_class(result.classes),
        lambda result: charts.doubt_by_segment(result.segments),
    ),
    GateId.PATTERNS: (
        lambda result: charts.source_bias(result.checks),
        lambda result: charts.confusions(result.checks),
    ),
    GateId.STABILITY: (
        lambda result: charts.decay_by_age(result.backtest, result.stability),
        lambda result: charts.backtest_matrix(result.backtest),
        lambda result: charts.class_timeline(result.stability),
    ),
    GateId.BENEFIT: (
        lambda result: charts.approaches(result.estimates),
        lambda result: charts.over_time(result.benefit_over_time),
    ),
}


def _drawn(draw: _Draw, result: AuditResult) -> charts.Chart:
    """A chart that cannot be drawn must not cost the reader the page."""
    try:
        return draw(result)
    except (ImportError, ValueError) as error:
        return charts.Chart("A chart is missing", f"It could not be drawn ({type(error).__name__}).")


def _render(name: str, result: AuditResult, **context: Any) -> str:  # noqa: ANN401 (each template has its own)
    return _environment().get_template(f"{name}.html.j2").render(result=result, **context)


@cache
def _style() -> str:
    # Read as data and not as a template: the policy's hash must match every byte.
    loader = PackageLoader("reports")
    return loader.get_source(Environment(autoescape=True), "style.css")[0]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters |= {
        "share": numbers.share,
        "gain": numbers.gain,
        "count": numbers.count,
        "observed": criteria.observed_words,
        "limit": criteria.limit_words,
        "fails": criteria.fail_words,
        "margin": criteria.margin_words,
        "figure": numbers.figure,
        "glossed": glossary.glossed,
        "anchor": glossary.anchor,
        "plural": words.plural,
        "shorten": words.shorten,
        "sentence": words.sentence,
        "one_line": words.one_line,
        "svg": Markup,
        "unbroken": _unbroken,
        "seen": view.seen,
        "outcome_reason": view.outcome_reason,
    }
    environment.globals |= {"words": words, "text": text, "view": view, "glossary": glossary.GLOSSARY}
    return environment


def _unbroken(text: str) -> Markup:
    """Safe HTML in which no line ends at a hyphen."""
    return Markup(_HYPHENED.sub(r'<span class="whole">\g<0></span>', str(escape(clean(text)))))  # noqa: S704


def _finalize(value: object) -> object:
    """Strip what escaping leaves in, such as direction marks; keep a figure and its % on one line."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return _PERCENT.sub(f"{numbers.NBSP}%", clean(value))
