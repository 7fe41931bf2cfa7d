"""How a field's value is got: read from its parent, asked of a loader, or given by a resolver."""

from __future__ import annotations

from collections.abc import Callable
from keyword import iskeyword
from operator import attrgetter
from typing import Any

from graphql import GraphQLField, GraphQLObjectType
from strawberry.types.field import StrawberryField

from engine.relation import Declaration, declaration_of
from engine.types import record_of, strawberry_type

SOURCE = "marquee.source"  # in a field's metadata: (record class, variable) -> source that makes its value

Source = Callable[[str], str]


class Access:
    """source: Python source that reads the value of the object in a variable; read: the same as a function.

    read_key: reads the key of a declared relation. direct: the Strawberry field whose resolver can be called without
    its wrappers. With none of these and no declaration the field's GraphQL resolver is called."""

    __slots__ = ("_read", "declaration", "direct", "read_key", "source")

    def __init__(
        self,
        *,
        source: Source | None = None,
        declaration: Declaration | None = None,
        read_key: Callable[[Any], Any] | None = None,
        direct: StrawberryField | None = None,
    ) -> None:
        self.source = source
        self.declaration = declaration
        self.read_key = read_key
        self.direct = direct
        self._read: Callable[[Any], Any] | None = None

    @property
    def read(self) -> Callable[[Any], Any] | None:
        # Made when it is first called for: a builder reads nearly every field by its source.
        if self._read is None and self.source is not None:
            self._read = compile_reader(self.source)
        return self._read


def access_of(definition: GraphQLField, parent_type: GraphQLObjectType) -> Access:
    """How the value of a field is got."""
    known = strawberry_type(definition)
    if not isinstance(known, StrawberryField) or type(known).get_result is not StrawberryField.get_result:
        return Access()
    record = record_of(parent_type)
    if known.is_subscription:
        return Access(source=lambda event: event)  # the root of an event's execution is the event
    if (declaration := declaration_of(definition)) is not None:
        column = declaration.column
        return Access(declaration=declaration, read_key=None if column is None else getter(record, column))
    if (made := known.metadata.get(SOURCE)) is not None and record is not None:
        return Access(source=lambda variable: made(record, variable))
    if getattr(definition.resolve, "__name__", "") == "_get_basic_result":
        if known.default_resolver is getattr and known.python_name.isidentifier() and not iskeyword(known.python_name):
            return Access(source=attribute(record, known.python_name))
    elif known.base_resolver is not None and not known.extensions and not has_handlers(definition.resolve):
        return Access(direct=known)
    return Access()


def attribute(record: type | None, name: str) -> Source:
    """Reads an attribute; a record's column by the column's own source."""
    column = getattr(record, name, None)
    if hasattr(column, "source"):
        return column.source  # type: ignore[no-any-return, union-attr]
    return lambda variable: f"{variable}.{name}"


def getter(record: type | None, name: str) -> Callable[[Any], Any]:
    """Reads an attribute; a record's column by the column's own getter, which is written in C."""
    return getattr(getattr(record, name, None), "fget", None) or attrgetter(name)


def compile_reader(source: Source) -> Callable[[Any], Any]:
    """The function of a source."""
    made: Callable[[Any], Any] = eval(f"lambda o: {source('o')}")
    return made


def has_handlers(resolve: Any) -> bool:
    """Whether Strawberry's exception handlers stand around a resolver."""
    code = getattr(resolve, "__code__", None)
    names = code.co_freevars if code is not None else ()
    if "field_exception_handlers" not in names:
        return False
    return bool(resolve.__closure__[names.index("field_exception_handlers")].cell_contents)
