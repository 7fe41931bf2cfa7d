"""Which rows of a media the elements of a list mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

from catalog.upsert.lists import RowList


class Absent:
    """The type of ABSENT."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


# A column that an element does not give: it stays, or has its default in a new row. None of a key: by its default a
# row is found, too.
ABSENT: Final = Absent()

Row: TypeAlias = tuple[Any, ...]  # in the order of RowList.fields


@cache
def key_of(of: RowList) -> Callable[[Row], Any]:
    """What gives a row's key."""
    return itemgetter(*of.key_places) if of.key_places else lambda row: ()


def locations(of: RowList, row: Row) -> list[tuple[int, Any]]:
    """By what a row is found among those of its key (RowList.locations): places of columns, and their values."""
    return [(place, row[place]) for place in of.location_places if row[place] is not None and row[place] is not ABSENT]


def identities_of(of: RowList) -> Callable[[Row], Sequence[Any]]:
    """What no two elements of one list have in common unless they are equal."""
    key = key_of(of)
    if not of.locations:
        return lambda row: (key(row),)
    # More than one where a row has several locations.
    return lambda row: [(key(row), *one) for one in locations(of, row)] or [key(row)]


def find_rows(of: RowList, wanted: Sequence[Row], current: Sequence[Row]) -> list[int | None]:
    """For each wanted row the place of the one that it means among the current ones; each is meant once."""
    if not current:
        return [None] * len(wanted)
    key = key_of(of)
    places: dict[Any, list[int]] = {}
    for place, row in enumerate(current):
        places.setdefault(key(row), []).append(place)
    if of.locations:
        return find_located(of, wanted, current, places)
    found: list[int | None] = []
    for row in wanted:
        known = places.get(key(row))
        found.append(known.pop(0) if known else None)
    return found


def find_located(
    of: RowList, wanted: Sequence[Row], current: Sequence[Row], places: dict[Any, list[int]]
) -> list[int | None]:
    """Rows that are told apart by where they are. The surest finds come first: the same location, both without any,
    then one without for one that has some, which is how what was looked for is found."""
    key = key_of(of)
    found: list[int | None] = [None] * len(wanted)
    for fits in (*same_location(of), without_any(of), either_without(of)):
        for at, row in enumerate(wanted):
            known = places.get(key(row))
            if found[at] is None and known:
                here = next((place for place in known if fits(row, current[place])), None)
                if here is not None:
                    known.remove(here)
                    found[at] = here
    return found


Fits: TypeAlias = Callable[[Row, Row], bool]


def same_location(of: RowList) -> Iterator[Fits]:
    for place in of.location_places:
        yield lambda new, old, place=place: new[place] is not None and new[place] == old[place]  # type: ignore[misc]


def without_any(of: RowList) -> Fits:
    return lambda new, old: not locations(of, new) and not locations(of, old)


def either_without(of: RowList) -> Fits:
    return lambda new, old: not locations(of, new) or not locations(of, old)
