"""Cases of types: interfaces, unions, predicates and resolvers of types, custom scalars, enums."""

from __future__ import annotations

from enum import Enum
from typing import Any

from graphql import GraphQLError, Undefined

from tests.differential.case import Case
from tests.differential.chance import late
from tests.differential.values import Plain

PETS = """
interface Named { name: String }
interface Pet implements Named { name: String friend: Pet }
type Dog implements Pet & Named { name: String friend: Pet barks: Boolean! }
type Cat implements Pet & Named { name: String friend: Dog purrs: Boolean }
type Stone { weight: Int }
union Thing = Dog | Cat | Stone
type Query { pet: Pet pets: [Pet] sure: [Pet!]! things: [Thing] named: Named dog: Dog stone: Stone }
"""
DOG = {"__typename": "Dog", "name": "Rex", "barks": True}
CAT = {"__typename": "Cat", "name": "Tom", "purrs": False, "friend": DOG}
STONE = {"__typename": "Stone", "weight": 5}
ALL = """{ pets { __typename name ... on Dog { barks } ... on Cat { purrs friend { barks } } ... on Pet { friend
    { name } } } things { ... on Named { name } ... on Stone { weight } __typename }
    named { ... on Dog { barks } name } }"""


def typed(pets: Any, things: Any = None, **more: Any) -> Any:
    return lambda: {"pets": pets, "things": things, "named": (pets or [None])[0], **more}


def resolve_with(answer: Any) -> Any:
    """Gives interfaces and unions a resolver of types; an exception is raised, "late ..." comes late."""

    def resolve_type(value: Any, info: Any, type_: Any) -> Any:
        name = answer(value) if callable(answer) else answer
        if isinstance(name, Exception):
            raise name
        if isinstance(name, str) and name.startswith("late "):
            return late(name.removeprefix("late "), 2)
        return name

    def prepare(types: dict[str, Any]) -> None:
        for name in ("Named", "Pet", "Thing"):
            types[name].resolve_type = resolve_type

    return prepare


def predicates(**answers: Any) -> Any:
    """Gives types predicates."""

    def prepare(types: dict[str, Any]) -> None:
        for name, answer in answers.items():
            types[name].is_type_of = answer

    return prepare


def fails(*_: Any) -> bool:
    raise ValueError("no answer")


def by_key(key: str) -> Any:
    return lambda value, info: key in value


def late_by_key(key: str, turns: int) -> Any:
    return lambda value, info: late(key in value, turns)


ONE = {"name": "Rex", "barks": True}
TWO = {"name": "Tom", "purrs": True}

ABSTRACT = [
    Case("types told by __typename", PETS, typed([DOG, CAT, None], [CAT, STONE, DOG]), ALL),
    Case(
        "an interface reached over an interface",
        PETS,
        typed([CAT]),
        "{ pets { ...P } } fragment P on Named { ... on "
        "Pet { friend { ... on Named { __typename name } friend { name } } } }",
    ),
    Case("objects of no known type", PETS, typed([{"name": "x"}, 5, Plain()]), ALL),
    Case("a list for an object", PETS, typed([[DOG], "text", (), True]), ALL),
    Case("a type that does not exist", PETS, typed([{"__typename": "Bird"}]), ALL),
    Case("a type that is no object's", PETS, typed([{"__typename": "Pet"}, {"__typename": "String"}]), ALL),
    Case("a type that is not possible", PETS, typed([STONE, DOG], [5]), ALL),
    Case("an impossible type for non-null items", PETS, typed([], sure=[DOG, STONE]), "{ sure { name } }"),
    *(
        Case(f"resolve_type gives {answer!r}", PETS, typed([ONE], [TWO]), ALL, prepare=resolve_with(answer))
        for answer in ("Dog", "late Dog", "late Bird", "Bird", "Pet", "", None, 5, ["Dog"], ValueError("no type"))
    ),
    Case(
        "resolve_type gives it late for some",
        PETS,
        typed([ONE, TWO, ONE], [TWO, ONE]),
        ALL,
        prepare=resolve_with(lambda value: "late Dog" if "barks" in value else "Cat"),
    ),
    Case(
        "is_type_of tells",
        PETS,
        typed([ONE, TWO, {}], [TWO]),
        ALL,
        prepare=predicates(Dog=by_key("barks"), Cat=by_key("purrs")),
    ),
    Case(
        "is_type_of tells late",
        PETS,
        typed([ONE, TWO, {}], [TWO, ONE]),
        ALL,
        prepare=predicates(Dog=late_by_key("barks", 1), Cat=late_by_key("purrs", 3)),
    ),
    Case(
        "is_type_of tells late, then at once",
        PETS,
        typed([ONE, TWO], [TWO]),
        ALL,
        prepare=predicates(Dog=late_by_key("barks", 3), Cat=by_key("purrs")),
    ),
    Case("is_type_of fails", PETS, typed([ONE, DOG], [TWO]), ALL, prepare=predicates(Dog=fails)),
    Case(
        "is_type_of refuses what __typename says",
        PETS,
        typed([DOG, CAT]),
        ALL,
        prepare=predicates(Dog=lambda value, info: False, Cat=lambda value, info: True),
    ),
    Case(
        "is_type_of refuses late",
        PETS,
        lambda: {"dog": ONE, "stone": STONE},
        "{ dog { name } stone { weight } }",
        prepare=predicates(Dog=late_by_key("wings", 2), Stone=late_by_key("weight", 1)),
    ),
]


class Color(Enum):
    RED = "red"
    BLUE = 2


LEAVES = "enum Color { RED BLUE NONE } scalar Odd type Query { a: Color b: [Color!] c: Odd d: [Odd] e: Odd! f: Color! }"


def plain_leaves(types: dict[str, Any]) -> None:
    types["Color"].values["RED"].value = Color.RED
    types["Color"].values["BLUE"].value = 2
    types["Color"].values["NONE"].value = None
    types["Odd"].coerce_output_value = odd


def odd(value: Any) -> Any:
    match value:
        case "error":
            raise ValueError("odd")
        case "graphql error":
            raise GraphQLError("odd", extensions={"code": "ODD"})
        case "null":
            return None
        case "undefined":
            return Undefined
        case "list":
            return [1, {"a": None}]
        case _:
            return f"odd {value}"


def leaves(**root: Any) -> Any:
    return lambda: root


ODD = "{ a b c d }"
ENUM_VALUES: tuple[Any, ...] = (
    Color.RED,
    Color.BLUE,
    2,
    2.0,
    True,
    "RED",
    "BLUE",
    "red",
    None,
    Undefined,
    [],
    {},
    ValueError("x"),
)
ODD_VALUES: tuple[Any, ...] = (
    "good",
    "error",
    "graphql error",
    "null",
    "undefined",
    "list",
    None,
    0,
    [],
    ValueError("x"),
)


def enum_case(value: Any) -> Case:
    root = leaves(a=value, b=[Color.RED, value])
    return Case(f"an enum's value {value!r}", LEAVES, root, ODD, prepare=plain_leaves)


def scalar_case(value: Any) -> Case:
    return Case(f"a scalar of {value!r}", LEAVES, leaves(c=value, d=[1, value]), ODD, prepare=plain_leaves)


SCALARS = [
    *map(enum_case, ENUM_VALUES),
    *map(scalar_case, ODD_VALUES),
    Case("a scalar that gives null for non-null", LEAVES, leaves(e="null"), "{ e }", prepare=plain_leaves),
    Case("an enum that gets null for non-null", LEAVES, leaves(f=None), "{ f }", prepare=plain_leaves),
    Case("a late scalar", LEAVES, lambda: {"c": late("x", 1), "d": [late("error", 2), "y"]}, ODD, prepare=plain_leaves),
]

CASES = [*ABSTRACT, *SCALARS]
