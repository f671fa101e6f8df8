"""The first screen in words: the answer, why, the next step, and what would make it a yes. Every output says these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.governance import permitted
from auditor.model import TRAINING, Decision, GateId, Way
from reports import numbers, steps, text, view, why, words

if TYPE_CHECKING:
    from auditor.model import AuditResult, Gate, Level, Valuation, WayValue

MOST_WORDS = 119
MOST_NOTES = 3
NONE_EARNS = "At these figures no way earns its cost."
_SENTENCE = 110

# Next steps, as many as the words allow, and whether gates are named or only counted.
_FULLNESS = ((2, True), (1, True), (1, False))

_KEEP = "keep to today's handling"
_CHOSEN = {
    Decision.FINE_TUNE: Way.FINE_TUNED,
    Decision.ORDINARY_CLASSIFIER: Way.ORDINARY,
    Decision.PROMPT_WITH_RETRIEVAL: Way.PROMPT,
}


@dataclass(frozen=True)
class Line:
    """What stands under the answer, by its name: one sentence, or a list of them."""

    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class FirstScreen:
    """All sentences, and ``lines``: those for which the first screen has room."""

    answer: str
    why: str
    beside: tuple[str, ...]
    steps: tuple[str, ...]
    yes_if: str
    against: tuple[tuple[GateId, str], ...]
    conditions: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def words(self) -> int:
        """How many words somebody reads who reads nothing else."""
        texts = [self.answer, self.why, *self.beside]
        texts += [each for line in self.lines for each in (line.name, *line.texts)]
        return sum(len(each.split()) for each in texts)


@dataclass(frozen=True)
class WayLine:
    """One way in the table. A basis says whether the figure above it was measured."""

    name: str
    mark: str
    today: str
    today_basis: str
    later: str
    later_basis: str
    cost: str
    gain: str


def of(result: AuditResult) -> FirstScreen:
    """The first screen of a result."""
    verdict, valuation = result.verdict, why.weighed(result)
    keep_today = valuation is not None and why.today_is_best(valuation)
    says_yes = verdict.decision in TRAINING
    answers = verdict.decision is not Decision.INCONCLUSIVE
    chosen = _CHOSEN.get(verdict.decision)
    settled = chosen is not None and not verdict.measure_first
    return _fitted(
        FirstScreen(
            answer=_answer(result, keep_today=keep_today),
            why=why.sentence(result, Way.TODAY if keep_today and settled else chosen),
            beside=(*_beside(result, valuation, keep_today=keep_today and not settled), *by_settings(result)),
            steps=tuple(steps.sentence(step, result) for step in verdict.steps),
            yes_if=_yes_if(result) if answers and not says_yes else "",
            against=_against(result) if answers else (),
            conditions=tuple(steps.condition(each) for each in verdict.conditions) if says_yes else (),
            lines=(),
        )
    )


def table(valuation: Valuation) -> list[WayLine]:
    """What each way gets right and costs; which one nets most is said in words."""
    net = {each.way: each.net.value for each in valuation.ways}
    most = max(net, key=lambda way: net[way]) if net else None
    tuning = words.TUNING.get(valuation.tuning, "") if valuation.tuning else ""
    return [_way_line(each, most, net.get(Way.PROMPT), tuning) for each in valuation.ways]


def heads(valuation: Valuation) -> tuple[str, ...]:
    costs = f"Costs over {valuation.months} months"
    return ("", "Right today", "Right in use", costs, "A month, against prompting")


def _answer(result: AuditResult, *, keep_today: bool) -> str:
    verdict = result.verdict
    if verdict.measure_first:
        step = f": {steps.short(verdict.steps[0])}" if verdict.steps else ""
        return f"Measure first{step}; {_KEEP if keep_today else 'prompt'} meanwhile"
    if keep_today and verdict.decision in _CHOSEN:
        return "No way beats today's handling"
    return words.ANSWERS[verdict.decision]


def _beside(result: AuditResult, valuation: Valuation | None, *, keep_today: bool) -> tuple[str, ...]:
    """What no way beats, that none earns its cost, and the other error costs, where nobody stated one."""
    if valuation is None:
        return ()
    said = ["No way beats today's handling."] if keep_today else []
    if valuation.ways and max(each.net.value for each in valuation.ways) < 0:
        said.append(NONE_EARNS)
    if not valuation.error_cost_set and permitted(result.governance):
        said.append(ranges(valuation))
    return tuple(each for each in said if each)


def by_settings(result: AuditResult) -> tuple[str, ...]:
    """Which gates are another by their limits alone."""
    turned = [
        f"{words.GATES[gate.id]} ({words.STATUSES[gate.by_limits].lower()} by its limits)"
        for gate in result.gates
        if gate.by_limits
    ]
    return (f"The settings turn {words.joined(turned)}.",) if turned else ()


def ranges(valuation: Valuation) -> str:
    """``Under $0.40 an ordinary classifier, to $17 prompt, above fine-tune.``

    Of the ways as they are now: where a repair gives something back, it pays from some error cost on.
    """
    said = _by_cost(valuation)
    if said and valuation.repair is not None and valuation.repair.recovered > 0:
        said = f"without a repair, {said}"
    return f"{words.sentence(said)}." if said else ""


def _by_cost(valuation: Valuation) -> str:
    parts = valuation.ranges
    if len(parts) == 1:
        return f"at any error cost: {words.ADVICE[parts[0].way]}"
    now = {each.way: each.retrained_months for each in valuation.ways}
    said = []
    for at, part in enumerate(parts):
        advice = words.ADVICE[part.way]
        if part.retrained_months is not None and part.retrained_months < (now.get(part.way) or 0):
            advice += f" {numbers.every(part.retrained_months)}"
            if part.right is not None:
                advice += f" ({numbers.share(part.right)} right)"
        if part.high is None:
            said.append(f"above {advice}")
        else:
            said.append(f"{'to' if at else 'under'} {numbers.money(part.high)} {advice}")
    return ", ".join(said)


def _yes_if(result: AuditResult) -> str:
    """What would make it a yes, one figure at a time."""
    if not permitted(result.governance):
        return "leave to train on these records"
    turns = result.verdict.turns
    said, dearer = [], []
    if numbers.is_number(turns.prompt_below):
        said.append(f"a prompt under {numbers.limit(turns.prompt_below)} right on the same records")
    if numbers.is_number(turns.error_cost_above):
        dearer.append(f"over {numbers.money(turns.error_cost_above)} an error")
    if turns.volume_above is not None and numbers.is_number(turns.volume_above):
        dearer.append(f"over {numbers.about(turns.volume_above)} records a month")
    if dearer:
        first = "a prompt measured no better than expected, and " if turns.prompt_first else ""
        said.append(f"{first}{words.joined(dearer, 'or')}")
    return words.either(said)


def _against(result: AuditResult) -> tuple[tuple[GateId, str], ...]:
    gates = {gate.id: gate for gate in result.gates}
    return tuple((each, _speaks(gates[each])) for each in result.verdict.against if each in gates)


def _speaks(gate: Gate) -> str:
    """What a gate measured, in one sentence."""
    key = view.key_criterion(gate)
    said = words.shorten(text.measured(key) if key else text.summary(gate), _SENTENCE)
    return f"{said.rstrip('.')}." if said else ""


def _fitted(screen: FirstScreen) -> FirstScreen:
    """As full as the words allow."""
    for count, named in _FULLNESS:
        fitted = _with_lines(screen, count, named=named)
        if fitted.words <= MOST_WORDS:
            break
    return fitted


def _with_lines(screen: FirstScreen, count: int, *, named: bool) -> FirstScreen:
    lines = [Line("Next step" if at == 0 else "Then", (step,)) for at, step in enumerate(screen.steps[:count])]
    if screen.yes_if:
        lines.append(Line("A yes takes", (words.sentence(f"{screen.yes_if}."),)))
    if screen.conditions:
        lines.append(Line("Provided that", screen.conditions))
    against = [words.GATES[gate].lower() for gate, _ in screen.against]
    if against:
        said = words.joined(against) if named else words.plural(len(against), "gate")
        lines.append(Line("Not passed", (words.sentence(f"{said}."),)))
    return FirstScreen(
        screen.answer,
        screen.why,
        screen.beside,
        screen.steps,
        screen.yes_if,
        screen.against,
        screen.conditions,
        tuple(lines),
    )


def _way_line(each: WayValue, most: Way | None, prompting: float | None, tuning: str) -> WayLine:
    today, today_basis = _level(each.today, tuning)
    later, later_basis = _level(each.later, tuning)
    return WayLine(
        name=words.WAYS[each.way],
        mark="worth most" if each.way is most else "",
        today=today,
        today_basis=today_basis,
        later=later,
        later_basis=later_basis,
        cost=numbers.money(each.cost, whole=True),
        gain="–" if prompting is None or each.way is Way.PROMPT else numbers.better(each.net.value - prompting),
    )


def _level(level: Level | None, tuning: str) -> tuple[str, str]:
    """A share, and under it its interval and where it comes from; ``tuning`` is what to know of a trial's."""
    if level is None:
        return "–", ""
    value, interval = numbers.level_words(level)
    if not numbers.says_something(level.low, level.high, "share"):
        value = numbers.NOT_KNOWN
    source = "expected" if level.rows is None else f"measured on {words.plural(level.rows, 'row')}"
    if level.learnt is not None:
        source = f"measured on {words.plural(level.learnt, 'row')}, extended{tuning}"
    return value, f"{interval}, {source}" if interval else source
