"""The job that asks a tagger for many media, in batches, several at once, and writes what it says as it comes.

Calls go on while answers are stored, and a slow answer keeps no other one waiting: the tagger's limit sets the pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.process_claim import claim_media, remove_ended_claims
from catalog.tagging import (
    TAGGER_PROCESS,
    FoundTags,
    TaggingScope,
    count_needing_tags,
    next_needing_tags,
    store_tags,
)
from catalog.transaction import Writer
from database.row import Row
from domain.bounds import ITEMS_OF_AN_EDIT
from domain.enums import MediaKind
from domain.errors import CatalogError, Code
from domain.ids import format_id
from jobs.kind import ItemResult, JobContext, JobKind
from jobs.parameters import parameter
from jobs.tagger_calls import AskedMedia, TaggerCalls
from jobs.walk import Walk, result_of_item
from providers.services import configured
from providers.tagger.service import TaggerService

TAG_NAME = "tag_media"
READ_AT_ONCE = 200  # media that are read for the next batches


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
    counts = await TaggingWalk(context, service, parameters).to_end()
    return f"{counts.succeeded} tagged, {counts.failed} that could not be."


class TaggingWalk(Walk[Row, list[AskedMedia]]):
    """A chunk is a batch. As many are under way as are called at once, and as many that wait to be."""

    name = TAG_NAME

    def __init__(self, context: JobContext, service: TaggerService, parameters: TagParameters) -> None:
        super().__init__(context)
        self._started = context.state.get("startedAt", datetime.now(UTC).isoformat())
        self._scope = scope_of_tagging(parameters, datetime.fromisoformat(self._started))
        self._calls = TaggerCalls(context, service)
        self._batch = service.batch
        self.chunks_at_once = 2 * service.parallel
        self.chunks_a_transaction = ITEMS_OF_AN_EDIT // service.batch
        self._left = 0  # media that another run asks for
        self._read: list[Row] = []
        self._read_to: int | None = self.position.after  # None where there are no more

    async def count(self) -> int | None:
        async def work(writer: Writer) -> int:
            await remove_ended_claims(writer, TAGGER_PROCESS)
            return await count_needing_tags(writer, self._scope)

        return await self.transact(work)

    async def due(self) -> Sequence[Sequence[Row]]:
        while len(self._read) < self._batch and self._read_to is not None:
            await self._read_media(self._read_to)
        batch, self._read = self._read[: self._batch], self._read[self._batch :]
        return [batch] if batch else []

    async def _read_media(self, after: int) -> None:
        """The next ones, but for those that another run asks for at this time."""
        done, started = self.position.ranges, datetime.fromisoformat(self._started)

        async def work(writer: Writer) -> tuple[list[Row], set[int]]:
            rows = await next_needing_tags(writer, self._scope, after, done, READ_AT_ONCE)
            ids = [row["id"] for row in rows]
            return rows, await claim_media(writer, TAGGER_PROCESS, ids, self.context.run_id, started)

        rows, claimed = await self.transact(work)
        self._read += [row for row in rows if row["id"] in claimed]
        self._read_to = rows[-1]["id"] if rows else None
        self._left += len(rows) - len(claimed)
        if not rows and self._left:
            self.context.log(f"{self._left} media were left to another run that asks for them.")

    def id_of(self, item: Row) -> int:
        return int(item["id"])

    async def ask(self, items: Sequence[Row]) -> list[AskedMedia]:
        return await self._calls.ask(items)

    async def store(
        self, writer: Writer, answers: Sequence[list[AskedMedia]], undone: Sequence[Row]
    ) -> Sequence[ItemResult]:
        found = [one for batch in answers for one in batch]
        tags = [one.found for one in found if isinstance(one.found, FoundTags)]
        results = await store_tags(writer, tags, datetime.now(UTC)) if tags else []
        return [
            *(
                ItemResult.of_error(format_id("media", one.media), one.found)
                for one in found
                if isinstance(one.found, CatalogError)
            ),
            *(result_of_item(one, tags[one.place].media) for one in results),
        ]

    def state(self) -> Mapping[str, Any]:
        return {"startedAt": self._started, **super().state()}


def scope_of_tagging(parameters: TagParameters, started: datetime) -> TaggingScope:
    days = parameters.older_than_days
    return TaggingScope(
        parameters.library_id,
        parameters.media,
        None if parameters.kind is None else parameters.kind.value,
        None if days is None else started - timedelta(days=days),
    )


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
