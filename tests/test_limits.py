"""What a document may ask for: shape, price, introspection, each limit on both of its sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.settings import ConnectArgs
from engine.document import Document, Invalid, read
from engine.limits import Limits, Measure, check_shape
from schema.service import GRAPHQL_SCHEMA
from tests.api import open_api

DEFAULTS = Limits()
NESTED = "{ media { nodes { tags { id } } } }"


def document(text: str, **limits: int) -> Document:
    return read(GRAPHQL_SCHEMA, text, Limits(**limits))


def refused(text: str, **limits: int) -> list[str]:
    """The codes that a document is refused with."""
    with pytest.raises(Invalid) as raised:
        document(text, **limits)
    return [error["extensions"]["code"] for error in raised.value.errors]


def nodes(text: str, **variables: Any) -> int:
    """The price of a document's only operation, without a limit."""
    [operation] = document(text).operations.values()
    return operation.price.nodes(variables, Limits(nodes=10**9))


def chain(length: int, link: Callable[[str], str], last: str = "__typename") -> str:
    """A query through `length` fragments, each of which is made by `link` from the spread of the next."""
    fragments = [f"fragment f{n} on Query {{ {link(f'...f{n + 1}')} }}" for n in range(length)]
    return " ".join(["{ ...f0 }", *fragments, f"fragment f{length} on Query {{ {last} }}"])


@pytest.mark.parametrize(
    "text",
    [
        NESTED,
        "{ ...a } fragment a on Query { media { ...b } } fragment b on MediaConnection { nodes { tags { id } } }",
        "{ ... { media { ... on MediaConnection { nodes { ... @include(if: true) { tags { id } } } } } } }",
        "query A { __typename } query B { media { nodes { tags { id } } } }",
    ],
)
def test_depth_counts_fields_through_fragments_and_every_operation(text: str) -> None:
    document(text, depth=4)
    assert refused(text, depth=3) == ["TOO_DEEP"]


@pytest.mark.parametrize(
    ("text", "aliases"),
    [
        ("{ a: __typename b: __typename c: __typename }", 3),
        ("{ ...a ...a ...a } fragment a on Query { a: __typename }", 3),
        ("{ a: media { b: nodes { c: id } } }", 3),
        ("{ __typename }", 0),
    ],
)
def test_aliases_count_with_fragments_written_out(text: str, aliases: int) -> None:
    document(text, aliases=aliases)
    if aliases:
        assert refused(text, aliases=aliases - 1) == ["TOO_MANY_ALIASES"]


@pytest.mark.parametrize(
    ("text", "fields"),
    [(NESTED, 4), ("{ ...a ...a } fragment a on Query { media { nodes { id } } }", 6), ("{ __typename }", 1)],
)
def test_fields_count_with_fragments_written_out(text: str, fields: int) -> None:
    document(text, fields=fields)
    assert refused(text, fields=fields - 1) == ["TOO_MANY_FIELDS"]


@pytest.mark.parametrize(("text", "tokens"), [(NESTED, 12), ('{ tag(name: "a b c") { id } }', 11)])
def test_tokens_count_as_the_lexer_sees_them(text: str, tokens: int) -> None:
    document(text, tokens=tokens)
    assert refused(text, tokens=tokens - 1) == ["TOO_MANY_TOKENS"]


def test_comments_are_bounded_like_tokens() -> None:
    document("#\n" * 100 + "{ __typename }", tokens=100)
    assert refused("#\n" * 101 + "{ __typename }", tokens=100) == ["TOO_MANY_TOKENS"]


async def test_the_refusal_says_what_was_found_and_what_is_allowed(demo: ConnectArgs) -> None:
    limits = {"max_depth": 3, "max_aliases": 2, "max_fields": 6, "max_tokens": 30, "max_nodes": 40}
    messages = {
        NESTED: "The query is 4 levels deep: at most 3 are allowed.",
        "{ a: __typename b: __typename c: __typename }": "The query has 3 aliases: at most 2 are allowed.",
        "{ " + "__typename " * 7 + "}": "The query has 7 fields: at most 6 are allowed.",
        "{ " + "__typename " * 31 + "}": "The document has more than 30 tokens: send a shorter one.",
        "{ media(first: 41) { nodes { id } } }": "The query can reach more than 40 objects: "
        "ask for smaller pages or fewer levels.",
    }
    async with open_api(demo, **limits) as api:
        for text, message in messages.items():
            answer = await api.answer(text)
            assert (answer.executed, [error["message"] for error in answer.body["errors"]]) == (False, [message])
            assert api.statements == []
        assert len((await api.run("{ media(first: 40) { nodes { id } } }"))["media"]["nodes"]) == 40


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("{ __typename }", 0),
        ('{ node(id: "media_1") { id } }', 1),
        ("{ media { nodes { id } } }", 20),
        ("{ media(first: 100) { edges { node { id } } totalCount pageInfo { endCursor } } }", 100),
        ("{ media(last: 7) { nodes { id } } }", 7),
        ("{ media(first: 3, last: 9) { nodes { id } } }", 9),
        ("{ media(first: 1000000000) { nodes { id } } }", 100),
        ("{ media(first: 0) { nodes { id } } }", 0),
        ("{ media(first: -5) { nodes { id } } }", 0),
        ("{ media(first: null) { nodes { id } } }", 20),
        ("{ media(first: 10) { nodes { tags { id } } } }", 10 + 10 * 256 // 4),
        ("{ media(first: 10) { nodes { tags { media(first: 2) { nodes { id } } } } } }", 10 + 2_560 + 5_120),
        ("{ media(first: 10) { nodes { library { id } credits(first: 5) { nodes { person { id } } } } } }", 120),
        ("{ a: media(first: 1) { nodes { id } } b: media(first: 2) { nodes { id } } }", 3),
        ("{ media(first: 1) { nodes { id } nodes { title } } }", 1),
        ('{ nodes(ids: ["media_1", "tag_1", "tag_1"]) { id } }', 3),
        ('{ nodes(ids: "media_1") { id } }', 1),
        ('{ _entities(representations: [{id: "a"}, {id: "b"}]) { __typename } }', 2),
        ("{ media(first: 9) @skip(if: true) { nodes { id } } }", 9),
        ("{ ... @include(if: false) { media(first: 9) { nodes { id } } } }", 9),
        ("{ ...a ...a } fragment a on Query { media(first: 9) { nodes { id } } }", 18),
    ],
)
def test_the_price_of_a_document_is_what_it_may_reach(text: str, price: int) -> None:
    assert nodes(text) == price


@pytest.mark.parametrize(
    ("declared", "variables", "price"),
    [
        ("$n: Int", {"n": 5}, 5),
        ("$n: Int", {}, 20),
        ("$n: Int", {"n": None}, 20),
        ("$n: Int = 7", {}, 7),
        ("$n: Int = 7", {"n": 5}, 5),
        ("$n: Int = 7", {"n": None}, 20),
        ("$n: Int", {"n": 50.0}, 50),
        ("$n: Int", {"n": 10**12}, 100),
        ("$n: Int", {"n": 1e300}, 100),
        ("$n: Int", {"n": -1}, 0),
        ("$n: Int", {"n": "80"}, 20),
        ("$n: Int", {"n": [80]}, 20),
    ],
)
def test_a_page_size_in_a_variable_is_priced_with_its_value(declared: str, variables: Any, price: int) -> None:
    assert nodes(f"query({declared}) {{ media(first: $n) {{ nodes {{ id }} }} }}", **variables) == price


def test_lists_in_variables_are_priced_with_their_length() -> None:
    assert nodes("query($i: [ID!]!) { nodes(ids: $i) { id } }", i=["a"] * 50) == 50
    assert nodes('query($i: [ID!]! = ["a", "b"]) { nodes(ids: $i) { id } }') == 2
    assert nodes("query($i: [ID!]!) { nodes(ids: $i) { id } }", i="a") == 1
    fields = "... on Media { credits(first: 10) { nodes { id } } }"
    entities = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {fields} }} }}"
    assert nodes(entities, r=[{}] * 50) == 550


async def test_a_price_at_the_limit_is_paid_and_one_more_is_refused(demo: ConnectArgs) -> None:
    text = "query($n: Int) { media(first: $n) { nodes { id } } }"
    async with open_api(demo, max_nodes=30) as api:
        assert len((await api.run(text, n=30))["media"]["nodes"]) == 30
        assert await api.codes(text, n=31) == ["TOO_COMPLEX"]
        assert await api.codes(text, n=31.0) == ["TOO_COMPLEX"]


def test_nested_pages_are_refused_at_the_default_limits() -> None:
    text = "{ media(first: 100) { nodes { tags { media(first: 100) { nodes { id } } } } } }"
    assert document(text).operations[None].price.nodes({}, DEFAULTS) > DEFAULTS.nodes
    statement_of_the_issue = (
        "{ media(first: 100) { nodes { tags { id } genres { id } externalIds { value }"
        " credits(first: 5) { nodes { person { id } } } } } }"
    )
    assert nodes(statement_of_the_issue) == 100 + 6_400 + 1_600 + 1_600 + 500 + 500


@pytest.mark.parametrize("levels", [10, 40, 180])
def test_fragments_that_double_are_measured_without_being_written_out(levels: int) -> None:
    text = chain(levels, lambda spread: f"{spread} {spread}")
    if levels == 10:
        document(text)
    else:
        assert refused(text) == ["TOO_MANY_FIELDS"]


def test_each_fragment_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = 0
    selections = Measure.selections

    def counted(self: Measure, selection_set: Any) -> Any:
        nonlocal measured
        measured += 1
        return selections(self, selection_set)

    monkeypatch.setattr(Measure, "selections", counted)
    assert refused(chain(40, lambda spread: f"{spread} {spread} {spread}")) == ["TOO_MANY_FIELDS"]
    assert measured == 1 + 41


@pytest.mark.parametrize(
    "text",
    [
        "{ ...a } fragment a on Query { ...a }",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a __typename }",
        "{ __typename } fragment a on Media { library { media { nodes { ...a } } } }",
        "{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ...c } fragment c on Query { ...a ...a }",
    ],
)
def test_fragments_in_a_circle_are_invalid(text: str) -> None:
    assert set(refused(text)) == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("{ media " * 1_300 + "}" * 1_300, ["TOO_DEEP"]),
        ("{" + "... {" * 1_300 + "__typename" + "}" * 1_301, ["TOO_DEEP"]),
        ("{ media(filter: " + "{a: " * 900 + "1" + "}" * 900 + ") { nodes { id } } }", ["TOO_DEEP"]),
        ("{ nodes(ids: " + "[" * 1_900 + "]" * 1_900 + ") { id } }", ["TOO_DEEP"]),
        ("query($a: " + "[" * 1_900 + "Int" + "]" * 1_900 + ") { __typename }", ["TOO_DEEP"]),
        (chain(420, str), ["TOO_DEEP"]),
        ("{ " + "a " * 3_000 + "}", ["TOO_MANY_FIELDS"]),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(101)) + " }", ["TOO_MANY_ALIASES"]),
        ("{ __typename " + "@skip(if: false) " * 900 + "}", ["TOO_MANY_TOKENS"]),
        ("{ __typename " + "@unknown " * 1_000 + "}", ["GRAPHQL_VALIDATION_FAILED"] * 21),
        ("{ media { nodes { " + "id " * 1_900 + "} } }", ["TOO_COMPLEX"]),
        ("{ media { nodes { " + "...on Media { id } " * 600 + "} } }", ["TOO_COMPLEX"]),
        ("{ unknown " + " ".join(f"unknown{n}" for n in range(1_500)) + " }", ["GRAPHQL_VALIDATION_FAILED"] * 21),
        ("query(" + " ".join(f"$a{n}: Int" for n in range(900)) + ") { __typename }", None),
        ("{ tag(name: " + "{" * 1_000 + ") { id } }", None),
        ("{ a(" * 1_000, None),
    ],
)
def test_hostile_documents_are_refused_with_a_code(text: str, codes: list[str] | None) -> None:
    found = refused(text)
    if codes is None:
        assert set(found) <= {"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"}
    else:
        assert found == codes


def test_a_chain_of_fragments_deeper_than_the_stack_is_refused_by_its_shape_alone() -> None:
    assert refused(chain(2_000, str), tokens=100_000) == ["TOO_DEEP"]


def test_many_directives_that_are_allowed_do_no_harm() -> None:
    text = "{ " + " ".join("__typename @include(if: true)" for _ in range(100)) + " }"
    assert document(text).operations[None].type.value == "query"


def test_the_shape_of_every_operation_and_every_fragment_is_checked() -> None:
    with pytest.raises(Invalid) as raised:
        document("{ __typename } fragment unused on Query { a: __typename b: __typename }", aliases=1)
    assert [error["extensions"] for error in raised.value.errors] == [{"code": "TOO_MANY_ALIASES"}]
    assert check_shape(document("{ __typename }").node, DEFAULTS) is None


def test_every_value_of_a_filter_or_order_counts_for_each_parent() -> None:
    filter = "filter: { year: { min: 1, max: 2 }, or: [{ kind: [MOVIE, CLIP] }] }, orderBy: { field: YEAR }"
    nested = "genres(first: 3) { nodes { media(first: 2, filter: $f) { nodes { id } } } }"

    assert nodes(f"{{ media(first: 2, {filter}) {{ nodes {{ id }} }} }}") == 2 + 5
    text = f"query ($f: MediaFilter) {{ {nested} }}"
    assert nodes(text, f=None) == 3 + 3 * 2
    assert nodes(text, f={"title": "a", "and": [{"id": ["media_1"] * 10}]}) == 3 + 3 * 2 + 3 * 11
    deep: Any = {"title": "a"}
    for _ in range(5_000):
        deep = {"not": deep}
    assert nodes(text, f=deep) == 3 + 3 * 2 + 3
