"""One request over HTTP. It goes to one host, takes a bounded time, and what comes back is bounded too."""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.request import getproxies

import httpx2

from auditor.errors import ConfigError

if TYPE_CHECKING:
    from auditor.prompting.endpoint import Endpoint

# Seconds to connect, between two pieces of a reply, and for all of it. A model that thinks on a slow machine sends
# nothing until it is done.
CONNECT, READ, WHOLE = 10.0, 120.0, 150.0
# Bytes of one reply. An answer takes some 500.
LARGEST = 256 * 1024


class Unanswered(Exception):
    """No use came of a request, but another try may fare better. The message goes on from the host's name.

    ``sent`` says whether the request may have reached the host; ``wait`` how many seconds the host asks for.
    """

    def __init__(self, message: str, *, sent: bool = True, wait: float = 0.0) -> None:
        super().__init__(message)
        self.sent = sent
        self.wait = wait


@dataclass(frozen=True)
class Response:
    """``retry_after`` is the header as it came, "" where there is none."""

    status: int
    body: bytes
    retry_after: str


def client(key: str) -> httpx2.AsyncClient:
    """A client that follows no redirect, asks no proxy of the environment, unpacks nothing and logs nothing."""
    for library in ("httpx2", "httpcore2"):
        logging.getLogger(library).setLevel(logging.WARNING)  # else the URL, with a key in its query, may be logged
    return httpx2.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        timeout=httpx2.Timeout(READ, connect=CONNECT),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "auditor",
        },
    )


async def post(http: httpx2.AsyncClient, endpoint: Endpoint, body: bytes) -> Response:
    """What the endpoint answered.

    Raises:
        Unanswered: nothing whole came.
        ConfigError: the host's certificate is not trusted, or it does not speak TLS.

    """
    try:
        async with asyncio.timeout(WHOLE), http.stream("POST", endpoint.url, content=body) as reply:
            found = bytearray()
            async for part in reply.aiter_raw():
                found += part
                if len(found) > LARGEST:
                    raise Unanswered(f"sends more than {LARGEST // 1024} kilobytes for one answer")
            return Response(reply.status_code, bytes(found), reply.headers.get("retry-after", ""))
    except (TimeoutError, httpx2.ReadTimeout, httpx2.WriteTimeout):
        raise Unanswered("gives no whole answer in time") from None
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise _not_connected(endpoint, error) from None
    except httpx2.TransportError:
        raise Unanswered("breaks off in the middle of an answer, or does not speak HTTP") from None


def _not_connected(endpoint: Endpoint, error: BaseException) -> Unanswered | ConfigError:
    below: BaseException | None = error
    while below is not None and not isinstance(below, ssl.SSLError):
        below = below.__cause__ or below.__context__
    match below:
        case ssl.SSLCertVerificationError():
            return ConfigError(
                f"'{endpoint.host}' shows a certificate that this machine does not trust, so nothing was sent. Add the "
                "authority that signed it to the machine's trusted certificates, or check --endpoint."
            )
        case ssl.SSLError():
            return ConfigError(
                f"'{endpoint.host}' does not speak TLS as https needs it, so nothing was sent. Check the port; an "
                "endpoint without encryption begins with http://."
            )
    proxy = " (the proxy that the environment names is not used)" if getproxies() and not endpoint.local else ""
    return Unanswered(f"cannot be reached{proxy}", sent=False)
