"""The words that a reader may not know, explained once and linked where they are used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from auditor.output import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = {
    "accuracy": "The share of records for which a model gives the label that the record carries.",
    "backtest": "Train on the past, score on what came later, at every point in time that the export allows.",
    "break-even": "The point at which two ways net the same.",
    "caution": "Within sight of a limit: it stands beside the answer, and the sum already counts it.",
    "class": "One of the categories that records are sorted into.",
    "different records": "Records left when near-duplicates count once.",
    "fine-tune": "Train a model further on one's own labelled records, so that it needs no examples to answer.",
    "fresh sheet": "Recent records labelled again by somebody who does not see the old label, to score every way on.",
    "horizon": "How many months ahead a model must hold; six unless somebody asks otherwise.",
    "interval": "The range that holds the true figure in nine of ten cases.",
    "label bias": "A confusion of two classes that one source makes far more often than the others.",
    "near-duplicate": "A record whose words are nearly all those of another record.",
    "net value": "What right answers are worth, less all that a way costs to set up, run and keep up.",
    "ordinary classifier": "A linear model on the words of a record: minutes to train, next to nothing to run.",
    "points": "Percentage points: from 80 % to 74 % is a loss of six points.",
    "precision": "Of the records that a model puts into a class, the share that belongs there.",
    "prompt": "Ask a general model, with the classes and some similar labelled records in the question.",
    "random folds": (
        "The records in five random parts; each part is scored by a model trained on the other four. It knows nothing "
        "of time, so it flatters a model whose world changes."
    ),
    "recall": "Of the records that belong to a class, the share that a model finds.",
    "retrieval": "Look up similar labelled records and show them to a general model together with the question.",
    "segment": "Records that share a source: a payer, a site, an annotator.",
    "surrogate": (
        "The small classifier that is trained here hundreds of times in place of the fine-tuned model, which would "
        "be too slow."
    ),
    "taxonomy": "The list of classes and what each one means.",
    "value of knowing": "What a measurement is expected to save, because the choice after it is a better one.",
}

# Words of the glossary as people write them; the longest come first, so that "random folds" is found whole.
_FORMS = {
    "fine-tuned": "fine-tune",
    "fine-tuning": "fine-tune",
    "prompting": "prompt",
    "near-duplicates": "near-duplicate",
    "intervals": "interval",
    "segments": "segment",
    **{term: term for term in GLOSSARY if term not in {"accuracy", "caution", "class", "points"}},
}
_TERM = re.compile(rf"(?<![\w-])({'|'.join(sorted(map(re.escape, _FORMS), key=len, reverse=True))})(?![\w-])", re.I)


def glossed(text: str) -> Markup:
    """Safe HTML in which each word of the glossary is linked where it stands first."""
    seen: set[str] = set()

    def link(match: re.Match[str]) -> str:
        term = _FORMS[match[0].lower()]
        if term in seen:
            return match[0]
        seen.add(term)
        return f'<a class="term" href="#{anchor(term)}">{match[0]}</a>'

    return Markup(_TERM.sub(link, str(escape(clean(text)))))  # noqa: S704 (escaped before the links are set)


def anchor(term: str) -> str:
    return "term-" + term.replace(" ", "-")
