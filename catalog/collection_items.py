"""The media of a collection, in their order: added, moved, removed, many in one transaction by a fixed number of
statements. After each edit their positions are 0, 1, 2 and so on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.derived.statements import copied, deleted_rows, inserted_rows
from catalog.edit import EditOutcome, add_events, no_such_media
from catalog.transaction import Writer
from domain.bounds import ROWS_OF_A_MEDIA
from domain.enums import HistoryEventType
from domain.errors import CatalogError, Code

ITEMS_TABLE = "media_collection"
COLLECTIONS_OF_A_MEDIA = ROWS_OF_A_MEDIA[ITEMS_TABLE]

# Edits of the items of one collection take turns.
LOCK_COLLECTION = "SELECT t.id FROM collection t WHERE t.id = $1::bigint FOR NO KEY UPDATE"

# In how many collections media are, and whether in this one.
CURRENT_ITEMS = """
SELECT media_id, count(*), bool_or(collection_id = $2::bigint) FROM media_collection
WHERE media_id = any($1::bigint[]) GROUP BY media_id
"""

# At the end; where they belong they come by PLACE_ITEMS.
_ITEM_COPIES, _ITEM_VALUES = copied(ITEMS_TABLE)
INSERT_ITEMS = inserted_rows(
    ITEMS_TABLE,
    f"""
INSERT INTO media_collection (collection_id, media_id, position, {_ITEM_COPIES})
SELECT $1::bigint, m.id, (
    SELECT coalesce(max(position) + 1, 0) FROM media_collection WHERE collection_id = $1::bigint
) + given.place - 1, {_ITEM_VALUES}
FROM unnest($2::bigint[]) WITH ORDINALITY AS given(media_id, place) JOIN media m ON m.id = given.media_id
ORDER BY m.id
""",
    feed=False,
)

DELETE_ITEMS = deleted_rows(
    ITEMS_TABLE,
    "DELETE FROM media_collection j WHERE j.collection_id = $1::bigint AND j.media_id = any($2::bigint[])",
    "j",
    feed=False,
)

# Where the media of a collection belong: some of them ($2, in this order) before the one of the others that is at place
# $3 among those in libraries $4 (NULL: all), at the end where there are no more; the gaps are closed.
PLACED = """
WITH others AS (
    SELECT media_id, library_id, row_number() OVER (ORDER BY position, media_id) - 1 AS place
    FROM media_collection WHERE collection_id = $1::bigint AND media_id <> ALL ($2::bigint[])
), start AS (
    SELECT coalesce(
        (SELECT place FROM others WHERE $3::integer IS NOT NULL AND ($4::bigint[] IS NULL OR library_id = any($4))
         ORDER BY place OFFSET coalesce($3::integer, 0) LIMIT 1),
        (SELECT count(*) FROM others)
    ) AS place
), placed AS (
    SELECT o.media_id, o.place + CASE WHEN o.place < s.place THEN 0 ELSE cardinality($2::bigint[]) END AS position
    FROM others o, start s
    UNION ALL SELECT given.media_id, s.place + given.place - 1
    FROM unnest($2::bigint[]) WITH ORDINALITY AS given(media_id, place), start s
)"""

# Only rows whose position is another one are written.
PLACE_ITEMS = f"""
{PLACED}
UPDATE media_collection j SET position = p.position FROM placed p
WHERE j.collection_id = $1::bigint AND j.media_id = p.media_id AND j.position <> p.position
RETURNING j.media_id
"""

# The media that are given, and those whose positions change where all of these are placed: whoever writes to what hangs
# on a media holds it. To take them out is, for the others, as to put them at the end.
LOCK_ITEMS = f"""
{PLACED}, moved AS (
    SELECT j.media_id FROM media_collection j JOIN placed p ON p.media_id = j.media_id
    WHERE j.collection_id = $1::bigint AND j.position <> p.position
)
SELECT m.id, m.library_id,
       m.id = any($2::bigint[]) AND ($4::bigint[] IS NULL OR m.library_id = any($4::bigint[])) AS is_given
FROM media m WHERE m.id = any($2::bigint[]) OR m.id IN (SELECT media_id FROM moved)
ORDER BY m.id FOR NO KEY UPDATE OF m
"""


class CollectionItems:
    """One edit of the items of a collection. `places`: by media the place in what was given."""

    def __init__(self, writer: Writer, collection: int, places: Mapping[int, int]) -> None:
        self._writer = writer
        self._collection = collection
        self._places = places
        self._numbers: dict[int, int] = {}  # of collections, by media
        self._inside: set[int] = set()
        self._locked: dict[int, Any] = {}
        self.outcome = EditOutcome()

    async def read(self, position: int | None) -> None:
        """NOT_FOUND where there is no such collection. Collections are locked before media, by everybody."""
        if not await self._writer.fetch(LOCK_COLLECTION, self._collection):
            raise CatalogError(Code.NOT_FOUND, "There is no such collection.")
        rows = await self._writer.fetch(
            LOCK_ITEMS, self._collection, list(self._places), position, self._writer.libraries
        )
        self._locked = {row["id"]: row for row in rows if row["is_given"]}
        for media, number, is_inside in await self._writer.fetch(CURRENT_ITEMS, list(self._locked), self._collection):
            self._numbers[media] = number
            if is_inside:
                self._inside.add(media)

    async def add(self, position: int | None) -> None:
        """Those that are in it already stay where they are."""
        new = [media for media in self._done(is_fitting=self._check_room) if media not in self._inside]
        await self._writer.fetch(INSERT_ITEMS, self._collection, new)
        await self._place(new, position)
        await self._note("added", new)

    async def move(self, position: int | None) -> None:
        moved = self._done(is_fitting=self._check_inside)
        written = await self._place(moved, position)
        await self._note("changed", [media for media in moved if media in written])

    async def remove(self) -> None:
        """Those that are not in it stay out."""
        gone = [media for media in self._done() if media in self._inside]
        await self._writer.fetch(DELETE_ITEMS, self._collection, gone)
        await self._place([], None)
        await self._note("removed", gone)

    def _done(self, is_fitting: Any = None) -> list[int]:
        """The media for which the edit can be done; the others fail."""
        for media, place in self._places.items():
            try:
                if media not in self._locked:
                    raise no_such_media()
                if is_fitting is not None:
                    is_fitting(media)
                self.outcome.media.append(media)
            except CatalogError as error:
                self.outcome.fail(error, place, media)
        return self.outcome.media

    def _check_room(self, media: int) -> None:
        if media not in self._inside and self._numbers.get(media, 0) >= COLLECTIONS_OF_A_MEDIA:
            raise CatalogError(Code.TOO_MANY, f"A media is in at most {COLLECTIONS_OF_A_MEDIA} collections.")

    def _check_inside(self, media: int) -> None:
        if media not in self._inside:
            raise CatalogError(Code.NOT_FOUND, "This media is not in the collection: add it.")

    async def _place(self, media: Sequence[int], position: int | None) -> set[int]:
        rows = await self._writer.fetch(PLACE_ITEMS, self._collection, list(media), position, self._writer.libraries)
        return {row[0] for row in rows}

    async def _note(self, what: str, media: Sequence[int]) -> None:
        """History, as an upsert has it."""
        detail = {"collections": {**dict.fromkeys(("added", "changed", "removed"), 0), what: 1}}
        events: dict[int, dict[str, Any]] = dict.fromkeys(media, detail)
        await add_events(self._writer, HistoryEventType.UPDATED, self._locked, events, ITEMS_TABLE)


async def add_items(writer: Writer, collection: int, places: Mapping[int, int], position: int | None) -> EditOutcome:
    """Adds media to a collection, in the order given; NOT_FOUND, TOO_MANY."""
    edit = CollectionItems(writer, collection, places)
    await edit.read(position)
    await edit.add(position)
    return edit.outcome


async def move_items(writer: Writer, collection: int, places: Mapping[int, int], position: int | None) -> EditOutcome:
    """Moves media within a collection, in the order given; NOT_FOUND."""
    edit = CollectionItems(writer, collection, places)
    await edit.read(position)
    await edit.move(position)
    return edit.outcome


async def remove_items(writer: Writer, collection: int, places: Mapping[int, int]) -> EditOutcome:
    """Removes media from a collection; NOT_FOUND."""
    edit = CollectionItems(writer, collection, places)
    await edit.read(None)
    await edit.remove()
    return edit.outcome
