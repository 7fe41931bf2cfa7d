"""Libraries made, renamed and deleted."""

from __future__ import annotations

from typing import Any

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_collection, add_credit, add_library, add_media, add_name, add_person, mark

CREATE = """mutation ($name: String!, $kind: MediaKind) {
    createLibrary(name: $name, kind: $kind) { library { id name kind } } }"""
DELETE = (
    "mutation ($id: ID!, $count: Int!) { edit: deleteLibrary(id: $id, mediaCount: $count) { deletedId deletedMedia } }"
)
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


async def test_a_library_is_renamed_only_in_the_version_that_was_read(api: Api, connection: Any) -> None:
    await add_library(connection, "Films")
    text = 'mutation ($version: Int) { edit: renameLibrary(id: "library_1", name: "F", version: $version) {'
    text += " library { name version } } }"

    assert (await api.run(text, version=1))["edit"] == {"library": {"name": "F", "version": 2}}
    assert await api.codes(text, version=1) == ["VERSION_CONFLICT"]


async def fill(connection: Any) -> None:
    """Two libraries, in the first two media with what hangs on them."""
    for name in ("Films", "Other"):
        await add_library(connection, name, None)
    person, tag = await add_person(connection, "Ann"), await add_name(connection, "tag", "T")
    for library in (1, 1, 2):
        media = await add_media(connection, library)
        await mark(connection, "tag", media, tag)
        await add_credit(connection, media, person)
    await add_collection(connection, "C", 1, 2, 3)


async def test_a_library_is_deleted_with_all_its_media(api: Api, connection: Any) -> None:
    await fill(connection)
    await api.run('mutation { markProcessed(media: "media_1", process: "p") { succeeded } }')

    data = await api.run(DELETE, id="library_1", count=2)

    assert data == {"edit": {"deletedId": "library_1", "deletedMedia": 2}}
    assert [row[0] for row in await connection.fetch("SELECT id FROM media")] == [3]
    for table in ("media_tag", "media_person", "credit", "media_collection"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 1, table
    for table in ("process_timestamp", "history_event"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    await assert_no_drift(connection)
    gone = await connection.fetch("SELECT media_id FROM media_change WHERE type = 'DELETED' ORDER BY 1")
    assert [row[0] for row in gone] == [1, 2]


async def test_a_library_with_another_number_of_media_stays(api: Api, connection: Any) -> None:
    await fill(connection)

    answer = (await api.answer(DELETE, id="library_1", count=3)).body["errors"]
    assert answer[0]["extensions"]["code"] == "CONFLICT"
    assert answer[0]["message"].startswith("This library has 2 media, not 3")
    assert await api.codes(DELETE, Viewer((2,)), id="library_1", count=2) == ["NOT_FOUND"]
    assert await api.codes(DELETE, id="library_9", count=0) == ["NOT_FOUND"]
    assert await api.codes(DELETE, id="media_1", count=0) == ["BAD_ID"]
    assert await connection.fetchval("SELECT count(*) FROM media") == 3


async def test_a_library_with_the_parents_of_other_media_stays(api: Api, connection: Any) -> None:
    await fill(connection)
    series = await add_media(connection, 1, kind="SERIES")
    await add_media(connection, 2, kind="SEASON", parent_id=series)

    assert await api.codes(DELETE, id="library_1", count=3) == ["HAS_CHILDREN"]
    assert (await api.run(DELETE, id="library_2", count=2))["edit"]["deletedMedia"] == 2
    assert (await api.run(DELETE, id="library_1", count=3))["edit"]["deletedMedia"] == 3
    await assert_no_drift(connection)
