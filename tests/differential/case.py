"""A hand-written case: a schema in SDL, what its root is, and an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import GraphQLSchema, build_schema

Prepare = Callable[[dict[str, Any]], None]


def unchanged(types: dict[str, Any]) -> None:
    """The schema as its SDL says."""


@dataclass(frozen=True)
class Case:
    """`root` makes a new root value for each run. `prepare` gets the schema's types by name, to give them functions."""

    name: str
    sdl: str
    root: Callable[[], Any]
    text: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    prepare: Prepare = unchanged

    def schema(self) -> GraphQLSchema:
        return built(self.sdl, self.prepare)


@cache
def built(sdl: str, prepare: Prepare) -> GraphQLSchema:
    """The schema of an SDL; where there is no Query in it, the whole is the fields of Query."""
    schema = build_schema(sdl if "type Query" in sdl else f"type Query {{ {sdl} }}")
    prepare(schema.type_map)
    return schema
