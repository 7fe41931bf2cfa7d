"""Credits: billing order, newest first, roles; and media_person, which follows them."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from domain.viewer import Viewer
from loaders.registry import Loaders
from loaders.sql.condition import All, OneOf
from loaders.sql.page_sql import PageArguments
from tests.loaders.test_contract import silent_reader
from tests.loaders.test_plans import place
from tests.nouns.test_media import until_blocked
from tests.support.api import Api
from tests.support.derived import LOCK, delete_rows
from tests.support.factories import add_credit, add_library, add_media, add_person
from tests.support.plans import MODES, explain, indexes, scans, sorted_rows


async def pairs(connection: Any) -> list[tuple[int, int]]:
    return [tuple(row) for row in await connection.fetch("SELECT media_id, person_id FROM media_person ORDER BY 1, 2")]


async def test_credits_of_a_media_come_in_billing_order_and_by_role(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    people = [await add_person(connection, name) for name in "ABC"]
    for position, (person, role) in enumerate([(2, "ACTOR"), (0, "ACTOR"), (1, "DIRECTOR"), (0, "WRITER")]):
        await add_credit(connection, media, people[person], role, position)

    data = await api.run(
        """{ mediaItem(id: "media_1") { all: credits { nodes { position role person { name } media { id } } }
        some: credits(roles: [WRITER, ACTOR, ACTOR], last: 2) { totalCount nodes { role person { name } } }
        none: credits(roles: []) { totalCount nodes { id } } } }"""
    )

    credits = data["mediaItem"]
    assert [(node["position"], node["role"], node["person"]["name"]) for node in credits["all"]["nodes"]] == [
        (0, "ACTOR", "C"),
        (1, "ACTOR", "A"),
        (2, "DIRECTOR", "B"),
        (3, "WRITER", "A"),
    ]
    assert credits["some"] == {
        "totalCount": 3,
        "nodes": [{"role": role, "person": {"name": "A"}} for role in ("ACTOR", "WRITER")],
    }
    assert credits["none"] == {"totalCount": 0, "nodes": []}


async def test_credits_of_a_person_come_newest_first_and_without_a_year_last(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    person = await add_person(connection, "A")
    for year in (1990, None, 2010, 2000):
        await add_credit(connection, await add_media(connection, library, year=year), person)

    data = await api.run('{ person(id: "person_1") { credits { nodes { media { year } } } } }')

    assert [node["media"]["year"] for node in data["person"]["credits"]["nodes"]] == [2010, 2000, 1990, None]


async def test_a_pair_goes_with_its_last_credit(connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    one, two = [await add_person(connection, name) for name in "AB"]
    first, second = [await add_credit(connection, media, one, role) for role in ("ACTOR", "WRITER")]

    assert await pairs(connection) == [(media, one)]
    await delete_rows(connection, "credit", "id = $1", first)
    assert await pairs(connection) == [(media, one)]
    third = await add_credit(connection, media, two)
    await delete_rows(connection, "credit", "id = $1", second)
    assert await pairs(connection) == [(media, two)]
    await delete_rows(connection, "credit", "id = $1", third)
    assert await pairs(connection) == []


@pytest.mark.parametrize("add_first", [True, False])
async def test_a_pair_stays_when_one_credit_goes_while_another_comes(
    connection: Any, writer: ConnectArgs, add_first: bool
) -> None:
    media = await add_media(connection, await add_library(connection))
    person = await add_person(connection, "A")
    credit = await add_credit(connection, media, person)
    other = await asyncpg.connect(**writer.kwargs())

    async def write(writing: Any, add: bool) -> None:
        async with writing.transaction():
            await writing.execute(LOCK)
            if add:
                await add_credit(writing, media, person, "WRITER")
            else:
                await delete_rows(writing, "credit", "id = $1", credit)

    async with connection.transaction():
        await write(connection, add_first)
        waiting = asyncio.create_task(write(other, not add_first))
        await until_blocked(connection, other)
    await waiting

    assert await connection.fetchval("SELECT count(*) FROM credit") == 1
    assert await pairs(connection) == [(media, person)]
    await other.close()


async def test_a_media_or_a_person_takes_its_credits_along(connection: Any) -> None:
    library = await add_library(connection)
    media = [await add_media(connection, library) for _ in range(2)]
    people = [await add_person(connection, name) for name in "AB"]
    for one in media:
        for person in people:
            await add_credit(connection, one, person)

    await connection.execute("DELETE FROM media WHERE id = $1", media[0])
    assert await pairs(connection) == [(media[1], people[0]), (media[1], people[1])]
    await connection.execute("DELETE FROM person WHERE id = $1", people[0])
    assert await pairs(connection) == [(media[1], people[1])]
    assert await connection.fetchval("SELECT count(*) FROM credit") == 1


async def test_a_credit_has_a_job_and_is_found_by_its_id(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    person = await add_person(connection, "A")
    await add_credit(connection, media, person)
    await add_credit(connection, media, person, "OTHER", 1)
    await connection.execute("UPDATE credit SET job = 'Director of Photography' WHERE id = 2")
    query = """{ one: credit(id: "credit_1") { role job } two: credit(id: "credit_2") { role job }
        none: credit(id: "credit_3") { id } node(id: "credit_1") { id ... on Credit { person { name } } }
        _entities(representations: [{ __typename: "Credit", id: "credit_2" }]) { ... on Credit { position } } }"""

    assert await api.run(query) == {
        "one": {"role": "ACTOR", "job": None},
        "two": {"role": "OTHER", "job": "Director of Photography"},
        "none": None,
        "node": {"id": "credit_1", "person": {"name": "A"}},
        "_entities": [{"position": 1}],
    }
    assert api.statements == ["credit_by_id", "person_by_id"]
    hidden = {"one": None, "two": None, "none": None, "node": None, "_entities": [None]}
    assert await api.run(query, Viewer(())) == hidden
    assert await api.codes('{ credit(id: "media_1") { id } }') == ["BAD_ID"]


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("credit_pages_by_media_id", "credit_media_id_role_position_id"),
        ("credit_pages_by_person_id", "credit_person_id_role_year_id"),
    ],
)
async def test_credits_in_one_role_are_walked_along_their_index(name: str, index: str, large_reader: Any) -> None:
    ref: Any = getattr(Loaders, name)
    filter = All((OneOf("c.role", ("DIRECTOR",)),))
    parent = ref.source.parent
    most = await large_reader.fetch(
        f"SELECT {parent} FROM credit c WHERE role = 'DIRECTOR' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 50"
    )
    middle = await place(large_reader, ref, ref.source.default, most[0][0], 0.5)
    for parents in ([most[0][0]], [row[0] for row in most]):
        for ends in ((None, None), (middle.position, None), (None, middle.position)):
            asked = PageArguments(5, ends[1] is not None, filter, ref.source.default, *ends)
            for mode in MODES:
                statement, values = ref.compose(silent_reader(), asked, parents)
                steps = await explain(large_reader, statement, values, mode)
                assert indexes(steps) == {index}, (mode, asked)
                assert sum(one.removed for one in steps) == 0
                assert sorted_rows(steps) <= 2 * 6 * len(parents)
                assert max(one.read for one in scans(steps)) <= 6 * len(parents)
