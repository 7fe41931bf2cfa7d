"""Media and what an outside tagger says of them: which media need it, and what it says written by an upsert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.edit import check_batch_size
from catalog.process import mark_results
from catalog.transaction import Writer
from catalog.upsert.item import Item, MatchBy, OnConflict, Result
from catalog.upsert.upsert import upsert_media
from database.row import Row

TAGGER_PROCESS = "tagger"  # under which tagged media are marked as processed

# Of what a run is given. $1: a library or null, $2: ids or null: these, whether or not they were tagged, $3: a kind or
# null, $4: tagged before this are due again; null: only those that never were, $5: the libraries that may be changed.
NEEDING_TAGS = """
FROM media m
LEFT JOIN media p ON p.id = m.parent_id
LEFT JOIN media g ON g.id = p.parent_id
WHERE ($1::bigint IS NULL OR m.library_id = $1) AND ($5::bigint[] IS NULL OR m.library_id = any($5::bigint[]))
  AND ($3::text IS NULL OR m.kind = $3::text)
  AND ($2::bigint[] IS NULL OR m.id = any($2::bigint[]))
  AND ($2::bigint[] IS NOT NULL OR {untagged})
"""
COUNT_NEEDING_TAGS = f"SELECT count(*) {NEEDING_TAGS}".replace(
    "{untagged}",
    """NOT EXISTS (SELECT FROM process_timestamp t WHERE t.media_id = m.id AND t.process = 'tagger'
        AND ($4::timestamptz IS NULL OR t.processed_at >= $4::timestamptz))""",
)
# Asked of one media after the other: by NOT EXISTS all that were ever tagged would be read for the next few.
IS_UNTAGGED = """coalesce((
    SELECT $4::timestamptz IS NOT NULL AND t.processed_at < $4::timestamptz
    FROM process_timestamp t WHERE t.media_id = m.id AND t.process = 'tagger'
), true)"""
# With all that the tagger is told. $6: after this one, $7 and $8: the first and last of ranges that are done, $9: how
# many.
NEXT_NEEDING_TAGS = f"""
SELECT m.id, m.kind, m.title, m.original_title, m.year, m.overview, m.season_number, m.episode_number,
       CASE WHEN p.kind = 'SERIES' THEN p.title ELSE g.title END AS series,
       ARRAY(SELECT o.name FROM media_genre x JOIN genre o ON o.id = x.genre_id
             WHERE x.media_id = m.id ORDER BY o.folded_name) AS genres,
       ARRAY(SELECT o.name FROM media_tag x JOIN tag o ON o.id = x.tag_id
             WHERE x.media_id = m.id ORDER BY o.folded_name) AS tags,
       ARRAY(SELECT ARRAY[c.category, c.value] FROM categorisation c
             WHERE c.media_id = m.id ORDER BY c.category, c.value) AS categories
{NEEDING_TAGS} AND m.id > $6::bigint AND NOT EXISTS (
    SELECT FROM unnest($7::bigint[], $8::bigint[]) AS done(first, last) WHERE m.id BETWEEN done.first AND done.last
)
ORDER BY m.id LIMIT $9::integer
""".replace("{untagged}", IS_UNTAGGED)


@dataclass(frozen=True, slots=True)
class TaggingScope:
    """Which media are to be tagged. None: no such condition. media: these, whether or not they were tagged; before:
    also those that were last tagged before it."""

    library: int | None = None
    media: Sequence[int] | None = None
    kind: str | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundTags:
    """What a tagger says of a media: names of tags; pairs of category and value."""

    media: int
    tags: Sequence[str]
    categories: Sequence[tuple[str, str]]


async def count_needing_tags(writer: Writer, scope: TaggingScope) -> int:
    return int((await writer.fetch(COUNT_NEEDING_TAGS, *values_of_tagging(writer, scope)))[0][0])


async def next_needing_tags(
    writer: Writer, scope: TaggingScope, after: int, done: Iterable[tuple[int, int]], most: int
) -> list[Row]:
    """The media that come after one, by their ids, without those in ranges that are done."""
    ranges = list(done)
    firsts, lasts = [first for first, _ in ranges], [last for _, last in ranges]
    values = values_of_tagging(writer, scope)
    return await writer.fetch(NEXT_NEEDING_TAGS, *values, after, firsts, lasts, most)


def values_of_tagging(writer: Writer, scope: TaggingScope) -> list[object]:
    media = None if scope.media is None else list(scope.media)
    return [scope.library, media, scope.kind, scope.before, writer.libraries]


async def store_tags(writer: Writer, found: Sequence[FoundTags], at: datetime) -> list[Result]:
    """What became of each media: tags and categories are added to what it has, and it is marked as processed."""
    check_batch_size(found, "media")
    items = [item_with_tags(place, one) for place, one in enumerate(found)]
    results = await upsert_media(writer, items, match_by=(MatchBy.ID,), on_conflict=OnConflict.MERGE)
    return await mark_results(writer, results, TAGGER_PROCESS, at)


def item_with_tags(place: int, found: FoundTags) -> Item:
    categories = [{"category": category, "value": value} for category, value in found.categories]
    return Item(place, id=found.media, lists={"tags": list(found.tags), "categories": categories})
