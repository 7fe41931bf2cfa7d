"""Loaders over nothing but arithmetic: aiodataloader's, with one cache for single keys and whole levels."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from aiodataloader import DataLoader, dispatch_queue

from tests.differential.chance import DELAYS, Delays

Answer = Callable[[Any, Any], Any]  # (key, arguments) -> value or exception


class Broken(Exception):
    """A whole batch that fails."""


class Watcher:
    """Wants to know which fields ask, as a report does, and forgets it."""

    def visit(self, field: str, site: str, offset: int) -> None:
        pass

    def send_incomplete(self, loader: str) -> None:
        pass


class Context:
    """What resolvers get of one run; every third seed is watched. `log`: what its mutations did, in order."""

    def __init__(self, seed: int) -> None:
        self.delays = Delays(seed)
        self.loaders = Group()
        self.observer = Watcher() if seed % 3 == 0 else None
        self.log: list[str] = []


class Group:
    """The loaders of one run and the number of batches that each of them sent."""

    def __init__(self) -> None:
        self.batches: Counter[str] = Counter()
        self.loaders: dict[tuple[str, Hashable], MemoryLoader] = {}


class MemoryRef:
    """The declaration of a loader. `breaks`: arguments for which all its batches fail.

    brings: the name of the loader whose lists a batch of one key can bring along."""

    def __init__(
        self, name: str, answer: Answer, breaks: Callable[[Any], bool] = lambda arguments: False, brings: str = ""
    ) -> None:
        self.name = name
        self.answer = answer
        self.breaks = breaks
        self.brings = brings

    def bind(self, group: Group, arguments: Hashable = None) -> MemoryLoader:
        loader = group.loaders.get((self.name, arguments))
        if loader is None:
            loader = group.loaders[self.name, arguments] = MemoryLoader(self, group.batches, arguments)
        return loader


class MemoryLoader(DataLoader[Any, Any]):
    """Answers after a random delay, and is hurt by nobody's cancellation."""

    def __init__(self, ref: MemoryRef, batches: Counter[str], arguments: Hashable) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self.ref = ref
        self.batches = batches
        self.arguments = arguments

    def load(self, key: Any) -> asyncio.Future[Any]:
        future = super().load(key)
        future.add_done_callback(forgive)
        shield = asyncio.shield(future)
        shield.add_done_callback(forgive)
        return shield

    def peek(self, keys: Sequence[Any], asked: Sequence[Any] = ()) -> list[Any] | None:
        """The answers of keys that are all known."""
        cached = [self._cache.get(key) for key in keys]
        if any(one is None or not one.done() or one.cancelled() for one in cached):
            return None
        return [one.exception() or one.result() for one in cached if one is not None]

    def brings_along(self, other: Any) -> bool:
        """Whether a batch of one key can bring what another loader has for its row."""
        return bool(self.ref.brings == other.ref.name)

    async def load_batch(
        self, keys: Sequence[Any], asked: Sequence[Any] = (), along: Sequence[tuple[MemoryLoader, str]] = ()
    ) -> list[Any]:
        """A level at once: what is not cached is sent without waiting for more."""
        futures = [self.load(key) for key in keys]
        if self._queue:
            dispatch_queue(self)
        answers = await asyncio.gather(*futures, return_exceptions=True)
        for other, column in along:
            if answers[0] is not None and not isinstance(answers[0], BaseException):
                key = answers[0][column]
                other.prime(key, other.ref.answer(key, other.arguments))
        return answers

    async def batch_load_fn(self, keys: list[Any]) -> Any:
        if not keys:
            return []  # what load_batch left of a queue that was to be sent later
        self.batches[self.ref.name] += 1
        random = DELAYS.get().random
        await asyncio.sleep(random.choice((0, 0, 0, 0.0003, 0.001)))
        if self.ref.breaks(self.arguments):
            raise Broken(f"{self.ref.name} is broken")
        return [self.ref.answer(key, self.arguments) for key in keys]


def forgive(future: asyncio.Future[Any]) -> None:
    """An error that nobody waits for any longer is no news for the log."""
    if not future.cancelled():
        future.exception()
