"""Files as bytes: opened with errors for people, .gz read as what is in it, what cannot be read shown shortened."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from sources.source import SourceError

GZIP_MAGIC = b"\x1f\x8b"
RAW_LETTERS = 300
UTF8_BOM = b"\xef\xbb\xbf"
MAX_BYTES = 4 << 20  # of one item: a media with all that it can have is smaller


class BrokenFile(Exception):
    """What a file holds ends in the middle or is damaged; the message says how."""


@contextmanager
def opened_binary(location: str, offset: int = 0) -> Iterator[BinaryIO]:
    """A file from a place on, of a .gz within what it holds. SourceError where it cannot be opened or read, BrokenFile
    where a .gz is damaged."""
    try:
        if Path(location).is_dir():
            raise SourceError(f"{location} is a folder: a file is needed here.")
        with Path(location).open("rb") as plain:
            file = cast(BinaryIO, plain)
            if plain.peek(2)[:2] == GZIP_MAGIC:
                file = cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=plain)))
            if offset:
                file.seek(offset)
            yield file
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BrokenFile("The compressed file is damaged, or ends in the middle.") from error
    except OSError as error:
        raise unreadable(location, error) from error


def unreadable(location: str, error: OSError | ValueError) -> SourceError:
    """In words for people, without the program's own."""
    if isinstance(error, FileNotFoundError):
        return SourceError(f"{location} is not there.")
    if isinstance(error, PermissionError):
        return SourceError(f"{location} may not be read: give this user the right to read it.")
    return SourceError(f"{location} cannot be read: {getattr(error, 'strerror', None) or error}.")


def first_bytes(location: str, most: int) -> bytes:
    """The beginning of a file, of a .gz of what it holds; nothing of what is no file or cannot be read."""
    try:
        if not Path(location).is_file():
            return b""
        with opened_binary(location) as file:
            return file.read(most)
    except (SourceError, BrokenFile, ValueError):
        return b""


def shown(raw: bytes | str) -> str:
    """The beginning of what could not be read, as a text that can be stored."""
    cut = raw[: RAW_LETTERS * 4]
    text = cut.decode(errors="replace") if isinstance(cut, bytes) else cut.encode("utf-8", "replace").decode()
    text = text.replace("\0", "\ufffd").strip()
    return text if len(text) <= RAW_LETTERS else text[: RAW_LETTERS - 1] + "\u2026"


def plain_name(location: str) -> str:
    """A file's name in lower case, without .gz."""
    return Path(location).name.lower().removesuffix(".gz")
