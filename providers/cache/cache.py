"""The cache of what providers answer. One a process, over one of the back ends.

    cached = await cache.get_or_load(CacheKey("default", "tmdb", "movie/550", {}), load, CachePolicy(ttl=86400))

What is not there is loaded once, however many ask for it in however many processes. Where the back end fails, whatever
is asked for is loaded."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from random import uniform
from typing import Any, TypeAlias
from uuid import uuid4

import orjson

from providers.cache.entry import Entry, EntryError, entry_of, size_of
from providers.cache.flights import Flights
from providers.cache.guarded_store import STATISTICS_SECONDS, STORE_SECONDS, GuardedStore
from providers.cache.statistics import CacheStatistics, statistics_of
from providers.cache.store import Counts, Group, Selection, Store, parts_of
from providers.statistics import Statistics

Load: TypeAlias = Callable[[], Awaitable[bytes | None]]

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
MAX_CALL = 200
# Who waits for what another process loads looks so often, in seconds.
FIRST_LOOK, LAST_LOOK = 0.02, 0.25
# Uses and counts are noted before an entry is written, after so many seconds, or when there are so many.
NOTE_SECONDS, MAX_NOTED = 5.0, 500
# What is stale and could not be loaded anew is tried again after so many seconds; so many of them are remembered.
REFRESH_PAUSE, MAX_RESTING = 5.0, 10_000


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What was asked for. namespace: the tenant; call: a path, by whose beginning entries can be cleared; parameters:
    what JSON can hold, in any order, and no secrets' names or values."""

    namespace: str
    provider: str
    call: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Raises ValueError for a part that cannot stand in a key."""
        if not NAME.fullmatch(self.namespace) or not NAME.fullmatch(self.provider):
            raise ValueError("namespace and provider are of a-z, 0-9, _ . and -, at most 63 letters")
        if not 0 < len(self.call) <= MAX_CALL or not self.call.isprintable():
            raise ValueError(f"a call has 1 to {MAX_CALL} letters, all of them printable")
        canonical = orjson.dumps(self.parameters, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        return f"{self.namespace}/{self.provider}/{self.call}/{blake2b(canonical, digest_size=16).hexdigest()}"


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """For how long an answer is good, in seconds.

    ttl: served as it is, up to `jitter` of this less, by chance, so that not all expire at once;
    stale: after that it is still served while it is loaded anew in the background;
    negative_ttl: for "there is nothing", which is never served stale; 0 keeps none;
    lease: as long as a process may load before others do too."""

    ttl: float
    stale: float = 0.0
    negative_ttl: float = 0.0
    jitter: float = 0.1
    lease: float = 30.0


@dataclass(frozen=True, slots=True)
class Cached:
    """An answer; `None` where there is nothing. was_hit: it was not loaded for who asks now."""

    value: bytes | None
    is_stale: bool = False
    was_hit: bool = False


class Cache:
    """`is_enabled`: if not, everything is loaded and nothing kept. `now`: seconds since 1970. `statistics`: of this
    process, where hits and misses are counted too. `patience`: seconds that the back end may take."""

    def __init__(
        self,
        store: Store,
        *,
        is_enabled: bool = True,
        now: Callable[[], float] = time.time,
        statistics: Statistics | None = None,
        patience: float = STORE_SECONDS,
    ) -> None:
        self.is_enabled = is_enabled
        self._process = statistics or Statistics()
        self._store = GuardedStore(store, now, patience)
        self._now = now
        self._flights: Flights[Cached] = Flights()
        self._uses: dict[str, float] = {}
        self._counts: dict[Group, Counts] = {}
        self._rest_until: dict[str, float] = {}
        self._noted_at = now()
        self._noting: asyncio.Task[None] | None = None

    async def get_or_load(self, key: CacheKey, load: Load, policy: CachePolicy) -> Cached:
        """What is kept under the key, else what `load` gives: bytes, or None for "there is nothing". Raises what
        `load` raises, of which nothing is kept.

        `load` may go on after this has returned, or for others after this was cancelled: it uses nothing of a
        request."""
        text = key.text
        if not self.is_enabled:
            return Cached(await load())
        found = await self._read(text)
        if found is None:
            self._count(text, misses=1)
            return await self._flights.join(text, lambda: self._load_once(text, load, policy))
        self._count(text, hits=1)
        if found.is_stale and self._may_refresh(text):
            self._flights.begin(text, lambda: self._refresh(text, load, policy, found))
        self._note_soon()
        return found

    async def get(self, key: CacheKey) -> Cached | None:
        """What is kept under the key, for who asks for many at a time; None where nothing is."""
        if not self.is_enabled:
            return None
        text = key.text
        found = await self._read(text)
        self._count(text, hits=int(found is not None), misses=int(found is None))
        self._note_soon()
        return found

    async def put(self, key: CacheKey, value: bytes | None, policy: CachePolicy) -> None:
        """Keeps one of the answers that came with one call."""
        if self.is_enabled:
            await self._keep(key.text, value, policy)

    async def clear(self, selection: Selection) -> int:
        """Deletes entries; how many there were. Raises what the back end raises: who clears wants to know."""
        return await self._store.store.clear(selection, self._now())

    async def statistics(self) -> CacheStatistics:
        """What there is, of all processes; of entries nothing where the back end fails."""
        if not self.is_enabled:
            return statistics_of(self._store, None, is_enabled=False)
        await self._note()
        ask = self._store.attempt(lambda store: store.statistics(self._now()), None, STATISTICS_SECONDS)
        groups = await ask
        return statistics_of(self._store, groups, is_enabled=True)

    @property
    def is_loading(self) -> bool:
        """Whether anything is loaded at the moment, for somebody or in the background."""
        return self._flights.number > 0

    async def close(self) -> None:
        """Ends what is loaded in the background, and the back end's connections."""
        await self._flights.close()
        if self._noting is not None:
            await asyncio.wait([self._noting])
        await self._note()
        await self._store.store.close()

    async def _read(self, text: str) -> Cached | None:
        entry = await self._store.attempt(lambda store: store.read(text), None)
        now = self._now()
        if entry is None or entry.stale_until <= now:
            return None
        try:
            value = entry.value(self._store.store.bounds.bytes)
        except EntryError as error:
            self._store.failed(error)
            return None
        self._uses[text] = now
        return Cached(value, is_stale=entry.expires_at <= now, was_hit=True)

    async def _load_once(self, text: str, load: Load, policy: CachePolicy) -> Cached:
        """What another process has loaded meanwhile, or what is loaded now."""
        holder = uuid4().hex
        patience, pause = policy.lease, FIRST_LOOK
        while patience > 0 and not await self._take_lease(text, holder, policy):
            await asyncio.sleep(pause)
            patience -= pause
            pause = min(pause * 2, LAST_LOOK)
            if (found := await self._read(text)) is not None:
                return found
        try:
            # It may have been stored between the first look and the lease.
            return await self._read(text) or await self._load(text, load, policy)
        finally:
            await self._release_lease(text, holder)

    async def _refresh(self, text: str, load: Load, policy: CachePolicy, found: Cached) -> Cached:
        """Loads anew what is stale, unless another process does. It stays where that fails, for a while untried."""
        holder = uuid4().hex
        self._rest_until[text] = self._now() + REFRESH_PAUSE
        if not await self._take_lease(text, holder, policy):
            return found
        try:
            newer = await self._read(text)
            newer = newer if newer and not newer.is_stale else await self._load(text, load, policy)
            self._rest_until.pop(text, None)
            return newer
        except Exception as error:
            self._store.warn(f"An answer of {parts_of(text).provider} stays stale", error)
            return found
        finally:
            await self._release_lease(text, holder)

    def _may_refresh(self, text: str) -> bool:
        """Not at once after a try that failed, or while another process does: each hit would try again."""
        now = self._now()
        if len(self._rest_until) > MAX_RESTING:
            self._rest_until = {key: until for key, until in self._rest_until.items() if until > now}
        return self._rest_until.get(text, 0.0) <= now

    async def _take_lease(self, text: str, holder: str, policy: CachePolicy) -> bool:
        """One that was asked for is not left behind by who is cancelled meanwhile: others would wait for its end."""
        lease = self._store.attempt(lambda store: store.take_lease(text, holder, self._now(), policy.lease), True)
        taking = asyncio.ensure_future(lease)
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.wait([taking])
            await self._release_lease(text, holder)
            raise

    async def _release_lease(self, text: str, holder: str) -> None:
        await self._store.attempt(lambda store: store.release_lease(text, holder), None)

    async def _load(self, text: str, load: Load, policy: CachePolicy) -> Cached:
        value = await load()
        await self._keep(text, value, policy)
        return Cached(value)

    async def _keep(self, text: str, value: bytes | None, policy: CachePolicy) -> None:
        ttl = policy.negative_ttl if value is None else policy.ttl
        if ttl > 0:
            expires_at = self._now() + ttl * uniform(1 - policy.jitter, 1)
            stale = 0.0 if value is None else policy.stale
            await self._write(text, entry_of(value, expires_at, expires_at + stale))

    async def _write(self, text: str, entry: Entry) -> None:
        if size_of(text, entry) <= self._store.store.bounds.entry_bytes:
            await self._note()  # so that what makes room is what was used least recently
            await self._store.attempt(lambda store: store.write(text, entry, self._now()), None)

    def _count(self, text: str, *, hits: int = 0, misses: int = 0) -> None:
        group = parts_of(text).group
        self._counts.setdefault(group, Counts()).add(Counts(hits, misses))
        of_process = self._process.of(group.provider)
        of_process.cache_hits += hits
        of_process.cache_misses += misses

    def _note_soon(self) -> None:
        is_due = len(self._uses) >= MAX_NOTED or self._now() - self._noted_at >= NOTE_SECONDS
        if is_due and (self._noting is None or self._noting.done()):
            self._noting = asyncio.get_running_loop().create_task(self._note())

    async def _note(self) -> None:
        """Notes uses and counts. What a failing back end does not take of them is lost."""
        uses, self._uses = self._uses, {}
        counts, self._counts = self._counts, {}
        self._noted_at = self._now()
        if uses or counts:
            await self._store.attempt(lambda store: store.note(uses, counts), None)
