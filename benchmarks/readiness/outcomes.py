"""What a linear classifier and the neighbours' vote achieve in a scenario, on true labels: regret rests on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np

from benchmarks.readiness.classifiers import SPACES, VOTERS, Features, features, linear, retrieve, vote
from benchmarks.readiness.scenarios import Built, Scenario

STRENGTHS = (0.1, 0.4, 1.5)
CHOSEN_ON = 8000
FOLDS = 8
SCORED = 1000
FEW_WRONG = 0.02


@dataclass(frozen=True)
class Parts:
    """A scenario in numbers. Codes of classes stand in the order of the given training labels, then others."""

    train: Features
    arriving: Features
    hidden: Features
    given: np.ndarray
    truth: np.ndarray
    arriving_given: np.ndarray
    arriving_time: np.ndarray
    hidden_truth: np.ndarray
    hidden_time: np.ndarray
    n_classes: int

    @property
    def folds(self) -> np.ndarray:
        return np.random.default_rng(0).permutation(len(self.given)) % FOLDS

    @property
    def scored_folds(self) -> range:
        return range(min(FOLDS, int(np.ceil(SCORED * FOLDS / len(self.given)))))


@dataclass(frozen=True)
class InTime:
    """Answers without age: ``linear`` and ``vote`` (q,) to training rows left out, and the settings that did best.
    ``found`` (q,): whether a row's own label is among those of the 20 that are retrieved for the vote.
    """

    linear: np.ndarray
    vote: np.ndarray
    found: np.ndarray
    strength: float
    voting: tuple[str, int]


def measure(scenario: Scenario, built: Built) -> dict[str, Any]:
    """One line of outcomes. Everything is right on true labels, but for what says given.

    ``*_clean`` learned the true labels. Classes by their code: hidden rows, right by linear, right by vote.
    """
    started = process_time()
    parts = parts_of(built)
    held = np.concatenate([np.flatnonzero(parts.folds == fold) for fold in parts.scored_folds])
    wanted = parts.truth[held]
    wrong = float((parts.given != parts.truth).mean())
    as_given = in_time(parts, parts.given)
    clean = in_time(parts, parts.truth, None if wrong > FEW_WRONG else as_given.strength) if wrong else as_given
    model = linear(parts.train, parts.given, as_given.strength)
    said = model.predict(parts.hidden.sparse)
    neighbours = _neighbours(parts)
    voted = neighbours(parts.given, as_given.voting)
    said_clean, voted_clean = said, voted
    if wrong:
        said_clean = linear(parts.train, parts.truth, clean.strength).predict(parts.hidden.sparse)
        voted_clean = neighbours(parts.truth, clean.voting)
    truth = parts.hidden_truth

    def by_class(right: np.ndarray) -> list[int]:
        return np.bincount(truth, right, parts.n_classes).astype(int).tolist()

    return {
        "scenario": scenario.name,
        "rows": len(built.train),
        "classes": len(np.unique(parts.given)),
        "hidden_rows": len(built.hidden),
        "in_time_rows": len(held),
        "wrong_labels": wrong,
        "moves": moves(scenario),
        "linear": _mean(said == truth),
        "linear_clean": _mean(said_clean == truth),
        "linear_retrained": _mean(_retrained(scenario, parts, as_given.strength, said) == truth),
        "vote": _mean(voted == truth),
        "vote_clean": _mean(voted_clean == truth),
        "linear_in_time_given": _mean(as_given.linear == parts.given[held]),
        "linear_in_time_true": _mean(as_given.linear == wanted),
        "linear_in_time_clean": _mean(clean.linear == wanted),
        "vote_in_time_true": _mean(as_given.vote == wanted),
        "vote_in_time_clean": _mean(clean.vote == wanted),
        "found_in_time_given": _mean(as_given.found),
        "by_class": [by_class(np.ones(len(truth))), by_class(said == truth), by_class(voted == truth)],
        "strengths": [as_given.strength, clean.strength],
        "voting": list(as_given.voting),
        "seconds": round(process_time() - started, 1),
    }


def repaired(scenario: Scenario, built: Built, listed: np.ndarray) -> dict[str, float] | None:
    """Hidden rows right once the ``listed`` training rows have their true labels; None where none of them changes."""
    given, truth = (built.train[name].to_numpy() for name in ("given", "truth"))
    if not (given[listed] != truth[listed]).any():
        return None
    parts = parts_of(built)
    codes = parts.given.copy()
    codes[listed] = parts.truth[listed]
    settings = in_time(parts, codes)
    said = linear(parts.train, codes, settings.strength).predict(parts.hidden.sparse)
    voted = _neighbours(parts)(codes, settings.voting)
    again = _retrained(scenario, parts, settings.strength, said, codes)
    return {
        "linear": _mean(said == parts.hidden_truth),
        "linear_retrained": _mean(again == parts.hidden_truth),
        "vote": _mean(voted == parts.hidden_truth),
    }


def moves(scenario: Scenario) -> bool:
    """Whether texts or taxonomy change with time."""
    return scenario.drift != "none" or scenario.taxonomy != "stable"


def parts_of(built: Built) -> Parts:
    """Features and codes of all rows of a scenario."""
    frames = (built.train, built.arriving, built.hidden)
    names = np.unique(built.train["given"].to_numpy())
    seen = set(names)
    others = {name for frame in frames for column in ("given", "truth") for name in frame[column]} - seen
    code = {name: number for number, name in enumerate([*names, *sorted(others)])}
    given, truth = ([np.array([code[name] for name in frame[column]], int) for frame in frames]
                    for column in ("given", "truth"))  # fmt: skip
    texts = [frame["text"].to_list() for frame in frames]
    # An empty list gets the features of one row, cut to none.
    found = features(*[part or texts[0][:1] for part in texts])
    train, arriving, hidden = (
        each if part else each.take(np.zeros(1, bool)) for each, part in zip(found, texts, strict=True)
    )
    times = [frame["time"].to_numpy().astype("datetime64[D]") for frame in frames]
    return Parts(train, arriving, hidden, given[0], truth[0], given[1], times[1], truth[2], times[2], len(code))


def in_time(parts: Parts, labels: np.ndarray, strength: float | None = None) -> InTime:
    """What learns ``labels`` answers to rows of the folds that are scored, in the order of the folds."""
    folds = parts.folds
    held = [np.flatnonzero(folds == fold) for fold in parts.scored_folds]
    rest = [np.flatnonzero(folds != fold) for fold in parts.scored_folds]
    wanted = labels[np.concatenate(held)]

    def answers(strength: float, most: int | None = None) -> np.ndarray:
        said = []
        for learned, asked in zip(rest, held, strict=True):
            model = linear(parts.train.take(learned[:most]), labels[learned[:most]], strength)
            said.append(model.predict(parts.train.sparse[asked]))
        return np.concatenate(said)

    said = None
    if strength is None:
        strength, said = _strength(wanted, lambda each: answers(each, CHOSEN_ON))
    if said is None or len(rest[0]) > CHOSEN_ON:
        said = answers(strength)
    near = _nearest(parts, rest, held)
    votes = {
        (space, k): vote(labels[near[space][0]], near[space][1], k, parts.n_classes) for space in SPACES for k in VOTERS
    }
    voting = max(votes, key=lambda each: (votes[each] == wanted).mean())
    found = (labels[near[voting[0]][0]] == wanted[:, None]).any(axis=1)
    return InTime(said, votes[voting], found, strength, voting)


def _nearest(parts: Parts, rest: list[np.ndarray], held: list[np.ndarray]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Per space the 20 nearest rows (q, 20) of ``rest`` to those ``held``, fold by fold, and their similarity."""
    found = []
    for learned, asked in zip(rest, held, strict=True):
        near = retrieve(parts.train.take(learned), parts.train.take(asked))
        found.append({space: (learned[top], close) for space, (top, close) in near.items()})
    return {space: tuple(np.vstack([each[space][side] for each in found]) for side in (0, 1)) for space in SPACES}


def _strength(wanted: np.ndarray, answers: Callable[[float], np.ndarray]) -> tuple[float, np.ndarray]:
    """The strength of the linear classifier whose ``answers`` agree best with those ``wanted``, and the answers.

    Upwards as long as it helps: strong ones take long on wrong labels.
    """
    best, said, most = STRENGTHS[0], np.zeros(0, int), -1.0
    for strength in STRENGTHS:
        found = answers(strength)
        right = _mean(found == wanted)
        if right < most:
            break
        best, said, most = strength, found, right
    return best, said


def _neighbours(parts: Parts) -> Callable[[np.ndarray, tuple[str, int]], np.ndarray]:
    """A function of training labels and a setting: what the vote answers to the hidden rows, as records arrive."""
    months = parts.hidden_time.astype("datetime64[M]").astype("datetime64[D]")
    found = retrieve(parts.train, parts.hidden, parts.arriving, parts.arriving_time, months)

    def voted(labels: np.ndarray, setting: tuple[str, int]) -> np.ndarray:
        space, k = setting
        top, close = found[space]
        return vote(np.concatenate([labels, parts.arriving_given])[top], close, k, parts.n_classes)

    return voted


def _retrained(
    scenario: Scenario, parts: Parts, strength: float, said: np.ndarray, labels: np.ndarray | None = None
) -> np.ndarray:
    """Answers of the model trained again in the middle of the hidden months, of ``said`` before."""
    middle = np.datetime64(scenario.cut) + (np.datetime64(scenario.end) - np.datetime64(scenario.cut)) // 2
    late, came = parts.hidden_time >= middle, parts.arriving_time < middle
    if not (moves(scenario) and late.any() and came.any()):
        return said
    rows = Features.stacked(parts.train, parts.arriving.take(came))
    codes = np.concatenate([parts.given if labels is None else labels, parts.arriving_given[came]])
    answers = said.copy()
    answers[late] = linear(rows, codes, strength).predict(parts.hidden.sparse[late])
    return answers


def _mean(right: np.ndarray) -> float:
    return float(right.mean())
