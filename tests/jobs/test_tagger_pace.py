"""What sets the pace of tagging: the limit that all processes share, whatever the time that an answer takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from database.connect import Connector
from database.connect_args import ConnectArgs
from database.open_session import OPTIONS
from database.pool import Pool, PoolLimits
from jobs.kinds import KINDS
from jobs.tag_media import TAG_MEDIA, TagParameters
from providers.provider import Provider, RateLimit
from providers.rate_limit import SharedLimiter
from tests.support.factories import add_library
from tests.support.jobs import QUICK, queue, until_status, working
from tests.support.metadata_server import without_pauses
from tests.support.outbound import NoLimits
from tests.support.tagger_server import TaggerServer, add_untagged, tagger_server, tagger_services, until_so

ONE_RUN = replace(QUICK, slots=1)
# Each moment that is reserved, as the database has it.
NOTE_TURNS = """
CREATE TABLE turn (at timestamptz NOT NULL);
CREATE FUNCTION note_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO turn VALUES (NEW.slots[cardinality(NEW.slots)]);
    RETURN NULL;
END $$;
CREATE TRIGGER noted AFTER INSERT OR UPDATE OF slots ON provider_limit FOR EACH ROW EXECUTE FUNCTION note_turn();
"""


@pytest.fixture
async def tagger() -> AsyncIterator[TaggerServer]:
    async with tagger_server() as server:
        with without_pauses():
            yield server


@dataclass
class TurnsOfTest(NoLimits):
    """A limit by which the test gives each call its turn."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def turn(self, provider: Provider, deadline: float | None) -> float:
        await self.turns.acquire()
        return 0.0


# At 2 calls a second: of 0.1 s, 0.5 s and 2 s.
@pytest.mark.parametrize("turns_of_an_answer", [0, 1, 4])
async def test_each_turn_of_the_limit_is_taken_however_long_answers_take(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any, turns_of_an_answer: int
) -> None:
    """With each turn one call comes, while those before it are under way as long as their answers take: were one of
    them waited for, the call of a turn would never come."""
    await add_untagged(connection, 24, await add_library(connection))
    gates = tagger.gates = []
    limit = TurnsOfTest()
    run = await queue(writer, TAG_MEDIA, TagParameters())
    services = tagger_services(tagger, writer, limit, batch=2, limits=RateLimit(2, 1, 8))
    async with services as opened, working(writer, kinds=KINDS, services=opened):
        for turn in range(12):
            limit.turns.release()
            await until_so(lambda turn=turn: len(gates) == turn + 1)  # type: ignore[misc]
            if turn >= turns_of_an_answer:
                gates[turn - turns_of_an_answer].set()
            await until_so(lambda turn=turn: tagger.server.running == min(turn + 1, turns_of_an_answer))  # type: ignore[misc]
        for gate in gates:
            gate.set()
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")
    assert (row["succeeded"], row["failed"], len(tagger.sent)) == (24, 0, 12)
    assert tagger.server.most_running == turns_of_an_answer + 1


async def test_no_more_calls_run_at_once_than_may_and_none_holds_a_connection(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    await add_untagged(connection, 40, await add_library(connection))
    gates = tagger.gates = []
    run = await queue(writer, TAG_MEDIA, TagParameters())
    services = tagger_services(tagger, writer, batch=2, limits=RateLimit(1_000, 1, 3))
    async with services as opened, working(writer, kinds=KINDS, services=opened) as worker:
        await until_so(lambda: tagger.server.running == 3)
        await until_so(lambda: worker._pool.statistics.active == 0)  # a heartbeat may just have one
        for turn in range(20):
            await until_so(lambda turn=turn: len(gates) > turn)  # type: ignore[misc]
            gates[turn].set()
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")
    assert (row["succeeded"], len(tagger.sent), tagger.server.most_running) == (40, 20, 3)


@asynccontextmanager
async def limiter_of(args: ConnectArgs) -> AsyncIterator[SharedLimiter]:
    """As each process has one."""
    pool = Pool(Connector(args, OPTIONS).open, PoolLimits(min=0, max=3))
    await pool.start()
    try:
        yield SharedLimiter(pool)
    finally:
        await pool.close()


async def test_several_workers_share_one_limit(tagger: TaggerServer, writer: ConnectArgs, connection: Any) -> None:
    """Three of them, each with a run of its own: all have calls under way before one is answered."""
    await connection.execute(NOTE_TURNS)
    runs, sets = [], []
    for name in ("a", "b", "c"):
        library = await add_library(connection, name)
        sets.append({*await add_untagged(connection, 60, library)})
        runs.append(await queue(writer, TAG_MEDIA, TagParameters(library_id=library)))
    gates = tagger.gates = []
    limits = RateLimit(10, 0.1, margin=1.0)  # so large that a busy machine misses no turn
    async with AsyncExitStack() as stack:
        for _ in range(3):
            limiter = await stack.enter_async_context(limiter_of(writer))
            services = tagger_services(tagger, writer, limiter, batch=3, limits=limits)
            opened = await stack.enter_async_context(services)
            await stack.enter_async_context(working(writer, ONE_RUN, kinds=KINDS, services=opened))
        await until_so(lambda: all(any(batch[0] in one for batch in tagger.sent) for one in sets))
        tagger.gates = None
        for gate in gates:
            gate.set()
        rows = [await until_status(connection, run, "SUCCEEDED", "FAILED") for run in runs]

    assert [(row["succeeded"], row["failed"]) for row in rows] == [(60, 0)] * 3
    assert len(tagger.sent) == 60
    turns = [row[0] for row in await connection.fetch("SELECT at FROM turn ORDER BY at")]
    assert len(turns) >= 60  # one that is missed is given up, and another one taken
    gaps = [(later - first).total_seconds() for first, later in zip(turns, turns[10:], strict=False)]
    assert min(gaps) >= 0.1
