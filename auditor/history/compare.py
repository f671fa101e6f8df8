"""What got better or worse from one run to another, beyond what chance alone moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from auditor.history.noise import Level, level_of, new_rows_level, p_worse
from auditor.history.shares import Counts, by_column, lost_share
from auditor.model import SEGMENT_FROM, Change, GateId, GateStatus, MovedFigure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.history.record import Held, Record

# House rules (2026): what moves less is no reason to stop a pipeline; one false alarm in twenty, over all five figures.
MATERIAL = 0.02
FALSE_ALARMS = 0.05
# Of the older run's sampled records so many must stand in the newer export for it to hold the older one, and so many
# must have come for them to be compared.
HOLDS = 0.95
FEWEST_LOOKED_UP = 20
FEWEST_NEW = 100


@dataclass(frozen=True)
class GateMoved:
    """``fell``: it is worse, and a figure that brought it down moved beyond noise or is a count of what is there."""

    gate: GateId
    before: GateStatus
    after: GateStatus
    fell: bool
    figures: tuple[MovedFigure, ...]


@dataclass(frozen=True)
class Comparison:
    """``obstacles`` say why the two runs are no fair pair, one sentence each; ``new_rows`` how many records came where
    the newer export holds the older one, which the named figures are then about; ``named`` are the five figures.
    """

    before: Record
    after: Record
    obstacles: tuple[str, ...]
    new_rows: int | None
    gates: tuple[GateMoved, ...]
    named: tuple[MovedFigure, ...]

    @property
    def worse(self) -> bool:
        """Whether a fair pair shows a gate that fell, or a named figure that is worse."""
        return not self.obstacles and (
            any(gate.fell for gate in self.gates) or any(figure.change is Change.WORSE for figure in self.named)
        )


def compared(before: Record, after: Record) -> Comparison:
    """``after`` held against ``before``, gate by gate and by the five named figures."""
    came = new_rows(before, after)
    found = [_share(before, after, came, *each) for each in _SHARES]
    found += [
        _lost("lost_classes", {"": dict(before.classes)}, {"": dict(after.classes)}, before, after, came),
        _lost("lost_sources", by_column(before.sources), by_column(after.sources), before, after, came, SEGMENT_FROM),
    ]
    return Comparison(before, after, _obstacles(before, after), came, _gates(before, after), _named(found))


# Of the five named figures those that every run measures by itself: measurement, label, whether higher is better.
_SHARES = (
    ("label_noise_rate", "labels that look wrong", False),
    ("accuracy_given_labels", "records that an ordinary classifier files as labelled", True),
    ("near_duplicate_share", "records that repeat another one", False),
)


def new_rows(before: Record, after: Record) -> int | None:
    """How many records came, where the newer export holds the older one; None where it does not, or nobody knows."""
    ours, theirs = before.content.sample, after.content.sample
    if not ours or not theirs or before.content.fingerprint == after.content.fingerprint:
        return None
    # Beyond the last key of its sample nothing is known of the newer export.
    known = [key for key in ours if key <= theirs[-1] or len(theirs) < len(ours)]
    held = len(set(theirs).intersection(known))
    came = after.rows - before.rows
    if len(known) < FEWEST_LOOKED_UP or held < HOLDS * len(known) or came < FEWEST_NEW:
        return None
    return came


def _share(
    before: Record, after: Record, came: int | None, name: str, label: str, higher_is_better: bool
) -> tuple[MovedFigure, float | None]:
    old, new = level_of(before, name), level_of(after, name)
    if old is None or new is None:
        return _unknown(name, label, old, new), None
    if came is not None:
        new = new_rows_level(old, new, before.rows, after.rows)
    worse = (old.value - new.value) if higher_is_better else (new.value - old.value)
    change = Change.SAME if worse == 0 else Change.WITHIN
    p = p_worse(old, new, worse)
    return MovedFigure(name, label, old.value, new.value, "share", change), p


_LOST = {
    "lost_classes": "records of classes that lost more than half of their share",
    "lost_sources": "records of sources that lost more than half of their share",
}


def _lost(
    name: str, old: Counts, new: Counts, before: Record, after: Record, came: int | None, named_from: int = 0
) -> tuple[MovedFigure, float | None]:
    rows = after.rows
    if came is not None:
        rows = came
        new = {
            column: {value: count - old.get(column, {}).get(value, 0) for value, count in values.items()}
            for column, values in new.items()
        }
    lost = lost_share(old, new, before.rows, rows, named_from) if all(new.values()) else None
    if lost is None:
        return MovedFigure(name, _LOST[name], None, None, "share", Change.UNKNOWN), None
    change = Change.WITHIN if lost.value else Change.SAME
    return MovedFigure(name, _LOST[name], 0.0, lost.value, "share", change, lost.names), lost.p


def _unknown(name: str, label: str, old: Level | None, new: Level | None) -> MovedFigure:
    before, after = (level.value if level else None for level in (old, new))
    return MovedFigure(name, label, before, after, "share", Change.UNKNOWN)


def _named(found: Sequence[tuple[MovedFigure, float | None]]) -> tuple[MovedFigure, ...]:
    """Each figure with how it changed: worse, or better, by 2 points and beyond noise, 5 % over all (Holm 1979)."""
    tested = [(place, p) for place, (_, p) in enumerate(found) if p is not None]
    worse = set(_holm(tested))
    better = set(_holm([(place, 1 - p) for place, p in tested if found[place][0].change is not Change.SAME]))
    named = []
    for place, (moved, p) in enumerate(found):
        material = moved.before is not None and moved.after is not None and abs(moved.after - moved.before) >= MATERIAL
        change = moved.change
        if p is not None and material:
            change = Change.WORSE if place in worse else Change.BETTER if place in better else Change.WITHIN
        named.append(replace(moved, change=change))
    return tuple(named)


def _holm(tested: Sequence[tuple[int, float]]) -> list[int]:
    """The places of the hypotheses that fall at a family error of 5 % (Holm 1979)."""
    fallen = []
    for rank, (place, p) in enumerate(sorted(tested, key=lambda each: each[1])):
        if p > FALSE_ALARMS / (len(tested) - rank):
            break
        fallen.append(place)
    return fallen


_RANK = {GateStatus.PASS: 0, GateStatus.CAUTION: 1, GateStatus.FAIL: 2}


def _gates(before: Record, after: Record) -> tuple[GateMoved, ...]:
    older = {each.measurement: each for each in before.held}
    family = max(len(after.held), 1)
    moved = []
    for gate, status in after.gates.items():
        was = before.gates.get(gate, GateStatus.UNKNOWN)
        held = [each for each in after.held if each.gate is gate]
        figures = tuple(_held(older.get(each.measurement), each, before, after, family) for each in held)
        moved.append(GateMoved(gate, was, status, _fell(was, status, older, held, figures), figures))
    return tuple(moved)


def _fell(
    was: GateStatus, status: GateStatus, older: dict[str, Held], held: Sequence[Held], figures: Sequence[MovedFigure]
) -> bool:
    if was is GateStatus.UNKNOWN or was is status:
        return False
    if status is GateStatus.UNKNOWN:
        # A figure whose interval now holds its limit is no worse for it.
        return not any(each.status is GateStatus.UNKNOWN and each.observed is not None for each in held)
    if _RANK[status] < _RANK[was]:
        return False
    return any(
        figure.change is Change.WORSE
        and each.measurement in older
        and _worse_status(older[each.measurement].status, each.status)
        for each, figure in zip(held, figures, strict=True)
    )


def _worse_status(was: GateStatus, status: GateStatus) -> bool:
    return was in _RANK and status in _RANK and _RANK[status] > _RANK[was]


def _held(was: Held | None, now: Held, before: Record, after: Record, family: int) -> MovedFigure:
    observed = was.observed if was else None
    change = Change.UNKNOWN
    if observed is not None and now.observed is not None:
        up = now.observed - observed
        worse = -up if now.higher_is_better else up
        change = Change.SAME if worse == 0 else _beyond(now, worse, before, after, family)
    return MovedFigure(now.measurement, now.label, observed, now.observed, now.unit, change)


def _beyond(now: Held, worse: float, before: Record, after: Record, family: int) -> Change:
    """How a figure moved that is ``worse`` by so much; Bonferroni over the ``family`` of all figures of the gates."""
    direction = Change.WORSE if worse > 0 else Change.BETTER
    if now.unit == "count":
        # Counts of what is there: questions without an answer, different records.
        return direction
    old, new = level_of(before, now.measurement), level_of(after, now.measurement)
    if old is None or new is None:
        return Change.UNKNOWN
    z = NormalDist().inv_cdf(1 - FALSE_ALARMS / 2 / family)
    return direction if abs(worse) > z * sqrt(old.error**2 + new.error**2) else Change.WITHIN


def _obstacles(before: Record, after: Record) -> tuple[str, ...]:
    """Each thing but the records that differs between the runs."""
    found = []
    if before.tool_version != after.tool_version:
        found.append(
            f"The runs are of two versions of auditor ({before.tool_version} and {after.tool_version}), which may "
            "measure differently."
        )
    found += [
        f"The {name} {'differs' if name in _SINGULAR else 'differ'} between the runs."
        for name, value in after.settings.items()
        if value != before.settings[name]
    ]
    roles = sorted({*before.roles, *after.roles} & _OF_RECORDS)
    if other := [role for role in roles if before.roles.get(role) != after.roles.get(role)]:
        found.append(f"Other columns play a role: {', '.join(role.replace('_', ' ') for role in other)}.")
    return tuple(found)


_SINGULAR = ("slice of time", "horizon", "way of reading")
_OF_RECORDS = {"text", "label", "time", "label_time", "id", "group", "segment", "annotator"}
