"""Random edits of tags and collections against a plain model of them, compared table by table."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from domain.text import fold
from tests.catalog.noun_edit.test_noun_edit import codes, deletion, edit, run
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_collection, add_library, add_media, add_name, mark

NAMES = ["a", "A", "á", "b", "B ", "c", "d", "e\u0301", "é", "🎬", "", "\u200b"]


@dataclass
class ModelTag:
    """A tag as it is to be."""

    name: str
    version: int = 1
    aliases: set[str] = field(default_factory=set)
    parents: set[int] = field(default_factory=set)


class Model:
    """All tags by number; an edit of one item is done, or refused with a code."""

    def __init__(self) -> None:
        self.tags: dict[int, ModelTag] = {}
        self.next = 1

    def owners(self) -> dict[str, int]:
        return {one: id for id, tag in self.tags.items() for one in (fold(tag.name), *tag.aliases)}

    def below(self, id: int, parents: set[int]) -> bool:
        """Whether a tag is among these, or above one of them."""
        waiting, seen = list(parents), set[int]()
        while waiting:
            one = waiting.pop()
            if one == id:
                return True
            if one not in seen:
                seen.add(one)
                waiting += self.tags[one].parents
        return False

    def apply(self, id: int | None, given: dict[str, Any]) -> str | None:
        """The code of an edit that is refused. given: name, version, aliases, parents (as numbers)."""
        texts = [given[key] for key in ("name",) if key in given] + given.get("aliases", [])
        if any(not fold(text) or text == "\u200b" for text in texts):
            return "BAD_ARGUMENT"
        tag = self.tags.get(id) if id is not None else ModelTag("")
        if tag is None:
            return "NOT_FOUND"
        if given.get("version", tag.version) != tag.version:
            return "VERSION_CONFLICT"
        parents = set(given["parents"]) if "parents" in given else tag.parents
        if not parents <= self.tags.keys():
            return "NOT_FOUND"
        if id is not None and "parents" in given and self.below(id, parents):
            return "BAD_ARGUMENT"
        owners = self.owners()
        if any(owners.get(fold(text), id) != id for text in texts):
            return "NAME_TAKEN"
        self.store(id, tag, given, parents)
        return None

    def store(self, id: int | None, tag: ModelTag, given: dict[str, Any], parents: set[int]) -> None:
        name = " ".join(given.get("name", tag.name).split())
        aliases = {fold(one) for one in given["aliases"]} if "aliases" in given else tag.aliases
        after = ModelTag(name, tag.version, aliases - {fold(name)}, parents)
        if id is None:
            id, self.next = self.next, self.next + 1
        elif (after.name, after.aliases, after.parents) != (tag.name, tag.aliases, tag.parents):
            after.version += 1
        self.tags[id] = after

    def rows(self) -> list[tuple[Any, ...]]:
        return [
            (id, tag.name, tag.version, sorted(tag.aliases), sorted(tag.parents))
            for id, tag in sorted(self.tags.items())
        ]


STORED = """
SELECT t.id, t.name, t.version,
    ARRAY(SELECT folded FROM tag_name n WHERE n.tag_id = t.id AND NOT is_primary ORDER BY folded) AS aliases,
    ARRAY(SELECT parent_id FROM tag_parent p WHERE p.tag_id = t.id ORDER BY 1) AS parents
FROM tag t ORDER BY t.id
"""
PRIMARY = "SELECT count(*) FROM tag t JOIN tag_name n ON n.tag_id = t.id AND n.folded = t.folded_name AND n.is_primary"


def random_item(random: Random, model: Model, id: int | None) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if id is None or random.random() < 0.5:
        given["name"] = random.choice(NAMES)
    if random.random() < 0.4:
        given["aliases"] = random.choices(NAMES, k=random.randrange(3))
    if random.random() < 0.4:
        given["parents"] = random.choices(range(1, model.next + 1), k=random.randrange(3))
    if id is not None and random.random() < 0.4:
        given["version"] = random.randint(1, 3)
    return given


def as_sent(given: dict[str, Any]) -> dict[str, Any]:
    parents = {"parents": [{"id": f"tag_{one}"} for one in given["parents"]]} if "parents" in given else {}
    return {**given, **parents}


@pytest.mark.parametrize("seed", range(6))
async def test_random_edits_of_tags_are_those_of_the_model(api: Api, connection: Any, seed: int) -> None:
    random, model = Random(seed), Model()
    await add_library(connection)
    media = await add_media(connection, 1)
    refused: Counter[str] = Counter()
    for _ in range(60):
        id = random.choice([None, *range(1, model.next + 1)])
        given = random_item(random, model, id)
        code = model.apply(id, given)
        name, sent = ("createTags", {}) if id is None else ("updateTags", {"id": f"tag_{id}"})
        payload = await run(api, edit(name), {**sent, **as_sent(given)})
        assert codes(payload) == ([] if code is None else [(code, 0)]), (id, given)
        refused[code or "done"] += 1
        stored = [tuple(row) for row in await connection.fetch(STORED)]
        # Numbers of tags that could not be stored are left out: here none is given and then rolled back.
        assert stored == model.rows()
        if id is None and code is None:
            await mark(connection, "tag", media, model.next - 1)
    assert await connection.fetchval(PRIMARY) == len(model.tags)
    assert refused["done"] > 5
    assert refused["NAME_TAKEN"] > 1
    await assert_no_drift(connection)


@pytest.mark.parametrize("noun", ["Tags", "People", "Collections", "ReleaseGroups"])
async def test_of_writers_with_one_version_one_wins(api: Api, connection: Any, noun: str) -> None:
    required = {"kind": "OTHER"} if noun == "Collections" else {}
    made = await run(api, edit(f"create{noun}"), {"name": "One", **required})
    [[one]] = [value for key, value in made.items() if isinstance(value, list) and key != "errors"]
    answers = await asyncio.gather(
        *(run(api, edit(f"update{noun}"), {"id": one["id"], "version": 1, "name": f"N{n}"}) for n in range(8))
    )
    assert sum(answer["succeeded"] for answer in answers) == 1
    assert Counter(code for answer in answers for code, _ in codes(answer)) == {"VERSION_CONFLICT": 7}


async def test_of_writers_of_one_name_one_wins(api: Api, connection: Any) -> None:
    answers = await asyncio.gather(*(run(api, edit("createTags"), {"name": "Same"}) for _ in range(8)))
    assert sum(answer["succeeded"] for answer in answers) == 1
    assert Counter(code for answer in answers for code, _ in codes(answer)) == {"NAME_TAKEN": 7}


async def test_writers_that_tag_rename_and_delete_at_once_leave_no_drift(api: Api, connection: Any) -> None:
    await add_library(connection)
    for number in range(12):
        await add_media(connection, 1, f"M{number}")
    for number in range(1, 5):
        await add_name(connection, "tag", f"T{number}")
        await add_collection(connection, f"C{number}", *range(1, 13))
    tagging = "mutation ($items: [TagEdit!]!) { setTags(items: $items) { failed } }"
    adding = "mutation ($id: ID!, $media: [ID!]!) { addToCollection(collection: $id, media: $media) { failed } }"

    async def write(writer: int) -> None:
        random = Random(writer)
        for _ in range(6):
            number = random.randint(1, 4)
            media = [f"media_{one}" for one in random.sample(range(1, 13), 4)]
            await api.run(tagging, items=[{"media": media, "tags": [{"id": f"tag_{number}"}]}])
            await run(api, edit("updateTags"), {"id": f"tag_{number}", "name": f"T{random.random()}"})
            await api.answer(adding, id=f"collection_{number}", media=media)
            if random.random() < 0.3:
                await api.run(deletion("deleteCollections", used=True), ids=[f"collection_{number}"])

    await asyncio.gather(*map(write, range(12)))
    await assert_no_drift(connection)
