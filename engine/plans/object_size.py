"""The bytes that an object of an answer counts, but for its texts."""

from __future__ import annotations

from collections.abc import Iterable

OF_OBJECT = 100  # bytes
OF_VALUE = 12  # a number, true, the name of an enum's value; an id and a time have some more


def width(keys: Iterable[str]) -> int:
    """The bytes of an object with these fields, but for its texts."""
    return OF_OBJECT + sum(len(key) + OF_VALUE for key in keys)
