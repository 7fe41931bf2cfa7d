"""The adversarial schema in Strawberry: every way to answer a field, in every mix of lists and nulls."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, NewType
from uuid import UUID

import strawberry
from strawberry.schema.config import StrawberryConfig

from engine.relation import relation
from tests.differential import objects
from tests.differential.adversarial_fields import Arguments, Color, Guarded
from tests.differential.adversarial_rows import STAR_BY_ID, Moon, Planet, RowQuery, Star, move
from tests.differential.chance import Thenable
from tests.differential.objects import Thing, make_object


@strawberry.interface
class Being:
    id: strawberry.ID
    nickname: str | None = strawberry.field(resolver=objects.method)
    friend: Being | None = strawberry.field(resolver=objects.late_method)


@strawberry.interface
class Named(Being):
    name: str
    rival: Named | None = strawberry.field(resolver=objects.method)


@strawberry.type
class Dog(Named, Thing):
    """No is_type_of of its own."""

    color: Color | None
    owners: list[Being | None] = strawberry.field(resolver=objects.promise)


@strawberry.type
class Cat(Named, Thing):
    """Some of the cats are none."""

    lives: int
    prey: list[Annotated[Dog | Cat | Rock, strawberry.union("Prey")]] | None = strawberry.field(resolver=objects.method)

    @classmethod
    def is_type_of(cls, value: Any, info: Any) -> bool:
        return isinstance(value, Thing) and value.n % 9 != 4


@strawberry.type
class Fish(Being, Thing):
    """What they are takes a while to tell."""

    depth: float | None

    @classmethod
    def is_type_of(cls, value: Any, info: Any) -> Any:
        return Thenable(isinstance(value, Thing) and value.n % 11 != 5)


class NumberColumn:
    """The attribute of an object that is a key."""

    name = "n"


@strawberry.type
class Rock(Thing):
    weight: int
    color: Color | None
    label: str = strawberry.field(resolver=objects.raising)
    star: Star | None = relation(STAR_BY_ID, key=NumberColumn(), description="A record, reached from an object.")


Anything = Annotated[Dog | Cat | Rock, strawberry.union("Anything")]

KINDS: dict[str, Any] = {
    "attribute": None,
    "method": objects.method,
    "raising": objects.raising,
    "late": objects.late_method,
    "slow": objects.slow_method,
    "promise": objects.promise,
    "fulfilled": objects.fulfilled,
}


def wrappers(inner: Any) -> dict[str, Any]:
    """Every mix of lists and nulls."""
    return {
        "maybe": inner | None,
        "sure": inner,
        "list": list[inner | None] | None,
        "list_of_sure": list[inner] | None,
        "sure_list": list[inner | None],
        "all_sure": list[inner],
        "grid": list[list[inner]],
        "maybe_grid": list[list[inner | None] | None] | None,
    }


def mixes(name: str, inner: Any) -> Any:
    """A type with a field of each kind in each mix of one inner type."""
    annotations, fields = {}, {}
    for kind, resolver in KINDS.items():
        for wrapper, annotation in wrappers(inner).items():
            annotations[f"{kind}_{wrapper}"] = annotation
            fields[f"{kind}_{wrapper}"] = strawberry.field(resolver=resolver)
    return strawberry.type(type(name, (Thing,), {"__annotations__": annotations, **fields}))


Ints = mixes("Ints", int)
Colors = mixes("Colors", Color)
Rocks = mixes("Rocks", Rock)
Beings = mixes("Beings", Being)
Anythings = mixes("Anythings", Anything)

OddNumber = NewType("OddNumber", int)


def serialize_odd(value: Any) -> int | None:
    """Odd numbers are themselves, half of the even ones nothing, the others an error."""
    if value % 2:
        return int(value)
    if value % 4:
        return None
    raise ArithmeticError(f"{value} is even")


def parse_odd(value: Any) -> int:
    if not isinstance(value, int) or value % 2 == 0:
        raise ValueError(f"{value!r} is not odd")
    return value


Odd = strawberry.scalar(name="Odd", serialize=serialize_odd, parse_value=parse_odd)


@strawberry.type
class Leaves(Thing):
    """Scalars, as attributes and from methods."""

    day: date | None
    moment: datetime | None
    clock: time | None
    decimal: Decimal | None
    uuid: UUID | None
    text: str | None
    flag: bool | None
    number: float | None
    id: strawberry.ID | None
    odd: OddNumber | None
    days: list[date | None] = strawberry.field(resolver=objects.method)
    moments: list[datetime] | None = strawberry.field(resolver=objects.late_method)
    odds: list[OddNumber] | None = strawberry.field(resolver=objects.method)
    ids: list[strawberry.ID] | None
    sure_text: str
    sure_day: date = strawberry.field(resolver=objects.method)


def odd_rocks() -> Any:
    """Rocks, and what has none of their attributes."""
    return [make_object(Rock, 1), {"a": 1}, make_object(Rock, 2), 5, None, make_object(Rock, 30)]


@strawberry.type
class Query(RowQuery):
    """An object of each type by its number, and the mixes at the root."""

    ints: Any = strawberry.field(resolver=objects.by_number, graphql_type=Ints | None)
    colors: Any = strawberry.field(resolver=objects.by_number, graphql_type=Colors | None)
    rocks: Any = strawberry.field(resolver=objects.by_number, graphql_type=Rocks | None)
    beings: Any = strawberry.field(resolver=objects.by_number, graphql_type=Beings | None)
    anythings: Any = strawberry.field(resolver=objects.late_by_number, graphql_type=Anythings | None)
    leaves: Leaves | None = strawberry.field(resolver=objects.by_number)
    arguments: Arguments = strawberry.field(resolver=objects.late_by_number)
    guarded: Guarded | None = strawberry.field(resolver=objects.by_number)
    sure_ints: Any = strawberry.field(resolver=objects.by_number, graphql_type=Ints)
    sure_rocks: Any = strawberry.field(resolver=objects.late_by_number, graphql_type=Rocks)
    being: Being | None = strawberry.field(resolver=objects.method)
    named: list[Named] | None = strawberry.field(resolver=objects.late_method)
    odd_rocks: list[Rock | None] = strawberry.field(resolver=odd_rocks)
    everything: list[Anything | None] = strawberry.field(resolver=objects.method)


@strawberry.type
class Mutation:
    """Each writes a line into the log of its run before it answers."""

    paint: Rock | None = strawberry.field(resolver=objects.change)
    late_paint: Any = strawberry.field(resolver=objects.late_change, graphql_type=Rocks | None)
    sure_paint: Rock = strawberry.field(resolver=objects.late_change)
    count: list[int] | None = strawberry.field(resolver=objects.change)
    repaint: list[Being] | None = strawberry.field(resolver=objects.late_change)
    move: Star | None = strawberry.field(resolver=move)


SCHEMA = strawberry.Schema(
    Query,
    Mutation,
    types=[Dog, Cat, Fish, Star, Planet, Moon],
    config=StrawberryConfig(scalar_map={OddNumber: Odd}),
)
Thing.schema = SCHEMA
