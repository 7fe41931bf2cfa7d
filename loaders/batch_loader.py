"""Loaders: aiodataloader's DataLoader, one class of it, and how a noun declares its own.

    class TagLoaders(LoaderGroup):
        tag_by_id = One[int, TagRow](TAG_BY_ID)
        tags_by_media_id = Many[int, TagRow](TAGS_BY_MEDIA_ID)

On the class, `TagLoaders.tag_by_id` is the declaration; on an operation's instance, its loader, made when needed."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any, Generic, Self, TypeAlias, TypeVar, overload

from aiodataloader import DataLoader

from loaders.errors import CatalogError, Code
from loaders.reader import Reader
from loaders.row import Row
from loaders.statement import Batch
from loaders.text import storable

K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R", bound=Row)


# aiodataloader sends a batch three turns of the loop after its first load; what is held waits one turn longer.
TURNS = 4

Held: TypeAlias = tuple["asyncio.Future[V]", "asyncio.Future[V]"]  # who waits, and the cached answer


class LoaderGroup:
    """The loaders of one operation. They share its reader; a mutation's root field starts a new group."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader


class LoaderRef(ABC, Generic[K, V]):
    """The declaration of a loader: `batch` answers many keys at once, in their order."""

    name: str

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, group: None, owner: type) -> Self: ...
    @overload
    def __get__(self, group: LoaderGroup, owner: type) -> BatchLoader[K, V]: ...
    def __get__(self, group: LoaderGroup | None, owner: type) -> Self | BatchLoader[K, V]:
        return self if group is None else self.of(group)

    def of(self, group: LoaderGroup) -> BatchLoader[K, V]:
        """This loader in a group; the instance's dictionary answers from the second time on."""
        loader = group.__dict__.get(self.name)
        if loader is None:
            loader = group.__dict__[self.name] = BatchLoader(self, group.reader)
        return loader

    @abstractmethod
    async def batch(self, reader: Reader, keys: list[K]) -> Sequence[V | Exception]:
        """One value a key, or the exception that this key alone fails with."""


class BatchLoader(DataLoader[K, V]):
    """A DataLoader whose consumers cannot harm each other.

    graphql-core cancels the siblings of a field whose error bubbles up; the future that they share must survive
    that, so consumers get a shield of it, and a future that was cancelled all the same is not served again."""

    def __init__(self, ref: LoaderRef[K, V], reader: Reader) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self.ref = ref
        self.reader = reader
        self._held: list[Held[V]] = []

    def load(self, key: K) -> asyncio.Future[V]:
        cached = self._cache.get(key)
        if cached is not None and cached.cancelled():
            self.clear(key)
            cached = None
        future = super().load(key) if cached is None else self._hold(cached)
        if self.reader.ledger is not None:
            opens = cached is None and len(self._queue) == 1
            self.reader.ledger.load(self.ref.name, cached=cached is not None, opens=opens)
        future.add_done_callback(forgive)
        shield = asyncio.shield(future)
        shield.add_done_callback(forgive)
        return shield

    def _hold(self, cached: asyncio.Future[V]) -> asyncio.Future[V]:
        """The answer of a cached key, held until the loads beside it have theirs.

        Given at once, it would let its children load ahead of their siblings', and their batch would come apart."""
        held: asyncio.Future[V] = self.loop.create_future()
        if not self._held:
            self.loop.call_soon(self._let_go, self._held, TURNS)
        self._held.append((held, cached))
        return held

    def _let_go(self, held: list[Held[V]], turns: int) -> None:
        """After some turns of the loop: gives the answers that no batch has come to wait for."""
        if turns:
            self.loop.call_soon(self._let_go, held, turns - 1)
        elif held is self._held and not self._queue:
            self._held = []
            settle(held)

    async def load_batch(self, keys: Sequence[K]) -> list[V | BaseException]:
        """A whole level at once, through the same cache: one value or exception a key, in order."""
        return await asyncio.gather(*map(self.load, keys), return_exceptions=True)

    async def batch_load_fn(self, keys: list[K]) -> Any:
        """A cancelled statement fails its keys: an exception of theirs, or they would wait for ever."""
        held, self._held = self._held, []
        try:
            if self.reader.ledger is None:
                return await self.ref.batch(self.reader, keys)
            with self.reader.ledger.sending(self.ref.name, len(keys)):
                return await self.ref.batch(self.reader, keys)
        except asyncio.CancelledError:
            raise CatalogError(Code.DATABASE_UNAVAILABLE, "The statement was cancelled: try again.") from None
        finally:
            settle(held)


def settle(held: list[Held[V]]) -> None:
    """Passes the cached answers on to those who were held."""
    for waiter, cached in held:
        if cached.done():
            pass_on(cached, waiter)
        else:
            cached.add_done_callback(partial(pass_on, waiter=waiter))


def pass_on(cached: asyncio.Future[V], waiter: asyncio.Future[V]) -> None:
    if waiter.done():
        return
    if cached.cancelled():
        waiter.cancel()
    elif (error := cached.exception()) is not None:
        waiter.set_exception(error)
    else:
        waiter.set_result(cached.result())


def forgive(future: asyncio.Future[Any]) -> None:
    """An error that nobody waits for any longer, as after a timeout, is no news for the log."""
    if not future.cancelled():
        future.exception()


class One(LoaderRef[K, R | None]):
    """At most one row a key: None where there is none."""

    def __init__(self, statement: Batch[R]) -> None:
        self.statement = statement

    async def batch(self, reader: Reader, keys: list[K]) -> list[R | None]:
        # A text that the database cannot hold is nowhere; sent along, it would fail the keys beside it.
        asked = [key for key in keys if not isinstance(key, str) or storable(key)]
        rows = await reader.fetch(*self.statement.compose(self.name, reader, asked)) if asked else []
        found = {row[0]: row for row in rows}
        return [found.get(key) for key in keys]


class Many(LoaderRef[K, list[R]]):
    """Any number of rows a key, in the statement's order: [] where there is none."""

    def __init__(self, statement: Batch[R]) -> None:
        self.statement = statement

    async def batch(self, reader: Reader, keys: list[K]) -> list[list[R]]:
        found: dict[K, list[R]] = {key: [] for key in keys}
        for row in await reader.fetch(*self.statement.compose(self.name, reader, keys)):
            found[row[0]].append(row)
        return list(found.values())
