"""Refusals are cheap and short: they neither work through all that was sent nor send it back."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
import pytest

import schema.filter.name_filter
from app.service.graphql_service import GRAPHQL_SCHEMA
from database.connect_args import ConnectArgs
from domain.text import fold
from engine.documents.document import Invalid, read
from engine.documents.messages import LONGEST
from engine.documents.validation import MAX_LETTERS
from engine.limits import Limits
from tests.support.api import Api, open_api

LONG = 60_000
UNKNOWN = " ".join(f"title{place}: 1" for place in range(1_000))
LONG_UNKNOWN = " ".join(f'x{place}: "{"y" * 900}"' for place in range(60))
NODES = "{ nodes { id } }"


@pytest.mark.parametrize(
    "text",
    [
        f"{{ {'x' * LONG} }}",
        f"{{ media {{ nodes {{ {'title' * 10_000} }} }} }}",
        f'{{ media(first: "{"x" * LONG}") {{ nodes {{ id }} }} }}',
        f"query($a: {'Media' * 10_000}) {{ media(first: $a) {{ nodes {{ id }} }} }}",
        f"{{ media(filter: {{kind: [{'MOVI' * 10_000}]}}) {{ nodes {{ id }} }} }}",
        f"{{ media @{'skip' * 10_000} {{ nodes {{ id }} }} }}",
        f"{{ ...{'F' * LONG} }}",
        f"{{ media(filter: {{{UNKNOWN}}}) {{ nodes {{ id }} }} }}",
        f"{{ media(filter: {{or: [{'{a: 1} ' * 700}]}}) {{ nodes {{ id }} }} }}",
        f"{{ media(filter: {{{LONG_UNKNOWN}}}) {{ nodes {{ id }} }} }}",
        "{ a " + "(" + "x" * LONG,
    ],
)
def test_errors_of_a_document_do_not_repeat_it(text: str) -> None:
    with pytest.raises(Invalid) as raised:
        read(GRAPHQL_SCHEMA, text, Limits())
    assert all(len(error["message"]) <= LONGEST + 5 for error in raised.value.errors)
    assert len(orjson.dumps(raised.value.errors)) < MAX_LETTERS + 4_000


def test_a_message_keeps_its_beginning_and_its_end() -> None:
    with pytest.raises(Invalid) as raised:
        read(GRAPHQL_SCHEMA, f"{{ {'x' * LONG} }}", Limits())
    message = raised.value.errors[0]["message"]
    assert message.startswith("Cannot query field 'xxx")
    assert message.endswith("xxx' on type 'Query'.")


def test_validation_ends_with_the_first_error_that_is_too_long_to_be_told() -> None:
    text = f"{{ media(filter: {{{UNKNOWN}}}) {{ nodes {{ id }} }} }}"
    with pytest.raises(Invalid) as raised:
        read(GRAPHQL_SCHEMA, text, Limits())
    assert [error["message"][:22] for error in raised.value.errors[1:]] == ["Too many validation er"]


FILTERED = f"query($f: MediaFilter) {{ media(first: 1, filter: $f) {NODES} }}"


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (FILTERED, {"f": {f"key{place}" * 50: 1 for place in range(300)}}),
        (FILTERED, {"f": {"or": [{"yeear": 1}] * 800}}),
        (FILTERED, {"f": {"kind": ["MOVEI"] * 5_000}}),
        (FILTERED, {"f": {"kind": [f"MOVIE{place}" * 200 for place in range(30)]}}),
        (f"query($n: [Int!]) {{ media(filter: {{year: {{in: $n}}}}) {NODES} }}", {"n": ["x" * 500] * 400}),
        (f"query($t: DateTime) {{ media(filter: {{addedAt: {{min: $t}}}}) {NODES} }}", {"t": "1" * LONG}),
        (f"query($n: Int) {{ media(first: $n) {NODES} }}", {"n": "9" * LONG}),
        (f"query($n: Int) {{ media(first: $n) {NODES} }}", {"n": {"a" * LONG: ["b" * LONG]}}),
    ],
)
async def test_errors_of_variables_are_few_and_do_not_repeat_them(
    demo: ConnectArgs, engine: str, text: str, variables: dict[str, Any]
) -> None:
    async with open_api(demo, engine=engine) as api:
        answer = await api.answer(text, **variables)
        assert api.statements == []
    errors = answer.body["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"BAD_ARGUMENT"}
    assert len(errors) <= 21
    assert all(len(error["message"]) <= LONGEST + 5 for error in errors)
    assert not answer.executed


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize(
    ("declared", "given", "variables"),
    [
        ("$x: ID", '{name: "x", id: $x}', {}),
        ("$x: NameFilter", '{id: "tag_1", matching: $x}', {}),
        ("$x: ID!", '{name: "x", id: $x}', {"x": "tag_1"}),
        ('$x: ID = "tag_1"', '{name: "x", id: $x}', {}),
        ("$x: ID", "{id: $x}", {}),
        ("$x: ID", "{id: $x}", {"x": None}),
        ("$x: ID, $y: String", "{id: $x, name: $y}", {}),
        ("$x: ID, $y: String", "{id: $x, name: $y}", {"x": "tag_1"}),
    ],
)
async def test_an_input_of_exactly_one_key_takes_no_second_one_from_a_variable(
    demo: ConnectArgs, engine: str, declared: str, given: str, variables: dict[str, Any]
) -> None:
    text = f"query({declared}) {{ media(first: 1, filter: {{tags: {{any: [{given}]}}}}) {NODES} }}"
    async with open_api(demo, engine=engine) as api:
        assert (await api.answer(text, **variables)).body.get("errors")
        assert api.statements == []


@pytest.mark.parametrize("engine", ["compiled", "reference"])
async def test_an_input_of_exactly_one_key_takes_one_from_a_variable(demo: ConnectArgs, engine: str) -> None:
    text = f"query($x: ID!) {{ media(first: 1, filter: {{tags: {{any: [{{id: $x}}]}}}}) {NODES} }}"
    async with open_api(demo, engine=engine) as api:
        assert (await api.run(text, x="tag_1"))["media"]["nodes"]


TEXTS = {
    "title": "media(first: 1, filter: {title: $t}) { nodes { id } }",
    "search": "media(first: 1, filter: {search: $t}) { nodes { id } }",
    "title text": "media(first: 1, filter: {titleText: {contains: $t}}) { nodes { id } }",
    "path": "media(first: 1, filter: {files: {any: [{path: {eq: $t}}]}}) { nodes { id } }",
    "name of a tag": "media(first: 1, filter: {tags: {any: [{name: $t}]}}) { nodes { id } }",
    "like a tag": "media(first: 1, filter: {tags: {none: [{matching: {startsWith: $t}}]}}) { nodes { id } }",
    "names": "tags(first: 1, filter: {in: [$t]}) { nodes { id } }",
    "part of a name": "people(first: 1, filter: {contains: $t}) { nodes { id } }",
    "look-up": "tag(name: $t) { id }",
}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (field, text)
        for name, field in TEXTS.items()
        for text in ("x" * 5_000, "\ufdfa" * 499, "\u00e9" * 5_000)
        if name != "path" or len(text) > 4_096  # paths are not folded
    ],
)
async def test_a_text_that_no_name_can_have_is_refused_before_it_is_folded(
    demo_api: Api, monkeypatch: pytest.MonkeyPatch, field: str, text: str
) -> None:
    def unfolded(text: str) -> str:
        assert not text, "folded"
        return text

    monkeypatch.setattr(schema.filter.name_filter, "known_fold", unfolded)
    assert await demo_api.codes(f"query($t: String!) {{ {field} }}", t=text) == ["BAD_ARGUMENT"]
    assert demo_api.statements == []


@pytest.mark.parametrize(
    "text", ["x" * 500, "\ud55c" * 200, "\ufdfa \ufdfa", "\u30ab\u3099" * 200, "\ufb01" * 300, "\u00bd" * 100]
)
async def test_a_text_that_a_name_may_have_is_looked_for(demo_api: Api, text: str) -> None:
    for field in TEXTS.values():
        assert (await demo_api.answer(f"query($t: String!) {{ {field} }}", t=text)).body.get("errors") is None


async def test_a_text_is_folded_once_whatever_the_number_of_its_places(
    demo_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded: list[str] = []

    def count(text: str) -> str:
        folded.append(text)
        return fold(text)

    monkeypatch.setattr(schema.filter.name_filter, "known_fold", lru_cache(count))
    names = " ".join(["{name: $t}"] * 50)
    fields = " ".join(f"a{n}: media(first: 1, filter: {{tags: {{any: [{names}]}}}}) {NODES}" for n in range(5))
    await demo_api.run(f"query($t: String!) {{ {fields} }}", t="Amélie \ufdfa")

    assert [text for text in folded if text] == ["Amélie \ufdfa"]


@pytest.mark.parametrize("text", ["\ufdfa" * 150, "\ufdfa" * 499])
async def test_an_edit_is_refused_a_text_that_swells(api: Api, text: str) -> None:
    made = await api.run('mutation { createLibrary(name: "L", kind: MOVIE) { library { id } } }')
    library = made["createLibrary"]["library"]["id"]
    create = """mutation($l: ID!, $t: String!) { createMedia(items: [{library: $l, kind: MOVIE, title: $t}])
      { succeeded errors { code } } }"""
    add = 'mutation($t: String!) { addTags(items: [{media: ["media_1"], tags: [{name: $t}]}]) { errors { code } } }'

    assert (await api.run(create, l=library, t=text))["createMedia"]["errors"] == [{"code": "BAD_ARGUMENT"}]
    assert await api.codes(add, t=text) or (await api.run(add, t=text))["addTags"]["errors"]


@pytest.mark.parametrize("column", ["title", "originalTitle", "overview"])
async def test_every_folded_text_of_a_media_is_refused_where_it_swells(api: Api, column: str) -> None:
    made = await api.run('mutation { createLibrary(name: "M", kind: MOVIE) { library { id } } }')
    create = "mutation($items: [NewMedia!]!) { createMedia(items: $items) { succeeded errors { code message } } }"
    items = [
        {"library": made["createLibrary"]["library"]["id"], "title": "A", column: text}
        for text in ("\ufdfa" * 150, "\ufdfa and Amélie " * 20)
    ]

    answer = (await api.run(create, items=items))["createMedia"]

    assert answer["succeeded"] == 1
    assert [error["code"] for error in answer["errors"]] == ["BAD_ARGUMENT"]
    assert "write the letters" in answer["errors"][0]["message"]


async def test_an_id_of_any_length_is_none_of_ours(demo_api: Api) -> None:
    for id in ("x" * LONG, "media_" + "9" * LONG, "media_" + "0" * LONG + "1"):
        assert await demo_api.codes("query($i: ID!) { mediaItem(id: $i) { id } }", i=id) == ["BAD_ID"]
