"""Single flight within a process: who asks for what another one is loading waits for that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Flight(Generic[T]):
    """A task, and how many wait for it; one that runs in the background waits for itself."""

    __slots__ = ("task", "waiting")

    def __init__(self, task: asyncio.Task[T], waiting: int) -> None:
        self.task = task
        self.waiting = waiting


class Flights(Generic[T]):
    """Runs at most one task for each key. It ends when nobody waits for it any more."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight[T]] = {}

    @property
    def number(self) -> int:
        """Of tasks that run."""
        return len(self._flights)

    async def join(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the task of a key gives, which is begun where there is none; its error, where it comes to that."""
        flight = self._flights.get(key) or self._start(key, work, 0)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                flight.task.cancel()
                self._forget(key, flight)  # nobody who comes now is to wait for a task that ends

    def begin(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        """Begins a task in the background, where there is none."""
        if key not in self._flights:
            self._start(key, work, 1)

    def _start(self, key: str, work: Callable[[], Coroutine[Any, Any, T]], waiting: int) -> Flight[T]:
        task = asyncio.get_running_loop().create_task(work())
        flight = self._flights[key] = Flight(task, waiting)
        task.add_done_callback(lambda done: self._ended(key, flight))
        return flight

    def _ended(self, key: str, flight: Flight[T]) -> None:
        self._forget(key, flight)
        if not flight.task.cancelled():
            flight.task.exception()  # it was told to those who waited, if there were any

    def _forget(self, key: str, flight: Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def close(self) -> None:
        """Ends all of them."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
