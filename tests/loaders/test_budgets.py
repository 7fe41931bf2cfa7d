"""What an operation may use up while it runs: rows, its own time, the time of a statement, the time of a count."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from tests.support.api import open_api
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.pools import until

TAG = '{ tag(name: "noir") { id } }'


@asynccontextmanager
async def locked(connection: Any, table: str) -> AsyncIterator[None]:
    """Readers of the table wait."""
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {table}")
        yield


async def add_shelf(connection: Any, size: int) -> None:
    library = await add_library(connection)
    tag = await add_name(connection, "tag", "noir")
    for number in range(size):
        await mark(connection, "tag", await add_media(connection, library, f"M{number}"), tag)


async def test_a_request_reads_as_many_rows_as_it_may_and_not_one_more(writer: ConnectArgs, connection: Any) -> None:
    await add_shelf(connection, 3)
    text = "query($n: Int) { media(first: $n) { nodes { id tags { id } } } }"
    async with open_api(writer, max_rows=6) as api:
        # Three media and their three tags; of two media a third row tells that there are more.
        assert await api.codes(text, n=3) == []
        assert await api.codes("{ media(first: 3) { nodes { id tags { id } library { id } } } }") == ["TOO_MANY_ROWS"]
    async with open_api(writer, max_rows=5) as api:
        assert await api.codes(text, n=2) == []
        answer = await api.answer(text, n=3)
        assert answer.body["data"] == {"media": None}
        [error] = answer.body["errors"]
        assert error["message"] == "The request reads more than 5 rows: ask for smaller pages."
        assert error["extensions"] == {"code": "TOO_MANY_ROWS"}
        assert await api.codes(text, n=2) == []


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("cache_size", [0, 200])
@pytest.mark.parametrize(
    "text",
    [
        "{ media(first: 3) { nodes { tags { id } } } }",
        "{ tags(first: 1) { nodes { media(first: 3, filter: { kind: [MOVIE] }) { nodes { tags { id } } } } } }",
        "{ tags(first: 6) { nodes { media(first: 2) { nodes { id } } } } }",
    ],
)
async def test_no_statement_fetches_more_rows_than_a_request_may_read(
    writer: ConnectArgs, connection: Any, text: str, cache_size: int, engine: str
) -> None:
    library = await add_library(connection)
    tags = [await add_name(connection, "tag", f"tag {number}") for number in range(20)]
    for number in range(3):
        await mark(connection, "tag", await add_media(connection, library, f"M{number}"), *tags)
    fetched: list[int] = []
    async with open_api(writer, max_rows=10, statement_cache_size=cache_size, engine=engine) as api:
        api.pool.on_statement = lambda statement, rows, seconds: fetched.append(rows)
        assert set(await api.codes(text)) == {"TOO_MANY_ROWS"}
        assert max(fetched) == 11
        assert await api.codes("{ media(first: 2) { nodes { title library { name } } } }") == []
    async with open_api(writer, max_rows=100, statement_cache_size=cache_size, engine=engine) as api:
        assert await api.codes(text) == []


async def test_a_request_that_takes_too_long_is_ended_and_its_connection_goes_back(
    writer: ConnectArgs, connection: Any
) -> None:
    await add_name(connection, "tag", "noir")
    async with open_api(writer, request_timeout=0.2, pool_max=1) as api:
        async with locked(connection, "tag"):
            answer = await api.answer(TAG)
            assert answer.body == {
                "data": None,
                "errors": [
                    {
                        "message": "The request took longer than 0.2 s: ask for less.",
                        "extensions": {"code": "REQUEST_TIMEOUT"},
                    }
                ],
            }
            await until(lambda: (api.pool.statistics.active, api.pool.statistics.waiting) == (0, 0))
        assert await api.run(TAG) == {"tag": {"id": "tag_1"}}
        assert api.pool.statistics.opened == 1


async def test_a_statement_that_takes_too_long_is_a_coded_error_of_its_field(
    writer: ConnectArgs, connection: Any
) -> None:
    await add_name(connection, "tag", "noir")
    await add_name(connection, "genre", "drama")
    async with open_api(writer, statement_timeout=0.2, pool_max=1) as api:
        async with locked(connection, "tag"):
            answer = await api.answer('{ tag(name: "noir") { id } genre(name: "drama") { id } }')
        assert answer.body["data"] == {"tag": None, "genre": {"id": "genre_1"}}
        [error] = answer.body["errors"]
        assert (error["path"], error["extensions"]) == (["tag"], {"code": "STATEMENT_TIMEOUT"})
        assert error["message"] == "A statement took too long: ask for less, or for a simpler filter or order."
        assert await api.run(TAG) == {"tag": {"id": "tag_1"}}
        assert api.pool.statistics.opened == 1


async def test_a_count_that_takes_too_long_is_null_and_the_rest_is_intact(writer: ConnectArgs, connection: Any) -> None:
    await add_shelf(connection, 2)
    text = '{ media { totalCount nodes { title tags { name } } } tag(name: "noir") { media { totalCount } } }'
    nodes = [{"title": f"M{number}", "tags": [{"name": "noir"}]} for number in range(2)]
    async with open_api(writer, count_timeout=0.2, pool_max=1) as api:
        async with locked(connection, "library_media_count"):
            assert await api.run(text) == {
                "media": {"totalCount": None, "nodes": nodes},
                "tag": {"media": {"totalCount": 2}},
            }
        assert await api.run(text) == {
            "media": {"totalCount": 2, "nodes": nodes},
            "tag": {"media": {"totalCount": 2}},
        }
        assert api.pool.statistics.opened == 1


async def test_a_nested_count_that_takes_too_long_is_null_for_every_parent(
    writer: ConnectArgs, connection: Any
) -> None:
    await add_shelf(connection, 1)
    await add_name(connection, "tag", "western")
    text = "{ tags { nodes { name media { totalCount nodes { title } } } } }"
    async with open_api(writer, count_timeout=0.2) as api, locked(connection, "tag_media_count"):
        # The tags' own mediaCount is not asked for.
        assert await api.run(text) == {
            "tags": {
                "nodes": [
                    {"name": "noir", "media": {"totalCount": None, "nodes": [{"title": "M0"}]}},
                    {"name": "western", "media": {"totalCount": None, "nodes": []}},
                ]
            }
        }


async def test_facets_that_take_too_long_are_null_with_a_code_and_the_page_is_kept(
    writer: ConnectArgs, connection: Any
) -> None:
    await add_media(connection, await add_library(connection))
    text = "{ media { nodes { title } facets(of: [GENRE]) { field } } }"

    async with open_api(writer, count_timeout=0.2) as api, locked(connection, "genre_media_count"):
        answer = (await api.answer(text)).body

    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["media", "facets"], "COUNT_TIMEOUT")
    assert answer["data"] == {"media": {"nodes": [{"title": "Untitled"}], "facets": None}}


async def test_a_count_that_takes_too_long_has_a_code_in_every_mode(writer: ConnectArgs, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    text = """{ media(filter: { genres: { missing: true } }) { totalCount exact: count { value }
        estimated: count(mode: ESTIMATED) { value } most: count(mode: AT_MOST, limit: 5) { value } } }"""

    # graphql-core's executor reads the page too, which waits for the table.
    async with open_api(writer, count_timeout=0.2, engine="compiled") as api, locked(connection, "media_genre"):
        answer = (await api.answer(text)).body

    assert answer["data"]["media"] == dict.fromkeys(("totalCount", "exact", "estimated", "most"))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["COUNT_TIMEOUT"] * 3
    assert "ask for mode ESTIMATED or AT_MOST" in answer["errors"][0]["message"]
