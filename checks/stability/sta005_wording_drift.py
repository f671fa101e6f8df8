"""Change in the words of the text."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.estimators.drift import DRIFT
from auditor.estimators.wording import mantel_haenszel
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import HALVES
from auditor.evidence.shown import SHARERS, shared
from auditor.evidence.tokens import TOKENS
from auditor.evidence.wording import countable_words, texts_with
from auditor.model import (
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

MAX_TERMS = 30
Z_FAMILY = 6.0
_WORDS = Listed("{word}", {"word": Kind.WORDS}, most=5)
WORDS_MOVED = Template(
    "words_moved",
    (
        "A model tells the later half of the records from the earlier half, within the same classes, {told_apart} "
        "times in 100 (50 is chance)",
        ", and {words} changed in use",
        ".",
        " Rising: {rising}.",
        " Falling: {falling}.",
    ),
    "Train on recent records, and watch accuracy after changes of template or system.",
    {"told_apart": Figure("share", 0, bare=True), "words": Figure("words"), "rising": _WORDS, "falling": _WORDS},
)


def wording_drift(context: Context) -> CheckReport:
    """A model of early against late texts, and the words that moved, within the classes."""
    results = context.results
    (test,) = results[DRIFT].of("text")
    columns = countable_words(results[TOKENS], context["prevalence"])
    counts, classes = results[TOKENS].counts[:, columns], results[CLASSES]
    early, late = (
        texts_with(counts, classes.codes, np.flatnonzero(results[HALVES] == half), len(classes)) for half in (0, 1)
    )
    z, ratio = mantel_haenszel(*late, *early)
    changed = (np.abs(z) > Z_FAMILY) & (np.abs(np.log(ratio)) > np.log(context["odds_ratio"]))
    order = [int(i) for i in np.argsort(-np.abs(z)) if changed[i]]
    held, terms = counts.tocsc(), results[TOKENS].terms
    shown = [i for i in order if shared(results[SHARERS], held.indices[held.indptr[i] : held.indptr[i + 1]])]
    findings: tuple[Finding, ...] = ()
    told_apart = test.moved and test.effect > context["separation"]
    if told_apart or len(order) >= context["words"]:
        rising, falling = (
            [terms[columns[i]] for i in shown if (z[i] > 0) == later][:MAX_TERMS] for later in (True, False)
        )
        findings = (
            Finding(
                "STA005",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                WORDS_MOVED.of(
                    told_apart=(1 + test.effect) / 2,
                    words=len(order) or None,
                    rising=[{"word": word} for word in rising] or None,
                    falling=[{"word": word} for word in falling] or None,
                ),
                float(len(order)),
                context["words"],
                evidence={"rising": rising, "falling": falling},
            ),
        )
    measurements = {"drifted_words": len(order), "wording_separation": test.effect, "wording_p": test.adjusted}
    return CheckReport(measurements, findings)


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
