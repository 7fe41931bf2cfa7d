"""Texts in whatever encoding they are: found out from their beginning, read line by line within bounds."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from sources.binary_file import first_bytes, opened_binary
from sources.source import SourceError

SAMPLE_BYTES = 1 << 20
GUESSED_BYTES = 32 << 10
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What texts that are no Unicode are in, most often; in others only if they do not fit.
USUAL = ["cp1252", "cp1250", "cp1251", "mac_roman", "shift_jis", "gb18030"]


def encoding_of(sample: bytes) -> str:
    """The encoding of a text that begins so: by its mark, else UTF-8 if it is that, else as it looks."""
    for mark, name in BOMS:
        if sample.startswith(mark):
            return name
    pairs = sample[: len(sample) // 2 * 2]
    if pairs and pairs[1::2].count(0) * 3 > len(pairs):
        return "utf-16-le"
    if pairs and pairs[::2].count(0) * 3 > len(pairs):
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError as error:
        return legacy_encoding(sample[max(0, error.start - GUESSED_BYTES // 2) :][:GUESSED_BYTES])
    return "utf-8"


def legacy_encoding(sample: bytes) -> str:
    """Windows-1252 unless another one makes a more likely text of it."""
    from charset_normalizer import from_bytes  # few texts need it

    found = from_bytes(sample, cp_isolation=USUAL).best()
    return found.encoding if found is not None else "cp1252"


def checked_encoding(name: str) -> str:
    """SourceError for an encoding that there is not, or that texts cannot be read in piece by piece."""
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=name, errors="surrogateescape").read()
        return codecs.lookup(name).name
    except (LookupError, ValueError) as error:  # of ValueError: names with U+0000, codecs such as idna
        raise SourceError(f"There is no encoding {name}: utf-8, utf-16 and cp1252 are some.") from error


@contextmanager
def opened_text(location: str, encoding: str = "") -> Iterator[TextIO]:
    """A text with its line ends as they are; what does not fit its encoding stands there as is_damaged tells."""
    chosen = checked_encoding(encoding) if encoding else encoding_of(first_bytes(location, SAMPLE_BYTES))
    errors = "replace" if chosen.startswith(("utf-16", "utf_16", "utf-32", "utf_32")) else "surrogateescape"
    with opened_binary(location) as file:
        text = io.TextIOWrapper(file, encoding=chosen, errors=errors, newline="")
        try:
            yield text
        finally:
            text.detach()


def is_damaged(line: str) -> bool:
    """Whether a line has bytes that do not fit its encoding."""
    return not line.isascii() and any("\udc80" <= letter <= "\udcff" or letter == "\ufffd" for letter in line)
