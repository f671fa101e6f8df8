"""What a trial is compared with, on the same rows: an ordinary classifier, and the vote of neighbours."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from auditor.evidence.retrieval import votes_among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from auditor.evidence.grid import Features
    from auditor.trials.split import Split

    Codes = NDArray[np.int32]

# What a team tries first (Wang and Manning 2012 for the words; characters for what is misspelt).
WORDS = {"ngram_range": (1, 2), "sublinear_tf": True, "max_features": 60_000}
CHARACTERS = {"analyzer": "char_wb", "ngram_range": (3, 4), "sublinear_tf": True, "max_features": 40_000}
MAX_CHARACTERS = 3000
STRENGTHS = (0.1, 0.4, 1.5)
LOGISTIC_STRENGTHS = (3.0, 30.0)


def ordinary(texts: Sequence[str], codes: Codes, rows: Split) -> Codes:
    """Answers (q,) to the rows asked, of the linear classifier on words and characters that validation prefers."""
    from scipy.sparse import hstack

    cut = [text[:MAX_CHARACTERS] for text in texts]
    parts = rows.train, rows.validation, rows.asked
    spaces = [TfidfVectorizer(min_df=least, **space) for least, space in ((2, WORDS), (3, CHARACTERS))]
    for space in spaces:
        space.fit([cut[row] for row in rows.train])
    train, validation, asked = (
        hstack([space.transform([cut[row] for row in part]) for space in spaces], format="csr") for part in parts
    )
    models = [LinearSVC(C=strength, tol=1e-3, random_state=0) for strength in STRENGTHS]
    models += [LogisticRegression(C=strength, max_iter=200) for strength in LOGISTIC_STRENGTHS]
    # That it did not converge: validation judges what came.
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        fitted = [model.fit(train, codes[rows.train]) for model in models]
    best = max(fitted, key=lambda model: float((model.predict(validation) == codes[rows.validation]).mean()))
    return np.asarray(best.predict(asked))


def vote(phi: Features, codes: Codes, rows: Split, n_classes: int) -> Codes:
    """Answers (q,) of the neighbours among the rows learnt from, as many as validation prefers."""
    wanted = codes[rows.validation]
    checked = votes_among(phi, codes, rows.train, rows.validation, n_classes)
    best = max(checked, key=lambda voters: float((checked[voters] == wanted).mean()))
    return votes_among(phi, codes, rows.train, rows.asked, n_classes)[best]
