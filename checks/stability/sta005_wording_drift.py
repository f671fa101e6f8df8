"""Change in the words of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from auditor.check import Check, Context, Parameter
from auditor.estimators.drift import DRIFT
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import HALVES
from auditor.evidence.shown import SHARERS, shared
from auditor.evidence.tokens import TOKENS
from auditor.model import (
    COUNT,
    CheckReport,
    Figure,
    Finding,
    GateId,
    Kind,
    Listed,
    Severity,
    Subject,
    SubjectKind,
    Template,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.tokens import Tokens

MAX_TERMS = 30
Z_FAMILY = 6.0
_WORDS = Listed("{word}", {"word": Kind.WORDS}, most=5, none="none")
WORDS_MOVED = Template(
    "words_moved",
    "A model tells the later half of the records from the earlier half, within the same classes, {told_apart} times in "
    "100 (50 is chance), and {words} words changed in use. Rising: {rising}. Falling: {falling}.",
    "Train on recent records, and watch accuracy after changes of template or system.",
    {"told_apart": Figure("share", 0, bare=True), "words": COUNT, "rising": _WORDS, "falling": _WORDS},
)


def wording_drift(context: Context) -> CheckReport:
    """A model of early against late texts, and the words that moved, within the classes (Mantel and Haenszel 1959)."""
    results = context.results
    (test,) = results[DRIFT].of("text")
    dated, late = np.flatnonzero(results[HALVES] >= 0), results[HALVES] == 1
    columns = _countable_words(results[TOKENS], context["prevalence"])
    z, ratio = _mantel_haenszel(results[TOKENS].counts[dated][:, columns], results[CLASSES].codes[dated], late[dated])
    changed = (np.abs(z) > Z_FAMILY) & (np.abs(np.log(ratio)) > np.log(context["odds_ratio"]))
    order = [int(i) for i in np.argsort(-np.abs(z)) if changed[i]]
    held, terms = results[TOKENS].counts[:, columns].tocsc(), results[TOKENS].terms
    shown = [i for i in order if shared(results[SHARERS], held.indices[held.indptr[i] : held.indptr[i + 1]])]
    findings: tuple[Finding, ...] = ()
    told_apart = test.moved and test.effect > context["separation"]
    if told_apart or len(order) >= context["words"]:
        rising = [terms[columns[i]] for i in shown if z[i] > 0]
        falling = [terms[columns[i]] for i in shown if z[i] < 0]
        findings = (
            Finding(
                "STA005",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                WORDS_MOVED.of(
                    told_apart=(1 + test.effect) / 2,
                    words=len(order),
                    rising=[{"word": word} for word in rising[:MAX_TERMS]],
                    falling=[{"word": word} for word in falling[:MAX_TERMS]],
                ),
                float(len(order)),
                context["words"],
                evidence={"rising": rising[:MAX_TERMS], "falling": falling[:MAX_TERMS]},
            ),
        )
    measurements = {"drifted_words": len(order), "wording_separation": test.effect, "wording_p": test.adjusted}
    return CheckReport(measurements, findings)


def _countable_words(tokens: Tokens, prevalence: float) -> NDArray[np.int64]:
    """Words without digits in at least ``prevalence`` of the texts: no date or amount."""
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


CHECK = Check(
    "STA005",
    "wording-drift",
    "Change in the words of the text",
    GateId.STABILITY,
    "New templates and systems change the words, and a trained model knows only the old ones.",
    wording_drift,
    reads=(CLASSES, HALVES, DRIFT, SHARERS, TOKENS),
    needs=frozenset({"time"}),
    parameters=(
        Parameter("prevalence", 0.005, "house rule: a word in one of 200 texts"),
        Parameter("odds_ratio", 2.0, "house rule: use doubled or halved"),
        Parameter("separation", 0.1, "house rule: told apart 55 times in 100; and sure in the family of drift tests"),
        Parameter("words", 3, "house rule: one word is a fashion, several are a change"),
    ),
    templates=(WORDS_MOVED,),
)
