"""What the reader of input values gives is what graphql-core gives: for all input types, random ones, any values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    Undefined,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)
from graphql.utilities import coerce_input_value
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.documents.input_reader import input_reader
from schema.root import schema

NUMBERS = st.sampled_from([0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) + 1, 2**53, 1.0, 1.5, -0.0, 1e308, True])
TEXTS = st.sampled_from(["", "a", "1", "media_1", "2024-05-06", "2024-05-06T07:08:09Z", "\0", "\ud800", "MOVIE", "A"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "id"]), inner, max_size=3),
    max_leaves=5,
)
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    GraphQLInt: st.integers(-100, 100) | st.sampled_from([2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**53]),
    GraphQLFloat: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-100, 100),
    GraphQLString: TEXTS,
    GraphQLID: TEXTS,
    GraphQLBoolean: st.booleans(),
}


@st.composite
def values_of(draw: Any, type_: Any, odd: int, depth: int = 0) -> Any:
    """A value of an input type; each part of it is something else once in `odd` times, never where that is 0."""
    if odd and draw(st.integers(1, odd)) == 1:
        return draw(ANYTHING)
    if is_non_null_type(type_):
        return draw(values_of(type_.of_type, odd, depth))
    if draw(st.integers(0, 9)) == 0:
        return None
    if is_list_type(type_):
        most = 0 if depth > 5 else 3
        return draw(st.lists(values_of(type_.of_type, odd, depth + 1), max_size=most))
    if is_input_object_type(type_):
        return draw(objects_of(type_, odd, depth + 1))
    if is_enum_type(type_):
        return draw(st.sampled_from(sorted(type_.values)))
    return draw(LEAVES.get(type_, TEXTS | NUMBERS))


@st.composite
def objects_of(draw: Any, type_: Any, odd: int, depth: int) -> dict[str, Any]:
    """A few fields of an input object, the required ones among them, in any order."""
    names = [name for name, field in type_.fields.items() if not leads_on(field.type) or depth <= 3]
    required = [name for name, field in type_.fields.items() if is_required(field)]
    if type_.is_one_of:
        chosen = [draw(st.sampled_from(names or list(type_.fields)))]
    else:
        chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=4)) if names else []
        chosen = draw(st.permutations(list(dict.fromkeys([*required, *chosen]))))
    given = {name: draw(values_of(type_.fields[name].type, odd, depth)) for name in chosen}
    if odd and draw(st.integers(1, odd)) == 1:
        given["unknown"] = 1
    return given


def leads_on(type_: Any) -> bool:
    """Whether a value holds objects."""
    type_ = get_nullable_type(type_)
    return leads_on(type_.of_type) if is_list_type(type_) else is_input_object_type(type_)


def is_required(field: Any) -> bool:
    return is_non_null_type(field.type) and field.default is None and field.default_value is Undefined


def plain(value: Any) -> Any:
    """A value as it can be compared: objects as their class and attributes, numbers with their class."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if hasattr(value, "__dict__") and not isinstance(value, type) and type(value).__module__.startswith("schema."):
        return type(value), [(name, plain(one)) for name, one in vars(value).items()]
    return type(value), repr(value)


def by_the_book(value: Any, type_: Any) -> Any:
    """graphql-core's answer; Undefined where it raises."""
    try:
        return coerce_input_value(value, type_)
    except Exception:
        return Undefined


def assert_equal(value: Any, type_: Any) -> bool:
    """Whether the reader knew the value: then it must be graphql-core's."""
    found = input_reader(type_)(value)
    if found is Undefined:
        return False
    assert plain(found) == plain(by_the_book(value, type_)), value
    return True


INPUT_TYPES = sorted(
    (one for one in schema._schema.type_map.values() if is_input_object_type(one)), key=lambda one: one.name
)


@pytest.mark.parametrize("type_", INPUT_TYPES, ids=lambda one: one.name)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_each_input_type_is_read_as_by_graphql_core(type_: Any, data: Any) -> None:
    value = data.draw(values_of(GraphQLNonNull(type_), data.draw(st.sampled_from([0, 3, 30]))))
    assume(value is not None)
    assert_equal(value, type_)


@st.composite
def random_types(draw: Any) -> Any:
    """An input object type of a few fields, which may be lists, enums, other such types, and itself."""
    color = GraphQLEnumType("Color", {"RED": GraphQLEnumValue(1), "BLUE": GraphQLEnumValue("b")})
    made: list[Any] = [*LEAVES, color]
    for number in range(draw(st.integers(1, 3))):
        made.append(draw(random_objects(number, list(made))))
    return made[-1]


@st.composite
def random_objects(draw: Any, number: int, others: list[Any]) -> Any:
    is_one_of = draw(st.booleans())
    fields: dict[str, Any] = {}
    own: list[Any] = []

    for name in draw(st.lists(st.sampled_from("abcdefg"), unique=True, min_size=1, max_size=5)):
        inner = draw(st.sampled_from([None, *others]))
        wraps = draw(st.lists(st.sampled_from(["list", "non-null"]), max_size=4))
        default = draw(st.sampled_from([Undefined, Undefined, 1])) if inner is GraphQLInt and not wraps else Undefined
        out_name = draw(st.sampled_from([None, f"py_{name}"]))
        fields[name] = (inner, wraps, Undefined if is_one_of else default, out_name)

    def thunk() -> dict[str, GraphQLInputField]:
        return {
            name: GraphQLInputField(
                wrapped(inner if inner is not None else own[0], wraps, is_nullable=is_one_of or inner is None),
                default_value=default,
                out_name=out_name,
            )
            for name, (inner, wraps, default, out_name) in fields.items()
        }

    own.append(GraphQLInputObjectType(f"Input{number}", thunk, is_one_of=is_one_of))
    return own[0]


def wrapped(type_: Any, wraps: list[str], *, is_nullable: bool) -> Any:
    for one in wraps:
        if one == "list":
            type_ = GraphQLList(type_)
        elif not is_non_null_type(type_):
            type_ = GraphQLNonNull(type_)
    return get_nullable_type(type_) if is_nullable else type_


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_input_types_are_read_as_by_graphql_core(data: Any) -> None:
    type_ = data.draw(random_types())
    for odd in (0, 3, 30):
        value = data.draw(values_of(GraphQLNonNull(type_), odd))
        if value is not None:
            assert_equal(value, type_)


def test_what_clients_send_is_read_without_graphql_core() -> None:
    item = {
        "library": "library_1",
        "title": "Heat",
        "year": 1995,
        "metadata": {"a": [1, None, {"b": 1.5}]},
        "externalIds": [{"source": "imdb", "value": "tt0113277"}],
        "tags": [{"name": "heist"}, {"id": "tag_1"}],
        "credits": [{"person": {"name": "Michael Mann"}, "role": "DIRECTOR"}],
        "files": [{"path": "/movies/heat.mkv", "size": 1_000_000, "modifiedAt": "2024-01-01T00:00:00Z"}],
        "parent": None,
    }
    type_ = schema._schema.type_map["MediaUpsert"]
    assert assert_equal(json.loads(json.dumps(item)), type_)
    assert not assert_equal({**item, "year": "1995"}, type_)
