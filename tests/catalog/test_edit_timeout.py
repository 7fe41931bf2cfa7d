"""Mutations that run out of time: what is done is told with its data, of the rest what is known; on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from tests.support.api import Api, open_api
from tests.support.factories import add_library, add_media

THREE = """mutation ($a: [NewMedia!]!, $c: [NewMedia!]!) { kind: __typename
    a: createMedia(items: $a) { succeeded errors { code } media { title } }
    b: addTags(items: [{ media: "media_1", tags: { name: "late" } }]) { succeeded }
    c: createMedia(items: $c) { succeeded } end: __typename }"""
NEW: dict[str, Any] = {"a": {"library": "library_1", "title": "first"}, "c": {"library": "library_1", "title": "third"}}
# Each row of media keeps its transaction from being committed.
SLOW_COMMIT = """
CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER media_lingers AFTER INSERT ON media DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION linger();
"""


@pytest.fixture(params=["compiled", "reference"])
async def hurried(request: Any, writer: ConnectArgs, connection: Any) -> AsyncIterator[Api]:
    """An API that gives a request little time; one media is there."""
    await add_media(connection, await add_library(connection))
    async with open_api(writer, request_timeout=1.5, engine=request.param) as api:
        yield api


def told(body: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(error["path"], error["extensions"]["code"], error["extensions"]["outcome"]) for error in body["errors"]]


async def test_what_is_done_is_told_and_of_the_rest_that_nothing_is_stored(hurried: Api, connection: Any) -> None:
    async with connection.transaction():
        await connection.execute("SELECT FROM media WHERE id = 1 FOR UPDATE")
        body = (await hurried.answer(THREE, **NEW)).body

    assert body["data"] == {
        "kind": "Mutation",
        "a": {"succeeded": 1, "errors": [], "media": [{"title": "first"}]},
        "b": None,
        "c": None,
        "end": "Mutation",
    }
    assert told(body) == [
        (["b"], "REQUEST_TIMEOUT", "NOT_STORED"),
        (["c"], "REQUEST_TIMEOUT", "NOT_STORED"),
    ]
    assert "before this field was begun" in body["errors"][1]["message"]
    assert [row[0] for row in await connection.fetch("SELECT title FROM media ORDER BY id")] == ["Untitled", "first"]

    again = await hurried.run(THREE, **NEW)
    assert (again["a"]["errors"], again["b"], again["c"]) == ([{"code": "DUPLICATE"}], *[{"succeeded": 1}] * 2)
    assert await connection.fetchval("SELECT count(*) FROM media") == 3


async def test_errors_of_what_is_done_are_told_too(hurried: Api, connection: Any) -> None:
    text = """mutation { a: renameLibrary(id: "library_9", name: "x") { library { id } }
        b: updateMedia(items: { id: "media_1", title: "x" }) { succeeded } }"""
    async with connection.transaction():
        await connection.execute("SELECT FROM media WHERE id = 1 FOR UPDATE")
        body = (await hurried.answer(text)).body

    assert body["data"] == {"a": None, "b": None}
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [
        (["a"], "NOT_FOUND"),
        (["b"], "REQUEST_TIMEOUT"),
    ]


async def test_an_edit_whose_answer_is_late_is_told_to_be_stored(hurried: Api, connection: Any) -> None:
    text = """mutation ($a: [NewMedia!]!) { a: createMedia(items: $a) { succeeded
        media { credits(first: 1) { nodes { role } } } } }"""
    async with connection.transaction():
        await connection.execute("LOCK TABLE credit IN ACCESS EXCLUSIVE MODE")
        body = (await hurried.answer(text, a=NEW["a"])).body

    assert body["data"] == {"a": None}
    assert told(body) == [(["a"], "REQUEST_TIMEOUT", "STORED")]
    assert "Do not send it again" in body["errors"][0]["message"]
    assert await connection.fetchval("SELECT count(*) FROM media") == 2


async def test_an_edit_that_is_being_committed_is_told_to_be_unknown(hurried: Api, connection: Any) -> None:
    await connection.execute(SLOW_COMMIT)

    body = (await hurried.answer(THREE, **NEW)).body

    assert body["data"] == {"kind": "Mutation", "a": None, "b": None, "c": None, "end": "Mutation"}
    assert told(body) == [
        (["a"], "OUTCOME_UNKNOWN", "UNKNOWN"),
        (["b"], "REQUEST_TIMEOUT", "NOT_STORED"),
        (["c"], "REQUEST_TIMEOUT", "NOT_STORED"),
    ]


async def test_a_query_that_runs_out_of_time_is_told_as_a_whole(hurried: Api, connection: Any) -> None:
    async with connection.transaction():
        await connection.execute("LOCK TABLE media IN ACCESS EXCLUSIVE MODE")
        body = (await hurried.answer("{ a: media { nodes { id } } b: tags { nodes { id } } }")).body

    assert body["data"] is None
    assert [error["extensions"]["code"] for error in body["errors"]] == ["REQUEST_TIMEOUT"]


async def test_a_later_field_that_fails_takes_nothing_from_an_earlier_one(hurried: Api, connection: Any) -> None:
    text = """mutation ($a: [NewMedia!]!) { a: createMedia(items: $a) { succeeded }
        b: createLibrary(name: "movies") { library { id } } c: renameLibrary(id: "x", name: "y") { library { id } } }"""

    body = (await hurried.answer(text, a=NEW["a"])).body

    assert body["data"] == {"a": {"succeeded": 1}, "b": None, "c": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["NAME_TAKEN", "BAD_ID"]
