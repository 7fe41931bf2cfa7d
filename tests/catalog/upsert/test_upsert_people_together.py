"""People of one name or id that several upserts name at once: each is one person, whoever is first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from catalog.transaction import transact
from catalog.upsert.item import PersonKey, Result
from catalog.upsert.names import LOCK_NEW_NAMES
from catalog.upsert.upsert import upsert_media
from database.connect_args import ConnectArgs
from database.session import Session
from domain.viewer import UNRESTRICTED
from tests.catalog.upsert.test_upsert_locks import wait
from tests.catalog.upsert.test_upsert_people import acted, known, people
from tests.support.api import Api, open_api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_person, add_person_id
from tests.support.upserting import upsert

WRITERS = 8


@pytest.fixture
async def api(writer: ConnectArgs, connection: Any) -> AsyncIterator[Api]:
    await add_library(connection)
    async with open_api(writer, pool_max=WRITERS) as api:
        yield api


async def upsert_while(api: Api, connection: Any, *statements: str, person: PersonKey) -> None:
    """An upsert of a media with a person waits for somebody who has done some statements, and goes on afterwards."""
    async with connection.transaction():
        for text in statements:
            await connection.execute(text)
        credit = {"person_id": person, "role": "ACTOR"}
        task = asyncio.create_task(upsert(api, [acted(0, "A", credit)]))
        await wait(connection, task)
    [result] = await task
    assert result.code is None


ANN = "INSERT INTO person (name, folded_name) VALUES ('Ann', 'ann')"
GIVEN = "INSERT INTO person_external_id (source, value, person_id) SELECT 'imdb', '{value}', max(id) FROM person"
LOCKED = "SELECT FROM person FOR NO KEY UPDATE"


async def test_a_person_who_is_given_another_id_meanwhile_is_another_person(api: Api, connection: Any) -> None:
    await add_person(connection, "Ann")

    await upsert_while(api, connection, LOCKED, GIVEN.format(value="nm1"), person=PersonKey("Ann", (("imdb", "nm2"),)))

    assert await people(connection) == [("Ann", ["imdb:nm1"]), ("Ann", ["imdb:nm2"])]


async def test_a_person_who_is_made_meanwhile_with_the_id_is_found(api: Api, connection: Any) -> None:
    await upsert_while(api, connection, ANN, GIVEN.format(value="nm1"), person=PersonKey("Ann", (("imdb", "nm1"),)))

    assert await people(connection) == [("Ann", ["imdb:nm1"])]


async def test_an_id_that_somebody_else_is_given_meanwhile_finds_that_person(api: Api, connection: Any) -> None:
    await add_person(connection, "Ann")
    await add_person(connection, "Bob")

    await upsert_while(api, connection, LOCKED, GIVEN.format(value="nm1"), person=PersonKey("Ann", (("imdb", "nm1"),)))

    assert await people(connection) == [("Ann", []), ("Bob", ["imdb:nm1"])]
    assert await connection.fetch("SELECT person_id FROM credit") == [(2,)]


async def test_a_person_of_the_name_who_is_made_meanwhile_is_given_the_id(api: Api, connection: Any) -> None:
    turn = LOCK_NEW_NAMES.replace("{noun}", "person")

    await upsert_while(api, connection, turn, ANN, person=PersonKey("Ann", (("imdb", "nm1"),)))

    assert await people(connection) == [("Ann", ["imdb:nm1"])]


async def test_a_person_who_is_merged_meanwhile_is_found_by_the_id(api: Api, connection: Any) -> None:
    for name in ("Ann", "Anna"):
        await add_person(connection, name)
    await add_person_id(connection, 2, "imdb", "nm1")

    await upsert_while(
        api,
        connection,
        LOCKED,
        "UPDATE person_external_id SET person_id = 1",
        "INSERT INTO person_redirect (id, person_id) VALUES (2, 1)",
        "DELETE FROM person WHERE id = 2",
        person=PersonKey(None, (("imdb", "nm1"),)),
    )

    assert await people(connection) == [("Ann", ["imdb:nm1"])]
    assert await connection.fetch("SELECT person_id FROM credit") == [(1,)]


async def test_many_upserts_of_the_same_people_at_once_make_each_once(api: Api, connection: Any) -> None:
    async def work(number: int) -> list[Result]:
        cast = [known(f"P{place // 2}", imdb=f"nm{place}") for place in range(20)]
        shuffled = cast[number:] + cast[:number]
        session = Session(api.pool)
        try:
            return await transact(
                session,
                UNRESTRICTED,
                "upsert_media",
                lambda writer: upsert_media(writer, [acted(0, f"M{number}", *shuffled)]),
            )
        finally:
            await session.close()

    results = await asyncio.gather(*map(work, range(WRITERS)))

    assert [one.code for [one] in results] == [None] * WRITERS
    assert sorted(await people(connection)) == sorted((f"P{place // 2}", [f"imdb:nm{place}"]) for place in range(20))
    assert await connection.fetchval("SELECT count(*) FROM credit") == 20 * WRITERS
    await assert_no_drift(connection)
