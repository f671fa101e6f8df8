"""The laws fitted on published results, each against studies that it has not seen.

A study is left out with every row of its sets, also those of other studies. Scores are interval scores at 90 %
(Gneiting and Raftery 2007): the width, plus twenty times the distance of what lies outside. Lower is better.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from auditor.judge.published import (
    COVARIATES,
    POWER,
    SETS_PER_STUDY,
    Comparison,
    Gap,
    Law,
    fit_gaps,
    fit_lifts,
    gap_law,
    lift_law,
    published_gaps,
    published_lifts,
)
from benchmarks.results import save, table

TAIL = 0.05
TRIED = ("words", "rows", "classes", "linear")
RESAMPLES = 2000


@dataclass(frozen=True)
class Forecast:
    """One value with its interval, made without its study. ``weight`` is its share in the study's say."""

    study: str
    name: str
    value: float
    low: float
    high: float
    got: float
    weight: float

    @property
    def score(self) -> float:
        outside = max(self.low - self.got, 0.0) + max(self.got - self.high, 0.0)
        return self.high - self.low + outside / TAIL

    @property
    def holds(self) -> bool:
        return self.low <= self.got <= self.high


def lifts_left_out(covariates: tuple[str, ...] = COVARIATES, power: float = POWER) -> list[Forecast]:
    """Of the score that a team gets that keeps the better model where it can tell."""
    rows = published_lifts()
    out = []
    for study in dict.fromkeys(row.study for row in rows):
        left = [row for row in rows if row.study == study]
        names = {row.name for row in left}
        trend = fit_lifts([row for row in rows if row.name not in names and row.study != study], covariates, power)
        out += [_score_forecast(row, trend.law(row.linear, vars(row)), len(left)) for row in left]
    return out


def _score_forecast(row: Comparison, lift: Law, rows: int) -> Forecast:
    value, low, high = (
        min(row.linear + share * (1 - row.linear), 1.0)
        for share in (lift.mean, lift.quantile(TAIL), lift.quantile(1 - TAIL))
    )
    return Forecast(row.study, row.name, value, low, high, row.linear + row.gain, min(1.0, SETS_PER_STUDY / rows))


def gaps_left_out(known: Sequence[Gap], fit: Callable[[Sequence[Gap]], Law]) -> list[Forecast]:
    """Of every set of the verified studies, from the other studies in ``known``."""
    sets = defaultdict(list)
    for row in published_gaps():
        sets[row.study, row.name].append(row.share)
    out = []
    for (study, name), shares in sets.items():
        law = fit([row for row in known if row.study != study])
        weight = 1 / sum(other == study for other, _ in sets)
        low, high = law.quantile(TAIL), law.quantile(1 - TAIL)
        out.append(Forecast(study, name, law.mean, low, high, float(np.mean(shares)), weight))
    return out


def rows_alone(known: Sequence[Gap]) -> Law:
    """As if every row were a study of its own."""
    return fit_gaps([Gap(str(number), "", row.share) for number, row in enumerate(known)])


def sets_alone(known: Sequence[Gap]) -> Law:
    """As if every set were a study of its own."""
    return fit_gaps([Gap(f"{row.study} {row.name}", "", row.share) for row in known])


def scored(forecasts: Sequence[Forecast]) -> list[object]:
    """Interval score, coverage, width: weighted means, and the mean error."""
    weight = [one.weight for one in forecasts]
    columns = (
        [one.score for one in forecasts],
        [float(one.holds) for one in forecasts],
        [one.high - one.low for one in forecasts],
        [abs(one.got - one.value) for one in forecasts],
    )
    return [float(np.average(column, weights=weight)) for column in columns]


def better_in(ours: Sequence[Forecast], theirs: Sequence[Forecast]) -> float:
    """How often ``ours`` has the lower score when studies are drawn anew with replacement."""
    studies = sorted({one.study for one in ours})
    number = [studies.index(one.study) for one in ours]
    lower = np.bincount(number, [(b.score - a.score) * a.weight for a, b in zip(ours, theirs, strict=True)])
    drawn = np.random.default_rng(0).integers(0, len(studies), (RESAMPLES, len(studies)))
    return float((lower[drawn].sum(axis=1) > 0).mean())


def listed(forecasts: Sequence[Forecast]) -> str:
    return table(
        ["study", "set", "forecast", "90 % interval", "got", "got less forecast", "inside"],
        [
            [
                one.study,
                one.name,
                one.value,
                f"{one.low:.3f} to {one.high:.3f}",
                one.got,
                one.got - one.value,
                "yes" if one.holds else "no",
            ]
            for one in sorted(forecasts, key=lambda one: (one.study, one.name))
        ],
    )


def lift_sections() -> list[str]:
    ours = lifts_left_out()
    constant = lifts_left_out((), 0.0)
    plain = lifts_left_out(())
    rows = published_lifts()
    unseen = [_score_forecast(row, lift_law(row.linear, row.words), 1) for row in published_lifts(("no",))]
    shapes = {
        "constant interval": constant,
        "errors ** 0.25": lifts_left_out((), 0.25),
        "root": plain,
        "errors ** 0.75": lifts_left_out((), 0.75),
        "constant share of errors": lifts_left_out((), 1.0),
        "constant interval, log words": lifts_left_out(("words",), 0.0),
    }
    tried = {" and ".join(names): lifts_left_out(names) for size in (1, 2) for names in combinations(TRIED, size)}
    lines = [
        [name, *scored(made), _change(made, plain), better_in(made, constant), better_in(made, plain)]
        for name, made in {**shapes, **{f"root, log {name}": made for name, made in tried.items()}}.items()
    ]
    laws = [
        [linear, words, *_points(lift_law(linear, words), linear)]
        for linear in (0.6, 0.75, 0.9)
        for words in (12, 40, 150, 500, 2000)
    ]
    return [
        "## Lift: the score of a fine-tuned encoder",
        f"{len(rows)} rows, {len({row.name for row in rows})} sets, {len({row.study for row in rows})} studies. "
        "'Got' is the score of a team that keeps the better model where it can tell: an encoder more than 2 points "
        f"behind counts as the linear model. A study with more than {SETS_PER_STUDY} sets counts as {SETS_PER_STUDY}. "
        "'Constant interval': linear score plus the same gain and width everywhere. 'Constant share': the gain is the "
        "same share of the linear model's errors, of the same width. 'Root': gain and spread go with the root of those "
        "errors. Intervals end at a score of 1. "
        "'Change' is that of the score against 'root'; the last two columns say in what share of 2,000 redraws of the "
        "studies a line has the lower score. An effect of the linear score beyond the root is the covariate 'linear'.",
        table(
            ["law", "interval score", "coverage", "width", "mean error", "change", "beats constant", "beats root"],
            lines,
        ),
        f"**In use:** root, log {' and '.join(COVARIATES) or 'of nothing'}.",
        table(["linear score", "words a text", "mean gain, points", "90 % interval", "degrees of freedom"], laws),
        "### Studies left out",
        _held(ours),
        listed(ours),
        "### Rows that were not verified, used nowhere",
        _held(unseen),
        listed(unseen),
    ]


def gap_sections() -> list[str]:
    verified, every = published_gaps(), published_gaps(("yes", "no"))
    outside = {row.study for row in every} - {row.study for row in verified}
    more = [*verified, *(row for row in every if row.study in outside)]
    ours = gaps_left_out(verified, fit_gaps)
    law = gap_law()
    lines = [
        [name, law.mean, law.scale, law.freedom, *scored(made), better_in(made, ours)]
        for name, law, made in (
            ("rows as if independent (constant interval)", rows_alone(verified), gaps_left_out(verified, rows_alone)),
            ("sets as if independent", sets_alone(verified), gaps_left_out(verified, sets_alone)),
            ("studies, freedom by Satterthwaite (in use)", law, ours),
            ("studies, freedom of their number less one", student(verified), gaps_left_out(verified, student)),
            ("studies, with the unverified ones", fit_gaps(more), gaps_left_out(more, fit_gaps)),
        )
    ]
    return [
        "## Gap: a fine-tuned model less a model prompted with retrieved examples",
        f"{len(verified)} verified rows, {len(ours)} sets, {len({one.study for one in ours})} studies, as shares of "
        f"records; unverified studies: {', '.join(sorted(outside))}. Scored on the sets of verified studies, every "
        "study counting the same, so that the row with the unverified studies only learns from them. Left out one "
        "by one, four studies leave three to learn from.",
        table(
            [
                "law",
                "mean",
                "scale",
                "degrees of freedom",
                "interval score",
                "coverage",
                "width",
                "mean error",
                "beats the one in use",
            ],
            lines,
        ),
        f"**In use:** {100 * law.mean:+.1f} points, 90 % interval {100 * law.quantile(TAIL):+.1f} to "
        f"{100 * law.quantile(1 - TAIL):+.1f}.",
        "### Studies left out",
        _held(ours),
        listed(ours),
    ]


def _held(forecasts: Sequence[Forecast]) -> str:
    return f"{sum(one.holds for one in forecasts)} of {len(forecasts)} intervals hold what was got."


def student(known: Sequence[Gap]) -> Law:
    """The law with one degree of freedom less than studies, as if sets told nothing of the spread."""
    law = fit_gaps(known)
    return Law(law.mean, law.scale, len({row.study for row in known}) - 1)


def _points(lift: Law, linear: float) -> list[object]:
    mean, low, high = (
        100 * min(share, 1.0) * (1 - linear) for share in (lift.mean, lift.quantile(TAIL), lift.quantile(1 - TAIL))
    )
    return [f"{mean:+.1f}", f"{low:+.1f} to {high:+.1f}", f"{lift.freedom:.0f}"]


def _change(made: Sequence[Forecast], plain: Sequence[Forecast]) -> str:
    ours, theirs = (
        float(np.average([f.score for f in some], weights=[f.weight for f in some])) for some in (made, plain)
    )
    return f"{100 * (ours / theirs - 1):+.1f} %"


def main() -> None:
    """Measures, prints and saves the tables."""
    save("published_fits", "python -m benchmarks.published_fits", [*lift_sections(), *gap_sections()])


if __name__ == "__main__":
    main()
