"""What a source is told of earlier imports: files that are as they were are not read again, and nothing is missed."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.importing.plan import ImportPlan
from catalog.importing.run import run_import
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.viewer import UNRESTRICTED
from sources.folder import build, pools
from sources.folder.memo import facts_of_json, memo_of_names, names_of_memo
from sources.folder.names import read_name
from sources.folder.source import open_folder
from sources.midi import walk
from sources.midi.folder import MidiFolder
from sources.source import MAX_MEMO, Known, Reading, Source, SourceError, SourceItem, Unchanged, nothing_known
from tests.support.factories import add_library
from tests.support.importing import ListSource, Told, movies, numbers, run
from tests.support.media_folder import lay

FILES = {
    "Heat (1995)/Heat (1995) - 1080p.mkv": "video",
    "Heat (1995)/Heat (1995) - 4K.mkv": "video!",
    "Heat (1995)/movie.nfo": "<movie><title>Heat</title></movie>",
    "Show (2010)/tvshow.nfo": "<tvshow><title>The Show</title></tvshow>",
    "Show (2010)/Season 1/Show - S01E01-E02.mkv": "video",
    "Show (2010)/Season 1/Show - S01E03 - Three.mkv": "video",
    "The Daily/The Daily - 2024-05-17 - A Guest.mkv": "video",
    "Disc (1999)/VIDEO_TS/VTS_01_1.VOB": "video",
}


@pytest.fixture(autouse=True)
async def library(connection: Any) -> None:
    await add_library(connection, kind=None)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read of files: names, hashes, notes and tunes."""
    found: list[str] = []

    def noted(module: Any, name: str, what: Callable[..., list[str]]) -> None:
        real = getattr(module, name)

        def call(*given: Any) -> Any:
            found.extend(what(*given))
            return real(*given)

        monkeypatch.setattr(module, name, call)

    noted(pools, "read_names", lambda paths: [f"name {os.fspath(path)}" for path in paths])
    noted(build, "hash_of", lambda _, file: [f"hash {file.path}"])
    noted(build, "read_nfo", lambda path, noticed: [f"note {path.name}"])
    noted(walk, "hashed_file", lambda file: [f"tune {file.key}"])
    return found


async def imported(args: ConnectArgs, source: Source, told: Told | None = None, **options: Any) -> tuple[int, ...]:
    plan = ImportPlan(1, "folder", "here", **options)
    async with open_session(args) as session:
        counts = await run_import(session, UNRESTRICTED, source, plan, told or Told())
    return (*numbers(counts), counts.pruned)


def folder(root: Path) -> Source:
    return open_folder(str(root), {"ffprobe": "off", "workers": "1"})


async def test_of_files_that_are_as_they_were_nothing_is_read(
    writer: ConnectArgs, tmp_path: Path, read: list[str]
) -> None:
    lay(tmp_path, FILES)
    assert await imported(writer, folder(tmp_path)) == (9, 0, 0, 0, 0)
    assert len([one for one in read if one.startswith("name ")]) == 6
    read.clear()

    assert await imported(writer, folder(tmp_path), prunes=True) == (0, 0, 9, 0, 0)

    # What a series says of itself costs one note; the second episode of a file has no key of its own before it is read.
    assert [one for one in read if one != "note tvshow.nfo"] == []


async def test_what_has_changed_is_read_and_nothing_else(
    writer: ConnectArgs, connection: Any, tmp_path: Path, read: list[str]
) -> None:
    lay(tmp_path, FILES)
    await imported(writer, folder(tmp_path))
    lay(tmp_path, {"Heat (1995)/movie.nfo": "<movie><title>Heat!</title></movie>", "New (2001).mkv": "new"})
    (tmp_path / "The Daily/The Daily - 2024-05-17 - A Guest.mkv").unlink()
    read.clear()

    assert await imported(writer, folder(tmp_path), prunes=True) == (1, 1, 6, 0, 1)

    # Units are read by several threads: in which order is theirs.
    assert sorted(one for one in read if one != "note tvshow.nfo") == [
        *("hash Heat (1995)/Heat (1995) - 1080p.mkv", "hash Heat (1995)/Heat (1995) - 4K.mkv"),
        *("hash New (2001).mkv", "name New (2001).mkv", "note movie.nfo"),
    ]
    assert await connection.fetchval("SELECT count(*) FROM media WHERE title IN ('Heat!', 'New')") == 2


async def test_a_version_that_is_new_joins_its_media(
    writer: ConnectArgs, connection: Any, tmp_path: Path, read: list[str]
) -> None:
    lay(tmp_path, FILES)
    await imported(writer, folder(tmp_path))
    lay(tmp_path, {"Heat (1995)/Heat (1995) - 720p.mkv": "720"})
    assert await imported(writer, folder(tmp_path)) == (0, 1, 8, 0, 0)
    assert await connection.fetchval("SELECT count(*) FROM media_file WHERE name LIKE 'Heat%'") == 3


async def test_what_has_faults_is_told_at_every_import(writer: ConnectArgs, tmp_path: Path, read: list[str]) -> None:
    lay(tmp_path, {"Heat (1995).mkv": "video", "Heat (1995).nfo": "<movie"})
    for expected in ((1, 0, 0, 1, 0), (0, 0, 1, 1, 0)):
        told = Told()
        assert await imported(writer, folder(tmp_path), told) == expected
        assert told.reasons == [("Heat (1995).nfo", "UNREADABLE")]


async def test_other_options_read_everything_anew(writer: ConnectArgs, tmp_path: Path, read: list[str]) -> None:
    lay(tmp_path, FILES)
    await imported(writer, folder(tmp_path))
    read.clear()
    await imported(writer, folder(tmp_path), options={"extras": "clips"})
    assert len([one for one in read if one.startswith("hash ")]) == 5


async def test_tunes_that_are_as_they_were_are_not_read(writer: ConnectArgs, tmp_path: Path, read: list[str]) -> None:
    lay(tmp_path, ["a.mid", "b/c.mid"])
    source = MidiFolder(str(tmp_path), analyse=False)
    assert await imported(writer, source) == (2, 0, 0, 0, 0)
    lay(tmp_path, {"a.mid": "another"})
    read.clear()
    assert await imported(writer, source, prunes=True) == (0, 1, 1, 0, 0)
    assert read == ["tune a.mid"]


async def test_a_media_that_is_deleted_while_its_source_is_read_comes_next_time(
    writer: ConnectArgs, connection: Any
) -> None:
    await run(writer, movies(3))
    await connection.execute("DELETE FROM import_item WHERE key = 'k1'")
    told = Told()

    counts = await run(writer, ListSource([Unchanged("k0"), Unchanged("k1"), *movies(1, 2)]), told, prunes=True)

    assert (numbers(counts), counts.pruned) == ((0, 0, 2, 1), 0)
    assert told.reasons == [("k1", "CONFLICT")]


def test_what_names_say_is_the_same_after_it_was_kept() -> None:
    paths = ["Show (2010)/Season 1/Show - S01E01-E02 - Pilot.mkv", "The Daily - 2024-05-17 - Guest.mkv", "x.mkv"]
    facts = {path: read_name(path) for path in [*paths, "Heat (1995) {tmdb-949}.mkv", "Shameless US S01E01.mkv"]}
    kept = names_of_memo(memo_of_names(facts))
    assert kept == facts
    assert repr(kept) == repr(facts)
    assert facts_of_json({}) == read_name("") or facts_of_json({}).title == ""
    assert names_of_memo(memo_of_names(facts).replace(b"[2,", b"[1,", 1)) == {}
    assert memo_of_names({f"{'long' * 50}{place}": facts["x.mkv"] for place in range(MAX_MEMO // 200)}) == b""


class Asking(ListSource):
    """Asks what is known of each item before it gives it. told: of which keys something was."""

    def __init__(self, number: int) -> None:
        super().__init__(movies(number))
        self.told: list[str] = []

    async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        async for one in super().read(position):
            assert isinstance(one, SourceItem)
            self.told.extend(await known([one.key]))
            yield one


async def test_of_its_first_run_a_source_is_told_nothing_and_of_it_in_the_next(writer: ConnectArgs) -> None:
    source = Asking(5)
    assert await imported(writer, source, chunk=2) == (5, 0, 0, 0, 0)
    assert source.told == []

    assert await imported(writer, source, chunk=2) == (0, 0, 5, 0, 0)
    assert source.told == [f"k{one}" for one in range(5)]


async def test_a_first_run_that_was_interrupted_tells_what_it_has_stored(writer: ConnectArgs) -> None:
    source = Asking(5)

    def end(number: int) -> None:
        if number == 5:
            raise SourceError("gone")

    source.before = end
    with pytest.raises(SourceError):
        await imported(writer, source, chunk=2)
    source.before = lambda number: None

    assert await imported(writer, source, chunk=2, restarts=True) == (1, 0, 4, 0, 0)
    assert source.told == [f"k{one}" for one in range(4)]
