"""What a service says of media, written by an upsert: of each only the fields that are wanted and not locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.edit import check_batch_size
from catalog.transaction import Writer
from catalog.upsert.item import Item, MatchBy, OnConflict, Result, Status
from catalog.upsert.upsert import upsert_media
from database.row import Row
from domain.enums import MetadataField, MetadataPolicy
from domain.errors import Code

FIELD_COLUMNS = {
    MetadataField.TITLE: "title",
    MetadataField.ORIGINAL_TITLE: "original_title",
    MetadataField.YEAR: "year",
    MetadataField.OVERVIEW: "overview",
    MetadataField.RATING: "rating_tenths",
    MetadataField.RUNTIME: "runtime_minutes",
}
# The lists, with their tables.
FIELD_LISTS = {
    MetadataField.TAGLINES: ("taglines", "tagline"),
    MetadataField.GENRES: ("genres", "media_genre"),
    MetadataField.CREDITS: ("credits", "credit"),
    MetadataField.ARTWORK: ("artwork", "artwork"),
    MetadataField.EXTERNAL_IDS: ("external_ids", "external_id"),
    MetadataField.COLLECTIONS: ("collections", "media_collection"),
}

# What media have of what services know. Not locked: others are locked before media (catalog/transaction.py), and the
# version tells whether anything has changed since.
CURRENT_METADATA = f"""
SELECT m.id, m.version, m.locked_fields, {", ".join(f"m.{name}" for name in FIELD_COLUMNS.values())},
       {
    ", ".join(
        f"EXISTS (SELECT FROM {table} t WHERE t.media_id = m.id) AS {name}" for name, table in FIELD_LISTS.values()
    )
},
       ARRAY(SELECT ARRAY[x.source, x.value] FROM external_id x WHERE x.media_id = m.id) AS ids
FROM media m
WHERE m.id = any($1::bigint[]) AND ($2::bigint[] IS NULL OR m.library_id = any($2::bigint[]))
"""

# Which media have these external ids.
OWNERS = """
SELECT x.source, x.value, x.media_id FROM unnest($1::text[], $2::text[]) AS asked(source, value)
JOIN external_id x ON x.source = asked.source AND x.value = asked.value
"""


@dataclass(frozen=True, slots=True)
class MetadataFacts:
    """What is known of a media, by field: own fields as catalog/media_edit.py takes them, lists as upserts do. What is
    not known is not there."""

    media: int
    values: Mapping[MetadataField, Any]


async def refresh_media(
    writer: Writer, facts: Sequence[MetadataFacts], fields: Collection[MetadataField], policy: MetadataPolicy
) -> list[Result]:
    """What became of each media. One that was changed meanwhile fails with VERSION_CONFLICT: nothing that others have
    written, or locked, is overwritten unseen.

    FILL merges its lists, so that what was added meanwhile stays; both keep external ids that are there."""
    check_batch_size(facts, "media")
    current = {
        row["id"]: row for row in await writer.fetch(CURRENT_METADATA, [one.media for one in facts], writer.libraries)
    }
    given = [id for one in facts for id in new_ids_of(one)]
    owners = {
        (row[0], row[1]): row[2]
        for row in await writer.fetch(OWNERS, [source for source, _ in given], [value for _, value in given])
    }
    items = [
        item_of(place, one, current[one.media], owners, fields, policy)
        for place, one in enumerate(facts)
        if one.media in current
    ]
    mode = OnConflict.MERGE if policy is MetadataPolicy.FILL else OnConflict.REPLACE
    results = {one.place: one for one in await upsert_media(writer, items, match_by=(MatchBy.ID,), on_conflict=mode)}
    return [results.get(place) or gone_since(place, one.media) for place, one in enumerate(facts)]


def gone_since(place: int, media: int) -> Result:
    message = "There is no such media, or none that you may change."
    return Result(place, Status.FAILED, media, (), Code.NOT_FOUND, message)


def new_ids_of(facts: MetadataFacts) -> list[tuple[str, str]]:
    return [(one["source"], one["value"]) for one in facts.values.get(MetadataField.EXTERNAL_IDS, ())]


def item_of(
    place: int,
    facts: MetadataFacts,
    row: Row,
    owners: dict[tuple[str, str], int],
    fields: Collection[MetadataField],
    policy: MetadataPolicy,
) -> Item:
    """A media as it is to be, of what may be written."""
    open_fields = [one for one in fields if one in facts.values and one not in row["locked_fields"]]
    if policy is MetadataPolicy.FILL:
        open_fields = [one for one in open_fields if one is MetadataField.EXTERNAL_IDS or not has(row, one)]
    values = {FIELD_COLUMNS[one]: facts.values[one] for one in open_fields if one in FIELD_COLUMNS}
    lists = {FIELD_LISTS[one][0]: facts.values[one] for one in open_fields if one in FIELD_LISTS}
    if "external_ids" in lists:
        lists["external_ids"] = with_new_ids(row["ids"], new_ids_of(facts), facts.media, owners)
    return Item(place, id=facts.media, version=row["version"], values=values, lists=lists)


def has(row: Row, field: MetadataField) -> bool:
    """Whether a media has a value, or any row."""
    if field in FIELD_COLUMNS:
        return row[FIELD_COLUMNS[field]] is not None
    return bool(row[FIELD_LISTS[field][0]])


def with_new_ids(
    there: Sequence[Sequence[str]],
    new: Sequence[tuple[str, str]],
    media: int,
    owners: dict[tuple[str, str], int],
) -> list[dict[str, str]]:
    """The ids that a media has, and those of further sources that are no other media's: now they are this one's."""
    known = {source for source, _ in there}
    added = [one for one in new if one[0] not in known and owners.setdefault(one, media) == media]
    return [{"source": source, "value": value} for source, value in [*map(tuple, there), *added]]
