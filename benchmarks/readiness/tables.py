"""The regret of every policy, and what is behind it, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.readiness.followed import ABLATIONS
from benchmarks.readiness.regret import AUDIT, ORACLE, TRIED, UNMEASURED, Played
from benchmarks.readiness.rivals import RIVALS
from benchmarks.readiness.studies import AS_PUBLISHED, TILTS
from benchmarks.readiness.worlds import CELLS, Cell, Kind
from benchmarks.results import table

ENGINEER = "sensible engineer"
RESAMPLES = 1000
MUCH, WORSE, LEAST_IN_BIN = 0.2, 0.02, 30
BINS = 5
SHORT = {
    "prompt_with_retrieval": "prompt",
    "measure first": "measure first",
    "ordinary_classifier": "ordinary",
    "fine_tune": "tune",
    "fine_tune_subset": "subset",
    "fix_data_first": "fix",
    "inconclusive": "inconclusive",
}


def sections(played: Sequence[Played]) -> list[str]:
    """All tables; those of ablations and other worlds where they were played."""
    aside = next(iter(ABLATIONS)) in played[0].regret
    return [
        "## Regret",
        _regrets(played),
        "Sum of regret over sum of stakes (best of the three ways less the worst), in per cent, per cell of volume and "
        "error cost; then the mean of the cells. In brackets the 90 % interval, scenarios drawn anew within sources. "
        "'Closed' is the share of the engineer's distance to the oracle.",
        *(["## Without a part of the audit", _ablations(played)] if aside else []),
        "## By cell",
        _cells(played),
        _alarms(played),
        "## By source",
        _sources(played),
        "## Yeses",
        _yeses(played),
        "## Stated and realised chance that training beats prompting",
        _calibration(played),
        "Each law is fitted without the study that its opponents are drawn from. With four studies, whose means add up "
        "to one sum, a law without a low one is high where its opponents are low, and the reverse, whatever the law "
        "does. What the audit adds shows where the four chances are averaged. In brackets the 90 % interval, and how "
        "many were said.",
        "## Headlines by cell",
        _headlines(played),
        "Per cent of scenarios and opponents. Above: what is said of the export alone; below, in brackets: after the "
        "steps. The oracle asks what an error costs where nobody says; it buys a sheet wherever that pays, "
        "and is said to measure first where training was best before.",
        "## Scenarios",
        _scenarios(played),
    ]


def ratio(played: Sequence[Played], policy: str, weight: Callable[[Played], float] = lambda _: 1.0) -> float:
    """The mean over cells of regret over stakes."""
    regret: Counter[Cell] = Counter()
    stake: Counter[Cell] = Counter()
    for each in played:
        regret[each.cell] += weight(each) * each.regret[policy]
        stake[each.cell] += weight(each) * each.stake
    return float(np.mean([regret[cell] / stake[cell] for cell in stake if stake[cell]]))


def _parts(played: Sequence[Played]) -> dict[str, list[Played]]:
    found = {str(kind): [each for each in played if kind in each.kinds] for kind in Kind}
    return {"all": list(played)} | {name: part for name, part in found.items() if part}


def _regrets(played: Sequence[Played]) -> str:
    parts = _parts(played)
    draws = {name: _resampled(part) for name, part in parts.items()}
    tried = [TRIED] * all(TRIED in each.regret for each in played)
    policies = [*RIVALS, UNMEASURED, AUDIT, *tried, ORACLE]
    rows = []
    for policy in policies:
        cells = []
        for name, part in parts.items():
            low, high = np.quantile(_drawn_ratios(part, policy, draws[name]), (0.05, 0.95))
            cells.append(f"{_percent(ratio(part, policy))} ({_percent(low)} to {_percent(high)})")
        rows.append([policy, *cells])
    closed = ["closed by the audit"]
    for name, part in parts.items():
        engineer, audit, oracle = (_drawn_ratios(part, each, draws[name]) for each in (ENGINEER, AUDIT, ORACLE))
        low, high = np.quantile((engineer - audit) / np.maximum(engineer - oracle, 1e-9), (0.05, 0.95))
        ours = (ratio(part, ENGINEER) - ratio(part, AUDIT)) / (ratio(part, ENGINEER) - ratio(part, ORACLE))
        closed.append(f"{ours:.0%} ({low:.0%} to {high:.0%})")
    counts = [len({each.scenario for each in part}) for part in parts.values()]
    header = ["policy", *(f"{name} ({count})" for name, count in zip(parts, counts, strict=True))]
    return table(header, [*rows, closed])


def _resampled(played: Sequence[Played]) -> np.ndarray:
    """How often each scenario is drawn (r, s), within its source."""
    source = {each.scenario: each.source for each in played}
    names = list(source)
    rng = np.random.default_rng(0)
    drawn = np.zeros((RESAMPLES, len(names)))
    for one in sorted(set(source.values())):
        places = np.array([place for place, name in enumerate(names) if source[name] == one])
        for resample in range(RESAMPLES):
            drawn[resample] += np.bincount(rng.choice(places, len(places)), minlength=len(names))
    return drawn


def _drawn_ratios(played: Sequence[Played], policy: str, drawn: np.ndarray) -> np.ndarray:
    place = {name: number for number, name in enumerate(dict.fromkeys(each.scenario for each in played))}
    regret, stake = np.zeros((len(place), len(CELLS))), np.zeros((len(place), len(CELLS)))
    for each in played:
        at = place[each.scenario], CELLS.index(each.cell)
        regret[at], stake[at] = each.regret[policy], each.stake
    used = stake.sum(axis=0) > 0
    return ((drawn @ regret)[:, used] / (drawn @ stake)[:, used]).mean(axis=1)


def _ablations(played: Sequence[Played]) -> str:
    whole = f"{AUDIT}, against as few"
    parts = _parts(played)
    rows = [[name, *(_percent(ratio(part, name)) for part in parts.values())] for name in (whole, *ABLATIONS)]
    return table(["policy", *parts], rows)


def _cells(played: Sequence[Played]) -> str:
    """Cells in which the audit loses much are marked."""
    policies = ["always prompt", ENGINEER, UNMEASURED, AUDIT, ORACLE]
    rows = []
    for cell in CELLS:
        part = [each for each in played if each.cell == cell]
        ratios = [ratio(part, policy) for policy in policies]
        stake = float(np.mean([each.stake for each in part]))
        marked = "more than 20 %" if ratios[3] > MUCH else ""
        rows.append([cell.name, f"${stake:,.0f}", *map(_percent, ratios), marked])
    return table(["records a month at error cost", "mean stake", *policies, ""], rows)


def _alarms(played: Sequence[Played]) -> str:
    """Cells, by kind of scenario, in which the audit loses much, or more than a prompt without a look."""
    found = []
    for name, part in _parts(played).items():
        for cell in CELLS:
            there = [each for each in part if each.cell == cell]
            ours, prompts = ratio(there, AUDIT), ratio(there, "always prompt")
            if ours > MUCH or ours > prompts + WORSE:
                found.append(f"{cell.name}, {name}: {_percent(ours)} (always prompt {_percent(prompts)})")
    return (
        "Losing more than 20 % of the stake, or 2 % more than always prompting: " + ("; ".join(found) or "none") + "."
    )


def _sources(played: Sequence[Played]) -> str:
    policies = ["always prompt", ENGINEER, AUDIT, ORACLE]
    rows = []
    for source in sorted({each.source for each in played}):
        part = [each for each in played if each.source == source]
        count = len({each.scenario for each in part})
        rows.append([f"{source} ({count})", *(_percent(ratio(part, policy)) for policy in policies)])
    return table(["source", *policies], rows)


def _yeses(played: Sequence[Played]) -> str:
    rows = []
    for name, part in _parts(played).items():
        over = np.array([each for one in part for each in one.over_prompt if each is not None])
        wrong, right = over[over < 0], over[over >= 0]
        share = f"{len(wrong) / len(over):.1%}" if len(over) else "-"
        lost = f"{-wrong.sum() / right.sum():.1%}" if len(right) else "-"
        decided = sum(len(one.over_prompt) for one in part)
        rows.append([name, decided, len(over), share, lost])
    header = ["scenarios", "decisions", "yeses", "lose against prompting", "what they lose, of what the others gain"]
    return table(header, rows)


def _calibration(played: Sequence[Played]) -> str:
    rows = []
    draws = _resampled(played)
    places = {name: place for place, name in enumerate(dict.fromkeys(each.scenario for each in played))}
    for name in (AS_PUBLISHED.name, *(tilt.name for tilt in TILTS)):
        for when in ("unmeasured", "measured"):
            stated = [(places[each.scenario], getattr(each, when).get(name)) for each in played]
            found = [(place, each) for place, each in stated if each is not None and len(each.came)]
            if not found:
                continue
            came = np.concatenate([each.came for _, each in found])
            scenario = np.concatenate([np.full(len(each.came), place) for place, each in found])
            averaged = np.concatenate([np.full(len(each.came), each.chance.mean()) for _, each in found])
            by_one_law = np.concatenate([each.chance for _, each in found])
            for over, chance in (("all four laws, averaged", averaged), ("each law by itself", by_one_law)):
                cells = []
                for low in np.arange(BINS) / BINS:
                    inside = (chance >= low) & ((chance < low + 1 / BINS) | (low + 1 / BINS >= 1))
                    enough = inside.sum() >= LEAST_IN_BIN
                    cells.append(_in_bin(chance[inside], came[inside], scenario[inside], draws) if enough else "-")
                rows.append([name, when, over, *cells])
    edges = [f"{low:.0%} to {low + 1 / BINS:.0%}" for low in np.arange(BINS) / BINS]
    return table(["prompts", "said", "by", *edges], rows)


def _in_bin(chance: np.ndarray, came: np.ndarray, scenario: np.ndarray, draws: np.ndarray) -> str:
    """What was stated, what came and how often; the interval is of what came, ``scenario`` (m,) drawn anew."""
    count = np.bincount(scenario, minlength=draws.shape[1])
    hits = np.bincount(scenario, weights=came, minlength=draws.shape[1])
    low, high = np.quantile((draws @ hits) / np.maximum(draws @ count, 1), (0.05, 0.95))
    return f"{chance.mean():.0%} → {came.mean():.0%} ({low:.0%} to {high:.0%}; {len(came):,})"


def _headlines(played: Sequence[Played]) -> str:
    rows = []
    for cell in CELLS:
        part = [each for each in played if each.cell == cell]
        for who, first, last in (("audit", "first", "last"), ("oracle", "oracle_first", "oracle_last")):
            before, after = (Counter(name for each in part for name in getattr(each, side)) for side in (first, last))
            total = max(before.total(), 1)
            cells = [
                f"{100 * before[name] / total:.0f} ({100 * after[name] / total:.0f})"
                if before[name] or after[name]
                else ""
                for name in SHORT
            ]
            rows.append([cell.name, who, *cells])
    return table(["records a month at error cost", "who", *SHORT.values()], rows)


def _scenarios(played: Sequence[Played]) -> str:
    """Mean over cells of regret over the mean stake, and what the audit says at 30,000 a month and $1."""
    rows = []
    for name in dict.fromkeys(each.scenario for each in played):
        part = [each for each in played if each.scenario == name]
        shown = next(each for each in part if each.cell == Cell(30_000, 1))
        first, last = Counter(shown.first), Counter(shown.last)
        told = f"{SHORT[first.most_common(1)[0][0]]}, then {_listed(last)}"
        best = _listed(Counter(shown.oracle_last))
        policies = ("always prompt", ENGINEER, AUDIT, ORACLE)
        rows.append([name, *(_percent(ratio(part, policy)) for policy in policies), told, best])
    header = ["scenario", "prompt", "engineer", "audit", "oracle", "said at 30,000 and $1", "oracle there"]
    return table(header, rows)


def _listed(found: Counter[str]) -> str:
    return ", ".join(f"{SHORT[name]} {count}" for name, count in found.most_common())


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"
