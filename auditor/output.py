"""Standard output and error that never cost an audit: whatever they can spell, and whether anybody still reads them."""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
import unicodedata
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a terminal of another alphabet shows instead; letters lose their accents, all else becomes a question mark.
_SPELLED = {"✓": "+", "✕": "x", "×": "x", "–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "·": ".", "▒": "#"}
_SPELLED |= {"‘": "'", "’": "'", "“": '"', "”": '"', "≠": "!=", "≥": ">=", "≤": "<="}
_IN_ASCII = "auditor.ascii"
# Control characters reach terminals; direction overrides and invisible marks let a name pose as another.
_UNSAFE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """Text that is safe to show: control, direction and broken characters are replaced."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - it is registered for encoding alone
    return "".join(map(_spelled, error.object[error.start : error.end])), error.end


def _spelled(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return _SPELLED.get(letter) or plain or "?"


codecs.register_error(_IN_ASCII, _in_ascii)


class _Sturdy(io.TextIOBase):
    """A stream that spells what it can, and swallows what nobody takes: closed, full, or a pipe that has ended."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding or "utf-8"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, text: str) -> int:
        shown = text.encode(self.encoding, _IN_ASCII).decode(self.encoding)
        try:
            self._stream.write(shown)
        except (OSError, ValueError):
            self._give_up()
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._give_up()

    def _give_up(self) -> None:
        """What is still to come, and what the interpreter flushes at its end, goes nowhere."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def sturdy() -> Iterator[None]:
    """Within it no failure of standard output or error raises anything, and no warning of a library, which may quote a
    value, is printed.
    """
    _fill_gaps()
    before = sys.stdout, sys.stderr, warnings.showwarning
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout, sys.stderr = (_Sturdy(stream or nowhere) for stream in before[:2])
        warnings.showwarning = lambda *_, **__: None
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            sys.stdout, sys.stderr, warnings.showwarning = before


def _fill_gaps() -> None:
    """Where a standard stream is closed, the next file that is opened would take its place and receive its output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def say(text: str, *, error: bool = False) -> None:
    """Print ``text``, whatever a name in it holds: no control character or direction mark reaches the terminal."""
    print(clean(text), file=sys.stderr if error else sys.stdout, flush=True)
