"""The language of each text: by its letters, and where those are Latin by its commonest function words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp

from auditor.results import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.evidence.tokens import Tokens

LANGUAGES: Key[NDArray[np.int32]] = Key("languages")

# Words of one language among these: shared ones ("la", "de", "in") tell nothing.
WORDS = {
    "English": "the and of to is was with for that this has not are were from",
    "Spanish": "el los las y por con para una del fue que su más está pero",
    "French": "le les et des est pour dans une du pas avec qui sur été sont",
    "German": "der die das und ist nicht mit ein eine für auf dem wurde sich auch",
    "Portuguese": "os uma não com para foi mais ao pela seu são também dos nas pelo",
    "Italian": "il che non per una della con gli sono è nel alla anche dei più",
    "Dutch": "het een van niet zijn voor met aan ook naar deze werd bij wordt maar",
    "Polish": "nie się jest że jak przez dla jestem są było oraz także czy już",
    "Czech": "není jsem že při které který jako jsou bylo také podle už ještě kde když",
    "Slovak": "prečo môj som ktorý alebo môžem chcem sú keď ešte moju nemám bol bola čo",
    "Croatian or Serbian": "nije kako su koji moj sam već ili ali što šta samo kada moju jer",
    "Turkish": "bir için ile çok değil nasıl olarak kadar benim gibi bana ama şu neden",
    "Swedish": "och att det är jag som på inte från hur ett efter också mycket",
    "Danish or Norwegian": "og jeg ikke er på af hvordan blev ble også fra efter etter meg hvor",
    "Finnish": "ja ei että oli mutta kuin ovat myös minun miten joka sekä voi kun olen",
    "Hungarian": "hogy nem egy és az volt kell csak mint vagy már meg ezt mert nincs",
    "Romanian": "și nu sunt pentru că din mai cu pe fost această după când ce cum",
    "Indonesian or Malay": "yang untuk dengan dari tidak ini itu pada saya adalah akan bisa ada apa",
    "Filipino": "ang mga hindi ng ay paano aking iyong kung nang kong yung kanila wala bakit",
    "Swahili": "kwa katika hii yangu kama hiyo sana bado lakini nini gani langu kuwa huu yako",
    "Vietnamese": "và của là không cho có được tôi một các với những này trong để",
}
# Letters that decide by themselves. A script of many languages is called by its name.
SCRIPTS = {
    "Thai": r"\p{Thai}",
    "Lao": r"\p{Lao}",
    "Khmer": r"\p{Khmer}",
    "Burmese": r"\p{Myanmar}",
    "Japanese": r"[\p{Hiragana}\p{Katakana}]",
    "Chinese": r"\p{Han}",
    "Korean": r"\p{Hangul}",
    "Greek": r"\p{Greek}",
    "Hebrew": r"\p{Hebrew}",
    "Armenian": r"\p{Armenian}",
    "Georgian": r"\p{Georgian}",
    "Cyrillic letters": r"\p{Cyrillic}",
    "Arabic letters": r"\p{Arabic}",
    "Devanagari letters": r"\p{Devanagari}",
    "Bengali letters": r"\p{Bengali}",
    "Tamil": r"\p{Tamil}",
}
OTHER_LETTERS = "other letters"
NAMES = (*WORDS, *SCRIPTS, OTHER_LETTERS, "not told")
ENGLISH, NOT_TOLD = NAMES.index("English"), len(NAMES) - 1
LATIN = r"\p{Latin}"
FOREIGN = r"[\p{L}--\p{Latin}]"
# Of Japanese text at least a tenth is kana (Chikamatsu et al. 2000: kanji are 41 % of a newspaper's characters).
KANA_SHARE = 0.1
# English exports of the benchmarks stay under it by a factor of ten: docs/adr/0021.
ANOTHER_SHARE = 0.05


def languages(texts: pl.Series, tokens: Tokens) -> NDArray[np.int32]:
    """Codes (n,) into ``NAMES``: the script of most letters, else the language with the most of its function words."""
    found = _by_words(tokens)
    foreign = np.flatnonzero(texts.str.contains(FOREIGN).to_numpy())
    if len(foreign):
        by_script = _by_script(texts[foreign])
        told = by_script >= 0
        found[foreign[told]] = by_script[told]
    return found


def beyond_english(languages: NDArray[np.int32]) -> bool:
    """Whether more than one in twenty of the texts whose ``languages`` (n,) are told is of another than English.

    Of a Latin language that is not listed a few words are always told as one that is.
    """
    english, told = (languages == ENGLISH).sum(), (languages != NOT_TOLD).sum()
    return bool(told - english > ANOTHER_SHARE * told)


def names(languages: NDArray[np.int32]) -> pl.Series:
    """The name (n,) of each language."""
    return pl.Series("language", np.array(NAMES)[languages])


def _by_script(texts: pl.Series) -> NDArray[np.int32]:
    """The code (m,) of the script that more letters are of than of any other; -1 where that is Latin."""
    scripts = [LATIN, *SCRIPTS.values()]
    counts = np.column_stack([texts.str.count_matches(script).to_numpy() for script in scripts]).astype(float)
    letters = texts.str.count_matches(r"[\p{L}\p{M}]").to_numpy()
    counts = np.column_stack([counts, letters - counts.sum(axis=1)])
    kana, han = (1 + list(SCRIPTS).index(name) for name in ("Japanese", "Chinese"))
    japanese = counts[:, kana] > KANA_SHARE * counts[:, han]
    counts[japanese, kana] += counts[japanese, han]
    most = counts.argmax(axis=1)
    return np.where(most > 0, most - 1 + len(WORDS), -1).astype(np.int32)


def _by_words(tokens: Tokens) -> NDArray[np.int32]:
    column = {term: index for index, term in enumerate(tokens.terms)}
    placed = [
        (column[word], language)
        for language, words in enumerate(WORDS.values())
        for word in words.split()
        if word in column
    ]
    if not placed:
        return np.full(tokens.counts.shape[0], NOT_TOLD, np.int32)
    rows, languages_of = zip(*placed, strict=True)
    indicator = sp.csr_matrix(
        (np.ones(len(placed), np.float32), (rows, languages_of)), shape=(len(tokens.terms), len(WORDS))
    )
    hits = (tokens.counts @ indicator).toarray()
    return np.where(hits.max(axis=1) > 0, hits.argmax(axis=1), NOT_TOLD).astype(np.int32)
