"""The tagger: what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence

from providers.client import OutboundClient
from providers.errors import ProviderError
from providers.provider import Call, Provider
from providers.tagger.messages import MAX_BATCH, TaggedMedia, TaggerMedia, read_answer, request_of

PARALLEL_CALLS = 8  # where the provider has no such limit


class TaggerService:
    """Asks a tagger. batch: media of one call, up to MAX_BATCH. Answers are not kept: media that were tagged are marked
    as processed, and not sent again."""

    def __init__(self, client: OutboundClient, provider: Provider, batch: int = 20) -> None:
        if not 1 <= batch <= MAX_BATCH:
            raise ValueError(f"A tagger is sent 1 to {MAX_BATCH} media at once.")
        self._client = client
        self.provider = provider
        self.batch = batch

    @property
    def parallel(self) -> int:
        """Calls that may run at once."""
        limits = self.provider.limits
        return PARALLEL_CALLS if limits is None or limits.parallel is None else limits.parallel

    async def tag(
        self, media: Sequence[TaggerMedia], *, deadline: float | None = None
    ) -> list[TaggedMedia | ProviderError]:
        """What the tagger says of each media, in their order; ProviderError where the call fails as a whole.

        What it is asked for it may be asked for again: it does no more than say something."""
        call = Call("POST", "/tag", json=request_of(media), is_repeatable=True, template="/tag")
        answer = await self._client.call(self.provider, call, deadline=deadline)
        return read_answer(answer.json(), [one.id for one in media], self.provider.name)
