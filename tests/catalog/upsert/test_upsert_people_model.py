"""People of credits by random names and external ids: held against a model in Python, and sent twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from catalog.upsert.item import Item, OnConflict, PersonKey, Status
from tests.catalog.upsert.test_upsert_people import acted
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library
from tests.support.upserting import upsert

NAMES, SOURCES = ("Ann", "Bob"), ("imdb", "tmdb")


@dataclass
class Person:
    """A person with their external ids."""

    name: str
    ids: set[tuple[str, str]] = field(default_factory=set)


class AmbiguousError(Exception):
    """Several people may be meant."""


@dataclass
class Model:
    """People in the order in which they were made, and those of each media."""

    people: list[Person] = field(default_factory=list)
    cast: dict[str, list[Person]] = field(default_factory=dict)

    def credit(self, title: str, keys: list[Any]) -> None:
        """An item of one media. Nothing of one that fails stays."""
        before = len(self.people), [set(one.ids) for one in self.people]
        try:
            there = self.cast.get(title, [])
            found = [self.find(key, there) for key in keys]
            for key, person in zip(keys, found, strict=True):
                others = [one for one in found if one is not person and one.name == person.name]
                if isinstance(key, str) and others:
                    raise AmbiguousError
        except AmbiguousError:
            del self.people[before[0] :]
            for person, ids in zip(self.people, before[1], strict=True):
                person.ids = ids
            raise
        self.cast[title] = [*{id(one): one for one in found}.values()]

    def find(self, key: Any, there: list[Person]) -> Person:
        ids = set(key.external_ids) if isinstance(key, PersonKey) else set()
        name = str(key.person if isinstance(key, PersonKey) else key)
        owners = [one for one in self.people if one.ids & ids]
        if len(owners) > 1:
            raise AmbiguousError
        if not owners:
            fits = [one for one in self.people if one.name == name and not self.differs(one, ids)]
            owners = fits if len(fits) < 2 else [one for one in fits if any(one is other for other in there)] or fits
            if len(owners) > 1:
                raise AmbiguousError
        if not owners:
            owners = [Person(name)]
            self.people.append(owners[0])
        owners[0].ids |= ids
        return owners[0]

    def differs(self, person: Person, ids: set[tuple[str, str]]) -> bool:
        return any(
            {value for of, value in ids if of == source}.isdisjoint({v for of, v in person.ids if of == source})
            for source in {of for of, _ in ids} & {of for of, _ in person.ids}
        )


def random_key(random: Random) -> Any:
    ids = tuple((source, str(random.randrange(3))) for source in SOURCES if random.random() < 0.5)
    name = random.choice(NAMES)
    return PersonKey(name, ids) if ids else name


async def stored(connection: Any) -> tuple[list[Any], dict[str, list[Any]]]:
    """People and the people of each media, by names and ids."""
    rows = await connection.fetch("""SELECT p.id, p.name, array(SELECT x.source || ':' || x.value
        FROM person_external_id x WHERE x.person_id = p.id ORDER BY 1) FROM person p ORDER BY p.id""")
    people = {row[0]: (row[1], tuple(row[2])) for row in rows}
    credits = await connection.fetch("""SELECT m.title, c.person_id FROM credit c JOIN media m ON m.id = c.media_id
        ORDER BY m.id, c.position""")
    cast: dict[str, list[Any]] = {}
    for title, person in credits:
        cast.setdefault(title, []).append(people[person])
    return sorted(people.values()), cast


def told(model: Model) -> tuple[list[Any], dict[str, list[Any]]]:
    def plain(person: Person) -> Any:
        return person.name, tuple(sorted(f"{source}:{value}" for source, value in person.ids))

    return sorted(map(plain, model.people)), {title: [*map(plain, cast)] for title, cast in model.cast.items()}


@pytest.mark.parametrize("seed", range(10))
async def test_people_are_told_apart_as_the_model_does_it(seed: int, api: Api, connection: Any) -> None:
    await add_library(connection)
    random, model = Random(seed), Model()
    for _ in range(15):
        keys = [random_key(random) for _ in range(random.randrange(1, 4))]
        title = random.choice("ABC")
        item: Item = acted(0, title, *({"person_id": one, "role": "ACTOR"} for one in keys))
        [result] = await upsert(api, [item], on_conflict=OnConflict.REPLACE)
        try:
            model.credit(title, keys)
            assert result.status is not Status.FAILED, (keys, result)
        except AmbiguousError:
            assert result.code == "AMBIGUOUS", (keys, result)
        assert await stored(connection) == told(model)
        if result.code is None:
            [again] = await upsert(api, [item])
            assert again.status is Status.UNCHANGED, keys
            assert await stored(connection) == told(model)
    await assert_no_drift(connection)


@pytest.mark.parametrize("seed", range(10))
async def test_many_items_of_a_call_are_as_if_they_came_one_by_one(seed: int, api: Api, connection: Any) -> None:
    """Of people with external ids: a failing item is as if it were not there."""
    await add_library(connection)
    random, model = Random(seed), Model()
    failed = 0
    for _ in range(6):
        items: list[Item] = []
        expected: list[str | None] = []
        for place, title in enumerate(random.sample("ABCDEF", 6)):
            keys = [one for one in (random_key(random) for _ in range(4)) if isinstance(one, PersonKey)]
            keys = keys or [PersonKey("Ann", (("imdb", "0"),))]
            items.append(acted(place, title, *({"person_id": one, "role": "ACTOR"} for one in keys)))
            try:
                model.credit(title, keys)
                expected.append(None)
            except AmbiguousError:
                expected.append("AMBIGUOUS")
        assert [one.code for one in await upsert(api, items)] == expected
        assert await stored(connection) == told(model)
        failed += len(expected) - expected.count(None)
    assert failed
