"""Which tags, genres or channels media carry: set, added, removed, for many media by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.carried import Bound, Change, Item, details, differences, wanted_by_media
from catalog.edit import Outcome, add_events, lock_media
from catalog.transaction import Writer
from loaders.errors import CatalogError, Code
from loaders.text import fold, slug


@dataclass(frozen=True, slots=True)
class Membership:
    """A noun that media carry; `bound`: how many of it one media may; `event`: what history calls a change."""

    noun: str
    bound: Bound
    event: str

    def sql(self, text: str) -> str:
        return text.replace("{noun}", self.noun)


TAGS = Membership("tag", Bound(256, "tags"), "TAGGED")
GENRES = Membership("genre", Bound(64, "genres"), "GENRES_CHANGED")
CHANNELS = Membership("channel", Bound(64, "channels"), "CHANNELS_CHANGED")


@dataclass(frozen=True, slots=True)
class Named:
    """One of a noun, by its id or its name as it was written."""

    id: int | None = None
    name: str | None = None

    @property
    def folded(self) -> str:
        return fold(self.name or "")


# Makes those that no name or alias is known of; in order, so that two edits cannot wait for each other.
CREATE = """
WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS asked(folded, name, slug)
), made AS (
    INSERT INTO {noun} (name, folded_name, slug)
    SELECT name, folded, slug FROM asked
    WHERE NOT EXISTS (SELECT FROM {noun}_name n WHERE n.folded = asked.folded)
    ORDER BY folded ON CONFLICT (folded_name) DO NOTHING
    RETURNING id, folded_name
)
INSERT INTO {noun}_name (folded, {noun}_id, is_primary) SELECT folded_name, id, true FROM made
"""

# Ids and names of those that are named, by folded name or alias (first) or by id.
RESOLVE = """
SELECT n.folded, t.id, t.name FROM {noun}_name n JOIN {noun} t ON t.id = n.{noun}_id WHERE n.folded = any($1::text[])
UNION ALL SELECT NULL, t.id, t.name FROM {noun} t WHERE t.id = any($2::bigint[])
"""

# What the media carry.
CURRENT = """
SELECT j.media_id, array_agg(t.id), array_agg(t.name)
FROM media_{noun} j JOIN {noun} t ON t.id = j.{noun}_id WHERE j.media_id = any($1::bigint[]) GROUP BY j.media_id
"""

TAKE = """
DELETE FROM media_{noun} j USING unnest($1::bigint[], $2::bigint[]) AS gone(media_id, {noun}_id)
WHERE j.media_id = gone.media_id AND j.{noun}_id = gone.{noun}_id
"""

GIVE = """
INSERT INTO media_{noun} (media_id, {noun}_id, library_id, sort_title, year, rating_tenths, added_at)
SELECT m.id, given.{noun}_id, m.library_id, m.sort_title, m.year, m.rating_tenths, m.added_at
FROM unnest($1::bigint[], $2::bigint[]) AS given(media_id, {noun}_id) JOIN media m ON m.id = given.media_id
ORDER BY m.id, given.{noun}_id
"""


async def change_memberships(
    writer: Writer, kind: Membership, change: Change, items: Sequence[Item[Named]], *, create: bool
) -> Outcome:
    """Changes what media carry. `create`: names that are not known are made, where there is a media to carry them;
    else their items fail with NOT_FOUND."""
    outcome = Outcome()
    locked = await lock_media(writer, (media for item in items for media in item.media))
    reached = [item for item in items if any(media in locked for media in item.media)]
    known = await resolve(writer, kind, [one for item in reached for one in item.things], create=create)
    names = dict(known.values())
    carried: dict[int, set[int]] = {}
    for media, ids, called in await writer.fetch(kind.sql(CURRENT), list(locked)):
        carried[media] = set(ids)
        names.update(zip(ids, called, strict=True))
    named = [(item, ids_of(kind, item, known, strict=change is not Change.REMOVE)) for item in items]
    wanted = wanted_by_media(change, named, locked, carried, kind.bound, outcome)
    new, gone = differences(carried, wanted)
    if change is not Change.ADD:
        await writer.fetch(kind.sql(TAKE), *columns(gone))
    if change is not Change.REMOVE:
        await writer.fetch(kind.sql(GIVE), *columns(new))
    await add_events(writer, kind.event, locked, details(new, gone, names.__getitem__))
    return outcome


async def resolve(
    writer: Writer, kind: Membership, named: Iterable[Named], *, create: bool
) -> dict[Named, tuple[int, str]]:
    """Id and name of each that is known, or was made."""
    asked = dict.fromkeys(named)
    texts: dict[str, str] = {}
    for one in asked:
        if one.name is not None:
            texts.setdefault(one.folded, one.name)
    if create:
        written = [" ".join(text.split()) for text in texts.values()]
        await writer.fetch(kind.sql(CREATE), list(texts), written, [slug(text) for text in written])
    by_id = {one.id for one in asked if one.id is not None}
    rows = await writer.fetch(kind.sql(RESOLVE), list(texts), list(by_id))
    by_name = {row[0]: (row[1], row[2]) for row in rows if row[0] is not None}
    known = {row[1]: (row[1], row[2]) for row in rows if row[0] is None}
    found = {one: known.get(one.id) if one.id is not None else by_name.get(one.folded) for one in asked}
    return {one: there for one, there in found.items() if there is not None}


def ids_of(
    kind: Membership, item: Item[Named], known: dict[Named, tuple[int, str]], *, strict: bool
) -> set[int] | CatalogError:
    """The ids of what an item names; NOT_FOUND where one is not known, if that matters."""
    for one in item.things:
        if strict and one not in known:
            called = f"with the name {one.name!r}" if one.name is not None else f"number {one.id}"
            return CatalogError(Code.NOT_FOUND, f"There is no {kind.noun} {called}.")
    return {known[one][0] for one in item.things if one in known}


def columns(pairs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [media for media, _ in pairs], [one for _, one in pairs]
