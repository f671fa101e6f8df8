"""Readers, dates and the safety of the connection."""

import gzip
import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from threading import Timer

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.errors import InputError
from auditor.inputs import read_export
from auditor.inputs.dates import parse_times
from auditor.inputs.files import locate, unchanged
from auditor.inputs.sql import connect

FRAME = pl.DataFrame({"id": ["001", "002", "003"], "text": ["a, b", 'say "hi"\nthere', "ü"], "label": list("xyx")})
ROWS = FRAME.rows()


def rows(con):
    return con.sql("SELECT id, text, label FROM export").fetchall()


def as_json_array(frame):
    return json.dumps(frame.to_dicts()).encode()


def csv(**options):
    return lambda path: FRAME.write_csv(path, **options)


def raw(content):
    return lambda path: path.write_bytes(content)


CSV = FRAME.write_csv().encode()
JSONL = FRAME.write_ndjson().encode()


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("plain.csv", csv()),
        ("CAPITALS.CSV", csv()),
        ("text.txt", csv()),
        ("semicolon.csv", csv(separator=";")),
        ("tabs.tsv", csv(separator="\t")),
        ("bars.txt", csv(separator="|")),
        ("bom.csv", csv(include_bom=True)),
        ("windows.csv", csv(line_terminator="\r\n")),
        ("mixed_line_ends.csv", raw(CSV.replace(b"x\n", b"x\r\n"))),
        ("blank_lines.csv", raw(b"\n\n" + CSV + b"\n\n")),
        ("packed.csv.gz", raw(gzip.compress(CSV))),
        ("packed.csv.zst", csv(compression="zstd")),
        ("tabs.tsv.gz", raw(gzip.compress(FRAME.write_csv(separator="\t").encode()))),
        ("lines.jsonl", raw(JSONL)),
        ("lines.ndjson", raw(JSONL)),
        ("lines.jsonl.gz", raw(gzip.compress(JSONL))),
        ("array.json", raw(as_json_array(FRAME))),
        ("frame.parquet", FRAME.write_parquet),
        ("it's [1] \"of\" {2} *all*.csv", csv()),
        ("it's [1] {2} *all*.parquet", FRAME.write_parquet),
        ("it's [1] {2} *all*.jsonl", raw(JSONL)),
    ],
)  # fmt: skip
def test_every_kind_is_read_whole_in_order_and_to_the_letter(tmp_path, name, write):
    path = tmp_path / name
    write(path)
    (tmp_path / "it's 1 of 2 nothing.csv").write_text("a decoy\n")
    con = connect()
    source = read_export(con, str(path))
    assert rows(con) == ROWS
    assert source.names == ("id", "text", "label")
    assert (source.rows, source.files, source.path) == (3, (path,), str(path))
    assert source.fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()


def test_zstandard_json_is_read(tmp_path):
    pa = pytest.importorskip("pyarrow")
    with pa.CompressedOutputStream(str(tmp_path / "a.jsonl.zst"), "zstd") as stream:
        stream.write(JSONL)
    con = connect()
    read_export(con, str(tmp_path / "a.jsonl.zst"))
    assert rows(con) == ROWS


@pytest.mark.parametrize("pattern", ["", "/*.csv", "/**/*.csv"])
def test_a_folder_or_pattern_is_read_in_name_order(tmp_path, pattern):
    FRAME[2:].write_csv(tmp_path / "b.csv")
    FRAME[:2].select("label", "id", "text").write_csv(tmp_path / "a.csv")
    (tmp_path / "c.csv").touch()
    for ignored in ("_SUCCESS", ".a.csv.crc"):
        (tmp_path / ignored).write_text("not data")
    con = connect()
    source = read_export(con, f"{tmp_path}{pattern}")
    assert rows(con) == ROWS
    assert [file.name for file in source.files] == ["a.csv", "b.csv"]


@pytest.mark.parametrize("extension", ["csv", "parquet", "jsonl"])
def test_partition_folders_become_columns(tmp_path, extension):
    for payer in ("01", "A B"):
        folder = tmp_path / f"payer={payer.replace(' ', '%20')}"
        folder.mkdir()
        frame = FRAME.with_columns(pl.lit(payer).alias("check"))
        {"csv": frame.write_csv, "parquet": frame.write_parquet, "jsonl": frame.write_ndjson}[extension](
            folder / f"part.{extension}"
        )
    con = connect()
    source = read_export(con, str(tmp_path))
    assert "payer" in source.names
    assert con.sql('SELECT count(*) FROM export WHERE payer = "check"').fetchall() == [(6,)]


def test_more_columns_than_anybody_reads_are_refused(tmp_path):
    pl.DataFrame({f"c{number}": ["a", "b"] for number in range(4_001)}).write_parquet(tmp_path / "wide.parquet")
    with pytest.raises(InputError, match=r"wide.parquet' has 4,001 columns, and auditor looks at 4,000 at most"):
        read_export(connect(), str(tmp_path / "wide.parquet"))


def test_which_columns_some_parquet_files_lack_is_said(tmp_path):
    nested = FRAME.with_columns(pl.struct(code="label", inner=pl.struct(name="label")).alias("why"), more=pl.lit(1))
    nested.write_parquet(tmp_path / "a.parquet")
    FRAME.write_parquet(tmp_path / "b.parquet")
    FRAME.drop("label").rename({"text": "TEXT"}).write_parquet(tmp_path / "c.parquet")
    (notice,) = read_export(connect(), str(tmp_path)).notices
    assert notice.text == (
        "Some of the 3 files lack a column that others have, and it is empty there: 'label' (1), 'why' (2), 'more' (2)."
    )
    nested[:0].drop("label").write_parquet(tmp_path / "d.parquet")
    assert len(read_export(connect(), str(tmp_path)).notices) == 1
    for name in "bcd":
        (tmp_path / f"{name}.parquet").unlink()
    assert read_export(connect(), str(tmp_path)).notices == ()


def test_a_column_that_a_folder_names_is_lacking_nowhere(tmp_path):
    for year, frame in (("2023", FRAME), ("2024", FRAME.with_columns(year=pl.lit("2024")))):
        (tmp_path / f"year={year}").mkdir()
        frame.write_parquet(tmp_path / f"year={year}" / "a.parquet")
    assert read_export(connect(), str(tmp_path)).notices == ()


def test_the_fingerprint_of_a_folder_follows_contents_and_names(tmp_path):
    def mark():
        return read_export(connect(), str(tmp_path)).fingerprint

    FRAME.write_csv(tmp_path / "a.csv")
    FRAME.write_csv(tmp_path / "b.csv")
    before = mark()
    assert mark() == before
    (tmp_path / "b.csv").rename(tmp_path / "c.csv")
    renamed = mark()
    FRAME[:1].write_csv(tmp_path / "c.csv")
    assert len({before, renamed, mark()}) == 3


def test_parquet_files_that_lack_a_column_have_nulls_there(tmp_path):
    FRAME[:1].write_parquet(tmp_path / "a.parquet")
    FRAME[1:].drop("label").write_parquet(tmp_path / "b.parquet")
    con = connect()
    read_export(con, str(tmp_path))
    assert [row[2] for row in rows(con)] == ["x", None, None]


def test_column_names_are_made_distinct_and_never_lost(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('Label, label ,,"it\'s ""so""",rowid\n1,2,3,4,5\n')
    source = read_export(connect(), str(path))
    assert source.names == ("Label", "label_1", "column2", 'it\'s "so"', "rowid")


def test_json_strings_stay_what_they_are(tmp_path):
    path = tmp_path / "a.jsonl"
    uuid = "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"
    path.write_text(
        f'{{"d": "2020-1-5", "u": "{uuid}", "m": "x", "n": 1}}\n{{"d": "2020-01-06", "u": null, "m": 5, "n": 2}}\n'
    )
    con = connect()
    read_export(con, str(path))
    assert con.sql("FROM export").fetchall() == [("2020-1-5", uuid, "x", 1), ("2020-01-06", None, "5", 2)]


def test_line_numbers_count_lines_inside_quotes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + '1,"two\nlines"\n' * 5_000 + "1,2,3\n")
    with pytest.raises(InputError, match=r"^Line 10002 of .* has 3 values where the header has 2 columns\."):
        read_export(connect(), str(path))


NOTHING = object()
BAD = [
    ("missing.csv", NOTHING, "There is no file or folder at"),
    ("*.csv", NOTHING, "holds no data files"),
    ("empty.csv", b"", "is empty"),
    ("blank.csv", b" \n\n", "is empty"),
    ("header.csv", b"id,text\n", "has column names but no rows"),
    ("short.csv", b"id,text,label\n1,a\n", "Line 2 of .* has 2 values where the header has 3"),
    ("long.csv", b"id,text\n1,a\n2,b,c\n", "Line 3 of .* has 3 values where the header has 2"),
    ("quote.csv", b'id,text\n1,"a "b" c"\n', "Line 2 of .* has broken quoting"),
    ("open.csv", b'id,text\n1,"a\n2,b\n', "has broken quoting"),
    ("latin.csv", b"id,text\n1,caf\xe9\n", "is not UTF-8 text. Save it as UTF-8"),
    ("late_latin.csv", b"id,text\n" + b"1,a\n" * 40_000 + b"1,caf\xe9\n", "is not UTF-8 text"),
    ("wide.csv", "id,text\n1,a\n".encode("utf-16-le"), "looks like UTF-16 without its mark"),
    ("garbage.csv", bytes(range(1, 128)) + bytes(range(256)), "is not"),
    ("garbage0.csv", b"a,b\0c\n1,2\n", "is not text"),
    ("book.csv", b"PK\x03\x04etc", "is an Excel workbook"),
    ("table.csv", b"PAR1etc", "is Parquet, not delimited text"),
    ("packed.csv", gzip.compress(CSV), "is gzip, not delimited text"),
    ("cut.csv.gz", gzip.compress(CSV)[:-12], "is a damaged archive"),
    ("plain.csv.gz", CSV, "is a damaged archive, or none"),
    ("plain.csv.zst", CSV, "is a damaged archive, or none"),
    ("more.csv.gz", gzip.compress(CSV) + b"more", "is a damaged archive, or none"),
    ("other.csv.gz", gzip.compress(CSV)[:-8] + bytes(8), "is a damaged archive, or none"),
    ("bad.parquet", b"PAR1etc", "cannot be read as Parquet"),
    ("bad.jsonl", b'{"id": 1}\n{"id": 2\n', "is not JSON that auditor can read"),
    ("empty.jsonl", b"", "is empty"),
    ("none.json", b"[]", "no rows"),
    ("book.xlsx", b"PK\x03\x04", "cannot be read as XLSX"),
    ("noextension", b"a", "A file without an extension"),
]


@pytest.mark.parametrize(("name", "content", "sentence"), BAD, ids=[name for name, *_ in BAD])
def test_what_cannot_be_read_ends_in_one_clear_sentence(tmp_path, name, content, sentence):
    if content is not NOTHING:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=sentence) as caught:
        read_export(connect(), str(tmp_path / name))
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith((".", ")."))
    assert "Possible" not in message


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "holds no data files"),
        (["_SUCCESS", ".hidden.csv"], "holds no data files"),
        (["a.csv", "b.parquet"], r"mixes kinds of files \(\.csv, \.parquet\)"),
        (["a.csv", "README.md"], r"mixes kinds of files \(\.csv, \.md\)"),
    ],
)
def test_a_folder_without_one_kind_of_data_is_refused(tmp_path, names, sentence):
    for name in names:
        (tmp_path / name).write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=sentence):
        read_export(connect(), str(tmp_path))


def test_a_damaged_part_of_a_folder_is_named(tmp_path):
    FRAME.write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(b"PAR1etc")
    with pytest.raises(InputError, match=r"b\.parquet' cannot be read as Parquet: it is none, or was cut short"):
        read_export(connect(), str(tmp_path))


def test_parts_in_folders_of_different_columns_are_not_called_damaged(tmp_path):
    for folder in ("year=2024", "year=2024/month=1"):
        (tmp_path / folder).mkdir()
        FRAME.write_parquet(tmp_path / folder / "a.parquet")
    with pytest.raises(InputError, match="its files lie in folders that name different columns"):
        read_export(connect(), str(tmp_path))


def test_files_with_other_columns_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,a\n")
    (tmp_path / "b.csv").write_text("id,note\n1,a\n")
    with pytest.raises(InputError, match=r"b\.csv' does not have the columns of .*a\.csv'.*'note', 'text'"):
        read_export(connect(), str(tmp_path))


def parsed(*values, dtype=None):
    return parse_times(pl.Series("when", values, dtype=dtype, strict=False))


D = datetime


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("2020-01-31", D(2020, 1, 31)),
        ("  2020-1-5 ", D(2020, 1, 5)),
        ("2020/01/31", D(2020, 1, 31)),
        ("2020.01.31", D(2020, 1, 31)),
        ("20200131", D(2020, 1, 31)),
        ("20200131T101112Z", D(2020, 1, 31, 10, 11, 12)),
        ("2020-01-31T10:11:12", D(2020, 1, 31, 10, 11, 12)),
        ("2020-01-31 10:11", D(2020, 1, 31, 10, 11)),
        ("2020-01-31T10:11:12.123456789Z", D(2020, 1, 31, 10, 11, 12, 123456)),
        ("2020-01-31 10:11:12,5 UTC", D(2020, 1, 31, 10, 11, 12, 500000)),
        ("2020-01-31T01:00:00+02:00", D(2020, 1, 30, 23)),
        ("2020-01-31T23:00:00-0530", D(2020, 2, 1, 4, 30)),
        ("2020-01-31 01:00:00+02", D(2020, 1, 30, 23)),
        ("01/31/2020", D(2020, 1, 31)),
        ("31/01/2020", D(2020, 1, 31)),
        ("01/02/2020", D(2020, 1, 2)),
        ("1/2/20", D(2020, 1, 2)),
        ("1/2/99 1:05 PM", D(1999, 1, 2, 13, 5)),
        ("1/2/2020 12:05 a.m.", D(2020, 1, 2, 0, 5)),
        ("31.01.2020", D(2020, 1, 31)),
        ("01.02.2020", D(2020, 2, 1)),
        ("31-01-2020", D(2020, 1, 31)),
        ("Jan 5, 2020", D(2020, 1, 5)),
        ("January 5th, 2020", D(2020, 1, 5)),
        ("5 January 2020", D(2020, 1, 5)),
        ("05-JAN-2020", D(2020, 1, 5)),
        ("5-Sept-20", D(2020, 9, 5)),
        ("Tue, 05 Jan 2021 10:00:00 GMT", D(2021, 1, 5, 10)),
        ("January 2020", D(2020, 1, 1)),
        ("2020-03", D(2020, 3, 1)),
        ("202003", D(2020, 3, 1)),
        ("2020", D(2020, 1, 1)),
        (2020, D(2020, 1, 1)),
        (2020.0, D(2020, 1, 1)),
        (20200131, D(2020, 1, 31)),
        (1580428800, D(2020, 1, 31)),
        ("1580428800.5", D(2020, 1, 31, 0, 0, 0, 500000)),
        (1580428800000, D(2020, 1, 31)),
        (1580428800000000, D(2020, 1, 31)),
        (1580428800000000000, D(2020, 1, 31)),
        (43861, D(2020, 1, 31)),
        (43861.5, D(2020, 1, 31, 12)),
        (date(2020, 1, 31), D(2020, 1, 31)),
        (D(2020, 1, 31, 1, tzinfo=UTC), D(2020, 1, 31, 1)),
    ],
)
def test_a_date_is_read(spelling, expected):
    result = parsed(spelling)
    assert result.times.to_list() == [expected]
    assert result.times.dtype == pl.Datetime("us")
    assert (result.blank, result.unreadable) == (0, 0)


@pytest.mark.parametrize(
    "value",
    ["soon", "2020-02-30", "31/31/2020", "Marketing 2020", "1850", "1899-12-31", "2101-01-01", "0001-01-01",
     "12", 12, -5, "3.14", "2020-01-01 25:00", "12:30", "CVE-2020-1234", 1e30],
)  # fmt: skip
def test_what_is_no_date_from_1900_to_2100_is_unreadable(value):
    assert parsed(value)[1:3] == (0, 1)


@pytest.mark.parametrize("value", [None, "", "  \t"])
def test_blank_is_not_unreadable(value):
    assert parsed(value, "2020-01-01", dtype=pl.String)[1:3] == (1, 0)


@pytest.mark.parametrize(
    ("values", "month_and_day"),
    [
        (["01/02/2020", "13/02/2020"], (2, 1)),
        (["01/02/2020", "02/13/2020"], (1, 2)),
        (["01/02/2020", "03/04/2020"], (1, 2)),
        (["01/02/2020", "13/02/2020", "14/02/2020", "02/13/2020"], (2, 1)),
    ],
)
def test_the_whole_column_decides_whether_the_day_comes_first(values, month_and_day):
    result = parsed(*values)
    assert (result.times[0].month, result.times[0].day) == month_and_day
    assert result.unreadable == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2019", "2020"], "year"),
        (["2019", "2020-03"], "month"),
        (["2019-03-01", "2019-04-01"], "month"),
        (["2019", "2020-03-02"], "day"),
        (["2019-01-01 10:00", "2020-01-01"], "day"),
        ([None, "soon"], "day"),
    ],
)
def test_granularity_is_told_from_the_values(values, expected):
    assert parsed(*values).granularity == expected


def test_repeated_values_are_read_like_single_ones():
    values = ["2020-01-31", None, "soon", "5 May 2021"]
    many = parsed(*(values * 50))
    assert many.times.to_list() == parsed(*values).times.to_list() * 50
    assert (many.blank, many.unreadable) == (50, 50)


MOMENTS = st.datetimes(D(1970, 1, 2), D(2100, 12, 31))
SPELLINGS = ["%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%fZ", "%d %B %Y %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S.%f",
             "%b %d, %Y %I:%M:%S.%f %p", "%Y/%m/%d %H:%M:%S,%f+00:00"]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(MOMENTS, min_size=1, max_size=5), st.sampled_from(SPELLINGS))
def test_what_is_spelled_out_is_read_back(moments, spelling):
    assert parsed(*(moment.strftime(spelling) for moment in moments)).times.to_list() == moments


@settings(max_examples=60, deadline=None)
@given(st.datetimes(D(1985, 1, 1), D(2040, 12, 31)), st.sampled_from([1, 10**3, 10**6]))
@example(D(1989, 9, 1), 10**3)  # 620611200000, which reads as 11 June 2062, 20:00 too
@example(D(1994, 9, 21), 10**3)
def test_timestamps_of_any_unit_are_read_back(moment, per_second):
    moment = moment.replace(microsecond=0)
    stamp = (moment - D(1970, 1, 1)) // timedelta(seconds=1) * per_second
    assert parsed(stamp).times.to_list() == [moment]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.text(max_size=30), max_size=8))
def test_no_text_breaks_it_and_every_value_is_accounted_for(values):
    result = parsed(*values, dtype=pl.String)
    assert result.times.count() + result.blank + result.unreadable == len(values)


@pytest.mark.parametrize("broken", [False, True])
def test_an_export_that_changes_while_it_is_read_is_refused_as_such(tmp_path, broken):
    path = tmp_path / "export.csv"
    path.write_text("note,label\n")
    message = "'.*export.csv' changed while it was read"
    with pytest.raises(InputError, match=message), unchanged(locate(str(path))):
        path.write_text("note,label\nmore,b\n")
        if broken:
            raise InputError("Line 2 has 1 value.")


def test_an_export_between_two_parts_of_its_writer_is_no_broken_one(tmp_path):
    path = tmp_path / "export.jsonl"
    path.write_text('{"note": "cut sh')
    writer = Timer(0.02, path.write_text, ['{"note": "cut short"}\n'])
    with pytest.raises(InputError, match="changed while it was read"), unchanged(locate(str(path))):
        writer.start()
        raise InputError("'export.jsonl' is not JSON.")
    writer.join()
