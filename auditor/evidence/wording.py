"""How many texts of each class hold each word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.moments import Codes
    from auditor.evidence.tokens import Tokens

LEAST_TEXTS = 30


def countable_words(tokens: Tokens, prevalence: float) -> NDArray[np.int64]:
    """Words without digits in at least ``prevalence`` of the texts: no date or amount."""
    often = tokens.document_frequency >= max(prevalence * tokens.counts.shape[0], LEAST_TEXTS)
    plain = np.array([not any(map(str.isdigit, term)) for term in tokens.terms], dtype=bool)
    return np.flatnonzero(tokens.is_word & often & plain)


def texts_with(
    counts: sp.csr_matrix, codes: Codes, rows: NDArray[np.int64], n_classes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the ``rows`` (m,) of ``counts`` (n, V) the texts of each class that hold each word (K, V), and all (K,)."""
    present = counts[rows]
    present.data = np.ones_like(present.data)
    select = sp.csr_matrix((np.ones(len(rows)), (codes[rows], np.arange(len(rows)))), shape=(n_classes, len(rows)))
    texts = np.bincount(codes[rows], minlength=n_classes).astype(np.float64)
    return np.asarray((select @ present).todense(), np.float64), texts
