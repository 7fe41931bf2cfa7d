"""Lists along: the look-up of one row brings the lists on it in its own statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import asyncpg
import pytest

from app.service.report import report, verdict
from database.connect_args import ConnectArgs
from database.row import Row
from domain.viewer import UNRESTRICTED, Viewer
from loaders.core.batch_loader import Many, One
from loaders.core.lateral_lists import LateralList, compose_row_and_lists
from loaders.core.load_stats import LoadStats
from loaders.core.read_session import ReadSession
from loaders.sql.statement import number_array
from tests.loaders.test_columns import FITTING, declared_type
from tests.loaders.test_contract import DECLARED, SilentDatabase
from tests.loaders.test_plans import BIG
from tests.support.api import Api, open_api
from tests.support.factories import add_artwork, add_external_id, add_library, add_media, add_name, mark
from tests.support.plans import MODES, explain, indexes, scans

LISTS = ("tags_by_media_id", "genres_by_media_id", "external_ids_by_media_id", "artwork_by_media_id")
ROOTS = ("media_by_id", "media_by_external_id")

EVERYTHING_OF_ONE = """{ mediaItem(id: "media_1") { title overview tags { name slug mediaCount } genres { name }
  externalIds { source value } artwork { type url } library { name } } }"""


@pytest.fixture
async def filled(connection: Any) -> None:
    """Media 1 (library 1) and 2 (library 2) with two tags each, media 3 (library 1) with nothing."""
    for name in ("Movies", "Series"):
        await add_library(connection, name)
    for library, title in ((1, "First"), (2, "Second"), (1, "Bare")):
        await add_media(connection, library, title, overview=f"Of {title}.")
    for name in ("noir", "Ärger", "zebra"):
        await add_name(connection, "tag", name)
    await add_name(connection, "genre", "comedy")
    await mark(connection, "tag", 1, 3, 1)
    await mark(connection, "tag", 2, 2, 1)
    await mark(connection, "genre", 1, 1)
    await add_external_id(connection, 1, "imdb", "tt1")
    await add_artwork(connection, 1, url="https://example.org/1.jpg")


@pytest.fixture(params=["compiled", "reference"])
async def answers(request: pytest.FixtureRequest, writer: ConnectArgs, filled: None) -> Any:
    """The API by each of the engines."""
    async with open_api(writer, engine=request.param) as opened:
        yield opened


def is_compiled(api: Api) -> bool:
    return api.service.engine.compiled


async def test_a_look_up_brings_its_lists_along_in_one_statement(answers: Api) -> None:
    data = await answers.run(EVERYTHING_OF_ONE)

    assert data == {
        "mediaItem": {
            "title": "First",
            "overview": "Of First.",
            "tags": [
                {"name": "noir", "slug": "noir", "mediaCount": 2},
                {"name": "zebra", "slug": "zebra", "mediaCount": 1},
            ],
            "genres": [{"name": "comedy"}],
            "externalIds": [{"source": "imdb", "value": "tt1"}],
            "artwork": [{"type": "POSTER", "url": "https://example.org/1.jpg"}],
            "library": {"name": "Movies"},
        }
    }
    alone = ["media_by_id", "library_by_id"]
    assert sorted(answers.statements) == sorted(alone if is_compiled(answers) else [*alone, *LISTS])


async def test_a_media_in_a_hidden_library_does_not_exist(answers: Api) -> None:
    text = '{ one: mediaItem(id: "media_1") { tags { name mediaCount } } }'
    other = '{ two: mediaItem(id: "media_2") { tags { name mediaCount } } }'

    assert await answers.run(other, Viewer((1,))) == {"two": None}
    assert await answers.run(other, Viewer((2,))) == {
        "two": {"tags": [{"name": "Ärger", "mediaCount": 1}, {"name": "noir", "mediaCount": 1}]}
    }
    assert await answers.run(text, Viewer((1,))) == {
        "one": {"tags": [{"name": "noir", "mediaCount": 1}, {"name": "zebra", "mediaCount": 1}]}
    }
    assert await answers.run(text, Viewer(())) == {"one": None}
    assert await answers.run(text, UNRESTRICTED) == {
        "one": {"tags": [{"name": "noir", "mediaCount": 2}, {"name": "zebra", "mediaCount": 1}]}
    }


async def test_an_id_that_nothing_has_brings_nothing(answers: Api) -> None:
    assert await answers.run('{ mediaItem(id: "media_999") { tags { name } genres { name } } }') == {"mediaItem": None}
    assert answers.statements == ["media_by_id"]


async def test_a_media_on_which_nothing_hangs_has_empty_lists(answers: Api) -> None:
    data = await answers.run('{ mediaItem(id: "media_3") { title tags { name } externalIds { value } } }')

    assert data == {"mediaItem": {"title": "Bare", "tags": [], "externalIds": []}}
    assert answers.statements[:1] == ["media_by_id"]
    assert len(answers.statements) == (1 if is_compiled(answers) else 3)


@pytest.mark.parametrize(
    ("source", "value", "found"),
    [("imdb", "tt1", {"id": "media_1", "tags": [{"id": "tag_1"}, {"id": "tag_3"}]}), ("imdb", "tt2", None)],
)
async def test_a_look_up_by_external_id_brings_its_lists_along(
    source: str, value: str, found: Any, answers: Api
) -> None:
    text = f'{{ mediaByExternalId(source: "{source}", value: "{value}") {{ id tags {{ id }} }} }}'

    assert await answers.run(text) == {"mediaByExternalId": found}
    along = found is None or is_compiled(answers)
    assert answers.statements == ["media_by_external_id", *(() if along else ("tags_by_media_id",))]


async def test_an_external_id_that_the_database_cannot_hold_brings_nothing(answers: Api) -> None:
    text = '{ mediaByExternalId(source: "imdb", value: "\\u0000") { tags { id } } }'

    assert await answers.run(text) == {"mediaByExternalId": None}
    assert answers.statements == []


async def test_the_same_list_under_two_names_is_brought_once(answers: Api) -> None:
    data = await answers.run('{ mediaItem(id: "media_1") { a: tags { id } b: tags { name } } }')

    assert data == {"mediaItem": {"a": [{"id": "tag_1"}, {"id": "tag_3"}], "b": [{"name": "noir"}, {"name": "zebra"}]}}
    assert answers.statements == ["media_by_id", *(() if is_compiled(answers) else ("tags_by_media_id",))]


async def test_the_same_look_up_under_two_names_brings_the_lists_of_both(answers: Api) -> None:
    text = """{ a: mediaItem(id: "media_1") { tags { id } } b: mediaItem(id: "media_1") { genres { name } title } }"""

    assert await answers.run(text) == {
        "a": {"tags": [{"id": "tag_1"}, {"id": "tag_3"}]},
        "b": {"genres": [{"name": "comedy"}], "title": "First"},
    }


@pytest.mark.parametrize(("name", "number"), [("tags", 2), ("genres", 1), ("externalIds", 1), ("artwork", 1)])
async def test_a_list_of_which_no_column_is_named_has_its_length(name: str, number: int, answers: Api) -> None:
    data = await answers.run(f'{{ mediaItem(id: "media_1") {{ {name} {{ __typename }} }} }}')

    assert len(data["mediaItem"][name]) == number


async def test_look_ups_of_two_rows_have_a_statement_for_each_list(answers: Api) -> None:
    text = '{ a: mediaItem(id: "media_1") { tags { id } } b: mediaItem(id: "media_2") { tags { id } } }'

    assert await answers.run(text) == {
        "a": {"tags": [{"id": "tag_1"}, {"id": "tag_3"}]},
        "b": {"tags": [{"id": "tag_2"}, {"id": "tag_1"}]},
    }
    assert answers.statements == ["media_by_id", "tags_by_media_id"]


async def test_what_hangs_on_rows_that_were_brought_along_is_read(answers: Api) -> None:
    text = """{ mediaItem(id: "media_1") { tags { id media(first: 1) { totalCount nodes { id tags { name } } } } } }"""

    first = {"id": "media_1", "tags": [{"name": "noir"}, {"name": "zebra"}]}
    assert await answers.run(text) == {
        "mediaItem": {
            "tags": [
                {"id": "tag_1", "media": {"totalCount": 2, "nodes": [first]}},
                {"id": "tag_3", "media": {"totalCount": 1, "nodes": [first]}},
            ]
        }
    }
    assert len(answers.statements) == (3 if is_compiled(answers) else 4)


async def test_the_report_books_lists_as_hits_of_the_batch_that_brought_them(api: Api, filled: None) -> None:
    stats = LoadStats()
    api.service.engine.compiled = True

    await api.answer('{ mediaItem(id: "media_1") { tags { id } genres { name } } }', stats=stats)

    [batch] = report(stats, 0.0, 0.0)["batches"]
    assert {name: batch[name] for name in ("loader", "keys", "uniqueKeys", "cacheHits", "statements", "rows")} == {
        "loader": "media_by_id",
        "keys": 3,
        "uniqueKeys": 1,
        "cacheHits": 2,
        "statements": 1,
        "rows": 1,
    }
    assert batch["fields"] == ["Query.mediaItem", "Media.tags", "Media.genres"]
    assert stats.batches[0].fields == {"Query.mediaItem": 1, "Media.tags": 1, "Media.genres": 1}
    assert verdict(stats) == "ok"


def hanging(*names: str) -> list[LateralList]:
    found = []
    for name in names:
        ref = DECLARED[name]
        assert isinstance(ref, Many)
        found.append(LateralList(name, ref.statement, "id"))
    return found


@dataclass(frozen=True)
class Variant:
    """A statement of a row and its lists, and who reads what."""

    root: str
    lists: tuple[str, ...]
    reader: ReadSession

    def compose(self) -> Any:
        ref = DECLARED[self.root]
        assert isinstance(ref, One)
        return compose_row_and_lists(self.root, ref.statement, hanging(*self.lists), self.reader)

    @property
    def rows(self) -> list[type[Row]]:
        return [DECLARED[name].statement.row for name in (self.root, *self.lists)]  # type: ignore[attr-defined]


def variants() -> Iterator[Variant]:
    """Each set of lists on each look-up, for no column and for all, for viewers of all and of some libraries."""
    lists = chain.from_iterable(combinations(LISTS, size) for size in range(1, len(LISTS) + 1))
    for chosen in lists:
        for root in ROOTS:
            for viewer in (Viewer(), Viewer((1, 2))):
                rows: list[type[Row]] = [DECLARED[name].statement.row for name in (root, *chosen)]  # type: ignore[attr-defined]
                for columns in ({}, {row: row.wanted(row.columns) for row in rows}):
                    yield Variant(root, chosen, ReadSession(SilentDatabase(), viewer, columns))


async def test_every_statement_has_the_columns_of_its_rows_and_an_array_for_each_of_a_list(connection: Any) -> None:
    for variant in variants():
        root, *lists = variant.rows
        text = variant.compose().statement.text
        attributes = (await connection.prepare(text)).get_attributes()
        wanted = [("", column) for column in columns_of(root, variant.reader)]
        for number, row in enumerate(lists):
            wanted += [(f"list_{number}_", column) for column in columns_of(row, variant.reader)]
        assert [one.name for one in attributes] == ["key", *(prefix + column.name for prefix, column in wanted)], text
        for attribute, (prefix, column) in zip(attributes[1:], wanted, strict=True):
            # A list of arrays comes as JSON.
            fitting = {"jsonb"} if prefix and column.is_list else FITTING[declared_type(column)[0]]
            assert attribute.type.name in {f"{name}[]" for name in fitting} if prefix else fitting, column.name
        assert "{" not in text


def columns_of(row: type[Row], reader: ReadSession) -> list[Any]:
    return [row.columns[name] for name in row.names(reader.columns(row))]


def test_a_statement_is_composed_once_for_the_columns_and_for_whether_all_libraries_are_seen() -> None:
    one, lists = DECLARED["media_by_id"], hanging("tags_by_media_id")
    assert isinstance(one, One)

    def composed(viewer: Viewer, columns: frozenset[str] = frozenset()) -> Any:
        return compose_row_and_lists(
            "media_by_id", one.statement, lists, ReadSession(SilentDatabase(), viewer, {one.statement.row: columns})
        )

    assert composed(Viewer()) is composed(Viewer())
    assert composed(Viewer((1,))) is composed(Viewer((2, 3)))
    assert composed(Viewer()) is not composed(Viewer((1,)))
    assert composed(Viewer()) is not composed(Viewer(), frozenset({"overview"}))
    assert (composed(Viewer()).scoped, composed(Viewer((1,))).scoped) == (False, True)


@pytest.mark.parametrize("root", ROOTS)
async def test_a_row_and_its_lists_are_found_by_their_indexes(root: str, large: ConnectArgs) -> None:
    connection = await asyncpg.connect(**large.kwargs())
    await connection.execute("SET jit = off")
    source, value, media = await connection.fetchrow(
        "SELECT source, value, media_id FROM external_id OFFSET 500 LIMIT 1"
    )
    keys: object = [f"{source}:{value}"] if root == "media_by_external_id" else number_array([media])
    expected = {
        "media_pkey",
        "media_tag_pkey",
        "media_genre_pkey",
        "external_id_media_id_source_value",
        "artwork_media_id_type_id",
    }
    for libraries in (None, (1, 2, 3)):
        composed = Variant(root, LISTS, ReadSession(SilentDatabase(), Viewer(libraries))).compose()
        values = [keys] if libraries is None else [keys, libraries]
        for mode in MODES:
            steps = await explain(connection, composed.statement, values, mode)
            assert expected <= indexes(steps), (mode, libraries)
            assert [one for one in scans(steps) if one.type == "Seq Scan" and one.table in BIG] == [], (mode, libraries)
            assert sum(one.read for one in scans(steps) if one.table in BIG) <= 60, (mode, libraries)
    await connection.close()
