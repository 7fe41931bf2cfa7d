"""The product's schema as a subject: real and unreal ids, cursors, names and words, and what its answers must share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from app.service.graphql_service import Request
from database.session import Session
from domain.viewer import UNRESTRICTED
from tests.differential.comparison import Path, nulled
from tests.differential.inputs import Inputs
from tests.support.api import Api

JUNK_IDS = ("media_0", "media_999999999", "tag_1x", "nothing", "", "credit_1", "library_9223372036854775808")
JUNK_TEXTS = ("", "the", "a", "%", "_", "no such thing", "e\u0301", "\u0000", "back\\slash")
TYPES = {"media": "Media", "tag": "Tag", "genre": "Genre", "person": "Person", "library": "Library"}
NOUNS = {"mediaItem": "media", "people": "person", "libraries": "library", "tags": "tag", "genres": "genre"}
# Texts of arguments that are not names.
WORDS = {
    "process": ("tagger", "thumbnails"),
    "key": ("retag.after_days", "artwork.types", "jobs.kept_days"),
    "paths": ("/library/1/1.mkv", "/library/2/2.mkv"),
    "container": ("mkv", "mp4"),
    "manufacturer": ("Roland", "Korg"),
    "query": ("the", "love", "star w", "night -the", '"of the"', "year:1994", "comedy horror", "genre:comedy", "tom"),
    "prefix": ("t", "the", "lov", "tom h", "com"),
}

# How often an optional argument is given.
ODDS = {"first": 0.9, "last": 0.08, "after": 0.15, "before": 0.04, "filter": 0.25, "orderBy": 0.25, "roles": 0.25}
EXCLUSIVE = ({"first", "last"}, {"after", "before"}, {"id", "name"})

REAL = """{
    media(first: 40) { edges { cursor node { id title externalIds { source value } } } }
    tags(first: 30) { edges { cursor node { id name } } }
    genres(first: 10) { edges { cursor node { id name } } }
    people(first: 20) { edges { cursor node { id name } } }
    libraries(first: 5) { edges { cursor node { id name } } }
}"""


def noun_of(name: str) -> str:
    """What an argument or input field is about: "tag" for "media.filter.tags.any.id" and "tag.id"."""
    *owners, last = name.split(".")
    return next((NOUNS.get(one, one) for one in reversed([*owners, last]) if NOUNS.get(one, one) in TYPES), "")


class RealInputs(Inputs):
    """Arguments drawn from what the database has, and now and then from what it has not.

    ids, names, cursors: by noun."""

    def __init__(
        self,
        ids: dict[str, list[str]],
        names: dict[str, list[str]],
        cursors: dict[str, list[str]],
        external_ids: list[dict[str, str]],
    ) -> None:
        super().__init__({"ID": self._id, "String": self._text, "Int": self._number, "_Any": self._representation})
        self._ids = ids
        self._names = names
        self._cursors = cursors
        self._external_ids = external_ids

    def given(self, field: str, arguments: list[str], random: Random) -> list[str]:
        """Mostly not two that exclude each other."""
        found = [name for name in arguments if random.random() < ODDS.get(name, 0.5)]
        for names in EXCLUSIVE:
            if names <= set(arguments) and random.random() < 0.95:
                chosen = [name for name in found if name in names] or (arguments if "id" in names else [])
                found = [name for name in found if name not in names] + chosen[-1:]
        return found

    def _id(self, name: str, random: Random) -> str:
        everything = [id_ for ids in self._ids.values() for id_ in ids]
        fitting = self._ids.get(noun_of(name), everything)
        return random.choice(random.choices((fitting, everything, JUNK_IDS), (90, 5, 5))[0])

    def _text(self, name: str, random: Random) -> str:
        if name.endswith((".after", ".before")):
            fitting = self._cursors.get(noun_of(name), ["nothing"])
            return random.choice(fitting if random.random() < 0.9 else JUNK_IDS)
        if name.endswith((".source", ".value")):
            return self._external_ids[random.randrange(2)][name.rpartition(".")[2]]
        last = name.rpartition(".")[2]
        if last in WORDS and random.random() < 0.9:
            return random.choice(WORDS[last])
        everything = [text for names in self._names.values() for text in names]
        fitting = self._names.get(noun_of(name), everything)
        return random.choice(random.choices((fitting, everything, JUNK_TEXTS), (70, 10, 20))[0])

    def _number(self, name: str, random: Random) -> int:
        if name.endswith((".min", ".max")):
            return random.choice((-1, 1927, 1950, 1994, 2010, 2100))
        return random.choice((0, 1, 1, 2, 2, 3, 3, 4)) if random.random() < 0.97 else random.choice((-1, 101))

    def _representation(self, name: str, random: Random) -> Any:
        if random.random() < 0.1:
            return random.choice(("text", 5, {}, {"__typename": "Media"}, {"__typename": "No", "id": "media_1"}))
        noun = random.choice(list(self._ids))
        return {"__typename": TYPES[noun] if random.random() < 0.95 else "Tag", "id": random.choice(self._ids[noun])}


async def read_real(api: Api) -> RealInputs:
    """What the demo has."""
    data = await api.run(REAL)
    pages = {noun_of(field): page["edges"] for field, page in data.items()}
    nodes = {noun: [edge["node"] for edge in edges] for noun, edges in pages.items()}
    return RealInputs(
        {noun: [node["id"] for node in found] for noun, found in nodes.items()},
        {noun: [node.get("name") or node["title"] for node in found] for noun, found in nodes.items()},
        {noun: [edge["cursor"] for edge in edges] for noun, edges in pages.items()},
        [one for node in nodes["media"] for one in node["externalIds"]],
    )


@dataclass
class Answered:
    """One engine's answer: its body, and the statements that it cost."""

    body: dict[str, Any]
    statements: list[str]

    @property
    def data(self) -> bytes:
        return orjson.dumps(self.body.get("data", "no data"))

    def errors(self) -> dict[Path, Counter[bytes]]:
        """The errors by the positions that they null."""
        found: dict[Path, Counter[bytes]] = {}
        for error in self.body.get("errors", ()):
            told = {**error, "extensions": {**error.get("extensions", {}), "errorId": ""}}
            place = nulled(self.body.get("data"), tuple(error.get("path") or ()))
            found.setdefault(place, Counter())[orjson.dumps(told)] += 1
        return found

    @property
    def faults(self) -> list[Any]:
        """Errors that are ours."""
        return [one for one in self.body.get("errors", ()) if one.get("extensions", {}).get("code") == "INTERNAL"]

    @property
    def is_cut(self) -> bool:
        """Whether an error made more null than its own field."""
        errors = self.body.get("errors", ())
        return any(
            nulled(self.body.get("data"), tuple(one.get("path") or ())) != tuple(one.get("path") or ())
            for one in errors
        )


async def ask(api: Api, text: str, variables: Mapping[str, Any], name: str | None) -> Answered:
    """Runs an operation by its name; it reads the settings anew, as an operation of the other engine does."""
    await api.service.setting_cache.invalidate()
    api.statements.clear()
    database = Session(api.pool)
    try:
        answer = await api.service.run(Request(text, variables, name), database, UNRESTRICTED)
    finally:
        await database.close()
    return Answered(answer.body, list(api.statements))


def disagreements(reference: Answered, compiled: Answered) -> list[str]:
    """In words, where an answer is not the reference's, or is a fault of both.

    Which errors are told below a position that one of them has nulled may differ, but not that there are some."""
    found = [f"fault: {fault}" for one in (reference, compiled) for fault in one.faults]
    if reference.data != compiled.data:
        found.append(f"data: expected {reference.data.decode()}\n          got {compiled.data.decode()}")
    expected, got = reference.errors(), compiled.errors()
    if expected.keys() != got.keys() or (not reference.is_cut and expected != got):
        found.append(f"errors: expected {expected}\n            got {got}")
    if len(compiled.statements) > len(reference.statements):
        found.append(f"statements: at most {reference.statements}\n                got {compiled.statements}")
    return found
