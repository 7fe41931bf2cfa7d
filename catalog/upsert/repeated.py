"""Items of one call that mean the same media."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from catalog.upsert.item import Item, MatchBy
from catalog.upsert.keys import (
    FoldedTitles,
    contradict,
    external_ids_of,
    is_root,
    kind_of,
    number_of,
    paths_of,
    title_of,
)
from catalog.upsert.match import Matches


def repeated(
    items: Iterable[Item], found: Matches, order: Sequence[MatchBy], titles: FoldedTitles
) -> Iterator[tuple[int, int]]:
    """Places of items that mean the media of an item before, with the place of that."""
    first: dict[Any, int] = {}
    new: dict[Any, list[Item]] = {}
    for item in items:
        place = item.place
        same = next((first[key] for key in identities(item, found) if key in first), None)
        alike: list[Item] = []
        if (
            found.media.get(place) is None
            and MatchBy.TITLE in order
            and (name := key_of_title(item, found, titles)) is not None
        ):
            alike = new.setdefault(name, [])
            if same is None:
                same = next((other.place for other in alike if are_one(item, other)), None)
        if same is not None:
            yield place, same
            continue
        alike.append(item)
        first.update(dict.fromkeys(identities(item, found), place))


def identities(item: Item, found: Matches) -> Iterable[Any]:
    """What no two items of a call have in common."""
    media = found.media.get(item.place)
    if media is not None:
        yield "media", media
    for one in external_ids_of(item):
        yield "external_id", one
    for path in paths_of(item):
        yield "path", path


def key_of_title(item: Item, found: Matches, titles: FoldedTitles) -> Any:
    """What new items that could find each other have in common."""
    if is_root(item):
        title = title_of(item)
        return None if title is None else titles.identity(title)
    parent = found.parents.get(item.place)
    number = number_of(item)
    if parent is None:
        return None
    return parent.identity, kind_of(item), titles.of_child(item) if number is None else number


def are_one(one: Item, other: Item) -> bool:
    """Whether two of the same name would find each other, were they done one after the other."""
    if is_root(one):
        return not contradict(external_ids_of(one), external_ids_of(other))
    seasons = [item.values.get("season_number") for item in (one, other)]
    return kind_of(one) == "SEASON" or None in seasons or seasons[0] == seasons[1]
