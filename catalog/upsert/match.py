"""Which media items and their parents are: found by ids, external ids, paths and titles, in a fixed number of
statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.edit import LoopYield
from catalog.media_edit import lock_libraries
from catalog.media_values import bad_argument
from catalog.transaction import Writer
from catalog.upsert.item import Item, MatchBy, Title
from catalog.upsert.keys import (
    ExternalId,
    FoldedTitles,
    contradict,
    external_ids_of,
    is_root,
    keys_of_parents,
    kind_of,
    number_of,
    paths_of,
    title_of,
)
from catalog.upsert.normalisation import RULE_SETTINGS
from catalog.upsert.parents import Parent, Parents
from domain.bounds import ITEMS_OF_AN_EDIT
from domain.errors import CatalogError, Code

# Media that have some external ids, or files at some paths; hidden ones too, since their keys are taken. And what
# holds for the whole call: settings, and that the statements of many items may take longer than those of a request.
BY_KEYS = """
SELECT x.source, x.value, x.media_id, m.library_id, NULL::jsonb AS setting
FROM unnest($1::text[], $2::text[]) AS k(source, value)
JOIN external_id x ON x.source = k.source AND x.value = k.value JOIN media m ON m.id = x.media_id
UNION ALL SELECT NULL, f.path, f.media_id, m.library_id, NULL
FROM media_file f JOIN media m ON m.id = f.media_id WHERE f.path = any($3::text[])
UNION ALL SELECT NULL, s.key, NULL, NULL, s.value
FROM setting s WHERE s.key = any($4::text[]) AND s.library_id IS NULL AND s.channel_id IS NULL
UNION ALL SELECT NULL, set_config('statement_timeout', '60s', true), NULL, NULL, NULL WHERE $5::boolean
"""

# Media that hang on none, by library, kind, title and year. $7: the libraries that may be seen.
BY_TITLE = """
SELECT k.place, m.id, (SELECT array_agg(x.source || ':' || x.value) FROM external_id x WHERE x.media_id = m.id)
FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[])
    AS k(place, library_id, kind, folded_title, sort_title, year)
JOIN media m ON m.library_id = k.library_id AND m.sort_title = k.sort_title AND m.kind = k.kind
WHERE m.folded_title = k.folded_title AND m.year IS NOT DISTINCT FROM k.year AND m.parent_id IS NULL
  AND ($7::bigint[] IS NULL OR m.library_id = any($7::bigint[]))
ORDER BY k.place, m.id
"""

# Children of media ($1) of a kind ($2) with some numbers ($3), or without one but with a title ($4), that may be seen
# ($5): parent_id, id, season number, number, folded title.
SEASONS = """
SELECT m.parent_id, m.id, NULL::integer, m.season_number, m.folded_title FROM media m
WHERE m.parent_id = any($1::bigint[]) AND m.kind = $2::text
  AND (m.season_number = any($3::integer[]) OR (m.season_number IS NULL AND m.folded_title = any($4::text[])))
  AND ($5::bigint[] IS NULL OR m.library_id = any($5::bigint[]))
"""

# Those of a series, of its seasons too.
EPISODES = """
SELECT m.parent_id, m.id, m.season_number, m.episode_number, m.folded_title FROM media m
WHERE m.parent_id = any($1::bigint[]) AND m.kind = $2::text
  AND (m.episode_number = any($3::integer[]) OR (m.episode_number IS NULL AND m.folded_title = any($4::text[])))
  AND ($5::bigint[] IS NULL OR m.library_id = any($5::bigint[]))
UNION ALL
SELECT s.parent_id, m.id, coalesce(m.season_number, s.season_number), m.episode_number, m.folded_title
FROM media s JOIN media m ON m.parent_id = s.id
WHERE s.parent_id = any($1::bigint[]) AND s.kind = 'SEASON' AND m.kind = $2::text
  AND m.episode_number = any($3::integer[])
  AND ($5::bigint[] IS NULL OR m.library_id = any($5::bigint[]))
"""

# What is known of a child: its id, the number of its season, its own, its folded title.
Child = tuple[int, int | None, int | None, str]


@dataclass(slots=True)
class Matches:
    """What is known of the items of a chunk, by their places. media: which media an item is; new ones have none.

    failed: why an item cannot be done; paths: where in it the fault is. parents: the media, or items, that items name
    as their parents. libraries: those that are named and there, with their kinds."""

    media: dict[int, int | None] = field(default_factory=dict)
    failed: dict[int, CatalogError] = field(default_factory=dict)
    paths: dict[int, tuple[str | int, ...]] = field(default_factory=dict)
    parents: dict[int, Parent] = field(default_factory=dict)
    libraries: dict[int, str | None] = field(default_factory=dict)

    def fail(self, place: int, error: CatalogError, *path: str | int) -> None:
        self.failed[place] = error
        self.paths[place] = path


class Matcher:
    """Finds the media of items, by the keys that `order` names, the first that finds one decides.

    settings: values of the settings that an upsert goes by, where they are set."""

    def __init__(self, items: Sequence[Item], order: Sequence[MatchBy], titles: FoldedTitles) -> None:
        self._items = {item.place: item for item in items if item.error is None}
        self._order = list(dict.fromkeys(order))
        self.found = Matches()
        self._folded = titles
        self._parents = Parents(self._items, self.found.media, titles)
        self.found.parents = self._parents.found
        self.settings: dict[str, Any] = {}
        self._library_of: dict[int, int] = {}
        self._libraries: Sequence[int] | None = None
        self._turns = LoopYield()
        self._owners: dict[int, list[tuple[MatchBy, int, tuple[str | int, ...]]]] = {}  # by place
        self._titles: dict[object, list[tuple[int, list[ExternalId]]]] = {}

    async def lock_libraries(self, writer: Writer) -> None:
        """Finds media by external ids and paths, reads settings, and locks libraries: one statement each."""
        self._libraries = writer.libraries
        await self._find_keys(writer)
        for place, item in self._items.items():
            await self._turns.maybe_yield()
            self._by_given_keys(place, item)
        await self._lock_libraries(writer)

    async def run(self, writer: Writer) -> Matches:
        """All the rest: one statement for titles, three for children."""
        await self._find_titles(writer)
        for place, item in self._items.items():
            await self._turns.maybe_yield()
            self._by_title(place, item)
        await self._find_seasons(writer)
        for kind, text in (("SEASON", SEASONS), ("EPISODE", EPISODES)):
            self._find_parents(of_episodes=kind == "EPISODE")
            await self._find_children(writer, kind, text)
        return self.found

    def _open(self, place: int) -> bool:
        return place not in self.found.media and place not in self.found.failed

    async def _find_keys(self, writer: Writer) -> None:
        external_ids = {one for item in self._items.values() for one in external_ids_of(item)}
        paths = {one for item in self._items.values() for one in paths_of(item)}
        for key in keys_of_parents(self._items.values()):
            if key.external_id is not None:
                external_ids.add(key.external_id)
            if key.path is not None:
                paths.add(key.path)
        pairs = sorted(external_ids)
        sources, values = [one for one, _ in pairs], [one for _, one in pairs]
        is_large = len(self._items) > ITEMS_OF_AN_EDIT
        for source, value, media, library, setting in await writer.fetch(
            BY_KEYS, sources, values, sorted(paths), list(RULE_SETTINGS), is_large
        ):
            if media is None:
                self.settings[value] = setting
                continue
            self._library_of[media] = library
            if source is None:
                self._parents.paths[value] = media
            else:
                self._parents.external_ids[source, value] = media

    def _owned(self, item: Item) -> Sequence[tuple[MatchBy, int, tuple[str | int, ...]]]:
        """Which media have its keys, and where in the item these stand; in the order of the caller. Asked for often."""
        found = self._owners.get(item.place)
        if found is None:
            found = self._owners[item.place] = self._find_owned(item)
        return found

    def _find_owned(self, item: Item) -> list[tuple[MatchBy, int, tuple[str | int, ...]]]:
        by = {by: place for place, by in enumerate(self._order)}
        found: list[tuple[MatchBy, int, tuple[str | int, ...]]] = []
        for at, one in enumerate(external_ids_of(item)):
            if (media := self._parents.external_ids.get(one)) is not None:
                found.append((MatchBy.EXTERNAL_ID, media, ("external_ids", at)))
        for at, path in enumerate(paths_of(item)):
            if (media := self._parents.paths.get(path)) is not None:
                found.append((MatchBy.PATH, media, ("files", at)))
        return sorted(found, key=lambda one: by.get(one[0], len(by)))

    def is_hidden(self, media: int) -> bool:
        """Whether a media that keys have found is in a library that may not be changed."""
        return self._libraries is not None and self._library_of.get(media) not in (None, *self._libraries)

    def of_another(self, item: Item) -> tuple[str | int, ...] | None:
        """Where in an item a key stands that another media has; None for an item without such keys."""
        media = self.found.media.get(item.place)
        return next((path for _, other, path in self._owned(item) if other != media), None)

    def _by_given_keys(self, place: int, item: Item) -> None:
        """The media by its id, external ids or paths; AMBIGUOUS where these say several."""
        if item.id is not None and MatchBy.ID not in self._order:
            self.found.fail(place, bad_argument("This item has an id: let matchBy have ID, or leave the id out."), "id")
            return
        said = [(media, path) for by, media, path in self._owned(item) if by in self._order]
        if item.id is not None:
            said.insert(0, (item.id, ("id",)))
        for media, path in said:
            if self.found.media.setdefault(place, media) != media:
                error = CatalogError(Code.AMBIGUOUS, "The ids and paths of this item are those of several media.")
                self.found.fail(place, error, *path)
                return

    async def _lock_libraries(self, writer: Writer) -> None:
        """Of items that may be new media, and of those that may move: others need not take turns."""
        ids = set()
        for place, item in self._items.items():
            library, media = item.values.get("library_id"), self.found.media.get(place)
            if library is not None and (media is None or self._library_of.get(media) != library):
                ids.add(library)
        self.found.libraries = await lock_libraries(writer, ids) if ids else {}

    def _is_found_by_title(self, place: int, item: Item) -> bool:
        """Whether its title is asked for: where nothing was found, or the title goes before what was."""
        if MatchBy.TITLE not in self._order or not is_root(item) or place in self.found.failed:
            return False
        before = set(self._order[: self._order.index(MatchBy.TITLE)])
        first = {MatchBy.ID} if item.id is not None else {by for by, _, _ in self._owned(item)}
        return self._open(place) or not first & before

    async def _find_titles(self, writer: Writer) -> None:
        wanted: dict[object, Title] = {}
        for place, item in self._items.items():
            if self._is_found_by_title(place, item) and (title := title_of(item)) is not None:
                wanted.setdefault(self._folded.identity(title), title)
        for key in keys_of_parents(self._items.values()):
            if key.title is not None:
                wanted.setdefault(self._folded.identity(key.title), key.title)
        if not wanted:
            return
        titles, texts = list(wanted.values()), [one.title for one in wanted.values()]
        rows = await writer.fetch(
            BY_TITLE,
            list(range(len(titles))),
            [one.library for one in titles],
            [one.kind for one in titles],
            list(map(self._folded.folded, texts)),
            list(map(self._folded.sorted, texts)),
            [one.year for one in titles],
            writer.libraries,
        )
        same = list(wanted)
        for at, media, ids in rows:
            known = [(source, value) for source, _, value in (one.partition(":") for one in ids or ())]
            self._titles.setdefault(same[at], []).append((media, known))
        self._parents.titles = {one: [media for media, _ in found] for one, found in self._titles.items()}

    def _by_title(self, place: int, item: Item) -> None:
        """The media with the item's title; not one that the same services know by other ids. AMBIGUOUS."""
        title = title_of(item)
        if title is None or not self._is_found_by_title(place, item):
            return
        given = external_ids_of(item)
        fitting = [
            media for media, ids in self._titles.get(self._folded.identity(title), []) if not contradict(given, ids)
        ]
        media = self.found.media.get(place)
        if media is not None and fitting and media not in fitting:
            message = "The ids and paths of this item are those of another media than its title."
            self.found.fail(place, CatalogError(Code.AMBIGUOUS, message), "title")
        elif media is None and len(fitting) > 1:
            error = CatalogError(Code.AMBIGUOUS, "Several media have this title and year: give an id.")
            self.found.fail(place, error, "title")
        elif media is None and fitting:
            self.found.media[place] = fitting[0]

    def _find_parents(self, *, of_episodes: bool) -> None:
        """What items name as parents: episodes after the others, since these may be their seasons."""
        for place, item in self._items.items():
            if item.parent is None or place in self.found.failed or (kind_of(item) == "EPISODE") != of_episodes:
                continue
            try:
                self._parents.put(place, self._parents.find(item.parent))
            except CatalogError as error:
                self.found.fail(place, error, "parent")

    async def _find_seasons(self, writer: Writer) -> None:
        """The seasons that items name as their parents."""
        wanted: dict[int, set[int]] = defaultdict(set)
        for key in keys_of_parents(self._items.values()):
            if key.season is not None:
                try:
                    series = self._parents.find(key.season.series).media
                except CatalogError:
                    continue
                if series is not None:
                    wanted[series].add(key.season.number)
        if wanted:
            numbers = sorted(set[int]().union(*wanted.values()))
            for series, id, _, number, _ in await writer.fetch(
                SEASONS, list(wanted), "SEASON", numbers, [], writer.libraries
            ):
                self._parents.seasons.setdefault((series, number), []).append(id)

    async def _find_children(self, writer: Writer, kind: str, text: str) -> None:
        """Items that are seasons, or episodes, of media that are there."""
        if MatchBy.TITLE not in self._order:
            return
        asked: dict[int, int] = {}
        for place, item in self._items.items():
            parent = self.found.parents.get(place)
            if self._open(place) and kind_of(item) == kind and parent is not None and parent.media is not None:
                asked[place] = parent.media
        if not asked:
            return
        items = [self._items[place] for place in asked]
        numbers = sorted({number for item in items if (number := number_of(item)) is not None})
        titles = sorted({self._folded.of_child(item) for item in items if number_of(item) is None})
        children: dict[int, list[Child]] = defaultdict(list)
        parents = sorted(set(asked.values()))
        for parent_id, *child in await writer.fetch(text, parents, kind, numbers, titles, writer.libraries):
            children[parent_id].append(tuple(child))
        for place, parent_id in asked.items():
            ids = [child[0] for child in children[parent_id] if self._is_child(self._items[place], child)]
            if len(ids) > 1:
                error = CatalogError(Code.AMBIGUOUS, "Several media of this parent have these numbers: give an id.")
                self.found.fail(place, error, f"{kind.lower()}_number")
            elif ids:
                self.found.media[place] = ids[0]

    def _is_child(self, item: Item, child: Child) -> bool:
        """Whether a child has an item's numbers, or its title where it has none."""
        _, season, number, title = child
        if number_of(item) is None:
            return number is None and self._folded.of_child(item) == title
        asked = None if kind_of(item) == "SEASON" else item.values.get("season_number")
        return number == number_of(item) and asked in (None, season)
