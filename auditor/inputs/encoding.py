"""The bytes of a text file, decompressed, and the same file in UTF-8 where it is written otherwise."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from auditor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from auditor.inputs.files import Kind

HEAD_BYTES = 1 << 20
_BLOCK = 1 << 20
# The longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    codecs.BOM_UTF8: "utf-8",
}
_DISGUISED = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "gzip",
    b"(\xb5/\xfd": "Zstandard",
}


def as_utf8(file: Path, kind: Kind, encoding: str | None, copy: Path) -> Path:
    """The file itself where it is UTF-8, else its text in UTF-8 at ``copy``, decompressed and without its mark.

    UTF-8, UTF-16 and UTF-32 are told by the mark that a file starts with; without one, ``encoding`` says what it is.

    Raises:
        InputError: the file is empty, no text, or not written as ``encoding`` or its mark says.

    """
    with opened(file) as stream:
        head = stream.read(HEAD_BYTES)
    if not head.strip():
        raise InputError(f"'{file}' is empty. Export it again with its rows.")
    for magic, name in _DISGUISED.items():
        if head.startswith(magic):
            raise InputError(f"'{file}' is {name}, not {kind}. Rename or export it accordingly.")
    if sign := re.match(rb"(?:\xef\xbb\xbf)?\s*<(!doctype|html|table|\?xml)", head, re.IGNORECASE):
        name = "XML" if sign[1] == b"?xml" else "a web page, as some tools call their Excel files"
        raise InputError(f"'{file}' is {name}, not {kind}. Export it as CSV.")
    marked = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    if marked and encoding and not codecs.lookup(encoding).name.startswith(marked):
        raise InputError(
            f"'{file}' starts with the mark of {marked.upper()}, not of {encoding}. "
            "Leave [read] encoding out, or name it rightly."
        )
    written = encoding or marked or "utf-8"
    if codecs.lookup(written).name != "utf-8":
        _write_copy(file, written, copy)
        return copy
    if b"\0" in head:
        raise InputError(_with_zero_bytes(file, head))
    if head.startswith(codecs.BOM_UTF8 * 2):
        _write_copy(file, "utf-8", copy)
        return copy
    return file


def not_utf8(file: Path) -> InputError:
    return InputError(
        f"'{file}' is not UTF-8 text. Save it as UTF-8 (in Excel: 'CSV UTF-8'), or say how it is written with "
        '[read] encoding = "windows-1252" (western Europe; "windows-1251" Cyrillic, "shift_jis" Japanese, '
        '"gb18030" Chinese).'
    )


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, decompressed."""
    try:
        if file.suffix.lower() == ".gz":
            with gzip.open(file) as stream:
                yield cast("IO[bytes]", stream)
        elif file.suffix.lower() == ".zst":
            import pyarrow as pa

            with pa.input_stream(str(file), compression="zstd") as stream:
                yield io.BufferedReader(stream)
        else:
            with file.open("rb") as stream:
                yield stream
    except (EOFError, zlib.error):
        raise _damaged(file) from None
    except OSError as error:
        # What the decompressors say is no word of the system's, and quotes the first bytes.
        if error.strerror is None:
            raise _damaged(file) from None
        raise InputError(f"'{file}' cannot be read: {error.strerror}.") from None


def _damaged(file: Path) -> InputError:
    return InputError(f"'{file}' is a damaged archive, or none. Copy or compress it again.")


def _write_copy(file: Path, encoding: str, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    with opened(file) as stream, copy.open("w", encoding="utf-8", newline="") as out:
        text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        try:
            # Tools that mark a text which is marked already leave two.
            out.write(text.read(_BLOCK).lstrip("\ufeff"))
            while block := text.read(_BLOCK):
                out.write(block)
        except UnicodeError:
            raise InputError(f"'{file}' is not {encoding} text. Name its encoding with [read] encoding.") from None


def _with_zero_bytes(file: Path, head: bytes) -> str:
    """Latin letters in UTF-16 have a zero byte each, before the letter or behind it."""
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros.count(0) > len(zeros) / 2:
            return f"'{file}' looks like UTF-16 without its mark. Say so with [read] encoding = \"{name}\"."
    return f"'{file}' is not text. Export it as CSV in UTF-8."
