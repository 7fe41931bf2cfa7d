"""Declared fields: every field that touches the database says which loader answers it, by which key.

The declaration travels in the field's metadata, where the limits price it, tests walk it and an executor can send a
whole level's keys at once. Under graphql-core's own executor the same declaration is an ordinary resolver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any, Literal, Protocol

import strawberry
from graphql import GraphQLResolveInfo

from engine.limits import refusal

METADATA = "marquee"


class Loader(Protocol):
    """What a declared field needs of a loader."""

    def load(self, key: Any) -> Awaitable[Any]: ...


class Reference(Protocol):
    """A loader's declaration, from which an operation's own loader is had."""

    name: str

    def of(self, group: Any) -> Loader: ...


class Named(Protocol):
    """A column of the parent's row."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Load:
    """One look-up: a key for a loader."""

    ref: Reference
    key: Hashable


Kind = Literal["one", "many", "page", "total", "lookup"]
Target = Callable[[Any, Any, Mapping[str, Any]], "Load | list[Load | Exception] | None"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a declared field tells the engine.

    kind: one (at most one row), many (at most `bound` rows), page (as many as its arguments say), total, lookup
    (of the root: one row, or one for each element of the list argument named `sized_by`).
    target: (parent, context, arguments) -> the look-ups; column: the parent's column where that is the key."""

    kind: Kind
    target: Target
    ref: Reference | None = None
    column: str | None = None
    bound: int | None = None
    sized_by: str | None = None
    required: bool = False


def declared(declaration: Declaration, parameters: Mapping[str, Any], description: str) -> Any:
    """A Strawberry field with this declaration; `parameters`: names and annotations of its GraphQL arguments."""
    target = declaration.target

    def resolve(self: Any, info: Any, **arguments: Any) -> Any:
        wanted = target(self, info.context, arguments)
        group = info.context.loaders
        if info.context.observer is not None:
            observe(info.context.observer, info._raw_info)
        if wanted is None:
            return None
        if isinstance(wanted, list):
            return [one if isinstance(one, Exception) else one.ref.of(group).load(one.key) for one in wanted]
        loaded = wanted.ref.of(group).load(wanted.key)
        return present(loaded) if declaration.required else loaded

    keyword = Parameter.KEYWORD_ONLY
    resolve.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter("self", Parameter.POSITIONAL_OR_KEYWORD),
            Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info),
            *(
                Parameter(name, keyword, annotation=annotation, default=default(annotation))
                for name, annotation in parameters.items()
            ),
        ]
    )
    return strawberry.field(resolver=resolve, description=description, metadata={METADATA: declaration})


async def present(loaded: Awaitable[Any]) -> Any:
    """The one row that a parent must have. It can be missing only where it was deleted after the parent was read."""
    row = await loaded
    if row is None:
        raise refusal("GONE", "This was deleted while the request was being answered: ask again.")
    return row


class Observer(Protocol):
    """Who wants to know which field the next loads come from."""

    def visit(self, field: str, site: str, offset: int) -> None: ...


def observe(observer: Observer, info: GraphQLResolveInfo[Any]) -> None:
    """Tells the field ("Media.tags"), its place in the answer without positions in lists, and in the document."""
    site = ".".join(key for key in info.path.as_list() if isinstance(key, str))
    location = info.field_nodes[0].loc
    observer.visit(f"{info.parent_type.name}.{info.field_name}", site, location.start if location else 0)


def default(annotation: Any) -> Any:
    """Optional arguments are None where the client leaves them out; others have no default."""
    inner = getattr(annotation, "__origin__", annotation)  # of Annotated
    return None if type(None) in getattr(inner, "__args__", ()) else Parameter.empty


def relation(ref: Reference, *, key: Named, bound: int | None = None, required: bool = False, description: str) -> Any:
    """Rows that hang on a parent: at most `bound` where that is given, else one, which may be `required` to be there.

    `key`: the parent's column."""
    column = key.name

    def target(parent: Any, context: Any, arguments: Mapping[str, Any]) -> Load | None:
        value = getattr(parent, column)
        return None if value is None else Load(ref, value)

    kind: Kind = "one" if bound is None else "many"
    return declared(Declaration(kind, target, ref, column, bound, required=required), {}, description)


def lookup(
    target: Callable[..., Load | list[Load | Exception] | None],
    *,
    parameters: Mapping[str, Any],
    description: str,
    sized_by: str | None = None,
) -> Any:
    """A field of the root that reads by its arguments: `target(**arguments)`, with `context` where it takes one."""

    def call(parent: Any, context: Any, arguments: Mapping[str, Any]) -> Load | list[Load | Exception] | None:
        return target(context, **arguments)

    return declared(Declaration("lookup", call, sized_by=sized_by), parameters, description)


def declaration_of(field: Any) -> Declaration | None:
    """The declaration of a graphql-core field definition, None for a plain one."""
    strawberry_field = field.extensions.get("strawberry-definition")
    return None if strawberry_field is None else strawberry_field.metadata.get(METADATA)
