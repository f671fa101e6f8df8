"""What would change the verdict: one action per limit that is not met, with its computed size."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf

from auditor.model import Action, CheckOutcome, Criterion, Gate, GateId, GateStatus, measurements

COUNTED: Mapping[str, str] = {
    "label_noise_rate": "Have the flagged records judged again, most suspicious first.",
    "reviewed_noise_rate": "Have the flagged records judged again, most suspicious first.",
    "conflict_rate": "Decide each group of equal texts once.",
    "reviewed_repeated_rate": "Relabel the records whose mistake a model would repeat.",
    "repeated_systematic_share": "Relabel the records whose habit a model would repeat.",
    "systematic_share": "Relabel the records that one source files by its own habit.",
    "leaked_share": "Remove the codes that give the label away from the text.",
    "churned_volume_share": "Map renamed and merged classes to their new names.",
    "personal_data_share": "Mask personal data in the text.",
}
OTHER: Mapping[str, str] = {
    "unique_rows": "Collect more different records.",
    "covered_volume_share": "Collect examples for the small classes, or merge them.",
    "doubling_gain": "Label more records before training.",
    "confused_share": "Write down what tells the two classes apart and relabel their records, or merge them.",
    "starved_volume_share": "Merge or redefine the classes that a model misses.",
    "decay_at_horizon": "Wait until the taxonomy has settled, or plan to retrain within the horizon.",
    "gain_in_time": "Retrain more often, or let retrieval follow the taxonomy.",
    "routing_adds": "Train on the classes that stay as they are, and let retrieval answer for the others.",
    "probability_training_pays": "Measure a prompted model on records labelled afresh.",
    "unanswered_questions": "Answer the open questions under [governance] in audit.toml.",
}
# House assumptions (2026): half a minute to judge one record; days of one person for work that is done once.
JUDGED = frozenset(
    {
        "label_noise_rate",
        "reviewed_noise_rate",
        "reviewed_repeated_rate",
        "conflict_rate",
        "repeated_systematic_share",
        "systematic_share",
    }
)
RECORDS_AN_HOUR = 120
HOURS: Mapping[str, float] = {
    "leaked_share": 8,
    "churned_volume_share": 8,
    "personal_data_share": 16,
    "confused_share": 16,
    "starved_volume_share": 16,
    "probability_training_pays": 8,
    "unanswered_questions": 8,
}
HOURS_TO_NAME_A_COLUMN = 1

TO_KNOW: Mapping[GateId, str] = {
    GateId.STABILITY: "Name the column with the date of each record (--time).",
    GateId.PATTERNS: "Name the columns that say where a record comes from (--segment, --annotator).",
}


def actions_for(
    gates: tuple[Gate, ...], outcomes: tuple[CheckOutcome, ...], roles: Collection[str] = ()
) -> tuple[Action, ...]:
    """One action per missed limit and one per gate that lacks a column; ``roles`` have one.

    First what a gate fails on, then what it does not know, then what it is cautious of; within each the least work
    first, and last the steps whose work nobody can tell.
    """
    measured = measurements(outcomes)
    rows = int(measured.get("rows", 0))
    actions: list[tuple[GateStatus, Action]] = []
    for gate in gates:
        open_criteria = [c for c in gate.criteria if c.status is not GateStatus.PASS]
        lacks = gate.id in TO_KNOW and not (gate.id is GateId.STABILITY and "time" in roles)
        if lacks and any(c.observed is None for c in open_criteria):
            named = Action(TO_KNOW[gate.id], gate.id, None, "makes the gate known", HOURS_TO_NAME_A_COLUMN)
            actions.append((GateStatus.UNKNOWN, named))
        actions += [(c.status, _action(c, gate.id, rows)) for c in open_criteria if c.observed is not None]
    order = (GateStatus.FAIL, GateStatus.UNKNOWN, GateStatus.CAUTION)
    ranked = sorted(actions, key=lambda pair: (order.index(pair[0]), inf if pair[1].hours is None else pair[1].hours))
    return tuple(action for _, action in ranked)


def _action(criterion: Criterion, gate: GateId, rows: int) -> Action:
    """Shares of records are turned into the count that lies between the observed share and the limit."""
    margin = abs(criterion.margin or 0)
    now, limit = figure(criterion.observed, criterion.unit), figure(criterion.pass_limit, criterion.unit)
    if criterion.measurement in COUNTED:
        needed = round(margin * rows)
        effect = f"{criterion.label}: from {now} to the limit of {limit} after {needed:,} records"
        return Action(COUNTED[criterion.measurement], gate, needed, effect, _hours(criterion.measurement, needed))
    effect = f"{criterion.label}: {now} now, {limit} to pass"
    return Action(OTHER[criterion.measurement], gate, None, effect, _hours(criterion.measurement, None))


def _hours(measurement: str, rows: int | None) -> float | None:
    if measurement in JUDGED and rows is not None:
        return hours_to_judge(rows)
    return HOURS.get(measurement)


def hours_to_judge(rows: int) -> float:
    """A person's hours for so many records, one at the least."""
    return max(1, round(rows / RECORDS_AN_HOUR))


def figure(value: float | None, unit: str) -> str:
    """A measurement in words."""
    if value is None:
        return "not known"
    match unit:
        case "share":
            return f"{_digits(100 * value)} %"
        case "points":
            return f"{_digits(100 * value)} points"
        case _:
            return f"{value:,.0f}"


def _digits(value: float) -> str:
    """Two digits below ten, else one behind the point where it says something: ``0.63``, ``8.2``, ``14.4``, ``5``."""
    return f"{value:.{2 if abs(value) < 10 else 3}g}"
