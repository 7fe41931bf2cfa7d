"""Chunks are prepared while the one before them is being stored: what comes of it is the same as if they were not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from catalog.importing import store
from catalog.importing.chunk import Chunk
from catalog.importing.prepared import Prepared, Preparer
from catalog.importing.progress import Failure, ImportCounts
from catalog.importing.read_ahead import ReadAhead
from catalog.transaction import Writer
from catalog.upsert.item import Result
from catalog.upsert.read import ReadItems
from catalog.upsert.upsert import upsert_media
from database.connect_args import ConnectArgs
from database.transaction import BeginAnewError
from sources.source import Reading
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library
from tests.support.importing import ListSource, Told, catalogue, movie, movies, numbers, run, unreadable
from tests.support.upserting import imdb

SIZE = 2  # items of a chunk


class Forced(Told):
    """Each chunk is prepared before the one before it is stored, or only after that. taken: how many chunks were
    upserted as they had been read ahead."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, is_ahead: bool) -> None:
        super().__init__()
        self.is_ahead = is_ahead
        self.chunks = self.begun_chunks = self.prepared = self.noted = self.saved = self.taken = 0
        prepare, note, take_over = Preparer.prepare, Preparer.note, ReadItems.take_over

        async def forced(preparer: Preparer, readings: Sequence[Reading]) -> Prepared:
            number, self.begun_chunks = self.begun_chunks, self.begun_chunks + 1
            await state(lambda: self.noted >= number if is_ahead else len(self.counts) >= number)
            found = await prepare(preparer, readings)
            self.prepared += 1
            return found

        def noted(preparer: Preparer, before: Chunk) -> None:
            note(preparer, before)
            self.noted += 1

        def taken(read: ReadItems, items: Any) -> bool:
            is_taken = take_over(read, items)
            self.taken += is_taken
            return is_taken

        monkeypatch.setattr(Preparer, "prepare", forced)
        monkeypatch.setattr(Preparer, "note", noted)
        monkeypatch.setattr(ReadItems, "take_over", taken)

    async def save(self, writer: Writer, counts: ImportCounts, failures: Sequence[Failure]) -> None:
        self.saved += 1
        if self.is_ahead:
            await state(lambda: self.prepared >= min(self.saved + 1, self.chunks))
        await super().save(writer, counts, failures)


async def state(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.001)


@pytest.fixture(params=[True, False], ids=["ahead", "after"])
async def forced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, connection: Any) -> Forced:
    await add_library(connection, kind=None)
    return Forced(monkeypatch, is_ahead=request.param)


async def imported(writer: ConnectArgs, forced: Forced, items: Sequence[Reading]) -> tuple[int, int, int, int]:
    forced.begun_chunks = forced.prepared = forced.noted = forced.saved = forced.taken = 0
    forced.counts.clear()
    forced.failures.clear()
    forced.chunks = -(-len(items) // SIZE)
    return numbers(await run(writer, items, forced, chunk=SIZE))


async def test_new_items_are_upserted_as_they_were_read_ahead(
    writer: ConnectArgs, connection: Any, forced: Forced
) -> None:
    assert await imported(writer, forced, movies(6, tags=["a", "b"])) == (6, 0, 0, 0)

    assert forced.taken == 2  # of the first chunk nobody knew that it was new
    await assert_no_drift(connection)


async def test_a_key_that_comes_again_in_the_next_chunk_is_the_item_of_the_one_before(
    writer: ConnectArgs, connection: Any, forced: Forced
) -> None:
    items = [movie("a", "First"), movie("b"), movie("a", "Second"), movie("b"), movie("a", "Second"), movie("c")]

    assert await imported(writer, forced, items) == (3, 1, 2, 0)

    rows = await connection.fetch("SELECT title FROM media ORDER BY id")
    assert [row[0] for row in rows] == ["Second", "b", "c"]
    await assert_no_drift(connection)


async def test_a_media_that_comes_again_under_another_key_is_a_duplicate(
    writer: ConnectArgs, connection: Any, forced: Forced
) -> None:
    items = [
        *(movie("a", external_ids=imdb("tt1")), movie("b", "Same")),
        *(movie("again", "A", external_ids=imdb("tt1")), movie("b again", "Same")),
    ]

    assert await imported(writer, forced, items) == (2, 0, 0, 2)

    assert forced.reasons == [("again", "DUPLICATE"), ("b again", "DUPLICATE")]


async def test_names_that_the_chunk_before_has_made_are_found(
    writer: ConnectArgs, connection: Any, forced: Forced
) -> None:
    people = [{"person_id": "Ann", "role": "ACTOR"}]

    assert await imported(writer, forced, movies(6, tags=["New", "new "], credits=people)) == (6, 0, 0, 0)

    assert await connection.fetchval("SELECT count(*) FROM tag") == 1
    assert await connection.fetchval("SELECT count(*) FROM person") == 1
    assert await connection.fetchval("SELECT count(*) FROM media_person") == 6


async def test_what_hangs_on_an_item_of_the_chunk_before_finds_it(
    writer: ConnectArgs, connection: Any, forced: Forced
) -> None:
    items: list[Reading] = [movie("x"), movie("show", kind="SERIES")]
    items += [movie(f"s{one}", parent="show", kind="SEASON", season_number=one) for one in (1, 2)]
    items += [movie(f"e{one}", parent="s2", kind="EPISODE", episode_number=one) for one in (1, 2)]
    items += [movie("orphan", parent="nobody", kind="EPISODE", episode_number=1), movie("y")]

    assert await imported(writer, forced, items) == (7, 0, 0, 1)

    assert forced.reasons == [("orphan: parent", "NOT_FOUND")]
    assert forced.taken == 2
    parents = "SELECT p.season_number FROM media m JOIN media p ON p.id = m.parent_id WHERE m.kind = 'EPISODE'"
    assert [row[0] for row in await connection.fetch(parents)] == [2, 2]


async def test_what_is_wrong_with_an_item_of_a_chunk_that_is_read_ahead_fails_alone(
    writer: ConnectArgs, connection: Any, forced: Forced
) -> None:
    items: list[Reading] = [
        *(movie("a"), movie("b")),
        *(movie("c", year=10**12), movie("d", tags=["fine", ""])),
        *(movie("e", tags=["only of one that fails"], runtime_minutes="long"), unreadable("line 6")),
        *(movie("e"), movie("f", files=[{"path": "/f", "size": 1, "state": "PRESENT", "nothing": 1}])),
        movie("g"),
    ]

    assert await imported(writer, forced, items) == (4, 0, 0, 5)

    assert sorted(where.partition(":")[0] for where, _ in forced.reasons) == ["c", "d", "e", "f", "line 6"]
    assert await connection.fetchval("SELECT count(*) FROM tag") == 0


async def test_what_turns_out_to_be_known_is_not_made_again(
    writer: ConnectArgs, connection: Any, forced: Forced
) -> None:
    assert await imported(writer, forced, movies(2, first=4)) == (2, 0, 0, 0)

    assert await imported(writer, forced, movies(8)) == (6, 0, 2, 0)  # the third chunk was expected to be new

    assert await connection.fetchval("SELECT count(*) FROM media") == 8
    assert forced.taken == 1
    assert await imported(writer, forced, movies(8, year=1999)) == (0, 8, 0, 0)
    assert forced.taken == 0


async def test_a_transaction_that_is_begun_anew_reads_its_items_again(
    writer: ConnectArgs, connection: Any, forced: Forced, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[bool] = []

    async def overtaken(*given: Any, **options: Any) -> list[Result]:
        calls.append(isinstance(given[1], ReadItems))
        results = await upsert_media(*given, **options)
        if len(calls) == 2:
            raise BeginAnewError
        return results

    monkeypatch.setattr(store, "upsert_media", overtaken)
    assert await imported(writer, forced, movies(6, tags=["a"])) == (6, 0, 0, 0)

    assert calls == [False, True, False, True]  # the second one was the one that was overtaken
    assert await connection.fetchval("SELECT count(*) FROM media") == 6
    await assert_no_drift(connection)


async def test_a_catalogue_is_the_same_whichever_comes_first(
    writer: ConnectArgs, connection: Any, forced: Forced, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ListSource(movies(9, tags=["x", "y"], credits=[{"person_id": "Ann", "role": "DIRECTOR"}]))
    assert await imported(writer, forced, source.readings) == (9, 0, 0, 0)
    found = await catalogue(connection)

    monkeypatch.setattr(Preparer, "prepare", unprepared)
    assert numbers(await run(writer, source, library=await add_library(connection, "B"), chunk=SIZE)) == (9, 0, 0, 0)
    both = await catalogue(connection)
    for table in ("media_tag", "media_person"):
        assert both[table] == sorted([*found[table], *(one.replace(",Movies,", ",B,") for one in found[table])])


async def unprepared(preparer: Preparer, readings: Sequence[Reading]) -> Prepared:
    return Prepared(readings)


async def test_an_error_is_told_where_the_source_has_had_nothing_for_a_while(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(ahead: ReadAhead) -> AsyncIterator[Prepared]:
        yield Prepared([])

    async def failing(*_: Any) -> None:
        raise ValueError("not stored")

    await add_library(connection, kind=None)
    monkeypatch.setattr(ReadAhead, "chunks", nothing)
    monkeypatch.setattr(store.ChunkStore, "store", failing)

    with pytest.raises(ValueError, match="not stored"):
        await run(writer, [])
