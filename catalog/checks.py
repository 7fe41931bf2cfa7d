"""Checks of the values that rows of a media's lists may have, in words before the database is asked.

Each check gives the value as it is stored, and raises CatalogError (BAD_ARGUMENT) for one that cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias

from catalog.media_values import bad_argument
from domain.bounds import LONG_NAME_BYTES, LONG_NAME_LETTERS, NAME_BYTES, NAME_LETTERS, TIME_YEARS, Bounds
from domain.text import check_foldable, fold, shows_nothing, storable

ValueCheck: TypeAlias = Callable[[Any], Any]


def text(letters: int | None = None, bytes: int | None = None, folded: int | None = None) -> ValueCheck:
    """A text that shows something, of at most so many letters or bytes in UTF-8; `folded`: bytes of its folded form."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise bad_argument("A text is needed here.")
        kept = value.strip()
        is_plain = kept.isascii() and kept.isprintable()
        if not is_plain and not storable(kept):
            raise bad_argument("A text cannot contain U+0000 or half of a surrogate pair.")
        if letters is not None and len(kept) > letters:
            raise bad_argument(f"A text of at most {letters} letters is needed here: this one has {len(kept)}.")
        if bytes is not None and len(kept.encode()) > bytes:
            raise bad_argument(f"A text of at most {bytes} bytes in UTF-8 is needed here.")
        if not is_plain:
            check_foldable(kept)
        if not kept or (not is_plain and shows_nothing(kept)):
            raise bad_argument("A text of letters or signs is needed here: this one shows nothing.")
        if folded is not None and len(kept) * 4 > folded and len(fold(kept).encode()) > folded:
            raise bad_argument("This text is too long to be searched for.")
        return kept

    return check


def one_line(check: ValueCheck) -> ValueCheck:
    """A text without white space beside single blanks."""
    return lambda value: check(" ".join(value.split()) if isinstance(value, str) else value)


# Names of tags, genres, channels and release groups; of people and collections.
NAME_LINE = one_line(text(letters=NAME_LETTERS, folded=NAME_BYTES))
LONG_NAME_LINE = one_line(text(letters=LONG_NAME_LETTERS, folded=LONG_NAME_BYTES))


def exact(bytes: int, pattern: str | None = None, words: str = "") -> ValueCheck:
    """A text that is compared letter by letter (a path, a code, an address): kept as it is. `words`: what fits."""
    fits = re.compile(pattern).fullmatch if pattern is not None else None

    def check(value: Any) -> str:
        if not isinstance(value, str) or not value or not storable(value) or len(value.encode()) > bytes:
            raise bad_argument(f"A text of 1 to {bytes} bytes in UTF-8, without U+0000, is needed here.")
        if fits is not None and not fits(value):
            raise bad_argument(f"{words} is needed here.")
        return value

    return check


def whole(within: Bounds) -> ValueCheck:
    """A whole number within bounds."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not within.holds(value):
            raise bad_argument(f"A number {within.description} is needed here.")
        return value

    return check


def one_of(values: Iterable[Any]) -> ValueCheck:
    """One of some words, or of an enum with them as values."""
    known = {one.value if isinstance(one, Enum) else str(one) for one in values}

    def check(value: Any) -> str:
        kept = value.value if isinstance(value, Enum) else value
        if kept not in known:
            raise bad_argument(f"One of {', '.join(sorted(known))} is needed here.")
        return str(kept)

    return check


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise bad_argument("true or false is needed here.")
    return value


def moment(value: Any) -> datetime:
    """A time with its offset from UTC."""
    if not isinstance(value, datetime) or value.tzinfo is None or not TIME_YEARS.holds(value.year):
        raise bad_argument("A time with its offset from UTC is needed here.")
    return value


def words(most: int, bytes: int) -> ValueCheck:
    """A list of short texts, stored as one with a separator that none of them has."""
    one = exact(bytes)

    def check(value: Any) -> str:
        if not isinstance(value, list | tuple) or len(value) > most:
            raise bad_argument(f"At most {most} texts are needed here.")
        if any("\x1f" in word for word in value):
            raise bad_argument("A text cannot contain U+001F here.")
        return "\x1f".join(map(one, value))

    return check
