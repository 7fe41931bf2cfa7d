"""Stored files over HTTP: by links that GraphQL gives, in whole and in part, and by nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from database.connect_args import ConnectArgs
from domain.file_type import PICTURES
from providers.files.folder import FileFolder, StoredFile
from tests.support.factories import add_artwork, add_library, add_media, add_row
from tests.support.http_client import open_http, refusal
from tests.support.media_files import png

KEY = "a-key-of-this-server"
PICTURE = png(40, 30)
QUERY = """{ mediaItem(id: "media_1") {
    artwork { state file { url type bytes width height } }
    subtitles { file { url type } }
    thumbnails { files { url width } }
} }"""


@pytest.fixture
async def http(writer: ConnectArgs, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(writer, keys=KEY, state_dir=tmp_path) as client:
        yield client


def store(tmp_path: Path, content: bytes, name: str = "test") -> StoredFile:
    folder = FileFolder(tmp_path / "files")
    folder.prepare()
    part = folder.part_of(name)
    part.write_bytes(content)
    return folder.store(part, PICTURES)


async def keep(connection: Any, stored: StoredFile) -> None:
    text = "INSERT INTO stored_file (hash, type, size, width, height) VALUES ($1, $2, $3, $4, $5)"
    await connection.execute(text, stored.hash, stored.type, stored.size, stored.width, stored.height)


async def asked(http: httpx.AsyncClient) -> Any:
    answer = await http.post("/graphql", json={"query": QUERY}, headers={"authorization": f"Bearer {KEY}"})
    assert "errors" not in answer.json(), answer.json()
    return answer.json()["data"]["mediaItem"]


@pytest.fixture
async def url(http: httpx.AsyncClient, connection: Any, tmp_path: Path) -> str:
    """The address of a picture."""
    media = await add_media(connection, await add_library(connection))
    await add_artwork(connection, media)
    stored = store(tmp_path, PICTURE)
    await keep(connection, stored)
    change = "UPDATE artwork SET state = 'DOWNLOADED', path = 'x', file_hash = $1"
    await connection.execute(change, stored.hash)
    return str((await asked(http))["artwork"][0]["file"]["url"])


async def test_artwork_subtitles_and_thumbnails_have_their_files(
    http: httpx.AsyncClient, url: str, connection: Any, tmp_path: Path
) -> None:
    await add_artwork(connection, 1, "LOGO")
    small, large = store(tmp_path, png(16, 9)), store(tmp_path, png(32, 18))
    for one in (small, large):
        await keep(connection, one)
    await add_row(connection, "thumbnail", media_id=1, offset_ms=0, state="READY", path="x")
    for one in (large, small):
        await connection.execute("INSERT INTO thumbnail_file VALUES (1, $1)", one.hash)
    await add_row(connection, "subtitle", media_id=1, language="en")

    found = await asked(http)

    assert found["artwork"] == [
        {"state": None, "file": None},
        {"state": "DOWNLOADED", "file": {"url": url, "type": "PNG", "bytes": len(PICTURE), "width": 40, "height": 30}},
    ]
    assert found["subtitles"] == [{"file": None}]
    [thumbnail] = found["thumbnails"]
    assert [one["width"] for one in thumbnail["files"]] == [16, 32]
    assert (await http.get(thumbnail["files"][0]["url"])).content == png(16, 9)


async def test_a_link_needs_no_key_and_says_what_the_file_is(http: httpx.AsyncClient, url: str) -> None:
    answer = await http.get(url)
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"].startswith("private, max-age=")
    head = await http.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PICTURE)))
    assert (await http.post(url)).status_code == 405


async def test_a_file_that_the_client_has_is_not_sent_again(http: httpx.AsyncClient, url: str) -> None:
    tag = (await http.get(url)).headers["etag"]
    for given in (tag, f'"other", W/{tag}', "*"):
        answer = await http.get(url, headers={"if-none-match": given})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await http.get(url, headers={"if-none-match": '"other"'})).status_code == 200


async def test_parts_are_sent(http: httpx.AsyncClient, url: str) -> None:
    tag, size = (await http.get(url)).headers["etag"], len(PICTURE)
    for given, part in (("bytes=0-9", PICTURE[:10]), ("bytes=10-", PICTURE[10:]), ("bytes=-5", PICTURE[-5:])):
        answer = await http.get(url, headers={"range": given, "if-range": tag})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["content-range"].endswith(f"/{size}")
        assert answer.headers["x-content-type-options"] == "nosniff"
    changed = await http.get(url, headers={"range": "bytes=0-9", "if-range": '"other"'})
    assert (changed.status_code, changed.content) == (200, PICTURE)
    beyond = await http.get(url, headers={"range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")


async def test_links_that_nobody_gave_out_are_refused(http: httpx.AsyncClient, url: str, tmp_path: Path) -> None:
    path, _, query = url.partition("?")
    other = store(tmp_path, png(5, 5))
    wrong = [
        path,
        f"{path}?expires=99999999999&{query.partition('&')[2]}",
        f"/files/{other.path.name}?{query}",
        f"{path.removesuffix('png')}svg?{query}",
        f"/files/key?{query}",
    ]
    for address in wrong:
        answer = await http.get(address)
        assert answer.status_code in (401, 403), address
        assert b"PNG" not in answer.content
    message = refusal(await http.get(path), 403, "FILES_UNAVAILABLE", "application/json").lower()
    assert "expired" in message


@pytest.mark.parametrize("path", ["/files/%2e%2e%2fkey", "/files/../files/key", "/files/%2fetc%2fpasswd", "/files/a/b"])
async def test_no_path_leads_out_of_the_folder(http: httpx.AsyncClient, url: str, path: str) -> None:
    request = http.build_request("GET", "/")
    raw = f"{path}?{url.partition('?')[2]}".encode()
    answer = await http.send(httpx.Request("GET", request.url.copy_with(raw_path=raw), headers=request.headers))
    assert answer.status_code in (401, 403, 404)


async def test_a_file_that_is_gone_and_one_that_was_made_a_link_are_not_there(
    http: httpx.AsyncClient, url: str, tmp_path: Path
) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    path = tmp_path / "files" / name[:2] / name
    path.unlink()
    assert refusal(await http.get(url), 404, "FILES_UNAVAILABLE", "application/json")
    path.symlink_to("/etc/passwd")
    assert (await http.get(url)).status_code == 404


async def test_workers_share_their_key(writer: ConnectArgs, url: str, tmp_path: Path) -> None:
    async with open_http(writer, keys=KEY, state_dir=tmp_path) as other:
        assert (await other.get(url)).status_code == 200
    async with open_http(writer, keys=KEY, state_dir=tmp_path, files_key="another-key-of-this-server") as other:
        assert (await other.get(url)).status_code == 403


async def test_without_a_key_the_reason_is_told(
    writer: ConnectArgs, url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "files" / "key").write_bytes(b"short")
    async with open_http(writer, keys=KEY, state_dir=tmp_path) as other:
        assert "holds none" in refusal(await other.get(url), 503, "FILES_UNAVAILABLE", "application/json")
        answer = await other.post("/graphql", json={"query": QUERY}, headers={"authorization": f"Bearer {KEY}"})
    found = answer.json()
    assert found["data"]["mediaItem"]["artwork"][0]["file"] is None
    assert [error["extensions"]["code"] for error in found["errors"]] == ["FILES_UNAVAILABLE"]
    assert str(tmp_path) not in answer.text
