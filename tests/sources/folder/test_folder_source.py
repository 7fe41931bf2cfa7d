"""The source as the import sees it: its items are taken, memory stays flat, the loop is free, processes end."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.upsert.item import Item, Key, Status
from sources.folder import pools
from sources.folder.format import MEDIA_FOLDER, guess_folder
from sources.folder.names import NameFacts
from sources.folder.pools import NameReader, ordered
from sources.folder.source import open_folder
from sources.format import check_options
from sources.formats import open_source
from sources.source import SourceItem
from tests.sources.folder.test_nfo import MOVIE
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.media_folder import items, keys, lay
from tests.support.upserting import upsert


def full_folder(root: Path) -> Path:
    return lay(
        root,
        {
            "Heat (1995)/Heat - 1080p.mkv": "video",
            "Heat (1995)/Heat - 4K.mkv": "video!",
            "Heat (1995)/movie.nfo": MOVIE,
            "Heat (1995)/poster.jpg": "picture",
            "Heat (1995)/Heat - 4K.en.srt": "text",
            "Heat (1995)/Heat - 4K.en.forced.srt": "text",
            "Heat (1995)/Heat-trailer.mkv": "video",
            "Show (2010)/tvshow.nfo": "<tvshow><title>The Show</title><tmdbid>949</tmdbid></tvshow>",
            "Show (2010)/season01-poster.jpg": "picture",
            "Show (2010)/Season 1/Show - S01E01-E02.mkv": "video",
            "Show (2010)/Season 1/Show - S01E01-E02.de.srt": "text",
            "The Daily/The Daily - 2024-05-17 - A Guest.mkv": "video",
            "[G] One Piece - 1071 [1080p].mkv": "video",
            "Disc (1999)/VIDEO_TS/VTS_01_1.VOB": "video",
        },
    )


def upsert_items(found: dict[str, SourceItem], library: int) -> list[Item]:
    places = {key: place for place, key in enumerate(found)}
    return [
        replace(
            one.item,
            place=place,
            values={**one.item.values, "library_id": library},
            parent=Key(item=places[one.parent]) if one.parent is not None else None,
            has_parent=one.parent is not None,
        )
        for place, one in enumerate(found.values())
    ]


async def test_all_items_are_taken_by_the_upsert_and_change_nothing_the_second_time(
    tmp_path: Path, api: Api, connection: Any
) -> None:
    full_folder(tmp_path)
    found = await items(tmp_path, extras="clips")
    library = await add_library(connection, kind=None)

    first = await upsert(api, upsert_items(found, library))
    second = await upsert(api, upsert_items(await items(tmp_path, extras="clips"), library))

    assert [(one.status, one.code, one.message) for one in first] == [(Status.CREATED, None, None)] * len(found)
    assert [one.status for one in second] == [Status.UNCHANGED] * len(found)
    assert len(found) == 11


async def test_ten_thousand_files_of_one_folder_are_held_by_name_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "read_names", lambda paths: [NameFacts(path, is_episode=False) for path in paths])
    monkeypatch.setattr("sources.folder.source.NameReader", lambda workers: NameReader(0))
    for number in range(10_000):
        (tmp_path / f"Movie {number:05}.mkv").write_bytes(b"1")
    most = seen = 0

    async for _ in open_folder(str(tmp_path), {"ffprobe": "off", "workers": "1"}).read():
        seen += 1
        if seen % 2_000 == 0:
            most = max(most, sum(isinstance(one, SourceItem | NameFacts) for one in gc.get_objects()))

    assert seen == 10_000
    assert most < 1_500  # two batches on the way to the reader, and what is under way


def test_tasks_are_answered_in_order_and_never_far_ahead() -> None:
    begun: list[int] = []

    def submit(task: int) -> Any:
        begun.append(task)
        done: Any = Future()
        done.set_result(task * task)
        return done

    answers = ordered(submit, range(100), 3)

    assert next(answers) == (0, 0)
    assert begun == [0, 1, 2]
    assert [task for task, _ in answers] == list(range(1, 100))


def test_names_are_read_in_processes_once_there_are_many_and_here_if_these_die(monkeypatch: Any) -> None:
    names = NameReader(workers=1, before_processes=1)
    try:
        here = names.submit(["Heat (1995).mkv"]).result()
        there = names.submit(["Alien (1979).mkv", "Show S01E02.mkv"]).result()
        [process] = names._processes._processes.values()  # type: ignore[union-attr]
        process.kill()
        process.join()
        again = names.submit(["Alien (1979).mkv"]).result()
    finally:
        names.close()

    assert [(one.title, one.year, one.episodes) for one in [*here, *there, *again]] == [
        ("Heat", 1995, ()),
        ("Alien", 1979, ()),
        ("Show", None, (2,)),
        ("Alien", 1979, ()),
    ]


async def test_a_reading_that_is_left_early_leaves_no_process_behind(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(pools, "NAMES_BEFORE_PROCESSES", 0)
    lay(tmp_path, [f"Movie {number} (2000).mkv" for number in range(100)])
    made: list[NameReader] = []
    real = NameReader.__init__

    def noted(self: NameReader, *more: Any) -> None:
        real(self, more[0], 0)
        made.append(self)

    monkeypatch.setattr(NameReader, "__init__", noted)
    readings: Any = open_folder(str(tmp_path), {"ffprobe": "off", "workers": "1"}).read()
    await anext(readings)
    [processes] = [dict(one._processes._processes) for one in made]  # type: ignore[union-attr]

    await readings.aclose()

    for process in processes.values():
        await asyncio.to_thread(process.join, 30)
        assert process.exitcode is not None


async def test_the_loop_is_free_while_names_are_read(tmp_path: Path) -> None:
    lay(tmp_path, [f"Movie {number} (2000).mkv" for number in range(40)])
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(turn())
    found = await keys(tmp_path)
    task.cancel()

    assert len(found) == 40
    assert turns > len(found)


async def test_a_folder_of_media_files_is_guessed_by_what_is_in_it(tmp_path: Path) -> None:
    films = lay(tmp_path / "films", ["a/b/Heat (1995).mkv"])
    other = lay(tmp_path / "other", ["a/b/heat.txt"])

    assert (guess_folder(str(films)), guess_folder(str(other)), guess_folder(str(films / "nowhere"))) == (0.8, 0, 0)
    opened = await open_source(str(films), options={"ffprobe": "off"})
    assert opened.format is MEDIA_FOLDER
    assert opened.source.total is None
    check_options(MEDIA_FOLDER, {"extras": "clips", "links": "follow", "ffprobe": "off", "workers": "2"})


@pytest.mark.parametrize("workers", ["1", "3"])
async def test_the_order_is_always_the_same(tmp_path: Path, workers: str) -> None:
    full_folder(tmp_path)

    assert await keys(tmp_path, workers=workers) == await keys(tmp_path)
