"""Decisions in money, worked out with a pencil: what each way nets follows from its accuracy and its cost alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.model import (
    TRAINED,
    Assumption,
    AtCost,
    CostRange,
    DecisionMap,
    Level,
    RepairValue,
    SheetWorth,
    TornadoBar,
    Valuation,
    Way,
    WayValue,
)

MONTHS = 24
COSTS = (0.05, 1.0, 10.0, 50.0)
GRID = [0.01 * 1.02**at for at in range(500)]

ASSUMPTIONS = (
    Assumption("monthly_volume", "Records", 30_000, "records a month", "measured on the export"),
    Assumption("error_cost", "A wrongly filed record", 1.0, "per record", "assumption of 2026-11"),
    Assumption("hourly_rate", "An engineer", 90.0, "per hour", "assumption of 2026-11"),
    Assumption("first_hours", "Work on the first training", 80.0, "hours", "assumption of 2026-11"),
    Assumption("input_price", "Prompted model, tokens sent", 2.5, "per million tokens", "set in audit.toml"),
)
MOVES = (
    TornadoBar("monthly_volume", "Records", -900.0, 23_000.0),
    TornadoBar("first_hours", "Work on the first training", 1_700.0, -100.0),
    TornadoBar("error_cost", "A wrongly filed record", -400.0, 4_100.0),
)


# Training pays where volume times the cost of an error is large enough, sooner beside a weak prompt.
VOLUMES, ERROR_COSTS, PAYS_FROM = (100.0, 1e3, 1e4, 1e5, 1e6), (0.1, 1.0, 10.0, 100.0), (300.0, 3_000.0, 200_000.0)


def decision_map(volume: float, error_cost: float) -> DecisionMap:
    def beaten(records: float, cost: float) -> int:
        return sum(records * cost >= least for least in PAYS_FROM)

    pays = tuple("".join(str(beaten(records, cost)) for records in VOLUMES) for cost in ERROR_COSTS)
    return DecisionMap(VOLUMES, ERROR_COSTS, pays, beaten(volume, error_cost))


def level(value: float, spread: float, rows: int | None = None) -> Level:
    return Level(value, round(value - spread, 4), round(min(value + spread, 1.0), 4), rows)


def way(kind: Way, today: Level | None, later: Level | None, cost: float, months: float | None = None) -> WayValue:
    """Its net is set by `valued`."""
    return WayValue(kind, today, later, cost, Level(0, 0, 0), 0.0, None, months)


def valued(
    ways: Sequence[WayValue],
    *,
    volume: float,
    pays: float,
    tuning: float,
    best: Mapping[Way, float],
    error_cost: float = 1.0,
    error_cost_set: bool = False,
    repair: RepairValue | None = None,
    subset: float | None = None,
    answer: Way | float = Way.PROMPT,
    sheets: Sequence[SheetWorth] = (),
    notes: Sequence[str] = (),
) -> Valuation:
    """The sum over ways whose accuracy and cost are known; ``answer`` is the way advised, or what it nets a month."""
    right = {each.way: each.later.value for each in ways if each.later}
    rows = tuple(_netted(each, volume, error_cost, best.get(each.way, 0.0), _ahead(each, right)) for each in ways)
    net = {each.way: each.net for each in rows}
    trained = max((Way.ORDINARY, Way.FINE_TUNED), key=lambda kind: net[kind].value)
    gain = net[trained].value - net[Way.PROMPT].value
    over = net[answer].value - net[Way.PROMPT].value if isinstance(answer, Way) else answer
    ahead = {each.way: each.later.value for each in ways if each.later}
    cost = {each.way: each.cost / MONTHS for each in ways}
    lead, dearer = ahead[trained] - ahead[Way.PROMPT], cost[trained] - cost[Way.PROMPT]
    return Valuation(
        months=MONTHS,
        monthly_volume=volume,
        volume_from="mean of the last 12 months",
        error_cost=error_cost,
        error_cost_set=error_cost_set,
        ways=rows,
        best=max(net, key=lambda kind: net[kind].value),
        net_a_month=Level(over, over - 4_000, over + 4_000) if over else Level(0, 0, 0),
        training_pays=pays,
        tuning_pays=tuning,
        break_even_volume=dearer / lead / error_cost if lead * dearer > 0 else None,
        break_even_error_cost=dearer / lead / volume if lead * dearer > 0 else None,
        break_even_months=7_200 / gain if gain > 0 else None,
        ranges=_ranges(ways, volume),
        at_costs=tuple(_at(ways, volume, price, pays) for price in COSTS),
        sheets=tuple(sheets),
        repair=repair,
        subset=subset,
        moves=MOVES,
        assumptions=ASSUMPTIONS,
        notes=tuple(notes),
        map=decision_map(volume, error_cost),
    )


def _ahead(each: WayValue, right: Mapping[Way, float]) -> float | None:
    """Surely, where it is expected to be right more or less often by two points."""
    if each.way not in TRAINED or Way.PROMPT not in right or each.way not in right:
        return None
    apart = right[each.way] - right[Way.PROMPT]
    return 0.5 if abs(apart) < 0.02 else 0.9 if apart > 0 else 0.1


def _net(each: WayValue, volume: float, price: float) -> float:
    return volume * (each.later.value if each.later else 0.0) * price - each.cost / MONTHS


def _netted(each: WayValue, volume: float, price: float, best: float, ahead: float | None) -> WayValue:
    later = each.later or Level(0, 0, 0)
    low, high = (volume * bound * price - each.cost / MONTHS for bound in (later.low, later.high))
    return WayValue(
        each.way,
        each.today,
        each.later,
        each.cost,
        Level(_net(each, volume, price), low, high),
        best,
        ahead,
        each.retrained_months,
    )


def _at(ways: Sequence[WayValue], volume: float, price: float, pays: float) -> AtCost:
    net = {each.way: _net(each, volume, price) for each in ways}
    return AtCost(price, max(net, key=lambda kind: net[kind]), net, pays)


def _ranges(ways: Sequence[WayValue], volume: float) -> tuple[CostRange, ...]:
    best = [max(ways, key=lambda each: _net(each, volume, price)).way for price in GRID]
    turns = [at for at in range(1, len(GRID)) if best[at] != best[at - 1]]
    starts = [0.0, *(GRID[at] for at in turns)]
    ends = [*(GRID[at] for at in turns), None]
    kinds = [best[0], *(best[at] for at in turns)]
    months = {each.way: each.retrained_months for each in ways}
    parts = zip(starts, ends, kinds, strict=True)
    return tuple(CostRange(low, high, kind, months.get(kind), None) for low, high, kind in parts)
