"""`auditor trial` on scenarios of the readiness benchmark: one line for each."""

from __future__ import annotations

from itertools import pairwise
from time import process_time
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from auditor.evidence.features import embedding, feature_matrix
from auditor.evidence.logistic import logistic_weights
from auditor.evidence.naive_bayes import class_counts, damped_counts, naive_bayes
from auditor.evidence.proxy import fold_moments, out_of_fold, random_folds
from auditor.evidence.surrogate import surrogate
from auditor.evidence.tokens import tokenise
from auditor.trials.split import Split
from benchmarks.readiness.outcomes import moves
from benchmarks.readiness.scenarios import SCENARIOS, Built, Scenario, build
from tests.lots import numbered

CHECKED, LATER, IN_TIME = 300, 1000, 500
SYSTEMS = ("tuned", "probe", "ordinary", "surrogate", "vote")
# Sets of the trial only, in languages that the encoder did not learn.
OTHERS = (Scenario("intents_es_th, spanish", 4000), Scenario("intents_es_th, thai", 3000))
BY_NAME = {each.name: each for each in (*SCENARIOS, *OTHERS)}
# Every source early, what takes long late. (rows learnt from, scenario)
PLANNED = (
    (2000, "banking77; 2500 rows"),
    (2000, "imr_ca, treatment; 3000 rows; natural drift; cut 2012-01-01"),
    (2000, "clinc150; 4000 rows"),
    (2000, "intents_es_th, spanish; 4000 rows"),
    (2000, "noisyag_news; 2000 rows; real noise"),
    (2000, "intents_es_th, thai; 3000 rows"),
    (2000, "nvd; 3000 rows"),
    (2000, "banking77; 5000 rows; random noise 15%"),
    (2000, "clinc150; 8000 rows; random noise 40%"),
    (2000, "imr_ca, coded diagnosis; 8000 rows; habit noise 10%; natural drift; cut 2014-01-01"),
    (5000, "banking77; all rows"),
    (2000, "banking77; 8000 rows; taxonomy fast"),
    (2000, "clinc150; 8000 rows; wording drift"),
    (2000, "imr_ca, treatment; 8000 rows; pairs noise 12%; natural drift; cut 2014-01-01"),
    (5000, "clinc150; 8000 rows"),
    (2000, "banking77; 8000 rows; habit noise 10%"),
    (2000, "clinc150; 8000 rows; habit noise 8%"),
    (2000, "cfpb, one taxonomy; 2000 rows"),
    (2000, "noisyag_news, true labels; 2000 rows"),
    (2000, "nvd; 3000 rows; real noise; natural drift; cut 2014-01-01"),
    (5000, "imr_ca, coded diagnosis; all rows; natural drift; cut 2015-01-01"),
    (5000, "noisyag_news, true labels; 8000 rows; mix drift"),
    (2000, "cfpb; all rows; natural drift; taxonomy natural; cut 2023-07-01"),
    (2000, "noisyag_news, true labels; 8000 rows; habit noise 10%"),
    (5000, "nvd; 10000 rows"),
    (5000, "clinc150; 8000 rows; random noise 10%"),
    (5000, "cfpb, one taxonomy; all rows"),
    (2000, "imr_ca, determination; all rows; natural drift; cut 2015-01-01"),
    (2000, "nvd; 8000 rows; habit noise 10%"),
    (2000, "noisyag_news, true labels; 8000 rows; random noise 40%"),
    (2000, "nvd, ten classes; 8000 rows; flat tail"),
)


def measured(scenario: Scenario, rows: int, minutes: float) -> dict[str, Any]:
    """One line. Rows are learnt from as given, and answered: up to 1,000 hidden ones; where texts or classes move with
    time, up to 500 from the same months as well.
    """
    from auditor.trials.contest import hold
    from auditor.trials.encoder import PACKAGE, carried_folder, load_encoder
    from auditor.trials.run import until

    built = build(scenario)
    rng = np.random.default_rng(0)
    order = rng.permutation(len(built.train))
    checked = min(CHECKED, len(order) // 10)
    learnt = order[checked : checked + rows]
    same_months = pl.concat([built.train[order[checked + rows :]], built.more])
    later = built.hidden[rng.permutation(len(built.hidden))[:LATER]]
    in_time = same_months[rng.permutation(len(same_months))[: IN_TIME * moves(scenario)]]
    frame = pl.concat([built.train[learnt], built.train[order[:checked]], in_time, later])
    ends = np.cumsum([len(learnt), checked, len(in_time), len(later)])
    split = Split(*(np.arange(first, last) for first, last in pairwise([0, *ends[:2], ends[3]])), *[np.arange(0)] * 2)
    names = classes(built)
    codes = np.array([names[name] for name in frame["given"]], np.int32)
    truth = np.array([names[name] for name in frame["truth"]], np.int32)
    terms = tokenise(frame["text"])
    phi, counts = feature_matrix(terms, embedding(terms), 0), damped_counts(terms)
    encoder = load_encoder(carried_folder(), PACKAGE)
    started = process_time()
    found = hold(encoder, frame["text"].to_list(), codes, len(names), phi, split, 0, print, until(minutes))
    seconds = process_time() - started
    answers = {
        "tuned": found.tuned,
        "probe": found.probe,
        "ordinary": found.ordinary,
        "surrogate": by_surrogate(phi, counts, codes, split, len(names)),
        "vote": found.vote,
    }
    kept, made = found.training.kept, found.training.epochs
    asked = split.asked
    parts = {"in_time": asked < ends[2], "later": asked >= ends[2]}
    right = {name: said == truth[asked] for name, said in answers.items()}
    return {
        "scenario": scenario.name,
        "rows": len(learnt),
        "planned_rows": rows,
        "classes": len(np.unique(codes[split.train])),
        "words": float(frame["text"].str.count_matches(r"\S+").mean()),
        "checked": checked,
        "wrong_labels": float((codes != truth)[split.train].mean()),
        **{
            part: scores(answers, truth[asked], codes[asked], rows_of)
            for part, rows_of in parts.items()
            if rows_of.any()
        },
        "by_class": [
            np.bincount(truth[asked][parts["later"]], weight[parts["later"]], len(names)).astype(int).tolist()
            for weight in (np.ones(len(asked)), right["tuned"], right["ordinary"])
        ],
        "length": found.length,
        "cut": found.cut,
        "rate": kept.rate if kept else None,
        "epoch": kept.number if kept else 0,
        "epochs": [[epoch.rate, epoch.number, epoch.right] for epoch in made],
        "cpu_seconds": round(seconds),
    }


def by_surrogate(phi: np.ndarray, counts: sp.csr_matrix, codes: np.ndarray, rows: Split, n_classes: int) -> np.ndarray:
    """What the audit's surrogate, trained on the same rows, answers to those asked."""
    own, of, texts = phi[rows.train], codes[rows.train], counts[rows.train]
    every, folds = np.arange(len(of)), random_folds(numbered(len(of)))
    moments = fold_moments(own, of, n_classes, folds)
    by_terms = naive_bayes(texts, of, n_classes, folds)
    model = surrogate(own, of, moments, out_of_fold(own, of, moments), by_terms)
    weights = moments.fit.weights(moments.total)
    if model.by_logistic:
        weights = logistic_weights(own, of, every, n_classes)
    return model.answers(phi[rows.asked] @ weights, counts[rows.asked], class_counts(texts, of, every, n_classes))


def scores(answers: dict[str, np.ndarray], truth: np.ndarray, given: np.ndarray, part: np.ndarray) -> dict[str, Any]:
    """Shares right on true and on given labels, and how far the tuned encoder is ahead, with standard errors."""
    right = {name: (said == truth)[part] for name, said in answers.items()}
    found: dict[str, Any] = {"tested": int(part.sum())}
    found |= {name: float(right[name].mean()) for name in SYSTEMS}
    found |= {f"{name}_given": float((answers[name] == given)[part].mean()) for name in SYSTEMS}
    for name in SYSTEMS[1:]:
        ahead = right["tuned"].astype(float) - right[name]
        found[f"over_{name}"] = [float(ahead.mean()), float(ahead.std() / np.sqrt(len(ahead)))]
    return found


def classes(built: Built) -> dict[str, int]:
    """Codes as in the outcomes of the readiness benchmark: given training labels, then others."""
    names = np.unique(built.train["given"].to_numpy())
    frames = (built.train, built.more, built.arriving, built.hidden)
    others = {name for frame in frames for column in ("given", "truth") for name in frame[column]} - set(names)
    return {name: code for code, name in enumerate([*names, *sorted(others)])}
