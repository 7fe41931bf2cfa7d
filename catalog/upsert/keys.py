"""By what media are found: the keys of items as values that can be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from catalog.upsert.item import Item, Key, Title
from domain.text import fold, sort_title

ExternalId: TypeAlias = tuple[str, str]


def is_root(item: Item) -> bool:
    """Whether it is a media that hangs on none."""
    return kind_of(item) not in ("SEASON", "EPISODE")


def kind_of(item: Item) -> str:
    """The kind that it has as a new media."""
    return str(item.values.get("kind", "MOVIE"))


def title_of(item: Item) -> Title | None:
    """Library, kind, title and year, where they are given."""
    values = item.values
    if not isinstance(values.get("title"), str) or not isinstance(values.get("library_id"), int):
        return None
    return Title(values["library_id"], kind_of(item), values["title"].strip(), values.get("year"))


TitleIdentity: TypeAlias = tuple[int, str, str, int | None]


class FoldedTitles:
    """The titles of one call, of items and of parents, each folded once: that takes long for long ones."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}

    def learn(self, title: str, folded: str, sort: str) -> None:
        """What a title is that has been folded already."""
        self._known[title.strip()] = folded, sort

    def _read(self, title: str) -> tuple[str, str]:
        kept = title.strip()
        found = self._known.get(kept)
        if found is None:
            found = self._known[kept] = fold(kept), sort_title(kept)
        return found

    def folded(self, title: str) -> str:
        """A title as it is compared."""
        return self._read(title)[0]

    def sorted(self, title: str) -> str:
        """A title as it is ordered by."""
        return self._read(title)[1]

    def identity(self, title: Title) -> TitleIdentity:
        """What two titles have in common that mean one media."""
        return title.library, title.kind, self.folded(title.title), title.year

    def of_child(self, item: Item) -> str:
        """The folded title by which a season or episode without a number is found."""
        title = item.values.get("title")
        return self.folded(title) if isinstance(title, str) else ""


def external_ids_of(item: Item) -> list[ExternalId]:
    """Its external ids as pairs of source and value."""
    return [(one["source"], one["value"]) for one in item.lists.get("external_ids") or ()]


def paths_of(item: Item) -> list[str]:
    """The paths of its files."""
    return [one["path"] for one in item.lists.get("files") or ()]


def by_source(ids: Iterable[ExternalId]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for source, value in ids:
        found[source].add(value)
    return found


def contradict(some: Iterable[ExternalId], others: Iterable[ExternalId]) -> bool:
    """Whether a source calls two media by different ids."""
    first, second = by_source(some), by_source(others)
    return any(first[source].isdisjoint(second[source]) for source in first.keys() & second.keys())


def number_of(item: Item) -> int | None:
    """Of a season its number, of an episode its number within the season."""
    return item.values.get("season_number" if kind_of(item) == "SEASON" else "episode_number")


def keys_of_parents(items: Iterable[Item]) -> Iterable[Key]:
    """What items name as parents, series of seasons too."""
    for item in items:
        key = item.parent
        while key is not None:
            yield key
            key = key.season.series if key.season is not None else None
