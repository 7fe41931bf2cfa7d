"""External ids of people: in order, one person each, found by them."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.support.api import Api
from tests.support.factories import add_person, add_person_id

BY_ID = "query ($source: String!, $value: String!) { personByExternalId(source: $source, value: $value) { name } }"


async def test_external_ids_of_people_come_by_source_and_value_in_one_statement(api: Api, connection: Any) -> None:
    for name in ("Ann", "Bob", "Cid"):
        await add_person(connection, name)
    for person, source, value in [(1, "tmdb", "b"), (1, "imdb", "z"), (1, "tmdb", "B"), (3, "imdb", "a")]:
        await add_person_id(connection, person, source, value)
    api.statements.clear()

    data = await api.run("{ people { nodes { externalIds { source value } } } }")

    found = [[f"{one['source']}:{one['value']}" for one in node["externalIds"]] for node in data["people"]["nodes"]]
    assert found == [["imdb:z", "tmdb:B", "tmdb:b"], [], ["imdb:a"]]
    assert len(api.statements) == 2


async def test_a_person_is_found_by_an_external_id(api: Api, connection: Any) -> None:
    await add_person(connection, "Ann")
    await add_person_id(connection, 1, "url", "https://example.org/a:b")

    found = {"personByExternalId": {"name": "Ann"}}
    assert await api.run(BY_ID, source="url", value="https://example.org/a:b") == found
    for source, value in (("url", "a"), ("URL", "https://example.org/a:b"), ("url:https", "//example.org/a:b")):
        assert await api.run(BY_ID, source=source, value=value) == {"personByExternalId": None}


async def test_an_external_id_names_one_person_and_goes_with_them(connection: Any) -> None:
    for name in ("Ann", "Bob"):
        await add_person(connection, name)
    await add_person_id(connection, 1, "imdb", "a")
    for person, source, error in [(2, "imdb", asyncpg.UniqueViolationError), (2, "im:db", asyncpg.CheckViolationError)]:
        with pytest.raises(error):
            await add_person_id(connection, person, source, "a")
    await connection.execute("DELETE FROM person WHERE id = 1")
    assert await connection.fetchval("SELECT count(*) FROM person_external_id") == 0
