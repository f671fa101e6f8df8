"""What every gate stands on: classes, words, features, the proxy and the surrogate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import InputError
from auditor.evidence import (
    classes,
    duplicates,
    features,
    groups,
    languages,
    naive_bayes,
    narrow,
    proxy,
    surrogate,
    text_space,
    tokens,
)
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import DAYS
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.features import FEATURES, WEIGHTED, WORD_VECTORS
from auditor.evidence.given import BATCH, ITEMS, LOTS, ROWS, SEED, THREADS
from auditor.evidence.groups import KEPT, KIN
from auditor.evidence.languages import LANGUAGES
from auditor.evidence.naive_bayes import DAMPED_COUNTS, NAIVE_BAYES
from auditor.evidence.narrow import NARROW
from auditor.evidence.profile import TOKENS_PER_RECORD
from auditor.evidence.proxy import FOLD_MOMENTS, OUT_OF_FOLD
from auditor.evidence.shown import PEOPLE, SHARERS
from auditor.evidence.surrogate import SURROGATE
from auditor.evidence.text_space import TEXT_SPACE
from auditor.evidence.tokens import TOKENS
from auditor.plan.step import Step
from auditor.script_tokens import mean_tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.keys import Lots
    from auditor.results import Results


def _tokens(of: Results) -> tokens.Tokens:
    found = tokens.tokenise(of[ROWS]["text"])
    if not found.terms:
        raise InputError(
            "No word occurs in two texts, so that nothing can be learnt from them. Choose another column with "
            "--text COL, or repeat it to join several."
        )
    return found


def _text_space(of: Results) -> text_space.TextSpace:
    found, embedded, classes = of[TOKENS], of[WORD_VECTORS], of[CLASSES]
    if not languages.beyond_english(of[LANGUAGES]):
        return text_space.usual(found, embedded)
    return text_space.best_space(of[ROWS]["text"], found, embedded, classes.codes, len(classes), of[LOTS], of[KEPT])


def _weighted(of: Results) -> NDArray[np.float32] | None:
    embedded = of[TEXT_SPACE].embedded
    return None if embedded is None else embedded.weighted


def _people(of: Results) -> NDArray[np.int64]:
    return groups.whose(of[ROWS], of[BATCH])


def _sharers(of: Results) -> NDArray[np.int64]:
    return np.stack([of[KIN].groups, *of[PEOPLE]])


def _kept(of: Results) -> Lots:
    return of[ITEMS] if of[BATCH].roles.group is None else groups.kept(of[KIN].groups, of[ITEMS])


def _fold_moments(of: Results) -> proxy.FoldMoments:
    folds = proxy.random_folds(of[KEPT])
    return proxy.fold_moments(of[FEATURES], of[CLASSES].codes, len(of[CLASSES]), folds, of[THREADS].share)


def _naive_bayes(of: Results) -> proxy.OutOfFold:
    folds = of[FOLD_MOMENTS].folds
    return naive_bayes.naive_bayes(of[DAMPED_COUNTS], of[CLASSES].codes, len(of[CLASSES]), folds)


def _surrogate(of: Results) -> surrogate.Surrogate:
    """What a fine-tuned model would answer, as near as this audit comes to it."""
    return surrogate.surrogate(of[FEATURES], of[CLASSES].codes, of[FOLD_MOMENTS], of[OUT_OF_FOLD], of[NAIVE_BAYES])


STEPS = (
    Step(DAYS, lambda of: of[ROWS]["time"].dt.epoch("d").fill_null(0).to_numpy(), (ROWS,)),
    Step(TOKENS_PER_RECORD, lambda of: mean_tokens(of[ROWS]["text"]), (ROWS,)),
    Step(CLASSES, lambda of: classes.fold_labels(of[ROWS]["label"]), (ROWS,)),
    Step(TOKENS, _tokens, (ROWS,), title="Words"),
    Step(
        DUPLICATES,
        lambda of: duplicates.find_duplicates(of[ROWS]["text"], of[TOKENS], of[SEED]),
        (ROWS, TOKENS, SEED),
        title="Duplicates",
    ),
    Step(
        KIN,
        lambda of: groups.kin(of[DUPLICATES].near, of[ROWS]["record_id"], of[ROWS].get_column("group", default=None)),
        (DUPLICATES, ROWS),
    ),
    Step(PEOPLE, _people, (BATCH, ROWS)),
    Step(SHARERS, _sharers, (KIN, PEOPLE)),
    Step(KEPT, _kept, (BATCH, ITEMS, KIN)),
    Step(LANGUAGES, lambda of: languages.languages(of[ROWS]["text"], of[TOKENS]), (ROWS, TOKENS)),
    Step(WORD_VECTORS, lambda of: features.embedding(of[TOKENS]), (TOKENS,), title="Embedding"),
    Step(
        TEXT_SPACE,
        _text_space,
        (ROWS, TOKENS, WORD_VECTORS, LANGUAGES, CLASSES, LOTS, KEPT),
        title="Words or characters",
    ),
    Step(WEIGHTED, _weighted, (TEXT_SPACE,)),
    Step(FEATURES, lambda of: of[TEXT_SPACE].features(of[SEED]), (TEXT_SPACE, SEED), title="Features"),
    Step(FOLD_MOMENTS, _fold_moments, (FEATURES, CLASSES, KEPT, THREADS), title="Moments"),
    Step(
        OUT_OF_FOLD,
        lambda of: proxy.out_of_fold(of[FEATURES], of[CLASSES].codes, of[FOLD_MOMENTS]),
        (FEATURES, CLASSES, FOLD_MOMENTS),
        title="Out-of-fold predictions",
    ),
    Step(
        NARROW,
        lambda of: narrow.narrowed(of[FEATURES], of[CLASSES].codes, of[FOLD_MOMENTS], of[OUT_OF_FOLD]),
        (FEATURES, CLASSES, FOLD_MOMENTS, OUT_OF_FOLD),
        title="Narrow features",
    ),
    Step(DAMPED_COUNTS, lambda of: naive_bayes.damped_counts(of[TEXT_SPACE].tokens), (TEXT_SPACE,)),
    Step(NAIVE_BAYES, _naive_bayes, (DAMPED_COUNTS, CLASSES, FOLD_MOMENTS), title="Naive Bayes"),
    Step(
        SURROGATE,
        _surrogate,
        (FEATURES, CLASSES, FOLD_MOMENTS, OUT_OF_FOLD, NAIVE_BAYES),
        title="Surrogate for a trained model",
    ),
)
