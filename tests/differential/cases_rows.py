"""Cases of declared relations over records, among them what generated operations have found."""

from __future__ import annotations

# Star 12's name is null though it must not be; among the planets of star 13 is one that is no planet.
CASES = {
    "null in a record of a look-up": "{ star(number: 12) { name } }",
    "null in a record of a relation": "{ star(number: 7) { center { name } } }",
    "null in a record that a resolver gave": "{ star(number: 11) { id grown { name } } }",
    "null in a record beside a resolver": "{ star(number: 12) { grown { id } name } }",
    "null in one of many look-ups": '{ bodies(ids: ["star_12", "none_13", "star_1"]) { ... on Star { name } } }',
    "null in a list beside what is no record": (
        '{ bodies(ids: ["star_14", "star_13"]) { ... on Star { strange { rank } } } }'
    ),
    "what is no record in a list": "{ star(number: 13) { planets { id } } }",
    "an error in a list": "{ star(number: 3) { strange { id moons { id } } planets { id } } }",
    "parents without their key": "{ oddRocks { star { id planets { id } } } }",
    "parents without any of their attributes": "{ oddRocks { weight color label star { name } } }",
    "a page's own errors": "{ a: planets(first: -1) { key } b: star(number: 1) { page(first: 3, step: 3) { key } } }",
    "a record that must be there": (
        '{ bodies(ids: ["planet_1", "planet_2", "planet_9"]) { ... on Planet { sureStar { id } } } }'
    ),
    "an interface's record by its class": '{ bodies(ids: ["star_1", "moon_2", "planet_3"]) { __typename id name } }',
    "an interface over a relation": '{ body(id: "moon_5") { ... on Moon { body { id ... on Star { mass } } } } }',
    "no look-up and a failing one": (
        '{ a: body(id: "none_1") { id } b: body(id: "x") { id } c: bodies(ids: ["x", "none_1"]) { id } }'
    ),
    "more ids than are taken": (
        '{ bodies(ids: ["star_1", "star_1", "star_1", "star_1", "star_1", "star_1", "star_1"]) { id } }'
    ),
    "a look-up that must be there": '{ sureBody(id: "none_1") { id } }',
    "edges that are their own nodes": (
        "{ planets(first: 3) { edges { cursor node { rank star { id } } } nodes { id } total key } }"
    ),
    "totals of many pages": (
        "{ lateStars(first: 4) { a: page(first: 1) { total } b: page(first: 4) { total nodes { page { total } } } } }"
    ),
    "a mutation that reads": (
        "mutation { a: move(number: 1) { name planets { id } } b: move(number: 2) { planets { star { id } } } }"
    ),
}
