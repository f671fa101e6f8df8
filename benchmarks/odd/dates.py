"""Dates as other systems and languages write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.odd import Odd, delimited, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = {
    "french": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "french_long": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "german": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "german_short": "Jan. Feb. Mrz. Apr. Mai Jun. Jul. Aug. Sep. Okt. Nov. Dez.",
    "spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "portuguese": "jan fev mar abr mai jun jul ago set out nov dez",
    "italian": "gen feb mar apr mag giu lug ago set ott nov dic",
    "dutch": "jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec.",
    "polish": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "russian": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "turkish": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "swedish": "januari februari mars april maj juni juli augusti september oktober november december",
}


def _named(language: str, form: str) -> Callable[[datetime], str]:
    months = NAMES[language].split()
    return lambda when: form.format(d=when.day, m=months[when.month - 1], y=when.year)


def _year(when: datetime) -> datetime:
    return datetime(when.year, 1, 1)


def _month(when: datetime) -> datetime:
    return datetime(when.year, when.month, 1)


def _quarter(when: datetime) -> datetime:
    return datetime(when.year, (when.month - 1) // 3 * 3 + 1, 1)


def _day(when: datetime) -> datetime:
    return datetime(when.year, when.month, when.day)


def _minute(when: datetime) -> datetime:
    return when.replace(second=0)


def _exact(when: datetime) -> datetime:
    return when


def _monday(when: datetime) -> datetime:
    return _day(when) - timedelta(days=when.weekday())


def _days(when: datetime, start: datetime) -> float:
    return (when - start) / timedelta(days=1)


def _iso(when: datetime, form: str) -> str:
    year, week, weekday = when.isocalendar()
    return form.format(y=year, w=week, d=weekday)


# What a system writes of a moment, and what can be known of it.
WRITTEN: dict[str, tuple[Callable[[datetime], str], Callable[[datetime], datetime]]] = {
    "french": (_named("french", "{d} {m} {y}"), _day),
    "french_long": (_named("french_long", "{d} {m} {y}"), _day),
    "german": (_named("german", "{d}. {m} {y}"), _day),
    "german_short": (_named("german_short", "{d}. {m} {y}"), _day),
    "spanish_de": (_named("spanish", "{d} de {m} de {y}"), _day),
    "portuguese_slashes": (_named("portuguese", "{d:02}/{m}/{y}"), _day),
    "italian": (_named("italian", "{d}-{m}-{y}"), _day),
    "dutch": (_named("dutch", "{d} {m} {y}"), _day),
    "polish": (_named("polish", "{d} {m} {y}"), _day),
    "russian": (_named("russian", "{d} {m} {y} г."), _day),
    "turkish": (_named("turkish", "{d} {m} {y}"), _day),
    "swedish": (_named("swedish", "{d} {m} {y}"), _day),
    "japanese": (lambda w: f"{w.year}年{w.month}月{w.day}日", _day),
    "japanese_clock": (lambda w: f"{w.year}年{w.month:02}月{w.day:02}日 {w.hour:02}時{w.minute:02}分", _minute),
    "korean": (lambda w: f"{w.year}년 {w.month}월 {w.day}일", _day),
    "korean_points": (lambda w: f"{w.year}. {w.month}. {w.day}.", _day),
    "weeks_slash": (lambda w: _iso(w, "{y}/{w:02}"), _monday),
    "weeks_german": (lambda w: _iso(w, "KW {w}/{y}"), _monday),
    "weeks_words": (lambda w: _iso(w, "Week {w}, {y}"), _monday),
    "weeks_day": (lambda w: _iso(w, "{y}-W{w:02}-{d}"), _day),
    "quarter_short": (lambda w: f"{(w.month + 2) // 3}Q{w.year % 100}", _quarter),
    "quarter_french": (lambda w: f"T{(w.month + 2) // 3} {w.year}", _quarter),
    "quarter_words": (lambda w: f"{('1st', '2nd', '3rd', '4th')[(w.month - 1) // 3]} quarter {w.year}", _quarter),
    "fiscal_period": (lambda w: f"FY{w.year}-P{w.month:02}", _month),
    "fiscal_quarter": (lambda w: f"FY{w.year % 100} Q{(w.month + 2) // 3}", _quarter),
    "fiscal_years": (lambda w: f"{w.year}/{(w.year + 1) % 100}", _year),
    "excel_serial": (lambda w: f"{_days(w, datetime(1899, 12, 30)):.0f}", lambda w: _day(w + timedelta(hours=12))),
    "excel_serial_comma": (lambda w: f"{_days(w, datetime(1899, 12, 30)):.9f}".replace(".", ","), _exact),
    "ticks": (lambda w: str(int((w - datetime(1, 1, 1)).total_seconds()) * 10**7), _exact),
    "file_time": (lambda w: str(int((w - datetime(1601, 1, 1)).total_seconds()) * 10**7), _exact),
    "epoch_scientific": (lambda w: f"{(w - datetime(1970, 1, 1)).total_seconds():.9e}", _exact),
    "sas_date9": (lambda w: f"{w:%d%b%Y}:{w:%H:%M:%S}".upper(), _exact),
    "oracle": (lambda w: f"{w:%d-%b-%y %I.%M.%S}.000000 {w:%p}".upper(), _exact),
    "bigquery": (lambda w: f"{w:%Y-%m-%d %H:%M:%S} UTC", _exact),
    "kibana": (lambda w: f"{w:%b %d, %Y @ %H:%M:%S}.000", _exact),
    "node_narrow_space": (lambda w: f"{w.month}/{w.day}/{w.year}, {w:%I:%M:%S}\u202f{w:%p}", _exact),
    "spanish_half": (
        lambda w: f"{w:%d/%m/%Y %I:%M:%S} {'a' if w.hour < 12 else 'p'}.\u00a0m.",
        _exact,
    ),
    "java_default": (lambda w: f"{w:%a %b %d %H:%M:%S} UTC {w.year}", _exact),
    "zone_in_brackets": (lambda w: f"{w:%Y-%m-%dT%H:%M:%S}Z[Etc/UTC]", _exact),
    "rfc_2822": (lambda w: f"{w:%a, %d %b %Y %H:%M:%S} +0000 (UTC)", _exact),
    "ical": (lambda w: f"{w:%Y%m%dT%H%M%SZ}", _exact),
    "ordinal": (lambda w: f"{w:%Y-%j}", _day),
    "apache": (lambda w: f"[{w:%d/%b/%Y:%H:%M:%S} +0000]", _exact),
    "apostrophe": (lambda w: f"'{w:%Y-%m-%d}", _day),
    "time_first": (lambda w: f"{w:%H:%M:%S %d.%m.%Y}", _exact),
}


def odd_files() -> Iterator[Odd]:
    """One file of 700 records for each way to write a date, and those that nothing or too much decides."""
    made = records(700)
    options = {"time": "denied_on"}

    def of(name: str, cells: list[str], dates: tuple[datetime, ...] | None, *, said: bool = False) -> Odd:
        lines = ((r.id, cell, r.payer, r.note, r.label) for r, cell in zip(made, cells, strict=True))
        body = delimited(("claim_id", "denied_on", "payer", "note", "category"), lines).encode()
        return Odd("dates", f"date_{name}.csv", body, options, rows=700, dates=dates, said=said)

    for name, (write, known) in WRITTEN.items():
        yield of(name, [write(r.when) for r in made], tuple(known(r.when) for r in made))
    thai = [f"{r.when.day:02}/{r.when.month:02}/{r.when.year + 543}" for r in made]
    yield of("thai_years", thai, tuple(_day(r.when) for r in made))
    third = [f"{r.when:%Y-%m-%d}" if place % 3 else "see the letter" for place, r in enumerate(made)]
    yield of("a_third_words", third, None, said=True)
    low = [f"{r.when.day % 12 + 1:02}/{r.when.month:02}/{r.when.year}" for r in made]
    yield of("below_13", low, None, said=True)
    for name, start in (("mac_absolute", datetime(2001, 1, 1)), ("sas_datetime", datetime(1960, 1, 1))):
        yield of(name, [str(int((r.when - start).total_seconds())) for r in made], None, said=True)
    two = [f"{r.when:%d/%m/%Y}" if r.payer == "Acorn" else f"{r.when:%m/%d/%Y}" for r in made]
    yield of("two_orders_by_payer", two, tuple(_day(r.when) for r in made), said=True)
