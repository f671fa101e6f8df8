"""Endpoints that misbehave, on loopback: what the user reads is the table of docs/baseline.md, line by line."""

from __future__ import annotations

import datetime
import json
import logging
import re
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import AuditError
from auditor.prompting.answers import AnswerFile
from auditor.prompting.ask import Model, ask_all
from auditor.prompting.budget import Budget, Cap, counted
from auditor.prompting.endpoint import parse_endpoint
from auditor.prompting.prompt import Question, answer_reader, system_part, user_part
from auditor.prompting.reply import Fault, read_fault, read_reply
from tests.chat_server import TOKENS_OUT, USAGE, chat_server, completion, listener, response
from tests.exports import export, saved

TABLE = Path(__file__).parents[1] / "docs/baseline.md"
RECORDS = 30
# What follows where the exit code is 3; the table leaves it out.
GOES_ON = ", even after several tries. Answers that came are kept; run the same command again to go on."


def always(*parts: bytes) -> dict[str, Any]:
    """Every request gets these bytes, and then the connection closes."""
    return {"raw": lambda _: parts}


def body(data: object) -> dict[str, Any]:
    """Every request gets this body: bytes as they are, all else as JSON."""
    return always(response(200, data if isinstance(data, bytes) else json.dumps(data)))


def body_of(status: int, data: object) -> dict[str, Any]:
    return always(response(status, json.dumps(data)))


def fault(status: int, **error: object) -> dict[str, Any]:
    """An error whose message quotes a record."""
    quoted = export(rows=1)["note"][0]
    return always(response(status, json.dumps({"error": {"message": f"no good: {quoted}", **error}})))


def but(first: int, parts: Iterable[bytes]) -> dict[str, Any]:
    """``first`` requests are answered as they should be."""
    return {"raw": lambda number: None if number < first else parts}


def slowly() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    while True:
        time.sleep(0.05)
        yield b" "


def too_long(number: int) -> Iterable[bytes] | None:
    refusal = {"error": {"code": "context_length_exceeded", "message": "too long"}}
    return [response(400, json.dumps(refusal))] if number % 3 == 1 else None


def redirect(status: int = 307) -> dict[str, Any]:
    return always(response(status, Location="http://127.0.0.1:9/v1/chat/completions"))


def drop_now(_: int) -> Iterable[bytes]:
    return []


DEEP = b'{"choices":' * 100_000
# Each name stands in the first column of the table, and how the endpoint misbehaves here.
MISBEHAVIOURS: dict[str, dict[str, Any]] = {
    "redirects to another address": redirect(),
    "closes the connection without a word": {"raw": drop_now},
    "closes it in the middle of an answer": always(response(200, b"{", Content_Length="500")),
    "closes it after ten answers": but(10, []),
    "accepts and never answers": {"raw": lambda _: slowly_silent()},
    "answers a byte at a time, for ever": {"raw": lambda _: slowly()},
    "sends headers without end": {"raw": lambda _: [b"HTTP/1.1 200 OK\r\n", *repeat(b"X-More: and more\r\n", 20_000)]},
    "sends megabytes": always(b"HTTP/1.1 200 OK\r\n\r\n", *repeat(b" " * 65_536, 32)),
    "speaks no HTTP": always(b"220 ready\r\n" * 50),
    "compresses though not asked to": always(response(200, b"\x1f\x8b\x08\x00junk", Content_Encoding="gzip")),
    "streams events though not asked to": always(
        response(200, f"data: {json.dumps(completion('billing'))}\n\n", Content_Type="text/event-stream")
    ),
    "answers with an empty body": body(b""),
    "answers 204": always(response(204)),
    "answers with a web page": body(b"<!DOCTYPE html><title>Sign in</title>"),
    "answers with bytes that are no text": body(bytes(range(256))),
    "answers with broken JSON": body(b'{"choices": [{"message": {"content": "bil'),
    "answers with JSON nested 100,000 deep": body(DEEP),
    "answers with a number of 10,000 digits": body(b"1" * 10_000),
    "answers with a list": body([]),
    "answers with null": body(None),
    "answers without choices": body({"choices": []}),
    "answers without a message": body({"choices": [{}]}),
    "answers with null as message": body({"choices": [{"message": None}]}),
    "answers with a list as content": body(completion(["billing"])),
    "answers with a number as content": body(completion(4)),
    "answers with null as content": {"content": lambda _: None},
    "names two categories": {"content": lambda _: "billing or coverage"},
    "names a category of its own": {"answer": "\x1b[31mnone of these\x1b[0m"},
    "says every other time that it fails": {"raw": lambda n: [response(500)] if n % 2 == 0 else None},
    "says every time that it fails": always(response(503, Retry_After="soon")),
    "asks to slow down, for ever": always(response(429, Retry_After="1e9")),
    "refuses the key": {"key": "other"},
    "quotes a record and refuses the key": fault(403),
    "knows no such model": fault(404),
    "quotes a record and refuses the request": fault(422),
    "refuses the temperature": fault(400, param="temperature", code="unsupported_value"),
    "refuses the JSON schema, then answers in fences": {
        "schema": False,
        "content": lambda label: f'Sure!\n```json\n{{"category": "{label}"}}\n```',
    },
    "refuses the JSON schema, then answers in words": {
        "schema": False,
        "content": lambda label: f"The category is {label.upper()}.",
    },
    "refuses each third record as too long": {"raw": too_long},
    "refuses every record as too long": fault(400, code="context_length_exceeded"),
    "says so in words alone": body_of(400, {"message": "This model's maximum context length is 4096 tokens."}),
    "states no usage": {"usage": None},
    "states a usage of nought": {"usage": {**USAGE, "prompt_tokens": 0, "completion_tokens": 0}},
    "states a negative usage": {"usage": {**USAGE, "prompt_tokens": -(10**9), "completion_tokens": -1}},
    "states a usage of 10^30": {"usage": {**USAGE, "prompt_tokens": 10**30, "completion_tokens": 10**30}},
    "states a usage in words": {"usage": {"prompt_tokens": "many", "completion_tokens": [1]}},
    "shows a certificate that nobody trusts": {"tls": None},
    "speaks no TLS though the URL says https": {},
    "is not there": {},
}
FOR_EVER = ("accepts and never answers", "answers a byte at a time, for ever")


def slowly_silent() -> Iterator[bytes]:
    while True:
        time.sleep(0.05)
        yield b""


def lines() -> dict[str, tuple[int, int, str]]:
    """Of each misbehaviour in the table: the exit code, the answers kept and what the user reads."""
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \| (.+?) \|$", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: (int(code), int(kept), read) for name, code, kept, read in rows}


@pytest.fixture
def hurried(monkeypatch):
    """Waits of milliseconds before another try."""
    monkeypatch.setattr("auditor.prompting.ask.FIRST_WAIT", 0.001)
    monkeypatch.setattr("auditor.prompting.ask.LONGEST_WAIT", 0.002)


def give_up_soon(monkeypatch):
    """A second for whatever hangs; on busy cores too little for others, now and then."""
    monkeypatch.setattr("auditor.prompting.http.READ", 0.3)
    monkeypatch.setattr("auditor.prompting.http.WHOLE", 0.6)


@pytest.fixture
def ask(auditor, tmp_path, monkeypatch, hurried):
    """Runs the command on thirty of 60 records, once each."""
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    path = saved(export(rows=60), tmp_path)

    def run(url: str, *arguments: object) -> tuple[int, str, str]:
        fixed = ["--size", RECORDS, "--repeats", 1, "--examples", 2, "--model", "small", "--yes-send-text"]
        return auditor("baseline", path, "--text", "note", "--label", "label", "--endpoint", url, *fixed, *arguments)

    return run


def kept(folder: Path) -> list[dict[str, Any]]:
    """The requests on disk that need not be sent again."""
    cache = folder / "baseline/answers.jsonl"
    requests = [json.loads(line) for line in cache.read_text(encoding="utf-8").splitlines()] if cache.exists() else []
    return [each for each in requests if each["outcome"] != "failed"]


def test_every_misbehaviour_stands_in_the_table():
    assert list(lines()) == list(MISBEHAVIOURS)


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_what_the_user_reads(ask, tmp_path, monkeypatch, name):
    code, answers, read = lines()[name]
    if name in FOR_EVER:
        give_up_soon(monkeypatch)
    behaviour = dict(MISBEHAVIOURS[name])
    if "tls" in behaviour:
        behaviour["tls"] = untrusted(tmp_path)
    with chat_server(**behaviour) as server:
        url = server.url.replace("http:", "https:") if "TLS" in name else server.url
        url = f"http://127.0.0.1:{free_port()}/v1" if name == "is not there" else url
        # Of several requests at a time it is chance which ones are every other.
        found, printed, complaint = ask(url, *(["--concurrency", 1] if "every other" in name else []))
    assert found == code, complaint or printed
    said = read.replace("models.example.org", url.split("/")[2])
    if code:
        assert complaint == said + (GOES_ON if code == 3 else "") + "\n"
    else:
        assert said in printed.replace("\n", " ")
        assert complaint == ""
    assert len(kept(tmp_path)) == answers
    words = {word for text in export(rows=60)["note"] for word in text.split()}
    assert not words & set(re.findall(r"\w+", printed + complaint))
    assert "\x1b[31m" not in printed + complaint


@pytest.mark.parametrize("name", ["closes it after ten answers", "says every other time that it fails"])
def test_a_run_that_stopped_goes_on_where_it_was(ask, tmp_path, name):
    with chat_server(**MISBEHAVIOURS[name]) as server:
        ask(server.url)
    first = len(kept(tmp_path))
    with chat_server(port=server.port) as server:
        code, _, _ = ask(server.url)
    assert code == 0
    assert len(server.bodies) == RECORDS - first


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("after", [0, 5])
@pytest.mark.parametrize("where", ["http://{}/v1/chat/completions", "//{}/", "https://{}/"])
def test_not_one_byte_reaches_a_second_host(ask, monkeypatch, status, after, where):
    with listener() as other:
        for proxy in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(proxy, f"http://{other.address}")
        location = where.format(other.address)
        moved = response(status, Location=location, Refresh=f"0; url={location}", Content_Location=location)
        with chat_server(**but(after, [moved])) as server:
            code, _, complaint = ask(server.url)
    assert (other.connections, bytes(other.received)) == (0, b"")
    assert code == 2
    assert server.requests > after
    assert f"redirects to another address (status {status})" in complaint
    assert other.address not in complaint


def test_the_second_host_would_have_noticed():
    with listener() as other, socket.create_connection(tuple(other.address.split(":"))) as visitor:
        visitor.sendall(b"a record")
    assert (other.connections, bytes(other.received)) == (1, b"a record")


def test_no_credential_is_written_or_said(ask, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with chat_server(key="topsecret-key") as server:
        assert "refuses the key" in ask(server.url + "?key=hidden-in-query")[2]
    with chat_server() as server:
        code, printed, complaint = ask(server.url + "?key=hidden-in-query")
    assert code == 0
    everything = printed + complaint + caplog.text
    everything += "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "baseline").iterdir())
    assert "hidden-in-query" not in everything
    assert "secret" not in everything


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://user:hunter2@models.example.org/v1", "holds a user name or a password"),
        ("https://:hunter2@models.example.org/v1", "holds a user name or a password"),
        ("https://models.example.org:99999/v1", "names a port that does not exist"),
        ("https://models.example.org:0/v1", "names a port that does not exist"),
        ("https://models.example.org:hunter2/v1", "is no URL"),
        ("https://models.exa\x1bmple.org/v1", "is no URL"),
        ("https://[::1/v1", "is no URL"),
        ("models.example.org/v1", "is no web address"),
        ("file:///etc/hunter2", "is no web address"),
        ("https:///v1", "is no web address"),
        ("", "is no web address"),
    ],
)
def test_an_endpoint_that_cannot_be_one(ask, url, said):
    code, _, complaint = ask(url)
    assert code == 2
    assert said in complaint
    assert complaint.count("\n") == 1
    assert "hunter2" not in complaint


@pytest.mark.parametrize("key", ["schlüssel-hunter2", "hunter2\nX-Other: 1", "“hunter2”", "\udcffhunter2"])
def test_a_key_that_no_header_can_carry(ask, monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    code, _, complaint = ask("http://127.0.0.1:9/v1")
    assert (code, complaint.count("\n")) == (2, 1)
    assert "The key in OPENAI_API_KEY holds a character that no key has" in complaint
    assert "hunter2" not in complaint


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://models.example.org/v1?key=1", "models.example.org, encrypted"),
        ("http://models.example.org:8000/v1", "models.example.org:8000, WITHOUT encryption"),
        ("http://localhost:8080/v1", "this machine (localhost:8080)"),
        ("http://[::1]:8080/v1", "this machine ([::1]:8080)"),
    ],
)
def test_where_records_go_in_words(url, words):
    assert parse_endpoint(url).words == words


def test_what_it_takes_is_said_before_the_first_request(ask):
    with chat_server(key="other") as server:
        _, said, _ = ask(server.url, "--input-price", 2, "--output-price", 8, "--max-cost", 1)
        _, unpriced, _ = ask(server.url)
    host = server.url.split("/")[2]
    assert f"The text of 30 records, each with up to 2 similar ones, goes to this machine ({host})." in said
    figures = r"\n30 requests\. About 7,\d\d\d tokens, (.*); capped at 3,000,000 tokens \(--max-tokens\)(.*)\.\n"
    assert re.search(figures, said).groups() == ("about 0.02", " and 1.00 (--max-cost)")
    assert re.search(figures, unpriced).groups() == ("price unknown (--input-price, --output-price)", "")


def test_a_second_run_says_what_is_left(ask):
    with chat_server(**but(10, [])) as server:
        ask(server.url)
    with chat_server(port=server.port) as server:
        _, printed, _ = ask(server.url)
    assert "\nThe text of 20 records" in printed
    assert "\n20 requests; 10 more are answered already." in printed


def test_settings_know_prices_too(ask, tmp_path):
    (tmp_path / "audit.toml").write_text("[cost]\ninput_price = 1000\noutput_price = 1000\n", encoding="utf-8")
    with chat_server() as server:
        code, printed, _ = ask(server.url, "--config", "audit.toml", "--max-cost", 4)
    assert code == 0
    assert 0 < len(server.bodies) < RECORDS
    assert "The cap stopped" in printed


@pytest.mark.parametrize("option", ["--temperature", "--max-cost", "--input-price", "--output-price"])
def test_a_figure_that_is_none(ask, option):
    assert ask("http://127.0.0.1:9/v1", option, "nan")[0] == 2


LIES = [
    None,
    {},
    {**USAGE, "prompt_tokens": 0, "completion_tokens": 0},
    {**USAGE, "prompt_tokens": -(10**12), "completion_tokens": -(10**12)},
    {**USAGE, "prompt_tokens": 10**30, "completion_tokens": 10**30},
    {**USAGE, "prompt_tokens": None},
    [],
]


@pytest.mark.parametrize("usage", LIES)
@pytest.mark.parametrize("failing", [False, True])
def test_no_usage_switches_the_cap_off(ask, usage, failing):
    cap = 5_000
    with chat_server(usage=usage, raw=lambda n: [response(500)] if failing and n % 2 else None) as server:
        code, printed, _ = ask(server.url, "--max-tokens", cap)
        sent = server.requests
        again, _, _ = ask(server.url, "--max-tokens", cap)
    assert (code, again) == (0, 0)
    assert "The cap stopped" in printed
    # Every request weighs 700 bytes at the least, so 175 tokens, whatever the endpoint says of it.
    assert 2 <= sent <= server.requests <= cap / 175


@pytest.mark.parametrize(
    ("stated", "known", "most", "counts"),
    [(100, 80, 400, 100), (0, 80, 400, 80), (-5, 80, 400, 80), (10**30, 80, 400, 400), (100, 800, 400, 800)],
)
def test_what_a_request_counts_for(stated, known, most, counts):
    assert counted(stated, known, most) == counts


def test_tries_that_failed_count(ask, tmp_path):
    with chat_server(raw=lambda n: [response(500)] if n % 2 == 0 else None) as server:
        ask(server.url, "--concurrency", 1)
    cache = (tmp_path / "baseline/answers.jsonl").read_text(encoding="utf-8").splitlines()
    requests = [json.loads(line) for line in cache]
    assert [each["outcome"] for each in requests] == ["failed", "answered"] * RECORDS
    assert min(each["input_tokens"] for each in requests) >= 175
    assert {each["output_tokens"] for each in requests} == {0, TOKENS_OUT}
    summary = json.loads((tmp_path / "baseline/baseline.json").read_text(encoding="utf-8"))
    assert summary["measured"]["input_tokens"] == sum(each["input_tokens"] for each in requests)


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x00 broken",
        b"not JSON",
        b"[" * 100_000,
        b"null",
        b"{}",
        b'{"key": "a", "label": null, "input_tokens": -1000000000, "output_tokens": 0, "outcome": "answered"}',
        b'{"key": "a", "label": null, "input_tokens": 1e400, "output_tokens": 0, "outcome": "answered"}',
        b'{"key": "a", "label": 3, "input_tokens": 1, "output_tokens": 0, "outcome": "answered"}',
        b'{"key": "a", "label": null, "input_tokens": 1, "output_tokens": 0, "outcome": "unheard of"}',
    ],
)
def test_a_damaged_line_among_the_answers(ask, tmp_path, line):
    with chat_server() as server:
        ask(server.url)
        cache = tmp_path / "baseline/answers.jsonl"
        _, *rest = cache.read_bytes().splitlines()
        cache.write_bytes(b"\n".join([line, *rest]) + b"\n")
        code, printed, complaint = ask(server.url)
    assert (code, complaint) == (0, "")
    assert f"1 lines of {Path('baseline/answers.jsonl')} could not be read; what they held was asked again." in printed
    assert len(server.bodies) == RECORDS + 1


def question(at: int) -> Question:
    return Question(at, 0, system_part(["billing", "other"], {}), user_part(f"record {at}", []))


def asked(url: str, folder: Path) -> list[Any]:
    """Three questions, straight to the endpoint."""
    model = Model(parse_endpoint(url), "small", "secret", 0.0)
    known = AnswerFile(folder / "answers.jsonl")
    (folder / "answers.jsonl").unlink(missing_ok=True)
    return ask_all([question(at) for at in range(3)], ["billing", "other"], model, known, Budget(Cap(10**6)), 2, quiet)


def quiet() -> None:
    """Nobody listens."""


FIELDS = ["choices", "message", "content", "usage", "prompt_tokens", "completion_tokens", "error", "code", "param"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=3),
)
BODIES = st.binary(max_size=200) | JSON.map(lambda each: json.dumps(each).encode())
RESPONSES = st.binary(max_size=300) | st.builds(
    lambda status, data, name, value: response(status, data, **{name: value}),
    st.integers(0, 999),
    BODIES,
    st.sampled_from(["Location", "Retry-After", "Content-Encoding", "Transfer-Encoding", "Set-Cookie", "X"]),
    st.text(st.characters(max_codepoint=126, exclude_characters="\r\n"), max_size=20)
    | st.sampled_from(["gzip", "nan"]),
)


@given(st.lists(RESPONSES, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_come_the_run_ends_in_answers_or_a_sentence(tmp_path, monkeypatch, hurried, replies):
    give_up_soon(monkeypatch)
    monkeypatch.setattr("auditor.prompting.ask.TRIES", 2)
    with chat_server(raw=lambda n: [replies[n % len(replies)]]) as server:
        try:
            answers = asked(server.url, tmp_path)
        except AuditError as error:
            assert str(error).count("\n") == 0
        else:
            assert len(answers) == 3


@given(BODIES)
@settings(max_examples=200, deadline=None)
def test_a_reply_fits_or_is_none(data):
    assert read_fault(data) in Fault
    try:
        reply = read_reply(data)
    except ValueError:
        return
    assert reply.content is None or isinstance(reply.content, str)


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_whatever_a_model_writes_it_names_one_label_or_none(content):
    assert answer_reader(["billing", "late billing"])(content) in {None, "billing", "late billing"}


def test_ctrl_c_keeps_what_came(tmp_path):
    def interrupt() -> None:
        raise KeyboardInterrupt

    folder = tmp_path / "answers.jsonl"
    with chat_server() as server, pytest.raises(KeyboardInterrupt):
        model = Model(parse_endpoint(server.url), "small", "secret", 0.0)
        ask_all([question(1)], ["billing"], model, AnswerFile(folder), Budget(Cap(10**6)), 1, interrupt)
    assert folder.read_text(encoding="utf-8").count("\n") == 1


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def untrusted(folder: Path) -> ssl.SSLContext:
    """A server's certificate that no authority signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
