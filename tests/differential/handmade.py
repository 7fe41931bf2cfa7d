"""An adversarial schema of graphql-core alone: default resolvers over dicts and objects, types told in odd ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLSchema,
    Undefined,
    build_schema,
    is_abstract_type,
    is_enum_type,
    is_object_type,
)

from tests.differential.chance import Thenable, draw, late, promised, settle
from tests.differential.values import Values, failure

NUMBERS = 40

SCHEMA = build_schema(
    """
    interface Node { id: ID! next: Node peers(first: Int! = 2): [Node!] }
    interface Named implements Node { id: ID! next: Named peers(first: Int! = 2): [Node!] name: String! }
    interface Vague { word: String }

    type User implements Node & Named {
        id: ID! next: User peers(first: Int! = 2): [Node!] name: String!
        level: Level levels: [Level!] friends(filter: Filter, of: [Level] = [LOW]): [Named] pick: Pick lost: Lost
        score: Float! grid: [[Int]!] odd: Odd
    }
    type Bot implements Node & Named {
        id: ID! next: Named peers(first: Int! = 2): [Node!] name: String!
        owner: User! picks: [Pick]! vague: Vague sure: Leaf! odds: [Odd]
    }
    type Leaf implements Vague { word: String count: Int! twin: Leaf! level: Level! lost: [Lost!] }
    type Blank implements Vague { word: String blank: Blank blanks: [[Blank!]] }

    union Pick = User | Bot | Leaf
    union Lost = User | Bot
    enum Level { LOW MIDDLE HIGH NONE }
    scalar Odd
    input Filter { least: Level! = MIDDLE, name: String, odd: Odd, either: [Filter!], deep: [[Int!]] = [[1]] }

    type Query {
        user(number: Int = 0): User
        bot(number: Int!): Bot!
        leaf(number: Int = 1): Leaf
        blank: Blank
        node(number: Int = 2): Node
        named(number: Int = 2): [Named!]!
        pick(number: Int = 2): Pick
        lost(number: Int = 2): Lost
        vague(number: Int = 2): [Vague]
        echo(odd: Odd, filter: Filter = {name: "none"}, levels: [Level!]! = [LOW, HIGH], id: ID): String
    }
    type Mutation { rename(number: Int! = 1): User rate(number: Int! = 1): Leaf! drop(number: Int): [Node!] }
    """
)


class Made:
    """What objects are made of: the type they were made for and a number."""

    def __init__(self, type_name: str, number: int) -> None:
        self.type_name = type_name
        self.number = number

    def draw(self, name: str) -> Any:
        """The value of a field: itself, or a callable that gives it, at once, late or not at all."""
        type_: Any = SCHEMA.type_map[self.type_name]
        field = type_.fields.get(name)
        if field is None:
            return None
        random = draw("handmade", self.type_name, self.number, name)
        kind = random.randrange(8)
        if kind < 4:
            return VALUES.value(field.type, random)
        return Call(field.type, random.randrange(10**9), kind)


class Call:
    """A method of an object; kind 4: at once, 5: late, 6: a future, 7: at once, and raising what it could give back."""

    def __init__(self, type_: Any, seed: int, kind: int) -> None:
        self.type = type_
        self.seed = seed
        self.kind = kind

    def __call__(self, info: Any, **arguments: Any) -> Any:
        random = draw(self.seed, sorted(arguments.items()))
        value = VALUES.value(self.type, random, is_late=self.kind in (5, 6))
        match self.kind:
            case 5:
                return late(value)
            case 6:
                return promised(value)
            case 7:
                return settle(value)
            case _:
                return value


class MadeObject(Made):
    """Fields as attributes."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.draw(name)


class MadeDict(Made, Mapping[str, Any]):
    """Fields as items; the type's name among them."""

    def __getitem__(self, name: str) -> Any:
        return self.type_name if name == "__typename" else self.draw(name)

    def __iter__(self) -> Iterator[str]:
        return iter(("__typename",))

    def __len__(self) -> int:
        return 1


def make(type_: Any, random: Random) -> Any:
    """The right value of a named type; of an abstract one at times an object of a type that is not among its own."""
    if is_abstract_type(type_):
        possible: list[Any] = list(SCHEMA.get_possible_types(type_))
        type_ = SCHEMA.type_map["Leaf"] if random.random() < 0.03 else random.choice(possible)
    if is_object_type(type_):
        return random.choice((MadeObject, MadeDict))(type_.name, random.randrange(NUMBERS))
    if is_enum_type(type_):
        return random.choice(list(LEVELS.values()))
    return {
        "Int": random.randrange(-5, 5),
        "Float": random.random(),
        "String": f"text {random.randrange(9)}",
        "ID": random.choice(("a", 5)),
        "Boolean": True,
        "Odd": random.randrange(12),
    }[type_.name]


VALUES = Values(make)
LEVELS: dict[str, Any] = {"LOW": 1, "MIDDLE": "middle", "HIGH": (3, 4), "NONE": 0}
NAMES_OF_LOST = ("Missing", "Leaf", "Node", "Level", "", 5)


def resolve(source: Any, info: Any, **arguments: Any) -> Any:
    """The root's fields, at once."""
    random = draw("root", info.field_name, sorted(arguments.items()))
    if random.random() < 0.03:
        raise failure(random)
    return VALUES.value(info.return_type, random, is_late=True)


async def resolve_late(source: Any, info: Any, **arguments: Any) -> Any:
    return await late(resolve(source, info, **arguments))


def echo(source: Any, info: Any, **arguments: Any) -> str:
    """What the resolver was given, as text."""
    return repr(arguments)


async def change(source: Any, info: Any, **arguments: Any) -> Any:
    """A mutation: writes into the log of its run, then answers."""
    await late(None)
    info.context.log.append(f"{info.path.key} {arguments}")
    return resolve(source, info, **arguments)


def resolve_lost(value: Any, info: Any, type_: Any) -> Any:
    """Tells the type right mostly, and else in every wrong way."""
    if not isinstance(value, Made):
        return Thenable(None)
    random = draw("lost", value.type_name, value.number)
    roll = random.random()
    if roll < 0.35:
        return value.type_name
    if roll < 0.7:
        return Thenable(value.type_name)
    if roll < 0.8:
        raise failure(random)
    wrong = random.choice(NAMES_OF_LOST)
    return Thenable(wrong) if roll < 0.9 else wrong


def is_of(name: str) -> Any:
    """A predicate that takes objects made for the type; some at once, some late, a few not at all."""

    def is_type_of(value: Any, info: Any) -> Any:
        number = getattr(value, "number", 1)
        if number % 13 == 5:
            raise failure(draw("is", name, number))
        is_it = isinstance(value, Made) and value.type_name == name and number % 17 != 3
        return Thenable(is_it) if number % 4 == 1 else is_it

    return is_type_of


def parse_odd(value: Any, *_: Any) -> Any:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number")
    return value if value % 2 else Undefined


def serialize_odd(value: Any) -> Any:
    """Odd numbers are themselves; the others nothing, undefined or an error."""
    if not isinstance(value, int) or value % 6 == 0:
        raise ArithmeticError("not odd")
    return value if value % 2 else None if value % 4 else Undefined


def wire(schema: GraphQLSchema) -> None:
    """Gives the schema what SDL cannot say."""
    types: dict[str, Any] = schema.type_map
    for type_ in (types["User"], types["Bot"]):
        type_.is_type_of = is_of(type_.name)
    types["Lost"].resolve_type = resolve_lost
    types["Odd"].coerce_output_value = types["Odd"].serialize = serialize_odd
    types["Odd"].coerce_input_value = types["Odd"].parse_value = parse_odd
    level: GraphQLEnumType = types["Level"]
    for name, value in LEVELS.items():
        level.values[name].value = value
    types["Filter"].fields["least"].out_name = "at_least"
    types["Filter"].out_type = lambda given: tuple(sorted(given.items(), key=lambda item: item[0]))
    for name, field in types["Query"].fields.items():
        field.resolve = echo if name == "echo" else resolve_late if len(name) % 2 else resolve
    for field in types["Mutation"].fields.values():
        field.resolve = change


wire(SCHEMA)
