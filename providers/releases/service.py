"""The release index: what is asked of it, and for how long its answers are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import orjson

from domain.errors import Code
from providers.cache.cache import Cache, CacheKey, CachePolicy
from providers.client import OutboundClient
from providers.errors import ProviderError
from providers.metadata.fields import AnswerFields
from providers.provider import Call, Provider
from providers.releases.answers import IndexedRelease, parse_release, parse_releases

# For a week; a release that is not there yet may be there tomorrow.
RELEASE_POLICY = CachePolicy(ttl=604_800.0, negative_ttl=86_400.0)
READS_AT_ONCE = 20
BATCH_SIZE, RETRIES = 50, 3

# None: the index does not know it.
Finding: TypeAlias = IndexedRelease | ProviderError | None


class ReleaseIndex:
    """Asks the index, or the cache.

    batch_size: names in one call; retries: how often a call is made anew that was not answered in time, as often as the
    client itself makes others anew."""

    def __init__(
        self,
        client: OutboundClient,
        cache: Cache,
        provider: Provider,
        batch_size: int = BATCH_SIZE,
        retries: int = RETRIES,
    ) -> None:
        self._client = client
        self._cache = cache
        self._retries = retries
        self.provider = provider
        self.batch_size = batch_size

    @property
    def parallel(self) -> int:
        """How many calls may run at once."""
        limits = self.provider.limits
        return 1 if limits is None or limits.parallel is None else limits.parallel

    async def kept(self, category: str, names: Iterable[str]) -> dict[str, IndexedRelease | None]:
        """What the cache has of releases of a category, by name; those that it does not have are not there."""
        found: dict[str, IndexedRelease | None] = {}
        turn = asyncio.Semaphore(READS_AT_ONCE)

        async def read(name: str) -> None:
            async with turn:
                cached = await self._cache.get(self._key(category, name))
            if cached is not None:
                with suppress(ProviderError):  # what was kept by a version that knew other fields is asked for anew
                    found[name] = None if cached.value is None else self._read(cached.value)

        await asyncio.gather(*(read(name) for name in set(names)))
        return found

    async def analyse(self, category: str, names: Sequence[str]) -> Mapping[str, Finding]:
        """What the index says of each, by one call, of at most `batch_size` different ones; it is kept. ProviderError
        where it says nothing."""
        call = Call(
            "POST",
            "/releases/analyse",
            json={"category": category, "names": list(names)},
            is_repeatable=True,
            template="/releases/analyse",
        )
        said = parse_releases(await self._call(call), {name.strip() for name in names}, self.provider.name)
        findings: dict[str, Finding] = {name: said.get(name.strip()) for name in names}
        await asyncio.gather(*(self._keep(category, name, finding) for name, finding in findings.items()))
        return findings

    async def _call(self, call: Call) -> Any:
        left = self._retries
        while True:
            try:
                return (await self._client.call(self.provider, call)).json()
            except ProviderError as error:
                # The client does not try these again, since they take so long: whoever waits for minutes may.
                if error.code is not Code.PROVIDER_TIMEOUT or error.is_repeated or left == 0:
                    raise
                left -= 1

    async def _keep(self, category: str, name: str, finding: Finding) -> None:
        if not isinstance(finding, ProviderError):
            value = None if finding is None else finding.as_bytes()
            await self._cache.put(self._key(category, name), value, RELEASE_POLICY)

    def _read(self, value: bytes) -> IndexedRelease:
        return parse_release(AnswerFields(orjson.loads(value), "release", self.provider.name))

    def _key(self, category: str, name: str) -> CacheKey:
        parameters = {"category": category, "name": name, "at": self.provider.base_url}
        return CacheKey("default", self.provider.name, "release", parameters)
