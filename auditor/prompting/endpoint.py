"""Where the records go: one URL, checked before anything is sent, and the words for it that hold no credential."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

import httpx2

from auditor.errors import ConfigError


@dataclass(frozen=True)
class Endpoint:
    """``url`` takes the requests and may hold a key in its query; ``host``, with the port if one is given, is all of
    it that is ever shown.
    """

    url: str
    host: str
    local: bool
    encrypted: bool

    @property
    def words(self) -> str:
        """Where records go, for a person."""
        if self.local:
            return f"this machine ({self.host})"
        return f"{self.host}, {'encrypted' if self.encrypted else 'WITHOUT encryption'}"


def parse_endpoint(given: str) -> Endpoint:
    """Raises ConfigError, without the URL's own words, where it is none or holds a password."""
    try:
        url = httpx2.URL(given.strip())
    except httpx2.InvalidURL:
        raise ConfigError("--endpoint is no URL. It looks like https://models.example.org/v1.") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError("--endpoint is no web address. It looks like https://models.example.org/v1.")
    if url.port is not None and not 0 < url.port < 65_536:
        raise ConfigError("--endpoint names a port that does not exist; they go from 1 to 65535.")
    if url.userinfo:
        raise ConfigError(
            "The URL of --endpoint holds a user name or a password. Leave them out: the key comes from the environment "
            "variable that --key-variable names."
        )
    target = url.copy_with(path=url.path.rstrip("/") + "/chat/completions", fragment=None)
    return Endpoint(str(target), url.netloc.decode("ascii"), _is_local(url.host), url.scheme == "https")


def checked_key(key: str, variable: str) -> str:
    """The key without white space around it. Raises ConfigError where no header can carry it."""
    key = key.strip()
    if not key.isascii() or not key.isprintable():
        raise ConfigError(
            f"The key in {variable} holds a character that no key has, such as an accented letter, a curly quote or a "
            "line break. Copy it again."
        )
    return key


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
