"""Keys of items within their source: texts of at most 1,000 letters, the same at each reading."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from catalog.upsert.item import Item
from domain.text import fold, storable
from sources.values import text_of

MAX_KEY_BYTES = 1_000  # and so at most as many letters


def given_key(*candidates: Any) -> str | None:
    """The first key that is given; ValueError for one that can be none."""
    for one in candidates:
        if one is None:
            continue
        found = text_of(one)
        if not found or not storable(found):
            raise ValueError("A key is a text without U+0000.")
        return bounded_key(found)
    return None


def bounded_key(key: str) -> str:
    """A key of any length in MAX_KEY_BYTES: of a long one the rest is a hash."""
    encoded = key.encode("utf-8", "surrogatepass")
    if len(encoded) <= MAX_KEY_BYTES:
        return key
    hashed = blake2b(encoded, digest_size=16).hexdigest()
    return f"{encoded[: MAX_KEY_BYTES - len(hashed) - 1].decode(errors='ignore')}#{hashed}"


def key_of_item(item: Item, parent: str | None = None) -> str:
    """Of an item without a key: by its first external id, else the path of its first file, else what it is called."""
    for one in item.lists.get("external_ids") or ():
        return clean_key(f"{one.get('source')}:{one.get('value')}")
    for one in item.lists.get("files") or ():
        return clean_key(str(one.get("path")))
    values = item.values
    numbers = [values.get(name) for name in ("year", "season_number", "episode_number")]
    title = fold(str(values.get("title") or "").strip()[:MAX_KEY_BYTES])
    parts = [parent or "", values.get("kind") or "MOVIE", title, *numbers]
    return clean_key("|".join("" if one is None else str(one) for one in parts))


def clean_key(key: str) -> str:
    """A key without what cannot be stored: the item itself fails because of it, and says so."""
    return bounded_key(key if storable(key) else key.encode("utf-8", "replace").decode().replace("\0", "\ufffd"))
