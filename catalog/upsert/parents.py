"""Which media items name as their parents: those that are there, or other items of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from catalog.media_values import bad_argument
from catalog.upsert.item import Item, Key, Season
from catalog.upsert.keys import FoldedTitles, external_ids_of, is_root, paths_of, title_of
from domain.errors import CatalogError, Code


class Parent(NamedTuple):
    """The media that is named, None where it is to be made; `item`: the place of the item that it is."""

    media: int | None
    item: int | None = None

    @property
    def identity(self) -> ParentIdentity:
        """The same for all that name it, by whatever key."""
        return ("item", self.item) if self.media is None else ("media", self.media)


ParentIdentity: TypeAlias = tuple[str, int | None]


class Parents:
    """Finds parents by their keys. media: which media items are, by place; filled as the matching goes on.

    external_ids, paths, titles, seasons: ids of the media that are there."""

    def __init__(self, items: Mapping[int, Item], media: Mapping[int, int | None], titles: FoldedTitles) -> None:
        self._items = items
        self._media = media
        self._folded = titles
        self.external_ids: dict[tuple[str, str], int] = {}
        self.paths: dict[str, int] = {}
        self.titles: dict[object, list[int]] = {}
        self.seasons: dict[tuple[int, int], list[int]] = {}
        self.found: dict[int, Parent] = {}
        self._seasons_of_call: dict[tuple[ParentIdentity, object], int] = {}
        self._given: dict[object, int] = {}
        for place, item in items.items():
            title = title_of(item) if is_root(item) else None
            own = [*external_ids_of(item), *paths_of(item), *([titles.identity(title)] if title is not None else [])]
            for key in own:
                self._given.setdefault(key, place)

    def put(self, place: int, parent: Parent) -> None:
        """What an item names as its parent; a season is found by it from now on."""
        self.found[place] = parent
        values = self._items[place].values
        if values.get("kind") == "SEASON":
            self._seasons_of_call.setdefault((parent.identity, values.get("season_number")), place)

    def find(self, key: Key) -> Parent:
        """NOT_FOUND, AMBIGUOUS, BAD_ARGUMENT."""
        if key.item is not None:
            if key.item not in self._items:
                raise bad_argument("The item that is named as the parent is not there, or cannot be read.")
            return self._item(key.item)
        if key.season is not None:
            return self._season(key.season)
        if key.title is not None:
            same = self._folded.identity(key.title)
            return self._one(self.titles.get(same, []), self._given.get(same))
        if key.external_id is not None:
            return self._one([self.external_ids.get(key.external_id)], self._given.get(key.external_id))
        if key.path is not None:
            return self._one([self.paths.get(key.path)], self._given.get(key.path))
        return self._one([key.id], None)

    def _item(self, place: int) -> Parent:
        return Parent(self._media.get(place), place)

    def _season(self, season: Season) -> Parent:
        series = self.find(season.series)
        ids = self.seasons.get((series.media, season.number), []) if series.media is not None else []
        return self._one(ids, self._seasons_of_call.get((series.identity, season.number)))

    def _one(self, ids: Sequence[int | None], place: int | None) -> Parent:
        """The only media of these, else the item that is to be it."""
        known = [one for one in ids if one is not None]
        if len(known) > 1:
            raise CatalogError(Code.AMBIGUOUS, "Several media are what is named as the parent: give an id.")
        if known:
            return Parent(known[0])
        if place is None:
            raise CatalogError(Code.NOT_FOUND, "There is no such parent.")
        return self._item(place)
