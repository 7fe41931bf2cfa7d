"""Cursors: where a row stands in an order, as text that a client keeps and sends back. Untrusted input.

base64url of: version byte, 6 bytes hash of row class, order and filter, JSON array of the sort values and the id. The
hash binds a cursor to what is listed, in which order and by which filter, not to the parent: the cursor of one tag's
media can continue another tag's, or the whole catalogue's."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal

import orjson

from loaders.bounds import BIGINT, INTEGER
from loaders.errors import CatalogError, Code

VERSION = 1
LONGEST = 16_384  # two texts of 3,000 bytes each as JSON may have them, and more
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SortType = Literal["text", "integer", "bigint", "time"]
Position = tuple[object, ...]

URL_SAFE = bytes.maketrans(b"+/", b"-_")


def fingerprint(*parts: object) -> bytes:
    """Six bytes that tell one combination of row class, order and filter from another."""
    return blake2b(repr(parts).encode(), digest_size=6).digest()


def encode_cursor(mark: bytes, position: Sequence[object]) -> str:
    """The cursor of a row: `position` is its sort values and its id. Times keep their microseconds."""
    return cursor_writer(mark, len(position) - 1)(position)


def cursor_writer(mark: bytes, sorts: int) -> Callable[[Sequence[Any]], str]:
    """Row -> cursor, for the rows of a list, which end in so many sort values and the id."""
    prefix, start, dumps = bytes([VERSION]) + mark, -1 - sorts, orjson.dumps
    if not sorts:
        only_id = prefix.replace(b"%", b"%%") + b"[%d]"  # as JSON has it, in half the time; written out for speed
        return lambda row: b2a_base64(only_id % row[-1]).translate(URL_SAFE, b"=\n").decode()
    return lambda row: text_of(prefix + dumps(row[start:], microseconds, orjson.OPT_PASSTHROUGH_DATETIME))


def text_of(data: bytes) -> str:
    """base64url without padding."""
    return b2a_base64(data).translate(URL_SAFE, b"=\n").decode()


def decode_cursor(text: str, mark: bytes, types: Sequence[tuple[SortType, bool]]) -> Position:
    """The position in a cursor; BAD_CURSOR unless it is ours, with this mark. `types`: (type, nullable)."""
    try:
        if len(text) > LONGEST:
            raise ValueError(text[:20])
        data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        values = orjson.loads(data[7:])
        if text_of(data) != text or data[0] != VERSION:
            raise ValueError(text)
        if not isinstance(values, list) or len(values) != len(types):
            raise ValueError(values)
        position = tuple(checked(value, *type_) for value, type_ in zip(values, types, strict=True))
    except (ValueError, IndexError, binascii.Error, OverflowError):
        raise CatalogError(
            Code.BAD_CURSOR, "This cursor is not one of ours: pass one from this list's edges."
        ) from None
    if data[1:7] != mark:
        raise CatalogError(
            Code.BAD_CURSOR, "This cursor belongs to another list, order or filter: start again without it."
        )
    return position


def checked(value: object, type_: SortType, nullable: bool) -> object:
    """The value as its column takes it; ValueError where it cannot have come from there."""
    if value is None and nullable:
        return None
    if type_ == "text":
        if isinstance(value, str) and "\0" not in value:
            return value
    elif type(value) is int and (INTEGER if type_ == "integer" else BIGINT).holds(value):
        return EPOCH + timedelta(microseconds=value) if type_ == "time" else value
    raise ValueError(value)


def microseconds(time: datetime) -> int:
    """Whole microseconds since 1970, without the rounding of a float."""
    since = time - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
