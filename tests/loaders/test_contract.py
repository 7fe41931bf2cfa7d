"""The contract of loaders, and of the schema that is declared over them: parametrised over all there are."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from database.row import Row
from database.session import Session
from database.statement import Statement
from domain.enums import SearchType
from domain.errors import CatalogError
from domain.memberships import MEMBERSHIPS
from domain.search_query import parse_query
from domain.settings import SettingKey
from domain.viewer import UNRESTRICTED
from engine.relation import ROOT_KEY
from loaders.core.batch_loader import BatchLoader, LoaderRef, Many, One
from loaders.core.load_stats import LoadStats
from loaders.core.read_session import Budget, ReadSession
from loaders.highlight import Highlights
from loaders.registry import Loaders
from loaders.search.counting import SearchCountArguments, SearchMeasuredCounts
from loaders.search.finding import SearchCounts, SearchPages
from loaders.search.found import SearchFound
from loaders.search.lookup import lookup_of
from loaders.search.page import SearchPage, search_arguments
from loaders.search.words import KnownWords
from loaders.setting import Settings
from loaders.setting import default as default_setting
from loaders.sql.count import Counts
from loaders.sql.count_mode import CountArguments, CountMode, CountPrecision, MeasuredCount
from loaders.sql.facet import Facet, FacetArguments, FacetField
from loaders.sql.facets import Facets
from loaders.sql.measured_count import MeasuredCounts
from loaders.sql.named import OneByName
from loaders.sql.page import ROOT, Page, Pages
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter
from loaders.sql.statement import Composer
from loaders.suggestion import SuggestionArguments, Suggestions, typed
from schema.core.context import Context
from tests.support.api import Api
from tests.support.samples import OF_THE_DEMO

DECLARED: dict[str, LoaderRef[Any, Any]] = {
    name: value for owner in Loaders.__mro__ for name, value in vars(owner).items() if isinstance(value, LoaderRef)
}
# Loaders of what is known of the lists of a source.
LISTED = (Pages, Counts, Facets, MeasuredCounts)
MISSING = 10**15
TEXT_KEYS = {
    "tag_by_name": ["1980s", "parody", "american"],
    "genre_by_name": ["comedy", "horror"],
    **{
        f"{one.noun}_by_name": [f"{one.noun} 2", f"{one.noun[0]}3"]
        for one in MEMBERSHIPS
        if one.noun not in OF_THE_DEMO
    },
    "collection_by_name": ["collection 0"],  # the others of the samples share their names
    "library_by_name": ["movies"],
    "person_by_name": ["keanu reeves", "tom hanks"],
    "release_group_by_name": ["group 1", "group 2"],
    "media_by_external_id": ["wikipedia:Airplane!", "wikipedia:Alien_Dead"],
    "person_by_external_id": ["imdb:1", "tmdb:2"],
    "media_by_path": ["/library/1/1.mkv", "/library/2/2.mkv"],
}
# Settings have an answer for every key: the default where there is nothing.
SETTING_KEYS = [SettingKey("retag.after_days"), SettingKey("retag.after_days", 1), SettingKey("jobs.kept_days")]
SAMPLES: dict[str, list[Any]] = {
    "library_by_id": [1],
    "search_pages": [ROOT],
    "search_count": [ROOT],
    "search_measured_count": [ROOT],
    "suggestions": [ROOT],
    "highlights_by_found_id": [(SearchType.MEDIA, 1), (SearchType.PERSON, 2), (SearchType.GENRE, 1)],
}
# Of what is found: what loaders that have no rows of a noun are bound to, and a key without an answer.
SEARCH_FOUND = SearchFound(lookup_of(parse_query("a")), KnownWords({}, 0, {}))
FINDING: dict[str, tuple[Any, Any]] = {
    "search_measured_count": (SearchCountArguments(SEARCH_FOUND, tuple(SearchType), NoFilter(), 3), None),
    "search_pages": (search_arguments(Budget(), query=parse_query("a"), first=5, after=None), None),
    "search_count": (search_arguments(Budget(), query=parse_query("a"), first=5, after=None).counted, None),
    "suggestions": (SuggestionArguments(typed("a"), tuple(SearchType), 5), None),
    "highlights_by_found_id": ((parse_query("a e i o u the"), ()), (SearchType.MEDIA, MISSING)),
}

# What a loader sends before the statement that has its name.
FIRST = {"search_pages": ["search_words"], "search_count": ["search_words"]}

every_loader = pytest.mark.parametrize("name", sorted(DECLARED))


class SilentDatabase:
    """Answers nothing."""

    async def fetch(
        self, statement: Statement[Any], values: Sequence[object], *, timeout: float | None = None, sent: Any = None
    ) -> Any:
        return []


def silent_reader() -> ReadSession:
    """For statements that are composed and not sent."""
    return ReadSession(SilentDatabase(), UNRESTRICTED)


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
    opened = Session(demo_api.pool)
    yield opened
    await opened.close()


def keys_of(name: str) -> tuple[list[Any], Any]:
    """Some keys that have answers, and one that has none (None: there is no such key)."""
    ref = DECLARED[name]
    if isinstance(ref, LISTED):
        return ([1, 2, 3], MISSING) if ref.source.parent else ([ROOT], None)
    if name in TEXT_KEYS:
        return TEXT_KEYS[name], "nobody"
    if isinstance(ref, Settings):
        return SETTING_KEYS, None
    return SAMPLES.get(name, [1, 2, 5]), FINDING[name][1] if name in FINDING else MISSING


def arguments_of(name: str) -> Any:
    """What a loader is bound to."""
    ref = DECLARED[name]
    if isinstance(ref, Pages):
        return PageArguments(3, False, NoFilter(), ref.source.default, None, None)
    if isinstance(ref, Facets):
        return FacetArguments(NoFilter(), (FacetField.TAG, FacetField.YEAR), 3, True)
    if isinstance(ref, MeasuredCounts):
        return CountArguments(NoFilter(), CountMode.AT_MOST, 2)
    if name in FINDING:
        return FINDING[name][0]
    return NoFilter() if isinstance(ref, Counts) else None


def loader_of(name: str, database: Any, stats: LoadStats | None = None) -> BatchLoader[Any, Any]:
    """A loader of an operation of its own."""
    return DECLARED[name].bind(Loaders(ReadSession(database, UNRESTRICTED, stats=stats)), arguments_of(name))


def plain(value: Any) -> Any:
    """A loader's answer as values that can be compared."""
    if isinstance(value, SearchPage):
        return [hit.position for hit in value.edges]
    if isinstance(value, Page):
        return [tuple(row) for row in value.rows], value.has_next_page, value.has_previous_page
    if isinstance(value, list):
        return [row if isinstance(row, Facet) else tuple(row) for row in value]
    return tuple(value) if isinstance(value, Row | MeasuredCount) else value


def nothing(ref: LoaderRef[Any, Any]) -> Any:
    """The answer where there is none."""
    default = default_setting(SETTING_KEYS[0].name)
    empty: dict[type, Any] = {
        Many: [],
        Pages: ([], False, False),
        Counts: 0,
        Settings: default,
        Facets: [Facet(FacetField.TAG, []), Facet(FacetField.YEAR, [])],
        **dict.fromkeys((MeasuredCounts, SearchMeasuredCounts), (0, CountPrecision.EXACT, None)),
        **{key: [] for key in (Suggestions, Highlights, SearchPages)},
        SearchCounts: 0,
    }
    return empty.get(type(ref))


async def is_empty(ref: Any, demo: ConnectArgs) -> bool:
    """Whether the demo has nothing of the noun that a loader answers with, as of a noun that was just added."""
    if isinstance(ref, LISTED):
        rows = f"{ref.source.table} WHERE {ref.source.parent or '0'} IS NOT NULL"
    else:
        rows = ref.statement.row.__module__.rpartition(".")[2]
    connection = await asyncpg.connect(**demo.kwargs())
    try:
        return not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {rows})")
    finally:
        await connection.close()


@every_loader
async def test_answers_line_up_with_their_keys(name: str, database: Any, demo_api: Api, demo: ConnectArgs) -> None:
    ref = DECLARED[name]
    keys, missing = keys_of(name)
    alone = [plain(await loader_of(name, database).load(key)) for key in keys]
    asked = [*reversed(keys), *([missing] if missing is not None else []), *keys]
    demo_api.statements.clear()

    together = await loader_of(name, database).load_batch(asked)

    answers = [plain(value) for value in together]
    assert answers[: len(keys)] == alone[::-1]
    assert answers[-len(keys) :] == alone
    assert any(answer != nothing(ref) for answer in alone) or await is_empty(ref, demo)
    if missing is not None:
        assert answers[len(keys)] == nothing(ref)
    assert demo_api.statements == [*FIRST.get(name, []), name]


@pytest.mark.parametrize("name", sorted(TEXT_KEYS))
async def test_a_key_that_the_database_cannot_hold_is_nowhere_and_harms_no_other(name: str, database: Any) -> None:
    key = TEXT_KEYS[name][0]
    alone = plain(await loader_of(name, database).load(key))

    found, nowhere, none = await loader_of(name, database).load_batch([key, "\0", "\ud800"])

    assert plain(found) == alone is not None
    assert (nowhere, none) == (None, None)


@every_loader
async def test_load_and_load_batch_share_one_cache(name: str, database: Any, demo_api: Api) -> None:
    loader = loader_of(name, database)
    keys = keys_of(name)[0]
    first = await loader.load_batch(keys)
    demo_api.statements.clear()

    again = [*await loader.load_batch(keys), *[await loader.load(key) for key in keys]]

    assert all(value is same for value, same in zip(again, [*first, *first], strict=True))
    assert demo_api.statements == []


@every_loader
async def test_a_cancelled_consumer_takes_nothing_from_the_others(name: str) -> None:
    held = HeldDatabase()
    loader = loader_of(name, held)
    key = keys_of(name)[0][0]
    consumers = [asyncio.ensure_future(loader.load(key)) for _ in range(2)]
    async with asyncio.timeout(5):
        await held.started.wait()

    consumers[0].cancel()
    held.go.set()

    assert plain(await consumers[1]) == nothing(DECLARED[name])
    assert consumers[0].cancelled()
    assert plain(await loader.load(key)) == nothing(DECLARED[name])
    assert held.calls == 1 + len(FIRST.get(name, []))


@every_loader
async def test_a_cancelled_future_is_not_served_again(name: str) -> None:
    loader = loader_of(name, SilentDatabase())
    key = keys_of(name)[0][0]
    await loader.load(key)
    cancelled: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    cancelled.cancel()
    loader._cache[key] = cancelled

    assert plain(await loader.load(key)) == nothing(DECLARED[name])


@every_loader
async def test_a_cancelled_batch_fails_its_keys_with_a_code(name: str) -> None:
    loader = loader_of(name, CancelledDatabase())

    async with asyncio.timeout(5):
        failures = await loader.load_batch(keys_of(name)[0])

    assert {error.extensions["code"] for error in failures if isinstance(error, CatalogError)} == {
        "DATABASE_UNAVAILABLE"
    }


@pytest.mark.parametrize("name", [name for name in sorted(DECLARED) if isinstance(DECLARED[name], Pages)])
async def test_a_cursor_continues_lists_of_the_same_rows_alone(name: str, database: Any, demo: ConnectArgs) -> None:
    ref: Any = DECLARED[name]
    page = await loader_of(name, database).load(keys_of(name)[0][0])
    if page.end_cursor is None:
        assert await is_empty(ref, demo)
        return

    for other in DECLARED.values():
        if isinstance(other, Pages):
            same = other.source.row is ref.source.row and other.source.default == ref.source.default
            with nullcontext() if same else pytest.raises(CatalogError, match="This cursor "):
                asked = other.page_arguments(Budget(), first=1, after=page.end_cursor, last=None, before=None)
                assert asked.after is not None


async def test_the_loaders_of_an_operation_are_made_when_needed_and_once() -> None:
    loaders = Loaders(silent_reader())
    pages, counts = Loaders.media_pages, Loaders.media_count

    assert (set(vars(loaders)), loaders.bound) == ({"reader", "bound"}, {})
    assert loaders.tag_by_id is loaders.tag_by_id
    assert set(vars(loaders)) == {"reader", "bound", "tag_by_id"}
    for size in (1, 2, 1):
        asked = PageArguments(size, False, NoFilter(), (), None, None)
        assert pages.bind(loaders, asked) is pages.bind(loaders, PageArguments(*asked))
        assert counts.bind(loaders, NoFilter()) is counts.bind(loaders, NoFilter())
    assert len(loaders.bound) == 3


def test_the_root_has_the_same_key_for_the_engine_and_the_loaders() -> None:
    assert ROOT == ROOT_KEY


OURS = (ReadSession, Loaders, BatchLoader, Session, Page, Row, Composer)
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
        await asyncio.sleep(0)  # the loop's own turn holds the last statement's rows
        # graphql-core's executor is a cycle of its own and holds the context: without that nothing may be left.
        for context in [one for one in gc.get_objects() if isinstance(one, Context)]:
            context.loaders = context.session = None  # type: ignore[assignment]
        left = [type(one).__name__ for one in gc.get_objects() if isinstance(one, OURS)]
    finally:
        gc.enable()

    assert left == []


def test_every_loader_says_what_it_answers_and_by_which_key() -> None:
    for name, ref in DECLARED.items():
        assert ref.name == name
        if isinstance(ref, Suggestions | SearchPages | SearchCounts | SearchMeasuredCounts):
            continue
        nested = isinstance(ref, One | OneByName | Many | Highlights) or ref.source.parent is not None  # type: ignore[attr-defined]
        assert ("_by_" in name) == nested, name
