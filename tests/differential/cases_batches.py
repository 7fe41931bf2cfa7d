"""Cases of batches: what each loader sends, whatever the delays of resolvers and loaders."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BatchCase:
    """`batches`: by loader, of the compiled engine. `batch_wait`: seconds that a resolver may hold them up."""

    name: str
    text: str
    batches: dict[str, int]
    batch_wait: float = 0.0


STARS = '["star_1", "star_2", "star_5", "star_8"]'

CASES = [
    BatchCase("a look-up", '{ body(id: "star_1") { id } }', {"star_by_id": 1}),
    BatchCase("many ids of one type", f"{{ bodies(ids: {STARS}) {{ id name }} }}", {"star_by_id": 1}),
    BatchCase(
        "ids of several types",
        '{ bodies(ids: ["star_1", "moon_2", "planet_3", "moon_5"]) { id } }',
        {"star_by_id": 1, "planet_by_id": 1, "moon_by_id": 1},
    ),
    BatchCase(
        "one relation after the other",
        f"{{ bodies(ids: {STARS}) {{ ... on Star {{ planets {{ moons {{ id }} }} }} }} }}",
        {"star_by_id": 1, "planets_by_star_id": 1, "moons_by_planet_id": 1},
    ),
    BatchCase(
        "the same relation twice",
        "{ star(number: 1) { a: planets { id } b: planets { rank } strange { id } } }",
        {"star_by_id": 1, "planets_by_star_id": 1},
    ),
    BatchCase(
        "a relation that comes back to its own loader",
        "{ lateStars { planets { star { planets { id } } } } }",
        {"planets_by_star_id": 2, "star_by_id": 1},
    ),
    BatchCase(
        "a loader at two depths",
        "{ lateStars { center { id } } planets { nodes { star { id } } } }",
        {"planet_pages": 1, "star_by_id": 1},
    ),
    BatchCase(
        "a loader at two depths, one of them late",
        "{ lateStars { late center { id } } planets { nodes { lateStar { center { id } } } } }",
        {"planet_pages": 1, "star_by_id": 1},
    ),
    BatchCase(
        "the same page of many parents, and another one",
        f"{{ bodies(ids: {STARS}) {{ ... on Star {{ a: page(first: 2) {{ key }} b: page(first: 1) {{ key }} "
        "c: page(first: 2) { nodes { rank } } } } }",
        {"star_by_id": 1, "planet_pages": 2},
    ),
    BatchCase(
        "totals only where they are asked for",
        "{ lateStars { page { nodes { id } } } planets { total } }",
        {"planet_pages": 1, "totals": 1},
    ),
    BatchCase("no parents, no batch", "{ lateStars(first: 0) { planets { moons { id } } } }", {}),
    BatchCase("no keys, no batch", '{ a: body(id: "none_1") { id } bodies(ids: []) { id } }', {}),
    BatchCase(
        "a wait for the clock that is waited for",
        "{ lateStars { planets { id } slowStar { planets { id } } } }",
        {"planets_by_star_id": 1},
        batch_wait=5.0,
    ),
    BatchCase(
        "lists that a look-up brings along",
        "{ planet(number: 5) { moons { id } star { id } } }",
        {"planet_by_id": 1, "star_by_id": 1},
    ),
    BatchCase(
        "a broken loader",
        '{ bodies(ids: ["moon_5", "moon_6", "broken_1"]) { id ... on Moon { broken { id } planet { id } } } }',
        {"moon_by_id": 1, "broken": 1, "planet_by_id": 1},
    ),
]
