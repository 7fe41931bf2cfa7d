"""Texts in whatever encoding they are, read piece by piece: as lines, or as the bytes that they are in UTF-8."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, TextIO, cast

from sources.binary_file import first_bytes, opened_binary
from sources.encodings import encoding_of, encoding_of_file

DECODED_BYTES = 64 << 10
DAMAGED = "\ufffd"
WIDE_ENCODINGS = ("utf-16", "utf_16", "utf-32", "utf_32")
AS_THEY_ARE = ("utf-8", "utf-8-sig", "ascii")


def error_handler(encoding: str) -> str:
    """How what does not fit is kept: as lone surrogates, where there are bytes of a text and not of its letters."""
    return "replace" if encoding.startswith(WIDE_ENCODINGS) else "surrogateescape"


@contextmanager
def opened_text(location: str, encoding: str = "") -> Iterator[TextIO]:
    """A text with its line ends as they are; what does not fit its encoding stands there as is_damaged tells."""
    chosen = encoding_of_file(location, encoding)
    with opened_binary(location) as file:
        text = io.TextIOWrapper(file, encoding=chosen, errors=error_handler(chosen), newline="")
        try:
            yield text
        finally:
            text.detach()


def is_damaged(line: str, errors: str | None) -> bool:
    """Whether a line has bytes that do not fit its encoding. errors: the error handler that it was read with."""
    if line.isascii():
        return False
    if errors == "replace":
        return DAMAGED in line
    return any("\udc80" <= letter <= "\udcff" for letter in line)


@contextmanager
def opened_utf8(location: str, encoding: str, offset: int = 0) -> Iterator[BinaryIO]:
    """A text as UTF-8, from behind so many bytes of that; what does not fit its encoding is no UTF-8 either."""
    if encoding in AS_THEY_ARE:
        with opened_binary(location, offset) as file:
            yield file
        return
    with opened_binary(location) as file:
        whole = io.BufferedReader(AsUtf8(file, encoding), DECODED_BYTES)
        while offset and (passed := len(whole.read(min(offset, DECODED_BYTES)))):
            offset -= passed
        yield cast(BinaryIO, whole)


class AsUtf8(io.RawIOBase):
    """The bytes of a text in another encoding."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)(error_handler(encoding))
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            piece = self._file.read(DECODED_BYTES)
            self._ready = as_utf8(self._decoder.decode(piece, final=not piece), self._encoding)
            if not piece and not self._ready:
                return 0
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        return count


def as_utf8(text: str, encoding: str) -> bytes:
    if error_handler(encoding) == "replace":
        text = text.replace(DAMAGED, "\udcff")
    return text.encode(errors="surrogatepass")


def first_utf8(location: str, most: int) -> bytes:
    """The beginning of a text as UTF-8, without a mark of byte order."""
    start = first_bytes(location, most)
    name = encoding_of(start).name
    return as_utf8(codecs.getincrementaldecoder(name)(error_handler(name)).decode(start), name)
