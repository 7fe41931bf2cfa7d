"""Edits of names and their undoing in random order, held against a model in plain Python, table by table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.text import fold
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media

MEDIA = 5
NAMES = ["a", "b", "c-s", "c s", "D", "d_", "Été", "x y", "x & y"]
RULES = "{ separators: true, ampersand: AND, case: LOWER }"
CLEAR = """TRUNCATE media, media_change, tag, tag_media_count, taxonomy_operation, taxonomy_row, taxonomy_link,
    taxonomy_reference, library, library_media_count RESTART IDENTITY CASCADE"""


def cleaned(name: str) -> str:
    """What RULES make of NAMES."""
    text = name.lower().replace("-", " ").replace(" & ", " and ")
    return " ".join(text.replace("_", " ").split())


@dataclass
class Model:
    """Tags by id, folded names and aliases with whose they are, links as (media, tag), redirects, parents as (below,
    above)."""

    tags: dict[int, str] = field(default_factory=dict)
    names: dict[str, tuple[int, bool]] = field(default_factory=dict)
    links: set[tuple[int, int]] = field(default_factory=set)
    redirects: dict[int, int] = field(default_factory=dict)
    parents: set[tuple[int, int]] = field(default_factory=set)

    def state(self) -> tuple[Any, ...]:
        return self.tags, self.names, self.links, self.redirects, self.parents

    def add(self, id: int, name: str) -> None:
        self.tags[id] = name
        self.names[fold(name)] = (id, True)

    def rename(self, id: int, name: str) -> None:
        if self.tags[id] == name:
            return
        self.names[fold(self.tags[id])] = (id, False)
        self.tags[id] = name
        self.names[fold(name)] = (id, True)

    def is_above(self, one: int, other: int) -> bool:
        """Whether one is the other, or stands above it."""
        return one == other or any(self.is_above(one, above) for below, above in self.parents if below == other)

    def move_parents(self, moves: dict[int, int]) -> None:
        """Parents and children go along, but for circles."""
        gone = {edge for edge in self.parents if moves.keys() & {*edge}}
        self.parents = self.parents - gone
        for below, above in sorted(gone):
            edge = moves.get(below, below), moves.get(above, above)
            if not self.is_above(edge[0], edge[1]):
                self.parents = self.parents | {edge}

    def set_aliases(self, id: int, names: set[str]) -> None:
        self.names = {text: owner for text, owner in self.names.items() if owner != (id, False)}
        for name in names:
            self.names.setdefault(fold(name), (id, False))

    def set_parents(self, id: int, parents: set[int]) -> None:
        self.parents = {edge for edge in self.parents if edge[0] != id} | {(id, one) for one in parents}

    def merge(self, into: int, others: set[int]) -> None:
        self.move_parents(dict.fromkeys(others, into))
        for one in others:
            self.tags.pop(one)
            self.links = {(media, into if tag == one else tag) for media, tag in self.links}
            self.names = {
                text: (into, False) if id == one else (id, is_own) for text, (id, is_own) in self.names.items()
            }
            self.redirects = {old: into if new == one else new for old, new in self.redirects.items()} | {one: into}

    def delete(self, id: int) -> None:
        self.tags.pop(id)
        self.links = {link for link in self.links if link[1] != id}
        self.names = {text: owner for text, owner in self.names.items() if owner[0] != id}
        self.redirects = {old: new for old, new in self.redirects.items() if new != id}
        self.parents = {edge for edge in self.parents if id not in edge}

    def normalise(self) -> bool:
        """Whether anything changes."""
        groups: dict[str, list[int]] = {}
        for id in sorted(self.tags):
            groups.setdefault(fold(cleaned(self.tags[id])), []).append(id)
        before = deepcopy(self.state())
        into = {}
        for text, ids in groups.items():
            owners = [id for id in ids if self.names.get(text) == (id, True)]
            into[text] = (owners or ids)[0]
        moves = {}
        for text, ids in groups.items():
            for id in ids:
                here, seen = text, [text]
                while (owner := self.names.get(here)) is not None and not owner[1]:
                    there = fold(cleaned(self.tags[owner[0]]))
                    if there == here:
                        break
                    if there in seen:
                        here = min(seen[seen.index(there) :])
                        break
                    seen.append(there)
                    here = there
                if into[here] != id:
                    moves[id] = into[here]
        wanted = {id: cleaned(name) for id, name in self.tags.items() if id not in moves}
        self.move_parents(moves)
        for id, target in moves.items():
            self.merge(target, {id})
        renamed = {id: name for id, name in wanted.items() if name != self.tags[id]}
        for id in renamed:
            self.names[fold(self.tags[id])] = (id, False)
        for id, name in renamed.items():
            self.tags[id] = name
            self.names[fold(name)] = (id, True)
        return self.state() != before


@dataclass
class Run:
    """The database beside the model. `done`: operations with the state before, as long as nothing else was edited."""

    api: Api
    connection: Any
    random: Random
    model: Model = field(default_factory=Model)
    done: list[tuple[str, Model]] = field(default_factory=list)
    media: list[int] = field(default_factory=list)

    def one(self) -> int:
        return self.random.choice(sorted(self.model.tags))

    async def ask(self, field: str, change: Callable[[Model], object]) -> None:
        """A mutation that succeeds, and what it does to the model."""
        before = deepcopy(self.model)
        payload = (await self.api.run(f"mutation {{ {field} {{ operation {{ id }} }} }}"))[field.partition("(")[0]]
        change(self.model)
        if payload["operation"] is not None:
            self.done.append((payload["operation"]["id"], before))
        assert (payload["operation"] is not None) == (before != self.model)

    async def refused(self, field: str, code: str) -> None:
        assert await self.api.codes(f"mutation {{ {field} {{ token }} }}") == [code]

    async def tag(self) -> None:
        """Media are given a tag, or lose it: what was done before can no longer be undone exactly."""
        media, tag = self.random.choice(self.media), self.one()
        verb, change = self.random.choice([("add", set.add), ("remove", set.discard)])
        given = f'items: [{{ media: ["media_{media}"], tags: [{{ id: "tag_{tag}" }}] }}]'
        await self.api.run(f"mutation {{ {verb}Tags({given}) {{ failed }} }}")
        change(self.model.links, (media, tag))
        self.done.clear()

    async def rename(self) -> None:
        id, name = self.one(), self.random.choice(NAMES)
        owner = self.model.names.get(fold(name))
        field = f'renameTag(id: "tag_{id}", name: "{name}")'
        if owner is not None and owner[0] != id:
            await self.refused(field, "NAME_TAKEN")
        else:
            await self.ask(field, lambda model: model.rename(id, name))

    async def merge(self) -> None:
        into = self.one()
        others = {self.one() for _ in range(self.random.randint(1, 3))} - {into}
        if others:
            given = ", ".join(f'"tag_{one}"' for one in sorted(others))
            await self.ask(f'mergeTags(into: "tag_{into}", from: [{given}])', lambda model: model.merge(into, others))

    async def split(self) -> None:
        id, name, media = self.one(), self.random.choice(NAMES), self.random.choice(self.media)
        field = f'splitTag(id: "tag_{id}", name: "{name}", filter: {{ id: ["media_{media}"] }})'
        if fold(name) in self.model.names:
            await self.refused(field, "NAME_TAKEN")
            return
        number = 1 + await self.connection.fetchval("SELECT last_value FROM tag_id_seq")

        def change(model: Model) -> None:
            model.add(number, name)
            if (media, id) in model.links:
                model.links = model.links - {(media, id)} | {(media, number)}

        await self.ask(field, change)

    async def delete(self) -> None:
        id = self.one()
        if len(self.model.tags) > 2:
            await self.ask(f'deleteTag(id: "tag_{id}")', lambda model: model.delete(id))

    async def aliases(self) -> None:
        id, names = self.one(), set(self.random.sample(NAMES, self.random.randint(0, 2)))
        given = ", ".join(f'"{name}"' for name in names)
        field = f'setTagAliases(id: "tag_{id}", aliases: [{given}])'
        if any(self.model.names.get(fold(name), (id, False))[0] != id for name in names):
            await self.refused(field, "NAME_TAKEN")
        else:
            await self.ask(field, lambda model: model.set_aliases(id, names))

    async def parents(self) -> None:
        id, above = self.one(), {self.one() for _ in range(self.random.randint(0, 2))}
        given = ", ".join(f'"tag_{one}"' for one in above)
        field = f'setTagParents(id: "tag_{id}", parents: [{given}])'
        rest = deepcopy(self.model)
        rest.set_parents(id, set())
        if any(rest.is_above(id, one) for one in above):
            await self.refused(field, "BAD_ARGUMENT")
        else:
            await self.ask(field, lambda model: model.set_parents(id, above))

    async def normalise(self) -> None:
        await self.ask(f"normaliseTags(rules: {RULES})", Model.normalise)

    async def undo(self) -> None:
        if self.done:
            operation, before = self.done.pop()
            force = self.random.choice(["true", "false"])
            text = f'mutation {{ undo(operation: "{operation}", force: {force}) {{ conflicts {{ message }} }} }}'
            data = await self.api.run(text)
            assert data["undo"]["conflicts"] == []
            self.model = before

    async def check(self) -> None:
        tags = dict(await self.rows("SELECT id, name FROM tag"))
        names = {row[0]: row[1:] for row in await self.rows("SELECT folded, tag_id, is_primary FROM tag_name")}
        links = set(await self.rows("SELECT media_id, tag_id FROM media_tag"))
        redirects = dict(await self.rows("SELECT id, tag_id FROM tag_redirect"))
        parents = set(await self.rows("SELECT tag_id, parent_id FROM tag_parent"))
        assert (tags, names, links, redirects, parents) == self.model.state()

    async def rows(self, text: str) -> list[Any]:
        return [tuple(row) for row in await self.connection.fetch(text)]


async def play(api: Api, connection: Any, seed: int, steps: list[str]) -> None:
    await connection.execute(CLEAR)
    run = Run(api, connection, Random(seed))
    library = await add_library(connection)
    run.media = [await add_media(connection, library, f"M{place}") for place in range(MEDIA)]
    for media in run.media:
        names = run.random.sample(NAMES, 3)
        given = ", ".join(f'{{ name: "{name}" }}' for name in names)
        await api.run(f'mutation {{ addTags(items: [{{ media: ["media_{media}"], tags: [{given}] }}]) {{ failed }} }}')
    run.model.tags = dict(await run.rows("SELECT id, name FROM tag"))
    run.model.names = {fold(name): (id, True) for id, name in run.model.tags.items()}
    run.model.links = set(await run.rows("SELECT media_id, tag_id FROM media_tag"))
    for step in steps:
        await getattr(run, step)()
        await run.check()
    await assert_no_drift(connection)


STEPS = ("rename", "merge", "split", "delete", "normalise", "aliases", "parents", "undo", "undo", "tag")


@pytest.mark.parametrize("part", range(2))
async def test_edits_and_undos_do_what_the_model_does(part: int, api: Api, connection: Any) -> None:
    loop = asyncio.get_running_loop()
    games: list[tuple[int, list[str]]] = []

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 10**6), st.lists(st.sampled_from(STEPS), min_size=4, max_size=12))
    def collect(seed: int, steps: list[str]) -> None:
        games.append((seed + part, steps))

    await loop.run_in_executor(None, collect)
    for seed, steps in games:
        await play(api, connection, seed, steps)
