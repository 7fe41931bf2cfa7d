"""Artwork and subtitles that are to be downloaded: which they are, and what has become of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.edit import add_events, json_rows, lock_media
from catalog.stored_files import StoredFile, add_files
from catalog.transaction import Writer
from domain.enums import DownloadState, HistoryEventType
from domain.errors import Code
from domain.file_type import PICTURES, SUBTITLES, FileType
from domain.settings import KNOWN

ERROR_LETTERS = 2_000

# The types of pictures that are fetched of a media: by the setting of its channel, its library, or of all.
_WANTED_TYPES = """
coalesce((
    SELECT s.value FROM setting s LEFT JOIN clip c ON c.media_id = m.id
    WHERE s.key = 'artwork.types'
      AND (s.channel_id = c.channel_id OR s.library_id = m.library_id OR s.channel_id IS NULL AND s.library_id IS NULL)
    ORDER BY s.channel_id NULLS LAST, s.library_id NULLS LAST LIMIT 1
), to_jsonb(ARRAY[{types}]))
""".format(types=", ".join(f"'{one}'" for one in KNOWN["artwork.types"].default))

# The next rows that are to be downloaded, which come after $1. $2: only of these media, null for all; $3: of this
# library; $4: the libraries that may be changed; $5: in these states; $6: whether also those that nobody has asked for;
# $7: how many; $8 and $9: the first and last of ranges
# that are done. What an earlier run has begun is begun anew: there is one run at a time.
_FIND = """
SELECT r.id, r.media_id, r.url, r.state, r.error FROM {table} r JOIN media m ON m.id = r.media_id
WHERE r.id > $1::bigint AND r.url IS NOT NULL
  AND ($2::bigint[] IS NULL OR r.media_id = any($2::bigint[]))
  AND ($3::bigint IS NULL OR m.library_id = $3::bigint)
  AND ($4::bigint[] IS NULL OR m.library_id = any($4::bigint[]))
  AND (r.state = any($5::text[]) OR {unasked})
  AND NOT EXISTS (
      SELECT FROM unnest($8::bigint[], $9::bigint[]) AS done(first, last) WHERE r.id BETWEEN done.first AND done.last)
ORDER BY r.id LIMIT $7::integer
"""
_TAKE = """
UPDATE {table} SET state = 'DOWNLOADING', error = NULL WHERE id = any($1::bigint[]) AND media_id = any($2::bigint[])
"""

# What has become of rows that are still as they were taken.
_NOTE = """
UPDATE {table} d SET state = given.state, error = given.error, file_hash = coalesce(given.hash, d.file_hash),
    path = coalesce(given.path, d.path){more}
FROM jsonb_to_recordset($1::text::jsonb) AS given(
    id bigint, url text, state text, error text, hash text, path text, format text, width integer, height integer
)
WHERE d.id = given.id AND d.url = given.url AND d.media_id = any($2::bigint[]) RETURNING d.id, d.media_id, d.state
"""


@dataclass(frozen=True, slots=True)
class Downloadable:
    """A table whose rows have addresses. types: of files that they may lead to; find, take, note: its
    statements."""

    table: str
    list_name: str
    types: frozenset[FileType]
    find: str
    take: str
    note: str


def downloadable(table: str, list_name: str, types: frozenset[FileType], unasked: str, more: str) -> Downloadable:
    find = _FIND.replace("{table}", table).replace("{unasked}", unasked)
    note = _NOTE.replace("{table}", table).replace("{more}", more)
    return Downloadable(table, list_name, types, find, _TAKE.replace("{table}", table), note)


ARTWORK = downloadable(
    "artwork",
    "artwork",
    PICTURES,
    f"$6::boolean AND r.state IS NULL AND {_WANTED_TYPES} ? r.type",
    ", width = coalesce(d.width, given.width), height = coalesce(d.height, given.height)",
)
SUBTITLE = downloadable(
    "subtitle", "subtitles", SUBTITLES, "$6::boolean AND false", ", format = coalesce(given.format, d.format)"
)
DOWNLOADABLE = {one.table: one for one in (ARTWORK, SUBTITLE)}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows: of some media, or of a library, or all; also those that failed; also pictures that nobody has asked
    for, of the types that the setting artwork.types names."""

    media: Sequence[int] | None = None
    library: int | None = None
    failed: bool = False
    unasked: bool = False

    @property
    def states(self) -> list[str]:
        also = [DownloadState.FAILED] if self.failed else []
        return [DownloadState.WANTED, DownloadState.DOWNLOADING, *also]


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A row that is to be downloaded. state, error: as it had them before it was taken."""

    id: int
    media: int
    url: str
    state: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class DownloadFailure:
    """Why a file is not there. is_put_off: it is not the file's fault, so that it stays wanted."""

    code: Code
    message: str
    is_put_off: bool = False


async def take_wanted(
    writer: Writer, of: Downloadable, choice: Choice, after: int, done: Iterable[tuple[int, int]], most: int
) -> list[WantedFile]:
    """The next rows by their ids, without those in ranges that are done; they are DOWNLOADING from now on."""
    ranges = list(done)
    firsts, lasts = [first for first, _ in ranges], [last for _, last in ranges]
    chosen = (choice.media, choice.library, writer.libraries, choice.states, choice.unasked)
    found = await writer.fetch(of.find, after, *chosen, most, firsts, lasts)
    wanted = [WantedFile(*row) for row in found]
    locked = await lock_media(writer, {one.media for one in wanted})
    await writer.fetch(of.take, [one.id for one in wanted], list(locked))
    return wanted


async def note_downloads(
    writer: Writer, of: Downloadable, outcomes: Mapping[WantedFile, StoredFile | DownloadFailure | None]
) -> None:
    """Stores what has become of rows, None where nothing has: they are as they were before they were taken. Those that
    were changed or deleted meanwhile are left as they are."""
    locked = await lock_media(writer, {one.media for one in outcomes})
    await add_files(
        writer, [one for one in outcomes.values() if one is not None and not isinstance(one, DownloadFailure)]
    )
    given = [row_of(one, found) for one, found in outcomes.items()]
    noted = await writer.fetch(of.note, json_rows(given), list(locked))
    undone = {one.id for one, found in outcomes.items() if found is None}
    changed = Counter(
        row["media_id"] for row in noted if row["state"] != DownloadState.WANTED and row["id"] not in undone
    )
    details = {media: {of.list_name: {"added": 0, "changed": n, "removed": 0}} for media, n in sorted(changed.items())}
    if details:
        await add_events(writer, HistoryEventType.UPDATED, locked, details, of.table)


def row_of(one: WantedFile, found: StoredFile | DownloadFailure | None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": one.id, "url": one.url}
    if found is None:
        # What an earlier attempt had begun is wanted, whatever it was before.
        before = DownloadState.WANTED.value if one.state == DownloadState.DOWNLOADING else one.state
        return {**row, "state": before, "error": one.error}
    if isinstance(found, DownloadFailure):
        state = DownloadState.WANTED if found.is_put_off else DownloadState.FAILED
        return {**row, "state": state.value, "error": found.message[:ERROR_LETTERS]}
    facts = {"hash": found.hash, "path": str(found.path), "width": found.width, "height": found.height}
    return {**row, **facts, "state": DownloadState.DOWNLOADED.value, "format": found.type.value.lower()}
