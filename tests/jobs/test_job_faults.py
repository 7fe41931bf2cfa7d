"""What each job that calls outside services says of each of their faults, and how often it asks: the table of
docs/providers.md."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from jobs import patience, waits
from jobs.analyse_releases import ANALYSE_RELEASES, AnalyseReleases
from jobs.download_files import DOWNLOAD_FILES, DownloadFiles
from jobs.kinds import KINDS
from jobs.make_thumbnails import MAKE_THUMBNAILS, MakeThumbnails
from jobs.refresh_metadata import REFRESH_METADATA, RefreshParameters
from jobs.tag_media import TAG_MEDIA, TagParameters
from tests.support import faulty_server as faults
from tests.support.api import Api
from tests.support.factories import add_artwork, add_library, add_media, add_row
from tests.support.faulty_server import Behaviour, FaultyServer, answer, faulty_server, status
from tests.support.job_faults import JOBS, PATHS, TABLE, Outcome, all_services, job_fault_document
from tests.support.jobs import QUICK, queue, until_status, working
from tests.support.metadata_server import CONFIGURATION, serve_json
from tests.support.tls_server import make_certificates, needs_postgresql_15

CHECKOUT = Path(__file__).resolve().parents[2]
FAULTS: Mapping[str, Callable[[str], Behaviour]] = {
    "no first byte": lambda path: faults.never,
    "a body that stalls": lambda path: faults.stall,
    "a reset": lambda path: faults.reset,
    "a body that is cut off": lambda path: faults.truncate,
    "429": lambda path: status(429),
    "429 with `Retry-After`": lambda path: status(429, Retry_After="70"),
    "500": lambda path: status(500),
    "503": lambda path: status(503),
    "503 with `Retry-After`": lambda path: status(503, Retry_After="70"),
    "broken JSON": lambda path: answer(b'{"id": 1,'),
    "JSON of another shape": lambda path: answer(b'"text"'),
    "HTML": lambda path: answer(b"<!doctype html><p>Log in", Content_Type="text/html"),
    "5 GB": lambda path: faults.huge,
    "a gzip bomb": lambda path: faults.bomb("gzip", 10_000_000),
    "a redirect circle": faults.redirect,
    "a redirect to a private address": lambda path: faults.redirect("http://169.254.169.254/latest"),
    "a certificate that nobody trusts": lambda path: status(200),
}
RUNS: Mapping[str, tuple[Any, Any]] = {
    "refresh_metadata": (REFRESH_METADATA, RefreshParameters(media=[1])),
    "tag_media": (TAG_MEDIA, TagParameters(media=[1])),
    "analyse_releases": (ANALYSE_RELEASES, AnalyseReleases()),
    "download_files": (DOWNLOAD_FILES, DownloadFiles(subtitles=False)),
    "make_thumbnails": (MAKE_THUMBNAILS, MakeThumbnails(media=[2])),
}

pytestmark = pytest.mark.usefixtures("no_pauses")


@asynccontextmanager
async def failing_server(fault: str, folder: Path) -> AsyncIterator[FaultyServer]:
    """Fails again and again for what each job asks; the configuration of the metadata service is there."""
    tls = None
    if "certificate" in fault:
        make_certificates(folder)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "server.crt", folder / "server.key")
    async with faulty_server(tls) as server:
        serve_json(server, "/configuration", CONFIGURATION)
        for path in PATHS.values():
            server.behaviours[path] = [FAULTS[fault](path)]
        yield server


async def add_items(connection: Any, url: str) -> None:
    """One for each job: a film with a picture and a release, and a clip."""
    film = await add_media(connection, await add_library(connection, kind=None), "Film", kind="MOVIE")
    await connection.execute("INSERT INTO external_id (source, value, media_id) VALUES ('tmdb', '1', $1)", film)
    await add_artwork(connection, film, "POSTER", url + PATHS["download_files"])
    await connection.execute("UPDATE artwork SET state = 'WANTED'")
    clip = await add_media(connection, 1, "Clip", kind="CLIP")
    address = url + PATHS["make_thumbnails"]
    await connection.execute("INSERT INTO clip (media_id, source_url) VALUES ($1, $2)", clip, address)
    await add_row(connection, "release", name="a-G", category="movies")


async def outcomes(args: ConnectArgs, connection: Any, services: Any) -> dict[str, Outcome]:
    """Of all jobs, beside each other."""
    runs = {name: await queue(args, *RUNS[name]) for name in RUNS}
    found = {}
    async with working(args, replace(QUICK, slots=len(runs)), kinds=KINDS, services=services):
        for name, run in runs.items():
            row = await until_status(connection, run, "SUCCEEDED", "FAILED")
            assert row["succeeded"] == 0
            codes = json.loads(row["failures"])
            if row["status"] == "FAILED":
                assert codes == {}
                found[name] = Outcome(row["error_code"], ends_run=True)
            else:
                [(code, number)] = codes.items()
                assert number == 1
                found[name] = Outcome(code)
    return found


async def code_of_lookup(api: Api, services: Any) -> str:
    api.service.outside = services
    [code] = await api.codes('{ lookup(title: "Film", kind: MOVIE) { title } }')
    return code


@pytest.mark.parametrize(
    "fault",
    [pytest.param(one, marks=needs_postgresql_15 if "certificate" in one else ()) for one in FAULTS],
)
async def test_each_job_says_what_came_of_its_item(
    fault: str, api: Api, writer: ConnectArgs, connection: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "Retry-After" in fault:  # a run waits no longer than once
        monkeypatch.setattr(waits, "LONGEST_PATIENCE", 0.0)
        monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(waits, "LONGEST_WAIT", 0.01)
    async with failing_server(fault, tmp_path) as server:
        await add_items(connection, server.url)
        async with all_services(server, writer, tmp_path / "files") as services:
            found = await outcomes(writer, connection, services)
            found["lookup"] = Outcome(await code_of_lookup(api, services))
        told = {name: replace(one, calls=server.times(PATHS[name])) for name, one in found.items()}
    assert told == dict(zip(JOBS, TABLE[fault], strict=True))
    state = await connection.fetchval("SELECT state FROM artwork")
    assert (state == "WANTED") == ("Retry-After" in fault)  # left for another run
    failure = await connection.fetchval("SELECT failure FROM release")
    assert failure is None if found["analyse_releases"].ends_run else failure.startswith(found["analyse_releases"].code)


def test_the_table_is_the_one_of_the_documents() -> None:
    assert list(TABLE) == list(FAULTS)
    assert job_fault_document() in (CHECKOUT / "docs" / "providers.md").read_text()
