"""Declared relations over records: stars, their planets and moons, alone, in lists, in pages and by look-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import strawberry

from engine.relation import Declaration, Load, declared, lookup, relation
from tests.differential import objects
from tests.differential.chance import draw, late, slow
from tests.differential.memory import MemoryRef
from tests.differential.records import Column, Record, row_type
from tests.differential.values import failure

SIZE = 24  # of each noun there are so many records


class StarRow(Record):
    id = Column()
    name = Column()
    mass = Column()
    center_id = Column()
    first_planet_id = Column()


class PlanetRow(Record):
    id = Column()
    name = Column()
    rank = Column()
    star_id = Column()


class MoonRow(Record):
    id = Column()
    name = Column()
    planet_id = Column()


def cell(random: Random, good: Any, *wrong: Any) -> Any:
    """A column's value: mostly what it should be."""
    roll = random.random()
    return good if roll < 0.93 else None if roll < 0.97 or not wrong else random.choice(wrong)


def star(number: int) -> StarRow:
    random = draw("star", number)
    name = cell(random, f"star {number}", 5, 1.5, ["x"], {"a": 1}, ValueError("no name"))
    center = cell(random, (number * 5 + 1) % SIZE)
    mass = cell(random, number / 4, "heavy", float("nan"), True)
    return StarRow(id=number, name=name, mass=mass, center_id=center, first_planet_id=(number * 3) % SIZE)


def planet(number: int) -> PlanetRow:
    random = draw("planet", number)
    rank = cell(random, number, "first", 2**31, 1.5)
    return PlanetRow(id=number, name=cell(random, f"planet {number}", b"x"), rank=rank, star_id=(number * 7) % SIZE)


def moon(number: int) -> MoonRow:
    random = draw("moon", number)
    return MoonRow(id=number, name=cell(random, f"moon {number}", 7), planet_id=(number * 11) % SIZE)


ROWS = {"star": star, "planet": planet, "moon": moon}


def one(noun: str) -> Any:
    """Answers a key by one record: some are missing, some fail."""

    def answer(key: Any, arguments: Any) -> Any:
        random = draw("one", noun, key)
        if not isinstance(key, int) or not 0 <= key < SIZE or random.random() < 0.08:
            return None
        return failure(random) if random.random() < 0.05 else ROWS[noun](key)

    return answer


def many(noun: str, strange: float = 0.05) -> Any:
    """Answers a key by a list of records, in which strange things may stand."""

    def item(random: Random) -> Any:
        roll = random.random()
        if roll > strange:
            return ROWS[noun](random.randrange(SIZE))
        return random.choice((None, failure(random), {"id": 1}, moon(1), 5))

    def answer(key: Any, arguments: Any) -> Any:
        random = draw("many", noun, key)
        if random.random() < strange:
            return random.choice((None, failure(random), 5, ROWS[noun](1)))
        return [item(random) for _ in range(random.choice((0, 1, 2, 2, 3)))]

    return answer


@dataclass(frozen=True, slots=True)
class Page:
    """A page of planets: its rows, and what the total is asked by."""

    rows: tuple[PlanetRow, ...]
    key: int
    step: int


def page(key: Any, arguments: Any) -> Any:
    """The page of a key; arguments are size and step."""
    first, step = arguments
    random = draw("page", key, first, step)
    if random.random() < 0.05:
        return failure(random)
    return Page(tuple(planet((key + place * step) % SIZE) for place in range(first)), key, step)


def total(key: Any, arguments: Any) -> Any:
    return (None, 3, 4, 2**40, ValueError("uncounted"))[draw("total", key).randrange(5)]


STAR_BY_ID = MemoryRef("star_by_id", one("star"))
PLANET_BY_ID = MemoryRef("planet_by_id", one("planet"), brings="moons_by_planet_id")
MOON_BY_ID = MemoryRef("moon_by_id", one("moon"))
PLANETS_BY_STAR_ID = MemoryRef("planets_by_star_id", many("planet"))
MOONS_BY_PLANET_ID = MemoryRef("moons_by_planet_id", many("moon", 0.02))
PLANET_PAGES = MemoryRef("planet_pages", page, breaks=lambda arguments: arguments == (3, 3))
TOTALS = MemoryRef("totals", total)
BROKEN = MemoryRef("broken", one("moon"), breaks=lambda arguments: True)
BY_PREFIX = {"star": STAR_BY_ID, "planet": PLANET_BY_ID, "moon": MOON_BY_ID, "broken": BROKEN}


def bind_page(context: Any, arguments: Mapping[str, Any], site: Any) -> tuple[int, int]:
    """Size and step, within bounds."""
    first, step = arguments["first"], arguments["step"]
    if first is not None and first < 0:
        raise ValueError(f"{first} is no size of a page")
    return (2 if first is None else min(first, 4), 1 if step is None else step % 5)


def pages(column: Any = None) -> Any:
    """A connection: of the root, or of a parent by its column."""
    declaration = Declaration("page", PLANET_PAGES, None if column is None else column.name, loader_arguments=bind_page)
    return declared(declaration, {"first": int | None, "step": int | None}, "A page of planets.")


def load_body(context: Any, id: str) -> Load | None:
    """The look-up of "star_5": the prefix chooses the loader, "none" is nowhere."""
    prefix, _, number = str(id).partition("_")
    if prefix == "none":
        return None
    if prefix not in BY_PREFIX or not number.isdecimal():
        raise ValueError(f"{id} is no id")
    return Load(BY_PREFIX[prefix], int(number) % (SIZE + 2))


def load_bodies(context: Any, ids: list[str]) -> list[Load | Exception] | None:
    """A look-up for each id, or its own error; nothing for more than six."""
    if len(ids) > 6:
        return None
    found: list[Load | Exception] = []
    for text in ids:
        try:
            found.append(load_body(context, text) or KeyError(text))
        except ValueError as error:
            found.append(error)
    return found


def next_star(self: Any) -> Any:
    return star((self.id + 1) % SIZE)


async def late_star(self: Any) -> Any:
    return await late(star(self.id))


async def slow_star(self: Any) -> Any:
    """The next star, after a wait for the clock."""
    return await slow(star((self.id + 1) % SIZE))


@strawberry.interface
class Body:
    id: strawberry.ID
    name: str | None

    @classmethod
    def resolve_type(cls, value: Any, info: Any, type_: Any) -> str:
        return {StarRow: "Star", PlanetRow: "Planet", MoonRow: "Moon"}[type(value)]


@row_type(StarRow)
class Star(Body):
    name: str
    mass: float | None
    planets: list[Planet] = relation(PLANETS_BY_STAR_ID, key=StarRow.id, bound=3, description="Its planets.")
    strange: list[Planet | None] | None = relation(
        PLANETS_BY_STAR_ID, key=StarRow.id, bound=3, description="The same, with room for what is wrong."
    )
    center: Star | None = relation(STAR_BY_ID, key=StarRow.center_id, description="What it turns around.")
    first_planet: Planet | None = relation(
        PLANET_BY_ID, key=StarRow.first_planet_id, required=True, description="Must be there."
    )
    page: PlanetPage = pages(StarRow.id)
    late: str | None = strawberry.field(resolver=objects.late_method)
    slow_star: Star | None = strawberry.field(resolver=slow_star)
    grown: Star | None = strawberry.field(resolver=next_star)


@row_type(PlanetRow)
class Planet(Body):
    rank: int
    star: Star | None = relation(STAR_BY_ID, key=PlanetRow.star_id, description="Its star.")
    moons: list[Moon] | None = relation(MOONS_BY_PLANET_ID, key=PlanetRow.id, bound=3, description="Its moons.")
    sure_star: Star = relation(STAR_BY_ID, key=PlanetRow.star_id, required=True, description="Must be there.")
    page: PlanetPage | None = pages(PlanetRow.id)
    late_star: Star | None = strawberry.field(resolver=late_star)


@row_type(MoonRow)
class Moon(Body):
    planet: Planet | None = relation(PLANET_BY_ID, key=MoonRow.planet_id, description="Its planet.")
    broken: Moon | None = relation(BROKEN, key=MoonRow.id, description="Never answers.")
    body: Body | None = relation(STAR_BY_ID, key=MoonRow.planet_id, description="A star, as a body.")


@strawberry.type
class PlanetEdge:
    cursor: str = strawberry.field(resolver=lambda self: f"at {self.id}")
    node: Planet = strawberry.field(resolver=lambda self: self)


@strawberry.type
class PlanetPage:
    nodes: list[Planet] = strawberry.field(resolver=lambda self: self.rows)
    edges: list[PlanetEdge] = strawberry.field(resolver=lambda self: list(self.rows))
    key: int
    total: int | None = declared(
        Declaration("total", target=lambda self, context, arguments: Load(TOTALS, self.key)), {}, "How many there are."
    )


@strawberry.type
class RowQuery:
    """Root fields over records."""

    body: Body | None = lookup(load_body, parameters={"id": strawberry.ID}, description="Any body.")
    bodies: list[Body | None] = lookup(
        load_bodies, parameters={"ids": list[strawberry.ID]}, sized_by="ids", description="Bodies by their ids."
    )
    sure_body: Body = lookup(load_body, parameters={"id": strawberry.ID}, description="A body that must be there.")
    star: Star | None = lookup(
        lambda context, number: Load(STAR_BY_ID, number), parameters={"number": int}, description="A star."
    )
    planet: Planet | None = lookup(
        lambda context, number: Load(PLANET_BY_ID, number), parameters={"number": int}, description="A planet."
    )
    planets: PlanetPage = pages()

    @strawberry.field
    async def late_stars(self, first: int = 3) -> list[Star]:
        await late(None)
        return [star(number % SIZE) for number in range(max(0, min(first, 4)))]  # type: ignore[misc]


def move(info: strawberry.Info, number: int = 0) -> Any:
    """Writes, then answers with a loader's record, as what is read again after a write."""
    info.context.log.append(f"{info.path.key} {number}")
    return STAR_BY_ID.bind(info.context.loaders).load(number)
