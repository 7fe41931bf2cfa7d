"""Global ids and the Node interface.

An id is the noun's prefix and the row's number, "media_42": typed, canonical, opaque to clients."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import strawberry

from database.row import Row
from domain.bounds import BIGINT
from domain.errors import CatalogError, Code
from domain.ids import format_id
from engine.plans.access import SOURCE
from engine.relation import Load, Reference, lookup
from schema.core.context import Context

T = TypeVar("T")
G = TypeVar("G")

ID = re.compile(r"([a-z_]+)_([1-9][0-9]{0,18})")
MAX_ID_LENGTH = 100  # letters: longer texts are refused without parsing


class NodeType:
    """A type whose objects are found by id: prefix of its ids, row class, loader by id."""

    __slots__ = ("by_id", "name", "prefix")

    def __init__(self, name: str, prefix: str, by_id: Reference) -> None:
        self.name = name
        self.prefix = prefix
        self.by_id = by_id


NODE_TYPES: dict[str, NodeType] = {}  # by prefix
PREFIXES: dict[type, str] = {}
TYPE_ROWS: dict[str, type[Row]] = {}  # by GraphQL name


def encode_id(row: Any) -> strawberry.ID:
    """The global id of a row of a type that has ids."""
    return strawberry.ID(format_id(PREFIXES[type(row)], row.id))


def id_source(row: type[Row], variable: str) -> str:
    """Python that makes the global id of the row of this class in a variable, as `encode_id` does."""
    number = "{" + row.columns["id"].source(variable) + "}"
    return f'f"{format_id(PREFIXES[row], number)}"'


def decode_id(text: str, prefix: str) -> int:
    """The number in an id of the noun with this prefix; BAD_ID for anything else."""
    found = split_id(text)
    if found[0] != prefix:
        raise CatalogError(Code.BAD_ID, f"This is the id of a {found[0]}: a {prefix}'s is needed here.")
    return found[1]


def split_id(text: str) -> tuple[str, int]:
    """Prefix and number of any node's id; BAD_ID for anything else, and for types without a look-up."""
    match = ID.fullmatch(text) if len(text) <= MAX_ID_LENGTH else None
    if match is None or match[1] not in PREFIXES.values() or int(match[2]) > BIGINT.most:
        raise CatalogError(Code.BAD_ID, "This is not an id of this API: pass one that a field `id` returned.")
    if match[1] not in NODE_TYPES:
        raise CatalogError(Code.BAD_ID, f"This is the id of a {match[1]}: no object can be looked up by it.")
    return match[1], int(match[2])


def load_node(text: str) -> Load:
    """The look-up for an id of any type."""
    prefix, number = split_id(text)
    return Load(NODE_TYPES[prefix].by_id, number)


def register(cls: type, row: type[Row], prefix: str | None) -> None:
    """Makes a GraphQL type know its rows, read as they come from the database: `__record__` is their class."""
    classes = (row, *row.item_types)
    cls.__record__ = row  # type: ignore[attr-defined]
    cls.is_type_of = classmethod(lambda cls, value, info: type(value) in classes)  # type: ignore[attr-defined]
    TYPE_ROWS[cls.__name__] = row
    if prefix is not None:
        PREFIXES.update(dict.fromkeys(classes, prefix))


def row_type(row: type[Row], *, description: str, prefix: str | None = None) -> Callable[[type[T]], type[T]]:
    """A GraphQL type whose objects are rows of a class; `prefix` for one that has ids without being a Node."""

    def decorate(cls: type[T]) -> type[T]:
        register(cls, row, prefix)
        return strawberry.federation.type(cls, shareable=True, description=description)

    return decorate


def node_type(row: type[Row], prefix: str, by_id: Reference, *, description: str) -> Callable[[type[T]], type[T]]:
    """A row type that `node`, `nodes` and federation's `_entities` find by id.

    Shareable, so that another subgraph may declare that it `@provides` some of these fields."""

    def decorate(cls: type[T]) -> type[T]:
        NODE_TYPES[prefix] = NodeType(cls.__name__, prefix, by_id)
        register(cls, row, prefix)
        return strawberry.federation.type(cls, keys=["id"], shareable=True, description=description)

    return decorate


def id_field() -> Any:
    """The field `id` of a type whose rows have a prefix."""
    return strawberry.field(
        resolver=lambda self: encode_id(self), description="Global id, opaque.", metadata={SOURCE: id_source}
    )


def version_field() -> Any:
    """The field `version` of a type that is edited by hand."""
    return strawberry.field(
        description="Version of its own fields, from 1: pass it with an edit to detect conflicting changes."
    )


def reference_field(prefix: str, column: Any, description: str) -> Any:
    """A field with the global id of what a column refers to, whether or not that exists."""
    return strawberry.field(
        resolver=lambda self: strawberry.ID(format_id(prefix, getattr(self, column.name))),
        description=description,
        metadata={SOURCE: lambda row, variable: f'f"{format_id(prefix, "{" + column.source(variable) + "}")}"'},
    )


@strawberry.interface(description="Any object that can be looked up by its id.")
class Node:
    """Objects are rows; the class of a row determines its GraphQL type."""

    id: strawberry.ID = id_field()

    @classmethod
    def resolve_type(cls, value: Any, info: Any, type_: Any) -> str:
        return NODE_TYPES[PREFIXES[type(value)]].name


IdArgument = Annotated[strawberry.ID, strawberry.argument(description="A global id, as returned by a field `id`.")]
IdsArgument = Annotated[list[strawberry.ID], strawberry.argument(description="Global ids, at most 500 by default.")]


def load_by_id(ref: Reference, prefix: str) -> Callable[..., Load]:
    """The target of a root field with the argument `id`."""
    return lambda context, id: Load(ref, decode_id(id, prefix))


def load_each(context: Context, given: list[G], load: Callable[[G], Load], noun: str) -> list[Load | Exception]:
    """One look-up for each element, or the error of that element; BAD_ARGUMENT if there are too many."""
    limit = context.loaders.reader.budget.ids_max
    if len(given) > limit:
        raise CatalogError(Code.BAD_ARGUMENT, f"At most {limit} {noun} at once: {len(given)} were given.")
    found: list[Load | Exception] = []
    for one in given:
        try:
            found.append(load(one))
        except CatalogError as error:
            found.append(error)
    return found


@strawberry.type
class NodeQuery:
    """Root fields for any id."""

    node: Node | None = lookup(
        lambda context, id: load_node(id),
        parameters={"id": IdArgument},
        description="Any object by its id; null if it does not exist or is not visible.",
    )
    nodes: list[Node | None] | None = lookup(
        lambda context, ids: load_each(context, ids, load_node, "ids"),
        parameters={"ids": IdsArgument},
        sized_by="ids",
        description="Objects by their ids, in order; null for each that does not exist.",
    )
