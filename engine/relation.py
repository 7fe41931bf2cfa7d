"""Declared fields: every field that touches the database says which loader answers it, by which key.

The declaration travels in the field's metadata, where the limits price it, tests walk it and the engine sends a whole
level's keys at once. Under graphql-core's own executor the same declaration is an ordinary resolver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any, Literal, Protocol

import strawberry
from graphql import GraphQLResolveInfo
from graphql.pyutils import Path

from engine.limits import refusal
from engine.types import strawberry_type

METADATA = "marquee"
WEIGHT = "marquee.weight"  # of a field: how many usual values one of its own is as long as
FILTER = "marquee.filter"  # of an edit: the argument that chooses what it changes, priced as a page's filter
TARGETS = "marquee.targets"  # of an edit: what it is given (engine/documents/priced_arguments.py)
ROOT_KEY = 0  # the key of what hangs on no parent: a page of the root


# A field that asks, its place in the answer, its offset in the document, how many keys, and since when.
Asked = tuple[str, str, int, int, float]


class Lists(Protocol):
    """A level's lists as they came, without a list a key: all their rows, and whose they are.

    repeats: some keys were asked for several times, so that some rows are in several lists."""

    rows: list[Any]

    @property
    def repeats(self) -> bool: ...

    def share(self, values: Iterable[Any]) -> Iterable[list[Any]]:
        """One value a row, as the list of each key, in the order of the keys."""
        ...


class Loader(Protocol):
    """What a declared field needs of a loader: one key at a time, or a whole level's, through one cache."""

    def load(self, key: Any) -> Awaitable[Any]: ...

    async def load_batch(
        self, keys: Sequence[Any], asked: Sequence[Asked] = (), along: Sequence[Any] = ()
    ) -> Sequence[Any]:
        """One value or exception a key, in order; they may be Lists. `asked`: by which fields, where somebody
        wants to know.

        `along`: (loader, column) of lists on the one row that is asked for, to be brought along."""
        ...

    def peek(self, keys: Sequence[Any], asked: Sequence[Asked] = ()) -> Sequence[Any] | None:
        """The same where every key is known already, else None."""
        ...

    def brings_along(self, other: Any) -> bool:
        """Whether this loader can bring what another one has for its row."""
        ...


class Reference(Protocol):
    """A loader's declaration, from which an operation's own loader is had."""

    name: str

    def bind(self, group: Any, arguments: Hashable = None) -> Loader:
        """The loader of a group for these arguments: a page's size, order and filter, say. Equal ones share it."""
        ...


class Named(Protocol):
    """A column of the parent's row."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Load:
    """One look-up: a key for a loader."""

    ref: Reference
    key: Hashable
    arguments: Hashable = None

    def start(self, group: Any) -> Awaitable[Any]:
        return self.ref.bind(group, self.arguments).load(self.key)


@dataclass(frozen=True, slots=True)
class Known:
    """A value that needs no look-up."""

    value: Any


Kind = Literal["one", "many", "page", "total", "lookup"]
Loads = Load | Known | list[Load | Exception] | None
Target = Callable[[Any, Any, Mapping[str, Any]], Loads]
Site = Callable[[], list[str]]  # gives a field's place in the answer, positions in lists left out
LoaderArguments = Callable[[Any, Mapping[str, Any], Site], Hashable]
Weigh = Callable[[Sequence[Any], int], int]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a declared field tells the engine.

    kind: one (at most one row), many (at most `bound` rows), page (as many as its arguments say), total (of a whole
    list, one object or value, or one for each element of `sized_by`; `rows`: what reading each of them counts as;
    `lists_sized_by`: the argument that says how long the lists right below it are; `reads_page`: whether its target
    needs the page itself), lookup
    (of the root: one row, or one for each element of the list argument named `sized_by`, or at most `bound`; of what
    an edit gives, where it is `sized_above`: one for each of the targets of the edit).
    weigh: (elements, the most that are looked up) -> how many objects the elements count as, where not one each.
    Of a page `usual` is how many rows its whole list has where no average is known, None where lists differ too much;
    `unread` makes pages for keys and the loader's arguments where nothing but their totals is asked for.
    A relation has `ref` and, where it hangs on a parent, the parent's `column` that is the key; `loader_arguments`:
    (context, arguments, site) -> what the loader is bound to, the same for every parent. Totals and look-ups have a
    `target`: (parent, context, arguments) -> the look-ups; `refs`: the loaders that it asks, where that is known before
    it is called."""

    kind: Kind
    ref: Reference | None = None
    column: str | None = None
    loader_arguments: LoaderArguments | None = None
    target: Target | None = None
    refs: tuple[Reference, ...] = ()
    bound: int | None = None
    sized_by: str | None = None
    weigh: Weigh | None = None
    sized_above: bool = False
    usual: int | None = None
    rows: int = 1
    lists_sized_by: str | None = None
    reads_page: bool = False
    required: bool = False
    unread: Callable[[Sequence[Any], Any], list[Any]] | None = None

    def loads(self, parent: Any, context: Any, arguments: Mapping[str, Any], site: Site = list) -> Loads:
        """The look-ups of one parent."""
        if self.target is not None:
            return self.target(parent, context, arguments)
        assert self.ref is not None
        key = ROOT_KEY if self.column is None else getattr(parent, self.column)
        if key is None:
            return None
        bound = self.loader_arguments
        return Load(self.ref, key, None if bound is None else bound(context, arguments, site))


def declared(declaration: Declaration, parameters: Mapping[str, Any], description: str) -> Any:
    """A Strawberry field with this declaration; `parameters`: names and annotations of its GraphQL arguments."""

    def resolve(self: Any, info: Any, **arguments: Any) -> Any:
        return resolve_declared(declaration, self, info._raw_info, arguments)

    keyword = Parameter.KEYWORD_ONLY
    resolve.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter("self", Parameter.POSITIONAL_OR_KEYWORD),
            Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info),
            *(
                Parameter(name, keyword, annotation=written(annotation), default=default(annotation))
                for name, annotation in parameters.items()
            ),
        ]
    )
    return strawberry.field(resolver=resolve, description=description, metadata={METADATA: declaration})


def resolve_declared(
    declaration: Declaration, parent: Any, info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]
) -> Any:
    """The resolver of a declared field, for graphql-core's executor."""
    wanted = declaration.loads(parent, info.context, arguments, lambda: site_of(info.path))
    group = info.context.loaders
    if info.context.observer is not None:
        observe(info.context.observer, info)
    if wanted is None or isinstance(wanted, Known):
        return None if wanted is None else wanted.value
    if isinstance(wanted, list):
        return [one if isinstance(one, Exception) else started(declaration, one, group) for one in wanted]
    return started(declaration, wanted, group)


def started(declaration: Declaration, load: Load, group: Any) -> Awaitable[Any]:
    """The value of a look-up."""
    loaded = load.start(group)
    return present(loaded) if declaration.required else loaded


def gone() -> Exception:
    """Of a row that a parent must have: it can be missing only where it was deleted after the parent was read."""
    return refusal("GONE", "This was deleted while the request was being answered: ask again.")


async def present(loaded: Awaitable[Any]) -> Any:
    """The one row that a parent must have."""
    row = await loaded
    if row is None:
        raise gone()
    return row


class Observer(Protocol):
    """Who wants to know which field the next loads come from, and where they may have come apart."""

    def visit(self, field: str, site: str, offset: int) -> None: ...

    def send_incomplete(self, loader: str) -> None:
        """The loader is sent next although a resolver that is late may still lead to it."""
        ...


def observe(observer: Observer, info: GraphQLResolveInfo[Any]) -> None:
    """Tells the field ("Media.tags"), its place in the answer without positions in lists, and in the document."""
    site = ".".join(site_of(info.path))
    location = info.field_nodes[0].loc
    observer.visit(f"{info.parent_type.name}.{info.field_name}", site, location.start if location else 0)


def site_of(path: Path) -> list[str]:
    """A place in the answer without positions in lists."""
    return [key for key in path.as_list() if isinstance(key, str)]


@dataclass(frozen=True, slots=True)
class Defaulted:
    """An argument, and its value where the client leaves it out."""

    annotation: Any
    value: Any


def written(annotation: Any) -> Any:
    """What stands in the signature."""
    return annotation.annotation if isinstance(annotation, Defaulted) else annotation


def default(annotation: Any) -> Any:
    """Optional arguments are None where the client leaves them out; others have no default but one that is said."""
    if isinstance(annotation, Defaulted):
        return annotation.value
    inner = getattr(annotation, "__origin__", annotation)  # of Annotated
    return None if type(None) in getattr(inner, "__args__", ()) else Parameter.empty


def relation(ref: Reference, *, key: Named, bound: int | None = None, required: bool = False, description: str) -> Any:
    """Rows that hang on a parent: at most `bound` where that is given, else one, which may be `required` to be there.

    `key`: the parent's column."""
    kind: Kind = "one" if bound is None else "many"
    return declared(Declaration(kind, ref, key.name, bound=bound, required=required), {}, description)


def lookup(
    target: Callable[..., Loads],
    *,
    parameters: Mapping[str, Any],
    description: str,
    sized_by: str | None = None,
    weigh: Weigh | None = None,
    bound: int | None = None,
    refs: tuple[Reference, ...] = (),
) -> Any:
    """A field of the root that reads by its arguments: `target(context, **arguments)`.

    A list has an element for each of the argument `sized_by`, or what `weigh` makes of it, or at most `bound`."""

    def call(parent: Any, context: Any, arguments: Mapping[str, Any]) -> Loads:
        return target(context, **arguments)

    declaration = Declaration("lookup", target=call, refs=refs, sized_by=sized_by, weigh=weigh, bound=bound)
    return declared(declaration, parameters, description)


def declaration_of(field: Any) -> Declaration | None:
    """The declaration of a graphql-core field definition, None for a plain one."""
    known = strawberry_type(field)
    return None if known is None else known.metadata.get(METADATA)
