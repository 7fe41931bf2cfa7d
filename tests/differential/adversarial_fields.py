"""Fields of the adversarial schema with arguments of every kind, with permissions and with extensions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission, PermissionExtension

from tests.differential import objects
from tests.differential.chance import late
from tests.differential.objects import Thing


@strawberry.enum
class Color(Enum):
    RED = "red"
    GREEN = "green"
    BLUE = 3


@strawberry.input
class Size:
    width: int
    height: int = 2
    unit: str | None = "cm"
    color: Color = Color.RED


@strawberry.input
class Wish:
    size: Size | None = None
    sizes: list[Size] = strawberry.field(default_factory=list)
    colors: list[Color | None] | None = None
    grid: list[list[int]] | None = None
    other: Wish | None = strawberry.UNSET
    day: date | None = None
    flag: bool = True


@strawberry.input(one_of=True)
class Choice:
    number: int | None = strawberry.UNSET
    text: str | None = strawberry.UNSET


def echo(**arguments: Any) -> str:
    """What the resolver was given, as text."""
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


@strawberry.type
class Arguments(Thing):
    """Fields that answer with their arguments."""

    @strawberry.field
    def scalars(self, number: int, real: float = 1.5, text: str | None = None, flag: bool | None = True) -> str:
        return echo(number=number, real=real, text=text, flag=flag)

    @strawberry.field
    def ids(self, id: strawberry.ID, others: list[strawberry.ID | None] | None = None) -> str | None:
        return echo(id=id, others=others)

    @strawberry.field
    def color(self, color: Color, colors: list[Color] | None = None) -> list[Color | None]:
        return [color, *(colors or ()), None]

    @strawberry.field
    async def wish(self, wish: Wish | None = None, day: date | None = None) -> str:
        return str(await late(echo(wish=wish, day=day)))

    @strawberry.field
    def sizes(self, sizes: list[Size], least: Size | None = None) -> str:
        return echo(sizes=sizes, least=least)

    @strawberry.field
    def choice(self, choice: Choice | None = None) -> str:
        return echo(choice=choice)

    @strawberry.field(name="renamed")  # type: ignore[untyped-decorator]
    def named_otherwise(
        self, info: strawberry.Info, from_: Annotated[int, strawberry.argument(name="from")] = 0
    ) -> str:
        return echo(path=info.path.as_list(), from_=from_, field=info.field_name, python=info.python_name)

    @strawberry.field
    def again(self, number: int = 1) -> Arguments | None:
        if number < 0:
            raise ValueError(f"{number} is negative")
        return None if number == 0 else objects.make_object(Arguments, number)


class NotEven(BasePermission):
    message = "Even ones are closed."

    def has_permission(self, source: Any, info: Any, **arguments: Any) -> bool:
        return bool(source.n % 2)


class NotByFive(BasePermission):
    message = "Every fifth one is closed."
    error_extensions = {"code": "CLOSED"}  # noqa: RUF012

    async def has_permission(self, source: Any, info: Any, **arguments: Any) -> bool:
        return bool(await late(source.n % 5))


class Doubled(FieldExtension):
    """Doubles what a field answers."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Any, **arguments: Any) -> Any:
        return next_(source, info, **arguments) * 2

    async def resolve_async(self, next_: Callable[..., Any], source: Any, info: Any, **arguments: Any) -> Any:
        return await next_(source, info, **arguments) * 2


@strawberry.type
class Guarded(Thing):
    """Fields that are not for everybody."""

    plain: int = strawberry.field(permission_classes=[NotEven])
    late: int | None = strawberry.field(permission_classes=[NotByFive])
    both: list[int] | None = strawberry.field(resolver=objects.method, permission_classes=[NotEven, NotByFive])
    silent: list[int] | None = strawberry.field(
        resolver=objects.late_method, extensions=[PermissionExtension([NotByFive()], fail_silently=True)]
    )
    doubled: str | None = strawberry.field(resolver=objects.method, extensions=[Doubled()])
    late_doubled: int | None = strawberry.field(resolver=objects.late_method, extensions=[Doubled()])
    next: Guarded | None = strawberry.field(resolver=objects.method, permission_classes=[NotEven])
