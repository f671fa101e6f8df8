"""A server on loopback that speaks the chat completions protocol and answers with the label of the nearest example."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKENS_IN, TOKENS_OUT = 100, 10


@dataclass
class Behaviour:
    """``failures`` are status codes for the first requests, in order; ``answer`` replaces the nearest label."""

    failures: list[int] = field(default_factory=list)
    answer: str | None = None
    delay: float = 0.0
    usage: bool = True
    key: str = "secret"
    asked: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@contextmanager
def chat_server(**behaviour: Any) -> Iterator[Behaviour]:
    state = Behaviour(**behaviour)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/v1/chat/completions":
                return self._reply(404, {"error": {"message": "no such path"}})
            if self.headers["Authorization"] != f"Bearer {state.key}":
                return self._reply(401, {"error": {"message": "wrong key"}})
            with lock:
                failure = state.failures.pop(0) if state.failures else None
            if failure:
                return self._reply(failure, {"error": {"message": body["messages"][-1]["content"]}})
            time.sleep(state.delay)
            with lock:
                state.asked[body["messages"][-1]["content"]] += 1
                state.bodies.append(body)
            return self._reply(200, _completion(body, state))

        def _reply(self, status: int, content: dict[str, Any]) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(BrokenPipeError):  # the one who asked was killed
                self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _completion(body: dict[str, Any], state: Behaviour) -> dict[str, Any]:
    labels = body["response_format"]["json_schema"]["schema"]["properties"]["category"]["enum"]
    shown = [line.removeprefix("Category: ") for line in body["messages"][-1]["content"].splitlines()]
    nearest = [line for line in shown if line in labels]
    answer = state.answer or (nearest[-1] if nearest else labels[0])
    reply: dict[str, Any] = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": json.dumps({"category": answer})},
            }
        ],
    }
    if state.usage:
        reply["usage"] = {
            "prompt_tokens": TOKENS_IN,
            "completion_tokens": TOKENS_OUT,
            "total_tokens": TOKENS_IN + TOKENS_OUT,
        }
    return reply
