"""Variables: what is given as it should be is read at once, all else goes by the book."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, build_schema, parse
from graphql.execution.values import VariableValues, get_variable_values

import engine.documents.variables
from engine.documents.variables import NO_VALUES, Variables

SCHEMA = build_schema("""
type Query {
    field(int: Int, input: Input, tree: Tree, either: Either, color: Color, float: Float, id: ID, flag: Boolean): Int
}
input Input { a: Int! b: String = "x" }
input Tree { below: [Tree!] }
input Either @oneOf { a: Int b: String }
enum Color { RED }
""")
INT_MAX = 2**31 - 1
PLAIN = "$int: Int!, $text: String, $id: ID!, $flag: Boolean"
GIVEN: dict[str, Any] = {"int": 1, "text": "ß", "id": "tag_1", "flag": False}


class Book:
    """graphql-core's own way, and how often it was gone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = 0
        monkeypatch.setattr(engine.documents.variables, "get_variable_values", self._read)

    def _read(
        self, schema: GraphQLSchema, definitions: Any, given: Any, max_errors: int
    ) -> VariableValues | list[GraphQLError]:
        self.opened += 1
        return get_variable_values(schema, definitions, given, max_errors)


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    return Book(monkeypatch)


def definitions(declared: str) -> Any:
    [operation] = parse(f"query({declared}) {{ field }}" if declared else "{ field }").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.variable_definitions or ()


def coerce(declared: str, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
    return Variables(SCHEMA, definitions(declared)).coerce(given)


def values(declared: str, given: dict[str, Any]) -> dict[str, Any]:
    """The values of variables that can be read, which graphql-core reads the same."""
    found, expected = coerce(declared, given), get_variable_values(SCHEMA, definitions(declared), given)
    assert isinstance(found, VariableValues)
    assert isinstance(expected, VariableValues)
    assert found.coerced == expected.coerced
    assert {name: type(value) for name, value in found.coerced.items()} == {
        name: type(value) for name, value in expected.coerced.items()
    }
    assert [(name, source.value) for name, source in found.sources.items()] == [
        (name, source.value) for name, source in expected.sources.items()
    ]
    return found.coerced


def errors(declared: str, given: dict[str, Any]) -> list[str]:
    """What is wrong with variables, in graphql-core's own words and places."""
    found, expected = coerce(declared, given), get_variable_values(SCHEMA, definitions(declared), given)
    assert isinstance(found, list)
    assert isinstance(expected, list)
    assert [error.formatted for error in found] == [error.formatted for error in expected]
    return [error.message for error in found]


def test_an_operation_without_variables_has_no_values_whatever_is_given(book: Book) -> None:
    assert coerce("", {"unknown": 1}) == NO_VALUES
    assert book.opened == 0


def test_plain_scalars_are_taken_as_they_are(book: Book) -> None:
    assert values(PLAIN, GIVEN) == {"int": 1, "text": "ß", "id": "tag_1", "flag": False}
    assert book.opened == 0


def test_the_source_of_a_plain_value_names_its_declaration(book: Book) -> None:
    found = coerce("$int: Int!", {"int": 7})

    assert isinstance(found, VariableValues)
    signature = found.sources["int"].signature
    assert (signature.name, str(signature.type), found.sources["int"].value) == ("int", "Int!", 7)
    assert book.opened == 0


def test_what_is_given_and_not_declared_is_passed_over(book: Book) -> None:
    assert values("$int: Int!", {"int": 1, "unknown": "x"}) == {"int": 1}
    assert book.opened == 0


def test_a_list_of_scalars_is_read_item_by_item(book: Book) -> None:
    assert values("$v: [Int!]!", {"v": [1, 2.0, -INT_MAX - 1]}) == {"v": [1, 2, -INT_MAX - 1]}
    assert values("$v: [ID!]", {"v": ["tag_1", 7]}) == {"v": ["tag_1", "7"]}
    assert book.opened == 0


@pytest.mark.parametrize("number", [INT_MAX, -INT_MAX, 0])
def test_integers_within_32_bits_are_taken_as_they_are(number: int, book: Book) -> None:
    assert values("$int: Int!", {"int": number}) == {"int": number}
    assert book.opened == 0


def test_the_lowest_integer_of_32_bits_is_one_all_the_same(book: Book) -> None:
    assert values("$int: Int!", {"int": -INT_MAX - 1}) == {"int": -INT_MAX - 1}
    assert book.opened == 1


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        ("$v: Int", None, None),
        ("$v: [Int]!", [1, 2], [1, 2]),
        ("$v: [String]", ["a", None], ["a", None]),
        ("$v: Color!", "RED", "RED"),
        ("$v: [Color!]", ["RED"], ["RED"]),
        ("$v: Float!", 1, 1.0),
        ("$v: Input!", {"a": 1}, {"a": 1, "b": "x"}),
        ("$v: Input!", {"a": 1, "b": None}, {"a": 1, "b": None}),
        ("$v: [Input]", [{"a": 1}, None], [{"a": 1, "b": "x"}, None]),
        ("$v: Tree", {"below": [{"below": []}, {}]}, {"below": [{"below": []}, {}]}),
        ("$v: Either", {"b": "x"}, {"b": "x"}),
    ],
)
def test_enums_lists_and_objects_are_read_at_once(declared: str, given: Any, value: Any, book: Book) -> None:
    assert values(declared, {"v": given}) == {"v": value}
    assert book.opened == 0


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        ("$v: Int!", 3.0, 3),
        ("$v: ID!", 7, "7"),
        ("$v: [Int!]!", 1, [1]),
        ("$v: Input!", {"a": 1.0}, {"a": 1, "b": "x"}),
        ("$v: [Input!]", {"a": 1}, [{"a": 1, "b": "x"}]),
    ],
)
def test_other_values_are_read_by_the_book(declared: str, given: Any, value: Any, book: Book) -> None:
    assert values(declared, {"v": given}) == {"v": value}
    assert book.opened == 1


@pytest.mark.parametrize(
    ("declared", "coerced", "opened"),
    [
        ("$v: Int", {}, 0),
        ("$v: Int = 3", {"v": 3}, 1),
        ("$v: Int! = 3", {"v": 3}, 1),
        ("$v: Color = RED", {"v": "RED"}, 1),
        ("$v: [Int!] = [1]", {"v": [1]}, 2),
    ],
)
def test_a_variable_that_is_not_given_has_its_default_or_no_value(
    declared: str, coerced: dict[str, Any], opened: int, book: Book
) -> None:
    assert values(declared, {}) == coerced
    assert book.opened == opened  # once for the default, and once more for one that requests must not share


def test_a_default_does_not_take_the_place_of_what_is_given(book: Book) -> None:
    assert values("$v: Int = 3", {"v": None}) == {"v": None}
    assert values("$v: Int! = 3", {"v": 4}) == {"v": 4}
    assert book.opened == 2  # for the defaults


@pytest.mark.parametrize(
    ("declared", "given", "words"),
    [
        ("$v: Int!", {"v": "1"}, "Variable '$v' has invalid value: Int cannot represent non-integer value: '1'"),
        ("$v: Int!", {"v": True}, "Variable '$v' has invalid value: Int cannot represent non-integer value: True"),
        ("$v: String", {"v": 1}, "Variable '$v' has invalid value: String cannot represent a non string value: 1"),
        ("$v: Boolean", {"v": 1}, "Variable '$v' has invalid value: Boolean cannot represent a non boolean value: 1"),
        ("$v: ID", {"v": True}, "Variable '$v' has invalid value: ID cannot represent value: True"),
    ],
)
def test_a_value_of_the_wrong_class_is_graphql_cores_error(
    declared: str, given: dict[str, Any], words: str, book: Book
) -> None:
    assert errors(declared, given) == [words]
    assert book.opened == 1


@pytest.mark.parametrize("number", [INT_MAX + 1, -INT_MAX - 2, 10**30])
def test_an_integer_out_of_32_bits_is_graphql_cores_error(number: int, book: Book) -> None:
    words = f"Int cannot represent non 32-bit signed integer value: {number}"

    assert errors("$v: Int", {"v": number}) == [f"Variable '$v' has invalid value: {words}"]
    assert book.opened == 1


def test_a_required_variable_that_is_missing_or_null_is_graphql_cores_error(book: Book) -> None:
    assert errors("$v: Int!", {}) == [
        "Variable '$v' has invalid value: Expected a value of non-null type 'Int!' to be provided."
    ]
    assert errors("$v: Int!", {"v": None}) == [
        "Variable '$v' has invalid value: Expected value of non-null type 'Int!' not to be None."
    ]
    assert book.opened == 2


def test_every_error_of_several_variables_is_told(book: Book) -> None:
    given = {"int": "x", "text": 1, "flag": True}

    assert errors(PLAIN, given) == [
        "Variable '$int' has invalid value: Int cannot represent non-integer value: 'x'",
        "Variable '$text' has invalid value: String cannot represent a non string value: 1",
        "Variable '$id' has invalid value: Expected a value of non-null type 'ID!' to be provided.",
    ]
    assert book.opened == 1


def test_an_item_of_a_list_fails_with_its_place(book: Book) -> None:
    assert errors("$v: [Int!]!", {"v": [1, None, "x"]}) == [
        "Variable '$v' has invalid value at [1]: Expected value of non-null type 'Int!' not to be None.",
        "Variable '$v' has invalid value at [2]: Int cannot represent non-integer value: 'x'",
    ]
    assert book.opened == 1


def test_one_variable_that_is_not_plain_sends_all_of_them_by_the_book(book: Book) -> None:
    assert values("$int: Int!, $ids: [Int]!", {"int": 1, "ids": 2}) == {"int": 1, "ids": [2]}
    assert book.opened == 1


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        ("$v: Input!", {}),
        ("$v: Input!", {"a": None}),
        ("$v: Input!", {"a": 1, "c": 1}),
        ("$v: Input!", [{"a": 1}]),
        ("$v: [Input!]", [None]),
        ("$v: Either!", {}),
        ("$v: Either!", {"a": None}),
        ("$v: Either!", {"a": 1, "b": None}),
        ("$v: Color!", "BLUE"),
        ("$v: Color!", 1),
        ("$v: Tree!", {"below": [{"below": [{"above": 1}]}]}),
    ],
)
def test_an_object_that_is_not_as_it_should_be_is_graphql_cores_error(declared: str, given: Any, book: Book) -> None:
    assert errors(declared, {"v": given})
    assert book.opened == 1


def test_a_value_that_nests_too_deep_is_left_to_graphql_core(book: Book) -> None:
    given: dict[str, Any] = {}
    for _ in range(5_000):
        given = {"below": [given]}
    assert errors("$v: Tree!", {"v": given})
    assert book.opened == 1
