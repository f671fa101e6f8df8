"""DuckDB reaches the files that were named, and nothing else, whatever stands in names, settings, views and queries."""

from __future__ import annotations

import json

import duckdb
import polars as pl
import pytest

from auditor.config import Read
from auditor.errors import AuditError
from auditor.inputs import read_export
from auditor.inputs.sql import connect
from tests.exports import export, saved

CANARY = "zqsecret1x"


@pytest.fixture
def place(tmp_path):
    """A folder with the export, and one outside it with a file that is nobody's business."""
    (tmp_path / "in").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret.csv").write_text(f"note,label\n{CANARY},a\n")
    saved(export(60), tmp_path / "in", "in.csv")
    return tmp_path


WAYS_OUT = (
    "SELECT * FROM read_csv('{other}/secret.csv')",
    "SELECT * FROM read_text('{other}/secret.csv')",
    "SELECT * FROM read_blob('{other}/*')",
    "SELECT * FROM '{other}/secret.csv'",
    "SELECT * FROM glob('{other}/*')",
    "COPY (SELECT 1) TO '{other}/written.csv'",
    "COPY (SELECT 1) TO '{file}'",
    "EXPORT DATABASE '{other}/written'",
    "ATTACH '{other}/written.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CREATE PERSISTENT CANARY (TYPE s3)",
    "SET enable_external_access = true",
    "RESET enable_external_access",
    "SET allowed_directories = ['/']",
    "SET autoinstall_known_extensions = true",
    "SET lock_configuration = false",
    "PRAGMA temp_directory='{other}'",
    "SELECT * FROM a_frame_of_the_program",
)


@pytest.mark.parametrize("statement", WAYS_OUT)
def test_no_statement_gets_out_once_an_export_is_read(place, statement):
    a_frame_of_the_program = pl.DataFrame({"a": [1]})
    con = connect()
    file = place / "in" / "in.csv"
    read_export(con, str(file))
    before = file.read_bytes()
    with pytest.raises(duckdb.Error):
        con.execute(statement.format(other=place / "other", file=file)).fetchall()
    assert file.read_bytes() == before
    assert [each.name for each in (place / "other").iterdir()] == ["secret.csv"]
    assert len(a_frame_of_the_program) == 1


@pytest.mark.parametrize("query", [each for each in WAYS_OUT if each.startswith("SELECT")])
@pytest.mark.parametrize("way", ["query", "view"])
def test_no_query_or_view_of_a_database_reaches_another_file(place, query, way):
    file = place / "in" / "claims.duckdb"
    asked = query.format(other=place / "other", file=file)
    with duckdb.connect(str(file)) as database:
        if way == "view" and "a_frame" in query:
            database.execute("CREATE TABLE claims AS SELECT 'a' AS note")
            database.execute("CREATE VIEW a_frame_of_the_program AS FROM claims")
            database.execute("CREATE VIEW asked AS SELECT * FROM a_frame_of_the_program")
            database.execute("DROP VIEW a_frame_of_the_program")
        elif way == "view":
            database.execute(f"CREATE VIEW asked AS {asked}")
        else:
            database.execute("CREATE TABLE claims AS SELECT 'a' AS note")
    about = {"query": asked} if way == "query" else {"table": "asked"}
    with pytest.raises(AuditError) as raised:
        read_export(connect(), str(file), **about)
    assert CANARY not in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "COPY claims TO '{other}/written.csv'",
        "ATTACH '{other}/secret.csv'",
        "SET enable_external_access = true",
        "SELECT 1; COPY claims TO '{other}/written.csv'",
        "INSTALL httpfs",
        "EXPLAIN ANALYZE COPY claims TO '{other}/written.csv'",
        "PRAGMA database_list",
    ],
)
def test_a_query_of_a_database_is_one_select(place, statement):
    file = place / "in" / "claims.duckdb"
    with duckdb.connect(str(file)) as database:
        database.execute("CREATE TABLE claims AS SELECT 'a' AS note")
    with pytest.raises(AuditError):
        read_export(connect(), str(file), query=statement.format(other=place / "other"))
    assert [each.name for each in (place / "other").iterdir()] == ["secret.csv"]


def names(place):
    other = place / "other"
    return (
        f"x\" FROM read_csv('{other}/secret.csv') --",
        f"'; COPY (SELECT 1) TO '{other}/written.csv'; --",
        'note"; DROP TABLE export; --',
        "$file",
        "select",
    )


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "duckdb"])
def test_a_name_is_a_name(place, kind):
    columns = {name: ["a", "b"] for name in names(place)}
    file = place / "in" / f"names.{kind}"
    frame = pl.DataFrame(columns)
    match kind:
        case "csv":
            frame.write_csv(file)
        case "parquet":
            frame.write_parquet(file)
        case "jsonl":
            file.write_text("".join(json.dumps(row) + "\n" for row in frame.to_dicts()))
        case _:
            with duckdb.connect(str(file)) as database:
                database.register("frame", frame)
                database.execute('CREATE TABLE "t""; --" AS FROM frame')
    con = connect()
    source = read_export(con, str(file), Read(null=("'); DROP TABLE export; --",)))
    assert sorted(source.names) == sorted(columns)
    assert con.sql("SELECT count(*) FROM export").fetchall() == [(2,)]
    assert [each.name for each in (place / "other").iterdir()] == ["secret.csv"]


def test_the_name_of_a_file_is_no_pattern(place):
    saved(export(30), place / "in", "[a]*.csv")
    saved(export(30, seed=9), place / "in", "ab.csv")
    con = connect()
    assert read_export(con, str(place / "in" / "[a]*.csv")).rows == 30


def test_what_does_not_fit_in_memory_lies_in_a_folder_of_its_owners(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    con = connect()
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert con.sql("SELECT current_setting('temp_directory')").fetchall() == [(str(folder),)]
    con.close()
    del con
    assert not folder.exists()
