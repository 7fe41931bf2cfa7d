"""Noting that media were processed: by a tagger, an analyser, whatever comes by from time to time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from catalog.edit import EditOutcome, add_events, lock_media, no_such_media
from catalog.transaction import Writer
from catalog.upsert.item import Result, Status
from domain.bounds import PROCESS_BYTES, PROCESS_LETTERS, ROWS_OF_A_MEDIA
from domain.enums import HistoryEventType
from domain.errors import CatalogError, Code
from domain.text import shows_nothing, storable

MAX_PROCESSES = ROWS_OF_A_MEDIA["process_timestamp"]

# Of each media, how many other processes are noted.
COUNT_OTHER_PROCESSES = """
SELECT media_id, count(*) FROM process_timestamp
WHERE media_id = any($1::bigint[]) AND process <> $2::text GROUP BY media_id
"""

MARK = """
INSERT INTO process_timestamp (media_id, process, processed_at)
SELECT id, $2::text, $3::timestamptz FROM unnest($1::bigint[]) AS id ORDER BY id
ON CONFLICT (media_id, process) DO UPDATE SET processed_at = excluded.processed_at
"""


def check_process(name: str) -> str:
    """The name of a process; BAD_ARGUMENT."""
    kept = name.strip()
    too_long = len(kept) > PROCESS_LETTERS or not storable(kept) or len(kept.encode()) > PROCESS_BYTES
    if too_long or shows_nothing(kept):
        message = f"A process has a name of 1 to {PROCESS_LETTERS} letters, of at most {PROCESS_BYTES} bytes in UTF-8."
        raise CatalogError(Code.BAD_ARGUMENT, message)
    return kept


async def mark_processed(writer: Writer, media: Mapping[int, int], process: str, at: datetime) -> EditOutcome:
    """Notes that media were processed at a time, whenever that was before. With each media its place."""
    outcome = EditOutcome()
    name = check_process(process)
    locked = await lock_media(writer, media)
    noted = {row[0]: row[1] for row in await writer.fetch(COUNT_OTHER_PROCESSES, list(locked), name)}
    for one, place in media.items():
        if one not in locked:
            outcome.fail(no_such_media(), place, one)
        elif noted.get(one, 0) >= MAX_PROCESSES:
            outcome.fail(CatalogError(Code.TOO_MANY, f"A media has at most {MAX_PROCESSES} processes."), place, one)
        else:
            outcome.media.append(one)
    await writer.fetch(MARK, outcome.media, name, at)
    detail = {"process": name, "at": at.isoformat()}
    await add_events(writer, HistoryEventType.PROCESSED, locked, dict.fromkeys(outcome.media, detail))
    return outcome


async def mark_results(writer: Writer, results: Sequence[Result], process: str, at: datetime) -> list[Result]:
    """Marks the media of results that went well as processed; the results after that.

    A media that cannot be marked has failed, though what it was given is stored: it would be processed again and again
    unseen."""
    done = {one.media: one.place for one in results if one.status is not Status.FAILED and one.media is not None}
    marked: dict[int | None, Result] = {}
    if done:
        outcome = await mark_processed(writer, done, process, at)
        marked = {
            one.item: Result(one.item or 0, Status.FAILED, one.media, (), one.code.value, one.message)
            for one in outcome.failures
        }
    return [marked.get(one.place, one) for one in results]
