"""Libraries made and renamed."""

from __future__ import annotations

from typing import Any

from tests.support.api import Api
from tests.support.factories import add_library

CREATE = """mutation ($name: String!, $kind: MediaKind) {
    createLibrary(name: $name, kind: $kind) { library { id name kind } } }"""
RENAME = "mutation ($id: ID!, $name: String!) { renameLibrary(id: $id, name: $name) { library { id name } } }"


async def test_a_library_is_made_and_renamed(api: Api) -> None:
    data = await api.run(CREATE, name=" My  Films", kind="MOVIE")
    assert data == {"createLibrary": {"library": {"id": "library_1", "name": "My Films", "kind": "MOVIE"}}}
    assert api.statements == ["transaction", "create_library", "transaction", "library_by_id"]

    data = await api.run(RENAME, id="library_1", name="my films")  # its own name, written otherwise
    assert data == {"renameLibrary": {"library": {"id": "library_1", "name": "my films"}}}


async def test_two_libraries_cannot_have_one_name(api: Api, connection: Any) -> None:
    await add_library(connection, "Élan")
    await add_library(connection, "Other")

    assert await api.codes(CREATE, name="ELAN") == ["NAME_TAKEN"]
    assert await api.codes(RENAME, id="library_2", name="elan") == ["NAME_TAKEN"]
    assert await connection.fetchval("SELECT count(*) FROM library") == 2


async def test_a_name_or_id_that_cannot_be_is_refused(api: Api, connection: Any) -> None:
    await add_library(connection)

    for name in ("", "  ", "x" * 201, "\0", "\ud800"):
        assert await api.codes(CREATE, name=name) == ["BAD_ARGUMENT"]
        assert await api.codes(RENAME, id="library_1", name=name) == ["BAD_ARGUMENT"]
    assert await api.codes(RENAME, id="library_9", name="x") == ["NOT_FOUND"]
    assert await api.codes(RENAME, id="media_1", name="x") == ["BAD_ID"]
