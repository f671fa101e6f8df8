"""A server on loopback that speaks the chat completions protocol, or misbehaves as it is told."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKENS_IN, TOKENS_OUT = 1_000, 10
USAGE = {"prompt_tokens": TOKENS_IN, "completion_tokens": TOKENS_OUT, "total_tokens": TOKENS_IN + TOKENS_OUT}


@dataclass
class Behaviour:
    """It answers with the label of the nearest example, and says so in the format that was asked for.

    ``failures`` are status codes for the first requests, in order. ``answer`` replaces the nearest label; ``content``
    what the message holds, made from the label; ``usage`` what it says it used. ``raw`` gives, for the number of a
    request, the bytes of the whole response in place of all this; None leaves that request alone. Without ``schema`` it
    refuses a response format. ``port`` 0: any that is free.
    """

    failures: list[int] = field(default_factory=list)
    answer: str | None = None
    content: Callable[[str], Any] | None = None
    raw: Callable[[int], Iterable[bytes] | None] = lambda _: None
    delay: float = 0.0
    usage: Any = field(default_factory=lambda: USAGE)
    schema: bool = True
    key: str = "secret"
    tls: ssl.SSLContext | None = None
    port: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    url: str = ""


def response(status: int, body: bytes | str = b"", **headers: str) -> bytes:
    """A whole response; underscores in the names of ``headers`` stand for hyphens."""
    data = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": "application/json", "Content-Length": str(len(data)), "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Word", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    return "\r\n".join(lines).encode() + data


@contextmanager
def chat_server(**behaviour: Any) -> Iterator[Behaviour]:
    state = Behaviour(**behaviour)
    lock = threading.Lock()
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                raw = state.raw(state.requests)
                state.requests += 1
                failure = state.failures.pop(0) if state.failures else None
            if raw is not None:
                return self._write(raw)
            if self.path.partition("?")[0] != "/v1/chat/completions":
                return self._reply(404, {"error": {"message": "no such path"}})
            if self.headers["Authorization"] != f"Bearer {state.key}":
                return self._reply(401, {"error": {"message": "wrong key"}})
            if not state.schema and "response_format" in body:
                failure = 400
            if failure:
                return self._reply(failure, {"error": {"message": body["messages"][-1]["content"]}})
            time.sleep(state.delay)
            with lock:
                state.asked[body["messages"][-1]["content"]] += 1
                state.bodies.append(body)
            return self._reply(200, _completion(body, state))

        def _reply(self, status: int, content: dict[str, Any]) -> None:
            self._write([response(status, json.dumps(content))])

        def _write(self, parts: Iterable[bytes]) -> None:
            self.close_connection = True
            with suppress(OSError):  # the one who asked was killed, or has had enough
                for part in parts:
                    if closing.is_set():
                        return
                    self.wfile.write(part)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Stay silent: a client may hang up, or refuse the certificate."""

    server = Server(("127.0.0.1", state.port), Handler)
    if state.tls:
        server.socket = state.tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    state.port = server.server_port
    state.url = f"{'https' if state.tls else 'http'}://127.0.0.1:{state.port}/v1"
    try:
        yield state
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Listener:
    """Another host: how often somebody connected, and every byte that came."""

    address: str = ""
    connections: int = 0
    received: bytearray = field(default_factory=bytearray)


@contextmanager
def listener() -> Iterator[Listener]:
    """It accepts every connection, keeps what comes and answers nothing."""
    state = Listener()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        state.address = f"127.0.0.1:{server.getsockname()[1]}"
        closing = threading.Event()

        def accept() -> None:
            # Once more after the end: a connection may still wait.
            last = False
            while not last:
                last = closing.is_set()
                with suppress(OSError):
                    connection, _ = server.accept()
                    state.connections += 1
                    with connection:
                        connection.settimeout(0.5)
                        while part := connection.recv(65536):
                            state.received += part

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield state
        finally:
            closing.set()
            thread.join()


def completion(content: Any, usage: Any = USAGE) -> dict[str, Any]:
    """The body of an answer."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return {"id": "1", "object": "chat.completion", "created": 1, "choices": [choice], "usage": usage}


def _completion(body: dict[str, Any], state: Behaviour) -> dict[str, Any]:
    system, user = (message["content"] for message in body["messages"])
    labels = [line.removeprefix("- ").partition(":")[0] for line in system.splitlines() if line.startswith("- ")]
    shown = [line.removeprefix("Category: ") for line in user.splitlines()]
    nearest = [line for line in shown if line in labels]
    answer = state.answer or (nearest[-1] if nearest else labels[0])
    content = state.content(answer) if state.content else json.dumps({"category": answer})
    return completion(content, state.usage)
