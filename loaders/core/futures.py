"""Futures that several wait for: handing answers on, so that no one who is cancelled or fails harms another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

from domain.errors import CatalogError, Code

K = TypeVar("K")
V = TypeVar("V")

HeldLoad: TypeAlias = tuple["asyncio.Future[V]", "asyncio.Future[V]"]  # who waits, and the cached answer


class LevelFuture(asyncio.Future[Sequence[Any]]):
    """A level's statement under way, in the cache for each of its keys. Its result are their answers, in order."""

    def __init__(self, keys: Sequence[Any]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._keys = keys
        self._answers: dict[Any, Any] = {}

    def answer(self, key: Any) -> Any:
        """A key's value or exception, once there is a result."""
        if not self._answers:
            self._answers = dict(zip(self._keys, self.result(), strict=True))
        return self._answers[key]


def unwrap_level(found: Any, key: Any) -> Any:
    """A key's answer in place of the level that has brought it; anything else as it is."""
    return found.answer(key) if type(found) is LevelFuture and found.done() else found


def batch_error(error: BaseException) -> Exception:
    """The exception of a key whose batch has ended in an error, without the frame that keeps it for the keys."""
    if isinstance(error, Exception):
        traceback = error.__traceback__
        return error.with_traceback(None if traceback is None else traceback.tb_next)
    return CatalogError(Code.DATABASE_UNAVAILABLE, "The statement was cancelled: try again.")


def is_cancelling() -> bool:
    """Whether it is this task that is to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def resolve_futures(found: dict[K, Any]) -> None:
    """Waits for the futures among a level's answers and puts their values or exceptions in their place."""
    futures = {key: one for key, one in found.items() if isinstance(one, asyncio.Future)}
    if waiting := [one for one in futures.values() if not one.done()]:
        await asyncio.wait(waiting)  # a cancelled level takes nothing from who waits for the same keys
    for key, future in futures.items():
        if isinstance(future, LevelFuture):
            found[key] = future.answer(key)
        elif future.cancelled():
            found[key] = batch_error(asyncio.CancelledError())
        else:
            found[key] = future.exception() or future.result()


def set_outcome(waiter: asyncio.Future[Any], answer: Any) -> None:
    """Ends a future with a value or an exception."""
    if waiter.done():
        return
    if isinstance(answer, Exception):
        waiter.set_exception(answer)
    else:
        waiter.set_result(answer)


def release_waiters(held: list[HeldLoad[V]]) -> None:
    """Passes the cached answers on to those who were held."""
    for waiter, cached in held:
        if cached.done():
            copy_outcome(cached, waiter)
        else:
            cached.add_done_callback(partial(copy_outcome, waiter=waiter))


def copy_outcome(cached: asyncio.Future[V], waiter: asyncio.Future[V]) -> None:
    if cached.cancelled():
        waiter.cancel()
    else:
        set_outcome(waiter, cached.exception() or cached.result())


def ignore_error(future: asyncio.Future[Any]) -> None:
    """Marks the exception of a future that nobody awaits any more as seen, so that asyncio does not log it."""
    if not future.cancelled():
        future.exception()
