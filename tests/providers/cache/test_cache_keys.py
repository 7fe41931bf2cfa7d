"""Keys, values and times, without a back end."""

from __future__ import annotations

import pytest

from providers.cache.cache import CacheKey
from providers.cache.entry import HEAD, Entry, EntryError, entry_of, pack, size_of, unpack, unpack_head
from providers.cache.store import parts_of
from providers.zstd import ZstdCompressor, compress


def test_parameters_count_in_any_order() -> None:
    first = CacheKey("default", "tmdb", "search/movie", {"query": "Alien", "year": 1979})
    assert first.text == CacheKey("default", "tmdb", "search/movie", {"year": 1979, "query": "Alien"}).text
    assert first.text != CacheKey("default", "tmdb", "search/movie", {"year": "1979", "query": "Alien"}).text
    assert parts_of(first.text) == ("default", "tmdb", "search/movie")


@pytest.mark.parametrize(
    ("namespace", "provider", "call"),
    [
        ("", "tmdb", "movie"),
        ("a/b", "tmdb", "movie"),
        ("default", "TMDB", "movie"),
        ("default", "*", "movie"),
        ("default", "tmdb", ""),
        ("default", "tmdb", "a\nb"),
        ("default", "tmdb", "a\x00b"),
        ("default", "tmdb", "a" * 201),
    ],
)
def test_parts_that_cannot_stand_in_a_key_are_refused(namespace: str, provider: str, call: str) -> None:
    with pytest.raises(ValueError, match="letters"):
        _ = CacheKey(namespace, provider, call).text


@pytest.mark.parametrize("value", [None, b"", b"short", b"long " * 1000, bytes(5000)], ids=repr)
def test_an_entry_is_packed_and_unpacked(value: bytes | None) -> None:
    entry = entry_of(value, 10.5, 20.25)
    packed = pack("a/b/ç/1", entry)
    assert unpack(packed) == ("a/b/ç/1", entry)
    assert unpack_head(packed[:200], len(packed)) == ("a/b/ç/1", 10.5)
    assert len(packed) == size_of("a/b/ç/1", entry)
    assert entry.value(10_000) == value


def test_an_entry_that_is_cut_off_or_changed_is_found_out() -> None:
    packed = pack("a/b/c/1", entry_of(b"an answer", 10, 20))
    for length in range(len(packed)):
        with pytest.raises(EntryError):
            unpack(packed[:length])
    for place in (0, 5, HEAD.size, len(packed) - 1):
        changed = bytearray(packed)
        changed[place] ^= 1
        with pytest.raises(EntryError):
            unpack(bytes(changed))


def test_a_bomb_is_not_unpacked() -> None:
    bomb = compress(bytes(100_000_000))
    assert len(bomb) < 20_000
    with pytest.raises(EntryError):
        Entry(bomb, 1, 2, is_compressed=True).value(1_000_000)
    compressor = ZstdCompressor()
    without_size = compressor.compress(bytes(2_000_000)) + compressor.flush()
    with pytest.raises(EntryError):
        Entry(without_size, 1, 2, is_compressed=True).value(1_000_000)
    with pytest.raises(EntryError):
        Entry(b"no frame", 1, 2, is_compressed=True).value(1_000_000)
