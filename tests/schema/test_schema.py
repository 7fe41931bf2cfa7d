"""The published schema: its snapshot, and the names that were fixed first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import strawberry
from graphql import (
    GraphQLSchema,
    build_schema,
    get_nullable_type,
    is_enum_type,
    is_interface_type,
    is_non_null_type,
    is_object_type,
)

from app.service.graphql_service import GRAPHQL_SCHEMA
from domain.memberships import MEMBERSHIPS
from schema.root import schema

CHECKOUT = Path(__file__).resolve().parents[2]
FIRST = Path(__file__).resolve().parents[1] / "data" / "schema-1.graphql"


def test_the_snapshot_is_the_schema() -> None:
    assert (CHECKOUT / "schema.graphql").read_text() == schema.as_str() + "\n"


def first_schema() -> GraphQLSchema:
    return build_schema("directive @oneOf on INPUT_OBJECT\n" + FIRST.read_text(), assume_valid=True)


def signature(field: Any) -> dict[str, tuple[str, Any]]:
    """The arguments of a field: type and default by name."""
    return {name: (str(argument.type), argument.default_value) for name, argument in field.args.items()}


def still_takes(found: tuple[str, Any] | None, wanted: tuple[str, Any]) -> bool:
    """Whether an argument takes what it took: it is as it was, or need not be given any more."""
    return found == wanted or (found is not None and f"{found[0]}!" == wanted[0])


def test_every_name_argument_and_nullability_of_the_first_schema_stands() -> None:
    missing = []
    for name, type_ in first_schema().type_map.items():
        if name.startswith("__") or not hasattr(type_, "fields"):
            continue
        now = GRAPHQL_SCHEMA.type_map[name]
        assert type(now) is type(type_)
        for field_name, field in type_.fields.items():
            found = now.fields.get(field_name)  # type: ignore[attr-defined]
            # An error of one root field leaves the others: since then they may be null.
            type_then = get_nullable_type(field.type) if name == "Query" else field.type
            if found is None or str(found.type) != str(type_then):
                missing.append(f"{name}.{field_name}: {field.type}")
            elif is_object_type(type_) or is_interface_type(type_):
                given, wanted = signature(found), signature(field)
                missing += [
                    f"{name}.{field_name}({key})" for key in wanted if not still_takes(given.get(key), wanted[key])
                ]
    assert missing == []


def test_a_root_field_that_fails_leaves_the_others() -> None:
    assert GRAPHQL_SCHEMA.query_type is not None
    required = [name for name, field in GRAPHQL_SCHEMA.query_type.fields.items() if is_non_null_type(field.type)]
    assert sorted(required) == ["_entities", "_service"]  # as the specification of subgraphs wants it


def test_every_enum_value_of_the_first_schema_stands() -> None:
    for name, type_ in first_schema().type_map.items():
        if is_enum_type(type_) and not name.startswith("__"):
            assert set(type_.values) <= set(GRAPHQL_SCHEMA.type_map[name].values)  # type: ignore[attr-defined]


def test_one_of_inputs_say_so() -> None:
    assert "input NameOrId @oneOf" in schema.as_str()


def test_every_node_type_has_the_key_of_a_federated_entity() -> None:
    for name in ("Media", *(one.type_name for one in MEMBERSHIPS), "Person", "Library"):
        assert f'type {name} implements Node @key(fields: "id") @shareable {{' in schema.as_str()
    assert "type PageInfo @shareable" in schema.as_str()


def test_the_private_part_of_strawberry_that_is_used_is_there() -> None:
    """app/service/graphql_service.py executes on the graphql-core schema that Strawberry has built."""
    assert isinstance(schema, strawberry.federation.Schema)
    assert isinstance(GRAPHQL_SCHEMA, GraphQLSchema)
    assert GRAPHQL_SCHEMA.query_type is not None
    assert "strawberry-definition" in GRAPHQL_SCHEMA.query_type.fields["media"].extensions
