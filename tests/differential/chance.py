"""Chance and delay: what is drawn follows from seeds that both engines share, when it comes from a seed of each run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from contextvars import ContextVar
from random import Random
from typing import Any
from zlib import crc32

LATEST = 3  # turns of the event loop that a late value takes at most


class Delays:
    """How late things are in one run.

    slept: whether something waited for the clock, not only for turns; broke: whether a list ended in an error."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.slept = False
        self.broke = False

    def turns(self) -> int:
        return self.random.randint(0, LATEST)

    async def sleep(self) -> None:
        """A wait on the outside world."""
        self.slept = True
        await asyncio.sleep(self.random.choice((0, 0.0002, 0.001)))


DELAYS: ContextVar[Delays] = ContextVar("DELAYS")


def draw(*parts: object) -> Random:
    """The same random numbers for the same parts, in any process."""
    return Random(crc32(repr(parts).encode()))


def settle(outcome: Any) -> Any:
    """The outcome of something that was drawn: raises the exceptions among them."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def late(outcome: Any, turns: int | None = None) -> Any:
    """An outcome some turns of the loop later: as many as given, or as the run's delays say."""
    for _ in range(DELAYS.get().turns() if turns is None else turns):
        await asyncio.sleep(0)
    return settle(outcome)


async def slow(outcome: Any) -> Any:
    """An outcome that waits for the clock."""
    await DELAYS.get().sleep()
    return settle(outcome)


def promised(outcome: Any) -> asyncio.Future[Any]:
    """A future that gets its outcome in the loop's next turn."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    loop.call_soon(give, future, outcome)
    return future


def give(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def known(outcome: Any) -> asyncio.Future[Any]:
    """A future that has its outcome already."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    give(future, outcome)
    return future


class Thenable(Awaitable[Any]):
    """An awaitable that is neither coroutine nor future, and does not mind when nobody awaits it."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome

    def __await__(self) -> Generator[Any, None, Any]:
        return late(self.outcome).__await__()


def awaitable(outcome: Any, random: Random, *, is_late: bool) -> Any:
    """The outcome as something to await, of any kind.

    Within what is late itself, no coroutine: who is cancelled before it comes is not to blame for not awaiting it."""
    kind = random.choice((late, late, promised, known, Thenable, slow))
    return Thenable(outcome) if is_late and kind in (late, slow) else kind(outcome)
