"""Dates in the words of other languages, put into the spellings that `date_shapes` reads. Pure.

The names of months are those of Unicode's CLDR; the language that reads most values of a column is the column's.
"""

from __future__ import annotations

import re

import polars as pl

# Twelve names each, other forms behind a bar; the first three letters or more of a name are its short form.
_LANGUAGES = {
    "English": "january february march april may june july august september october november december",
    "French": "janvier février|fevrier mars avril mai juin juillet août|aout septembre octobre novembre "
    "décembre|decembre",
    "German": "januar|jänner februar|feber märz|maerz|mrz april mai juni juli august september oktober "
    "november dezember",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre",
    "Portuguese": "janeiro fevereiro março|marco abril maio junho julho agosto setembro outubro novembro dezembro",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Dutch": "januari februari maart|mrt april mei juni juli augustus september oktober november december",
    "Polish": "stycznia|styczeń lutego|luty marca|marzec kwietnia|kwiecień maja|maj czerwca|czerwiec lipca|lipiec "
    "sierpnia|sierpień września|wrzesień października|październik listopada|listopad grudnia|grudzień",
    "Czech": "ledna|leden února|únor března|březen dubna|duben května|květen června|červen července|červenec "
    "srpna|srpen září října|říjen listopadu|listopad prosince|prosinec",
    "Croatian": "siječnja|siječanj veljače|veljača ožujka|ožujak travnja|travanj svibnja|svibanj lipnja|lipanj "
    "srpnja|srpanj kolovoza|kolovoz rujna|rujan listopada|listopad studenoga|studeni|studenog prosinca|prosinac",
    "Russian": "января|январь февраля|февраль марта|март апреля|апрель мая|май июня|июнь июля|июль августа|август "
    "сентября|сентябрь октября|октябрь ноября|ноябрь декабря|декабрь",
    "Ukrainian": "січня|січень лютого|лютий березня|березень квітня|квітень травня|травень червня|червень "
    "липня|липень серпня|серпень вересня|вересень жовтня|жовтень листопада|листопад грудня|грудень",
    "Turkish": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "Swedish": "januari februari mars april maj juni juli augusti september oktober november december",
    "Danish": "januar februar marts|mars april maj|mai juni juli august september oktober november december|desember",
    "Finnish": "tammikuuta|tammikuu helmikuuta|helmikuu maaliskuuta|maaliskuu huhtikuuta|huhtikuu toukokuuta|toukokuu "
    "kesäkuuta|kesäkuu heinäkuuta|heinäkuu elokuuta|elokuu syyskuuta|syyskuu lokakuuta|lokakuu marraskuuta|marraskuu "
    "joulukuuta|joulukuu",
    "Romanian": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "Hungarian": "január február március április május június július augusztus szeptember október november december",
    "Indonesian": "januari februari maret april mei juni juli agustus september oktober november desember",
    "Thai": "มกราคม|ม.ค กุมภาพันธ์|ก.พ มีนาคม|มี.ค เมษายน|เม.ย พฤษภาคม|พ.ค มิถุนายน|มิ.ย กรกฎาคม|ก.ค สิงหาคม|ส.ค "
    "กันยายน|ก.ย ตุลาคม|ต.ค พฤศจิกายน|พ.ย ธันวาคม|ธ.ค",
}  # fmt: skip
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORD = r"\p{L}[\p{L}\p{M}]*(?:\.\p{L}[\p{L}\p{M}]*)?"
# The same for Python, whose words have no Thai vowel signs in them.
_LETTERS = r"[^\W\d_](?:[^\W\d_]|[\u0e31-\u0e4e])*"
_MARKED_WORD = re.compile(rf"{_LETTERS}(?:\.{_LETTERS})?\.?")
_QUARTERS = r"(?:quarter|quartal|trimestre|trim|kwartaal|kvartal|kwartał|квартал)\.?"
# In order. What stands around a date, then other orders of the same parts.
_SPELLINGS = (
    (r"^\[(.*)\]$", "$1"),
    (r"^'", ""),
    (r"^(\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)[\s,]+(\d{1,2}[./-]\d{1,2}[./-]\d{2,4})$", "$2 $1"),
    (r"(\d)\s+(?:at|um|à|às|as|a las|alle|alle ore|om|kl\.?|klo|o)\s+(\d{1,2}[:.h]\d)", "$1 $2"),
    (r"(\d)\s*(?:Uhr|uur|hrs\.?|น\.)$", "$1"),
    (r"^(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号]", "$1-$2-$3"),
    (r"^(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]$", "$1-$2"),
    (r"(\d{1,2})\s*[時时시点]\s*(\d{1,2})\s*[分분](?:\s*(\d{1,2})\s*[秒초])?", "$1:$2:${3}"),
    (r"^(\d{4})\.\s+(\d{1,2})\.\s+(\d{1,2})\.?", "$1-$2-$3"),
    (r"^([1-4])\s?[QqTtКк][\s/'-]*(\d{4}|\d{2})$", "Q$1 $2"),
    (r"^[Tt]([1-4])[\s/-]+(\d{4}|\d{2})$", "Q$1 $2"),
    (rf"^(?i)([1-4])(?:st|nd|rd|th|er|[eèºª.])*\s*{_QUARTERS}\s+(?:of\s+|de\s+)?(\d{{4}})$", "Q$1 $2"),
    (rf"^(?i){_QUARTERS}\s*([1-4])[\s/,-]+(\d{{4}})$", "Q$1 $2"),
    (r"^(?i)(?:FY)?\s*(\d{4})[\s/-]*P(?:eriod)?\s*(0?[1-9]|1[0-2])$", "$1-$2"),
    (r"^(\d{5}),(\d+)$", "$1.$2"),
)
_BUDDHIST = r"(25\d\d|24[89]\d)"
_AHEAD = 543
_FITS = 0.95


def in_english(texts: pl.Series) -> pl.Series:
    """Different values (n,) with the months and the parts of their dates as English systems write them."""
    for pattern, spelling in _SPELLINGS:
        texts = texts.str.replace(pattern, spelling)
    return _gregorian(_months(texts.str.replace(r":$", "")))


def _months(texts: pl.Series) -> pl.Series:
    words = texts.filter(texts.str.contains(r"\d")).str.extract_all(_WORD).explode().drop_nulls().str.to_lowercase()
    if words.is_empty():
        return texts
    counts = dict(words.value_counts().iter_rows())
    tables = {language: _table(names, counts) for language, names in _LANGUAGES.items()}
    best = max(tables, key=lambda language: sum(counts[word] for word in tables[language]))
    if best == "English" or not tables[best]:
        return texts
    found = {word: _ENGLISH[month] for word, month in tables[best].items()}
    # A weekday before, and the small words between day, month and year.
    translated = [_translated(text, found) if text is not None else None for text in texts]
    return pl.Series(texts.name, translated, dtype=pl.String)


def _table(names: str, words: dict[str, int]) -> dict[str, int]:
    """The place in the year of each of the ``words`` that is a month's name, or the beginning of one month's alone."""
    months = [form.split("|") for form in names.split()]
    found = {}
    for word in words:
        exact = [place for place, forms in enumerate(months) if word in forms]
        begun = [place for place, forms in enumerate(months) if any(form.startswith(word) for form in forms)]
        places = exact or (begun if len(word) >= 3 else [])
        if len(places) == 1:
            found[word] = places[0]
    return found


def _translated(text: str, found: dict[str, str]) -> str:
    """The text with its month in English, and no other word before its clock."""
    months = [match for match in _MARKED_WORD.finditer(text) if match[0].rstrip(".").lower() in found]
    if not months:
        return text
    # A weekday before it may begin as a month does.
    named = months[-1]
    before, after = text[: named.start()], text[named.end() :]
    before = _MARKED_WORD.sub(" ", before).strip(" ,")
    after = re.sub(r"^\s*(?:de|del|d')\s+", " ", after)
    after = re.sub(r"\s*(?:г|р|года|року|roku|g)\.?$", "", after)
    return f"{before.rstrip('.')} {found[named[0].rstrip('.').lower()]} {after.lstrip(' .,')}".strip()


def _gregorian(texts: pl.Series) -> pl.Series:
    """Years of the Buddhist era, of which no Gregorian calendar will write one soon."""
    years = texts.str.extract(rf"(?:^|\D){_BUDDHIST}(?:\D|$)", 1)
    if years.is_empty() or len(years.drop_nulls()) < _FITS * len(texts.drop_nulls()):
        return texts
    for year in years.drop_nulls().unique():
        texts = texts.str.replace(year, str(int(year) - _AHEAD), literal=True)
    return texts
