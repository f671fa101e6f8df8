"""``report.html``: one self-contained page. No script, no request to anywhere, all data escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from auditor.model import GateId
from reports import charts, facts, findings, glossary, numbers, view, words

if TYPE_CHECKING:
    from auditor.model import AuditResult, Gate

_PERCENT = re.compile(r"(?<=\d) %")
_POLICY = "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def to_html(result: AuditResult) -> str:
    """Render the whole page. The same result gives the same bytes."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _environment().get_template("page.html.j2")
    return page.render(
        title=words.question(result),
        policy=_POLICY.format(digest=digest),
        style=Markup(style),  # noqa: S704 (our own file)
        sections=[Markup(section) for section in sections(result).values()],  # noqa: S704 (escaped when rendered)
    )


def sections(result: AuditResult) -> dict[str, str]:
    """Each section's HTML by name, in the order of the page."""
    parts = {"verdict": _render("verdict", result, tiles=[view.tile(gate) for gate in result.gates])}
    parts["steps"] = _render("steps", result)
    for gate in result.gates:
        parts[f"gate-{gate.id}"] = _gate(result, gate)
    if result.examples:
        parts["examples"] = _render("examples", result)
    parts["classes"] = _render("classes", result, routes=view.routes(result.classes))
    if result.cost:
        drawn = [_drawn(draw, result) for draw in _COST_CHARTS]
        parts["costs"] = _render("costs", result, lines=facts.of_cost(result.cost), charts=drawn)
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
    )
    parts["config"] = _render("config", result, lines=view.config_lines(result.effective_config))
    parts["glossary"] = _render("glossary", result)
    return parts


def _gate(result: AuditResult, gate: Gate) -> str:
    return _render(
        "gate",
        result,
        gate=gate,
        tile=view.tile(gate),
        measures=view.measures(gate),
        facts=facts.of_gate(result, gate.id),
        answers=result.governance if gate.id is GateId.GOVERNANCE else (),
        estimates=view.estimate_lines(result.estimates, gate.id),
        charts=[_drawn(draw, result) for draw in _CHARTS.get(gate.id, ())],
        found=findings.found(result.checks, gate.id),
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
        lambda result: charts.habits(result.checks),
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
_COST_CHARTS: tuple[_Draw, ...] = (
    lambda result: charts.break_even(result.cost),
    lambda result: charts.tornado(result.cost),
)


def _drawn(draw: _Draw, result: AuditResult) -> charts.Chart:
    """A chart that cannot be drawn must not cost the reader the page."""
    try:
        return draw(result)
    except (ImportError, ValueError) as error:
        return charts.Chart("A chart is missing", f"It could not be drawn: {words.shorten(str(error), 200)}.")


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
        "observed": numbers.observed_words,
        "limit": numbers.limit_words,
        "fails": numbers.fail_words,
        "margin": numbers.margin_words,
        "figure": numbers.figure,
        "glossed": glossary.glossed,
        "anchor": glossary.anchor,
        "plural": words.plural,
        "shorten": words.shorten,
        "sentence": words.sentence,
        "one_line": words.one_line,
        "svg": Markup,
        "seen": view.seen,
        "outcome_reason": view.outcome_reason,
    }
    environment.globals |= {"words": words, "view": view, "sureness": facts.sureness, "glossary": glossary.GLOSSARY}
    return environment


def _finalize(value: object) -> object:
    """Strip what escaping leaves in, such as direction marks; keep a figure and its % on one line."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return _PERCENT.sub(f"{numbers.NBSP}%", words.clean(value))
