"""How a file becomes rows and cells: files as tools write them, and what comes out."""

import csv
import gzip
import io
import json
import os
import re
from datetime import datetime

import polars as pl
import pytest

from auditor.batch import load
from auditor.config import Config, Read
from auditor.errors import ConfigError, InputError
from auditor.model import GateId

CLASSES = ("billing", "coverage", "records")
ROLES = {"text": ("note",), "label": "category"}
CANARY = "Zaphod Beeblebrox"


def note(number):
    words = ["claim", "form", "letter", "plan", "visit", "bill", "unit", "code", "desk", "line", "fax", "team"]
    return " ".join(words[(number * step) % len(words)] for step in range(1, 10)) + f" n{number}"


def record(number):
    return [f"C{number:05}", f"2024-{number % 12 + 1:02}-{number % 27 + 1:02}", note(number), CLASSES[number % 3]]


NAMES = ["claim", "day", "note", "category"]
RECORDS = [record(number) for number in range(60)]


def delimited(rows, delimiter=",", end="\n"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


TABLE = delimited([NAMES, *RECORDS])


@pytest.fixture
def read(tmp_path):
    """Writes a file and loads it; ``how`` are the keys of ``[read]``."""

    def write_and_load(content, name="export.csv", roles=ROLES, **how):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(Config(export=str(path), **roles, read=Read(**how)))

    return write_and_load


def refused(run, error, sentence):
    """The message of the ``error``, which quotes no record."""
    with pytest.raises(error, match=sentence) as caught:
        run()
    message = str(caught.value)
    assert CANARY not in message
    assert "plan visit" not in message
    assert "\n" not in message
    return message


def told(batch):
    return [notice.text for notice in batch.intake.notices]


def whole(batch, rows=60):
    """All records are there, and nothing else."""
    assert batch.frame.sort("row_id")["text"].to_list() == [note(number) for number in range(rows)]
    assert set(batch.frame["label"]) == set(CLASSES)
    return True


# Encodings


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        TABLE.replace(",", "\t").encode("utf-16"),
        TABLE.encode("utf-32"),
        TABLE.encode("utf-8-sig"),
        b"\xef\xbb\xbf\xef\xbb\xbf" + TABLE.encode(),
        "\ufeff\ufeff".encode("utf-16-le") + TABLE.encode("utf-16-le"),
    ],
    ids=["utf-16", "utf-16-be", "excel-unicode-text", "utf-32", "utf-8", "two-marks", "two-marks-utf-16"],
)
def test_a_mark_tells_the_encoding(read, content):
    batch = read(content)
    assert whole(batch)
    assert told(batch) == []


def test_a_packed_file_and_json_are_told_by_their_mark_too(read):
    assert whole(read(gzip.compress(TABLE.encode("utf-16")), "export.csv.gz"))
    lines = "\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in RECORDS)
    for encoding in ("utf-16", "utf-8-sig"):
        assert whole(read(lines.encode(encoding), "export.jsonl"))


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("windows-1252", "Größe €"), ("windows-1251", "счёт"), ("shift_jis", "請求"), ("gb18030", "账单"), ("cp437", "é")],
)
def test_what_has_no_mark_is_read_as_told_or_refused(read, encoding, word):
    content = TABLE.replace("billing", word).encode(encoding)
    assert set(read(content, encoding=encoding).frame["label"]) == {word, *CLASSES[1:]}
    refused(lambda: read(content), InputError, r'is not UTF-8 text.*\[read\] encoding = "windows-1252"')


def test_utf_16_without_its_mark_names_the_setting_that_reads_it(read):
    for encoding in ("utf-16-le", "utf-16-be"):
        content = TABLE.encode(encoding)
        refused(lambda: read(content), InputError, rf'UTF-16 without its mark.*encoding = "{encoding}"')  # noqa: B023
        assert whole(read(content, encoding=encoding))


def test_an_encoding_that_the_file_disproves_is_refused(read):
    refused(lambda: read(TABLE.encode("utf-16"), encoding="windows-1252"), InputError, "starts with the mark of UTF-16")
    refused(lambda: read("ü,é\n1,2\n".encode(), encoding="ascii"), InputError, "is not ascii text")


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        ("<html><table>", "is a web page"),
        ('<?xml version="1.0"?>', "is XML"),
        ('{"note": "a"}\n', "is JSON, not delimited text"),
        ('[{"note": "a"}]\n', "is JSON, not delimited text"),
    ],
)
def test_what_is_called_csv_and_is_none_is_named(read, start, sentence):
    refused(lambda: read(start + TABLE), InputError, sentence)


# Delimiters


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "\x01", "\x1f", "\x02", "\x1c"])
def test_usual_and_control_characters_divide_columns(read, mark):
    batch = read(delimited([NAMES, *RECORDS], mark), "export.txt")
    assert whole(batch)
    assert told(batch) == []


@pytest.mark.parametrize("mark", ["^", "~", "§", "¦"])
def test_a_sign_that_seems_to_divide_columns_is_named(read, mark):
    content = delimited([NAMES, *RECORDS], mark)
    refused(lambda: read(content), ConfigError, rf"U\+{ord(mark):04X}.*\[read\] delimiter = \"{re.escape(mark)}\"")
    assert whole(read(content, delimiter=mark))


@pytest.mark.parametrize("first", ["sep=;\n", "sep=;\r\n", '"sep=;"\n', "SEP=;\n"])
def test_excel_s_line_with_the_delimiter_is_heeded(read, first):
    batch = read(first + delimited([NAMES, *RECORDS], ";"))
    assert whole(batch)
    assert told(batch) == []


def test_a_delimiter_inside_names_or_texts_is_not_taken(read):
    names = ["claim, number", "day, of claim", "note", "category"]
    rows = [[*row[:2], row[2] + ", and more, or less", row[3]] for row in RECORDS]
    for mark in (";", "\t", "|"):
        text = "\n".join(mark.join(row) for row in [names, *rows])
        assert read(text).source.names == tuple(names)


# Column names


def _without_names(delimiter=","):
    rows = [row[:] for row in RECORDS]
    rows[0][2] = f"{CANARY} " + rows[0][2]
    return delimited(rows, delimiter)


NAMELESS = {
    "all columns": _without_names(),
    "tabs": _without_names("\t"),
    "Hive": _without_names("\x01"),
    "label and text": delimited([[row[3], f"{CANARY} {row[2]}"] for row in RECORDS], "\t"),
    "text and label": delimited([[f"{CANARY} {row[2]}", row[3]] for row in RECORDS], "\t"),
    "numbered classes": delimited([[number % 3, f"{CANARY} {row[2]}"] for number, row in enumerate(RECORDS)]),
    "ids and texts": delimited([[row[0], f"{CANARY} {row[2]}"] for row in RECORDS]),
    "four rows": delimited([[f"{CANARY} {note(i)}", CLASSES[i % 2]] for i in range(4)]),
}  # fmt: skip


@pytest.mark.parametrize("content", NAMELESS.values(), ids=NAMELESS)
@pytest.mark.parametrize("roles", [{}, ROLES], ids=["no options", "columns named"])
def test_a_first_line_that_is_a_record_is_refused_without_its_text(read, content, roles):
    refused(
        lambda: read(content, roles=roles), InputError, r"first line in .* looks like a record.*\[read\] header = 0"
    )


def test_without_names_the_columns_are_numbered(read):
    batch = read(_without_names("\t"), roles={"text": ("column3",), "label": "column4"}, header=0)
    assert batch.source.names == ("column1", "column2", "column3", "column4")
    assert (batch.intake.rows_read, told(batch)) == (60, [])


def test_a_folder_of_parts_without_names_is_refused_without_their_text(tmp_path):
    for part in range(3):
        rows = [[*row[:2], f"{CANARY} {row[2]}", row[3]] for row in RECORDS[part * 20 : part * 20 + 20]]
        (tmp_path / f"part-{part}.csv").write_text(delimited(rows))
    refused(lambda: load(Config(export=str(tmp_path), **ROLES)), InputError, "looks like a record")
    batch = load(Config(export=str(tmp_path), text=("column3",), label="column4", read=Read(header=0)))
    assert batch.intake.rows_read == 60


@pytest.mark.parametrize(
    "names",
    [
        ["0", "1", "2", "3"],
        ["", "0", "1", "2"],
        ["ID", "Datum", "Beschreibung", "Kategorie"],
        ["ID", "Date?", "What happened, in your own words, when you called the plan about it?", "What was it about?"],
        ["c1", "c2", "c3", "c4"],
        ["Number of the claim", "Opened on", "What the caller said", "billing or other"],
    ],
)
def test_names_of_any_kind_are_names(read, names):
    text, label = names[2], names[3]
    assert whole(read(delimited([names, *RECORDS]), roles={"text": (text,), "label": label}))


def test_years_as_names_over_numbers_are_names(read):
    rows = [[row[2], row[3], 100 + number, 3 * number] for number, row in enumerate(RECORDS)]
    assert whole(read(delimited([["note", "category", "2023", "2024"], *rows])))


def test_lines_that_repeat_the_names_are_left_out_and_counted(read):
    for repeats in (1, 2, 5):
        rows = [*RECORDS[:10], *[NAMES] * repeats, *RECORDS[10:]]
        batch = read(delimited([NAMES, *rows]).replace("claim,", "\ufeffclaim,"))
        assert whole(batch)
        said = "One line repeats" if repeats == 1 else f"{repeats} lines repeat"
        assert [text.startswith(f"{said} the column names") for text in told(batch)] == [True]


QUALTRICS = [
    ["ResponseId", "RecordedDate", "Q1", "Q2"],
    ["Response ID", "Recorded Date", "Please say what\nhappened.", "What was it about?"],
    ['{"ImportId":"_recordId"}', '{"ImportId":"recordedDate"}', '{"ImportId":"QID1_TEXT"}', '{"ImportId":"QID2"}'],
]
SURVEYMONKEY = [["Respondent ID", "End Date", "What happened?", "Topic"], ["", "", "Open-Ended Response", "Response"]]
PSQL = [NAMES, ["------+------+------+---------"]]
SQLCMD = [NAMES, ["-----", "----------", "---------", "--------"]]
TYPED = [NAMES, ["string", "date", "string", "discrete"]]


@pytest.mark.parametrize(
    ("above", "text", "label"),
    [
        (QUALTRICS, "Q1", "Q2"),
        (SURVEYMONKEY, "What happened?", "Topic"),
        (SQLCMD, "note", "category"),
        (PSQL, "note", "category"),
        (TYPED, "note", "category"),
    ],
    ids=["qualtrics", "surveymonkey", "sqlcmd", "psql", "types"],
)
def test_lines_that_go_on_with_the_names_are_left_out_and_said(read, above, text, label):
    roles = {"text": (text,), "label": label}
    content = delimited([*above, *RECORDS])
    batch = read(content, roles=roles)
    assert whole(batch)
    assert len(told(batch)) == 1
    assert "[read] header = 1" in told(batch)[0]
    if len(above[-1]) == len(NAMES):
        assert read(content, roles=roles, header=1).intake.rows_read == 60 + len(above) - 1


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_name_of_two_lines_is_one_name(read, end):
    content = delimited([["claim", "day", "note", f"Denial{end}category"], *RECORDS], ";", end)
    assert whole(read(content, roles={"text": ("note",), "label": "Denial\ncategory"}))


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("Denials\n", 2),
        ("Report of denials\nMade on 2024-05-01\n\n", 4),
        ("Denials,,,\nMade on,2024-05-01,,\n,,,\n", 4),
        ("Claim,,Denial,\n", 2),
        ('"A title, with a comma"\n', 2),
        ("# made by a tool\n# version, one, two\n", 3),
    ],
)
def test_lines_above_the_names_are_left_out_and_said(read, above, line):
    batch = read(above + TABLE)
    assert whole(batch)
    assert [f"[read] header = {line}" in text for text in told(batch)] == [True]
    settled = read(above + TABLE, header=line)
    assert whole(settled)
    assert told(settled) == []


@pytest.mark.parametrize(
    ("below", "said"),
    [("Total: 60\n", "Line 62, the last"), ("\n60 rows selected.\n", "Line 63, the last"),
     ("Total: 60\nMade on 2024-05-01\n", "Lines 62 to 63, the last")],
)  # fmt: skip
def test_lines_under_the_records_are_left_out_and_said(read, below, said):
    batch = read(TABLE + below)
    assert whole(batch)
    assert [text.startswith(said) for text in told(batch)] == [True]


def test_short_lines_between_records_are_refused_with_their_number(read):
    for at, text in ((3, "Total: 2\n"), (30, "x,y\n")):
        lines = TABLE.splitlines(keepends=True)
        content = "".join([*lines[:at], text, *lines[at:]])
        refused(lambda: read(content), InputError, f"Line {at + 1} of .* has ")  # noqa: B023


def test_a_quote_above_the_names_that_nothing_closes_is_passed_over_as_told(read):
    content = '"Report of denials\n' + TABLE
    refused(lambda: read(content), InputError, "Line 1 of .* opens a quote that nothing closes")
    assert whole(read(content, header=2))
    refused(lambda: read(content + "a,b\n" + TABLE, header=2), InputError, "Line 63 of .* has 2 values")


def test_names_of_which_most_are_left_out_are_names(read):
    rows = [["", "", "note", "category"], *RECORDS]
    assert read(delimited(rows)).source.names == ("column0", "column1", "note", "category")


def test_neither_is_a_record_that_lacks_as_much_nor_one_that_begins_with_a_sign_for_nothing(read):
    records = [f"C{row:05},C{row + 40:05},,,words of record {row},class {row % 4}" for row in range(2, 40)]
    lines = [",,,,text,label", "C00001,,,,words of a record,class 0", "-,C00041,,,words of another,class 1", *records]
    batch = read("\n".join(lines), roles={"text": ("text",), "label": "label"})
    assert batch.intake.rows_read == 40


def test_a_line_of_names_that_is_not_there_is_refused(read):
    for line in (900, 10**40):
        refused(lambda: read(TABLE, header=line), InputError, rf"no column names on line {line}, where \[read\] header")  # noqa: B023


# Quotes


def _swallowing(rows, at, until, delimiter=","):
    """Texts written bare, of which one opens with a quote that only a later text closes."""
    lines = [delimiter.join(NAMES)]
    for number, row in enumerate(rows):
        text = f'"{row[2]}' if number == at else f'{row[2]}"' if number == until else row[2]
        lines.append(delimiter.join([row[0], row[1], row[3], text]))
    return "\n".join(lines).replace("note" + delimiter + "category", "category" + delimiter + "note") + "\n"


@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
@pytest.mark.parametrize(("at", "until"), [(5, 20), (0, 59), (30, 34)])
def test_a_quote_that_swallows_records_is_refused_with_row_numbers(read, delimiter, at, until):
    content = _swallowing(RECORDS, at, until, delimiter)
    refused(lambda: read(content), InputError, rf"^Record {at + 1} of .* holds \d+ lines inside a value")


def test_a_quote_that_nothing_closes_is_refused_with_the_line_where_it_opens(read):
    refused(lambda: read(_swallowing(RECORDS, 7, 999)), InputError, "^Line 9 of .* has broken quoting")


@pytest.mark.parametrize(
    "letter",
    [
        "Dear plan,\nplease see the bill, and pay.\nKind regards,\nA. Member",
        "1, 2, 3\n4, 5, 6\n7, 8, 9",
        "billing\ncoverage\nrecords",
        "Call one, no answer\nCall two, no answer\nCall three, answered",
    ],
)
def test_texts_of_many_lines_are_texts(read, letter):
    rows = [[row[2] + "\n" + letter, row[3]] for row in RECORDS]
    assert read(delimited([["note", "category"], *rows])).intake.rows_used == 60


# JSON


def objects(rows=None):
    return [dict(zip(NAMES, row, strict=True)) for row in rows or RECORDS]


def lines(records):
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in records) + "\n"


def json_of(change):
    """The records as JSON lines, each changed by its number."""
    return lines(each | change(number) for number, each in enumerate(objects()))


@pytest.mark.parametrize(
    "change",
    [
        lambda n: {f"field_{n % 61}": "x", f"other_{n}": n},
        lambda n: {f"key_{i}": i for i in range(n * 5, n * 5 + 5)},
        lambda n: {f"key_{i}": "x" for i in range(220)},
        lambda n: {"late": "x"} if n == 59 else {},
        lambda n: {"inner": {f"key_{i}": i for i in range(250)}},
    ],
    ids=["sparse", "300 keys", "220 keys", "a late key", "250 inner keys"],
)
def test_objects_with_many_or_rare_keys_are_read(read, change):
    assert whole(read(json_of(change), "export.jsonl"))


def test_a_key_that_first_appears_late_is_a_column(read):
    records = [each if number > 40 else {"note": each["note"]} for number, each in enumerate(objects())]
    batch = read(lines(records), "export.jsonl")
    assert (batch.intake.rows_read, batch.intake.missing_label) == (60, 41)


@pytest.mark.parametrize(
    ("bad", "line", "why"),
    [
        (lambda text: text.replace("C00030", 'C0"0030'), 31, "line 31: "),
        (lambda text: text[:-40], 60, "line 60: "),
        (lambda text: text.replace("}\n", "},\n", 1), 1, "line 1: "),
        (lambda text: text.replace('"claim": "C00007"', '"day": "C00007"'), 8, "line 8 has a key twice"),
        (lambda text: text + '["a", "b"]\n', 61, "line 61 is no object"),
        (lambda text: text + f'"{CANARY}"\n', 61, "line 61 is no object"),
    ],
)
def test_a_broken_line_is_named_by_its_number(read, bad, line, why):
    content = bad(lines(objects()))
    assert str(line) in refused(lambda: read(content, "export.jsonl"), InputError, re.escape(why))


def test_a_broken_array_is_named_by_its_line(read):
    content = json.dumps(objects(), indent=0).replace('"C00030",', '"C00030"')
    line = content[: content.index('"C00030"')].count("\n") + 2
    refused(lambda: read(content, "export.json"), InputError, f"line {line}: ")


def test_fields_of_an_object_are_columns(read):
    content = lines({"data": {"note": row[2], "meta": {"by": "ann"}}, "out": {"category": row[3]}} for row in RECORDS)
    roles = {"text": ("data.note",), "label": "out.category"}
    batch = read(content, "export.jsonl", roles=roles)
    assert whole(batch)
    assert batch.source.names == ("data.note", "data.meta.by", "out.category")
    unclear = {"text": ("data",), "label": "out.category"}
    said = refused(lambda: read(content, "export.jsonl", roles=unclear), ConfigError, "'data' given for --text holds")
    assert "'data.note', 'data.meta.by'" in said


@pytest.mark.parametrize(
    "label",
    [
        lambda name: [{"result": [{"value": {"choices": [name]}}], "completed_by": 1}],
        lambda name: [{"label": name, "score": 0.5}],
        lambda name: [{"label": name, "user": "ann"}, {"label": name, "user": "bob"}],
    ],
    ids=["Label Studio", "scores", "two people"],
)
def test_lists_of_objects_are_no_labels(read, label):
    content = json_of(lambda n: {"category": label(CLASSES[n % 3])})
    refused(lambda: read(content, "export.jsonl"), ConfigError, r"'category' given for --label holds lists .* flat")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (json.dumps({"data": objects()}), "data"),
        (json.dumps({"version": "1", "records": objects()}, indent=1), "records"),
    ],
)
def test_records_in_a_list_of_one_object_are_read_and_said(read, content, name):
    batch = read(content, "export.json")
    assert whole(batch)
    assert told(batch) == [f"The records of 'export.json' stand in its list '{name}'."]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({name: {str(n): row[i] for n, row in enumerate(RECORDS)} for i, name in enumerate(NAMES)}),
        json.dumps({"columns": NAMES, "index": list(range(60)), "data": RECORDS}),
    ],
    ids=["pandas columns", "pandas split"],
)
def test_one_object_that_holds_all_records_is_refused(read, content):
    refused(lambda: read(content, "export.json"), InputError, "is one JSON object")


@pytest.mark.parametrize(
    ("spell", "classes"),
    [
        (lambda n, name: [name] if n % 2 else name, set(CLASSES)),
        (lambda n, name: name if n % 2 else [name] if n % 3 else None, set(CLASSES)),
        (lambda n, name: n % 3 if n % 2 else str(n % 3), {"0", "1", "2"}),
        (lambda n, name: True if n % 3 else "true" if n % 2 else "false", {"true", "false"}),
        (lambda n, name: f"[{name}" if n % 2 else [f"[{name}"], {f"[{name}" for name in CLASSES}),
    ],
    ids=["list or string", "list, string or null", "number or string", "boolean or string", "brackets"],
)
def test_one_value_in_several_types_is_one_class(read, spell, classes):
    batch = read(json_of(lambda n: {"category": spell(n, CLASSES[n % 3])}), "export.jsonl")
    assert set(batch.frame.filter("usable")["label"]) == classes


def test_objects_among_single_values_are_said(read):
    content = json_of(lambda n: {"category": {"name": "billing"} if n < 5 else CLASSES[n % 3]})
    assert ["'category' holds an object in 5 of its records" in text for text in told(read(content, "e.jsonl"))] == [
        True
    ]


@pytest.mark.parametrize("nothing", ["NaN", "null", "[]", '""', '"nan"'])
def test_nothing_in_json_is_a_missing_label(read, nothing):
    content = lines(objects()).replace('"billing"', nothing)
    batch = read(content, "export.jsonl")
    assert (batch.intake.missing_label, set(batch.frame.filter("usable")["label"])) == (20, {"coverage", "records"})


# Parquet


@pytest.fixture
def parquet(tmp_path):
    def write_and_load(frame, roles=ROLES, **how):
        frame.write_parquet(tmp_path / "export.parquet")
        return load(Config(export=str(tmp_path / "export.parquet"), **roles, read=Read(**how)))

    return write_and_load


FRAME = pl.DataFrame(RECORDS, schema=NAMES, orient="row")
CODED = FRAME.with_columns(pl.col("category").replace("billing", "Codé 請求"))


def encoded(name, encoding="utf-8"):
    return pl.col(name).map_elements(lambda text: text.encode(encoding), return_dtype=pl.Binary)


@pytest.mark.parametrize("roles", [ROLES, {}])
@pytest.mark.parametrize("names", [["category"], ["note", "category"], NAMES])
def test_binary_text_is_text(parquet, roles, names):
    batch = parquet(CODED.with_columns(encoded(name) for name in names), roles=roles)
    assert set(batch.frame["label"]) == {"Codé 請求", *CLASSES[1:]}
    assert batch.frame.sort("row_id")["text"].to_list() == FRAME["note"].to_list()
    assert batch.roles.label == "category"


def test_bytes_in_another_encoding_are_read_as_told_or_refused(parquet):
    frame = FRAME.with_columns(pl.col("category").replace("billing", "Größe"))
    frame = frame.with_columns(encoded("category", "windows-1252"))
    refused(lambda: parquet(frame), ConfigError, r"bytes that are no UTF-8 text.*\[read\] encoding")
    assert "Größe" in parquet(frame, encoding="windows-1252").frame["label"]


def test_a_picture_in_a_column_of_its_own_harms_nothing(parquet):
    assert whole(parquet(FRAME.with_columns(picture=pl.lit(b"\xff\xd8\xff\x00"))))


def test_nan_is_a_missing_value(parquet):
    number = pl.int_range(pl.len())
    for kind in (pl.Float64, pl.Float32):
        label = pl.when(number % 3 == 0).then(float("nan")).otherwise(number % 3).cast(kind)
        batch = parquet(FRAME.with_columns(category=label))
        assert (batch.intake.missing_label, set(batch.frame.filter("usable")["label"])) == (20, {"1.0", "2.0"})


def test_fields_of_a_struct_are_columns(parquet):
    frame = FRAME.select(data=pl.struct("claim", "note"), category="category")
    assert whole(parquet(frame, roles={"text": ("data.note",), "label": "category"}))
    refused(lambda: parquet(frame, roles={"text": ("data",), "label": "category"}), ConfigError, "'data.note'")


# Folders of tables


def delta(folder, versions):
    log = folder / "_delta_log"
    log.mkdir(parents=True)
    for version, actions in enumerate(versions):
        (log / f"{version:020}.json").write_text("".join(json.dumps(action) + "\n" for action in actions))


def add(path, **more):
    return {"add": {"path": path, "dataChange": True, **more}}


def test_of_a_delta_table_only_the_files_in_force_are_read(tmp_path):
    table = tmp_path / "table"
    old, first, second = ("payer=A/old.parquet", "payer=A/new.parquet", "payer=B C/new.parquet")
    for path, part in ((old, FRAME), (first, FRAME[:30]), (second, FRAME[30:])):
        (table / path).parent.mkdir(parents=True, exist_ok=True)
        part.write_parquet(table / path)
    new = [{"remove": {"path": old}}, add(first), add(second.replace(" ", "%20"))]
    delta(table, [[{"protocol": {}}, {"metaData": {"configuration": {}}}, add(old)], new])
    batch = load(Config(export=str(table), **ROLES))
    assert whole(batch)
    assert "payer" in batch.source.names
    refused(
        lambda: load(Config(export=f"{table}/*/*.parquet", **ROLES)), InputError, "names files of the table 'table'"
    )
    refused(lambda: load(Config(export=str(tmp_path), **ROLES)), InputError, "holds a table in 'table'")


@pytest.mark.parametrize(
    ("versions", "sentence"),
    [
        ([[add("a.parquet", deletionVector={"storageType": "u"})]], "Delta table with deleted rows"),
        ([[{"metaData": {"configuration": {"delta.columnMapping.mode": "name"}}}]], "renamed columns"),
        ([[add("gone.parquet")]], "1 of 1 files are not here"),
        ([], "log has gaps"),
        ([[add("a.parquet"), {"remove": {"path": "a.parquet"}}]], "holds no data files"),
    ],
)
def test_a_delta_table_that_its_log_alone_does_not_say_is_refused_as_such(tmp_path, versions, sentence):
    delta(tmp_path, versions)
    FRAME.write_parquet(tmp_path / "a.parquet")
    refused(lambda: load(Config(export=str(tmp_path), **ROLES)), InputError, sentence)


@pytest.mark.parametrize(
    "path", ["../other.parquet", "payer=A/../../other.parquet", "%2e%2e/other.parquet", "{folder}/other.parquet"]
)
def test_the_log_of_a_delta_table_reaches_no_file_outside_its_folder(tmp_path, path):
    FRAME.write_parquet(tmp_path / "other.parquet")
    delta(tmp_path / "table", [[add(path.format(folder=tmp_path))]])
    load(Config(export=str(tmp_path / "other.parquet"), **ROLES))
    refused(lambda: load(Config(export=str(tmp_path / "table"), **ROLES)), InputError, "files outside its folder")


@pytest.mark.parametrize("kind", ["/dev/zero", "/dev/urandom", "pipe"])
@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz", "in.parquet", "in.jsonl", "in.xlsx", "in.duckdb", "in.arrow"])
def test_a_device_or_a_pipe_is_never_read(tmp_path, kind, name):
    """It has no end, or waits for ever; in a folder of files it is none."""
    place = tmp_path / "folder" / name
    place.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(kind)
    refused(lambda: load(Config(export=str(place), **ROLES)), InputError, "is empty")
    FRAME.write_parquet(tmp_path / "folder" / "rows.parquet")
    assert whole(load(Config(export=str(tmp_path / "folder"), **ROLES)))


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        (".hoodie/hoodie.properties", "is a Hudi table"),
        ("metadata/v1.metadata.json", "The Iceberg table"),
        ("metadata/00001-a.metadata.json", "The Iceberg table"),
    ],
)
def test_hudi_and_broken_iceberg_tables_are_refused_as_such(tmp_path, mark, sentence):
    pytest.importorskip("pyiceberg")
    (tmp_path / mark).parent.mkdir()
    (tmp_path / mark).write_text("{}")
    (tmp_path / "data").mkdir()
    FRAME.write_parquet(tmp_path / "data" / "a.parquet")
    refused(lambda: load(Config(export=str(tmp_path), **ROLES)), InputError, sentence)


# Words for nothing


def labelled(read, word, **how):
    return read(TABLE.replace("billing", word), **how)


@pytest.mark.parametrize(
    "word",
    ["", " ", r"\N", "nan", "NaN", "__HIVE_DEFAULT_PARTITION__", "[]", "{}",
     "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "NaT", "#NAME?", "#WERT!", "#NV", "#¡VALOR!", "Err:502"],
)  # fmt: skip
def test_what_no_person_writes_is_missing_by_itself(read, word):
    batch = labelled(read, word)
    assert (batch.intake.missing_label, set(batch.frame.filter("usable")["label"])) == (20, {"coverage", "records"})
    assert told(batch) == []


@pytest.mark.parametrize("word", ["None", "NULL", "null", "NA", "N/A", "n/a", "-", "?", "Total", "нет"])
def test_what_may_be_a_class_is_kept_and_said_with_the_line_that_drops_it(read, word):
    batch = labelled(read, word)
    assert (batch.intake.missing_label, set(batch.frame["label"])) == (0, {word, "coverage", "records"})
    (notice,) = batch.intake.notices
    assert f"('{word}' 20)" in notice.text
    assert f'[read] null = ["{word}"]' in notice.text
    assert notice.gates == (GateId.LABELS,)
    settled = labelled(read, word, null=(word,))
    assert (settled.intake.missing_label, told(settled)) == (20, [])
    kept = labelled(read, word, null=())
    assert (kept.intake.missing_label, told(kept)) == (0, [])


@pytest.mark.parametrize("word", ["Other", "other", "Unknown", "Misc", "No", "0", "#wow!", "NaNo"])
def test_other_is_a_class(read, word):
    assert told(labelled(read, word)) == []


def test_a_trace_of_such_words_is_said_and_no_gate_hangs_on_it(read):
    rows = [[f"{note(number)}", CLASSES[number % 3]] for number in range(300)]
    rows[7][1] = "N/A"
    (notice,) = read(delimited([["note", "category"], *rows])).intake.notices
    assert notice.text.startswith("1 label in 'category' may stand for nothing ('N/A' 1)")
    assert notice.gates == ()


def test_texts_without_a_word_are_said(read):
    rows = [[*row[:2], "\U0001f44d" if number < 6 else row[2], row[3]] for number, row in enumerate(RECORDS)]
    batch = read(delimited([NAMES, *rows]))
    assert (batch.intake.empty_text, [text.startswith("6 of the texts hold no word") for text in told(batch)]) == (
        6,
        [True],
    )


def test_texts_of_such_words_are_said(read):
    rows = [[*row[:2], "N/A" if number < 6 else row[2], row[3]] for number, row in enumerate(RECORDS)]
    batch = read(delimited([NAMES, *rows]))
    assert batch.intake.rows_used == 60
    assert ["texts in 'note'" in text and '[read] null = ["N/A"]' in text for text in told(batch)] == [True]
    assert read(delimited([NAMES, *rows]), null=("N/A",)).intake.empty_text == 6


def test_a_number_can_stand_for_nothing(read, parquet):
    numbered = FRAME.with_columns(category=pl.int_range(pl.len()) % 3 - 1)
    assert parquet(numbered, null=("-1",)).intake.missing_label == 20
    assert read(numbered.write_csv(), null=("-1",)).intake.missing_label == 20


# Odd sizes and signs


def test_a_path_that_is_too_long_is_a_sentence(auditor):
    for path in ("a" * 300, "a" * 300 + ".csv", "b" * 300 + "*.csv", "c/" * 3000):
        code, _, said = auditor("run", path, "--out", "out")
        assert (code, "cannot be read: File name too long. Check the path." in said) == (3, True)
        assert len(said) < 250


def test_markup_in_names_paths_and_values_is_harmless(tmp_path):
    names = ["[/bold]", "[red]day", "note[0]", "category]["]
    rows = [[*row[:3], f"[bold]{row[3]}[/]"] for row in RECORDS]
    path = tmp_path / "[x] {y}.csv"
    path.write_text(delimited([names, *rows]))
    batch = load(Config(export=str(path), text=("note[0]",), label="category]["))
    assert batch.source.names == tuple(names)
    assert set(batch.frame["label"]) == {f"[bold]{name}[/]" for name in CLASSES}


def test_hundreds_of_columns_are_read(read):
    rows = [[*row, *("x" if number % (i + 2) else "nan" for i in range(400))] for number, row in enumerate(RECORDS)]
    batch = read(delimited([[*NAMES, *(f"q{i}" for i in range(400))], *rows]))
    assert whole(batch)


def drawn(edge, rule):
    lines = [
        f"{edge} {' | '.join(cells)} {edge}".strip() for cells in (["note", "category"], *(r[2:] for r in RECORDS))
    ]
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


OTHERWISE = {
    "Spark": (
        "export.csv",
        "note,category\n" + "".join(f'"{r[2]} \\"no\\", said",{r[3]}\n' for r in RECORDS),
        ' "no", said',
        "Quotes inside the values of 'export.csv' are written as \\\".",
    ),
    "quotes of the text": (
        "export.tsv",
        "category\tnote\n" + "".join(f'{r[3]}\t"{r[2]}" said\n' for r in RECORDS),
        '" said',
        "The values of 'export.tsv' are not quoted: a quote in them is read as it stands.",
    ),
    "single quotes": (
        "export.csv",
        "'note','category'\n" + "".join(f"'{r[2]}','{r[3]}'\n" for r in RECORDS),
        "",
        "The values of 'export.csv' stand between single quotes, which are left out.",
    ),
    "psql": (
        "export.txt",
        drawn("", "---+---"),
        "",
        "The table in 'export.txt' is drawn with lines, which are left out.",
    ),
    "Markdown": (
        "export.txt",
        drawn("|", "|---|---|"),
        "",
        "The table in 'export.txt' is drawn with lines, which are left out.",
    ),
    "several signs": (
        "export.txt",
        "note~|~category\n" + "".join(f"{r[2]}~|~{r[3]}\n" for r in RECORDS),
        "",
        "The columns of 'export.txt' are divided by '~|~'.",
    ),
}


@pytest.mark.parametrize("how", OTHERWISE)
def test_values_that_are_quoted_or_divided_otherwise_are_read_and_said(read, how):
    name, content, behind, said = OTHERWISE[how]
    batch = read(content, name)
    texts = batch.frame.sort("row_id")["text"].to_list()
    before = '"' if behind.startswith('"') else ""
    assert texts == [f"{before}{note(number)}{behind}" for number in range(60)]
    assert set(batch.frame["label"]) == set(CLASSES)
    assert told(batch) == [said]


def test_a_delimiter_that_cuts_the_names_too_goes_before_one_that_every_text_holds(read):
    lines = [f"{r[2]}, then closed\x1f{r[3]}\n" for r in RECORDS]
    batch = read("note\x1fcategory\n" + "".join(lines), "export.txt")
    assert set(batch.frame["label"]) == set(CLASSES)


def test_names_that_come_again_are_no_records_of_a_file_without_names(read):
    again = [line for place, record in enumerate(RECORDS) for line in ([NAMES] * (place % 6 == 0) + [record])]
    batch = read(delimited([NAMES, *again]))
    assert whole(batch)
    assert told(batch) == [
        "10 lines repeat the column names below them, as of exports put together; no record, left out."
    ]


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda text: text.encode("utf-8").decode("windows-1252"), True),
        (lambda text: text.encode("ascii", "replace").decode().replace("?", "\ufffd"), True),
        (lambda text: text, False),
    ],
    ids=["decoded twice", "lost", "right"],
)
def test_letters_that_were_decoded_wrongly_are_said(read, spoilt, said):
    records = [[*r[:2], spoilt(f"{r[2]} café"), r[3]] for r in RECORDS]
    notices = told(read(delimited([NAMES, *records])))
    assert [notice.partition(" that were")[0] for notice in notices] == ["60 records hold letters"] * said


@pytest.mark.parametrize(
    ("code", "turned", "what"),
    [
        ("5-10", "05-Oct", "dates"),
        ("5-10", "05. Okt", "dates"),
        ("MAR1", "Mar-01", "dates"),
        ("1E5", "1.00E+05", "powers of ten"),
    ],
)
def test_codes_that_a_spreadsheet_turned_are_said_and_leave_the_labels_unknown(read, code, turned, what):
    codes = ["7-20", "18-21", code]
    records = [[*r[:3], turned if n % 6 == 2 else codes[n % 3]] for n, r in enumerate(RECORDS)]
    (notice,) = read(delimited([NAMES, *records])).intake.notices
    assert f"1 class reads as {what} in column 'category' (10 records)" in notice.text
    assert notice.gates == (GateId.LABELS,)


@pytest.mark.parametrize(
    "names", [["CWE-79", "CWE-89", "12"], ["12-Mar", "13-Apr", "14-May"], ["late", "code", "05-Oct"]]
)
def test_other_classes_are_no_turned_codes(read, names):
    records = [[*r[:3], names[n % 3]] for n, r in enumerate(RECORDS)]
    assert told(read(delimited([NAMES, *records]))) == []


def workbook(folder, **sheets):
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "export.xlsx")
    return load(Config(export=str(folder / "export.xlsx"), **ROLES, time="day"))


def test_a_workbook_is_read_with_its_types(tmp_path):
    rows = [[int(r[0][1:]), datetime.fromisoformat(r[1]), r[2], r[3]] for r in RECORDS]
    batch = workbook(tmp_path, Export=[NAMES, *rows])
    assert whole(batch)
    assert batch.frame.sort("row_id")["time"].to_list() == [row[1] for row in rows]
    assert batch.frame.sort("row_id")["record_id"].to_list() == [str(row[0]) for row in rows]
    assert told(batch) == []


def test_of_several_sheets_the_fullest_is_read_and_lines_around_it_are_left_out(tmp_path):
    said = told(workbook(tmp_path, About=[["Who", "desk"]], Data=[["Denials"], [], NAMES, *RECORDS, [], ["Rows: 60"]]))
    assert said[0].startswith("Of the 2 sheets of 'export.xlsx', 'Data' is read")
    assert "on line 3, and the line above is left out" in said[1]


def test_what_a_person_sees_in_cells_that_hold_nothing_is_said(tmp_path):
    from openpyxl import load_workbook

    workbook(tmp_path, Data=[NAMES, *RECORDS])
    book = load_workbook(tmp_path / "export.xlsx")
    label = NAMES.index("category") + 1
    book["Data"].cell(3, label).value = '="auth" & "orization"'
    book["Data"].cell(4, label).value = "=A1"
    book["Data"].merge_cells(start_row=1, end_row=1, start_column=6, end_column=9)
    book.save(tmp_path / "export.xlsx")
    (alone,) = told(load(Config(export=str(tmp_path / "export.xlsx"), **ROLES, time="day")))
    assert alone.startswith("2 formulas")
    book["Data"].merge_cells(start_row=5, end_row=9, start_column=label, end_column=label)
    book.save(tmp_path / "export.xlsx")
    said = told(load(Config(export=str(tmp_path / "export.xlsx"), **ROLES, time="day")))
    assert "2 formulas of 'export.xlsx' have no value stored and count as empty. Open the file" in said[0]
    assert "'export.xlsx' has merged cells: the first cell of each holds the value" in said[1]


def test_that_the_fullest_sheet_is_hidden_is_said(tmp_path):
    from openpyxl import load_workbook

    workbook(tmp_path, About=[["Who", "desk"]], Data=[NAMES, *RECORDS])
    book = load_workbook(tmp_path / "export.xlsx")
    book["Data"].sheet_state = "hidden"
    book.save(tmp_path / "export.xlsx")
    said = told(load(Config(export=str(tmp_path / "export.xlsx"), **ROLES, time="day")))
    assert "'Data' is read, the one with most rows, which is hidden; to read another" in said[0]
