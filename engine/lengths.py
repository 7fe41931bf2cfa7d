"""How long the lists of a schema are: those of relations on average, those of introspection as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from functools import cache
from math import ceil

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
)

from engine.relation import Declaration

# Pages are not chosen by chance: the lists of what somebody looks for are longer than the average.
ABOVE_AVERAGE = 1.5
# Where no average is known, and where it is lower, a list counts at least this part of its bound.
LEAST_SHARE = 16
# Who asks for a large page looks at long lists: it counts at least this part of its size.
LEAST_OF_PAGE = 3


def usual_length(declaration: Declaration, averages: Mapping[str, float]) -> int:
    """How many rows a relation's list counts: by the average, at most its bound."""
    bound = declaration.bound or 1
    return min(bound, max(-(-bound // LEAST_SHARE), expected(declaration, averages)))


def usual_page(declaration: Declaration, size: int, averages: Mapping[str, float]) -> int:
    """How many rows a page counts: its size, or what its list usually has where that is known."""
    if declaration.usual is None:
        return size
    return min(size, max(declaration.usual, -(-size // LEAST_OF_PAGE), expected(declaration, averages)))


def expected(declaration: Declaration, averages: Mapping[str, float]) -> int:
    """The rows of a list by the average of its loader, 0 where that is not known."""
    return ceil(averages.get(declaration.ref.name, 0.0) * ABOVE_AVERAGE) if declaration.ref is not None else 0


@cache
def introspection_lengths(schema: GraphQLSchema) -> dict[str, int]:
    """Lengths of introspection's lists, on average over all types, and of arguments over all fields."""
    types = schema.type_map.values()
    fields = [type_.fields for type_ in types if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))]
    arguments = [field.args for all_fields in fields for field in all_fields.values()]
    inputs = [type_.fields for type_ in types if isinstance(type_, GraphQLInputObjectType)]
    enums = [type_.values for type_ in types if isinstance(type_, GraphQLEnumType)]
    possible = [schema.get_possible_types(type_) for type_ in types if is_abstract_type(type_)]
    interfaces = [type_.interfaces for type_ in types if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))]
    return {
        "types": len(types),
        "directives": len(schema.directives),
        "fields": average(fields, len(types)),
        "args": average(arguments, len(arguments)),
        "inputFields": average(inputs, len(types)),
        "enumValues": average(enums, len(types)),
        "possibleTypes": average(possible, len(types)),
        "interfaces": average(interfaces, len(types)),
    }


def average(lists: Sequence[Sized], number: int) -> int:
    """The mean length, rounded up; one at least."""
    return max(1, -(-sum(map(len, lists)) // max(1, number)))
