"""Cases of fields: how resolvers answer and fail, at once and late; what they are told; default resolvers."""

from __future__ import annotations

import asyncio
from typing import Any

from graphql import GraphQLError

from tests.differential.case import Case
from tests.differential.chance import Thenable, known, late, promised, slow


class Person:
    """An object with attributes, properties and methods."""

    name = "Ann"
    _secret = "hidden"

    def __init__(self, friend: Person | None = None) -> None:
        self.friend = friend

    @property
    def age(self) -> int:
        return 42

    @property
    def broken(self) -> int:
        raise ValueError("no property")

    @property
    def missing(self) -> int:
        raise AttributeError("missing")

    def greet(self, info: Any, word: str = "Hello") -> str:
        return f"{word} {self.name} at {info.path.as_list()}"

    async def later(self, info: Any) -> str:
        return str(await late(f"later at {info.path.as_list()}", 2))

    def raises(self, info: Any) -> str:
        raise GraphQLError("told", extensions={"code": "TOLD"})

    async def raises_later(self, info: Any) -> str:
        return str(await late(KeyError("gone"), 1))


PERSON = """
type Person { name: String! age: Int broken: Int missing: Int greet(word: String): String later: String raises: String
    raisesLater: String raises_later: String friend: Person sure: Person! _secret: String nothing: String }
type Query { person: Person people: [Person!] sure: Person! }
"""


def info_of(source: Any, info: Any, **arguments: Any) -> str:
    """All that a resolver is told."""
    told = [
        info.field_name,
        info.path.as_list(),
        str(info.return_type),
        str(info.parent_type),
        info.operation.operation,
    ]
    told += [len(info.field_nodes), sorted(info.fragments), info.root_value, dict(info.variable_values.coerced)]
    return repr([*told, arguments])


def told(types: dict[str, Any]) -> None:
    for type_ in (types["Query"], types["Deep"]):
        for name, field in type_.fields.items():
            field.resolve = info_of if name == "told" else None


def give(value: Any) -> Any:
    """A method that gives a value."""
    return lambda info, **arguments: value() if callable(value) else value


def fail(error: Exception) -> Any:
    def method(info: Any, **arguments: Any) -> Any:
        raise error

    return method


DEEP = """
type Query { a: Deep b: Deep! c: [Deep!] told(x: Int): String }
type Deep { x: Int y: Int! z: Deep told(x: Int): String l: [Int!] }
"""


def after(turns: int, outcome: Any) -> Any:
    """A method that gives its outcome after some turns."""
    return lambda info: late(outcome, turns)


RESOLVERS = [
    Case(
        "attributes, properties and methods",
        PERSON,
        lambda: {"person": Person(Person())},
        '{ person { name age greet later a: greet(word: "Hi") friend { name greet later } nothing _secret } }',
    ),
    Case(
        "failing properties and methods",
        PERSON,
        lambda: {"person": Person()},
        "{ person { broken missing raises raises_later raisesLater name } }",
    ),
    Case(
        "null for a non-null method",
        PERSON,
        lambda: {"person": Person(Person())},
        "{ person { friend { sure { name } } } }",
    ),
    Case(
        "objects that come late",
        PERSON,
        lambda: {
            "person": after(3, Person()),
            "people": [late(Person(), 2), Person(), promised(Person())],
        },
        "{ person { name later } people { name later greet } }",
    ),
    Case(
        "what resolvers are told",
        DEEP,
        lambda: {"a": {"z": {}}, "c": [{}, {}]},
        """query Q($v: Int = 5) {
         told(x: $v) a { told ...F z { t: told(x: 1) t: told(x: 1) } } c { told } } fragment F on Deep { told }""",
        prepare=told,
    ),
    Case(
        "futures, known and to come",
        DEEP,
        lambda: {"a": {"x": known(1), "y": promised(2), "l": Thenable([1])}},
        "{ a { x y l } }",
    ),
    Case(
        "an awaitable that gives an awaitable",
        DEEP,
        lambda: {"a": {"x": late(known(1), 1), "y": known(known(2))}},
        "{ a { x y } }",
    ),
    Case(
        "a late exception as a value",
        DEEP,
        lambda: {"a": {"x": after(1, 1), "y": give(lambda: known(ValueError("kept")))}},
        "{ a { x y } }",
    ),
]


class Never:
    """A value that never comes: only its cancellation ends the wait."""

    def __call__(self, info: Any) -> Any:
        return asyncio.Event().wait()


def both(one: Any, other: Any) -> Any:
    """Two fields below one object, and the same again beside a field that stays."""
    return lambda: {"a": {"x": 1, "z": {"x": one, "y": other}}, "b": {"x": 2, "y": 3}}


class Extended(Exception):
    """Carries extensions, as the errors of a catalogue do."""

    extensions = {"code": "EXTENDED"}  # noqa: RUF012


SHARED = ValueError("shared")


ERRORS = [
    *(
        Case(
            f"a non-null field fails after {first} turns, its sibling answers after {second}",
            DEEP,
            both(after(second, 7), after(first, ValueError("late"))),
            "{ a { x z { x y } } b { y } }",
        )
        for first in (0, 1, 3)
        for second in (0, 2)
    ),
    *(
        Case(
            f"two siblings fail, after {first} turns and {second}",
            DEEP,
            both(after(first, ValueError("x")), after(second, ValueError("y"))),
            "{ a { x z { x y } } b { y } }",
        )
        for first in (0, 1, 3)
        for second in (0, 2)
    ),
    Case(
        "a sibling that never answers is not waited for",
        DEEP,
        both(Never(), after(2, ValueError("y"))),
        "{ a { x z { x y } } b { y } }",
    ),
    Case(
        "an item fails beside one that never comes",
        DEEP,
        lambda: {"c": [{"y": Never()}, {"y": after(1, ValueError("y"))}]},
        "{ c { y } }",
    ),
    Case(
        "a non-null root fails beside one that never comes",
        DEEP,
        lambda: {"a": Never(), "b": after(1, None)},
        "{ a { x } b { y } }",
    ),
    Case(
        "a fast failure at once beside late siblings",
        DEEP,
        lambda: {"a": after(1, {}), "b": None},
        "{ a { x } b { y } }",
    ),
    Case("an exception that is given back", DEEP, lambda: {"a": {"x": ValueError("back"), "y": 1}}, "{ a { x y } }"),
    Case(
        "an exception that has a path already",
        DEEP,
        lambda: {"a": {"x": GraphQLError("p", path=["else", 1]), "y": 1}},
        "{ a { x y } }",
    ),
    Case(
        "an error with its own nodes and cause",
        DEEP,
        lambda: {
            "a": {
                "x": fail(GraphQLError("p", original_error=KeyError("k"), extensions={"a": [1]})),
                "y": fail(RuntimeError()),
            }
        },
        "{ a { x y } }",
    ),
    Case("an error whose class has extensions", DEEP, lambda: {"a": {"x": fail(Extended("p"))}}, "{ a { x } }"),
    Case("a slow failure", DEEP, lambda: {"a": {"x": give(lambda: slow(ValueError("slow")))}}, "{ a { x } }"),
    Case(
        "one error in many fields",
        DEEP,
        lambda: {"c": [{"x": SHARED, "y": 1}, {"x": SHARED, "y": SHARED}]},
        "{ c { x y } d: c { x } }",
    ),
]


CASES = [*RESOLVERS, *ERRORS]
