"""Limits that all processes of all instances share through PostgreSQL.

A call reserves the next free moment by one short statement, which says how long to wait for it; nothing is held while
one waits. No two reservations are the same, whoever makes them: they update one row one after the other.

Requests go before work in the background: that has half of the places alone, and reserves moments that are evenly
spaced, and none further ahead than AHEAD_SECONDS, until when it holds nothing. So a request waits for the next moment
after these, however much work there is."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from math import inf
from uuid import UUID, uuid4

from database.pool import Pool
from database.row import Row
from database.session import Session
from database.statement import Statement, plain
from domain.errors import CatalogError, Code
from providers.errors import ProviderError
from providers.provider import Provider, RateLimit

log = logging.getLogger("marquee.providers")

# Leases are renewed three times before they expire: a process that is stopped for longer loses them.
LEASE_SECONDS, RENEWAL_SECONDS = 30.0, 10.0
# Between two looks for a free lease of another process; one of this process is told of.
SHORTEST_LOOK, LONGEST_LOOK = 0.05, 0.5
AHEAD_SECONDS = 0.5
LONGEST_WAIT = 10 * 365 * 86400.0

# The next moment: now, after a pause that was asked for, and a window after the call before as many as are allowed.
# $1: provider, $2: calls, $3: seconds of a window, $4: seconds that may be waited. No row where it would be longer.
# $5: by so many seconds the call may come late, so that it is noted as that much later, which is what others wait for;
# $6: seconds between it and the call before.
RESERVE = """
INSERT INTO provider_limit AS l (provider, slots)
VALUES ($1, ARRAY[clock_timestamp() + $5::float8 * interval '1 second'])
ON CONFLICT (provider) DO UPDATE SET slots = (l.slots || greatest(
        clock_timestamp(), l.blocked_until, l.slots[cardinality(l.slots)] + $6::float8 * interval '1 second',
        l.slots[cardinality(l.slots) - $2::integer + 1] + $3::float8 * interval '1 second'
    ) + $5 * interval '1 second')[greatest(cardinality(l.slots) - $2 + 2, 1):]
WHERE greatest(
        l.blocked_until, l.slots[cardinality(l.slots)] + $6 * interval '1 second',
        l.slots[cardinality(l.slots) - $2 + 1] + $3 * interval '1 second'
    ) <= clock_timestamp() + $4::float8 * interval '1 second'
RETURNING greatest(extract(epoch FROM l.slots[cardinality(l.slots)] - clock_timestamp()) - $5, 0)::float8
"""

# How long the next call would have to wait.
NEXT = """
SELECT greatest(extract(epoch FROM greatest(
    l.blocked_until, l.slots[cardinality(l.slots)] + $4::float8 * interval '1 second',
    l.slots[cardinality(l.slots) - $2::integer + 1] + $3::float8 * interval '1 second'
) - clock_timestamp()), 0)::float8 FROM provider_limit l WHERE l.provider = $1
"""

BLOCK = """
INSERT INTO provider_limit AS l (provider, slots, blocked_until)
VALUES ($1, '{}', clock_timestamp() + $2::float8 * interval '1 second')
ON CONFLICT (provider) DO UPDATE SET blocked_until = greatest(l.blocked_until, excluded.blocked_until)
RETURNING true
"""

# A lease of the first $2 that nobody has, or whose holder has died. Two who choose the same one: the second gets no
# row. Where they begin to look ($5) varies, so that this is rare.
TAKE_LEASE = """
INSERT INTO provider_lease AS l (provider, number, holder, expires_at)
SELECT $1, n, $3::uuid, clock_timestamp() + $4::float8 * interval '1 second'
FROM generate_series(1, $2::integer) n
WHERE NOT EXISTS (
    SELECT FROM provider_lease o WHERE o.provider = $1 AND o.number = n AND o.expires_at > clock_timestamp()
)
ORDER BY (n + $5::integer) % $2 LIMIT 1
ON CONFLICT (provider, number) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
WHERE l.expires_at <= clock_timestamp()
RETURNING l.number
"""

RENEW_LEASES = """
UPDATE provider_lease SET expires_at = clock_timestamp() + $2::float8 * interval '1 second'
WHERE holder = any($1::uuid[]) RETURNING holder
"""

GIVE_LEASE_BACK = """
UPDATE provider_lease SET expires_at = '-infinity' WHERE provider = $1 AND holder = $2::uuid RETURNING number
"""

RESERVE_STATEMENT = plain("provider_reserve", RESERVE)
NEXT_STATEMENT = plain("provider_next", NEXT)
BLOCK_STATEMENT = plain("provider_block", BLOCK)
TAKE_STATEMENT = plain("provider_take_lease", TAKE_LEASE)
RENEW_STATEMENT = plain("provider_renew_leases", RENEW_LEASES)
GIVE_BACK_STATEMENT = plain("provider_give_lease_back", GIVE_LEASE_BACK)


class SharedLimiter:
    """The limits of this process's calls. sleep, clock: of the event loop, others in tests."""

    def __init__(
        self,
        pool: Pool,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] | None = None,
        lease_seconds: float = LEASE_SECONDS,
        renewal_seconds: float = RENEWAL_SECONDS,
    ) -> None:
        self._pool = pool
        self._sleep = sleep
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._lease_seconds = lease_seconds
        self._renewal_seconds = renewal_seconds
        self._leases: set[UUID] = set()
        self._renewing: asyncio.Task[None] | None = None
        self._giving_back: set[asyncio.Task[None]] = set()
        self._freed: dict[str, asyncio.Event] = {}
        self._asking: dict[str, asyncio.Lock] = {}  # of calls in the background
        self._fastest = inf  # seconds of the fastest reservation
        self.late = 0  # moments that were missed

    async def close(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait([self._renewing])
            self._renewing = None
        await asyncio.gather(*self._giving_back, return_exceptions=True)

    async def turn(self, provider: Provider, deadline: float | None) -> float:
        """Returns at a moment that was reserved.

        One that was missed, because this process or its machine was busy, is given up: a call that comes late
        would come together with those that follow. The next one may be missed by twice as much, so that a machine that
        stays busy comes to its turn, if slowly."""
        limit = provider.limits
        if limit is None:
            return 0.0
        started, allowance = self._clock(), 0.0
        reserve = self._reserve_ahead if provider.is_background else self._reserve
        while True:
            wait, delay = await reserve(provider, limit, deadline, allowance)
            answered = self._clock()
            if wait > 0:
                await self._sleep(wait)
            lateness = delay + (self._clock() - answered - wait)
            if lateness <= limit.seconds * limit.margin / 2 + allowance:
                return self._clock() - started
            allowance = 2 * lateness
            self.late += 1

    async def _reserve(
        self, provider: Provider, limit: RateLimit, deadline: float | None, allowance: float
    ) -> tuple[float, float]:
        """Seconds to wait for the next moment, and those by which its answer was late."""
        longest = LONGEST_WAIT if deadline is None else max(deadline - self._clock(), 0.0)
        if (reserved := await self._try(provider, limit, longest, allowance)) is not None:
            return reserved
        raise limited(provider.name, await self._next(provider, limit))

    async def _reserve_ahead(
        self, provider: Provider, limit: RateLimit, deadline: float | None, allowance: float
    ) -> tuple[float, float]:
        """The same, which is reserved shortly before. The calls of a process ask one after the other."""
        lock = self._asking.setdefault(provider.name, asyncio.Lock())
        try:
            async with asyncio.timeout_at(None if deadline is None else deadline - SHORTEST_LOOK):
                await lock.acquire()
        except TimeoutError:
            raise limited(provider.name, AHEAD_SECONDS) from None
        try:
            while (reserved := await self._try(provider, limit, AHEAD_SECONDS, allowance)) is None:
                wait = await self._next(provider, limit)
                if deadline is not None and self._clock() + wait > deadline:
                    raise limited(provider.name, wait)
                await self._sleep(max(wait - AHEAD_SECONDS * random.uniform(0.2, 0.8), SHORTEST_LOOK))
            return reserved
        finally:
            lock.release()

    async def _try(
        self, provider: Provider, limit: RateLimit, longest: float, allowance: float
    ) -> tuple[float, float] | None:
        """None where the next moment is later than that."""
        asked, spacing = self._clock(), limit.spacing(is_background=provider.is_background)
        values = provider.name, limit.calls, limit.window, longest, allowance, spacing
        rows = await self._send(RESERVE_STATEMENT, *values)
        taken = self._clock() - asked
        self._fastest = min(self._fastest, taken)
        return (float(rows[0][0]), taken - self._fastest) if rows else None

    async def _next(self, provider: Provider, limit: RateLimit) -> float:
        """For how long the next call would have to wait."""
        spacing = limit.spacing(is_background=provider.is_background)
        found = await self._send(NEXT_STATEMENT, provider.name, limit.calls, limit.window, spacing)
        return float(found[0][0]) if found else limit.seconds

    async def block(self, provider: Provider, seconds: float) -> None:
        if provider.limits is not None:
            await self._send(BLOCK_STATEMENT, provider.name, seconds)

    @asynccontextmanager
    async def place(self, provider: Provider, deadline: float | None) -> AsyncIterator[None]:
        limits = provider.limits
        places = None if limits is None else limits.places(is_background=provider.is_background)
        if places is None:
            yield
            return
        holder = await self._take_lease(provider.name, places, deadline)
        try:
            yield
        finally:
            # Also where the call is cancelled: else the lease would be missed until it expires.
            await self._given_back(provider.name, holder)

    async def _take_lease(self, provider: str, places: int, deadline: float | None) -> UUID:
        holder = uuid4()
        pause = SHORTEST_LOOK
        freed = self._freed.setdefault(provider, asyncio.Event())
        while True:
            freed.clear()
            values = provider, places, holder, self._lease_seconds, random.randrange(places)
            if await self._is_taken(values, provider, holder):
                self._leases.add(holder)
                self._renewing = self._renewing or asyncio.create_task(self._renew(), name="renew provider leases")
                return holder
            if deadline is not None and self._clock() + pause > deadline:
                raise limited(provider, pause)
            await self._wait(freed, pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, LONGEST_LOOK)

    async def _is_taken(self, values: Sequence[object], provider: str, holder: UUID) -> bool:
        try:
            return bool(await self._send(TAKE_STATEMENT, *values))
        except asyncio.CancelledError:
            await self._given_back(provider, holder)  # it may have been taken all the same
            raise

    async def _wait(self, freed: asyncio.Event, seconds: float) -> None:
        """Until a lease of this process is free, or for so long."""
        waits = [asyncio.ensure_future(freed.wait()), asyncio.ensure_future(self._sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _given_back(self, provider: str, holder: UUID) -> None:
        """Goes on where who waits for it is cancelled, until the limiter is closed at the latest."""
        task = asyncio.create_task(self._give_back(provider, holder))
        self._giving_back.add(task)
        task.add_done_callback(self._giving_back.discard)
        await asyncio.shield(task)

    async def _give_back(self, provider: str, holder: UUID) -> None:
        self._leases.discard(holder)
        try:
            await self._send(GIVE_BACK_STATEMENT, provider, holder)
        except CatalogError as error:
            log.warning("A lease of %s could not be given back, and expires: %s", provider, error)
        self._freed.setdefault(provider, asyncio.Event()).set()

    async def _renew(self) -> None:
        """Keeps the leases of this process, by one statement for all."""
        while True:
            await asyncio.sleep(self._renewal_seconds)
            if self._leases:
                try:
                    await self._send(RENEW_STATEMENT, list(self._leases), self._lease_seconds)
                except CatalogError as error:
                    log.warning("Leases of outside services could not be renewed: %s", error)

    async def _send(self, statement: Statement[Row], *values: object) -> Sequence[Row]:
        """By a connection that is given back at once."""
        session = Session(self._pool)
        try:
            return await session.fetch(statement, values)
        finally:
            await session.close()


def limited(provider: str, seconds: float) -> ProviderError:
    return ProviderError(
        Code.PROVIDER_LIMITED,
        f"{provider} may not be called for {seconds:.1f} seconds, because of its limit: try again then.",
        retry_after=seconds,
        is_transient=True,
        was_sent=False,
    )
