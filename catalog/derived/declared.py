"""What is derived, declared once for each table: those who write, count, check and repair read it here."""

from __future__ import annotations

from dataclasses import dataclass

from domain.bounds import ROWS_OF_A_MEDIA
from domain.media_lists import MEDIA_LISTS
from domain.memberships import MEMBERSHIPS

# The columns of a media that are copied into the tables whose pages are in a media's order.
SORT_KEYS = ("library_id", "sort_title", "year", "rating_tenths", "added_at")


@dataclass(frozen=True, slots=True)
class Count:
    """A kept number of media: `table` holds for each value of `keys` how many rows `source` has of it."""

    table: str
    source: str
    keys: tuple[str, ...]

    @property
    def columns(self) -> str:
        return ", ".join(self.keys)


@dataclass(frozen=True, slots=True)
class Pair:
    """`table` has each pair of `keys` once that `source` has, once or more often."""

    table: str
    source: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """What follows from the rows of a table that hang on media by media_id, and what they follow.

    `copies`: the columns of the media that each row repeats; `count`: what is counted of them; `in_feed`: whether
    a media has changed where its rows have."""

    table: str
    copies: tuple[str, ...] = ()
    count: Count | None = None
    in_feed: bool = False


def membership(noun: str, *, in_feed: bool = False) -> Derived:
    """What is derived of a noun that media carry: of table media_<noun>, counted in <noun>_media_count."""
    table = f"media_{noun}"
    count = Count(f"{noun}_media_count", table, (f"{noun}_id", "library_id"))
    return Derived(table, SORT_KEYS, count, in_feed)


TABLES = (
    *(membership(one.noun, in_feed=True) for one in MEMBERSHIPS),
    membership("person"),
    membership("collection"),
    Derived("credit", copies=("library_id", "year")),
    Derived("release", copies=("library_id",)),
    Derived("history_event", copies=("library_id",)),
    *(Derived(one.table, in_feed=True) for one in MEDIA_LISTS if one.in_feed),
)

COPIES = {one.table: one.copies for one in TABLES if one.copies}
COUNTS = (
    Count("library_media_count", "media", ("library_id",)),
    *(one.count for one in TABLES if one.count is not None),
)
PAIRS = (Pair("media_person", "credit", ("media_id", "person_id")),)
BOUNDS = ROWS_OF_A_MEDIA
FEED = frozenset(one.table for one in TABLES if one.in_feed)

# Rows that outlive their media, without it: their copies go with the reference.
KEPT_WITHOUT_MEDIA = ("release",)
