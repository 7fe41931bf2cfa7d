"""Cursors: where a row stands in an order, as text that a client keeps and sends back. Untrusted input.

base64url of: version byte, mark, JSON array of the sort values and the id. The mark is three hashes of three bytes: of
the row class, the order and the filter. It binds a cursor to what is listed, in which order and by which filter, not to
the parent: the cursor of one tag's media can continue another tag's, or the whole catalogue's. Cursors of version 1,
which clients of the feed of changes may have kept, have one hash of six bytes instead."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal

import orjson

from domain.bounds import BIGINT, INTEGER
from domain.errors import CatalogError, Code

VERSION = 2
PART = 3  # bytes of each hash in a mark
OLD_VERSION, OLD_MARK = 1, 6
MAX_LENGTH = 16_384  # two texts of 3,000 bytes each as JSON may have them, and more
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SortType = Literal["text", "integer", "bigint", "time"]
Position = tuple[object, ...]

URL_SAFE = bytes.maketrans(b"+/", b"-_")


def mark_of(listed: object, order: object, filter: object) -> bytes:
    """What tells one combination of row class, order and filter from another, and in which of them they differ."""
    return short_hash(listed) + short_hash(order) + short_hash(filter)


def short_hash(value: object) -> bytes:
    """The hash of one of them."""
    return blake2b(repr(value).encode(), digest_size=PART).digest()


def old_mark_of(*parts: object) -> bytes:
    """The mark that cursors of version 1 have."""
    return blake2b(repr(parts).encode(), digest_size=OLD_MARK).digest()


def encode_cursor(mark: bytes, position: Sequence[object]) -> str:
    """The cursor of a row: `position` is its sort values and its id. Times keep their microseconds."""
    return cursor_writer(mark, len(position) - 1)(position)


def cursor_writer(mark: bytes, sorts: int) -> Callable[[Sequence[Any]], str]:
    """Row -> cursor, for the rows of a list, which end in so many sort values and the id."""
    prefix, start, dumps = bytes([VERSION]) + mark, -1 - sorts, orjson.dumps
    if not sorts:
        only_id = prefix.replace(b"%", b"%%") + b"[%d]"  # as JSON has it, in half the time; written out for speed
        return lambda row: b2a_base64(only_id % row[-1]).translate(URL_SAFE, b"=\n").decode()
    return lambda row: base64url(prefix + dumps(row[start:], microseconds, orjson.OPT_PASSTHROUGH_DATETIME))


def base64url(data: bytes) -> str:
    """base64url without padding."""
    return b2a_base64(data).translate(URL_SAFE, b"=\n").decode()


def decode_cursor(
    text: str, mark: bytes, types: Sequence[tuple[SortType, bool]], old_mark: Callable[[], bytes] = bytes
) -> Position:
    """The position in a cursor; BAD_CURSOR unless it is ours, with this mark. `types`: (type, nullable)."""
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError(text[:20])
        data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        is_old = data[0] == OLD_VERSION
        start = 1 + (OLD_MARK if is_old else len(mark))
        values = orjson.loads(data[start:])
        if base64url(data) != text or data[0] not in (VERSION, OLD_VERSION):
            raise ValueError(text)
        if not isinstance(values, list) or not values:
            raise ValueError(values)
        found = data[1:start]
        if found != (old_mark() if is_old else mark):
            raise mismatch_error(found, mark)
        if len(values) != len(types):
            raise ValueError(values)
        return tuple(checked_value(value, *type_) for value, type_ in zip(values, types, strict=True))
    except (ValueError, IndexError, binascii.Error, OverflowError):
        raise CatalogError(
            Code.BAD_CURSOR, "This cursor is not one of ours: pass one from this list's edges."
        ) from None


def mismatch_error(found: bytes, mark: bytes) -> CatalogError:
    """The error for a cursor of another list, order or filter."""
    if len(found) != len(mark):
        message = "This cursor belongs to another list, order or filter: start again without it."
    elif found[:PART] != mark[:PART]:
        message = "This cursor belongs to another list: pass one from this list's edges."
    else:
        other_order, other_filter = (
            found[PART : 2 * PART] != mark[PART : 2 * PART],
            found[2 * PART :] != mark[2 * PART :],
        )
        what = " and ".join([*["order"] * other_order, *["filter"] * other_filter])
        message = f"This cursor belongs to another {what}: ask as it was asked then, or start again without it."
    return CatalogError(Code.BAD_CURSOR, message)


def checked_value(value: object, type_: SortType, nullable: bool) -> object:
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
