"""Orders of media in plain Python, RANDOM among them, and the orders that property tests draw."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.catalogue import MEDIA_KEYS, Keys, PlainMedia

WORD = 2**32


def rotated(value: int, places: int) -> int:
    return (value << places | value >> 32 - places) % WORD


def hashed(value: int, seed: int) -> int:
    """PostgreSQL's hashint8extended: its hash of 32 bits by Bob Jenkins's mixing."""
    low, high = value % WORD, (value >> 32) % WORD
    k = low ^ (high if value >= 0 else ~high % WORD)
    a = b = c = (0x9E3779B9 + 4 + 3923095) % WORD
    if seed:
        a, b = (a + (seed >> 32) % WORD) % WORD, (b + seed) % WORD
        for places in (4, 6, 8, 16, 19, 4):
            a, c = (a - c) % WORD ^ rotated(c, places), (c + b) % WORD
            a, b, c = b, c, a
    a = (a + k) % WORD
    for places in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - rotated(b, places)) % WORD
        a, b, c = b, c, a
    a, b, c = c, a, b
    found = b << 32 | c
    return found - 2**64 if found >= 2**63 else found


def keys_of(order: Any) -> Keys:
    """The keys of an `orderBy`."""
    return [(key_of(by), by["direction"] == "DESC") for by in order]


def key_of(by: dict[str, Any]) -> Any:
    if by["field"] != "RANDOM":
        return MEDIA_KEYS[by["field"]]

    def shuffled(media: PlainMedia) -> int:
        return hashed(media.id, by["seed"])

    return shuffled


DIRECTIONS = st.sampled_from(["ASC", "DESC"])
SEEDS = st.sampled_from([0, 1, -1, 42, 2**31 - 1, -(2**31)])


def one_key(field: str) -> st.SearchStrategy[dict[str, Any]]:
    seed = {"seed": SEEDS} if field == "RANDOM" else {}
    return st.fixed_dictionaries({"field": st.just(field), "direction": DIRECTIONS, **seed})


ORDERS = st.lists(st.sampled_from([*sorted(MEDIA_KEYS), "RANDOM"]), max_size=3, unique=True).flatmap(
    lambda fields: st.tuples(*map(one_key, fields))
)
