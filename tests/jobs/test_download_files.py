"""The job that downloads artwork and subtitles: what it takes and stores."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from domain.errors import CatalogError, Code
from domain.viewer import Viewer
from jobs import download_files
from jobs.core.queue import retry
from jobs.download_files import DOWNLOAD_FILES, DownloadFiles
from jobs.kinds import KINDS
from jobs.maintenance import MAINTENANCE, Maintenance
from providers.files.download import Downloads
from tests.support import faulty_server as faults
from tests.support import jobs
from tests.support.downloads import states, want
from tests.support.factories import add_library, add_media, add_row
from tests.support.faulty_server import FaultyServer, answer
from tests.support.media_files import SRT, file_services, png

pytestmark = pytest.mark.usefixtures("no_pauses")


async def run(
    writer: ConnectArgs, connection: Any, folder: Path, parameters: Any = None, kind: Any = DOWNLOAD_FILES, **given: Any
) -> Any:
    """The row of a run at its end. given: of the files."""
    viewer = given.pop("viewer", Viewer())
    async with file_services(folder, **given) as services:
        return await jobs.run_to_end(writer, connection, services, kind, parameters or DownloadFiles(), viewer)


async def test_artwork_and_subtitles_are_stored_with_what_they_are(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    media = await add_media(connection, await add_library(connection))
    await want(connection, media, f"{server.url}/a.jpg", f"{server.url}/b.jpg", f"{server.url}/page")
    subtitle = await add_row(connection, "subtitle", media_id=media, language="en", url=f"{server.url}/en")
    await add_row(connection, "subtitle", media_id=media, language="de")  # where from, nobody knows
    server.behaviours = {
        "/a.jpg": [answer(png(640, 480))],
        "/b.jpg": [answer(png(640, 480))],
        "/page": [answer(b"<html>")],
        "/en": [answer(SRT)],
    }

    row = await run(writer, connection, tmp_path)

    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 3, 1)
    assert json.loads(row["failures"]) == {"BAD_FILE": 1}
    found = await connection.fetch("SELECT state, width, height, file_hash, path, error FROM artwork ORDER BY id")
    assert [one["state"] for one in found] == ["DOWNLOADED", "DOWNLOADED", "FAILED"]
    assert [(one["width"], one["height"]) for one in found] == [(640, 480), (640, 480), (None, None)]
    assert found[0]["file_hash"] == found[1]["file_hash"]
    assert Path(found[0]["path"]).read_bytes() == png(640, 480)
    assert found[2]["error"].startswith("The file is HTML, SVG or other markup")
    assert [tuple(one) for one in await connection.fetch("SELECT id, state, format FROM subtitle ORDER BY id")] == [
        (subtitle, "DOWNLOADED", "srt"),
        (subtitle + 1, "WANTED", None),
    ]
    kept = await connection.fetch("SELECT type, size, width FROM stored_file ORDER BY type")
    assert [tuple(one) for one in kept] == [("PNG", len(png(640, 480)), 640), ("SRT", len(SRT), None)]
    details = [json.loads(one[0]) for one in await connection.fetch("SELECT detail FROM history_event ORDER BY id")]
    assert details == [
        {"artwork": {"added": 0, "changed": 3, "removed": 0}},
        {"subtitles": {"added": 0, "changed": 1, "removed": 0}},
    ]


async def test_what_is_taken_is_what_was_asked_for(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    first, second = [await add_library(connection, name) for name in ("A", "B")]
    one, other = [await add_media(connection, library) for library in (first, second)]
    await want(connection, one, f"{server.url}/1")
    await want(connection, one, f"{server.url}/2", state="FAILED")
    await want(connection, one, f"{server.url}/3", f"{server.url}/4", state=None)
    await want(connection, one, f"{server.url}/5", state=None, type="LOGO")
    await want(connection, other, f"{server.url}/6")
    server.behaviours = {f"/{number}": [answer(png(seed=number))] for number in range(1, 7)}

    async def asked(parameters: DownloadFiles, **given: Any) -> list[str]:
        server.asked.clear()
        await run(writer, connection, tmp_path, parameters, **given)
        return sorted(request.path for request in server.asked)

    assert await asked(DownloadFiles(artwork=False)) == []
    assert await asked(DownloadFiles(library_id=first)) == ["/1"]
    assert await asked(DownloadFiles(media=[one], failed=True)) == ["/2"]
    assert await asked(DownloadFiles(media=[other], library_id=first), viewer=Viewer((first,))) == []
    setting = "INSERT INTO setting (key, library_id, value) VALUES ('artwork.types', $1, '[\"LOGO\"]')"
    await connection.execute(setting, first)
    assert await asked(DownloadFiles(media=[one], all_artwork=True)) == ["/5"]
    await connection.execute("DELETE FROM setting")
    assert await asked(DownloadFiles(all_artwork=True)) == ["/3", "/4", "/6"]
    assert await asked(DownloadFiles(all_artwork=True, failed=True)) == []


async def test_an_address_that_many_have_is_fetched_once(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    library = await add_library(connection)
    for _ in range(5):
        await want(connection, await add_media(connection, library), f"{server.url}/a")
    server.behaviours["/a"] = [answer(png())]

    row = await run(writer, connection, tmp_path)

    assert (row["succeeded"], server.times("/a")) == (5, 1)


async def test_a_full_disk_ends_the_run_and_loses_nothing(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_files, "ROWS_A_CHUNK", 2)
    media = await add_media(connection, await add_library(connection))
    await want(connection, media, *(f"{server.url}/{number}" for number in range(6)))
    for number in range(6):
        size = 60_000 if number == 3 else 0
        server.behaviours[f"/{number}"] = [answer(png(seed=number) + b"\0" * size)]

    full = await run(writer, connection, tmp_path, free=50_000)

    assert (full["status"], full["error_code"], full["failed"]) == ("FAILED", "DISK_FULL", 0)
    before = await states(connection)
    assert [before[id] for id in (1, 2, 4)] == ["DOWNLOADED", "DOWNLOADED", "WANTED"]
    assert before[5] == before[6] == "WANTED"
    await jobs.control(writer, lambda edit: retry(edit, full["id"], KINDS))
    async with file_services(tmp_path) as services, jobs.working(writer, kinds=KINDS, services=services):
        row = await jobs.until_status(connection, full["id"], "SUCCEEDED")
    assert (row["succeeded"], set((await states(connection)).values())) == (6, {"DOWNLOADED"})
    assert all(server.times(f"/{number}") == 1 for number in (0, 1))


LASTING: Mapping[str, faults.Behaviour] = {
    "PROVIDER_REFUSED": faults.status(404),
    "BAD_FILE": answer(b"<!doctype html><p>Not found", Content_Type="image/png"),
    "ANSWER_TOO_LARGE": faults.endless,
    "ADDRESS_NOT_ALLOWED": faults.redirect("http://169.254.169.254/latest/meta-data"),
    "PROVIDER_BAD_ANSWER": faults.not_http,
}
PASSING = (faults.status(500), faults.status(503), faults.status(429, Retry_After="0"), faults.reset, faults.truncate)


async def test_of_a_thousand_each_is_there_or_has_a_reason(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    """A fifth of them fail: half of these for good, the others once."""
    chance = random.Random(20)
    library = await add_library(connection)
    expected: list[str | None] = []
    for number in range(1_000):
        if number % 50 == 0:
            media = await add_media(connection, library)
        await want(connection, media, f"{server.url}/{number}")
        whole, code = answer(png(seed=number)), None
        if (fault := chance.random()) < 0.1:
            code = chance.choice(sorted(LASTING))
        server.behaviours[f"/{number}"] = [LASTING[code]] if code else [chance.choice(PASSING), whole][fault >= 0.2 :]
        expected.append(code)

    row = await run(writer, connection, tmp_path, picture=200_000)

    failed = [code for code in expected if code]
    assert len(failed) > 50
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 1_000 - len(failed), len(failed))
    assert json.loads(row["failures"]) == {code: failed.count(code) for code in sorted(LASTING)}
    found = await connection.fetch("SELECT state, error IS NULL, file_hash IS NULL FROM artwork ORDER BY id")
    assert [tuple(one) for one in found] == [
        ("FAILED", False, True) if code else ("DOWNLOADED", True, False) for code in expected
    ]
    for number, code in enumerate(expected):
        assert server.times(f"/{number}") <= (1 if code else 2)
    assert list((tmp_path / "parts").iterdir()) == []


async def test_maintenance_removes_what_nothing_refers_to(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = await add_library(connection)
    one, other = [await add_media(connection, library) for _ in range(2)]
    await want(connection, one, f"{server.url}/a", f"{server.url}/b")
    await want(connection, other, f"{server.url}/c")
    for name, seed in (("a", 1), ("b", 2), ("c", 1)):  # the last one is the same as the first
        server.behaviours[f"/{name}"] = [answer(png(seed=seed))]
    await run(writer, connection, tmp_path)
    await connection.execute("DELETE FROM artwork WHERE media_id = $1", one)
    await connection.execute("UPDATE stored_file SET stored_at = now() - interval '2 days'")
    for path in tmp_path.glob("??/*"):
        os.utime(path, (0, 0))

    row = await run(writer, connection, tmp_path, Maintenance(analyse=False, check=False), MAINTENANCE)

    assert json.loads(row["counts"])["remove files"] == 1
    kept = [path.read_bytes() for path in tmp_path.glob("??/*")]
    assert kept == [png(seed=1)]
    assert await connection.fetchval("SELECT count(*) FROM stored_file") == 1


async def test_a_fault_of_the_database_is_no_fault_of_a_file(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the limits of hosts cannot be asked for: the attempt ends, and the next one goes on."""
    media = await add_media(connection, await add_library(connection))
    await want(connection, media, *(f"{server.url}/{number}" for number in range(4)))
    for number in range(4):
        server.behaviours[f"/{number}"] = [answer(png(seed=number))]
    faults_to_come, fetch = [Code.DATABASE_UNAVAILABLE, Code.DATABASE_BUSY], Downloads.fetch

    async def fetch_or_fail(self: Downloads, address: str, *rest: Any) -> Any:
        if address.endswith("/2") and faults_to_come:
            raise CatalogError(faults_to_come.pop(), "The database does not answer: try again.")
        return await fetch(self, address, *rest)

    monkeypatch.setattr(Downloads, "fetch", fetch_or_fail)

    row = await run(writer, connection, tmp_path)

    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 4, 0), row["failures"]
    assert (set((await states(connection)).values()), faults_to_come) == ({"DOWNLOADED"}, [])
