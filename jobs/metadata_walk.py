"""How runs go through media with the metadata service: which are due, and what it says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.metadata.refresh import MetadataFacts
from catalog.metadata.targets import RefreshScope, RefreshTarget, count_due, next_due, read_targets
from catalog.transaction import Writer
from domain.errors import CatalogError, Code
from jobs.job_position import JobPosition
from jobs.kind import JobContext
from jobs.metadata_facts import SharedCalls, facts_of
from jobs.waits import Waits, patiently
from jobs.walk import Walk
from providers.errors import ProviderError
from providers.metadata.service import MetadataService

CHUNK_OF_TARGETS = 50


@dataclass(frozen=True, slots=True)
class DueMedia:
    """target: None where it has been deleted in this moment."""

    id: int
    target: RefreshTarget | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the service says of a media, or why it says nothing."""

    media: int
    facts: MetadataFacts | None = None
    error: CatalogError | None = None


class MetadataWalk(Walk[DueMedia, Fetched | None]):
    """The media of a chunk share their calls, as the episodes of a season do."""

    def __init__(
        self, context: JobContext, service: MetadataService, scope: RefreshScope, position: JobPosition | None = None
    ) -> None:
        super().__init__(context, position)
        self._service = service
        self._scope = scope
        self._waits = Waits(context)
        self._calls = SharedCalls(service)
        self._prepared: asyncio.Task[None] | None = None

    async def count(self) -> int | None:
        return await self.transact(lambda writer: count_due(writer, self._scope))

    async def due(self) -> Sequence[Sequence[DueMedia]]:
        async def work(writer: Writer) -> list[DueMedia]:
            done = self.position.ranges
            due = await next_due(writer, self._scope, self.position.after, done, CHUNK_OF_TARGETS)
            targets = await read_targets(writer, due)
            return [DueMedia(id, targets.get(id)) for id in due]

        await self.end_calls()
        found = await self.transact(work)
        if found:
            self._calls = SharedCalls(self._service)
            # What all media need comes first, since its failure is no fault of theirs.
            self._prepared = asyncio.create_task(fetch_images(self._calls, self._waits))
        return [[one] for one in found]

    def id_of(self, item: DueMedia) -> int:
        return item.id

    async def ask(self, items: Sequence[DueMedia]) -> Fetched | None:
        """ProviderError where the service does not answer for too long."""
        target = items[0].target
        if target is None:
            return None
        assert self._prepared is not None
        await asyncio.shield(self._prepared)
        try:
            return Fetched(target.media, await patiently(self._waits, lambda: facts_of(self._calls, target)))
        except CatalogError as error:
            if self._waits.is_over or not is_of_media(error):
                raise
            return Fetched(target.media, error=error)

    async def end_calls(self) -> None:
        if self._prepared is not None:
            self._prepared.cancel()
            await asyncio.gather(self._prepared, return_exceptions=True)
        await self._calls.close()


def is_of_media(error: CatalogError) -> bool:
    """Whether the service has failed for a media, or knows nothing of it. A fault of the database is no media's."""
    return isinstance(error, ProviderError) or error.extensions["code"] == Code.NOT_FOUND


async def fetch_images(calls: SharedCalls, waits: Waits) -> None:
    """Whatever passes is waited for, as long as a run may wait."""
    while True:
        try:
            await calls.images()
            return waits.answered()
        except ProviderError as error:
            if not error.is_transient:
                raise
            await waits.pause(error)
