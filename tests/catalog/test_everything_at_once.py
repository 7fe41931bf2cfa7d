"""Thirty-two clients that do everything at once: no deadlock, time-out or internal error reaches one of them, and at
the end counts, copies and feed are exact."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Set
from random import Random
from typing import Any

from app.service.graphql_service import Request
from database.connect_args import ConnectArgs
from database.session import Session
from domain.viewer import UNRESTRICTED
from tests.support.api import Api, open_api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_collection, add_library, add_media, add_name, add_person

CLIENTS, MEDIA, NAMES = 32, 16, 8
ROUNDS = int(os.environ.get("MARQUEE_CONCURRENT_ROUNDS", "5"))
# What others may have done first. Deadlocks, time-outs and INTERNAL are not among them.
OTHERS_WERE_FIRST = {
    *("NOT_FOUND", "MERGED", "NAME_TAKEN", "DUPLICATE", "NOT_UNDOABLE", "BAD_ARGUMENT", "VERSION_CONFLICT"),
    *("AMBIGUOUS", "CONFLICT", "IN_USE"),
}
# Of a query.
GONE = {"GONE"}

MERGES = {"mergeTags", "mergeGenres", "mergePeople", "undo"}


class Client:
    """One of the clients: what it chooses is its seed's."""

    def __init__(self, api: Api, seed: int) -> None:
        self.api = api
        self.random = Random(seed)
        self.operations: list[str] = []
        self.succeeded: set[str] = set()

    async def ask(self, text: str, **variables: Any) -> Any:
        """The first field of an operation; None where others were first."""
        return await self.ask_unless(OTHERS_WERE_FIRST, text, variables)

    async def ask_unless(self, known: Set[str], text: str, variables: dict[str, Any]) -> Any:
        """The first field of an operation; None where others were first, of which these codes tell."""
        session = Session(self.api.pool)
        try:
            body = (await self.api.service.run(Request(text, variables), session, UNRESTRICTED)).body
        finally:
            await session.close()
        codes = {error["extensions"]["code"] for error in body.get("errors", [])}
        assert codes <= known, body["errors"]
        if codes:
            return None
        self.succeeded.add(next(iter(body["data"])))
        payload = next(iter(body["data"].values()))
        items = [*(payload.get("errors") or ()), *(payload.get("results") or ())]
        assert {one["code"] for one in items} <= OTHERS_WERE_FIRST | {None}, items
        return payload

    def one(self, noun: str, most: int) -> str:
        return f"{noun}_{self.random.randint(1, most)}"

    def some(self, noun: str, most: int, number: int) -> list[str]:
        return [f"{noun}_{one}" for one in self.random.sample(range(1, most + 1), number)]

    def names(self, word: str, number: int) -> list[dict[str, str]]:
        return [{"name": f"{word} {self.random.randrange(NAMES)}"} for _ in range(number)]

    async def upsert(self) -> None:
        items = [
            {
                "library": self.one("library", 2),
                "title": f"M {number}",
                "externalIds": [{"source": "imdb", "value": f"tt{number}"}],
                "tags": self.names("tag", 3),
                "genres": self.names("genre", 2),
                "credits": [{"person": one, "role": "ACTOR"} for one in self.names("person", 3)],
                "collections": [{"collection": one} for one in self.names("collection", 2)],
            }
            for number in self.random.sample(range(2 * MEDIA), 6)
        ]
        mode = self.random.choice(["REPLACE", "MERGE", "SKIP"])
        await self.ask(
            "mutation ($items: [MediaUpsert!]!, $mode: OnConflict!) "
            "{ upsertMedia(items: $items, onConflict: $mode) { results { code } } }",
            items=items,
            mode=mode,
        )

    async def retag(self) -> None:
        edit = self.random.choice(["addTags", "setTags", "removeTags"])
        items = [{"media": self.some("media", MEDIA, 4), "tags": self.names("tag", 3)}]
        await self.ask(
            f"mutation ($items: [TagEdit!]!) {{ {edit}(items: $items) {{ errors {{ code }} }} }}", items=items
        )

    async def merge(self) -> None:
        noun, plural = self.random.choice([("tag", "Tags"), ("genre", "Genres"), ("person", "People")])
        into, *others = self.some(noun, NAMES, 3)
        text = f"""mutation ($into: ID!, $from: [ID!]!) {{
            merge{plural}(into: $into, from: $from) {{ operation {{ id }} }} }}"""
        if (done := await self.ask(text, **{"into": into, "from": others})) is not None:
            self.operations.append(done["operation"]["id"])

    async def undo(self) -> None:
        if self.operations:
            text = "mutation ($id: ID!) { undo(operation: $id, force: true) { conflicts { message } } }"
            await self.ask(text, id=self.operations.pop())

    async def rename(self) -> None:
        noun, plural = self.random.choice([("tag", "Tags"), ("person", "People"), ("collection", "Collections")])
        kind = {"Tags": "Tag", "People": "Person", "Collections": "Collection"}[plural]
        items = [{"id": one, **self.names(noun, 1)[0]} for one in self.some(noun, NAMES, 3)]
        text = f"mutation ($items: [{kind}Changes!]!) {{ update{plural}(items: $items) {{ errors {{ code }} }} }}"
        await self.ask(text, items=items)

    async def move(self) -> None:
        edit = self.random.choice(["addToCollection", "moveInCollection", "removeFromCollection"])
        position = "" if edit == "removeFromCollection" else ", position: 1"
        text = f"""mutation ($to: ID!, $media: [ID!]!) {{
            {edit}(collection: $to, media: $media{position}) {{ errors {{ code }} }} }}"""
        await self.ask(text, to=self.one("collection", NAMES), media=self.some("media", MEDIA, 3))

    async def change(self) -> None:
        items = [
            {"id": one, "title": f"M {self.random.randrange(2 * MEDIA)}", "library": self.one("library", 2)}
            for one in self.some("media", MEDIA, 4)
        ]
        text = "mutation ($items: [MediaChanges!]!) { updateMedia(items: $items) { errors { code } } }"
        await self.ask(text, items=items)

    async def delete(self) -> None:
        noun = self.random.choice(["People", "Collections", "Media"])
        argument, type_ = ("media", "[ID!]!") if noun == "Media" else ("evenIfUsed: true, ids", "[ID!]!")
        word = {"People": "person", "Collections": "collection", "Media": "media"}[noun]
        text = f"mutation ($ids: {type_}) {{ delete{noun}({argument}: $ids) {{ errors {{ code }} }} }}"
        await self.ask(text, ids=[self.one(word, 2 * NAMES)])

    async def credit(self) -> None:
        items = [
            {"media": one, "person": person, "role": "WRITER"}
            for one, person in zip(self.some("media", MEDIA, 3), self.names("person", 3), strict=True)
        ]
        text = """mutation ($items: [NewCredit!]!) {
            createCredits(items: $items, createMissing: true) { errors { code } } }"""
        await self.ask(text, items=items)

    async def read(self) -> None:
        text = """query ($id: ID!) { media(first: 10) { nodes { title tags { name } genres { name }
            credits { nodes { person { name } } } } } tag(id: $id) { name media(first: 5) { totalCount } } }"""
        # Who is deleted between the statement that reads a credit and the one that reads its person is GONE: as the
        # error says, the client asks again.
        id = self.one("tag", NAMES)
        while await self.ask_unless(GONE, text, {"id": id}) is None:
            pass

    async def run(self) -> None:
        actions: list[Callable[[], Any]] = [
            *(self.upsert, self.retag, self.merge, self.undo, self.rename),
            *(self.move, self.change, self.delete, self.credit, self.read),
        ]
        for _ in range(ROUNDS):
            action = self.random.choice(actions)
            await action()


async def test_clients_that_do_everything_at_once(writer: ConnectArgs, connection: Any) -> None:
    libraries = [await add_library(connection), await add_library(connection, "Other")]
    for number in range(MEDIA):
        await add_media(connection, libraries[number % 2], f"M {number}")
    for number in range(NAMES):
        await add_name(connection, "tag", f"tag {number}")
        await add_name(connection, "genre", f"genre {number}")
        await add_person(connection, f"person {number}")
        await add_collection(connection, f"collection {number}")

    async with open_api(writer, pool_max=10, request_timeout=120, statement_timeout=60) as api:
        api.pool.on_statement = None
        clients = [Client(api, seed) for seed in range(CLIENTS)]
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.run())
        succeeded = set().union(*(client.succeeded for client in clients))
        # Whether one that is merged or undone is still there depends on who was first.
        assert len(succeeded - MERGES) == 16
        assert succeeded & MERGES
        assert api.pool.statistics.active == 0

    for table in ("tag", "genre", "channel"):
        twice = f"SELECT folded_name FROM {table} GROUP BY folded_name HAVING count(*) > 1"
        assert await connection.fetch(twice) == []
    await assert_no_drift(connection)
