"""Stability of the inputs: the words of the text and the other columns."""

from __future__ import annotations

import math
import os
import warnings
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import HALVES
from auditor.evidence.drift_family import DRIFT
from auditor.evidence.given import ROWS
from auditor.evidence.redefinition import REDEFINITIONS
from auditor.evidence.tokens import TOKENS
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.tokens import Tokens

MAX_TERMS = 30
MAX_PAIRS = 20
Z_FAMILY = 6.0


def wording_drift(context: Context) -> CheckReport:
    """A model of early against late texts, and the words that moved, within the classes (Mantel and Haenszel 1959)."""
    results = context.results
    (test,) = results[DRIFT].of("text")
    dated, late = np.flatnonzero(results[HALVES] >= 0), results[HALVES] == 1
    columns = _countable_words(results[TOKENS], context["prevalence"])
    z, ratio = _mantel_haenszel(results[TOKENS].counts[dated][:, columns], results[CLASSES].codes[dated], late[dated])
    changed = (np.abs(z) > Z_FAMILY) & (np.abs(np.log(ratio)) > np.log(context["odds_ratio"]))
    order = [int(i) for i in np.argsort(-np.abs(z)) if changed[i]]
    words = [results[TOKENS].terms[columns[i]] for i in order]
    findings: tuple[Finding, ...] = ()
    told_apart = test.moved and test.effect > context["separation"]
    if told_apart or len(words) >= context["words"]:
        rising = [word for word, i in zip(words, order, strict=True) if z[i] > 0]
        falling = [word for word, i in zip(words, order, strict=True) if z[i] < 0]
        findings = (
            Finding(
                "STA005",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                "A model tells the later half of the records from the earlier half, within the same classes, "
                f"{100 * (1 + test.effect) / 2:.0f} times in 100 (50 is chance), and {len(words)} words changed in "
                f"use. Rising: {', '.join(rising[:5]) or 'none'}. "
                f"Falling: {', '.join(falling[:5]) or 'none'}.",
                float(len(words)),
                context["words"],
                "Train on recent records, and watch accuracy after changes of template or system.",
                {"rising": rising[:MAX_TERMS], "falling": falling[:MAX_TERMS]},
            ),
        )
    measurements = {"drifted_words": len(words), "wording_separation": test.effect, "wording_p": test.adjusted}
    return CheckReport(measurements, findings)


def _countable_words(tokens: Tokens, prevalence: float) -> NDArray[np.int64]:
    """Words without digits in at least ``prevalence`` of the texts: no date, amount or name of one person."""
    often = tokens.document_frequency >= max(prevalence * tokens.counts.shape[0], 30)
    plain = np.array([not any(map(str.isdigit, term)) for term in tokens.terms], dtype=bool)
    return np.flatnonzero(tokens.is_word & often & plain)


def _mantel_haenszel(
    counts: sp.csr_matrix, codes: NDArray[np.int32], late: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Signed z (V,) and pooled odds ratio (V,) of late against early use, over class strata."""
    present = counts.copy()
    present.data = np.ones_like(present.data)
    n, k = len(codes), int(codes.max()) + 1

    def per_class(rows: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        chosen = np.flatnonzero(rows)
        select = sp.csr_matrix((np.ones(len(chosen)), (codes[chosen], chosen)), shape=(k, n))
        texts = np.bincount(codes[chosen], minlength=k).astype(np.float64)
        return np.asarray((select @ present).todense(), np.float64), texts[:, None]

    (a, n_late), (c, n_early) = per_class(late), per_class(~late)
    b, d = n_late - a, n_early - c
    total = np.maximum(n_late + n_early, 1)
    expected = (a + c) * n_late / total
    variance = (a + c) * (b + d) * n_late * n_early / (total**2 * np.maximum(total - 1, 1))
    z = (a - expected).sum(axis=0) / np.sqrt(np.maximum(variance.sum(axis=0), 1e-9))
    ratio = ((a * d / total).sum(axis=0) + 0.5) / ((b * c / total).sum(axis=0) + 0.5)
    return np.asarray(z, float), np.asarray(ratio, float)


def column_drift(context: Context) -> CheckReport:
    """Evidently's tests on the segment and number columns, earlier half against later half."""
    tests = context.results[DRIFT].of("column", "length", "language", "missing")
    frame, halves = context.results[ROWS], context.results[HALVES]
    names = {"column": "The values of '{}'", "missing": "How often '{}' is missing"}
    kept = {f"{kind}:{test.subject}" for test in tests for kind in ("segment", "numeric") if test.kind == "column"}
    columns = [name for name in frame.columns if name in kept]
    early, late = (frame.filter(halves == half).select(columns) for half in (0, 1))
    distances = _evidently_scores(early, late) if columns else {}
    findings = []
    for test in tests:
        distance = distances.get(f"segment:{test.subject}", distances.get(f"numeric:{test.subject}"))
        observed = distance if test.kind == "column" and distance is not None else test.effect
        if not test.moved or observed <= context["distance"]:
            continue
        what = names.get(test.kind, "The {}").format(test.subject)
        findings.append(
            Finding(
                "STA006",
                Severity.INFO,
                Subject(SubjectKind.COLUMN, (test.subject,)),
                f"{what} moved between the earlier and the later half of the records.",
                observed,
                context["distance"],
                "Find out what changed: a new source, a new system, or a new way of filling the field.",
                {"kind": test.kind, "p": test.adjusted},
            )
        )
    return CheckReport({"drifted_columns": len(findings), "columns": len(columns)}, tuple(findings))


def volume(context: Context) -> CheckReport:
    """Months with far fewer or far more records than their neighbours, and records that are still to come."""
    found = context.results[DRIFT]
    tests = {test.subject: test for test in found.of("volume")}
    if not tests:
        raise NotApplicable("the dates are years, or span fewer than nine months")
    words = {
        "gap": "Hardly any records are dated {month:%B %Y}: {times:.0f} times fewer than in the months around it.",
        "spike": "{month:%B %Y} holds {times:.1f} times as many records as the months around it.",
        "latest": "The last 30 days hold {times:.1f} times fewer records than the 90 days before; some may be late.",
    }
    remedies = {
        "gap": "Find out whether records are lost, and load them.",
        "spike": "Find out whether a backlog was dated to one month, or records were loaded twice.",
        "latest": "Leave the last month out of the training, or wait for its records.",
    }
    months = {"gap": found.gap, "spike": found.spike, "latest": None}
    findings = [
        Finding(
            "STA007",
            Severity.INFO,
            Subject(SubjectKind.PERIOD, (f"{month:%Y-%m}",) if (month := months[name]) else ()),
            words[name].format(month=month, times=math.exp(abs(test.effect))),
            test.effect,
            math.log(context["times"]) * (1 if name == "spike" else -1),
            remedies[name],
            {"kind": name, "p": test.adjusted},
        )
        for name, test in tests.items()
        if test.moved and (test.effect if name == "spike" else -test.effect) > math.log(context["times"])
    ]
    return CheckReport({f"volume_{name}": test.effect for name, test in tests.items()}, tuple(findings))


def redefinition(context: Context) -> CheckReport:
    """Pairs of classes between which the same texts went one way before a month and the other way after it."""
    results = context.results
    names = results[CLASSES].shown
    tried = results[REDEFINITIONS]
    findings = [
        Finding(
            "STA008",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (names[each.source], names[each.target])),
            f"From {each.month:%B %Y} on, texts between '{names[each.source]}' and '{names[each.target]}' go to "
            f"'{names[each.target]}' {100 * each.swing:.0f} points more often than the same texts did before.",
            each.swing,
            context["swing"],
            f"Ask what changed in {each.month:%B %Y}, and relabel the records from before by today's definition.",
            {"month": each.month.isoformat(), "from": names[each.source], "to": names[each.target], "rows": each.rows},
        )
        for each in results[DRIFT].redefined
        if each.swing > context["swing"]
    ]
    return CheckReport({"redefined_pairs": len(findings), "pairs_between": len(tried)}, tuple(findings[:MAX_PAIRS]))


def _evidently_scores(early: pl.DataFrame, late: pl.DataFrame) -> dict[str, float]:
    """Distance per column: Jensen-Shannon for words, normalised Wasserstein for numbers."""
    os.environ["DO_NOT_TRACK"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # evidently imports deprecated names
        from evidently import DataDefinition, Dataset, Report
        from evidently.metrics import ValueDrift

    words = [name for name in early.columns if name.startswith("segment:")]
    numbers = [name for name in early.columns if name.startswith("numeric:")]
    definition = DataDefinition(categorical_columns=words, numerical_columns=numbers)
    datasets = [Dataset.from_pandas(half.to_pandas(), data_definition=definition) for half in (late, early)]
    methods = dict.fromkeys(words, "jensenshannon") | dict.fromkeys(numbers, "wasserstein")
    metrics = [ValueDrift(column=name, method=method) for name, method in methods.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        snapshot = Report(metrics).run(*datasets).dict()
    return {name: float(metric["value"]) for name, metric in zip(methods, snapshot["metrics"], strict=True)}


WORDING_DRIFT = Check(
    "STA005",
    "wording-drift",
    "Change in the words of the text",
    GateId.STABILITY,
    "New templates and systems change the words, and a trained model knows only the old ones.",
    wording_drift,
    reads=(CLASSES, HALVES, DRIFT, TOKENS),
    needs=frozenset({"time"}),
    parameters=(
        Parameter("prevalence", 0.005, "house rule: a word in one of 200 texts"),
        Parameter("odds_ratio", 2.0, "house rule: use doubled or halved"),
        Parameter("separation", 0.1, "house rule: told apart 55 times in 100; and sure in the family of drift tests"),
        Parameter("words", 3, "house rule: one word is a fashion, several are a change"),
    ),
)
COLUMN_DRIFT = Check(
    "STA006",
    "column-drift",
    "Change in the other columns",
    GateId.STABILITY,
    "A new source or system shows in the columns beside the text first.",
    column_drift,
    reads=(ROWS, HALVES, DRIFT),
    needs=frozenset({"time"}),
    parameters=(
        Parameter("distance", 0.1, "evidently's default for large samples; and sure in the family of drift tests"),
    ),
)
VOLUME = Check(
    "STA007",
    "volume-over-time",
    "Gaps, spikes and late records",
    GateId.STABILITY,
    "A lost or doubled month distorts what a model learns and what the backtest says of it.",
    volume,
    reads=(DRIFT,),
    needs=frozenset({"time"}),
    parameters=(Parameter("times", 2.0, "house rule: half or twice; and sure in the family of drift tests"),),
)
REDEFINITION = Check(
    "STA008",
    "definition-drift",
    "The same text labelled differently over time",
    GateId.STABILITY,
    "A class that means something else than it did teaches a model two answers to one text.",
    redefinition,
    reads=(CLASSES, DRIFT, REDEFINITIONS),
    needs=frozenset({"time"}),
    parameters=(Parameter("swing", 0.15, "house rule: one text in seven; and sure in the family of drift tests"),),
)
