"""The language of each text, by its commonest function words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.tokens import Tokens

# Words of one language among these: shared ones ("la", "de", "in") tell nothing.
WORDS = {
    "English": "the and of to is was with for that this has not are were from",
    "Spanish": "el los las y por con para una del fue que su más está pero",
    "French": "le les et des est pour dans une du pas avec qui sur été sont",
    "German": "der die das und ist nicht mit ein eine für auf dem wurde sich auch",
    "Portuguese": "os uma não com para foi mais ao pela seu são também dos nas pelo",
    "Italian": "il che non per una della con gli sono è nel alla anche dei più",
    "Dutch": "het een van niet zijn voor met aan ook naar deze werd bij wordt maar",
}
NAMES = (*WORDS, "not told")


def languages(tokens: Tokens) -> NDArray[np.int32]:
    """Codes (n,) into ``NAMES``: the language with the most of its function words in the text."""
    column = {term: index for index, term in enumerate(tokens.terms)}
    placed = [
        (column[word], language)
        for language, words in enumerate(WORDS.values())
        for word in words.split()
        if word in column
    ]
    if not placed:
        return np.full(tokens.counts.shape[0], len(WORDS), np.int32)
    rows, languages_of = zip(*placed, strict=True)
    indicator = sp.csr_matrix(
        (np.ones(len(placed), np.float32), (rows, languages_of)), shape=(len(tokens.terms), len(WORDS))
    )
    hits = (tokens.counts @ indicator).toarray()
    return np.where(hits.max(axis=1) > 0, hits.argmax(axis=1), len(WORDS)).astype(np.int32)
