"""Files: of a media, by id, in pages, and media by many ids or paths at once."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from domain.viewer import Viewer
from loaders.registry import Loaders
from loaders.sql.condition import All, OneOf
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import OrderBy
from tests.loaders.test_contract import silent_reader
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_media_file
from tests.support.plans import MODES, explain, explain_batch, explain_text, indexes, read_from_index_alone, scans


@pytest.fixture
async def filed(connection: Any) -> None:
    """Media 1 (library 1) has the files b.mkv and a.mkv, media 2 (library 2) has c.mid, media 3 none."""
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    for library in (here, there, here):
        await add_media(connection, library)
    full = {
        "size": 2**53 - 1,
        "hash": "abc",
        "container": "mkv",
        "codecs": ["h264", "aac"],
        "width": 1920,
        "height": 1080,
    }
    await add_media_file(connection, 1, "/x/b.mkv", duration_ms=60_000, **full)
    await add_media_file(connection, 1, "/x/a.mkv", codecs=["vp9"])
    await add_media_file(connection, 2, "/y/c.mid", manufacturer="Roland", collection="Box", container="mid")


async def test_a_file_answers_every_field(api: Api, filed: None) -> None:
    names = "path name size modifiedAt hash container codecs width height durationMs manufacturer collection createdAt"
    data = await api.run(
        f"""{{ a: mediaFile(id: "media_file_1") {{ id {names} media {{ id }} }}
        b: mediaFile(id: "media_file_3") {{ {names} }} }}"""
    )

    time = "2024-01-01T00:00:00+00:00"
    assert data["a"] == {
        **{"id": "media_file_1", "path": "/x/b.mkv", "name": "b.mkv", "size": 2**53 - 1, "modifiedAt": time},
        **{"hash": "abc", "container": "mkv", "codecs": ["h264", "aac"], "width": 1920, "height": 1080},
        **{
            "durationMs": 60_000,
            "manufacturer": None,
            "collection": None,
            "createdAt": time,
            "media": {"id": "media_1"},
        },
    }
    assert data["b"] == {
        **{"path": "/y/c.mid", "name": "c.mid", "size": 1, "modifiedAt": time, "hash": None, "container": "mid"},
        **{"codecs": [], "width": None, "height": None, "durationMs": None},
        **{"manufacturer": "Roland", "collection": "Box", "createdAt": time},
    }
    assert api.statements == ["media_file_by_id", "media_by_id"]


async def test_the_files_of_a_media_come_by_path(api: Api, filed: None) -> None:
    of_many = await api.run("{ media { nodes { files { path codecs } } } }")
    assert api.statements == ["media_pages", "files_by_media_id"]
    of_one = await api.run('{ mediaItem(id: "media_1") { files { path codecs } } }')

    files = [{"path": "/x/a.mkv", "codecs": ["vp9"]}, {"path": "/x/b.mkv", "codecs": ["h264", "aac"]}]
    assert [node["files"] for node in of_many["media"]["nodes"]] == [files, [{"path": "/y/c.mid", "codecs": []}], []]
    assert of_one["mediaItem"]["files"] == files


async def test_files_are_nodes_and_entities(api: Api, filed: None) -> None:
    data = await api.run(
        """{ node(id: "media_file_1") { id ... on MediaFile { name } }
        _entities(representations: [{__typename: "MediaFile", id: "media_file_2"}]) { ... on MediaFile { name } } }"""
    )

    assert data == {"node": {"id": "media_file_1", "name": "b.mkv"}, "_entities": [{"name": "a.mkv"}]}
    assert api.statements == ["media_file_by_id"]
    assert await api.codes('{ mediaFile(id: "media_1") { id } }') == ["BAD_ID"]
    assert await api.run('{ mediaFile(id: "media_file_9") { id } }') == {"mediaFile": None}


async def test_all_files_are_paged_chosen_and_counted(api: Api, filed: None) -> None:
    async def names(arguments: str) -> list[str]:
        data = await api.run(f"{{ mediaFiles({arguments}) {{ totalCount nodes {{ name }} }} }}")
        assert sorted(api.statements) == ["media_file_count", "media_file_pages"]
        return [str(data["mediaFiles"]["totalCount"]), *[node["name"] for node in data["mediaFiles"]["nodes"]]]

    assert await names("first: 2") == ["3", "b.mkv", "a.mkv"]
    assert await names('container: ["mid", "mkv"]') == ["2", "b.mkv", "c.mid"]
    assert await names('manufacturer: ["Roland"], collection: ["Box", "other"]') == ["1", "c.mid"]
    assert await names('manufacturer: ["roland"]') == ["0"]


async def test_files_are_ordered_by_name_and_date_page_after_page(api: Api, filed: None, connection: Any) -> None:
    await connection.execute("UPDATE media_file SET created_at = created_at + id * interval '1 day' WHERE id < 3")

    async def page(arguments: str) -> tuple[str, str]:
        data = await api.run(f"{{ mediaFiles({arguments}) {{ nodes {{ name }} pageInfo {{ endCursor }} }} }}")
        nodes = data["mediaFiles"]["nodes"]
        return " ".join(node["name"] for node in nodes), data["mediaFiles"]["pageInfo"]["endCursor"]

    newest = "orderBy: [{ field: CREATED_AT, direction: DESC }]"
    assert (await page("orderBy: [{ field: NAME }]"))[0] == "a.mkv b.mkv c.mid"
    names, cursor = await page(f"first: 2, {newest}")
    assert names == "a.mkv b.mkv"
    assert (await page(f'{newest}, after: "{cursor}"'))[0] == "c.mid"
    assert (await page(f'{newest}, container: ["mkv"]'))[0] == "b.mkv"


async def test_a_file_of_a_hidden_library_does_not_exist(api: Api, filed: None) -> None:
    data = await api.run(
        """{ mediaFile(id: "media_file_3") { id } mediaFiles { totalCount nodes { id } }
        mediaByPaths(paths: ["/y/c.mid", "/x/a.mkv"]) { id } mediaByIds(ids: ["media_2", "media_1"]) { id } }""",
        Viewer((1,)),
    )

    assert data == {
        "mediaFile": None,
        "mediaFiles": {"totalCount": 2, "nodes": [{"id": "media_file_1"}, {"id": "media_file_2"}]},
        "mediaByPaths": [None, {"id": "media_1"}],
        "mediaByIds": [None, {"id": "media_1"}],
    }


async def test_media_come_by_ids_and_by_paths_in_the_order_asked_for(api: Api, filed: None) -> None:
    data = await api.run(
        """query ($paths: [String!]!) { mediaByIds(ids: ["media_3", "media_1", "media_9", "media_3"]) { id }
        mediaByPaths(paths: $paths) { id } }""",
        paths=["/y/c.mid", "/x/b.mkv", "nowhere", "\0", "\ud800", "/x/a.mkv"],
    )

    assert data["mediaByIds"] == [{"id": "media_3"}, {"id": "media_1"}, None, {"id": "media_3"}]
    assert data["mediaByPaths"] == [{"id": "media_2"}, {"id": "media_1"}, None, None, None, {"id": "media_1"}]
    assert sorted(api.statements) == ["media_by_id", "media_by_path"]


async def test_a_bad_id_among_many_fails_alone_and_too_many_are_refused(api: Api, filed: None) -> None:
    body = (await api.answer('{ mediaByIds(ids: ["media_1", "tag_1", "x"]) { id } }')).body
    assert body["data"] == {"mediaByIds": [{"id": "media_1"}, None, None]}
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [
        (["mediaByIds", 1], "BAD_ID"),
        (["mediaByIds", 2], "BAD_ID"),
    ]
    many = (
        "query ($ids: [ID!]!, $paths: [String!]!) { mediaByIds(ids: $ids) { id } mediaByPaths(paths: $paths) { id } }"
    )
    assert await api.codes(many, ids=["media_1"] * 501, paths=["x"] * 501) == ["BAD_ARGUMENT"] * 2


async def test_a_path_names_one_file_and_what_is_kept_of_it_makes_sense(connection: Any, filed: None) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await add_media_file(connection, 2, "/x/a.mkv")
    for columns in ({"codecs": ["a", None]}, {"codecs": [["a"]]}, {"size": 2**53}, {"width": 0}, {"duration_ms": -1}):
        with pytest.raises(asyncpg.CheckViolationError):
            await add_media_file(connection, 1, "new", **columns)


async def test_the_longest_texts_fit_into_every_index(connection: Any, filed: None) -> None:
    texts = {
        name: secrets.token_hex(most)[:most]
        for name, most in {"name": 255, "manufacturer": 200, "collection": 200}.items()
    }
    await add_media_file(connection, 1, secrets.token_hex(1000), **texts)

    for name in ("name", "manufacturer", "collection"):
        with pytest.raises(asyncpg.CheckViolationError):
            await add_media_file(connection, 1, "new", **{name: "ü" * 150 if name == "name" else "ü" * 101})
    with pytest.raises(asyncpg.CheckViolationError):
        await add_media_file(connection, 1, "x" * 2001, name="x")


async def test_files_by_name_are_read_from_the_covering_index_alone(large_reader: Any) -> None:
    text = "SELECT id, path, size, manufacturer, created_at FROM media_file WHERE name = '77.mkv'"
    steps = await explain_text(large_reader, text)

    assert read_from_index_alone(steps, "media_file_name")
    assert scans(steps)[0].read == 20


async def test_the_newest_files_of_a_manufacturer_are_read_from_the_covering_index_alone(large_reader: Any) -> None:
    text = "SELECT id, name, collection FROM media_file WHERE manufacturer = 'Korg' ORDER BY created_at DESC LIMIT 20"
    steps = await explain_text(large_reader, text)

    assert read_from_index_alone(steps, "media_file_manufacturer_created_at")
    assert scans(steps)[0].read == 20


@pytest.mark.parametrize(
    ("name", "index", "keys"),
    [
        ("media_file_by_id", "media_file_pkey", list(range(500, 600))),
        ("files_by_media_id", "media_file_media_id_path", list(range(500, 600))),
        ("media_by_path", "media_file_path_key", [f"/library/{number}/{number}.mkv" for number in range(500, 600)]),
    ],
)
async def test_files_are_found_by_their_index(large_reader: Any, name: str, index: str, keys: list[Any]) -> None:
    for asked in (keys[:1], keys):
        steps = await explain_batch(large_reader, name, asked)
        assert index in indexes(steps)
        assert max(scan.read for scan in scans(steps)) == len(asked)


async def test_a_page_of_files_looks_at_little_more_than_the_page(large_reader: Any) -> None:
    for mode in MODES:
        for filter in (All(()), All((OneOf("f.manufacturer", ("Korg", "Roland")),))):
            asked = PageArguments(20, False, filter, (), None, None)
            composed = Loaders.media_file_pages.compose(silent_reader(), asked, [0])
            steps = await explain(large_reader, *composed, mode)
            assert max(scan.read for scan in scans(steps)) <= 200, (mode, filter)


async def test_the_newest_files_of_a_manufacturer_are_walked_along_their_index(large_reader: Any) -> None:
    newest = (OrderBy("CREATED_AT", descending=True),)
    for mode in MODES:
        for position in (None, (datetime(2024, 2, 1, tzinfo=UTC), 44_639)):
            asked = PageArguments(20, False, All((OneOf("f.manufacturer", ("Korg",)),)), newest, position, None)
            composed = Loaders.media_file_pages.compose(silent_reader(), asked, [0])
            steps = await explain(large_reader, *composed, mode)
            assert "media_file_manufacturer_created_at" in indexes(steps), (mode, position)
            assert max(scan.read for scan in scans(steps)) <= 100, (mode, position)


async def test_files_by_name_are_walked_along_their_index(large_reader: Any) -> None:
    for mode in MODES:
        for position in (None, ("3000.mkv", 53_000)):
            asked = PageArguments(20, False, All(()), (OrderBy("NAME"),), position, None)
            composed = Loaders.media_file_pages.compose(silent_reader(), asked, [0])
            steps = await explain(large_reader, *composed, mode)
            assert "media_file_name" in indexes(steps), (mode, position)
            assert max(scan.read for scan in scans(steps)) <= 100, (mode, position)
