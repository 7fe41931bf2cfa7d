"""The columns that an operation needs, and the sides of its pages: known once from the fields that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLSchema

from database.row import Row
from engine.relation import declaration_of
from engine.types import strawberry_type
from loaders.core.read_session import PageSides
from schema.core.node import TYPE_ROWS
from schema.core.subscription import event_columns


def named_columns(schema: GraphQLSchema, fields: Mapping[str, set[str]]) -> dict[type[Row], frozenset[str]]:
    """The columns that an operation needs, by row class: of the fields that it names, and the keys of its relations."""
    found: dict[type[Row], frozenset[str]] = {}
    for name, names in fields.items():
        if (row := TYPE_ROWS.get(name)) is not None and (columns := row.wanted(names | keys_of(schema, name, names))):
            found[row] = found.get(row, frozenset()) | columns
    for column in event_columns(schema, fields) if "Subscription" in fields else ():
        found[column.row] = found.get(column.row, frozenset()) | {column.name}
    return found


def asked_sides(fields: Mapping[str, set[str]]) -> PageSides:
    """Of which sides of its pages an operation asks whether anything stands there; the fields by Python's names."""
    asked = fields.get("PageInfo", ())
    return PageSides("has_previous_page" in asked, "has_next_page" in asked)


def keys_of(schema: GraphQLSchema, name: str, names: set[str]) -> set[str]:
    """The columns that are the keys of some declared fields of a type; the fields by Python's names."""
    fields: Mapping[str, Any] = schema.type_map[name].fields  # type: ignore[attr-defined]
    named = [field for field in fields.values() if strawberry_type(field).python_name in names]
    declarations = [declaration for field in named if (declaration := declaration_of(field)) is not None]
    return {one.column for one in declarations if one.column is not None}
