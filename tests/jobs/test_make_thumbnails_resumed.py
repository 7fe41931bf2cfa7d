"""The job that makes thumbnails goes on where it was stopped, killed, or had no room."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from jobs import make_thumbnails
from jobs.core.queue import cancel, retry
from jobs.kinds import KINDS
from jobs.make_thumbnails import MAKE_THUMBNAILS, MakeThumbnails, ThumbnailWalk
from tests.support import faulty_server as faults
from tests.support import jobs
from tests.support.factories import add_library
from tests.support.faulty_server import FaultyServer, answer
from tests.support.media_files import file_services, moving
from tests.support.thumbnails import ADD_CLIPS, add_video, run_thumbnails, thumbnails

CHECKOUT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("no_pauses")


async def test_a_worker_that_is_killed_has_made_nothing_twice_that_was_stored(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    """Its process is killed when the first eight are stored, while the tenth never comes."""
    await add_library(connection, kind="CLIP")
    await connection.execute(ADD_CLIPS, server.url, 12)
    video = answer(moving(tmp_path / "a.mp4").read_bytes())
    server.behaviours = {f"/{id}": [video] for id in range(1, 13)}
    server.behaviours["/10"] = [faults.never, video]
    number = await jobs.queue(writer, MAKE_THUMBNAILS, MakeThumbnails())
    command = [sys.executable, "-m", "tests.support.files_worker", str(tmp_path / "files")]
    process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, "DATABASE_URL": writer.dsn})
    try:
        while server.times("/10") == 0 or server.times("/12") == 0:
            assert process.poll() is None
            await asyncio.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    assert len(await thumbnails(connection)) == 8
    await connection.execute(jobs.WORKERS_GONE)

    async with file_services(tmp_path / "files") as services, jobs.working(writer, kinds=KINDS, services=services):
        row = await jobs.until_status(connection, number, "SUCCEEDED", "FAILED")

    assert (row["status"], row["succeeded"], row["failed"], row["attempts"]) == ("SUCCEEDED", 12, 0, 2)
    assert [one["state"] for one in await thumbnails(connection)] == ["READY"] * 12
    assert [server.times(f"/{id}") for id in range(1, 9)] == [1] * 8


async def test_a_full_disk_ends_the_run_which_goes_on_later(
    writer: ConnectArgs, connection: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_thumbnails, "VIDEOS_A_CHUNK", 1)
    await add_library(connection)
    for number in range(3):
        await add_video(connection, moving(tmp_path / f"{number}.mp4"), container="mp4")

    full = await run_thumbnails(writer, connection, tmp_path / "files", free=10)
    assert (full["status"], full["error_code"], await thumbnails(connection)) == ("FAILED", "DISK_FULL", [])

    await jobs.control(writer, lambda edit: retry(edit, full["id"], KINDS))
    async with file_services(tmp_path / "files") as services, jobs.working(writer, kinds=KINDS, services=services):
        row = await jobs.until_status(connection, full["id"], "SUCCEEDED")
    assert (row["succeeded"], len(await thumbnails(connection))) == (3, 3)


async def test_what_was_made_before_a_stop_is_not_made_again(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    await add_library(connection, kind="CLIP")
    await connection.execute(ADD_CLIPS, server.url, 4)
    video = answer(moving(tmp_path / "a.mp4").read_bytes())
    server.behaviours = {"/1": [faults.never], "/2": [faults.status(404)], "/3": [video], "/4": [video]}
    number = await jobs.queue(writer, MAKE_THUMBNAILS, MakeThumbnails(media=[1, 2, 3, 4]))
    ended = list[int]()
    ask = ThumbnailWalk.ask

    async def note_end(walk: ThumbnailWalk, items: Any) -> Any:
        found = await ask(walk, items)
        ended.append(items[0].media)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ThumbnailWalk, "ask", note_end)
        async with file_services(tmp_path / "files") as services, jobs.working(writer, kinds=KINDS, services=services):
            while len(ended) < 3:
                await asyncio.sleep(0.01)
            await jobs.control(writer, lambda edit: cancel(edit, number))
            stopped = await jobs.until_status(connection, number, "CANCELLED")
    assert (stopped["succeeded"], stopped["failed"]) == (2, 1)

    server.behaviours["/1"] = [video]
    await jobs.control(writer, lambda edit: retry(edit, number, KINDS))
    async with file_services(tmp_path / "files") as services, jobs.working(writer, kinds=KINDS, services=services):
        row = await jobs.until_status(connection, number, "SUCCEEDED", "FAILED")
    assert (row["succeeded"], row["failed"]) == (3, 1)
    assert [server.times(f"/{path}") for path in (2, 3, 4)] == [1, 1, 1]
