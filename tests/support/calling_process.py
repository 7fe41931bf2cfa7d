"""A process that calls a server within a shared limit.

`python -m tests.support.calling_process DATABASE URL CALLS SECONDS MARGIN PARALLEL TIMES`"""

from __future__ import annotations

import asyncio
import sys

from database.connect import ConnectOptions, Connector
from database.connect_args import ConnectArgs
from database.pool import Pool, PoolLimits
from providers.provider import Call, Provider, RateLimit
from providers.rate_limit import SharedLimiter
from tests.support.outbound import client_of


async def call(database: str, url: str, limit: RateLimit, times: int) -> None:
    connector = Connector(ConnectArgs(database), ConnectOptions())
    pool = Pool(connector.open, PoolLimits(min=0, max=2))
    await pool.start()
    provider = Provider("films", url, limit, allow_private=True)
    async with client_of(SharedLimiter(pool)) as client:
        await asyncio.gather(*(client.call(provider, Call(path="/a")) for _ in range(times)))
    await pool.close()


if __name__ == "__main__":
    calls, seconds, margin, parallel, times = sys.argv[3:8]
    limit = RateLimit(int(calls), float(seconds), int(parallel), float(margin))
    asyncio.run(call(sys.argv[1], sys.argv[2], limit, int(times)))
