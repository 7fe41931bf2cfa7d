"""What is gone from a source goes from the catalogue when that is asked for, and what was moved stays."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from catalog.upsert.item import OnConflict
from database.connect_args import ConnectArgs
from domain.errors import CatalogError
from sources.source import Reading, SourceItem, Unreadable
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library
from tests.support.importing import ListSource, Told, movie, movies, numbers, run, unreadable
from tests.support.upserting import file


@pytest.fixture(autouse=True)
async def library(connection: Any) -> None:
    await add_library(connection, kind=None)


async def count(connection: Any, table: str = "media") -> int:
    return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))


async def refused(writer: ConnectArgs, source: Any, told: Told | None = None, **options: Any) -> str:
    with pytest.raises(CatalogError) as raised:
        await run(writer, source, told, prunes=True, **options)
    return str(raised.value.extensions["code"])


async def test_media_of_items_that_are_gone_are_deleted_and_leave_tombstones(
    writer: ConnectArgs, connection: Any
) -> None:
    await run(writer, movies(20))
    told = Told()

    counts = await run(writer, movies(17, 3), told, prunes=True, chunk=2)

    assert (counts.pruned, numbers(counts)) == (3, (0, 0, 17, 0))
    assert told.examples == [(20, 3, ["Movie 0 (k0)", "Movie 1 (k1)", "Movie 2 (k2)"])]
    assert await count(connection) == await count(connection, "import_item") == 17
    assert await connection.fetchval("SELECT count(*) FROM media_change WHERE type = 'DELETED'") == 3
    await assert_no_drift(connection)


async def test_more_than_the_plan_allows_is_refused_until_that_is_said(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, movies(20))
    told = Told()

    assert await refused(writer, movies(15), told) == "PRUNE_REFUSED"
    assert (told.examples[0][:2], await count(connection)) == ((20, 5), 20)
    source = ListSource(movies(15))
    assert (await run(writer, source, prunes=True, max_pruned=25)).pruned == 5
    assert source.read_from == [""]  # not as the end of the run that was refused: it may be whole by now


async def test_an_empty_source_is_refused(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, movies(3))
    assert await refused(writer, []) == "PRUNE_REFUSED"
    assert await count(connection) == 3


async def test_what_could_not_be_read_is_not_taken_for_gone(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, movies(20))
    readings: list[Reading] = [*movies(19), unreadable("line 20")]

    assert await refused(writer, ListSource(readings, knows=False)) == "PRUNE_REFUSED"
    assert (await run(writer, ListSource(readings), prunes=True)).pruned == 1  # which knows that it is gone


async def test_what_the_source_says_is_there_stays(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, movies(20))
    source = ListSource(movies(19))
    source.keys.add("k19")
    assert (await run(writer, source, prunes=True)).pruned == 0
    assert await count(connection) == 20


async def test_media_that_another_source_has_stay(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, movies(20), location="one")
    await run(writer, movies(1, 19), location="two")

    counts = await run(writer, movies(18), location="one", prunes=True)

    assert (counts.pruned, counts.released) == (1, 1)
    assert await count(connection) == 19
    assert (await run(writer, [], location="two", prunes=True, max_pruned=100)).pruned == 1


def family() -> list[SourceItem]:
    season = movie("season", parent="series", kind="SEASON", season_number=1)
    episode = movie("a", parent="season", kind="EPISODE", season_number=1, episode_number=1)
    return [movie("series", kind="SERIES"), season, episode]


@pytest.mark.parametrize("chunk", [1, 100])
async def test_families_go_from_the_leaves(chunk: int, writer: ConnectArgs, connection: Any) -> None:
    await run(writer, [*family(), *movies(2)])
    assert (await run(writer, movies(2), prunes=True, max_pruned=60, chunk=chunk)).pruned == 3


async def test_what_others_hang_on_stays_and_is_told(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, [*family(), *movies(2)], location="one")
    await run(writer, family(), location="two")
    await connection.execute("DELETE FROM import_item WHERE source_id = 2 AND key <> 'a'")
    told = Told()

    counts = await run(writer, movies(2), told, location="one", prunes=True, max_pruned=60)

    assert (counts.pruned, counts.released, counts.reasons) == (0, 1, {"HAS_CHILDREN": 2})
    assert told.reasons == [("season", "HAS_CHILDREN"), ("series", "HAS_CHILDREN")]


async def test_a_dry_run_counts_what_would_go(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, movies(20))
    told = Told()

    counts = await run(writer, movies(18), told, prunes=True, is_dry_run=True)

    assert (counts.pruned, numbers(counts), told.examples[0][:2]) == (2, (0, 0, 18, 0), (20, 2))
    assert await count(connection) == 20
    assert (await run(writer, movies(18), prunes=True)).pruned == 2


async def test_a_run_that_was_interrupted_prunes_what_neither_part_has_seen(
    writer: ConnectArgs, connection: Any
) -> None:
    await run(writer, movies(20))

    class Stop(Told):
        def told(self, *_: Any) -> None:
            raise RuntimeError

    for _ in range(3):
        with pytest.raises(RuntimeError):
            await run(writer, movies(18), Stop(), prunes=True, chunk=5)
    assert (await run(writer, movies(18), prunes=True, chunk=5)).pruned == 2
    assert await count(connection) == 18


FILES = "SELECT m.id, f.id, f.path, f.name FROM media m JOIN media_file f ON f.media_id = m.id ORDER BY m.id"


async def files(connection: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.fetch(FILES)]


@pytest.mark.parametrize("mode", ["REPLACE", "MERGE"])
async def test_a_file_that_was_moved_keeps_its_media(mode: str, writer: ConnectArgs, connection: Any) -> None:
    await run(
        writer, [movie("a.mkv", "Heat", files=file("/a.mkv", hash="h1")), *movies(3)], on_conflict=OnConflict[mode]
    )
    await connection.execute("UPDATE media SET rating_tenths = 90 WHERE title = 'Heat'")
    told = Told()
    moved = [movie("x/b.mkv", "Heat 1995", files=file("/x/b.mkv", hash="h1")), *movies(3)]

    counts = await run(writer, moved, told, prunes=True, on_conflict=OnConflict[mode])

    assert (counts.moved, counts.pruned, numbers(counts)) == (1, 0, (0, 1, 3, 0))
    assert await files(connection) == [(1, 1, "/x/b.mkv", "b.mkv")]
    assert await connection.fetchval("SELECT title || rating_tenths FROM media WHERE id = 1") == "Heat 199590"
    assert numbers(await run(writer, moved, on_conflict=OnConflict[mode])) == (0, 0, 4, 0)
    await assert_no_drift(connection)


async def test_a_copy_of_a_file_is_no_move(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, [movie("a", files=file("/a", hash="h1"))])
    both = [movie("a", files=file("/a", hash="h1")), movie("b", files=file("/b", hash="h1"))]

    assert numbers(await run(writer, both)) == (1, 0, 1, 0)
    assert [row[2] for row in await files(connection)] == ["/a", "/b"]


async def test_a_source_is_asked_once_for_what_has_the_content_of_new_files(
    writer: ConnectArgs, connection: Any
) -> None:
    class Counting(ListSource):
        asked: ClassVar[list[str]] = []

        async def has(self, key: str) -> bool | None:
            self.asked.append(key)
            return await super().has(key)

    def of(name: str) -> SourceItem:
        return movie(name, name, files=file(f"/{name}", hash="h1"))

    old = [of(f"a{number}") for number in range(5)]
    await run(writer, [*old, of("gone")])
    copies = [of(f"b{number}") for number in range(20)]

    counts = await run(writer, Counting([*old, *copies]), chunk=5)

    assert (counts.moved, counts.created) == (1, 19)
    assert sorted(Counting.asked) == ["a0", "a1", "a2", "a3", "a4", "gone"]


async def test_two_that_changed_places_are_each_their_own(writer: ConnectArgs, connection: Any) -> None:
    one, two = file("/1", hash="h1"), file("/2", hash="h2")
    await run(writer, [movie("1", "One", files=one), movie("2", "Two", files=two)])
    moved = [
        movie("3", "One", files=file("/3", hash="h1")),
        movie("4", "Two", files=file("/4", hash="h2")),
    ]
    counts = await run(writer, moved, prunes=True)
    assert (counts.moved, counts.pruned) == (2, 0)
    assert [row[2] for row in await files(connection)] == ["/3", "/4"]


async def test_what_comes_after_a_damaged_end_is_not_taken_for_gone(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, movies(20))
    readings: list[Reading] = [*movies(19), Unreadable("the end of the file", "it is broken", stops=True)]

    assert await refused(writer, readings, chunk=5) == "PRUNE_REFUSED"
    assert await refused(writer, readings, is_dry_run=True) == "PRUNE_REFUSED"
    assert await count(connection) == 20


async def test_of_a_source_with_faults_only_what_it_knows_to_be_gone_is_deleted(
    writer: ConnectArgs, connection: Any
) -> None:
    class Unsure(ListSource):
        async def has(self, key: str) -> bool | None:
            return None if key == "k19" else await super().has(key)

    await run(writer, movies(20))
    readings: list[Reading] = [*movies(18), unreadable("a folder")]

    assert (await run(writer, Unsure(readings), prunes=True)).pruned == 1
    assert (
        await connection.fetchval("SELECT string_agg(key, ' ') FROM import_item WHERE key > 'k17' AND key < 'k2'")
        == "k19"
    )
