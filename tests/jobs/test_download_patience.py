"""Hosts that are left alone: how long downloads wait for them, and what becomes of what they have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from jobs import download_files, patience
from jobs.download_files import DOWNLOAD_FILES, DownloadFiles
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.files.download import DownloadOptions
from providers.files.folder import KEPT_SECONDS
from providers.files.service import FileBounds
from tests.support import faulty_server as faults
from tests.support import jobs
from tests.support.factories import add_artwork, add_library, add_media
from tests.support.faulty_server import FaultyServer, answer
from tests.support.media_files import file_services, png

pytestmark = pytest.mark.usefixtures("no_pauses")


async def run(writer: ConnectArgs, connection: Any, folder: Path, **given: Any) -> Any:
    """The row of a run at its end. given: of the files."""
    async with file_services(folder, **given) as services:
        return await jobs.run_to_end(writer, connection, services, DOWNLOAD_FILES, DownloadFiles())


async def want(connection: Any, media: int, *urls: str) -> None:
    for url in urls:
        await add_artwork(connection, media, "POSTER", url)
    await connection.execute("UPDATE artwork SET state = 'WANTED'")


async def test_a_host_that_is_left_alone_is_waited_for(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    """It fails once, which opens its circuit; then it is well again, and no file is to blame."""
    media = await add_media(connection, await add_library(connection))
    await want(connection, media, *(f"{server.url}/{number}" for number in range(20)))
    for number in range(20):
        server.behaviours[f"/{number}"] = [answer(png(seed=number))]
    server.behaviours["/0"].insert(0, faults.status(500))
    breaker = CircuitBreaker(BreakerOptions(failures=1, pause=0.01))

    row = await run(writer, connection, tmp_path, breaker=breaker, parallel=1)

    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 20, 0), json.loads(row["failures"])


@pytest.mark.parametrize(("status", "code"), [(429, "PROVIDER_LIMITED"), (503, "PROVIDER_UNAVAILABLE")])
async def test_what_a_host_has_that_is_left_alone_for_long_stays_wanted(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path, status: int, code: str
) -> None:
    media = await add_media(connection, await add_library(connection))
    await want(connection, media, *(f"{server.url}/{number}" for number in range(20)))
    server.otherwise = faults.status(status, Retry_After="120")

    row = await run(writer, connection, tmp_path, breaker=CircuitBreaker(BreakerOptions(failures=1_000)))

    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 0, 20)
    assert json.loads(row["failures"]) == {code: 20}
    found = await connection.fetch("SELECT DISTINCT state, error FROM artwork")
    assert {one["state"] for one in found} == {"WANTED"}
    assert await connection.fetchval("SELECT count(*) FROM history_event") == 0
    server.otherwise = answer(png())
    assert (await run(writer, connection, tmp_path))["succeeded"] == 20


def test_files_are_kept_until_all_that_was_taken_with_them_can_have_come() -> None:
    options, bounds = DownloadOptions(), FileBounds()
    longest = options.timeouts.total + patience.PATIENCE_SECONDS
    assert download_files.ROWS_A_CHUNK / bounds.parallel * longest < KEPT_SECONDS
