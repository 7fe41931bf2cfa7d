"""Queries beside an import: pages asked for at a steady rate of one server's loop, undisturbed and while another
process imports, both in one run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import asyncpg

from app.errors import StartError
from app.http.application import create_service
from app.process.migrate import migrate
from app.process.open_pool import create_connector, open_pool
from app.service.graphql_service import Request, Service
from app.settings import CHECKOUT, Settings
from bench.importing.measure import LIBRARY, imported
from database.connect_args import ConnectArgs
from database.pool import Pool
from database.session import Session
from domain.text import fold
from domain.viewer import UNRESTRICTED

PAGE = "{ media(first: 20, orderBy: { field: TITLE }) { nodes { id title year tags { name } genres { name } } } }"
ITEMS = 10_000  # that are there, and that are imported
RATE = 20  # pages a second
SLICE = 40  # pages
SECONDS = 20.0  # of the undisturbed part
WARM_UP = 50  # pages whose times do not count
WANTED = 2.0  # how much longer the slowest twentieth may take beside an import


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds of each page from when it was due to its answer, and of the import that ran meanwhile, if any."""

    pages: Sequence[float]
    imported: float = 0.0

    def at(self, share: float) -> float:
        """The time within which this share of the pages of a slice was answered: the median of all slices, since others
        may use the machine now and then."""
        slices = [sorted(self.pages[at : at + SLICE]) for at in range(0, len(self.pages) - SLICE + 1, SLICE)]
        return median(one[int(SLICE * share)] for one in slices or [sorted(self.pages)])


async def asked(ask: Callable[[], Awaitable[None]], until: Callable[[], bool]) -> list[float]:
    """Seconds of pages that are each asked for when they are due, whether or not those before have been answered."""
    pages: list[asyncio.Task[float]] = []
    began = perf_counter()

    async def timed(due: float) -> float:
        await ask()
        return perf_counter() - due

    while not until():
        due = began + len(pages) / RATE
        await asyncio.sleep(max(due - perf_counter(), 0))
        pages.append(asyncio.create_task(timed(due)))
    return list(await asyncio.gather(*pages))


async def page(service: Service, pool: Pool) -> None:
    session = Session(pool)
    try:
        body = (await service.run(Request(PAGE, {}), session, UNRESTRICTED)).body
    finally:
        await session.close()
    if "errors" in body:
        raise StartError(f"a page has failed: {body['errors']}")


async def measure_queries(args: ConnectArgs, items: int = ITEMS, seconds: float = SECONDS) -> list[Latencies]:
    """Undisturbed, and beside an import; in an empty database, which is migrated and filled first."""
    await migrate(args)
    connection = await asyncpg.connect(**args.kwargs())
    await connection.execute(LIBRARY, "Bench", fold("Bench"))
    await asyncio.to_thread(imported, args, str(items))
    await connection.execute("VACUUM (ANALYZE)")
    await connection.close()
    settings = Settings(database_url=args.dsn)
    pool = open_pool(settings, create_connector(args, settings))
    await pool.start()
    try:
        service = create_service(settings)

        async def ask() -> None:
            await page(service, pool)

        for _ in range(WARM_UP):
            await ask()
        ends = perf_counter() + seconds
        alone = Latencies(await asked(ask, lambda: perf_counter() > ends))
        began = perf_counter()
        command = (sys.executable, "-m", "bench.importing.child", args.dsn, f"{items}-{2 * items}")
        child = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdout=asyncio.subprocess.DEVNULL)
        ended = asyncio.create_task(child.wait())
        beside = await asked(ask, ended.done)
        if await ended:
            raise StartError("the import beside the queries has failed.")
        return [alone, Latencies(beside, perf_counter() - began)]
    finally:
        await pool.close()


def query_rows(alone: Latencies, beside: Latencies) -> list[list[str]]:
    """The rows of the table, without its head."""
    named = (("alone", alone), ("beside an import", beside))
    rows = [
        [name, f"{len(one.pages):,}", *(f"{one.at(share) * 1000:.1f}" for share in (0.5, 0.95))] for name, one in named
    ]
    ratios = [f"{beside.at(share) / alone.at(share):.1f}" for share in (0.5, 0.95)]
    return [*rows, ["ratio", "", *ratios]]
