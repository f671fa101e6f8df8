"""Stability of the inputs: the words of the text and the other columns."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from auditor.check import Check, Context, Parameter
from auditor.errors import NotApplicable
from auditor.model import CheckReport, Finding, GateId, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from auditor.evidence.tokens import Tokens

MAX_TERMS = 30
Z_FAMILY = 6.0


def wording_drift(context: Context) -> CheckReport:
    """Words whose use changed within the classes, by the Mantel-Haenszel test with classes as strata."""
    evidence = context.evidence
    dated = np.flatnonzero(evidence.rows["time"].is_not_null().to_numpy())
    late = np.zeros(len(evidence.codes), bool)
    late[dated[len(dated) // 2 :]] = True
    columns = _countable_words(evidence.tokens, context["prevalence"])
    z, ratio = _mantel_haenszel(evidence.tokens.counts[dated][:, columns], evidence.codes[dated], late[dated])
    changed = (np.abs(z) > Z_FAMILY) & (np.abs(np.log(ratio)) > np.log(context["odds_ratio"]))
    order = [int(i) for i in np.argsort(-np.abs(z)) if changed[i]]
    words = [evidence.tokens.terms[columns[i]] for i in order]
    findings: tuple[Finding, ...] = ()
    if len(words) >= context["words"]:
        rising = [word for word, i in zip(words, order, strict=True) if z[i] > 0]
        falling = [word for word, i in zip(words, order, strict=True) if z[i] < 0]
        findings = (
            Finding(
                "STA005",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                f"{len(words)} words changed in use between the earlier and the later half of the records, within "
                f"the same classes. Rising: {', '.join(rising[:5]) or 'none'}. "
                f"Falling: {', '.join(falling[:5]) or 'none'}.",
                float(len(words)),
                context["words"],
                "Train on recent records, and watch accuracy after changes of template or system.",
                {"rising": rising[:MAX_TERMS], "falling": falling[:MAX_TERMS]},
            ),
        )
    return CheckReport({"drifted_words": len(words)}, findings)


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
    frame = context.evidence.rows.filter(context.evidence.rows["time"].is_not_null())
    columns = [name for name in frame.columns if name.startswith(("segment:", "numeric:"))]
    columns = [name for name in columns if frame[name].n_unique() > 1]
    if not columns or len(frame) < 2:
        raise NotApplicable("no column besides text, label, date and id")
    half = len(frame) // 2
    scores = _evidently_scores(frame[:half].select(columns), frame[half:].select(columns))
    findings = [
        Finding(
            "STA006",
            Severity.INFO,
            Subject(SubjectKind.COLUMN, (name.split(":", 1)[1],)),
            f"The values of '{name.split(':', 1)[1]}' moved between the earlier and the later half of the records.",
            value,
            context["distance"],
            "Find out what changed: a new source, a new system, or a new way of filling the field.",
        )
        for name, value in scores.items()
        if value > context["distance"]
    ]
    return CheckReport({"drifted_columns": len(findings), "columns": len(scores)}, tuple(findings))


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
    needs=frozenset({"time"}),
    parameters=(
        Parameter("prevalence", 0.005, "house rule: a word in one of 200 texts"),
        Parameter("odds_ratio", 2.0, "house rule: use doubled or halved"),
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
    needs=frozenset({"time"}),
    parameters=(Parameter("distance", 0.1, "evidently's default for large samples"),),
)
