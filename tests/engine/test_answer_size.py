"""Answers are bounded in bytes while they are built; the refusal names the field that is too much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from graphql import ExecutionResult

from app.service.graphql_service import Answer, Timing, written
from database.connect_args import ConnectArgs
from engine.documents.document import read
from engine.executor import Engine
from engine.plans.object_size import OF_OBJECT, OF_VALUE, width
from engine.runs.answer_size import letters
from tests.support.api import Api, open_api
from tests.support.engine_schema import LIMITS, World, context_of, schema
from tests.support.http_client import open_http

LARGE = {"max_answer_bytes": 9_000}


async def refused(api: Api, text: str) -> list[str]:
    """The path of the only error of a refused answer."""
    answer = await api.answer(text)
    [error] = answer.body["errors"]
    assert (answer.executed, answer.body["data"], error["extensions"]) == (True, None, {"code": "ANSWER_TOO_LARGE"})
    assert error["locations"]
    assert ".".join(error["path"]) in error["message"]
    assert "more than 9000 bytes" in error["message"]
    return error["path"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{ media(first: 100) { nodes { id title year overview } } }", ["media", "nodes"]),
        ("{ media(first: 30) { a: nodes { id } b: nodes { id } c: nodes { id title } d: nodes { id } } }", None),
        ("{ many: media(first: 100) { edges { cursor node { id } } } }", None),
        ("{ genres(first: 20) { nodes { media(first: 20) { nodes { __typename } } } } }", None),
        (f"{{ media(first: 50) {{ nodes {{ {'x' * 500}: id }} }} }}", ["media", "nodes"]),
        ("{ media(first: 50) { nodes { library { id name kind } } } }", ["media", "nodes", "library"]),
        ("{ media(first: 50) { nodes { id tags { name } } } }", ["media", "nodes", "tags"]),
    ],
)
async def test_an_answer_that_is_too_large_is_refused_and_the_field_is_named(
    demo: ConnectArgs, text: str, path: list[str] | None
) -> None:
    async with open_api(demo, engine="compiled", **LARGE) as api:
        found = await refused(api, text)
    assert path is None or found == path


async def test_what_fits_is_answered_and_the_bound_is_not_shared_between_requests(demo: ConnectArgs) -> None:
    async with open_api(demo, engine="compiled", **LARGE) as api:
        for _ in range(3):
            data = await api.run("{ media(first: 50) { nodes { id title year } } }")
            assert len(data["media"]["nodes"]) == 50


async def measured(text: str) -> tuple[int, Any]:
    """The bytes that an answer counts, by the largest bound that refuses it, and the data."""

    async def run(most: int) -> ExecutionResult:
        engine, document = Engine(schema, answer_bytes=most), read(schema, text, LIMITS)
        return await engine.execute(document.choose(None), {}, context_of(World()))

    result = await run(10**6)
    assert result.errors is None
    fits, most = 10**6, 0
    while fits - most > 1:
        middle = (fits + most) // 2
        if (await run(middle)).errors is None:
            fits = middle
        else:
            most = middle
    return fits, result.data


@pytest.mark.parametrize(
    "text",
    [
        "{ authors { id name } }",
        "{ authors { name books { title } mentor { id } } }",
        "{ authors { late { name } } lateAuthors { id } }",
        "{ tags(ids: [1, 2, 3]) { name } }",
    ],
)
async def test_an_answer_counts_at_least_the_bytes_of_its_text(text: str) -> None:
    counted, data = await measured(text)

    assert len(orjson.dumps(data)) <= counted


async def test_rows_that_stand_in_several_lists_count_in_each() -> None:
    once, _ = await measured("{ a: author(id: 1) { books { title } } }")
    author = "author(id: 1) { books { title } }"
    twice, _ = await measured(f"{{ a: {author} b: {author} c: {author} }}")

    assert twice - once > 1.5 * (once - OF_OBJECT)


@pytest.mark.parametrize(
    ("values", "count"),
    [
        (["ab", "", "c"], 3),
        (["ab", None, 5, "c"], 3),
        ([{"key": "text"}, ["a", ["bc"]], None], (OF_VALUE + 3 + OF_VALUE + 4 + OF_VALUE) + (1 + 2 + 4 * OF_VALUE)),
        ([], 0),
    ],
)
def test_texts_count_their_letters(values: list[Any], count: int) -> None:
    assert letters(values) == count


def test_an_object_counts_the_names_of_its_fields() -> None:
    assert width(["id", "title"]) == OF_OBJECT + 2 + 5 + 2 * OF_VALUE


async def test_the_answer_to_an_edit_that_is_too_large_says_what_is_stored(api: Api, connection: Any) -> None:
    engine = api.service.engine
    engine.compiled = True  # graphql-core knows the size when all is done
    engine.configuration = replace(engine.configuration, answer_bytes=150)
    text = 'mutation { createLibrary(name: "New", kind: MOVIE) { library { id name } } }'
    [error] = (await api.answer(text)).body["errors"]

    assert error["extensions"] == {"code": "ANSWER_TOO_LARGE"}
    assert error["message"].endswith("those before it change is changed, the ones after it were not begun.")
    assert await connection.fetchval("SELECT count(*) FROM library WHERE name = 'New'") == 1


@pytest.mark.parametrize("engine", ["compiled", "reference"])
async def test_no_answer_leaves_with_more_bytes_whoever_made_it(demo: ConnectArgs, engine: str) -> None:
    async with open_http(demo, engine=engine, max_answer_bytes=3_000) as http:
        for text in ("{ media(first: 100) { nodes { id title } } }", "{ __schema { types { name } } }"):
            response = await http.post("/graphql", json={"query": text})
            assert response.status_code == 200
            assert len(response.content) < 1_000
            body = response.json()
            assert (body["data"], body["errors"][0]["extensions"]["code"]) == (None, "ANSWER_TOO_LARGE")
            assert body["errors"][0]["path"][0] in ("media", "__schema")


def test_the_refusal_of_a_text_names_the_largest_root_field() -> None:
    answer = Answer({"data": {"a": "x", "b": "y" * 100, "c": None}}, Timing())

    assert written(answer, 1_000) == b'{"data":{"a":"x","b":"' + b"y" * 100 + b'","c":null}}'
    error = orjson.loads(written(answer, 99))["errors"][0]
    assert error["path"] == ["b"]
    assert "is changed" not in error["message"]


def test_the_refusal_of_the_text_of_an_edit_says_what_is_stored() -> None:
    answer = Answer({"data": {"a": "x" * 100}}, Timing(), type="mutation")

    assert orjson.loads(written(answer, 99))["errors"][0]["message"].endswith("What its fields change is changed.")
