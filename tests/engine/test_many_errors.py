"""Errors are located and told in a time that does not multiply: by the lines of a document, by rows, by aliases."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import GraphQLError, Source, parse

from engine.documents.parsing import DocumentSource, get_locations, parse_text
from engine.runs import errors
from tests.support.api import Api
from tests.support.factories import add_library, add_media

BAD = [f"bad{number}" for number in range(500)]
TEXTS = ["", "a", "\n\n", "a\r\nb\r\n", "\r\n\n\r", "a\nb\r\rc", "\u2028\n\u2028"]


@pytest.mark.parametrize("text", TEXTS)
def test_positions_are_where_graphql_core_says(text: str) -> None:
    for position in range(len(text) + 2):
        assert DocumentSource(text).get_location(position) == Source(text).get_location(position), position


def test_a_text_is_read_once_for_all_errors_that_stand_in_it(monkeypatch: Any) -> None:
    texts: list[str] = []

    class Counted:
        def finditer(self, text: str) -> list[Any]:
            texts.append(text)
            return []

    node = parse_text("{" + "\n" * 1_000 + "a a b }", 100)
    monkeypatch.setattr("engine.documents.parsing.LINE_BREAK", Counted())
    monkeypatch.setattr("graphql.language.location._re_newline", None)  # who reads lines by it fails
    fields = node.definitions[0].selection_set.selections  # type: ignore[attr-defined]
    for number in (1, 2, 3):
        GraphQLError("wrong", list(fields[:number]))
    assert len(texts) == 1


def test_errors_of_several_nodes_tell_of_all_of_them() -> None:
    text = "{\n a\n  a }"
    ours, theirs = (list(one.definitions[0].selection_set.selections) for one in (parse_text(text, 9), parse(text)))  # type: ignore[attr-defined]
    assert GraphQLError("wrong", ours).locations == [(2, 2), (3, 3)]
    assert get_locations([(node.loc.source, node.loc.start) for node in theirs]) == [(2, 2), (3, 3)]


async def test_more_errors_than_are_told_are_one(demo_api: Api) -> None:
    demo_api.service.engine.compiled = True  # graphql-core knows no such bound
    fields = " ".join(f"a{place}: nodes(ids: $ids) {{ id }}" for place in range(5))
    body = (await demo_api.answer(f"query ($ids: [ID!]!) {{ {fields} }}", ids=BAD)).body
    [error] = body["errors"]

    assert (body["data"], error["extensions"]["code"], error["path"][0]) == (None, "BAD_ID", "a4")
    message = "This is not an id of this API: pass one that a field `id` returned. More than 2000 "
    assert error["message"].startswith(message)
    assert len(orjson.dumps(body)) < 500


async def test_as_many_errors_as_may_be_are_all_told(demo_api: Api) -> None:
    fields = " ".join(f"a{place}: nodes(ids: $ids) {{ id }}" for place in range(4))
    body = (await demo_api.answer(f"query ($ids: [ID!]!) {{ {fields} }}", ids=BAD)).body
    assert (len(body["errors"]), body["data"]["a3"]) == (errors.MAX_FAILURES, [None] * 500)


async def test_errors_that_are_not_told_since_all_above_them_is_null_count_too(demo_api: Api) -> None:
    demo_api.service.engine.compiled = True  # graphql-core knows no such bound
    fields = " ".join(f'c{place}: credits(after: "x", first: 0) {{ totalCount }}' for place in range(90))
    text = f"{{ media(first: 100) {{ nodes {{ {fields} }} }} }}"
    assert await demo_api.codes(text) == ["BAD_CURSOR"]
    body = (await demo_api.answer(text)).body
    assert "More than 2000 errors" in body["errors"][0]["message"]


async def test_an_edit_with_too_many_errors_in_its_answer_says_that_it_is_done(
    api: Api, connection: Any, monkeypatch: Any
) -> None:
    api.service.engine.compiled = True  # graphql-core knows no such bound
    await add_media(connection, await add_library(connection))
    monkeypatch.setattr(errors, "MAX_FAILURES", 0)
    text = """mutation { markProcessed(media: ["media_1"], process: "p") {
        media { credits(after: "x") { totalCount } } } }"""
    [error] = (await api.answer(text)).body["errors"]
    assert error["extensions"]["code"] == "BAD_CURSOR"
    assert "What this field and those before it change is changed" in error["message"]


async def test_the_schema_for_gateways_is_printed_once(demo_api: Api, monkeypatch: Any) -> None:
    monkeypatch.setattr("strawberry.federation.schema.print_schema", None)
    data = await demo_api.run("{ a: _service { sdl } b: _service { sdl } }")
    assert data["a"]["sdl"].startswith("directive @oneOf")
    assert data["a"] == data["b"]
