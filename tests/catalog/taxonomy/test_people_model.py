"""People merged, replaced and renamed undone with and without force: held against a model in Python."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_credit, add_library, add_media, add_person, add_person_id

PEOPLE, STEPS = 5, 12


@dataclass
class People:
    """Names by id, credits by id as (media, person, role, character) in their order, redirects, external ids by source
    and value."""

    names: dict[int, str] = field(default_factory=dict)
    credits: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    redirects: dict[int, int] = field(default_factory=dict)
    external_ids: dict[tuple[str, str], int] = field(default_factory=dict)

    def merge(self, into: int, others: set[int]) -> None:
        """Of equal credits the one that was there stays, else the first."""
        there = {credit for credit in self.credits.values() if credit[1] == into}
        for id, (media, person, *rest) in list(self.credits.items()):
            if person in others:
                moved = (media, into, *rest)
                if moved in there:
                    del self.credits[id]
                else:
                    self.credits[id] = moved
                    there.add(moved)
        self.external_ids = {key: into if one in others else one for key, one in self.external_ids.items()}
        for one in others:
            del self.names[one]

    def redirect(self, into: int, others: set[int]) -> None:
        self.redirects = {old: into if new in others else new for old, new in self.redirects.items()}
        self.redirects |= dict.fromkeys(others, into)

    def delete(self, id: int, replacement: int) -> None:
        self.external_ids = {key: one for key, one in self.external_ids.items() if one != id}
        self.merge(replacement, {id})
        self.redirects = {old: new for old, new in self.redirects.items() if new != id}


async def read(connection: Any) -> People:
    """What is stored; credits in the order of their positions."""
    credits = await connection.fetch(
        "SELECT id, media_id, person_id, role, character FROM credit ORDER BY position, id"
    )
    return People(
        dict(await connection.fetch("SELECT id, name FROM person")),
        {row[0]: tuple(row)[1:] for row in credits},
        dict(await connection.fetch("SELECT id, person_id FROM person_redirect")),
        {(row[0], row[1]): row[2] for row in await connection.fetch("TABLE person_external_id")},
    )


@pytest.mark.parametrize("seed", range(12))
async def test_edits_and_undos_of_people_do_what_the_model_does(seed: int, api: Api, connection: Any) -> None:
    random = Random(seed)
    library = await add_library(connection)
    media = [await add_media(connection, library) for _ in range(3)]
    for number in range(PEOPLE):
        person = await add_person(connection, f"p{number}")
        for source in random.sample(["imdb", "tmdb", "tvdb"], 2):
            await add_person_id(connection, person, source, f"{number}")
        for place in range(4):
            role, part = random.choice(["ACTOR", "WRITER"]), random.choice([None, "x"])
            await add_credit(connection, random.choice(media), person, role, 10 * number + place, part)
    model = await read(connection)
    done: list[tuple[str, People]] = []
    for _ in range(STEPS):
        before, ids = deepcopy(model), sorted(model.names)
        step = random.choice(["merge", "delete", "rename", "undo"])
        if step == "undo" and done:
            operation, model = done.pop()
            force = random.choice(["true", "false"])
            text = f'mutation {{ undo(operation: "{operation}", force: {force}) {{ conflicts {{ message }} }} }}'
            assert (await api.run(text))["undo"]["conflicts"] == []
        elif step != "undo" and len(ids) > 2:
            one, other, third = random.sample(ids, 3)
            if step == "merge":
                given = f'mergePeople(into: "person_{one}", from: ["person_{other}", "person_{third}"])'
                model.merge(one, {other, third})
                model.redirect(one, {other, third})
            elif step == "delete":
                given = f'deletePerson(id: "person_{one}", replacement: "person_{other}")'
                model.delete(one, other)
            else:
                given = f'renamePerson(id: "person_{one}", name: "n{random.random()}")'
                model.names[one] = given.split('"')[3]
            field = given.partition("(")[0]
            data = await api.run(f"mutation {{ {given} {{ operation {{ id }} }} }}")
            done.append((data[field]["operation"]["id"], before))
        found = await read(connection)
        assert found == model
        await assert_no_drift(connection)
