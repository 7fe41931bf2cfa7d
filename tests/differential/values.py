"""Values for GraphQL types, a few of them wrong: null for non-null, one kind for another, errors, awaitables."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from functools import partial
from random import Random
from typing import Any

from graphql import GraphQLError, Undefined, is_list_type, is_non_null_type
from graphql.type import GraphQLNamedOutputType

from tests.differential.chance import DELAYS, awaitable

Make = Callable[[GraphQLNamedOutputType, Random], Any]
Items = list[Callable[[], Any]]

NULL = 0.12  # how often what may be null is
NULL_IN_NON_NULL = 0.015
FAULT = 0.06
FAULT_IN_NON_NULL = 0.015
AWAITABLE = 0.08  # how often an item of a list is to be awaited


class Plain:
    """An object that no type knows."""

    def __repr__(self) -> str:
        return "<plain>"


# In place of a leaf or an object. None of them has an address in its representation.
WRONG: tuple[Any, ...] = (
    "text",
    "12",
    "",
    7,
    2**40,
    -1,
    1.5,
    3.0,
    float("nan"),
    float("inf"),
    True,
    Plain(),
    [1],
    {"a": 1},
    b"bytes",
)
WRONG = (*WRONG, Undefined, date(2020, 2, 29), (), Plain)
NO_LIST = ("text", 5, {"a": 1}, Plain(), b"bytes", True)


def failure(random: Random) -> Exception:
    """An error, as resolvers raise them or give them back."""
    number = random.randrange(1000)
    match random.randrange(4):
        case 0:
            return GraphQLError(f"told {number}", extensions={"code": "TOLD", "number": number})
        case 1:
            return KeyError(number)
        case 2:
            return RuntimeError()
        case _:
            return ValueError(f"failed {number}")


class Values:
    """`make` gives the right value of a leaf type or an object of a composite one."""

    def __init__(self, make: Make) -> None:
        self._make = make

    def value(self, type_: Any, random: Random, *, is_late: bool = False) -> Any:
        """A value of the type, or a wrong one, or an exception that is to be given back as it is.

        is_late: it will not come at once."""
        required = is_non_null_type(type_)
        inner = type_.of_type if required else type_
        if random.random() < (NULL_IN_NON_NULL if required else NULL):
            return None
        if random.random() < (FAULT_IN_NON_NULL if required else FAULT):
            return self._fault(inner, random)
        if is_list_type(inner):
            return self._items(inner.of_type, random, is_late)
        return self._make(inner, random)

    def _fault(self, type_: Any, random: Random) -> Any:
        if random.random() < 0.5:
            return failure(random)
        return random.choice(NO_LIST if is_list_type(type_) else WRONG)

    def _items(self, type_: Any, random: Random, is_late: bool) -> Any:
        # Each item has its own chance: containers make theirs when they are asked, in whichever order that happens.
        seeds = [random.getrandbits(32) for _ in range(random.choice((0, 1, 2, 2, 3)))]
        items: Items = [partial(self._item, type_, seed, is_late) for seed in seeds]
        return random.choice((as_list,) * 12 + CONTAINERS)(items, failure(random))

    def _item(self, type_: Any, seed: int, is_late: bool) -> Any:
        random = Random(seed)
        if random.random() > AWAITABLE:
            return self.value(type_, random, is_late=is_late)
        return awaitable(self.value(type_, random, is_late=True), random, is_late=is_late)


def generator(items: Items, error: Exception) -> Iterator[Any]:
    for item in items:
        yield item()


def broken_generator(items: Items, error: Exception) -> Iterator[Any]:
    yield from generator(items, error)
    DELAYS.get().broke = True
    raise error


async def async_generator(items: Items, error: Exception) -> AsyncIterator[Any]:
    for item in items:
        yield item()


async def broken_async_generator(items: Items, error: Exception) -> AsyncIterator[Any]:
    for item in items:
        yield item()
    DELAYS.get().broke = True
    raise error


def values_view(items: Items, error: Exception) -> Any:
    return {place: item() for place, item in enumerate(items)}.values()


def as_list(items: Items, error: Exception) -> list[Any]:
    return [item() for item in items]


def as_tuple(items: Items, error: Exception) -> tuple[Any, ...]:
    return tuple(item() for item in items)


def as_deque(items: Items, error: Exception) -> deque[Any]:
    return deque(item() for item in items)


class Countless:
    """Iterable, without a length."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


def countless(items: Items, error: Exception) -> Countless:
    return Countless([item() for item in items])


CONTAINERS: tuple[Callable[..., Any], ...] = (
    as_tuple,
    as_tuple,
    as_deque,
    values_view,
    countless,
    generator,
    broken_generator,
    async_generator,
    broken_async_generator,
)
