"""The contract of loaders, and of the schema that is declared over them: parametrised over all there are."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import asyncpg
import pytest

from app.database import RequestDatabase
from app.settings import ConnectArgs
from loaders.batch_loader import BatchLoader, LoaderRef, Many, One
from loaders.count import CountKey, Counts
from loaders.errors import CatalogError
from loaders.page import Page, PageKey, Pages
from loaders.reader import Budget, Reader
from loaders.registry import Loaders
from loaders.row import Row
from loaders.source import NoFilter, OrderBy
from loaders.statement import Composer, Statement
from schema.context import Context
from tests.api import Api

DECLARED: dict[str, LoaderRef[Any, Any]] = {
    name: value for owner in Loaders.__mro__ for name, value in vars(owner).items() if isinstance(value, LoaderRef)
}
MISSING = 10**15
TEXT_KEYS = {
    "tag_by_name": ["1980s", "parody", "american"],
    "genre_by_name": ["comedy", "horror"],
    "media_by_external_id": ["wikipedia:Airplane!", "wikipedia:Alien_Dead"],
}
SAMPLES = {"library_by_id": [1]}

every_loader = pytest.mark.parametrize("name", sorted(DECLARED))


class SilentDatabase:
    """Answers nothing."""

    async def fetch(
        self, statement: Statement[Any], values: Sequence[object], *, timeout: float | None = None, sent: Any = None
    ) -> Any:
        return []


class HeldDatabase:
    """Answers nothing, when told to."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.go = asyncio.Event()
        self.calls = 0

    async def fetch(
        self, statement: Statement[Any], values: Sequence[object], *, timeout: float | None = None, sent: Any = None
    ) -> Any:
        self.calls += 1
        self.started.set()
        await self.go.wait()
        return []


class CancelledDatabase:
    """A database whose statements are cancelled."""

    async def fetch(
        self, statement: Statement[Any], values: Sequence[object], *, timeout: float | None = None, sent: Any = None
    ) -> Any:
        raise asyncio.CancelledError


@pytest.fixture
async def database(demo_api: Api) -> Any:
    opened = RequestDatabase(demo_api.pool)
    yield opened
    await opened.close()


def keys_of(name: str) -> tuple[list[Any], Any, Any]:
    """Some keys that have answers, one that has none, and one that cannot be answered (None: there is no such key)."""
    ref = DECLARED[name]
    if isinstance(ref, Counts):
        nested = ref.source.parent is not None
        keys: list[Any] = [CountKey(NoFilter(), parent) for parent in ((1, 2, 3) if nested else (0,))]
        return keys, CountKey(NoFilter(), MISSING) if nested else None, None
    if isinstance(ref, Pages):
        pages = [page_key(size, parent) for size in (1, 3) for parent in (1, 2, 3)]
        field = next(iter(ref.source.sort))
        bad = PageKey(1, False, NoFilter(), (OrderBy(field), OrderBy(field)), None, None, 1)
        return (
            (pages, page_key(1, MISSING), bad) if ref.source.parent else ([page_key(1, 0), page_key(3, 0)], None, bad)
        )
    if name in TEXT_KEYS:
        return TEXT_KEYS[name], "nobody", "\0"
    return SAMPLES.get(name, [1, 2, 5]), MISSING, None


def page_key(size: int, parent: int) -> PageKey:
    return PageKey(size, False, NoFilter(), (), None, None, parent)


def plain(value: Any) -> Any:
    """A loader's answer as values that can be compared."""
    if isinstance(value, Page):
        return [tuple(row) for row in value.rows], value.has_next_page, value.has_previous_page
    if isinstance(value, list):
        return [tuple(row) for row in value]
    return tuple(value) if isinstance(value, Row) else value


def nothing(ref: LoaderRef[Any, Any]) -> Any:
    """The answer where there is none."""
    empty: dict[type, Any] = {One: None, Many: [], Pages: ([], False, False), Counts: 0}
    return empty[type(ref)]


async def is_empty(ref: Any, demo: ConnectArgs) -> bool:
    """Whether the demo has nothing of the noun that a loader answers with, as of a noun that was just added."""
    row = ref.source.row if isinstance(ref, Pages | Counts) else ref.statement.row
    noun = row.__module__.rpartition(".")[2]
    connection = await asyncpg.connect(**demo.kwargs())
    try:
        return not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {noun})")
    finally:
        await connection.close()


@every_loader
async def test_answers_line_up_with_their_keys(name: str, database: Any, demo_api: Api, demo: ConnectArgs) -> None:
    ref = DECLARED[name]
    keys, missing, _ = keys_of(name)
    alone = [plain(await ref.of(Loaders(Reader(database))).load(key)) for key in keys]
    asked = [*reversed(keys), *([missing] if missing is not None else []), *keys]
    demo_api.statements.clear()

    together = await ref.of(Loaders(Reader(database))).load_batch(asked)

    answers = [plain(value) for value in together]
    assert answers[: len(keys)] == alone[::-1]
    assert answers[-len(keys) :] == alone
    assert any(answer != nothing(ref) for answer in alone) or await is_empty(ref, demo)
    if missing is not None:
        assert answers[len(keys)] == nothing(ref)
    sizes = len({key.size for key in keys}) if isinstance(ref, Pages) else 1
    assert demo_api.statements == [name] * sizes


@every_loader
async def test_one_bad_key_fails_alone(name: str, database: Any) -> None:
    ref = DECLARED[name]
    keys, _, bad = keys_of(name)
    if bad is None:
        pytest.skip("no key of this loader is bad")
    alone = plain(await ref.of(Loaders(Reader(database))).load(keys[0]))

    good, failed = await ref.of(Loaders(Reader(database))).load_batch([keys[0], bad])

    assert plain(good) == alone
    assert failed is None if isinstance(ref, One) else isinstance(failed, CatalogError)


@every_loader
async def test_load_and_load_batch_share_one_cache(name: str, database: Any, demo_api: Api) -> None:
    loader = DECLARED[name].of(Loaders(Reader(database)))
    keys = keys_of(name)[0]
    first = await loader.load_batch(keys)
    demo_api.statements.clear()

    again = [*await loader.load_batch(keys), *[await loader.load(key) for key in keys]]

    assert all(value is same for value, same in zip(again, [*first, *first], strict=True))
    assert demo_api.statements == []


@every_loader
async def test_a_cancelled_consumer_takes_nothing_from_the_others(name: str) -> None:
    held = HeldDatabase()
    loader = DECLARED[name].of(Loaders(Reader(held)))
    key = keys_of(name)[0][0]
    consumers = [asyncio.ensure_future(loader.load(key)) for _ in range(2)]
    await held.started.wait()

    consumers[0].cancel()
    held.go.set()

    assert plain(await consumers[1]) == nothing(DECLARED[name])
    assert consumers[0].cancelled()
    assert plain(await loader.load(key)) == nothing(DECLARED[name])
    assert held.calls == 1


@every_loader
async def test_a_cancelled_future_is_not_served_again(name: str) -> None:
    loader = DECLARED[name].of(Loaders(Reader(SilentDatabase())))
    key = keys_of(name)[0][0]
    await loader.load(key)
    cancelled: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    cancelled.cancel()
    loader._cache[key] = cancelled

    assert plain(await loader.load(key)) == nothing(DECLARED[name])


@every_loader
async def test_a_cancelled_batch_fails_its_keys_with_a_code(name: str) -> None:
    loader = DECLARED[name].of(Loaders(Reader(CancelledDatabase())))

    async with asyncio.timeout(5):
        failures = await loader.load_batch(keys_of(name)[0])

    assert {error.extensions["code"] for error in failures if isinstance(error, CatalogError)} == {
        "DATABASE_UNAVAILABLE"
    }


@pytest.mark.parametrize("name", [name for name in sorted(DECLARED) if isinstance(DECLARED[name], Pages)])
async def test_a_cursor_continues_lists_of_the_same_rows_alone(name: str, database: Any, demo: ConnectArgs) -> None:
    ref: Any = DECLARED[name]
    page = await ref.of(Loaders(Reader(database))).load(asked_page(ref, None))
    if page.end_cursor is None:
        assert await is_empty(ref, demo)
        return

    for other in DECLARED.values():
        if isinstance(other, Pages):
            same = other.source.row is ref.source.row and other.source.default == ref.source.default
            with nullcontext() if same else pytest.raises(CatalogError, match="This cursor "):
                assert asked_page(other, page.end_cursor).after is not None


def asked_page(ref: Pages[Any], after: str | None) -> PageKey:
    """The key of a page of one, of the first parent."""
    parent = 1 if ref.source.parent else 0
    return ref.page_key(Budget(), parent, first=1, after=after, last=None, before=None)


async def test_the_loaders_of_an_operation_are_made_when_needed_and_once() -> None:
    loaders = Loaders(Reader(SilentDatabase()))

    assert set(vars(loaders)) == {"reader"}
    assert loaders.tag_by_id is loaders.tag_by_id
    assert set(vars(loaders)) == {"reader", "tag_by_id"}


OURS = (Reader, Loaders, BatchLoader, RequestDatabase, Page, Row, Composer)
OPERATIONS = [
    "{ media(first: 5) { totalCount nodes { title tags { name } credits { nodes { person { name } } } } } }",
    '{ a: node(id: "media_1") { id } b: genre(name: "comedy") { media { edges { cursor node { title } } } } }',
    '{ nodes(ids: ["media_1"]) { id } _entities(representations: [{__typename: "Tag", id: "tag_1"}]) { __typename } }',
    "{ people(first: 3, orderBy: [{field: NAME}]) { nodes { media(orderBy: [{field: YEAR}]) { totalCount } } } }",
]


@pytest.mark.parametrize("text", OPERATIONS)
async def test_an_operation_leaves_nothing_to_the_garbage_collector(text: str, demo_api: Api) -> None:
    await demo_api.answer(text)
    gc.collect()
    gc.disable()
    try:
        await demo_api.answer(text)
        # graphql-core's executor is a cycle of its own and holds the context: without that nothing may be left.
        for context in [one for one in gc.get_objects() if isinstance(one, Context)]:
            context.loaders = None  # type: ignore[assignment]
        left = [type(one).__name__ for one in gc.get_objects() if isinstance(one, OURS)]
    finally:
        gc.enable()

    assert left == []


def test_every_loader_says_what_it_answers_and_by_which_key() -> None:
    for name, ref in DECLARED.items():
        assert ref.name == name
        nested = isinstance(ref, One | Many) or ref.source.parent is not None  # type: ignore[attr-defined]
        assert ("_by_" in name) == nested, name
