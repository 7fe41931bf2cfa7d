"""What is kept under a key: how it is compressed, and its form where a back end keeps bytes alone."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from zlib import crc32

from providers.zstd import ZstdDecompressor, ZstdError, compress

# Smaller values gain nothing that is worth the time.
COMPRESS_FROM = 1024
COMPRESSION_LEVEL = 3

# Mark of the format, flags, lengths of key and value, when it expires and when it ends, checksum of all but this head.
HEAD = struct.Struct("<4sBIIddI")
MARK = b"MQC1"
NEGATIVE, COMPRESSED = 1, 2


class EntryError(Exception):
    """Bytes that are no whole entry, as after a crash while they were written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer. `data`: as it is stored; `expires_at`, `stale_until`: seconds since 1970, the first no later.

    is_negative: the provider said that there is nothing."""

    data: bytes
    expires_at: float
    stale_until: float
    is_negative: bool = False
    is_compressed: bool = False

    def value(self, most: int) -> bytes | None:
        """What was loaded. `most`: bytes that it may have. Raises EntryError."""
        if self.is_negative:
            return None
        if not self.is_compressed:
            return self.data
        try:
            decompressor = ZstdDecompressor()
            value = decompressor.decompress(self.data, max_length=most)
            if not decompressor.eof:
                raise EntryError("it is longer than an entry may be, or cut off")
            return value
        except ZstdError as error:
            raise EntryError(str(error)) from error


def entry_of(value: bytes | None, expires_at: float, stale_until: float) -> Entry:
    """The entry of a value, compressed where that makes it smaller. `None`: there is nothing."""
    if value is None:
        return Entry(b"", expires_at, stale_until, is_negative=True)
    if len(value) >= COMPRESS_FROM:
        smaller = compress(value, level=COMPRESSION_LEVEL)
        if len(smaller) < len(value):
            return Entry(smaller, expires_at, stale_until, is_compressed=True)
    return Entry(value, expires_at, stale_until)


def size_of(key: str, entry: Entry) -> int:
    """Bytes for which it counts, in every back end alike: head, key and data."""
    return HEAD.size + len(key.encode()) + len(entry.data)


def pack(key: str, entry: Entry) -> bytes:
    """All of an entry, of `size_of` bytes."""
    name = key.encode()
    flags = NEGATIVE * entry.is_negative | COMPRESSED * entry.is_compressed
    check = crc32(entry.data, crc32(name))
    lengths = len(name), len(entry.data)
    return HEAD.pack(MARK, flags, *lengths, entry.expires_at, entry.stale_until, check) + name + entry.data


def unpack_head(begin: bytes, size: int) -> tuple[str, float]:
    """The key of an entry and when it expires, from its beginning. `size`: of all of it. Raises EntryError."""
    if len(begin) < HEAD.size:
        raise EntryError("it is too short")
    mark, _, key_length, data_length, expires_at, _, _ = HEAD.unpack_from(begin)
    name = begin[HEAD.size : HEAD.size + key_length]
    if mark != MARK or size != HEAD.size + key_length + data_length or len(name) != key_length:
        raise EntryError("it is damaged")
    return name.decode(), expires_at


def unpack(packed: bytes) -> tuple[str, Entry]:
    """Its key and the entry. Raises EntryError."""
    if len(packed) < HEAD.size:
        raise EntryError("it is too short")
    mark, flags, key_length, data_length, expires_at, stale_until, check = HEAD.unpack_from(packed)
    if mark != MARK or len(packed) != HEAD.size + key_length + data_length or crc32(packed[HEAD.size :]) != check:
        raise EntryError("it is damaged")
    name, data = packed[HEAD.size : HEAD.size + key_length], packed[HEAD.size + key_length :]
    flagged = {"is_negative": bool(flags & NEGATIVE), "is_compressed": bool(flags & COMPRESSED)}
    return name.decode(), Entry(data, expires_at, stale_until, **flagged)
