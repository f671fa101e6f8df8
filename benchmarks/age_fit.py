"""How much of the loss by age that an export shows comes back in the months after it, and how far that misses.

Fitted on the tuning sources of the readiness benchmark, scored on the others. Needs the lines of its ``outcomes`` and
``audits``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from auditor.judge.draws import COMES_BACK, OF_CHURN, OF_LOSS
from benchmarks.readiness.__main__ import cases
from benchmarks.readiness.regret import Case
from benchmarks.readiness.scenarios import TUNING, source_of
from benchmarks.results import save, table

# The mean age of the classifier that is trained again in the middle of six months.
MEAN_AGE = 1.5
# Some futures are like no past.
FREEDOM = 4.0


@dataclass(frozen=True)
class Series:
    """One value per scenario (s,): the loss that was ``seen``, its ``variance``, the share ``churned``; what a linear
    classifier and the vote with arriving labels then ``lost`` and ``voted`` less; which move, which are for tuning.
    """

    seen: np.ndarray
    variance: np.ndarray
    churned: np.ndarray
    lost: np.ndarray
    voted: np.ndarray
    moves: np.ndarray
    tuning: np.ndarray


def series_of(found: Sequence[Case]) -> Series:
    rows = []
    for case in found:
        age, line = case.facts.ageing, case.outcome
        if age is None:
            continue
        source = source_of(line["scenario"])
        rows.append((
            age.at_once + MEAN_AGE * age.a_month,
            age.at_once_variance,
            sum(each.share for each in case.facts.by_class if each.churned),
            line["linear_in_time_true"] - line["linear_retrained"],
            line["vote_in_time_true"] - line["vote"],
            line["moves"],
            source in TUNING,
        ))  # fmt: skip
    *losses, moves, tuning = np.array(rows, float).T
    seen, variance, churned, lost, voted = losses
    return Series(seen, variance, churned, lost, voted, moves > 0, tuning > 0)


def misses(law: np.ndarray, series: Series) -> np.ndarray:
    """Negative log-likelihood (s,), but for a constant, of Student's t: comes back, of the loss, of the churn."""
    back, of_loss, of_churn = law
    scale = series.variance + (of_loss * series.seen) ** 2 + (of_churn * series.churned) ** 2
    short = (series.lost - back * series.seen) ** 2 / scale
    return np.asarray(np.log(scale) / 2 + (FREEDOM + 1) / 2 * np.log1p(short / FREEDOM))


def main() -> None:
    """Writes the table."""
    series = series_of(cases(re.compile("")))
    fitted = minimize(lambda law: misses(law, series)[series.tuning].sum(), (0.6, 0.5, 0.3), method="Nelder-Mead").x
    laws = {
        "fitted": np.array([fitted[0], abs(fitted[1]), abs(fitted[2])]),
        "as in the judge": np.array([COMES_BACK, OF_LOSS, OF_CHURN]),
        "all comes back, surely": np.array([1.0, 0.0, 0.0]),
        "nothing comes back, surely": np.array([0.0, 0.0, 0.0]),
    }
    scores = [
        [name, *map(float, law), *(float(misses(law, series)[part].mean()) for part in (series.tuning, ~series.tuning))]
        for name, law in laws.items()
    ]
    losses = [
        [
            f"{'tuning' if tuning else 'testing'}, {'moving' if moving else 'still'} ({part.sum()})",
            *(f"{100 * float(each[part].mean()):.1f}" for each in (series.seen, series.lost, series.voted)),
            f"{np.corrcoef(series.lost[part], series.voted[part])[0, 1]:.2f}",
            f"{100 * float(np.sqrt(((series.lost - series.seen)[part] ** 2).mean())):.1f}",
        ]
        for tuning in (True, False)
        for moving in (True, False)
        if (part := (series.tuning == tuning) & (series.moves == moving)).any()
    ]
    sections = [
        "Mean points lost: seen in the export, then by a linear classifier, by the vote; how those two correlate, and "
        "the root mean square of what came less what was seen.",
        table(["scenarios", "seen", "linear", "vote", "correlation", "missed by"], losses),
        "Mean negative log-likelihood (Student's t), lower is better.",
        table(["law", "comes back", "of the loss", "of the churn", "tuning", "testing"], scores),
    ]
    save("age_fit", "python -m benchmarks.age_fit", sections)


if __name__ == "__main__":
    main()
