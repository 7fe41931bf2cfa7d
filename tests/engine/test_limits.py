"""What a document may ask for: shape, price, introspection, each limit on both of its sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.service.graphql_service import GRAPHQL_SCHEMA
from database.connect_args import ConnectArgs
from engine.documents.document import Document, DocumentCache, Invalid, read
from engine.limits import Limits, Measure, check_shape
from tests.support.api import open_api

DEFAULTS = Limits()
NESTED = "{ media { nodes { tags { id } } } }"


def document(text: str, **limits: Any) -> Document:
    return read(GRAPHQL_SCHEMA, text, Limits(**limits))


def refused(text: str, **limits: int) -> list[str]:
    """The codes that a document is refused with."""
    with pytest.raises(Invalid) as raised:
        document(text, **limits)
    return [error["extensions"]["code"] for error in raised.value.errors]


def quarters(text: str, **variables: Any) -> int:
    """The price of a document's only operation, in quarters of a row."""
    [operation] = document(text).operations.values()
    return operation.price.quarters(variables, DEFAULTS)


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
        NESTED: "The query is 4 levels deep: at most 3 are allowed. The deepest is media.nodes.tags.id.",
        "{ a: __typename b: __typename c: __typename }": "The query is of 3 aliases: at most 2 are allowed.",
        "{ " + "__typename " * 7 + "}": "The query is of 7 fields: at most 6 are allowed.",
        "{ " + "__typename " * 31 + "}": "The document has more than 30 tokens: send a shorter one.",
        "{ media(first: 27) { nodes { id } } }": "The operation costs 41 and may cost 40. Of this media costs 41 "
        "(100 %): ask there for smaller pages, fewer fields or fewer levels, or give an edit fewer things at once.",
    }
    async with open_api(demo, **limits) as api:
        for text, message in messages.items():
            answer = await api.answer(text)
            assert (answer.executed, [error["message"] for error in answer.body["errors"]]) == (False, [message])
            assert api.statements == []
        assert len((await api.run("{ media(first: 26) { nodes { id } } }"))["media"]["nodes"]) == 26


@pytest.mark.parametrize(
    ("text", "limits", "told"),
    [
        (NESTED, {"depth": 2}, {"code": "TOO_DEEP", "count": 4, "limit": 2, "field": "media.nodes.tags"}),
        (
            "{ media { ...a ...b } } fragment a on MediaConnection { totalCount } "
            "fragment b on MediaConnection { all: nodes { t: title y: year g: genres { n: name } } }",
            {"aliases": 4},
            {"code": "TOO_MANY_ALIASES", "count": 5, "limit": 4, "field": "media.all"},
        ),
        (
            "{ tags { totalCount } media { nodes { ... on Media { id title year kind } } } }",
            {"fields": 6},
            {"code": "TOO_MANY_FIELDS", "count": 8, "limit": 6, "field": "media.nodes"},
        ),
        ("{ a: __typename b: __typename }", {"aliases": 1}, {"code": "TOO_MANY_ALIASES", "count": 2, "limit": 1}),
        ("{ ...a } fragment a on Query { ...a }", {"fields": 0}, None),
        ("{ ...a b: id } fragment a on Query { c: id ...a }", {"aliases": 1}, {"code": "TOO_MANY_ALIASES", "count": 2}),
    ],
)
def test_a_refused_shape_is_told_in_figures_with_the_field_that_has_most_of_it(
    text: str, limits: dict[str, int], told: dict[str, Any] | None
) -> None:
    with pytest.raises(Invalid) as raised:
        document(text, **limits)
    [*_, error] = raised.value.errors
    if told is None:
        assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    else:
        assert told.items() <= error["extensions"].items()
        assert str(told["count"]) in error["message"]


def test_no_field_is_named_where_none_has_most() -> None:
    with pytest.raises(Invalid) as raised:
        document(chain(30, lambda spread: f"{spread} {spread}"))
    assert raised.value.errors[0]["extensions"] == {
        "code": "TOO_MANY_FIELDS",
        "count": 2**30,
        "limit": 2_000,
    }


async def test_a_price_at_the_limit_is_paid_and_one_more_is_refused(demo: ConnectArgs) -> None:
    text = "query($n: Int) { media(first: $n) { nodes { id } } }"
    async with open_api(demo, max_nodes=29) as api:
        assert len((await api.run(text, n=19))["media"]["nodes"]) == 19
        assert await api.codes(text, n=20) == ["TOO_COMPLEX"]
        assert await api.codes(text, n=20.0) == ["TOO_COMPLEX"]


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


def test_more_fields_than_json_can_count_are_told_as_what_it_can() -> None:
    with pytest.raises(Invalid) as raised:
        document(chain(70, lambda spread: f"{spread} {spread}"))
    assert raised.value.errors[0]["extensions"]["count"] == 10**15


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
    assert [error["extensions"]["code"] for error in raised.value.errors] == ["TOO_MANY_ALIASES"]
    assert check_shape(Measure(document("{ __typename }").node), DEFAULTS) is None


def test_a_text_is_refused_by_its_length_before_it_is_parsed_and_its_variables_do_not_count() -> None:
    cache = DocumentCache(GRAPHQL_SCHEMA, Limits(length=100))
    cache.get("{ __typename }" + " " * 86)
    with pytest.raises(Invalid) as raised:
        cache.get("{" * 101)
    [error] = raised.value.errors
    assert error["extensions"] == {"code": "DOCUMENT_TOO_LONG", "count": 101, "limit": 100}
    assert len(cache) == 1
