"""Scalars beyond GraphQL's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NewType

import strawberry
from graphql import (
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    value_from_ast_untyped,
)
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from domain.bounds import EXACT
from domain.exact_json import read_float, read_integer

__all__ = ["JSON", "SCALARS", "BigInt"]

ECMA_404 = "https://ecma-international.org/wp-content/uploads/ECMA-404_2nd_edition_december_2017.pdf"


def read_big_int(value: object) -> int:
    """A whole number that clients can hold; ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not EXACT.holds(value):
        raise ValueError("BigInt is a whole number between -(2^53 - 1) and 2^53 - 1.")
    return value


BigInt = NewType("BigInt", int)


def read_literal(node: Any, variables: Mapping[str, Any] | None = None) -> Any:
    """The JSON value of a literal in a document, its numbers as they are written there."""
    if isinstance(node, IntValueNode):
        return read_integer(node.value)
    if isinstance(node, FloatValueNode):
        return read_float(node.value)
    if isinstance(node, ListValueNode):
        return [read_literal(one, variables) for one in node.values]
    if isinstance(node, ObjectValueNode):
        return {field.name.value: read_literal(field.value, variables) for field in node.fields}
    return value_from_ast_untyped(node, dict(variables or {}))


def identity(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value. Numbers are kept exactly; those of more than 64 bits, or of more digits than a "
        "64-bit float has, are refused: send them as strings.",
        specified_by_url=ECMA_404,
        serialize=identity,
        parse_value=identity,
        parse_literal=read_literal,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number between -(2^53 - 1) and 2^53 - 1, as a JSON number: a file size, for example.",
        serialize=read_big_int,
        parse_value=read_big_int,
    ),
}
