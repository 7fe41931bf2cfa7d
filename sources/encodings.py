"""The encoding of a text: the one that is given, else what its mark says, else UTF-8 if it is that, else a guess.

A guess is told. The same for every source that reads texts."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from pathlib import Path

from sources.binary_file import first_bytes, shown
from sources.format import Option
from sources.source import SourceError
from sources.warnings import Warnings

SAMPLE_BYTES = 1 << 20
MARK_BYTES = 4
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
NAME_LETTERS = 40
ENCODING_NAME = re.compile(rf"[\w.:-]{{1,{NAME_LETTERS}}}", re.ASCII)  # others would stay in the cache of codecs
UNFIT_BYTES = re.compile("[\udc80-\udcff]")
FIT_LETTERS = re.compile("[^\0-\x7f\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """name: as Python's codecs have it. is_guessed: whether another one might be right as well."""

    name: str
    is_guessed: bool = False


def encoding_of(sample: bytes) -> Encoding:
    """The encoding of a text that begins so."""
    if (marked := byte_order_of(sample)) is not None:
        return Encoding(marked)
    pairs = sample[: len(sample) // 2 * 2]
    if pairs and pairs[1::2].count(0) * 3 > len(pairs):
        return Encoding("utf-16-le", is_guessed=True)
    if pairs and pairs[::2].count(0) * 3 > len(pairs):
        return Encoding("utf-16-be", is_guessed=True)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError as error:
        if is_mostly_utf8(sample):
            return Encoding("utf-8")
        around = sample[max(0, error.start - GUESSED_BYTES // 2) :][:GUESSED_BYTES]
        return Encoding(legacy_encoding(around), is_guessed=True)
    return Encoding("utf-8")


def byte_order_of(sample: bytes) -> str | None:
    """The encoding whose mark of byte order a text begins with; it passes the mark over."""
    return next((name for mark, name in BOMS if sample.startswith(mark)), None)


def is_mostly_utf8(sample: bytes) -> bool:
    """Whether it has more letters that only UTF-8 makes of it than bytes that do not fit: then these are damaged."""
    text = sample.decode("utf-8", "surrogateescape")
    return len(FIT_LETTERS.findall(text)) > len(UNFIT_BYTES.findall(text))


def legacy_encoding(sample: bytes) -> str:
    """Windows-1252 unless another one makes a more likely text of it."""
    from charset_normalizer import from_bytes  # few texts need it

    found = from_bytes(sample, cp_isolation=USUAL).best()
    return found.encoding if found is not None else "cp1252"


def checked_encoding(name: str) -> str:
    """SourceError for an encoding that there is not, or that texts cannot be read in piece by piece."""
    if ENCODING_NAME.fullmatch(name) is None:
        raise SourceError(f"There is no encoding {shown(name[:NAME_LETTERS])}: utf-8, utf-16 and cp1252 are some.")
    try:
        if "escape" in (found := codecs.lookup(name).name):
            raise LookupError
        io.TextIOWrapper(io.BytesIO(), encoding=name, errors="surrogateescape").read()
        return found
    except (LookupError, ValueError) as error:  # of ValueError: names with U+0000, codecs such as idna
        raise SourceError(f"There is no encoding {name}: utf-8, utf-16 and cp1252 are some.") from error


def encoding_of_file(location: str, given: str = "", noticed: Warnings | None = None) -> str:
    """The name of a file's encoding; one that is guessed is noticed. SourceError for one that there is not."""
    if given:
        name = checked_encoding(given)
        mark = byte_order_of(first_bytes(location, MARK_BYTES))
        return mark if mark is not None and name.startswith(mark.removesuffix("-sig")) else name
    found = encoding_of(first_bytes(location, SAMPLE_BYTES))
    if found.is_guessed and noticed is not None:
        name = shown(Path(location).name)
        noticed.add(f"{name} is not UTF-8. It is read as {found.name}, a guess: the option encoding says another.")
    return found.name


def check_encoding_option(given: str) -> None:
    """SourceError; one that is empty is found out."""
    if given:
        checked_encoding(given)


ENCODING = Option(
    "encoding",
    "The encoding of the text.",
    "UTF-8 or UTF-16 if it is that, else the likeliest",
    check=check_encoding_option,
)
