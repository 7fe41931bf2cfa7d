"""Two edits at once, of which one is stopped before one of its statements while the other goes as far as it can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

from catalog.transaction import Writer, transact
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED

Work: TypeAlias = Callable[[Writer], Any]
# What another edit may have done first.
ALLOWED = {"NOT_FOUND", "MERGED"}


class Stop:
    """Holds an edit up before its n-th statement, until it may go on."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.is_there, self.may_go = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> None:
        if self.left == 0:
            self.is_there.set()
            await self.may_go.wait()
        self.left -= 1


async def edit(args: ConnectArgs, work: Work, stop: Stop | None, pid: asyncio.Future[int] | None = None) -> None:
    """Does an edit by a transaction of its own; fails where it was in another one's way."""

    async def run(writer: Writer) -> None:
        fetch, copy_in = writer.fetch, writer.copy_in
        [[process]] = await fetch("SELECT pg_backend_pid()")
        if pid is not None and not pid.done():
            pid.set_result(process)

        async def held(text: str, *values: Any) -> Any:
            if stop is not None:
                await stop()
            return await fetch(text, *values)

        async def held_copy(*given: Any) -> int:
            if stop is not None:
                await stop()
            return await copy_in(*given)

        writer.fetch, writer.copy_in = held, held_copy  # type: ignore[method-assign, assignment]
        await work(writer)

    async with open_session(args) as session:
        try:
            await transact(session, UNRESTRICTED, "edit", run)
        except CatalogError as error:
            if error.extensions["code"] not in ALLOWED:
                raise


async def until_held_up(connection: Any, pid: int, running: asyncio.Task[None]) -> None:
    """Until an edit has ended, or waits for a lock."""
    while not running.done():
        if await connection.fetchval("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1", pid):
            return
        await asyncio.sleep(0.002)


async def meet(args: ConnectArgs, connection: Any, first: Work, second: Work, at: int) -> bool:
    """One edit is stopped before its n-th statement, the other one goes as far as it can; then both end. Whether the
    first has as many statements."""
    stop, pid = Stop(at), asyncio.get_running_loop().create_future()
    one = asyncio.create_task(edit(args, first, stop))
    reached = asyncio.create_task(stop.is_there.wait())
    await asyncio.wait([one, reached], return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()
    if one.done():
        await one
        return False
    other = asyncio.create_task(edit(args, second, None, pid))
    await until_held_up(connection, await pid, other)
    stop.may_go.set()
    await asyncio.gather(one, other)
    return True
