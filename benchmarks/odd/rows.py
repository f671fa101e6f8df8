"""Lines that are no records, quotes, delimiters and encodings."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from benchmarks.odd import CLASSES, Odd, delimited, plain, records

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = frozenset(CLASSES)
MADE = records()
HEADER = ("note", "category")


def _audit(kind: str, file: str, body: str | bytes, *, said: bool = False, rows: int = len(MADE)) -> Odd:
    raw = body if isinstance(body, bytes) else body.encode()
    return Odd(kind, file, raw, rows=rows, classes=NAMES, said=said)


def _stop(kind: str, file: str, body: str | bytes) -> Odd:
    return Odd(kind, file, body if isinstance(body, bytes) else body.encode(), stop=True)


def odd_files() -> Iterator[Odd]:
    """Each file of the module's kinds."""
    yield from _headers()
    yield from _around()
    yield from _quotes()
    yield from _delimiters()
    yield from _encodings()


def _headers() -> Iterator[Odd]:
    body = plain(MADE).partition("\n")[2]
    yield _stop("no header", "no_header.csv", body)
    yield _stop("no header", "no_header_label_first.tsv", "".join(f"{r.label}\t{r.note}\n" for r in MADE))
    wide = ((r.id, f"{r.when:%Y-%m-%d}", r.payer, r.note, r.label) for r in MADE[1:])
    yield _stop("no header", "no_header_wide.csv", delimited(_wide(MADE[0]), wide))
    names = ("ResponseId", "RecordedDate", "Q1", "Q2")
    lines = [(r.id, f"{r.when:%Y-%m-%d %H:%M:%S}", r.note, r.label) for r in MADE]
    asked = ("Response ID", "Recorded Date", "What happened?", "What kind of denial was it?")
    ids = tuple(f'{{"ImportId":"{name}"}}' for name in ("_recordId", "recordedDate", "QID1_TEXT", "QID2"))
    options = {"text": "Q1", "label": "Q2"}
    body = delimited(names, [asked, ids, *lines]).encode()
    yield Odd("header lines", "qualtrics.csv", body, options, rows=240, classes=NAMES, said=True)
    second = ("", "", "Open-Ended Response", "Response")
    body = delimited(("Respondent ID", "Start Date", "What happened?", "Kind of denial"), [second, *lines]).encode()
    options = {"text": "What happened?", "label": "Kind of denial"}
    yield Odd("header lines", "surveymonkey.csv", body, options, rows=240, classes=NAMES, said=True)
    groups = delimited(("Claim", "", "Review", ""), [("id", "denied on", "note", "category"), *lines])
    yield _audit("header lines", "grouped_names.csv", groups, said=True)
    every = [line for place, line in enumerate(plain(MADE).splitlines()[1:]) for line in _again(place, line)]
    yield _audit("repeated header", "every_fifty.csv", "\n".join(every), said=True)
    thrice = "".join(plain(MADE[start : start + 80]) for start in (0, 80, 160))
    yield _audit("repeated header", "three_files_together.csv", thrice, said=True)
    spaced = plain(MADE[:120]) + plain(MADE[120:]).replace("note,category", '"note" , "category"', 1)
    yield _audit("repeated header", "spelled_otherwise.csv", spaced, said=True)


def _wide(r: object) -> tuple[str, ...]:
    return (r.id, f"{r.when:%Y-%m-%d}", r.payer, r.note, r.label)  # type: ignore[attr-defined]


def _again(place: int, line: str) -> tuple[str, ...]:
    return ("note,category", line) if place % 50 == 0 else (line,)


def _around() -> Iterator[Odd]:
    body = plain(MADE)
    yield _audit("sep= line", "sep_semicolon.csv", "sep=;\r\n" + _cut(";"))
    yield _audit("sep= line", "sep_quoted_with_mark.csv", b"\xef\xbb\xbf" + ('"sep=,"\r\n' + body).encode())
    yield _audit("sep= line", "sep_tab_utf16.csv", ("sep=\t\r\n" + _cut("\t")).encode("utf-16"))
    titles = "Denials by payer\nRun by: desk 4\nPeriod: 2023-01-01 to 2024-12-31\n\n"
    yield _audit("lines around", "titles.csv", titles + body, said=True)
    tail = '\n"Grand Totals (240 records)"\n"Confidential Information - Do Not Distribute"\n'
    yield _audit("lines around", "salesforce_tail.csv", body + tail, said=True)
    filters = '\n\n"Applied filters:\nYear is 2024\nPayer is not blank"\n'
    yield _audit("lines around", "power_bi_filters.csv", body + filters, said=True)
    wide = [_wide(r) for r in MADE]
    names = ("id", "denied_on", "payer", "note", "category")
    total = delimited(names, [*wide, ("Total", "", "240", "", "")])
    yield _audit("lines around", "total_in_columns.csv", total)
    dashed = "\n".join(
        f"{note:<110}|{label:<16}"
        for note, label in [("note", "category"), ("-" * 110, "-" * 16), *((r.note, r.label) for r in MADE)]
    )
    yield _audit("lines around", "sqlcmd.txt", dashed + "\n\n(240 rows affected)\n", said=True)
    psql = "\n".join(f" {note:<110} | {label:<16}" for note, label in [("note", "category"), *_pairs()])
    psql = psql.replace("\n", f"\n{'-' * 112}+{'-' * 18}\n", 1)
    yield _audit("lines around", "psql.txt", psql + "\n(240 rows)\n", said=True)
    yield _audit("lines around", "markdown.txt", "| note | category |\n|---|---|\n" + _boxed(""), said=True)
    rule = f"+{'-' * 112}+{'-' * 18}+\n"
    boxed = f"{rule}| note | category |\n{rule}{_boxed('')}{rule}"
    yield _audit("lines around", "mysql_box.txt", boxed, said=True)
    yield _audit(
        "lines around", "sap_alv.txt", f"{'-' * 80}\n|note|category|\n{'-' * 80}\n{_boxed('')}{'-' * 80}\n", said=True
    )


def _pairs() -> list[tuple[str, str]]:
    return [(r.note, r.label) for r in MADE]


def _boxed(end: str) -> str:
    return "".join(f"| {note} | {label} |{end}\n" for note, label in _pairs())


def _cut(mark: str) -> str:
    return delimited(HEADER, _pairs(), mark)


def _quotes() -> Iterator[Odd]:
    opened = ['"' + note if place % 40 == 3 else note.replace(",", ";") for place, (note, _) in enumerate(_pairs())]
    lines = "\n".join(f"{note},{r.label}" for note, r in zip(opened, MADE, strict=True))
    yield _stop("swallowed rows", "quote_first.csv", f"note,category\n{lines}\n")
    lines = "\n".join(f"{r.label}\t{note}" for note, r in zip(opened, MADE, strict=True))
    yield _audit("swallowed rows", "quote_last.tsv", f"category\tnote\n{lines}\n")
    spoken = [f'"{note.split()[0]}" {note}' if place % 9 == 0 else note for place, (note, _) in enumerate(_pairs())]
    lines = "\n".join(f"{r.label}\t{note}" for note, r in zip(spoken, MADE, strict=True))
    yield _audit("swallowed rows", "unquoted_tsv.tsv", f"category\tnote\n{lines}\n")
    said = [note.replace(":", ': \\"no\\",') for note, _ in _pairs()]
    lines = "\n".join(f'"{note}",{r.label}' for note, r in zip(said, MADE, strict=True))
    yield _audit("escapes", "spark.csv", f"note,category\n{lines}\n")
    lines = "\n".join(f'"{r.id}","{note}","{r.label}"' for note, r in zip(said, MADE, strict=True))
    yield _audit("escapes", "spark_all_quoted.csv", f'"id","note","category"\n{lines}\n')
    tables = [(f"| {note} | x |\n|---|---|\n| a | b |", label) for note, label in _pairs()]
    yield _audit("escapes", "tables_in_texts.csv", delimited(HEADER, tables))
    ends = [f"{note} in C:\\\\old\\\\" for note, _ in _pairs()]
    lines = "\n".join(f'"{note}","{r.label}"' for note, r in zip(ends, MADE, strict=True))
    yield _audit("escapes", "mysql_outfile.csv", f'"note","category"\n{lines}\n')
    lines = "\n".join(
        f"{note}\t{r.label}" for note, r in zip((n.replace(":", "\\n") for n, _ in _pairs()), MADE, strict=True)
    )
    yield _audit("escapes", "mysql_batch.tsv", f"note\tcategory\n{lines}\n")
    singles = "\n".join(f"'{note}','{label}'" for note, label in _pairs())
    yield _audit("escapes", "single_quotes.csv", f"'note','category'\n{singles}\n")
    spaced = "\n".join(f'"{note}", "{label}"' for note, label in _pairs())
    yield _audit("escapes", "space_after_comma.csv", f'"note", "category"\n{spaced}\n')


def _delimiters() -> Iterator[Odd]:
    for name, mark in {
        "unit": "\x1f",
        "start_of_text": "\x02",
        "broken_bar": "¦",
        "caret": "^",
        "section": "§",
    }.items():
        yield _audit("delimiters", f"{name}.txt", _cut(mark))
    for name, mark in {"two_bars": "||", "tilde_bar": "~|~", "two_colons": "::", "bar_and_spaces": " | "}.items():
        yield _audit("delimiters", f"{name}.txt", "\n".join(mark.join(pair) for pair in [HEADER, *_pairs()]))


def _encodings() -> Iterator[Odd]:
    body = plain(MADE).replace("Coding", "Größe")
    names = frozenset(name.replace("Coding", "Größe") for name in NAMES)
    for name, encoding in {"latin": "windows-1252", "mac": "mac-roman"}.items():
        yield _stop("encodings", f"{name}.csv", body.encode(encoding))
    yield Odd("encodings", "utf16_no_mark.csv", body.encode("utf-16-le"), rows=240, classes=names)
    twice = body.encode().decode("windows-1252").encode()
    yield Odd("encodings", "encoded_twice.csv", twice, rows=240, said=True)
    yield Odd("encodings", "gzip_named_csv.csv", gzip.compress(body.encode(), mtime=0), rows=240, classes=names)
    one = body.encode().replace("Größe".encode(), "Größe".encode("windows-1252"), 1)
    yield _stop("encodings", "one_bad_byte.csv", one)
