"""Cases of operations: aliases, fragments, conditions, __typename, several operations, what is left to graphql-core."""

from __future__ import annotations

from typing import Any

from tests.differential.case import Case

SDL = """
interface Node { id: ID! name: String }
type User implements Node { id: ID! name: String friend: User friends: [User!] node: Node }
type Team implements Node { id: ID! name: String lead: User members: [User] any: [Any!] }
union Any = User | Team
type Query { user: User team: Team node: Node nodes: [Node] any: Any n: Int }
"""
ANN: dict[str, Any] = {"__typename": "User", "id": 1, "name": "Ann"}
BOB: dict[str, Any] = {"__typename": "User", "id": "2", "name": "Bob", "friend": ANN, "friends": [ANN], "node": ANN}
TEAM: dict[str, Any] = {
    "__typename": "Team",
    "id": "t",
    "name": None,
    "lead": BOB,
    "members": [ANN, None, BOB],
    "any": [ANN, BOB],
}
ROOT = {"user": BOB, "team": TEAM, "node": TEAM, "nodes": [ANN, TEAM, None, BOB], "any": BOB, "n": 3}


def asked(name: str, text: str, **variables: Any) -> Case:
    return Case(name, SDL, lambda: ROOT, text, variables)


MERGING = [
    asked("aliases", "{ b: n a: n n user { z: id a: name id } x: user { id } }"),
    asked("one field twice", "{ n n user { id } user { name id } }"),
    asked(
        "fields merged in the order of their first place",
        "{ user { name } n user { id } ... { n user { friend { id } } } }",
    ),
    asked("a fragment twice", "{ ...F ...F user { id } } fragment F on Query { user { name friend { id } } n }"),
    asked(
        "fragments within fragments",
        "{ ...A } fragment A on Query { n ...B } fragment B on Query { user { ...C } } "
        "fragment C on User { friend { ...D } name } fragment D on User { id ... { name } }",
    ),
    asked(
        "inline fragments by type",
        "{ nodes { id ... on User { friend { id } } ... on Team { lead { id } } ... on Node { name } } }",
    ),
    asked(
        "the same key of two types", "{ nodes { ... on User { x: friend { id } } ... on Team { x: lead { name } } } }"
    ),
    asked("an order that depends on the type", "{ nodes { ... on Team { name } id ... on User { name } __typename } }"),
    asked("a fragment of an interface on a union", "{ any { ... on Node { id ... on User { name } } __typename } }"),
    asked(
        "a union's members by their types",
        "{ team { any { ...U ... on Team { lead { id } } } } } fragment U on User { id }",
    ),
    asked("no field of this type", "{ nodes { ... on Team { members { id } } } }"),
    asked(
        "merged below lists",
        "{ nodes { ... on User { friends { id } } } nodes { ... on User { friends { name } } id } }",
    ),
    asked(
        "typenames everywhere",
        "{ __typename t: __typename user { __typename friend { a: __typename } } any { __typename } }",
    ),
    asked("only a typename", "{ __typename }"),
    asked("typename twice under one key", "{ x: __typename x: __typename nodes { __typename __typename } }"),
]

CONDITIONS = [
    asked(
        "skip and include with literals",
        "{ a: n @skip(if: true) b: n @include(if: true) n @skip(if: false) @include(if: false) }",
    ),
    asked("everything is skipped", "{ n @skip(if: true) user { id @include(if: false) } }"),
    asked("a whole operation without a field", "{ n @include(if: false) }"),
    asked("one of two is skipped", "{ n @skip(if: true) n user { id } user @skip(if: true) { name } }"),
    asked(
        "fragments with conditions",
        "{ ...F @skip(if: true) ... @include(if: true) { n } ... on Query @skip(if: true) { user "
        "{ id } } ...F @include(if: true) } fragment F on Query { any { __typename } }",
    ),
    asked("a condition that is null", "query($c: Boolean = true) { n @skip(if: $c) user { id } }", c=None),
    asked("a condition that is null below", "query($c: Boolean = true) { n user { id name @skip(if: $c) } }", c=None),
    asked(
        "a condition that is null below what is null",
        "query($c: Boolean = false) { n team { any { ... on Team { id @include(if: $c) } } lead { id } } }",
        c=None,
    ),
    *(
        asked(
            f"variables {a} and {b}",
            """query($a: Boolean!, $b: Boolean = true) { n @include(if: $a) user @skip(if: $b) { id
              ...F @include(if: $a) } nodes @include(if: $b) { id @skip(if: $a) name } ... @skip(if: $a) { m: n } }
              fragment F on User { friend @skip(if: $b) { id } name }""",
            a=a,
            **({} if b is None else {"b": b}),
        )
        for a in (True, False)
        for b in (True, False, None)
    ),
]

REFERRED = [
    asked("introspection", '{ __schema { queryType { name } } user { id } __type(name: "User") { fields { name } } }'),
    asked("introspection in a fragment", '{ ...F n } fragment F on Query { __type(name: "Any") { kind } }'),
    Case(
        "a subscription is no query",
        "type Query { a: Int } type Subscription { a: Int }",
        lambda: {"a": 1},
        "subscription { a }",
    ),
]

CASES = [*MERGING, *CONDITIONS, *REFERRED]
