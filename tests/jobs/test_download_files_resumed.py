"""A run that downloads files is killed or cancelled in the middle, and goes on."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from jobs.core.queue import cancel, retry
from jobs.download_files import DOWNLOAD_FILES, DownloadFiles, DownloadWalk
from jobs.kinds import KINDS
from tests.support import faulty_server as faults
from tests.support import jobs
from tests.support.downloads import states, want
from tests.support.factories import add_library, add_media
from tests.support.faulty_server import FaultyServer, answer
from tests.support.media_files import file_services, png

CHECKOUT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("no_pauses")


async def test_a_worker_that_is_killed_leaves_nothing_undone(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    media = await add_media(connection, await add_library(connection))
    await want(connection, media, *(f"{server.url}/{number}" for number in range(40)))
    for number in range(40):
        # The process is killed while it waits for one that never comes, and others are done.
        server.behaviours[f"/{number}"] = [*([faults.never] if number == 20 else []), answer(png(seed=number))]
    number = await jobs.queue(writer, DOWNLOAD_FILES, DownloadFiles())
    command = [sys.executable, "-m", "tests.support.files_worker", str(tmp_path)]
    process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, "DATABASE_URL": writer.dsn})
    try:
        while server.times("/39") == 0:
            await asyncio.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    await connection.execute(jobs.WORKERS_GONE)

    async with file_services(tmp_path) as services, jobs.working(writer, kinds=KINDS, services=services):
        row = await jobs.until_status(connection, number, "SUCCEEDED", "FAILED")

    assert (row["status"], row["succeeded"]) == ("SUCCEEDED", 40)
    assert set((await states(connection)).values()) == {"DOWNLOADED"}
    assert list((tmp_path / "parts").iterdir()) == []


async def test_a_run_that_is_cancelled_stops_in_the_middle_and_keeps_what_is_done(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    media = await add_media(connection, await add_library(connection))
    await want(connection, media, *(f"{server.url}/{number}" for number in range(4)))
    for number in range(4):
        server.behaviours[f"/{number}"] = [faults.never if number == 1 else answer(png(seed=number))]
    number = await jobs.queue(writer, DOWNLOAD_FILES, DownloadFiles())
    async with file_services(tmp_path) as services, jobs.working(writer, kinds=KINDS, services=services):
        while len(list(tmp_path.glob("??/*"))) < 3:
            await asyncio.sleep(0.01)
        await jobs.control(writer, lambda edit: cancel(edit, number))
        await jobs.until_status(connection, number, "CANCELLED")

    assert list((await states(connection)).values()) == ["DOWNLOADED", "WANTED", "DOWNLOADED", "DOWNLOADED"]

    server.behaviours["/1"] = [answer(png(seed=1))]
    await jobs.control(writer, lambda edit: retry(edit, number, KINDS))
    async with file_services(tmp_path) as services, jobs.working(writer, kinds=KINDS, services=services):
        row = await jobs.until_status(connection, number, "SUCCEEDED", "FAILED")
    assert (row["succeeded"], server.times("/0"), server.times("/2")) == (4, 1, 1)


async def cancelled(writer: ConnectArgs, connection: Any, folder: Path, files: int, asked: DownloadFiles) -> int:
    """A run that is cancelled once so many files are there or have a reason."""
    number, ask, ended = await jobs.queue(writer, DOWNLOAD_FILES, asked), DownloadWalk.ask, list[str]()

    async def note_end(walk: DownloadWalk, items: Any) -> Any:
        found = await ask(walk, items)
        ended.append(items[0].url)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DownloadWalk, "ask", note_end)
        async with file_services(folder) as services, jobs.working(writer, kinds=KINDS, services=services):
            while len(ended) < files:
                await asyncio.sleep(0.01)
            await jobs.control(writer, lambda edit: cancel(edit, number))
            await jobs.until_status(connection, number, "CANCELLED")
    return number


async def test_what_failed_before_a_stop_is_not_tried_again_after_it(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    media = await add_media(connection, await add_library(connection))
    await want(connection, media, *(f"{server.url}/{number}" for number in range(4)), state="FAILED")
    await connection.execute("UPDATE artwork SET error = 'Gone.'")
    server.behaviours = {
        "/0": [faults.never],
        "/1": [faults.status(404)],
        "/2": [faults.status(404)],
        "/3": [answer(png(seed=3))],
    }
    number = await cancelled(writer, connection, tmp_path, 3, DownloadFiles(failed=True))

    before = await connection.fetch("SELECT state, error FROM artwork ORDER BY id")
    assert [one["state"] for one in before] == ["FAILED", "FAILED", "FAILED", "DOWNLOADED"]
    assert before[0]["error"] == "Gone."
    server.behaviours["/0"] = [answer(png(seed=0))]
    await jobs.control(writer, lambda edit: retry(edit, number, KINDS))
    async with file_services(tmp_path) as services, jobs.working(writer, kinds=KINDS, services=services):
        row = await jobs.until_status(connection, number, "SUCCEEDED", "FAILED")
    assert (row["succeeded"], row["failed"]) == (2, 2)
    assert [server.times(f"/{path}") for path in (1, 2, 3)] == [1, 1, 1]


async def test_what_nobody_has_asked_for_is_not_wanted_after_a_stop(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    media = await add_media(connection, await add_library(connection))
    await want(connection, media, f"{server.url}/0", f"{server.url}/1", state=None)
    await want(connection, media, f"{server.url}/2")
    server.behaviours = {"/0": [faults.never], "/1": [answer(png())], "/2": [faults.never]}

    await cancelled(writer, connection, tmp_path, 1, DownloadFiles(all_artwork=True))

    assert list((await states(connection)).values()) == [None, "DOWNLOADED", "WANTED"]
