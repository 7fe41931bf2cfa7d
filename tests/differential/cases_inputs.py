"""Cases of inputs: arguments and variables of every kind, given, left out, null and wrong; mutations."""

from __future__ import annotations

from typing import Any

from tests.differential.case import Case
from tests.differential.chance import late

ARGUMENTS = """
enum Level { LOW HIGH } scalar Any input Deep { n: Int = 3 level: Level = LOW deep: Deep list: [[Int!]] need: Int! }
type Query { echo(int: Int float: Float text: String id: ID flag: Boolean level: Level levels: [Level!] = [HIGH]
    deep: Deep any: Any need: Int! = 5 list: [Int!] lists: [[Int]] deeps: [Deep!]): String
    strict(need: Int!, deep: Deep!): String! pick(one: One): String } input One @oneOf { a: Int b: [Int!] }
"""


def echo(types: dict[str, Any]) -> None:
    types["Level"].values["HIGH"].value = 100
    for field in types["Query"].fields.values():
        field.resolve = lambda source, info, **arguments: repr(sorted(arguments.items()))


def asked(name: str, text: str, **variables: Any) -> Case:
    return Case(name, ARGUMENTS, lambda: None, text, variables, prepare=echo)


INPUTS = [
    asked("no arguments", "{ echo }"),
    asked(
        "literals",
        '{ echo(int: 1 float: 2 text: "t" id: 7 flag: true level: HIGH any: {a: [1, "b", $v]} need: 2) }'.replace(
            "$v", "null"
        ),
    ),
    asked("nulls", "{ echo(int: null levels: null deep: null list: null) }"),
    asked("an item for a list", "{ echo(list: 1 lists: 2 levels: LOW) }"),
    asked(
        "input objects",
        "{ echo(deep: {need: 1, deep: {need: 2, n: null, level: HIGH, list: [[1], null]}} deeps: {need: 1}) }",
    ),
    asked("a variable that is not given", "query($v: Int) { echo(int: $v) a: echo(need: 6, list: []) }"),
    asked("a variable that is null", "query($v: Int) { echo(int: $v) }", v=None),
    asked("null for an argument with a default", "query($v: Int) { echo(need: $v) }", v=None),
    asked("no value for an argument with a default", "query($v: Int) { echo(need: $v) }"),
    asked("defaults of variables", "query($v: Int = 8, $l: [Level!] = [LOW]) { echo(int: $v levels: $l) }"),
    asked("null beats a variable's default", "query($v: Int = 8) { echo(int: $v) }", v=None),
    asked(
        "variables in lists and objects",
        "query($v: Int, $w: Int!) { echo(lists: [[$v], [$w, 2]] deep: {n: $v, need: $w}) }",
        w=3,
    ),
    asked(
        "an object as a variable",
        "query($d: Deep!, $a: Any) { strict(need: 1, deep: $d) echo(any: $a) }",
        d={"need": 4},
        a={"x": [1, {"y": None}]},
    ),
    asked(
        "the same field with the same variables", "query($v: Int) { echo(int: $v) echo(int: $v) b: echo(int: $v) }", v=1
    ),
    asked("one of", "query($v: Int!) { a: pick(one: {a: 1}) b: pick(one: {b: [1]}) c: pick(one: {a: $v}) pick }", v=5),
    asked("a variable of the wrong kind", "query($v: Int) { echo(int: $v) }", v="text"),
    asked("a missing variable", "query($v: Int!) { echo(int: $v) }"),
    asked(
        "several wrong variables",
        "query($v: Int!, $d: Deep!, $l: Level) { echo(int: $v deep: $d level: $l) }",
        v=1.5,
        d={"need": "x", "more": 1},
        l="MIDDLE",
    ),
    asked("a number as an id, a whole float as an int", "query($i: ID, $n: Int) { echo(id: $i int: $n) }", i=5, n=3.0),
    asked("two of one", "query($o: One) { pick(one: $o) }", o={"a": 1, "b": [1]}),
]

MUTATIONS = """
type Query { a: Int } type Thing { a: Int! b: Int }
type Mutation { one(n: Int): Int two(n: Int): Int! three: Thing }
"""


def mutate(types: dict[str, Any]) -> None:
    """Each field writes into the log; an odd number fails; `two` comes late."""

    async def later(source: Any, info: Any, n: int = 0) -> Any:
        await late(None)
        return at_once(source, info, n)

    def at_once(source: Any, info: Any, n: int = 0) -> Any:
        info.context.log.append(f"{info.path.key} {n}")
        if n % 2:
            raise ValueError(f"{n} is odd")
        return n

    fields = types["Mutation"].fields
    fields["one"].resolve, fields["two"].resolve = at_once, later
    fields["three"].resolve = lambda source, info: {
        "a": lambda info: later(None, info),
        "b": lambda info: at_once(None, info),
    }


def mutation(name: str, text: str) -> Case:
    return Case(f"mutations: {name}", MUTATIONS, lambda: None, f"mutation {text}", prepare=mutate)


CHANGES = [
    mutation("one after the other", "{ c: one(n: 2) a: two(n: 4) b: one(n: 6) }"),
    mutation("a failure in between", "{ a: one b: one(n: 1) c: two }"),
    mutation("a failure that ends them", "{ a: one b: two(n: 1) c: one d: two }"),
    mutation("fields below them", "{ a: three { b a } b: two c: three { x: b y: b } __typename }"),
    mutation("the same twice", "{ one(n: 2) one(n: 2) a: one(n: 2) }"),
]

CASES = [*INPUTS, *CHANGES]
