"""Loaders: aiodataloader's DataLoader, one class of it, and how a noun declares its own.

    class TagLoaders(LoaderGroup):
        tag_by_id = One[int, TagRow](TAG_BY_ID)
        tags_by_media_id = Many[int, TagRow](TAGS_BY_MEDIA_ID)

On the class, `TagLoaders.tag_by_id` is the declaration; on an operation's instance, its loader, made when needed. What
an answer depends on beside its key, such as a page's size and order, are the loader's arguments: there is one loader
for each of them, `TagLoaders.tag_pages.bind(loaders, arguments)`."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, Generic, Self, TypeAlias, TypeVar, overload

from aiodataloader import DataLoader

from database.row import Row
from domain.text import storable
from loaders.core.futures import (
    HeldLoad,
    LevelFuture,
    batch_error,
    ignore_error,
    is_cancelling,
    release_waiters,
    resolve_futures,
    set_outcome,
    unwrap_level,
)
from loaders.core.grouped_rows import GroupedRows
from loaders.core.lateral_lists import LateralList, compose_row_and_lists
from loaders.core.load_stats import Asked, LoaderStats
from loaders.core.read_session import ReadSession
from loaders.sql.statement import BatchStatement

K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R", bound=Row)


# aiodataloader sends a batch three turns of the loop after its first load; what is held waits one turn longer.
LOOP_ITERATIONS = 4

NOT_CACHED: Final = object()
NOT_MEASURED = nullcontext()


# A loader whose answer for one row is brought along, and the row's column that is its key.
LateralLoader: TypeAlias = tuple["BatchLoader[Any, Any]", str]


class LoaderGroup:
    """The loaders of one operation. They share its reader; a mutation's root field starts a new group."""

    def __init__(self, reader: ReadSession) -> None:
        self.reader = reader
        self.bound: dict[tuple[str, Hashable], BatchLoader[Any, Any]] = {}  # those with arguments

    @classmethod
    def declare(cls, name: str, ref: LoaderRef[Any, Any]) -> None:
        """Declares a loader whose name is made, not written."""
        setattr(cls, name, ref)
        ref.__set_name__(cls, name)


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
        return self if group is None else self.bind(group)

    def bind(self, group: LoaderGroup, arguments: Hashable = None) -> BatchLoader[K, V]:
        """This loader in a group, for these arguments; without any, the instance's dictionary answers the next time."""
        if arguments is None:
            loader = group.__dict__.get(self.name)
            if loader is None:
                loader = group.__dict__[self.name] = BatchLoader(self, group.reader)
            return loader
        bound = (self.name, arguments)
        loader = group.bound.get(bound)
        if loader is None:
            loader = group.bound[bound] = BatchLoader(self, group.reader, arguments)
        return loader

    @abstractmethod
    async def batch(self, reader: ReadSession, keys: list[K], arguments: Any) -> Sequence[V | Exception]:
        """One value a key, or the exception that this key alone fails with, by one statement. No key comes twice."""


class BatchLoader(DataLoader[K, V]):
    """A DataLoader whose consumers cannot harm each other, and which takes a whole level at once as well.

    graphql-core cancels the siblings of a field whose error bubbles up; the future that they share must survive
    that, so consumers get a shield of it, and a future that was cancelled all the same is not served again.

    The one cache has the future of a key that `load` asked for, the plain value of one that `load_batch` did."""

    _cache: dict[K, Any]  # type: ignore[assignment]

    @staticmethod
    def get_cache_key(key: K) -> K:
        return key

    def __init__(self, ref: LoaderRef[K, V], reader: ReadSession, arguments: Hashable = None) -> None:
        # What DataLoader's own constructor does, without its checks of a batch function that is always the same.
        self.loop = asyncio.get_running_loop()
        self._cache = {}
        self._queue = []
        self.ref = ref
        self.reader = reader
        self.arguments = arguments
        self._stats = None if reader.stats is None else LoaderStats(reader.stats, ref.name)
        self._held: list[HeldLoad[V]] = []

    def load(self, key: K) -> asyncio.Future[V]:
        found = self._find(key)
        future = super().load(key) if found is NOT_CACHED else self._future_of(key, found)
        if self._stats is not None:
            self._stats.count_load(cached=found is not NOT_CACHED, opens=found is NOT_CACHED and len(self._queue) == 1)
        future.add_done_callback(ignore_error)
        shield = asyncio.shield(future)
        shield.add_done_callback(ignore_error)
        return shield

    def _find(self, key: K) -> Any:
        """What the cache has of a key: a future, a value, an exception, or UNKNOWN."""
        found = unwrap_level(self._cache.get(key, NOT_CACHED), key)
        if isinstance(found, asyncio.Future) and found.cancelled():
            self.clear(key)
            return NOT_CACHED
        return found

    def _future_of(self, key: K, found: Any) -> asyncio.Future[V]:
        """The future of a key that was asked for before."""
        if isinstance(found, asyncio.Future) and not isinstance(found, LevelFuture):
            return self._hold(found)
        future: asyncio.Future[V] = self.loop.create_future()
        if isinstance(found, LevelFuture):
            found.add_done_callback(lambda level: set_outcome(future, found.answer(key)))
        else:
            set_outcome(future, found)
        return future

    def _hold(self, cached: asyncio.Future[V]) -> asyncio.Future[V]:
        """The answer of a cached key, held until the loads beside it have theirs.

        Given at once, it would let its children load ahead of their siblings', and their batch would come apart."""
        held: asyncio.Future[V] = self.loop.create_future()
        if not self._held:
            self.loop.call_soon(self._release_held, self._held, LOOP_ITERATIONS)
        self._held.append((held, cached))
        return held

    def _release_held(self, held: list[HeldLoad[V]], turns: int) -> None:
        """After some turns of the loop: gives the answers that no batch has come to wait for."""
        if turns:
            self.loop.call_soon(self._release_held, held, turns - 1)
        elif held is self._held and not self._queue:
            self._held = []
            release_waiters(held)

    def peek(self, keys: Sequence[K], asked: Sequence[Asked] = ()) -> list[V | Exception] | None:
        """The answers of keys that are all known, None where one is not: then `load_batch` is to be asked."""
        if not self._cache:
            return None
        answers = []
        for key in keys:
            answer = unwrap_level(self._cache.get(key, NOT_CACHED), key)
            if answer is NOT_CACHED or isinstance(answer, asyncio.Future):
                return None
            answers.append(answer)
        if self._stats is not None:
            self._stats.send_level(asked, len(keys), 0)
        return answers

    def brings_along(self, other: BatchLoader[Any, Any]) -> bool:
        """Whether this loader's statement can bring what another one has for a row."""
        return isinstance(self.ref, One) and isinstance(other.ref, Many)

    async def load_batch(
        self, keys: Sequence[K], asked: Sequence[Asked] = (), along: Sequence[LateralLoader] = ()
    ) -> Sequence[V | Exception]:
        """A whole level: one value or exception a key, in order. What is neither known nor under way is sent at once.

        `asked`: the fields that ask, for the load stats of an operation that has one. `along`: loaders whose answers
        for the row of one key will be asked for next, with the row's column that is their key; they are brought
        along."""
        distinct = dict.fromkeys(keys)
        there: dict[K, Any] = {}
        if self._cache and not self._cache.keys().isdisjoint(distinct):
            there = {key: found for key in distinct if (found := self._find(key)) is not NOT_CACHED}
        missing = [key for key in distinct if key not in there] if there else list(distinct)
        noted: AbstractContextManager[None] = NOT_MEASURED
        if self._stats is not None and distinct:
            noted = self._stats.send_level(asked, len(keys), len(missing))
        answers = await self._send(missing, noted, along if len(missing) == 1 else ()) if missing else []
        if len(missing) == len(keys):
            return answers
        if not there and isinstance(answers, GroupedRows):
            return answers.repeated(keys)  # type: ignore[return-value]
        await resolve_futures(there)
        there.update(zip(missing, answers, strict=True))
        return [there[key] for key in keys]

    async def _send(
        self, keys: list[K], noted: AbstractContextManager[None], along: Sequence[LateralLoader]
    ) -> Sequence[V | Exception]:
        """The answers of a level's keys, from the database. Those of a batch that fails are not cached."""
        level = LevelFuture(keys)
        answers: Sequence[V | Exception] = ()
        self._cache.update(dict.fromkeys(keys, level))
        try:
            answers = await self._run(keys, noted, along)
        except (Exception, asyncio.CancelledError) as error:
            for key in keys:
                self._cache.pop(key, None)
            answers = [batch_error(error)] * len(keys)
            if isinstance(error, asyncio.CancelledError) and is_cancelling():
                raise  # to who has cancelled this task; those who wait for the same keys have an exception
        finally:
            level.set_result(answers)
        return answers

    async def batch_load_fn(self, keys: list[K]) -> Any:
        """DataLoader's: sends what `load` has collected. A cancelled statement fails its keys, or they would wait."""
        held, self._held = self._held, []
        noted = NOT_MEASURED if self._stats is None else self._stats.send_collected(len(keys))
        try:
            return list(await self._run(keys, noted))
        except asyncio.CancelledError as error:
            raise batch_error(error) from None
        finally:
            release_waiters(held)

    async def _run(
        self, keys: list[K], noted: AbstractContextManager[None], along: Sequence[LateralLoader] = ()
    ) -> Sequence[V | Exception]:
        with noted:
            if not along:
                return await self.ref.batch(self.reader, keys, self.arguments)
            return [await self._row_and_lists(keys[0], along)]

    async def _row_and_lists(self, key: K, along: Sequence[LateralLoader]) -> Any:
        """The row of a key. The lists on it go to their own loaders."""
        assert isinstance(self.ref, One)
        hanging = [loader.lateral_list(column) for loader, column in along]
        row, lists = await self.ref.row_and_lists(self.reader, key, hanging)
        if row is not None:
            for (loader, column), found in zip(along, lists, strict=True):
                loader.prime_batch(row[column], found, self._stats)
        return row

    def lateral_list(self, column: str) -> LateralList:
        """This loader's lists as they hang on another one's row."""
        assert isinstance(self.ref, Many)
        return LateralList(self.ref.name, self.ref.statement, column)

    def prime_batch(self, key: K, answer: V, account: LoaderStats | None) -> None:
        """An answer that another loader's statement has brought along; what is known already stays."""
        self._cache.setdefault(key, answer)
        if self._stats is not None and account is not None:
            self._stats.share_batch_of(account)


class One(LoaderRef[K, R | None]):
    """At most one row a key: None where there is none."""

    def __init__(self, statement: BatchStatement[R]) -> None:
        self.statement = statement

    async def batch(self, reader: ReadSession, keys: list[K], arguments: None) -> list[R | None]:
        asked = keys
        if isinstance(keys[0], str):
            # A text that the database cannot hold is nowhere; sent along, it would fail the keys beside it.
            asked = [key for key in keys if storable(str(key))]
        rows = await reader.fetch(*self.statement.compose(self.name, reader, asked)) if asked else []
        found = {row[0]: row for row in rows}
        return list(map(found.get, keys))

    async def row_and_lists(
        self, reader: ReadSession, key: K, along: Sequence[LateralList]
    ) -> tuple[R | None, list[list[Any]]]:
        """The row of one key and the lists that hang on it."""
        if isinstance(key, str) and not storable(key):
            return None, []
        composed = compose_row_and_lists(self.name, self.statement, along, reader)
        value = self.statement.value([key])
        values = [value, reader.viewer.libraries] if composed.scoped else [value]
        rows = await reader.fetch(composed.statement, values)
        if not rows:
            return None, []
        lists = composed.lists(rows[0])
        reader.count_rows(sum(map(len, lists)))
        return rows[0], lists


class Many(LoaderRef[K, list[R]]):
    """Any number of rows a key, in the statement's order: [] where there is none."""

    def __init__(self, statement: BatchStatement[R]) -> None:
        self.statement = statement

    async def batch(self, reader: ReadSession, keys: list[K], arguments: None) -> GroupedRows[K, R]:
        return GroupedRows(keys, await reader.fetch(*self.statement.compose(self.name, reader, keys)))
