"""Values that a program on the way changed: letters decoded wrongly, codes that a spreadsheet took for dates."""

from __future__ import annotations

import polars as pl

from auditor.model import GateId, Notice

# A letter of two bytes in UTF-8 that was read as Windows-1252: a capital A with a tilde or circumflex, and the sign of
# the second byte; three bytes for quotes and dashes. And what stands where a byte could not be read.
_TWICE = r"[ÃÂ][\u0080-\u00bfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|â€[\u0080-\u00bfœ™˜šž¢¦]"
_LOST = "\ufffd"
# House rule: fewer texts may quote such a word.
_SHARE = 0.01
# What spreadsheets make of 3-4, MAR1 and 1E5 in English, German, French and their kin.
_MONTH = (
    "(?i:jan|ene|gen|feb|fév|fev|mar|mär|mrz|mrt|apr|avr|abr|may|mai|mei|mag|jun|giu|juin|jul|lug|juil|aug|ago|aoû|"
)
_MONTH += "sep|set|oct|okt|out|ott|nov|dec|dez|dic|déc)"
_DATE = rf"^(\d{{1,2}}[-. ]+{_MONTH}\.?(-\d{{2}})?|{_MONTH}\.?[-. ]\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}} 00:00:00)$"
_POWER = r"^\d[.,]\d+E\+\d+$"
_CODE = r"^\p{L}{0,3}\d+([-./]\d+)*\p{L}?$"


def decoded_wrongly(text: pl.Expr) -> pl.Expr:
    """Whether a ``text`` was decoded wrongly before it came here."""
    return text.str.contains(_TWICE) | text.str.contains(_LOST, literal=True)


def garbled(frame: pl.DataFrame) -> tuple[Notice, ...]:
    """A notice where texts or labels of ``frame`` (label, and of the text whether it is ``garbled``) were decoded
    wrongly before they came here.
    """
    count = int(frame.select((pl.col("garbled") | decoded_wrongly(pl.col("label"))).sum()).item())
    if count <= _SHARE * frame.height:
        return ()
    return (
        Notice(
            f"{count:,} records hold letters that were decoded wrongly before they came here, such as \u00c3\u00a9 for "
            "\u00e9 or a sign for what was lost: words and classes are garbled. Export the records again, as UTF-8 "
            "from the start."
        ),
    )


def turned(labels: pl.Series, column: str) -> tuple[Notice, ...]:
    """A notice where some ``labels`` are dates or powers of ten among codes, as a spreadsheet makes of codes."""
    counts = labels.drop_nulls().value_counts(name="rows")
    names = counts.get_column(counts.columns[0])
    dates, powers, codes = (names.str.contains(pattern) for pattern in (_DATE, _POWER, _CODE))
    spoilt = (dates | powers).fill_null(value=False)
    if not spoilt.any() or spoilt.all() or not _mostly_codes(names.filter(~spoilt), codes.filter(~spoilt)):
        return ()
    rows, classes = int(counts.filter(spoilt)["rows"].sum()), int(spoilt.sum())
    what = " and ".join(word for word, found in (("dates", dates), ("powers of ten", powers)) if found.any())
    return (
        Notice(
            f"{classes} {'class reads' if classes == 1 else 'classes read'} as {what} in column '{column}' "
            f"({rows:,} records) among codes, as a spreadsheet makes of codes such as 3-4 or 1E5: each stands "
            "beside the code that it was. Export the records without opening them in a spreadsheet.",
            (GateId.LABELS,),
        ),
    )


def _mostly_codes(names: pl.Series, codes: pl.Series) -> bool:
    return bool(len(names)) and int(codes.sum()) * 2 >= len(names)
