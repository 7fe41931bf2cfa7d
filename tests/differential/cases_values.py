"""Cases of values: every scalar with every wrong value, every mix of lists and nulls, every kind of list."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from graphql import GraphQLError, Undefined

from tests.differential.case import Case
from tests.differential.chance import Thenable, known, late, promised
from tests.differential.values import WRONG, Countless, Plain

GOOD = ("text", "", 0, 1, -1, 5.0, 1.5, 2**31 - 1, -(2**31), 2**31, True, False, None, ValueError("given"))
VALUES = (*GOOD, *(value for value in WRONG if value is not Plain), KeyError("k"), GraphQLError("told"), [], {}, [None])


def numbered(values: tuple[Any, ...]) -> Callable[[], dict[str, Any]]:
    return lambda: {f"v{number}": value for number, value in enumerate(values)}


def each(type_: str) -> Case:
    """All values for one type, a field each."""
    names = [f"v{number}" for number in range(len(VALUES))]
    fields = " ".join(f"{name}: {type_}" for name in names)
    return Case(f"every value as {type_}", fields, numbered(VALUES), "{ " + " ".join(names) + " }")


def each_in_lists(type_: str) -> Case:
    """All values for one type as items of lists, beside a good one and alone."""
    names = [f"v{number}" for number in range(len(VALUES))]
    fields = " ".join(f"{name}: [{type_}]" for name in names)
    values = tuple([1, value] for value in VALUES)
    return Case(f"every value as an item of [{type_}]", fields, numbered(values), "{ " + " ".join(names) + " }")


LEAVES = ("Int", "Float", "String", "Boolean", "ID")
WRAPPERS = ("[T]", "[T!]", "[T]!", "[T!]!", "[[T]]", "[[T!]!]!", "[[T]!]", "[[[T!]]!]")


async def items(*values: Any) -> AsyncIterator[Any]:
    for value in values:
        yield value


async def ending(*values: Any) -> AsyncIterator[Any]:
    for value in values:
        yield value
    raise ValueError("the end")


def broken(*values: Any) -> Iterator[Any]:
    yield from values
    raise ValueError("the end")


class Endless:
    """Iterable, but its iterator fails."""

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("no iterator")


LISTS: dict[str, Callable[[], Any]] = {
    "null": lambda: None,
    "an empty list": list,
    "a list": lambda: [1, 2],
    "a list with null": lambda: [1, None],
    "a list with an error": lambda: [1, ValueError("one"), 3],
    "a list with two errors": lambda: [ValueError("one"), ValueError("two")],
    "nested lists": lambda: [[1, 2], [], [3]],
    "nested lists with nulls": lambda: [[1, None], None, [3]],
    "nested lists with errors": lambda: [[1, ValueError("one")], ValueError("two"), [[3]]],
    "a tuple": lambda: (1, 2),
    "a set": lambda: {1},
    "a deque": lambda: deque([1, 2]),
    "a view": lambda: {1: 2}.values(),
    "an iterable": lambda: Countless([1, 2]),
    "an iterable that fails": Endless,
    "a generator": lambda: (number for number in (1, 2)),
    "a generator that fails": lambda: broken(1, 2),
    "a generator that fails after a null": lambda: broken(None),
    "an async generator": lambda: items(1, 2),
    "an async generator with null": lambda: items(1, None),
    "an async generator that fails": lambda: ending(1),
    "an async generator that fails after a null": lambda: ending(None, 1),
    "a text": lambda: "text",
    "a number": lambda: 5,
    "a dict": lambda: {"a": 1},
    "late items": lambda: [late(1, 2), 2, promised(3), known(4), Thenable(5)],
    "late items that fail": lambda: [late(ValueError("late"), 1), late(2, 3)],
    "a null before a late item": lambda: [None, late(2, 1)],
    "a late null before a late item": lambda: [late(None, 1), late(2, 3)],
    "late items that end in lists": lambda: [late([1, 2], 1), [known(3)]],
    "an async generator of late items": lambda: items(late(1, 1), late(None, 2), 3),
    "a late list": lambda: late([1, late(2, 1)], 1),
    "a late null": lambda: late(None, 1),
}


def each_list(name: str, value: Callable[[], Any]) -> Case:
    """A list as the value of every mix."""
    fields = " ".join(f"w{number}: {wrapper.replace('T', 'Int')}" for number, wrapper in enumerate(WRAPPERS))
    nested = "type Query { q: Box sure: Box! } type Box { " + fields + " }"
    keys = [f"w{number}" for number in range(len(WRAPPERS))]
    text = "{ " + " ".join(f"{key}: q {{ {key} }}" for key in keys) + " }"
    return Case(f"lists: {name}", nested, lambda: {"q": Lazy(value)}, text)


def each_object_list(name: str, value: Callable[[], Any]) -> Case:
    """The same, with what is in it as objects."""
    fields = " ".join(f"w{number}: {wrapper.replace('T', 'Box')}" for number, wrapper in enumerate(WRAPPERS))
    nested = "type Query { q: Box } type Box { real: Int name: String imag: Int! " + fields + " }"
    keys = [f"w{number}" for number in range(len(WRAPPERS))]
    text = "{ " + " ".join(f"{key}: q {{ {key} {{ real imag name }} }}" for key in keys) + " }"
    return Case(f"lists of objects: {name}", nested, lambda: {"q": Lazy(value)}, text)


class Lazy(dict[str, Any]):
    """Makes a new value each time that one is read, since some can be read once only."""

    def __init__(self, make: Callable[[], Any]) -> None:
        super().__init__()
        self._make = make

    def get(self, name: str, default: Any = None) -> Any:
        return default if name.startswith("_") else self._make()


NUMBER = "type Query { a: Box } type Box { n: Int! m: Int deep: Box sure: Box! list: [Box!] }"

NULLS = [
    Case("null for a non-null field nulls its object", NUMBER, lambda: {"a": {"n": None, "m": 1}}, "{ a { m n } }"),
    Case("null for a non-null field of the root", "a: Int!", lambda: {}, "{ a b: __typename }"),
    Case("an error in a non-null field of the root", "a: Int!", lambda: {"a": ValueError("x")}, "{ a }"),
    Case(
        "null goes up through several non-null fields",
        NUMBER,
        lambda: {"a": {"deep": {"sure": {"sure": {"n": None}}}}},
        "{ a { m deep { sure { sure { n } } } } }",
    ),
    Case(
        "null goes up through a list of non-null items",
        NUMBER,
        lambda: {"a": {"m": 1, "list": [{"n": 1}, {"n": None}, {"n": 3}]}},
        "{ a { m list { n } } }",
    ),
    Case("undefined is null", NUMBER, lambda: {"a": {"n": Undefined, "m": Undefined}}, "{ a { m n } b: a { m } }"),
    Case("an error for an object", NUMBER, lambda: {"a": ValueError("x")}, "{ a { n } }"),
    Case("no root at all", NUMBER, lambda: None, "{ a { n } }"),
    Case("a number for an object", NUMBER, lambda: {"a": 5}, "{ a { m deep { m } } }"),
    Case("an object without the attribute", NUMBER, lambda: {"a": Plain()}, "{ a { m } b: a { n } }"),
    Case(
        "two errors that go up to the same null",
        NUMBER,
        lambda: {"a": {"deep": {"n": ValueError("one"), "sure": {"n": ValueError("two")}}}},
        "{ a { deep { n sure { n } } } }",
    ),
    Case(
        "an error below what another error nulls",
        NUMBER,
        lambda: {"a": {"deep": {"m": ValueError("below"), "n": None}}},
        "{ a { deep { m n } } }",
    ),
]

CASES = [
    *map(each, LEAVES),
    *map(each_in_lists, LEAVES),
    *(each_in_lists(f"{leaf}!") for leaf in LEAVES),
    *(each_list(name, value) for name, value in LISTS.items()),
    *(each_object_list(name, value) for name, value in LISTS.items()),
    *NULLS,
]
