"""Thumbnails that are to be made: of which videos, and what has become of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from catalog.edit import add_events, json_rows, lock_media
from catalog.file_downloads import ERROR_LETTERS, DownloadFailure
from catalog.stored_files import StoredFile, add_files
from catalog.transaction import Writer
from domain.enums import HistoryEventType, ThumbnailState

VIDEO_CONTAINERS = (
    *("mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mts", "mpg", "mpeg", "vob", "flv", "ogv", "ogm"),
    *("wmv", "asf", "3gp", "mxf", "divx", "rm", "rmvb"),
)

# The next media with a video that come after $1. $2: only these, null for all that lack a thumbnail or have one that is
# PENDING; $3: of this library; $4: the libraries that may be changed; $5: how many; $6: containers of videos; $7 and
# $8: the first and last of ranges that are done. Of given ones also those without a video, so that a reason is given.
NEXT_VIDEOS = """
SELECT m.id, f.path, c.source_url, (
    SELECT json_agg(json_build_array(t.id, t.offset_ms) ORDER BY t.offset_ms, t.id)::text FROM thumbnail t
    WHERE t.media_id = m.id AND ($2::bigint[] IS NOT NULL OR t.state = 'PENDING')
) AS thumbnails
FROM media m
LEFT JOIN LATERAL (
    SELECT path FROM media_file v WHERE v.media_id = m.id
      AND lower(coalesce(v.container, substring(v.path FROM '\\.([A-Za-z0-9]+)$'))) = any($6::text[])
    ORDER BY v.path LIMIT 1
) f ON true
LEFT JOIN clip c ON c.media_id = m.id
WHERE m.id > $1::bigint AND ($2::bigint[] IS NOT NULL OR f.path IS NOT NULL OR c.source_url IS NOT NULL)
  AND ($3::bigint IS NULL OR m.library_id = $3::bigint)
  AND ($4::bigint[] IS NULL OR m.library_id = any($4::bigint[]))
  AND (m.id = any($2::bigint[]) OR $2::bigint[] IS NULL AND (
      NOT EXISTS (SELECT FROM thumbnail t WHERE t.media_id = m.id)
      OR EXISTS (SELECT FROM thumbnail t WHERE t.media_id = m.id AND t.state = 'PENDING')))
  AND NOT EXISTS (
      SELECT FROM unnest($7::bigint[], $8::bigint[]) AS done(first, last) WHERE m.id BETWEEN done.first AND done.last)
ORDER BY m.id LIMIT $5::integer
"""

GIVEN_THUMBNAILS = """
SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS given(
    place integer, id bigint, media_id bigint, offset_ms integer, state text, error text, path text, width integer,
    height integer
) WHERE given.media_id = any($2::bigint[])
"""

# Thumbnails as they were made; their ids by the places that they were given with.
UPDATE_THUMBNAILS = f"""
UPDATE thumbnail t SET state = given.state, error = given.error, path = given.path, width = given.width,
    height = given.height
FROM ({GIVEN_THUMBNAILS}) given WHERE t.id = given.id AND t.media_id = given.media_id RETURNING given.place, t.id
"""
# A media that has got one at this moment meanwhile keeps it.
ADD_THUMBNAILS = f"""
WITH given AS ({GIVEN_THUMBNAILS}), added AS (
    INSERT INTO thumbnail (media_id, offset_ms, state, error, path, width, height)
    SELECT given.media_id, given.offset_ms, given.state, given.error, given.path, given.width, given.height FROM given
    WHERE given.id IS NULL AND NOT EXISTS (SELECT FROM thumbnail t WHERE t.media_id = given.media_id)
    ORDER BY given.media_id RETURNING id, media_id
)
SELECT given.place, added.id FROM added JOIN given ON given.media_id = added.media_id AND given.id IS NULL
"""
TAKE_FILES = "DELETE FROM thumbnail_file WHERE thumbnail_id = any($1::bigint[])"
GIVE_FILES = """
INSERT INTO thumbnail_file (thumbnail_id, file_hash) SELECT * FROM unnest($1::bigint[], $2::text[])
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class VideoScope:
    """Of which media thumbnails are made. None: no such condition; without media, of all that lack one."""

    media: Sequence[int] | None = None
    library: int | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """A media whose thumbnails are to be made: from its file, else from an address. thumbnails: their ids and offsets
    in milliseconds; none where a first one is to be made. One that was asked for may have neither file nor address."""

    media: int
    path: str | None
    url: str | None
    thumbnails: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class MadeThumbnail:
    """A thumbnail with its pictures, or why there are none. id: None of a new one."""

    media: int
    id: int | None
    offset_ms: int
    found: Sequence[StoredFile] | DownloadFailure


async def next_videos(
    writer: Writer, scope: VideoScope, after: int, done: Iterable[tuple[int, int]], most: int
) -> list[Video]:
    """Those that come after a media, without those in ranges that are done."""
    ranges = list(done)
    firsts, lasts = [first for first, _ in ranges], [last for _, last in ranges]
    values = (after, scope.media, scope.library, writer.libraries, most, list(VIDEO_CONTAINERS), firsts, lasts)
    return [video_of(*row) for row in await writer.fetch(NEXT_VIDEOS, *values)]


def video_of(media: int, path: str | None, url: str | None, thumbnails: str | None) -> Video:
    return Video(media, path, url, [(one[0], one[1]) for one in orjson.loads(thumbnails or "[]")])


async def note_thumbnails(writer: Writer, made: Sequence[MadeThumbnail]) -> None:
    """Stores thumbnails that were made, or why they were not; of media that are still there."""
    locked = await lock_media(writer, {one.media for one in made})
    await add_files(writer, [file for one in made if not isinstance(one.found, DownloadFailure) for file in one.found])
    given = json_rows([row_of_thumbnail(place, one) for place, one in enumerate(made)])
    noted = await writer.fetch(UPDATE_THUMBNAILS, given, list(locked))
    noted += await writer.fetch(ADD_THUMBNAILS, given, list(locked))
    await writer.fetch(TAKE_FILES, [row["id"] for row in noted])
    pairs = [(row["id"], file.hash) for row in noted for file in files_of(made[row["place"]])]
    await writer.fetch(GIVE_FILES, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    details: dict[int, dict[str, Any]] = {}
    for row in noted:
        one = made[row["place"]]
        told = details.setdefault(one.media, {"thumbnails": {"added": 0, "changed": 0, "removed": 0}})["thumbnails"]
        told["added" if one.id is None else "changed"] += 1
    if details:
        await add_events(writer, HistoryEventType.UPDATED, locked, details, "thumbnail")


def files_of(one: MadeThumbnail) -> Sequence[StoredFile]:
    return () if isinstance(one.found, DownloadFailure) else one.found


def row_of_thumbnail(place: int, one: MadeThumbnail) -> dict[str, Any]:
    row: dict[str, Any] = {"place": place, "id": one.id, "media_id": one.media, "offset_ms": one.offset_ms}
    if isinstance(one.found, DownloadFailure):
        return {**row, "state": ThumbnailState.FAILED.value, "error": one.found.message[:ERROR_LETTERS]}
    widest = one.found[-1]
    facts = {"path": str(widest.path), "width": widest.width, "height": widest.height}
    return {**row, **facts, "state": ThumbnailState.READY.value}
