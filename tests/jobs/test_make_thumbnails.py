"""The job that makes thumbnails: of which videos, what is stored, and what broken ones come to."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from domain.errors import CatalogError, Code
from jobs import make_thumbnails
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.files.download import Downloads
from providers.files.file_error import bad_file
from providers.files.frames import WEBP, Frame, FrameMaker
from tests.support import faulty_server as faults
from tests.support.factories import add_library, add_media, add_row
from tests.support.faulty_server import FaultyServer, answer
from tests.support.media_files import make_video, moving
from tests.support.thumbnails import ADD_CLIPS, add_video, run_thumbnails, thumbnails

pytestmark = pytest.mark.usefixtures("no_pauses")


async def widths(connection: Any, thumbnail: int) -> list[int]:
    text = "SELECT s.width FROM thumbnail_file f JOIN stored_file s ON s.hash = f.file_hash WHERE f.thumbnail_id = $1"
    return sorted(row[0] for row in await connection.fetch(text, thumbnail))


async def test_videos_without_thumbnails_get_one_or_a_reason(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    await add_library(connection)
    good = await add_video(connection, moving(tmp_path / "good.mp4", seconds=2), container="mp4")
    by_name = await add_video(connection, moving(tmp_path / "name.MKV"))
    (tmp_path / "text.avi").write_text("no video")
    broken = await add_video(connection, tmp_path / "text.avi", container="avi")
    gone = await add_video(connection, tmp_path / "gone.mp4", container="mp4")
    (tmp_path / "passwd.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n")
    hostile = await add_video(connection, tmp_path / "passwd.mp4")
    await add_video(connection, tmp_path / "a.mid", container="mid")
    await add_media(connection, 1)

    row = await run_thumbnails(writer, connection, tmp_path / "files")

    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 2, 3)
    assert json.loads(row["failures"]) == {"BAD_FILE": 3}
    found = await thumbnails(connection)
    assert [(one["media_id"], one["state"], one["offset_ms"]) for one in found] == [
        (good, "READY", 200),
        (by_name, "READY", 100),
        (broken, "FAILED", 0),
        (gone, "FAILED", 0),
        (hostile, "FAILED", 0),
    ]
    assert (found[0]["width"], found[0]["height"]) == (32, 18)
    assert Path(found[0]["path"]).read_bytes()[8:12] == b"WEBP"
    assert await widths(connection, found[0]["id"]) == [16, 32]
    assert "no regular file" not in found[3]["error"]
    assert "not there" in found[3]["error"]
    assert "list of other files" in found[4]["error"]


async def test_those_that_failed_are_made_anew_only_where_they_are_asked_for(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    await add_library(connection)
    media = await add_video(connection, tmp_path / "a.mp4", container="mp4")
    files = tmp_path / "files"
    assert (await run_thumbnails(writer, connection, files))["failed"] == 1
    moving(tmp_path / "a.mp4")

    again = await run_thumbnails(writer, connection, files)
    asked = await run_thumbnails(writer, connection, files, media)

    assert (again["succeeded"], again["failed"]) == (0, 0)
    assert (asked["succeeded"], asked["failed"]) == (1, 0)
    [found] = await thumbnails(connection)
    assert (found["state"], found["error"]) == ("READY", None)


async def test_pending_ones_are_made_at_their_moments(writer: ConnectArgs, connection: Any, tmp_path: Path) -> None:
    await add_library(connection)
    media = await add_video(connection, moving(tmp_path / "a.mp4"), container="mp4")
    for offset in (300, 600, 90_000):
        await add_row(connection, "thumbnail", media_id=media, offset_ms=offset)
    ready = {"state": "READY", "path": "/elsewhere.webp"}
    await add_row(connection, "thumbnail", media_id=media, offset_ms=500, **ready)

    row = await run_thumbnails(writer, connection, tmp_path / "files")

    assert (row["succeeded"], row["failed"]) == (2, 1)
    found = [(one["offset_ms"], one["state"], one["path"] == "/elsewhere.webp") for one in await thumbnails(connection)]
    assert found == [(300, "READY", False), (500, "READY", True), (600, "READY", False), (90_000, "FAILED", False)]
    [event] = await connection.fetch("SELECT detail FROM history_event")
    assert json.loads(event[0]) == {"thumbnails": {"added": 0, "changed": 3, "removed": 0}}


async def test_a_clip_is_fetched_and_not_kept(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    await add_library(connection, kind="CLIP")
    for path, size in (("/clip", None), ("/page", None), ("/large", None)):
        media = await add_media(connection, 1, kind="CLIP")
        await connection.execute(
            "INSERT INTO clip (media_id, source_url, size) VALUES ($1, $2, $3)", media, server.url + path, size
        )
    video = moving(tmp_path / "a.mp4").read_bytes()
    server.behaviours = {
        "/clip": [answer(video)],
        "/page": [answer(b"<html>")],
        "/large": [answer(video + b"\0" * 100_000)],
    }

    row = await run_thumbnails(writer, connection, tmp_path / "files", video=len(video))

    assert json.loads(row["failures"]) == {"ANSWER_TOO_LARGE": 1, "BAD_FILE": 1}
    assert [one["state"] for one in await thumbnails(connection)] == ["READY", "FAILED", "FAILED"]
    assert list((tmp_path / "files" / "parts").iterdir()) == []


PASSING = (faults.status(500), faults.status(503), faults.reset, faults.truncate)
LASTING = {
    "PROVIDER_REFUSED": faults.status(404),
    "ANSWER_TOO_LARGE": faults.endless,
    "ADDRESS_NOT_ALLOWED": faults.redirect("http://169.254.169.254/"),
    "PROVIDER_BAD_ANSWER": faults.not_http,
    "BAD_FILE": answer(b"<html>"),
}


async def test_of_a_thousand_clips_each_has_a_thumbnail_or_a_reason(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fifth of them fail, half of these for good. What ffmpeg does is done by a copy, since it takes its time."""
    chance, expected = random.Random(13), list[str | None]()
    await add_library(connection, kind="CLIP")
    await connection.execute(ADD_CLIPS, server.url, 1_000)
    for number in range(1, 1_001):
        fault, code = chance.random(), None
        if fault < 0.1:
            code = chance.choice(sorted(LASTING))
        server.behaviours[f"/{number}"] = (
            [LASTING[code]] if code else [chance.choice(PASSING), answer(b"video")][fault >= 0.2 :]
        )
        expected.append(code)
    picture = make_video(tmp_path / "a.webp", "-f", "lavfi", "-i", "testsrc=s=32x18", "-frames:v", "1").read_bytes()

    async def frame(self: FrameMaker, video: Path, offset_ms: int | None = None) -> Frame:
        if video.read_bytes() != b"video":
            raise bad_file("It is none.")
        folder = self._folder
        part = folder.parts / f"copy-{video.name}"
        part.write_bytes(picture)
        return Frame(7, [folder.store(part, WEBP)])

    monkeypatch.setattr(FrameMaker, "frame", frame)
    monkeypatch.setattr(make_thumbnails, "VIDEOS_A_CHUNK", 100)
    breaker = CircuitBreaker(BreakerOptions(failures=1_000))

    row = await run_thumbnails(writer, connection, tmp_path / "files", breaker=breaker, video=200_000)

    failed = [code for code in expected if code]
    assert len(failed) > 50
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 1_000 - len(failed), len(failed))
    assert json.loads(row["failures"]) == {code: failed.count(code) for code in sorted(LASTING)}
    found = await connection.fetch("SELECT state, error IS NULL FROM thumbnail ORDER BY media_id")
    assert [tuple(one) for one in found] == [("FAILED", False) if code else ("READY", True) for code in expected]
    assert all(server.times(f"/{number}") <= (1 if code else 2) for number, code in enumerate(expected, 1))
    assert list((tmp_path / "files" / "parts").iterdir()) == []


async def test_clips_of_one_address_are_no_fault_of_each_other(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    await add_library(connection, kind="CLIP")
    for _ in range(3):
        media = await add_media(connection, 1, kind="CLIP")
        await connection.execute("INSERT INTO clip (media_id, source_url) VALUES ($1, $2)", media, f"{server.url}/clip")
    server.behaviours["/clip"] = [answer(moving(tmp_path / "a.mp4").read_bytes())]

    row = await run_thumbnails(writer, connection, tmp_path / "files")

    assert (row["succeeded"], row["failed"]) == (3, 0), json.loads(row["failures"])


async def test_a_clip_whose_host_is_left_alone_for_long_is_left_for_another_run(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path
) -> None:
    await add_library(connection, kind="CLIP")
    await connection.execute(ADD_CLIPS, server.url, 2)
    server.otherwise = faults.status(429, Retry_After="3600")

    row = await run_thumbnails(writer, connection, tmp_path / "files")

    assert (row["status"], json.loads(row["failures"])) == ("SUCCEEDED", {"PROVIDER_LIMITED": 2})
    assert await thumbnails(connection) == []
    server.otherwise = answer(moving(tmp_path / "a.mp4").read_bytes())
    assert (await run_thumbnails(writer, connection, tmp_path / "files"))["succeeded"] == 2


async def test_videos_elsewhere_than_in_the_folders_of_the_setting_are_not_read(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    await add_library(connection)
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    outside = moving(tmp_path / "outside.mp4")
    (allowed / "link.mp4").symlink_to(outside)
    for path in (moving(allowed / "a.mp4"), outside, allowed / "link.mp4", allowed / ".." / "outside.mp4"):
        await add_video(connection, path, container="mp4")

    await run_thumbnails(writer, connection, tmp_path / "files", video_folders=[allowed])

    found = await thumbnails(connection)
    assert [one["state"] for one in found] == ["READY", "FAILED", "FAILED", "FAILED"]
    assert all("MARQUEE_VIDEO_FOLDERS" in one["error"] for one in found[1:])


async def test_a_fault_of_the_database_is_no_fault_of_a_video(
    writer: ConnectArgs, connection: Any, server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_library(connection, kind="CLIP")
    await connection.execute(ADD_CLIPS, server.url, 2)
    server.otherwise = answer(moving(tmp_path / "a.mp4").read_bytes())
    faults_to_come, opened = [Code.DATABASE_UNAVAILABLE], Downloads._opened

    async def open_or_fail(self: Downloads, address: str) -> Any:
        if address.endswith("/2") and faults_to_come:
            raise CatalogError(faults_to_come.pop(), "The database does not answer: try again.")
        return await opened(self, address)

    monkeypatch.setattr(Downloads, "_opened", open_or_fail)

    row = await run_thumbnails(writer, connection, tmp_path / "files")

    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 2, 0), row["failures"]
    assert ([one["state"] for one in await thumbnails(connection)], faults_to_come) == (["READY", "READY"], [])


async def test_media_without_a_video_that_are_asked_for_have_a_reason(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    await add_library(connection)
    good = await add_video(connection, moving(tmp_path / "a.mp4"), container="mp4")
    none = await add_media(connection, 1)

    row = await run_thumbnails(writer, connection, tmp_path / "files", good, none)

    assert (row["succeeded"], json.loads(row["failures"])) == (1, {"NOT_FOUND": 1})
    assert [one["media_id"] for one in await thumbnails(connection)] == [good]
