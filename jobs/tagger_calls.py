"""The calls of a run that tags media: several at once, waiting for a tagger that is to be left alone, and dividing a
batch that it cannot answer, so that a media fails by its own fault alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.tagging import FoundTags
from database.row import Row
from domain.errors import CatalogError, Code
from domain.ids import format_id
from jobs.kind import JobContext
from jobs.waits import ATTEMPTS, Waits
from providers.errors import ProviderError
from providers.tagger.messages import MediaCategory, TaggedMedia, TaggerMedia
from providers.tagger.service import TaggerService

# One media may be the cause of them.
BATCH_STATUSES = frozenset({400, 413, 422, 500})
BATCH_CODES = frozenset({Code.PROVIDER_BAD_ANSWER, Code.ANSWER_TOO_LARGE})
# No media is the cause of them: a wrong key, a wrong address.
SETUP_STATUSES = frozenset({401, 403, 404, 405})
# So many calls in a row, the first of a run, have failed: then the run ends.
FIRST_FAILURES = 20


@dataclass(frozen=True, slots=True)
class AskedMedia:
    """What the tagger says of a media, or why it says nothing."""

    media: int
    found: FoundTags | CatalogError


class TaggerCalls:
    """Of one attempt of a run. A tagger that has not answered a single call of it is not set up well, or not there: the
    run then ends, by the ProviderError of a call, and its media stay as they are."""

    def __init__(self, context: JobContext, service: TaggerService) -> None:
        self._service = service
        self._places = asyncio.Semaphore(service.parallel)
        self._has_answered = context.counts.succeeded > 0
        self._failures = 0
        self._ending: ProviderError | None = None
        self._waits = Waits(context)

    async def ask(self, batch: Sequence[Row]) -> list[AskedMedia]:
        """What is said of each media."""
        media = [media_of_row(row) for row in batch]
        async with self._places:
            found = await self._ask(media)
        return [as_asked(row["id"], one) for row, one in zip(batch, found, strict=True)]

    async def _ask(self, media: Sequence[TaggerMedia]) -> Sequence[TaggedMedia | ProviderError]:
        """Waits while the tagger is not called, which is no fault of these media; tries again what may pass."""
        attempts = 0
        while True:
            if self._ending is not None:  # what has waited for a place makes no call more
                raise self._ending
            try:
                found = await self._service.tag(media)
                self._has_answered = True
                self._waits.answered()
                return found
            except ProviderError as error:
                if error.is_withheld:
                    await self._waits.pause(error)
                    continue
                self._note(error)
                if len(media) > 1 and may_be_of_one(error):
                    half = len(media) // 2
                    return [*await self._ask(media[:half]), *await self._ask(media[half:])]
                attempts += 1
                if not error.is_transient or may_be_of_one(error) or attempts >= ATTEMPTS:
                    return [error] * len(media)

    def _note(self, error: ProviderError) -> None:
        self._failures += 1
        is_setup = error.status in SETUP_STATUSES
        if not self._has_answered and (is_setup or self._failures >= FIRST_FAILURES):
            self._ending = error
            raise error


def may_be_of_one(error: ProviderError) -> bool:
    """Whether one media of a batch may be the cause."""
    return error.status in BATCH_STATUSES or error.code in BATCH_CODES


def media_of_row(row: Row) -> TaggerMedia:
    return TaggerMedia(
        format_id("media", row["id"]),
        row["kind"],
        row["title"],
        row["original_title"],
        row["year"],
        row["overview"],
        row["series"],
        row["season_number"],
        row["episode_number"],
        row["genres"],
        row["tags"],
        [MediaCategory(category, value) for category, value in row["categories"]],
    )


def as_asked(media: int, found: TaggedMedia | ProviderError) -> AskedMedia:
    if isinstance(found, ProviderError):
        return AskedMedia(media, found)
    categories = [(one.category, one.value) for one in found.categories]
    return AskedMedia(media, FoundTags(media, found.tags, categories))
