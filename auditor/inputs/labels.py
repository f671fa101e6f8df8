"""How labels and records are compared, wherever they come from."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Letters and signs that look like another, after Unicode's list of confusables (UTS 39); a word of one alphabet keeps
# its capitals, which have other small letters.
_SMALL = str.maketrans("аеорсухіјѕԁһӏοανρυ", "aeopcyxijsdhloavpu")
_CAPITAL = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXIJSABEZHIKMNOPTYX")
_SIGNS = str.maketrans("‐‑‒–—−‘’´`“”", "------''''\"\"")
_LATIN = re.compile(r"[A-Za-z]")
_NUMBER = re.compile(r"0*(\d+)(?:\.0+)?")


def folded(label: str) -> str:
    """Labels that differ in case, white space, look-alike letters, or in the zeros around a number, are one."""
    text = unicodedata.normalize("NFKC", label).translate(_SIGNS)
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    words = (word.translate(_CAPITAL) if _LATIN.search(word) or len(word) == 1 else word for word in text.split())
    text = " ".join(words).lower().translate(_SMALL)
    number = _NUMBER.fullmatch(text)
    return number[1] if number else text


def record_digest(text: str, label: str) -> str:
    """Tells a record from a changed one, and shows nothing of it; with its text, equal labels do not look alike."""
    return blake2b(f"{folded(label)}\0{text}".encode(), digest_size=8).hexdigest()


def digests(rows: pl.DataFrame) -> list[str]:
    """The digest of each of the ``rows`` (columns text, label)."""
    return [record_digest(text, label) for text, label in rows.select("text", "label").iter_rows()]
