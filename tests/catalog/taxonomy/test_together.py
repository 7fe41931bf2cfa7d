"""Operations on names beside edits of media: no deadlock reaches a client, nothing is half done, nothing drifts."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest

from app.service.graphql_service import Request
from catalog.taxonomy.noun import TAXONOMY_NOUNS, Noun
from catalog.taxonomy.operation import perform
from catalog.taxonomy.planning import plan_merge
from catalog.taxonomy.undo import undo
from catalog.transaction import Writer, transact
from database.connect_args import ConnectArgs
from database.open_session import open_session
from database.session import Session
from domain.enums import TaxonomyOrigin
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED
from tests.support.api import Api, open_api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_credit, add_library, add_media, add_name, add_person, mark
from tests.support.taxonomy import stored

CLIENTS, ROUNDS, MEDIA, TAGS = 16, 6, 12, 6
# What others may have done first: the name is gone, or taken, or the operation is undone.
ALLOWED = {"NOT_FOUND", "MERGED", "NAME_TAKEN", "NOT_UNDOABLE", "BAD_ARGUMENT"}


async def ask(api: Api, text: str) -> Any:
    """The first field of an operation of one of many clients; None where others were first."""
    session = Session(api.pool)
    try:
        body = (await api.service.run(Request(text), session, UNRESTRICTED)).body
    finally:
        await session.close()
    codes = {error["extensions"]["code"] for error in body.get("errors", [])}
    assert codes <= ALLOWED, body
    return None if codes else next(iter(body["data"].values()))


async def work(api: Api, seed: int) -> None:
    random = Random(seed)
    mine: list[str] = []
    for _ in range(ROUNDS):
        one, other = random.sample(range(1, TAGS + 1), 2)
        media = ", ".join(f'"media_{number}"' for number in random.sample(range(1, MEDIA + 1), 4))
        items = f'items: [{{ media: [{media}], tags: [{{ name: "t{one}" }}] }}]'
        choice = random.randrange(6)
        if choice == 0:
            text = f'mutation {{ mergeTags(into: "tag_{one}", from: ["tag_{other}"]) {{ operation {{ id }} }} }}'
            if (done := await ask(api, text)) is not None:
                mine.append(done["operation"]["id"])
        elif choice == 1 and mine:
            await ask(api, f'mutation {{ undo(operation: "{mine.pop()}") {{ conflicts {{ message }} }} }}')
        elif choice == 2:
            await ask(api, f'mutation {{ renameTag(id: "tag_{one}", name: "n{seed}") {{ token }} }}')
        elif choice == 3:
            found = await ask(
                api, f'{{ node(id: "tag_{one}") {{ id ... on Tag {{ media(first: 5) {{ totalCount }} }} }} }}'
            )
            assert found is not None
        else:
            await ask(api, f"mutation {{ {random.choice(['addTags', 'removeTags'])}({items}) {{ failed }} }}")


async def test_clients_that_merge_retag_undo_and_read_at_once(writer: ConnectArgs, connection: Any) -> None:
    library = await add_library(connection)
    media = [await add_media(connection, library) for _ in range(MEDIA)]
    for number in range(1, TAGS + 1):
        await add_name(connection, "tag", f"t{number}")
        for one in media[::number]:
            await mark(connection, "tag", one, number)

    async with open_api(writer, pool_max=CLIENTS, request_timeout=120, statement_timeout=60) as api:
        await asyncio.gather(*(work(api, seed) for seed in range(CLIENTS)))

    await assert_no_drift(connection)
    untold = """SELECT count(*) FROM media m WHERE EXISTS (SELECT FROM taxonomy_link l WHERE l.media_id = m.id)
        AND (SELECT c.type FROM media_change c WHERE c.media_id = m.id) <> 'UPDATED'"""
    assert await connection.fetchval(untold) == 0


async def three(connection: Any, noun: Noun) -> None:
    """Three names with media in common."""
    library = await add_library(connection)
    media = [await add_media(connection, library) for _ in range(4)]
    for number in range(3):
        if noun.has_aliases:
            await add_name(connection, noun.name, f"n{number}")
            for one in media[number:]:
                await mark(connection, noun.name, one, number + 1)
        else:
            await add_person(connection, f"n{number}")
            for one in media[number:]:
                await add_credit(connection, one, number + 1)
    if noun.has_parents:
        await connection.execute("INSERT INTO tag_parent VALUES (1, 2), (2, 3)")


class Killer:
    """Ends the connection of an edit before its n-th statement."""

    def __init__(self, connection: Any, at: int) -> None:
        self.connection, self.left = connection, at
        self.fetch = Writer.fetch

    async def __call__(self, writer: Writer, text: str, *values: Any) -> Any:
        if self.left == 0:
            [[process]] = await self.fetch(writer, "SELECT pg_backend_pid()")
            await self.connection.execute("SELECT pg_terminate_backend($1, 5000)", process)
        self.left -= 1
        return await self.fetch(writer, text, *values)


@pytest.mark.parametrize("noun", TAXONOMY_NOUNS.values(), ids=lambda noun: noun.name)
async def test_an_operation_that_is_killed_leaves_nothing(
    noun: Noun, writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await three(connection, noun)

    async def merge(writer: Writer) -> Any:
        return await perform(writer, lambda writer: plan_merge(writer, noun, 1, [2, 3]), TaxonomyOrigin.API)

    async def back(writer: Writer) -> Any:
        number = await connection.fetchval("SELECT max(id) FROM taxonomy_operation WHERE undoes IS NULL")
        return await undo(writer, number, force=False, origin=TaxonomyOrigin.API)

    for edit in (merge, back):
        before = await stored(connection, noun)
        at = 0
        while await is_killed(writer, connection, edit, at, monkeypatch):
            assert await stored(connection, noun) == before
            at += 3
        assert at > 9
        assert await stored(connection, noun) != before
        await assert_no_drift(connection)


async def is_killed(args: ConnectArgs, connection: Any, edit: Any, at: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether an edit ended by its connection's end before its n-th statement; False where it has fewer."""
    killer = Killer(connection, at)
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "fetch", lambda writer, text, *values: killer(writer, text, *values))
        async with open_session(args) as session:
            try:
                await transact(session, UNRESTRICTED, "edit", edit)
            except CatalogError as error:
                return error.extensions["code"] == "DATABASE_UNAVAILABLE"
    return False
