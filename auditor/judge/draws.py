"""Everything that is uncertain, drawn together: how right each way is, what age and wrong labels cost it, prices.

An ensemble stands for the joint distribution. What is measured (a prompt's answers, a trained model's, a fresh sheet)
updates it as in the ensemble Kalman filter (Evensen 1994): the members move by their covariance with what was observed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from auditor.interval import Z_90, kept
from auditor.judge.published import LOSS_SEEN
from auditor.model import Way
from auditor.prices import PRICES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.judge.published import Law
    from auditor.model import Answers, Facts, Fresh, LabelFacts, Share, Tried

    Values = NDArray[np.float64]

DRAWS = 4000
LEAST, MOST = 0.01, 0.995
# Annotators who share their mistakes: one export in five has some, up to a fifth of its labels (house rule, 2026;
# NoisyAG-News: 19.75 %), and a model that learns them loses so much per label (NoisyAG-News: 5.3 of 19.6 points).
SHARED_IN, SHARED_MOST, SHARED_COST = 0.2, 0.2, 0.27
# What the neighbours' vote loses to mistakes at random, and to those with a place, of what a linear classifier loses
# (readiness benchmark, tuning sources); a prompt reads the same examples and loses between none and all of it.
VOTE_AT_RANDOM, VOTE_PLACED = 0.33, 0.9
# A repair that reads the doubtful rows finds so many of the mistakes at random (ADR 16).
FOUND = 0.95
# Without dates: the loss at once and by month that exports with dates show (readiness benchmark, tuning sources).
UNDATED_AT_ONCE, UNDATED_A_MONTH = 0.02, 0.001
# Of the loss that the past shows so much comes back in the months after; it misses by so much of itself, and by so much
# of the volume of classes that came or went (readiness benchmark, tuning sources, Student's t; ADR 14).
COMES_BACK, OF_LOSS, OF_CHURN = 0.6, 0.7, 0.4
# Encoders of base size, as the published ones are, have so many weights (DistilBERT: 66 million). How far one is ahead
# of a smaller one on the same rows, mean and standard deviation: BERT and MiniLM of 22 million on the six tasks of GLUE
# that are scored by right answers (Mukherjee et al. 2021, arXiv 2106.04563), the spread doubled as other texts are.
BASE_SIZE, LARGER_AHEAD, LARGER_SPREAD = 60e6, 0.010, 0.016
# What the gain at a trial's rows, extended by the root of the errors, misses of the gain at more rows (ADR 18).
EXTENDED = 0.015
# Prices lie within a factor of two: 90 % of a log-normal.
FACTOR = float(np.log(2) / Z_90)


@dataclass(frozen=True)
class Laws:
    """What published results say: of the errors that fine-tuning removes, and how far it is ahead of a prompt."""

    lift: Law
    gap: Law


@dataclass(frozen=True)
class Draws:
    """``given`` by way (n,): right today, on the labels as they are. ``true``: on true labels, before age. ``repair``:
    what reading the listed rows adds to that. ``at_once`` and ``a_month``: what a trained model loses by age;
    ``prompt_loss``: what change costs a prompt. ``price``: every price. ``wrong``: the share of wrong labels,
    ``at_random``: those of them that can be seen.
    ``after``: what an ordinary classifier is right on once the listed rows are read, by the labels of then (n,).
    ``apart``: how far the ordinary classifier that a team chooses is ahead of the one that is measured (n,).
    """

    given: Mapping[Way, Values]
    true: Mapping[Way, Values]
    repair: Mapping[Way, Values]
    at_once: Values
    a_month: Values
    prompt_loss: Values
    price: Mapping[str, Values]
    wrong: Values
    at_random: Values
    after: Values
    apart: Values

    def aged(self, way: Way, cadence: float) -> Values:
        """On true labels, averaged over the age that a model reaches in ``cadence`` months (n,)."""
        loss = self.prompt_loss if way is Way.PROMPT else self.at_once + self.a_month * cadence / 2
        return np.clip(self.true[way] - loss, LEAST, MOST)

    def on_sheet(self, way: Way) -> Values:
        """On recent records labelled afresh, by a model of today (n,)."""
        return self.aged(way, 0.0)


def right_on_truth(facts: Facts) -> float:
    """What an ordinary classifier gets on true labels, as far as mistakes at random hide it: published lifts are of
    sound labels.
    """
    return min(facts.ordinary.value / (1 - facts.labels.at_random.value), MOST)


def draw(facts: Facts, laws: Laws, given_prices: Mapping[str, float], seed: int, n: int = DRAWS) -> Draws:
    """The ensemble, with all that was measured."""
    rng = np.random.default_rng([seed, 22])
    most = min(MOST, facts.ceiling)
    chosen = rng.normal(facts.ordinary.value, np.hypot(facts.ordinary.error, facts.choice), n)
    ordinary = chosen.clip(LEAST, most)
    at_random, shared = _wrong(facts.labels, rng, n)
    cost = rng.normal(facts.labels.cost.value, facts.labels.cost.error, n).clip(0)
    placed = rng.normal(facts.labels.placed.value, facts.labels.placed.error, n).clip(0)

    def on_truth(right: Values) -> Values:
        return np.asarray((right / (1 - at_random) - SHARED_COST * shared).clip(LEAST, MOST))

    true_ordinary = on_truth(ordinary)
    # No model removes the errors that wrong labels only seem to be.
    gain = laws.lift.draw(rng, n) * (1 - true_ordinary)
    tuned = (ordinary + gain * (1 - at_random)).clip(LEAST, most)
    true_tuned = (true_ordinary + gain).clip(LEAST, MOST)
    of_examples = rng.random(n) * (VOTE_AT_RANDOM * cost + VOTE_PLACED * placed)
    clean = true_tuned + cost + placed + SHARED_COST * shared
    true_prompt = (clean - laws.gap.draw(rng, n) - of_examples).clip(LEAST, MOST)
    # Published sets hold shared mistakes too: only more than usual of them tells a prompt's figure from theirs.
    prompt = (true_prompt * (1 - at_random) - (shared - SHARED_IN * SHARED_MOST / 2)).clip(LEAST, most)
    at_once, a_month, prompt_loss = _ageing(facts, rng, n)
    true = {Way.PROMPT: true_prompt, Way.ORDINARY: true_ordinary, Way.FINE_TUNED: true_tuned}
    mended = FOUND * cost + placed
    drawn = Draws(
        {Way.PROMPT: prompt, Way.ORDINARY: ordinary, Way.FINE_TUNED: tuned},
        true,
        _mended({Way.PROMPT: FOUND * of_examples, Way.ORDINARY: mended, Way.FINE_TUNED: mended}, true),
        at_once,
        a_month,
        prompt_loss,
        _prices(given_prices, rng, n),
        at_random + shared,
        at_random,
        _after(facts, at_random, mended, seed),
        _apart(facts, chosen, seed),
    )
    if facts.trained is not None:
        if facts.trial:
            drawn = _tried(drawn, facts.trained, facts.trial, rng)
        else:
            drawn = _answered(drawn, Way.FINE_TUNED, facts.trained, rng)
    if facts.fresh is not None:
        drawn = _labelled_afresh(drawn, facts.fresh, facts.trial, rng)
    return drawn


def _apart(facts: Facts, chosen: Values, seed: int) -> Values:
    """The part of what a team's classifier gets right that is its choice: no answers of the measured one tell of it."""
    whole = facts.ordinary.error**2 + facts.choice**2
    part = facts.choice**2 / whole if whole else 0.0
    spread = facts.choice * np.sqrt(1 - part)
    drawn = np.random.default_rng([seed, 25]).normal(0, spread, len(chosen))
    return np.asarray(part * (chosen - facts.ordinary.value) + drawn)


def _after(facts: Facts, at_random: Values, mended: Values, seed: int) -> Values:
    """The classifier that is measured today, measured again: how far others are from it stays what it is."""
    rng = np.random.default_rng([seed, 24])
    right = rng.normal(facts.ordinary.value, facts.ordinary.error, len(mended))
    true = (right / (1 - at_random) + mended).clip(LEAST, MOST)
    return np.asarray(true * (1 - (1 - FOUND) * at_random))


def with_prompt(drawn: Draws, answers: Answers, seed: int) -> Draws:
    """The ensemble after a prompted model's answers, judged by the labels as given."""
    return _answered(drawn, Way.PROMPT, answers, np.random.default_rng([seed, 23]))


def with_floor(drawn: Draws, answers: Answers) -> Draws:
    """The ensemble where a weak model was measured: a stronger one is as expected, and no worse than that."""
    short = np.maximum(answers.right.value - drawn.given[Way.PROMPT], 0)
    return replace(
        drawn,
        given={**drawn.given, Way.PROMPT: drawn.given[Way.PROMPT] + short},
        true={**drawn.true, Way.PROMPT: (drawn.true[Way.PROMPT] + short).clip(LEAST, MOST)},
    )


def _mended(repair: Mapping[Way, Values], true: Mapping[Way, Values]) -> dict[Way, Values]:
    """No repair puts more answers right than are wrong."""
    return {way: members.clip(0, 1 - true[way]) for way, members in repair.items()}


def _wrong(labels: LabelFacts, rng: np.random.Generator, n: int) -> tuple[Values, Values]:
    """The shares of labels that are wrong at random, and by mistakes that annotators share."""
    at_random = rng.normal(labels.at_random.value, labels.at_random.error, n).clip(0, 0.9)
    if labels.reviewed is not None:
        return at_random, (rng.normal(labels.reviewed.value, labels.reviewed.error, n) - at_random).clip(0, 0.9)
    shared = rng.uniform(0, SHARED_MOST, n) * (rng.random(n) < SHARED_IN)
    return at_random, shared


def _ageing(facts: Facts, rng: np.random.Generator, n: int) -> tuple[Values, Values, Values]:
    """A prompt loses between none and all of what change takes from a trained model at once (its examples are filed by
    the same people), and gains as much where records get easier.
    """
    at_once, a_month = _age(facts, rng, n)
    return at_once, a_month, np.where(at_once > 0, rng.random(n) * at_once, at_once)


def _age(facts: Facts, rng: np.random.Generator, n: int) -> tuple[Values, Values]:
    age = facts.ageing
    if age is None:
        return rng.exponential(UNDATED_AT_ONCE, n), rng.exponential(UNDATED_A_MONTH, n)
    churned = sum(each.share for each in facts.by_class if each.churned)
    unforeseen = (OF_LOSS * age.at_once) ** 2 + (OF_CHURN * churned) ** 2
    covariance = [[age.at_once_variance + unforeseen, age.covariance], [age.covariance, age.a_month_variance]]
    means = [COMES_BACK * age.at_once, age.a_month * kept(age.a_month, age.a_month_variance)]
    drawn = rng.multivariate_normal(means, covariance, n, check_valid="ignore")
    return drawn[:, 0], drawn[:, 1]


def _prices(given: Mapping[str, float], rng: np.random.Generator, n: int) -> dict[str, Values]:
    factors = {key: np.exp(rng.normal(0, FACTOR, n)) for key in PRICES}
    return {
        key: np.full(n, given[key]) if key in given else price.value * factors[key] for key, price in PRICES.items()
    }


def _answered(drawn: Draws, way: Way, answers: Answers, rng: np.random.Generator) -> Draws:
    """By a system's own answers: how right they are, and how far behind the ordinary classifier on the same rows."""
    measured = drawn.given[Way.ORDINARY] - drawn.apart
    seen = [
        (drawn.given[way], answers.right.value, answers.right.error),
        (measured - drawn.given[way], answers.behind.value, answers.behind.error),
    ]
    if answers.ordinary_error is None:
        return _observed(drawn, seen, rng)
    right, behind = answers.right.error**2, answers.behind.error**2
    both = _shared(answers.ordinary_error, answers.right, answers.behind) - right
    return _observed(drawn, seen, rng, np.array([[right, both], [both, behind]]))


def _tried(drawn: Draws, answers: Answers, trial: Tried, rng: np.random.Generator) -> Draws:
    """By a trial, on the labels as given."""
    return _observed(drawn, [_gain(drawn.given, answers.right, answers.behind, trial)], rng)


def _gain(right: Mapping[Way, Values], tuned: Share, behind: Share, trial: Tried) -> tuple[Values, float, float]:
    """What a trial's encoder gained over the ordinary classifier of the same few rows, against what ``right`` has it.

    Gains go with the root of that classifier's errors, as the published ones do, and so shrink with rows. A team keeps
    the classifier where the loss is seen.
    """
    ordinary = right[Way.ORDINARY]
    few = min(tuned.value + behind.value, MOST)
    gain = (right[Way.FINE_TUNED] - ordinary) * np.sqrt((1 - few) / (1 - ordinary))
    ahead, spread = (0.0, 0.0) if trial.weights >= BASE_SIZE else (LARGER_AHEAD, LARGER_SPREAD)
    return gain, ahead + max(-behind.value, -LOSS_SEEN), float(np.sqrt(behind.error**2 + spread**2 + EXTENDED**2))


def _labelled_afresh(drawn: Draws, fresh: Fresh, trial: Tried | None, rng: np.random.Generator) -> Draws:
    ordinary, tuned = drawn.on_sheet(Way.ORDINARY), drawn.on_sheet(Way.FINE_TUNED)
    measured = ordinary - drawn.apart
    seen = [(measured, fresh.ordinary.value, fresh.ordinary.error)]
    asked = []
    if fresh.prompt is not None and fresh.behind is not None:
        seen.append((measured - drawn.on_sheet(Way.PROMPT), fresh.behind.value, fresh.behind.error))
        asked.append((fresh.prompt, fresh.behind, (fresh.prompt_rows or fresh.rows) / fresh.rows))
    if fresh.trained is not None and fresh.trained_behind is not None:
        if trial:
            right = {Way.ORDINARY: ordinary, Way.FINE_TUNED: tuned}
            seen.append(_gain(right, fresh.trained, fresh.trained_behind, trial))
        else:
            seen.append((measured - tuned, fresh.trained_behind.value, fresh.trained_behind.error))
            asked.append((fresh.trained, fresh.trained_behind, (fresh.trained_rows or fresh.rows) / fresh.rows))
    return _observed(drawn, seen, rng, _together(fresh.ordinary, asked))


def _together(ordinary: Share, asked: list[tuple[Share, Share, float]]) -> Values:
    """The covariance (1 + m, 1 + m) of the errors of the ordinary classifier and of what m others lack to it, of the
    same records: from the errors of the ``asked``, alone and beside it, and the part of the records that each answered.
    How two others go together nobody measured: as each does with the ordinary one.
    """
    own = ordinary.error**2
    shared = np.array([_shared(ordinary.error, *each) for each in asked])
    found = np.diag([own, *(behind.error**2 for _, behind, _ in asked)])
    found[0, 1:] = found[1:, 0] = own - shared
    for one in range(len(asked)):
        for other in range(one):
            found[one + 1, other + 1] = found[other + 1, one + 1] = own - (shared[one] + shared[other]) / 2
    return found


def _shared(ordinary: float, right: Share, behind: Share, part: float = 1.0) -> float:
    """The covariance of the errors of the ordinary classifier and of another that answered a ``part`` of its records,
    by the errors of both alone and of what the other lacks to it.
    """
    return (ordinary**2 + part * (right.error**2 - behind.error**2)) / 2


def _observed(
    drawn: Draws, seen: list[tuple[Values, float, float]], rng: np.random.Generator, together: Values | None = None
) -> Draws:
    """``seen`` are (what the members say (n,), what was observed, its standard error); the errors of the first go
    ``together`` so, others each by itself.
    """
    said = np.stack([members for members, _, _ in seen])
    errors = np.diag([error**2 for _, _, error in seen])
    if together is not None:
        errors[: len(together), : len(together)] = together
    # Estimates of variances need not fit together: what is drawn, and reckoned with, is the nearest that does.
    size, axes = np.linalg.eigh(errors)
    root = axes * np.sqrt(size.clip(0)) @ axes.T
    noise = root @ np.stack([rng.normal(0, 1, said.shape[1]) for _ in seen])
    short = np.array([[value] for _, value, _ in seen]) - said - noise
    gain = np.linalg.solve(np.atleast_2d(np.cov(said)) + root @ root, short)
    centred = said - said.mean(axis=1, keepdims=True)

    def moved(members: Values) -> Values:
        covariance = centred @ (members - members.mean()) / (len(members) - 1)
        return np.asarray(members + covariance @ gain)

    def right(of: Mapping[Way, Values]) -> dict[Way, Values]:
        return {way: moved(members).clip(LEAST, MOST) for way, members in of.items()}

    given = right(drawn.given)
    # Who agrees with more labels than are right repeats wrong ones.
    true = {way: np.minimum(each, 2 - given[way] - drawn.at_random) for way, each in right(drawn.true).items()}
    return replace(
        drawn,
        given=given,
        true=true,
        repair=_mended({way: moved(members) for way, members in drawn.repair.items()}, true),
        at_once=moved(drawn.at_once),
        a_month=moved(drawn.a_month),
        prompt_loss=moved(drawn.prompt_loss),
        wrong=moved(drawn.wrong).clip(0, 0.95),
    )
