"""The job that asks a tagger for many media, in batches, several at once, and writes what it says as it comes.

Calls go on while answers are stored, and a slow answer keeps no other one waiting: the tagger's limit sets the pace."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar

from catalog.tagging import (
    FoundTags,
    TaggingScope,
    count_needing_tags,
    next_needing_tags,
    store_tags,
)
from catalog.transaction import Writer, transact
from catalog.upsert.item import Result, Status
from database.row import Row
from domain.bounds import ITEMS_OF_AN_EDIT
from domain.enums import JobLogLevel, MediaKind
from domain.errors import CatalogError, Code
from domain.ids import format_id
from jobs.job_position import JobPosition
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.parameters import parameter
from jobs.tagger_calls import AskedMedia, TaggerCalls
from providers.services import configured
from providers.tagger.service import TaggerService

TAG_NAME = "tag_media"
READ_AT_ONCE = 200  # media that are read for the next batches
SECONDS_TO_LOOK = 0.5  # between two looks whether the run is to stop

T = TypeVar("T")
Answered: TypeAlias = list[AskedMedia]


@dataclass(frozen=True, slots=True)
class TagParameters:
    """What is to be tagged; all that never was, if nothing is given."""

    library_id: int | None = parameter("Only media of this library.", default=None, id_of="library")
    media: list[int] | None = parameter(
        "Only these media, whether or not they were tagged before.", default=None, id_of="media"
    )
    kind: MediaKind | None = parameter("Only media of this kind.", default=None)
    older_than_days: int | None = parameter(
        "Also media that were last tagged so many days ago, or earlier.", default=None
    )


async def tag_media(context: JobContext, parameters: TagParameters) -> str:
    service = configured(context.services.tagger, "MARQUEE_TAGGER_URL")
    counts = await TaggingRun(context, service, parameters).work()
    return f"{counts.succeeded} tagged, {counts.failed} that could not be."


class TaggingRun:
    """An attempt of a run. Whatever asks the tagger is a task of its own; this one alone has the database."""

    def __init__(self, context: JobContext, service: TaggerService, parameters: TagParameters) -> None:
        self._context = context
        self._service = service
        self._started = context.state.get("startedAt", datetime.now(UTC).isoformat())
        self._scope = scope_of_tagging(parameters, datetime.fromisoformat(self._started))
        self._position = JobPosition(context.state)
        self._counts = context.counts
        self._calls = TaggerCalls(context, service)
        self._tasks: dict[asyncio.Task[Answered], Sequence[int]] = {}
        self._read: list[Row] = []
        self._read_to: int | None = self._position.after  # None where there are no more

    async def work(self) -> JobCounts:
        """The counts at the end."""
        context, total = self._context, None
        if not context.state:
            total = await self._transact(lambda writer: count_needing_tags(writer, self._scope))
        context.progress(self._counts, total)
        try:
            while await self._begin_batches():
                await asyncio.wait(self._tasks, timeout=SECONDS_TO_LOOK, return_when=asyncio.FIRST_COMPLETED)
                await self._store_answers()
                context.progress(self._counts, total, format_id("media", self._position.after))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        return self._counts

    async def _transact(self, work: Callable[[Writer], Awaitable[T]]) -> T:
        return await transact(self._context.session, self._context.viewer, TAG_NAME, work)

    async def _begin_batches(self) -> bool:
        """As many as are called at once, and as many that wait to be; whether any is under way."""
        while len(self._tasks) < 2 * self._service.parallel and (batch := await self._next_batch()):
            ids = [row["id"] for row in batch]
            self._position.begin(ids)
            self._tasks[asyncio.create_task(self._calls.ask(batch))] = ids
        return bool(self._tasks)

    async def _next_batch(self) -> list[Row]:
        """Empty where there are no more."""
        size = self._service.batch
        while len(self._read) < size and self._read_to is not None:
            rows = await self._read_media(self._read_to)
            self._read += rows
            self._read_to = rows[-1]["id"] if rows else None
        batch, self._read = self._read[:size], self._read[size:]
        return batch

    async def _read_media(self, after: int) -> list[Row]:
        done = self._position.ranges
        return await self._transact(lambda writer: next_needing_tags(writer, self._scope, after, done, READ_AT_ONCE))

    async def _store_answers(self) -> None:
        """Those that are there, several in one transaction."""
        while done := self._answered():
            found = [one for task in done for one in task.result()]
            for task in done:
                self._position.end(self._tasks.pop(task))
            self._counts = await self._store(found)

    def _answered(self) -> list[asyncio.Task[Answered]]:
        most = ITEMS_OF_AN_EDIT // self._service.batch
        return [task for task in self._tasks if task.done()][:most]

    async def _store(self, found: Answered) -> JobCounts:
        """Writes what was said, with where to go on; the counts after it."""
        tags = [one.found for one in found if isinstance(one.found, FoundTags)]
        state = {"startedAt": self._started, **self._position.as_state()}

        async def work(writer: Writer) -> tuple[list[Result], JobCounts]:
            results = await store_tags(writer, tags, datetime.now(UTC)) if tags else []
            counts = counts_after_tags(self._counts, found, results)
            await self._context.save(writer, state, counts)
            return results, counts

        results, counts = await self._transact(work)
        for one in found:
            if isinstance(one.found, CatalogError):
                self._tell(one.media, one.found.extensions["code"], str(one.found))
        for result in results:
            if result.status is Status.FAILED:
                self._tell(tags[result.place].media, result.code, result.message)
        return counts

    def _tell(self, media: int, code: object, message: str | None) -> None:
        self._context.log(f"{format_id('media', media)}: {code}: {message}", JobLogLevel.WARNING)


def scope_of_tagging(parameters: TagParameters, started: datetime) -> TaggingScope:
    days = parameters.older_than_days
    return TaggingScope(
        parameters.library_id,
        parameters.media,
        None if parameters.kind is None else parameters.kind.value,
        None if days is None else started - timedelta(days=days),
    )


def counts_after_tags(before: JobCounts, found: Answered, results: Sequence[Result]) -> JobCounts:
    outcomes = Counter(before.by_outcome) + Counter(
        result.status.value.lower() for result in results if result.status is not Status.FAILED
    )
    codes = Counter(before.by_code) + Counter(
        [str(one.found.extensions["code"]) for one in found if isinstance(one.found, CatalogError)]
        + [str(result.code) for result in results if result.status is Status.FAILED]
    )
    return JobCounts(outcomes.total(), codes.total(), dict(outcomes), dict(codes))


def check_tagging(parameters: TagParameters) -> None:
    """BAD_ARGUMENT."""
    if parameters.older_than_days is not None and not 0 <= parameters.older_than_days <= 36_500:
        raise CatalogError(Code.BAD_ARGUMENT, "olderThanDays is a number from 0 to 36500.")
    if parameters.older_than_days is not None and parameters.media is not None:
        raise CatalogError(Code.BAD_ARGUMENT, "Media that are given are tagged in any case: leave olderThanDays out.")


TAG_MEDIA = JobKind(
    name=TAG_NAME,
    description="Asks the tagger for media that it has not tagged yet, and adds the tags and categories that it gives.",
    parameters=TagParameters,
    run=tag_media,
    check=check_tagging,
    library=lambda parameters: parameters.library_id,
    # Runs of different libraries share the tagger's limit, and have no media in common.
    exclusive_key=lambda parameters: (
        None if parameters.media is not None else f"{TAG_NAME} {parameters.library_id or ''}"
    ),
)
