"""Libraries deleted with all their media: a small one in one transaction, a large one in steps of some thousand media.

The first step marks the library, so that no media comes into it any longer; each step is a transaction of its own, and
what it has deleted stays deleted. A deletion that was broken off is gone on with by the same call, told the number of
media that are left."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import NamedTuple, TypeAlias

from catalog.derived.statements import deleted_media
from catalog.library import LOCK_LIBRARY, lock_library
from catalog.taxonomy.turn import SECONDS, set_limits
from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from domain.errors import CatalogError, Code
from domain.viewer import Viewer

DELETION_NAME = "delete_library"
MEDIA_OF_A_STEP = 2_000

# So that no media comes into it until the end of the transaction. Libraries are locked before media, by everybody.
LOCK_FOR_ITS_END = LOCK_LIBRARY.replace("FOR NO KEY UPDATE", "FOR UPDATE")
SET_DELETING = "UPDATE library SET deletion_started_at = coalesce(deletion_started_at, now()) WHERE id = $1::bigint"

COUNT_MEDIA_OF_LIBRARY = "SELECT count(*) FROM media WHERE library_id = $1::bigint"
# How many media of other libraries hang on its media.
COUNT_GUESTS = """
SELECT count(*) FROM media p JOIN media m ON m.parent_id = p.id
WHERE p.library_id = $1::bigint AND m.library_id <> $1::bigint
"""

# Some of its media, locked by their ids: such as nothing hangs on, so episodes go before their series. $2: all of them.
LOCK_SOME_MEDIA = """
SELECT m.id FROM media m
WHERE m.library_id = $1::bigint AND ($2::boolean OR NOT EXISTS (SELECT FROM media c WHERE c.parent_id = m.id))
ORDER BY m.id LIMIT $3::bigint FOR NO KEY UPDATE
"""
DELETE_SOME_MEDIA = deleted_media("id = any($1::bigint[])")
DELETE_EVENTS_OF_MEDIA = "DELETE FROM history_event WHERE media_id = any($1::bigint[]) AND library_id = $2::bigint"
# Events are in their library, and go with it.
DELETE_EVENTS = "DELETE FROM history_event WHERE library_id = $1::bigint"
DELETE_LIBRARY = "DELETE FROM library WHERE id = $1::bigint"


class Step(NamedTuple):
    """How many media a step has deleted, and how many are left. is_done: the library is gone."""

    deleted: int
    left: int
    is_done: bool


# Is told of each step within its transaction, as whoever keeps a checkpoint needs it: before the library goes, and with
# it what is on it. It may raise, and nothing of the step is done.
OnStep: TypeAlias = Callable[[Writer, Step], Awaitable[None]]


async def delete_step(
    writer: Writer, number: int, media_count: int | None, on_step: OnStep | None = None, *, seconds: float = SECONDS
) -> Step:
    """Deletes some media of a library, and it with the last of them. `media_count`: how many it is to have, None once
    that was checked. NOT_FOUND; CONFLICT where it has another number; HAS_CHILDREN where media of other libraries hang
    on its media; LOCK_TIMEOUT. `seconds`: that a statement of it may take."""
    await set_limits(writer, seconds)
    await lock_library(writer, LOCK_FOR_ITS_END, number)
    [[media]] = await writer.fetch(COUNT_MEDIA_OF_LIBRARY, number)
    await check_media(writer, number, media, media_count)
    is_last = media <= MEDIA_OF_A_STEP
    if media_count is not None and not is_last:
        await writer.fetch(SET_DELETING, number)
    gone = [row[0] for row in await writer.fetch(LOCK_SOME_MEDIA, number, is_last, MEDIA_OF_A_STEP)]
    await writer.fetch(DELETE_SOME_MEDIA, gone)
    step = Step(len(gone), media - len(gone), is_last)
    if not is_last:
        await writer.fetch(DELETE_EVENTS_OF_MEDIA, gone, number)
    if on_step is not None:
        await on_step(writer, step)
    if is_last:
        for text in (DELETE_EVENTS, DELETE_LIBRARY):
            await writer.fetch(text, number)
    return step


async def check_media(writer: Writer, number: int, media: int, media_count: int | None) -> None:
    """CONFLICT, HAS_CHILDREN."""
    if media_count is not None and media != media_count:
        raise CatalogError(
            Code.CONFLICT,
            f"This library has {media} media, not {media_count}: nothing was deleted. Give that number if they are all"
            " to be deleted.",
        )
    [[guests]] = await writer.fetch(COUNT_GUESTS, number)
    if guests:
        raise CatalogError(
            Code.HAS_CHILDREN,
            f"{guests} media of other libraries hang on media of this one: delete them before, or move them.",
        )


async def delete_library(
    session: WritingSession, viewer: Viewer, number: int, media_count: int | None, on_step: OnStep | None = None
) -> AsyncGenerator[Step, None]:
    """Deletes a library step by step; each once it is committed, so that whoever is to stop does so between two. What
    `delete_step` takes and raises."""

    async def work(writer: Writer) -> Step:
        return await delete_step(writer, number, media_count, on_step)

    while True:
        step = await transact(session, viewer, DELETION_NAME, work)
        media_count = None  # it was checked
        yield step
        if step.is_done:
            return
