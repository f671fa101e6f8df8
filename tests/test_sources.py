"""The same table through every source: the same report but for its name, one sentence for what is wrong."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import auditor
from auditor.addresses import last_name, shown
from auditor.api import audit
from auditor.config import Config
from auditor.errors import InputError
from auditor.inputs import read_export
from auditor.inputs.sql import connect
from tests import servers
from tests.alike import nameless
from tests.conftest import the_rest_slow
from tests.exports import export, saved

# Under 200 rows no learning curve is drawn, which takes a third of a small audit.
FRAME = export(160).with_columns(pl.col("day").cast(pl.String)).drop("amount")
GIVEN = {"text": "note", "label": "label", "time": "day", "id": "claim", "segment": "payer"}
OPTIONS = [part for role, column in GIVEN.items() for part in (f"--{role}", column)]
QUERY = "SELECT claim, day, payer, note, label FROM denials"


@pytest.fixture(scope="module")
def address():
    with servers.postgres() as found:
        with _cursor(found) as cursor:
            cursor.execute("CREATE TABLE denials (claim text, day text, payer text, note text, label text)")
            cursor.adbc_ingest("denials", FRAME.to_arrow(), mode="append")
        yield found


@pytest.fixture(scope="module")
def bucket():
    from pyarrow.fs import S3FileSystem

    with servers.store() as environment:
        store = S3FileSystem(
            access_key=servers.KEY,
            secret_key=servers.SECRET,
            endpoint_override=environment["AWS_ENDPOINT_URL"],
            region="us-east-1",
            allow_bucket_creation=True,
            request_timeout=60,
        )
        store.create_dir("claims")
        for name, rows in {"denials.csv": FRAME, "parts/a.csv": FRAME[:100], "parts/b.csv": FRAME[100:]}.items():
            with store.open_output_stream(f"claims/{name}") as stream:
                stream.write(rows.write_csv().encode())
        for name, rows in {"shards/a.parquet": FRAME[:100], "shards/b.parquet": FRAME[100:]}.items():
            with store.open_output_stream(f"claims/{name}") as stream:
                rows.write_parquet(stream)
        for name, content in {"odd/broken.parquet": b"no Parquet", "odd/notes.doc": b"a"}.items():
            with store.open_output_stream(f"claims/{name}") as stream:
                stream.write(content)
        yield environment


@contextmanager
def _cursor(address):
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        yield cursor


def _duckdb(folder, name="claims.duckdb"):
    with duckdb.connect(str(folder / name)) as con:
        con.register("frame", FRAME)
        con.execute("CREATE TABLE denials AS SELECT * FROM frame")
        con.execute("CREATE TABLE other AS SELECT 1 AS a")
    return folder / name


def _sqlite(folder, name="claims.sqlite"):
    con = sqlite3.connect(folder / name)
    con.execute("CREATE TABLE denials (claim, day, payer, note, label)")
    con.executemany("INSERT INTO denials VALUES (?, ?, ?, ?, ?)", FRAME.select(GIVEN_ORDER).rows())
    con.execute("CREATE TABLE other (a)")
    con.commit()
    con.close()
    return folder / name


GIVEN_ORDER = ["claim", "day", "payer", "note", "label"]


def _arrow(folder, name="denials.arrow"):
    FRAME.write_ipc(folder / name)
    return folder / name


def _stream(folder):
    FRAME.write_ipc_stream(folder / "denials.feather")
    return folder / "denials.feather"


def _arrow_parts(folder):
    for payer, rows in FRAME.partition_by("payer", as_dict=True, include_key=False).items():
        (folder / f"payer={payer[0]}").mkdir()
        rows.write_ipc(folder / f"payer={payer[0]}" / "part.arrow")
    return folder


def _delta(folder):
    """Written by deltalake in many versions, rows replaced and removed, the log cut behind a checkpoint."""
    deltalake = pytest.importorskip("deltalake")
    where = str(folder / "denials")
    deltalake.write_deltalake(where, FRAME.with_columns(note=pl.lit("replaced")).to_arrow(), partition_by=["payer"])
    deltalake.write_deltalake(where, FRAME[:100].to_arrow(), mode="overwrite")
    table = deltalake.DeltaTable(where)
    table.create_checkpoint()
    (folder / "denials" / "_delta_log" / f"{0:020}.json").unlink()
    deltalake.write_deltalake(where, FRAME[100:].to_arrow(), mode="append")
    deltalake.write_deltalake(where, FRAME[:5].with_columns(claim=pl.lit("gone")).to_arrow(), mode="append")
    deltalake.DeltaTable(where).delete("claim = 'gone'")
    return folder / "denials"


def _iceberg(folder):
    """Written by pyiceberg in three snapshots, the last of which takes rows away."""
    sql = pytest.importorskip("pyiceberg.catalog.memory")
    catalog = sql.InMemoryCatalog("local", warehouse=f"file://{folder}")
    catalog.create_namespace("db")
    rows = FRAME.to_arrow().cast(pa.schema([(name, pa.string()) for name in FRAME.columns]))
    table = catalog.create_table("db.denials", schema=rows.schema)
    table.append(rows)
    table.append(rows.slice(0, 5).set_column(0, "claim", pa.array(["gone"] * 5)))
    table.delete("claim = 'gone'")
    (where,) = Path(folder).rglob("metadata")
    return where.parent


FILES = {
    "csv": (lambda folder: saved(FRAME, folder, "denials.csv"), {}),
    "parquet": (lambda folder: saved(FRAME, folder), {}),
    "duckdb table": (_duckdb, {"table": "denials"}),
    "duckdb query": (_duckdb, {"query": f"{QUERY} -- all of them"}),
    "sqlite table": (_sqlite, {"table": "denials"}),
    "sqlite query": (lambda folder: _sqlite(folder, "claims.db"), {"query": f"{QUERY};"}),
    "arrow": (_arrow, {}),
    "feather stream": (_stream, {}),
    "arrow in partitions": (_arrow_parts, {}),
    "delta": (_delta, {}),
    "iceberg": (_iceberg, {}),
}  # fmt: skip
USUAL = ("csv", "duckdb table", "sqlite query", "arrow", "delta")


@cache
def _of_frame():
    return nameless(auditor.audit(FRAME, **GIVEN))


@pytest.mark.parametrize("source", the_rest_slow(FILES, USUAL))
def test_a_source_says_what_the_frame_says(tmp_path, source):
    write, which = FILES[source]
    assert nameless(auditor.audit(write(tmp_path), **which, **GIVEN)) == _of_frame()


@pytest.mark.parametrize("which", [{"table": "denials"}, {"query": f"{QUERY} WHERE claim IS NOT NULL;"}, {}])
def test_postgres_says_what_the_frame_says(address, which):
    found = auditor.audit(address, **which, **GIVEN)
    assert nameless(found) == _of_frame()
    assert found.run.source == ("postgres:denials" if "table" in which else "postgres")


@pytest.mark.parametrize("key", ["denials.csv", "parts", "parts/", "parts/*.csv", "parts/?.csv"])
def test_a_bucket_says_what_the_frame_says(bucket, monkeypatch, key):
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    found = auditor.audit(f"s3://claims/{key}", **GIVEN)
    assert nameless(found) == _of_frame()
    assert found.run.source == key.rstrip("/").rpartition("/")[2]


def test_workers_fetch_what_a_bucket_holds(bucket, monkeypatch):
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    roles = GIVEN | {"text": ("note",), "segment": ("payer",)}
    config = Config(export="s3://claims/shards", engine="dask", threads=2, **roles)
    found, _ = audit(config)
    assert nameless(found) == _of_frame()
    broken = replace(config, export="s3://claims/odd/broken.parquet")
    with pytest.raises(InputError, match=r"'s3://claims/odd/broken\.parquet' cannot be read as Parquet"):
        audit(broken)


def test_every_type_of_postgres_is_text_and_nothing_is_lost(address):
    with _cursor(address) as cursor:
        cursor.execute("CREATE TYPE kind AS ENUM ('late', 'coding')")
        cursor.execute(
            "CREATE TABLE typed AS SELECT 12.50::numeric AS amount, '{\"a\": 1}'::jsonb AS data, "
            "'2024-01-31 10:15:00-05'::timestamptz AS at, 'late'::kind AS kind, ARRAY['a', 'b c'] AS tags, "
            "'infinity'::date AS day, 7 AS n, true AS yes, NULL::text AS none, 'größe'::varchar AS note, "
            "0.1::float8 AS f"
        )
    con = connect()
    source = read_export(con, address, table="typed")
    (row,) = con.sql("SELECT * FROM export").fetchall()
    assert dict(zip(source.names, row, strict=True)) == {
        "amount": "12.50", "data": '{"a": 1}', "at": "2024-01-31 15:15:00+00", "kind": "late", "tags": '{a,"b c"}',
        "day": "infinity", "n": "7", "yes": "true", "none": None, "note": "größe", "f": "0.1",
    }  # fmt: skip
    with _cursor(address) as cursor:
        cursor.execute("DROP TABLE typed")


def test_the_order_in_which_a_database_gives_its_rows_moves_no_row_id(tmp_path):
    def rows(order):
        found = auditor.audit(_duckdb(tmp_path), query=f"{QUERY} ORDER BY {order}", **GIVEN)
        (tmp_path / "claims.duckdb").unlink()
        return found

    first, again = rows("claim"), rows("claim DESC")
    assert first.rows.equals(again.rows)
    assert first.run.data_fingerprint == again.run.data_fingerprint


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT nothing FROM denials", 'column "nothing" does not exist'),
        ("SELCT 1", "syntax error"),
        ("SELECT 1; SELECT 2", "Pass one SELECT"),
        ("SELECT 1) AS a; COMMIT; DROP TABLE denials; SELECT * FROM (SELECT 1", "multiple commands"),
        ("DELETE FROM denials RETURNING *", "Pass one SELECT"),
        ("WITH gone AS (DELETE FROM denials RETURNING *) SELECT * FROM gone", "at the top level"),
        ("SELECT set_config('transaction_read_only', 'off', false)", "while its rows were computed"),
        ("SELECT note::int FROM denials", "while its rows were computed"),
        ("SELECT note FROM denials WHERE false", "no rows"),
    ],
)
def test_a_query_of_postgres_only_reads_and_its_failure_quotes_no_record(address, query, says):
    with pytest.raises(auditor.InputError) as raised:
        auditor.audit(address, query=query)
    assert says in str(raised.value) and FRAME["note"][0] not in str(raised.value)
    with _cursor(address) as cursor:
        cursor.execute("SELECT count(*) FROM denials")
        assert cursor.fetchone() == (len(FRAME),)


@pytest.mark.parametrize("write", [_duckdb, _sqlite])
@pytest.mark.parametrize(
    ("which", "error", "says"),
    [
        ({}, auditor.ConfigError, "Tables: denials, other"),
        ({"table": "denails"}, auditor.ConfigError, "Did you mean 'denials'?"),
        ({"table": "denials", "query": QUERY}, auditor.ConfigError, "Pass one of them"),
        ({"query": "SELECT nothing FROM denials"}, auditor.InputError, "nothing"),
        ({"query": "SELCT 1"}, auditor.InputError, "SELCT"),
        ({"query": "SELECT 1; SELECT 2"}, auditor.ConfigError, "no single SELECT"),
        ({"query": "DELETE FROM denials"}, auditor.ConfigError, "SELECT"),
        ({"query": "CREATE TABLE new AS SELECT 1"}, auditor.ConfigError, "SELECT"),
        ({"query": "ATTACH 'elsewhere.db' AS e"}, auditor.ConfigError, "SELECT"),
        ({"query": "  "}, auditor.ConfigError, "'query' must be one SELECT"),
    ],
)
def test_a_query_of_a_database_file_only_reads(tmp_path, write, which, error, says):
    path = write(tmp_path)
    before = path.read_bytes()
    with pytest.raises(error) as raised:
        auditor.audit(path, **which)
    assert says in str(raised.value)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_a_sqlite_file_in_use_or_cut_short_is_said_in_words(tmp_path):
    path = _sqlite(tmp_path)
    con = sqlite3.connect(path)
    con.execute("BEGIN EXCLUSIVE")
    with pytest.raises(auditor.InputError, match="another program is writing to it"):
        auditor.audit(path, table="denials")
    con.close()
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(auditor.InputError, match="it is damaged, or was cut short"):
        auditor.audit(path, table="denials")


def test_a_sqlite_file_with_a_log_is_read_with_it_and_without_a_trace(tmp_path):
    path = _sqlite(tmp_path)
    con = sqlite3.connect(path)
    con.execute("PRAGMA journal_mode = wal")
    con.execute("INSERT INTO other VALUES (1), (2)")
    con.commit()

    def rows():
        read = connect()
        read_export(read, str(path), table="other")
        return read.sql("SELECT count(*) FROM export").fetchall()[0]

    assert rows() == (2,)
    con.close()
    assert rows() == (2,)
    assert list(tmp_path.iterdir()) == [path]


def test_what_duckdb_says_ends_in_one_full_stop(tmp_path):
    with pytest.raises(auditor.InputError, match=r"Table with name nothing does not exist\.$"):
        auditor.audit(_duckdb(tmp_path), query="SELECT * FROM nothing")


def test_a_query_of_duckdb_reads_no_other_file(tmp_path):
    saved(FRAME, tmp_path, "other.csv")
    with pytest.raises(auditor.InputError, match=r"failed \(Permission\)"):
        auditor.audit(_duckdb(tmp_path), query=f"SELECT * FROM read_csv('{tmp_path}/other.csv')")


def test_texts_in_sqlite_need_not_be_utf8(tmp_path):
    con = sqlite3.connect(tmp_path / "old.db")
    con.execute("CREATE TABLE notes (note, label, picture, n)")
    con.execute("INSERT INTO notes VALUES (CAST(x'4772f6dfe5' AS TEXT), 'a', x'ff00', 1.5), ('plain', 'b', NULL, 2)")
    con.commit()
    con.close()
    read = connect()
    from auditor.config import Read

    read_export(read, str(tmp_path / "old.db"), Read(encoding="windows-1252"))
    assert read.sql("SELECT note, n FROM export ORDER BY label").fetchall() == [("Größå", "1.5"), ("plain", "2")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.duckdb", b"no database at all", "cannot be opened as a DuckDB or SQLite database"),
        ("a.sqlite", b"SQLite format 3\0and then nothing of it", "cannot be read: it is damaged"),
        ("a.arrow", b"no Arrow", "cannot be read as Arrow or Feather"),
        ("a.feather", b"FEA1 of old", "version 2"),
        ("a.arrow", b"", "is empty"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(auditor.InputError) as raised:
        auditor.audit(tmp_path / name)
    assert says in str(raised.value)


def test_a_cut_arrow_file_and_a_moved_iceberg_table_are_refused(tmp_path):
    whole = _arrow(tmp_path).read_bytes()
    (tmp_path / "cut.arrow").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(auditor.InputError, match="Export it again"):
        auditor.audit(tmp_path / "cut.arrow")
    (tmp_path / "lake").mkdir()
    table = _iceberg(tmp_path / "lake")
    table.rename(tmp_path / "moved")
    with pytest.raises(auditor.InputError, match="where it was moved"):
        auditor.audit(tmp_path / "moved")


def test_tables_and_queries_are_of_databases(tmp_path):
    with pytest.raises(auditor.ConfigError, match="pick rows of a database"):
        auditor.audit(saved(FRAME, tmp_path), table="denials")
    with pytest.raises(auditor.ConfigError, match="before"):
        auditor.audit(FRAME, query=QUERY)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("none.csv", "There is no object at 's3://claims/none.csv'"),
        ("odd/broken.parquet", "'s3://claims/odd/broken.parquet' cannot be read as Parquet"),
        ("odd/notes.doc", "The extension '.doc' is not one that auditor reads ('s3://claims/odd/notes.doc')"),
        ("parts/*.parquet", "There is no object"),
    ],
)
def test_what_a_bucket_lacks_is_said_by_its_address(bucket, monkeypatch, key, says):
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(auditor.InputError) as raised:
        auditor.audit(f"s3://claims/{key}")
    assert says in str(raised.value) and "bucket/" not in str(raised.value)


def test_a_store_that_is_not_there_is_said(bucket, monkeypatch):
    for name, value in (bucket | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(auditor.InputError, match="cannot be reached") as raised:
        auditor.audit("s3://claims/denials.csv")
    assert servers.SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda url: url.replace("s3cret", "wrong"), "the user or the password is wrong"),
        (lambda url: url.replace(url.rpartition(":")[2], "9/postgres"), "the connection was refused"),
        (lambda url: url.replace("/postgres", "/nothing"), "it has no such database"),
        (lambda url: url.replace("%40", "@"), "cannot be reached"),
        (lambda url: url.replace("%2F", "/"), "cannot be reached"),
        (lambda url: f"{url}?sslmode=no", "cannot be reached"),
    ],
)
def test_an_error_holds_no_password(address, auditor, change, says):
    code, out, err = auditor("run", change(address), "--table", "denials")
    assert code == 3 and says in err
    said = (out + err).replace("is wrong", "").replace("write @, / and ? in a password as %40, %2F and %3F", "")
    assert not [part for part in ("s3cret", "?x", "@", "%40", "wrong", "sslmode") if part in said]


def test_no_output_holds_the_password(address, auditor, tmp_path):
    code, out, err = auditor("run", address, "--table", "denials", *OPTIONS, "--history", "history", "--seed", "1")
    assert (code, err) == (0, "")
    assert auditor("init", address, "--table", "denials")[0] == 0
    assert 'export = "postgresql://127.0.0.1:' in (tmp_path / "audit.toml").read_text()
    for query in ("SELECT nothing", "SELECT 1; SELECT 2"):
        out += "".join(auditor("plan", address, "--query", query)[1:])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parts[len(tmp_path.parts)] for path in files} == {"audit-postgres", "history", "audit.toml"}
    written = b"".join(path.read_bytes() + str(path).encode() for path in files) + out.encode() + err.encode()
    assert b"s3cret" not in written and servers.PASSWORD.encode() not in written
    report = json.loads(next(path for path in files if path.name == "report.json").read_text())
    assert report["run"]["source"] == "postgres:denials"
    assert report["effective_config"]["export"] == "postgres"


@pytest.mark.parametrize(
    ("address", "seen", "name"),
    [
        ("postgresql://ann:pw@db.org:54/claims?sslmode=no&password=pw", "postgresql://db.org:54/claims", "claims"),
        ("postgres://ann:p@w/x@db/claims", "postgres://db/claims", "claims"),
        ("postgresql://ann:p?w@db/claims", "postgresql://...", "postgresql"),
        ("postgresql:///claims?password=p@w", "postgresql://...", "postgresql"),
        ("postgresql://ann:pw@", "postgresql://", "postgresql"),
        ("s3://bucket/a/b.parquet", "s3://bucket/a/b.parquet", "b.parquet"),
        ("folder/denials.csv", "folder/denials.csv", "denials.csv"),
    ],
)  # fmt: skip
def test_what_is_shown_of_an_address(address, seen, name):
    assert (shown(address), last_name(address)) == (seen, name)


def test_other_addresses_are_refused_without_their_password():
    with pytest.raises(auditor.InputError) as raised:
        auditor.audit("mysql://ann:pw@db/claims")
    assert "does not read 'mysql://'" in str(raised.value) and "pw" not in str(raised.value)
