"""What training and retrieval achieve on the hidden rows of a scenario, and the differences that the rule reads."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from time import process_time
from typing import Any

import numpy as np
from scipy.sparse import vstack

from benchmarks.readiness.classifiers import (
    CLASSIFIERS,
    SPACES,
    VOTERS,
    Features,
    affordable,
    features,
    retrieve,
    vote,
)
from benchmarks.readiness.rule import MATERIAL, Z_90, Difference, Measured
from benchmarks.readiness.scenarios import Built, Scenario

VALIDATION = 10
DOUBLED_BELOW = 5000
CLASS_ROWS = 50
CLASS_VOLUME = 0.02
EXACTLY_ZERO = Difference(0.0, 0.0, 0.0)


def measure(scenario: Scenario, built: Built) -> dict[str, Any]:
    """One line of the outcomes table: ``measured`` for the rule, the rest for the forecasts' errors."""
    started = process_time()
    doubles = len(built.train) <= DOUBLED_BELOW and len(built.more) >= 0.8 * len(built.train)
    frames = (built.train, built.more if doubles else built.more.head(0), built.arriving, built.hidden)
    every = np.unique(np.concatenate([frame[name].to_numpy() for frame in frames for name in ("given", "truth")]))
    given, truth = ([np.searchsorted(every, frame[name].to_numpy()) for frame in frames] for name in ("given", "truth"))
    train, more, arriving, hidden = _features([frame["text"].to_list() for frame in frames])
    held = np.random.default_rng(0).permutation(len(built.train)) % VALIDATION == 0
    fit, check = _take(train, ~held), _take(train, held)
    learned, asked = given[0][~held], given[0][held]

    models = {name: _train(name, fit, learned) for name in affordable(learned)}
    agreed = {name: float((_answer(model, check) == asked).mean()) for name, model in models.items()}
    chosen = max(agreed, key=agreed.__getitem__)
    trained = _answer(models[chosen], hidden) == truth[3]

    learned_truth = truth[0][~held]
    if (learned_truth == learned).all():
        label_cost = class_cost = EXACTLY_ZERO
    else:
        clean = _answer(_train(chosen, fit, learned_truth), hidden) == truth[3]
        label_cost, class_cost = _difference(clean, trained), _worst_class(clean, trained, truth[3])

    if doubles:
        larger = _train(chosen, _stack(fit, more), np.concatenate([learned, given[1]]))
        doubling = _difference(_answer(larger, hidden) == truth[3], trained)
    else:
        half = np.random.default_rng(1).random(len(learned)) < 0.5
        smaller = _train(chosen, _take(fit, half), learned[half])
        step = _difference(trained, _answer(smaller, hidden) == truth[3])
        doubling = Difference(step.value, 0.0, step.high)

    shown = built.train["time"].null_count() < len(built.train) and scenario.dated
    nearest = partial(_vote, n_classes=len(every))
    undated = np.array([], "datetime64[D]")
    none = _take(arriving, np.zeros(len(given[2]), bool))
    near_check = retrieve(fit, none, check, undated, [scenario.cut] * int(held.sum()))
    floor_check, space, k = nearest(near_check, learned, asked, None)
    entering = arriving if shown else none
    dates = built.arriving["time"].to_numpy() if shown else undated
    index_labels = np.concatenate([given[0], given[2] if shown else given[2][:0]])
    months = [day.replace(day=1) for day in built.hidden["time"].to_list()]
    found = retrieve(train, entering, hidden, dates, months)
    floor, _, _ = nearest(found, index_labels, truth[3], (space, k))
    ceiling = (index_labels[found[space][0]] == truth[3][:, None]).any(axis=1)

    routed = _routed(_answer(models[chosen], hidden), trained, floor)
    measured = Measured(
        label_cost,
        class_cost,
        doubling,
        _difference(trained, floor),
        _difference(routed, floor),
        _difference(routed, trained),
        shown,
    )
    return {
        "scenario": scenario.name,
        "half": scenario.half,
        "rows": len(built.train),
        "classes": len(np.unique(given[0])),
        "hidden_rows": len(built.hidden),
        "wrong_labels": float((given[0] != truth[0]).mean()),
        "chosen": chosen,
        "trained": float(trained.mean()),
        "retrieval": float(floor.mean()),
        "ceiling": float(ceiling.mean()),
        "space": space,
        "voters": k,
        "in_time_given": agreed[chosen],
        "in_time_true": float((_answer(models[chosen], check) == truth[0][held]).mean()),
        "in_time_retrieval": float(floor_check.mean()),
        "later_given": float((_answer(models[chosen], hidden) == given[3]).mean()),
        "measured": asdict(measured),
        "seconds": round(process_time() - started, 1),
    }


def restored(line: dict[str, Any]) -> Measured:
    """The measurements of a line."""
    parts = {
        name: Difference(**value) if isinstance(value, dict) else value for name, value in line["measured"].items()
    }
    return Measured(**parts)


def _features(texts: list[list[str]]) -> tuple[Features, ...]:
    """Features of each list; an empty one gets those of one row, cut to none."""
    found = features(*[part or texts[0][:1] for part in texts])
    return tuple(each if part else _take(each, np.zeros(1, bool)) for each, part in zip(found, texts, strict=True))


def _take(rows: Features, kept: np.ndarray) -> Features:
    return Features(rows.sparse[kept], rows.latent[kept], rows.words[kept], rows.embedded[kept])


def _stack(first: Features, other: Features) -> Features:
    return Features(
        vstack([first.sparse, other.sparse]).tocsr(),
        np.vstack([first.latent, other.latent]),
        vstack([first.words, other.words]).tocsr(),
        np.vstack([first.embedded, other.embedded]),
    )


def _train(name: str, rows: Features, codes: np.ndarray) -> tuple[Any, str]:
    build, view = CLASSIFIERS[name]
    return build(rows, codes), view


def _answer(model: tuple[Any, str], rows: Features) -> np.ndarray:
    return model[0].predict(getattr(rows, model[1]))


def _vote(
    found: dict[str, tuple[np.ndarray, np.ndarray]],
    labels: np.ndarray,
    wanted: np.ndarray,
    setting: tuple[str, int] | None,
    n_classes: int,
) -> tuple[np.ndarray, str, int]:
    """Whether the vote is right (q,), by ``setting``, a space and a number of voters, or by the best one."""
    settings = [setting] if setting else [(space, k) for space in SPACES for k in VOTERS]
    right = {
        (space, k): vote(labels[found[space][0]], found[space][1], k, n_classes) == wanted for space, k in settings
    }
    best = max(right, key=lambda each: right[each].mean())
    return right[best], *best


def _difference(ours: np.ndarray, theirs: np.ndarray) -> Difference:
    """Paired difference of two accuracies (q,) with its 90 % normal interval."""
    each = ours.astype(float) - theirs.astype(float)
    half = Z_90 * each.std(ddof=1) / np.sqrt(len(each))
    return Difference(float(each.mean()), float(each.mean() - half), float(each.mean() + half))


def _worst_class(clean: np.ndarray, trained: np.ndarray, truth: np.ndarray) -> Difference:
    counts = np.bincount(truth)
    large = np.flatnonzero((counts >= CLASS_ROWS) & (counts >= CLASS_VOLUME * len(truth)))
    costs = [_difference(clean[truth == code], trained[truth == code]) for code in large]
    return max(costs, key=lambda cost: cost.value, default=EXACTLY_ZERO)


def _routed(predicted: np.ndarray, trained: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """Right answers (q,) where the trained model keeps the predicted classes in which it beats retrieval on the
    other half of the rows.
    """
    half = np.arange(len(predicted)) % 2 == 0
    right = floor.copy()
    gain = trained.astype(float) - floor.astype(float)
    n = int(predicted.max()) + 1
    for chosen_on, used_on in ((half, ~half), (~half, half)):
        rows = np.bincount(predicted[chosen_on], minlength=n)
        mean = np.bincount(predicted[chosen_on], gain[chosen_on], minlength=n) / np.maximum(rows, 1)
        takes = used_on & ((rows > 0) & (mean >= MATERIAL))[predicted]
        right[takes] = trained[takes]
    return right
