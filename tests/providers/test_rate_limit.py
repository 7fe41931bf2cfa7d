"""Limits that all processes share: moments are reserved, leases taken, and nothing is held meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from database.pool import Pool
from database.session import Session
from domain.errors import Code
from providers.errors import ProviderError
from providers.provider import Provider, RateLimit
from providers.rate_limit import AHEAD_SECONDS, SharedLimiter
from tests.support.pools import open_test_pool

WINDOW = 103.0  # of a limit of 100 seconds, 3 % longer

# Each moment that is reserved, and when it was.
NOTE_TURNS = """
CREATE TABLE turn (moment timestamptz NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE FUNCTION note_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO turn VALUES (NEW.slots[cardinality(NEW.slots)]);
    RETURN NULL;
END $$;
CREATE TRIGGER noted AFTER INSERT OR UPDATE OF slots ON provider_limit FOR EACH ROW EXECUTE FUNCTION note_turn();
"""
MOMENTS = "SELECT array_agg(extract(epoch FROM s)::float8) FROM provider_limit, unnest(slots) s"


def provider(calls: int = 3, parallel: int | None = None, seconds: float = 100.0) -> Provider:
    return Provider("films", "https://films.example", RateLimit(calls, seconds, parallel))


@pytest.fixture
async def pool(writer: ConnectArgs) -> AsyncIterator[Pool]:
    async with open_test_pool(writer, max=4) as found:
        yield found


class Sleeps(list[float]):
    """Sleeps that take no time; they note how long they would have been. late: seconds by which they end too late."""

    def __init__(self) -> None:
        self.now = 0.0
        self.late: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        if self.late:
            self.now += seconds + self.late.pop(0)

    def clock(self) -> float:
        return self.now


def limiter(pool: Pool, sleeps: Sleeps, **given: Any) -> SharedLimiter:
    return SharedLimiter(pool, sleep=sleeps, clock=sleeps.clock, **given)


async def test_all_who_call_share_one_row_of_moments(pool: Pool) -> None:
    sleeps = Sleeps()
    limiters = [limiter(pool, sleeps) for _ in range(4)]

    await asyncio.gather(*(limiters[i % 4].turn(provider(), None) for i in range(10)))

    # Three at once, and three more for each window; the seconds that the test takes are less to wait.
    assert len(sleeps) == 7
    for place, seconds in enumerate(sorted(sleeps), start=3):
        assert place // 3 * WINDOW - 60 < seconds <= place // 3 * WINDOW


async def test_the_moments_of_a_limit_are_exactly_a_window_apart(connection: Any, pool: Pool) -> None:
    sleeps = Sleeps()
    one = limiter(pool, sleeps)
    seen: set[float] = set()

    for _ in range(9):
        await one.turn(provider(), None)
        seen |= set(
            await connection.fetchval(
                "SELECT array_agg(extract(epoch FROM s)::float8) FROM provider_limit, unnest(slots) s"
            )
        )

    moments = sorted(seen)
    assert len(moments) == 9
    assert all(later - earlier >= WINDOW - 1e-5 for earlier, later in zip(moments, moments[3:], strict=False))
    assert await connection.fetchval("SELECT cardinality(slots) FROM provider_limit") == 3


async def test_other_providers_are_not_waited_for(pool: Pool) -> None:
    sleeps = Sleeps()
    one = limiter(pool, sleeps)
    await one.turn(provider(1), None)

    await one.turn(Provider("others", "https://others.example", RateLimit(1, 100)), None)
    await one.turn(Provider("free", "https://free.example"), None)

    assert sleeps == []


async def test_who_cannot_wait_so_long_is_told_and_takes_no_turn(connection: Any, pool: Pool) -> None:
    sleeps = Sleeps()
    one = limiter(pool, sleeps)
    await one.turn(provider(1), None)
    before = await connection.fetchval("SELECT slots FROM provider_limit")

    with pytest.raises(ProviderError) as error:
        await one.turn(provider(1), 40.0)

    assert (error.value.code, error.value.is_transient, error.value.was_sent) == (Code.PROVIDER_LIMITED, True, False)
    assert error.value.retry_after is not None
    assert 40 < error.value.retry_after <= WINDOW
    assert await connection.fetchval("SELECT slots FROM provider_limit") == before
    assert sleeps == []


async def test_a_pause_that_a_service_asks_for_holds_for_all(pool: Pool) -> None:
    sleeps = Sleeps()
    one, other = limiter(pool, sleeps), limiter(pool, sleeps)

    await one.block(provider(), 500.0)
    await one.block(provider(), 1.0)
    await other.turn(provider(), None)

    assert len(sleeps) == 1
    assert 440 < sleeps[0] <= 500


async def test_a_smaller_limit_holds_from_its_first_call_on(pool: Pool) -> None:
    sleeps = Sleeps()
    one = limiter(pool, sleeps)
    for _ in range(3):
        await one.turn(provider(3), None)

    await one.turn(provider(1), None)

    assert len(sleeps) == 1
    assert 40 < sleeps[0] <= WINDOW


async def test_a_moment_that_was_missed_is_given_up(pool: Pool) -> None:
    """What is late by more than half of the margin would come together with the calls of the next window."""
    sleeps = Sleeps()
    sleeps.late = [1.6, 1.4]
    one = limiter(pool, sleeps)
    await one.turn(provider(1), None)

    await one.turn(provider(1), None)

    assert (len(sleeps), one.late) == (2, 1)
    assert WINDOW < sleeps[1] <= 2 * WINDOW


async def test_a_machine_that_is_always_late_comes_to_its_turn_and_the_next_ones_wait_for_it(
    connection: Any, pool: Pool
) -> None:
    sleeps = Sleeps()
    sleeps.late = [5.0] * 100
    one = limiter(pool, sleeps)
    await one.turn(provider(1), None)  # at once

    await one.turn(provider(1), None)

    assert (len(sleeps), one.late) == (2, 1)
    # The call came up to ten seconds after its moment, which is noted.
    [noted] = await connection.fetchval(MOMENTS.replace("s)::float8", "s - clock_timestamp())::float8"))
    assert sleeps[1] + 10 - 60 < noted <= sleeps[1] + 10


async def test_waiting_holds_no_connection(pool: Pool) -> None:
    active: list[tuple[int, int]] = []

    async def sleep(seconds: float) -> None:
        active.append((pool.statistics.active, pool.statistics.waiting))

    one = SharedLimiter(pool, sleep=sleep)
    await asyncio.gather(*(one.turn(provider(1), None) for _ in range(20)))
    await asyncio.gather(*(one.turn(provider(1), None) for _ in range(1)))

    assert len(active) == 20
    assert active[-1] == (0, 0)


async def test_work_in_the_background_is_evenly_spaced_and_reserves_nothing_far_ahead(
    connection: Any, pool: Pool
) -> None:
    """Ten calls in 2 seconds, 3 % longer: one each 0.206 seconds."""
    await connection.execute(NOTE_TURNS)
    work = replace(provider(10, seconds=2.0), is_background=True)
    workers = [SharedLimiter(pool, clock=lambda: 0.0) for _ in range(2)]

    await asyncio.gather(*(workers[number % 2].turn(work, None) for number in range(12)))

    turns = await connection.fetch("SELECT moment, extract(epoch FROM moment - at)::float8 FROM turn ORDER BY moment")
    gaps = [(later[0] - first[0]).total_seconds() for first, later in pairwise(turns)]
    assert len(turns) == 12
    assert min(gaps) >= 0.206 - 1e-5
    assert max(turn[1] for turn in turns) <= AHEAD_SECONDS


async def test_a_request_has_the_next_moment_and_a_place_however_much_work_there_is(
    connection: Any, pool: Pool
) -> None:
    """Two processes have forty calls each that wait for their turn."""
    limited = provider(10, parallel=4, seconds=1.0)
    work = replace(limited, is_background=True)
    workers = [SharedLimiter(pool, clock=lambda: 0.0) for _ in range(2)]
    turns = 0

    async def call(one: SharedLimiter) -> None:
        nonlocal turns
        while True:
            async with one.place(work, None):
                await one.turn(work, None)
                turns += 1

    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(seconds)

    web = SharedLimiter(pool, sleep=sleep, clock=lambda: 0.0)
    tasks = [asyncio.create_task(call(one)) for one in workers for _ in range(40)]
    for number in range(1, 4):
        while turns < 10 * number:  # so many as to fill the window
            await asyncio.sleep(0.005)
        async with web.place(limited, 0.3):  # there is one at once, or after two choose the same one
            await web.turn(limited, None)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    # What was reserved before, and a space for each request of the window.
    assert max(waits, default=0.0) <= AHEAD_SECONDS + 4 * RateLimit(10, 1.0).spacing(is_background=True)
    for one in (*workers, web):
        await one.close()


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await what():
            await asyncio.sleep(0.01)


async def test_no_more_calls_run_at_once_than_the_limit_says(pool: Pool) -> None:
    limiters = [SharedLimiter(pool) for _ in range(3)]
    running, most = 0, 0

    async def call(number: int) -> None:
        nonlocal running, most
        async with limiters[number % 3].place(provider(parallel=2), None):
            running += 1
            most = max(most, running)
            while most < 2:  # until another one has its place too
                await asyncio.sleep(0.001)
            running -= 1

    async with asyncio.timeout(60):
        await asyncio.gather(*(call(number) for number in range(12)))

    assert (most, running) == (2, 0)
    for one in limiters:
        await one.close()


async def test_a_call_that_is_cancelled_gives_its_place_back(pool: Pool) -> None:
    one, other = SharedLimiter(pool), SharedLimiter(pool)
    inside = asyncio.Event()

    async def call() -> None:
        async with one.place(provider(parallel=1), None):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(call())
    await inside.wait()
    with pytest.raises(ProviderError) as error:
        async with other.place(provider(parallel=1), asyncio.get_running_loop().time()):
            pass
    assert (error.value.code, error.value.was_sent) == (Code.PROVIDER_LIMITED, False)
    task.cancel()
    await asyncio.wait([task])

    async with asyncio.timeout(30), other.place(provider(parallel=1), None):
        pass
    await one.close()
    await other.close()


async def test_a_call_that_is_cancelled_while_it_takes_its_place_leaves_none_behind(
    connection: Any, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = SharedLimiter(pool)
    fetch, taken = Session.fetch, asyncio.Event()

    async def slow(session: Session, statement: Any, values: Any) -> Any:
        """The place is taken, and the answer still under way."""
        rows = await fetch(session, statement, values)
        if statement.name == "provider_take_lease":
            taken.set()
            await asyncio.Event().wait()
        return rows

    async def call() -> None:
        async with one.place(provider(parallel=1), None):
            pass

    monkeypatch.setattr(Session, "fetch", slow)
    task = asyncio.create_task(call())
    await taken.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await connection.fetchval("SELECT count(*) FROM provider_lease WHERE expires_at > now()") == 0
    await one.close()


async def test_the_place_of_a_process_that_has_died_is_free_when_its_lease_expires(connection: Any, pool: Pool) -> None:
    await connection.execute(
        "INSERT INTO provider_lease VALUES ('films', 1, gen_random_uuid(), now() + interval '1 hour')"
    )
    one = SharedLimiter(pool)
    with pytest.raises(ProviderError):
        async with one.place(provider(parallel=1), asyncio.get_running_loop().time()):
            pass

    await connection.execute("UPDATE provider_lease SET expires_at = now() - interval '1 second'")
    async with one.place(provider(parallel=1), asyncio.get_running_loop().time()):
        pass
    await one.close()


async def test_a_lease_is_renewed_while_its_call_runs(connection: Any, pool: Pool) -> None:
    one = SharedLimiter(pool, lease_seconds=1000, renewal_seconds=0.01)

    async with one.place(provider(parallel=1), None):
        await connection.execute("UPDATE provider_lease SET expires_at = now() + interval '1 second'")

        async def is_renewed() -> bool:
            return bool(
                await connection.fetchval("SELECT expires_at > now() + interval '900 seconds' FROM provider_lease")
            )

        await until(is_renewed)
    await one.close()


async def test_a_call_is_three_statements_and_one_without_a_limit_of_parallel_calls(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    fetch = Session.fetch

    async def noted(session: Session, statement: Any, values: Any) -> Any:
        sent.append(statement.name)
        return await fetch(session, statement, values)

    monkeypatch.setattr(Session, "fetch", noted)
    one = limiter(pool, Sleeps())
    for limited in (provider(), provider(parallel=1)):
        async with one.place(limited, None):
            await one.turn(limited, None)

    assert sent == ["provider_reserve", "provider_take_lease", "provider_reserve", "provider_give_lease_back"]
    await one.close()
