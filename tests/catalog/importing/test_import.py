"""Imports: items come in by chunks, are known again by their keys, and what fails fails alone."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.importing.progress import ImportCounts
from catalog.upsert.item import OnConflict
from database.connect_args import ConnectArgs
from domain.errors import CatalogError
from domain.viewer import Viewer
from sources.source import Reading, SourceError, SourceItem
from tests.support.derived import assert_no_drift, delete_media
from tests.support.factories import add_library
from tests.support.importing import ListSource, Told, catalogue, movie, movies, numbers, run, unreadable
from tests.support.upserting import FULL, all_rows, file, imdb, item

MEDIA = "SELECT title FROM media ORDER BY id"


@pytest.fixture(autouse=True)
async def library(connection: Any) -> None:
    await add_library(connection, kind=None)


async def titles(connection: Any) -> list[str]:
    return [row[0] for row in await connection.fetch(MEDIA)]


async def test_items_come_in_by_chunks(writer: ConnectArgs, connection: Any) -> None:
    told = Told()

    counts = await run(writer, movies(25), told, chunk=10)

    assert numbers(counts) == (25, 0, 0, 0)
    assert [one.created for one in told.counts] == [10, 20, 25]
    assert told.totals == [25, 25, 25]
    assert await titles(connection) == [f"Movie {one}" for one in range(25)]
    await assert_no_drift(connection)


async def test_what_is_unchanged_is_not_touched(writer: ConnectArgs, connection: Any) -> None:
    items = [movie("a", **FULL), *movies(20)]
    await run(writer, items, chunk=10)
    before = await all_rows(connection)

    assert numbers(await run(writer, items, chunk=7)) == (0, 0, 21, 0)

    after = await all_rows(connection)
    assert {name for name in after if after[name] != before[name]} == {"import_source"}


async def test_what_has_changed_is_updated_by_its_key(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, [movie("a", "Old", year=1999, tags=["x", "y"]), *movies(3)])

    counts = await run(writer, [movie("a", "New", year=2000, tags=["y", "z"]), *movies(3)])

    assert numbers(counts) == (0, 1, 3, 0)
    assert await titles(connection) == ["New", "Movie 0", "Movie 1", "Movie 2"]
    tags = "SELECT t.name FROM media_tag m JOIN tag t ON t.id = m.tag_id ORDER BY 1"
    assert [row[0] for row in await connection.fetch(tags)] == ["y", "z"]


async def test_lists_are_added_to_where_that_is_asked_for(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, [movie("a", tags=["x"])], on_conflict=OnConflict.MERGE)
    await run(writer, [movie("a", tags=["y"])], on_conflict=OnConflict.MERGE)

    assert await connection.fetchval("SELECT count(*) FROM media_tag") == 2


async def test_what_was_edited_by_hand_stays_until_the_source_changes_it(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, [movie("a", year=1999)])
    await connection.execute("UPDATE media SET year = 1980")

    assert numbers(await run(writer, [movie("a", year=1999)])) == (0, 0, 1, 0)
    assert await connection.fetchval("SELECT year FROM media") == 1980
    assert numbers(await run(writer, [movie("a", year=2000)])) == (0, 1, 0, 0)
    assert await connection.fetchval("SELECT year FROM media") == 2000


async def test_what_was_deleted_by_hand_comes_back(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, movies(3))
    await connection.execute("DELETE FROM media WHERE title = 'Movie 1'")

    assert numbers(await run(writer, movies(3))) == (1, 0, 2, 0)
    assert await titles(connection) == ["Movie 0", "Movie 2", "Movie 1"]


async def test_items_find_media_that_are_there(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, [movie("a", "Heat", external_ids=imdb("tt1"))], location="one")

    counts = await run(writer, [movie("z", "Heat!", external_ids=imdb("tt1"))], location="two")

    assert numbers(counts) == (0, 1, 0, 0)
    assert await titles(connection) == ["Heat!"]


def series(number: int = 12) -> list[SourceItem]:
    """A series with a season and episodes, which come after it."""
    episodes = [
        movie(f"e{one}", f"E {one}", parent="season", kind="EPISODE", season_number=1, episode_number=one)
        for one in range(1, number + 1)
    ]
    season = movie("season", "Season 1", parent="series", kind="SEASON", season_number=1)
    return [movie("series", "Series", kind="SERIES"), season, *episodes]


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
async def test_what_hangs_on_others_is_made_below_them_in_chunks_of_any_size(
    chunk: int, writer: ConnectArgs, connection: Any
) -> None:
    assert numbers(await run(writer, series(), chunk=chunk)) == (14, 0, 0, 0)

    below = "SELECT p.title, count(*) FROM media m JOIN media p ON p.id = m.parent_id GROUP BY 1 ORDER BY 1"
    assert [tuple(row) for row in await connection.fetch(below)] == [("Season 1", 12), ("Series", 1)]
    assert numbers(await run(writer, series(), chunk=chunk)) == (0, 0, 14, 0)


async def test_what_hangs_on_what_failed_fails_too(writer: ConnectArgs, connection: Any) -> None:
    told = Told()
    items = [movie("series", "\x00", kind="SERIES"), *series(2)[1:]]

    counts = await run(writer, items, told, chunk=2)

    assert numbers(counts) == (0, 0, 0, 4)
    assert counts.reasons == {"BAD_ARGUMENT": 2, "NOT_FOUND": 2}  # the second one stands in the same chunk
    assert told.reasons[0] == ("series: title", "BAD_ARGUMENT")


async def test_what_fails_is_told_with_its_place_and_reason_and_the_rest_gets_in(
    writer: ConnectArgs, connection: Any
) -> None:
    told = Told()
    items: list[Reading] = [
        movie("good", tags=["x"]),
        unreadable("line 2"),
        movie("bad", tags=["x", ""]),
        movie("b\x00d"),
        movie("x" * 1_001),
        movie("good", "Again"),
        movie("odd", external_ids=[{"value": "no source"}]),
        movie("late", year=1999),
    ]

    counts = await run(writer, items, told)

    assert numbers(counts) == (2, 0, 0, 6)
    assert sorted(told.reasons) == sorted(
        [
            ("line 2", "UNREADABLE"),
            ("bad: tags.1", "BAD_ARGUMENT"),
            ("b\x00d", "BAD_ARGUMENT"),
            ("x" * 1_001, "BAD_ARGUMENT"),
            ("good", "DUPLICATE"),
            ("odd: externalIds.0.source", "BAD_ARGUMENT"),
        ]
    )
    [bad] = [one for one in told.failures if one.where.startswith("bad")]
    assert '"tags":["x",""]' in bad.raw
    assert await titles(connection) == ["good", "late"]
    assert numbers(await run(writer, items)) == (0, 0, 2, 6)


RAISE = "BEGIN IF NEW.title IN ('Movie 7', 'Movie 8') THEN RAISE EXCEPTION 'odd'; END IF; RETURN NEW; END"


@pytest.mark.parametrize("code", ["CONFLICT", "INTERNAL"])
async def test_an_item_that_the_database_refuses_does_not_take_its_chunk_along(
    code: str, writer: ConnectArgs, connection: Any
) -> None:
    if code == "CONFLICT":
        await connection.execute("ALTER TABLE media ADD CONSTRAINT odd CHECK (title NOT IN ('Movie 7', 'Movie 8'))")
    else:
        await connection.execute(f"CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $${RAISE}$$")
        await connection.execute("CREATE TRIGGER odd BEFORE INSERT ON media FOR EACH ROW EXECUTE FUNCTION odd()")
    told = Told()

    counts = await run(writer, movies(20), told)

    assert numbers(counts) == (18, 0, 0, 2)
    assert told.reasons == [("k7", code), ("k8", code)]
    assert await connection.fetchval("SELECT count(*) FROM media") == 18


@pytest.mark.parametrize("chunk", [1, 2, 100])
async def test_of_two_items_of_one_media_the_second_is_reported_at_every_run(
    chunk: int, writer: ConnectArgs, connection: Any
) -> None:
    items = [movie("a", "Heat", year=1995), movie("b", "HEAT", year=1995, tags=["x"]), movie("c", "heat", year=1995)]
    for created in (1, 0):
        told = Told()
        counts = await run(writer, items, told, chunk=chunk)
        assert numbers(counts) == (created, 0, 1 - created, 2)
        assert told.reasons == [("b", "DUPLICATE"), ("c", "DUPLICATE")]
    assert await titles(connection) == ["Heat"]
    assert await connection.fetchval("SELECT count(*) FROM media_tag") == 0


@pytest.mark.parametrize("chunk", [1, 2, 100])
async def test_what_hangs_on_a_duplicate_hangs_on_the_first(chunk: int, writer: ConnectArgs, connection: Any) -> None:
    episode = movie("e", "E", parent="again", kind="EPISODE", season_number=1, episode_number=1)
    items = [movie("series", kind="SERIES"), movie("again", "SERIES", kind="SERIES"), episode]

    assert numbers(await run(writer, items, chunk=chunk)) == (2, 0, 0, 1)
    assert numbers(await run(writer, items, chunk=chunk)) == (0, 0, 2, 1)
    assert await connection.fetchval("SELECT p.title FROM media m JOIN media p ON p.id = m.parent_id") == "series"


async def test_a_dry_run_tells_what_would_be_and_changes_nothing(writer: ConnectArgs, connection: Any) -> None:
    await run(writer, [movie("a", year=1999), movie("b")])
    before = await all_rows(connection)

    told = Told()
    items: list[Reading] = [movie("a", year=2000), movie("b"), *series(5), movie("bad", tags=[""])]
    counts = await run(writer, items, told, is_dry_run=True, chunk=2)

    assert numbers(counts) == (7, 1, 1, 1)
    assert told.reasons == [("bad: tags.0", "BAD_ARGUMENT")]
    assert await all_rows(connection) == before
    assert numbers(await run(writer, items, is_dry_run=True, location="another"))[0] >= 7
    assert await all_rows(connection) == before


async def test_a_source_that_cannot_be_read_leaves_what_it_gave(writer: ConnectArgs, connection: Any) -> None:
    source = ListSource(movies(30))

    def fail(number: int) -> None:
        if number == 25 and not fixed:
            raise SourceError("it is gone")

    fixed = False
    source.before = fail
    with pytest.raises(SourceError):
        await run(writer, source, chunk=10)
    assert await connection.fetchval("SELECT count(*) FROM media") == 20

    fixed = True
    counts = await run(writer, source, chunk=10)
    assert source.read_from == ["", "20"]
    assert counts == ImportCounts(created=30)


async def test_a_run_of_another_plan_begins_anew(writer: ConnectArgs, connection: Any) -> None:
    source = ListSource(movies(30))

    class Stop(Told):
        def told(self, counts: ImportCounts, total: int | None, item: str) -> None:
            raise RuntimeError

    for options in ({}, {"on_conflict": OnConflict.MERGE}, {"on_conflict": OnConflict.MERGE}, {"restarts": True}):
        with pytest.raises(RuntimeError):
            await run(writer, source, Stop(), chunk=10, **options)
    assert source.read_from == ["", "", "10", ""]


async def test_a_library_that_is_not_there_or_not_visible_is_refused(writer: ConnectArgs) -> None:
    for options in ({"library": 99}, {"viewer": Viewer((2,))}):
        with pytest.raises(CatalogError) as raised:
            await run(writer, movies(1), **options)
        assert raised.value.extensions["code"] == "NOT_FOUND"


async def test_reading_is_ahead_of_storing_by_a_chunk_at_most(writer: ConnectArgs) -> None:
    source = ListSource(movies(100))
    ahead = []

    class Ahead(Told):
        def told(self, counts: ImportCounts, total: int | None, item: str) -> None:
            ahead.append(source.given - counts.created)

    await run(writer, source, Ahead(), chunk=5)
    assert max(ahead) == 5


async def test_the_same_source_in_chunks_of_any_size_is_the_same_catalogue(
    writer: ConnectArgs, connection: Any
) -> None:
    items = [*series(6), *movies(9, tags=["a", "b"]), movie("full", **FULL)]
    found = []
    for chunk in (1, 4, 1_000):
        await run(writer, items, chunk=chunk)
        found.append(await catalogue(connection))
        await delete_media(connection)
        await connection.execute("DELETE FROM release")  # they outlive their media
    assert found[0] == found[1] == found[2]
    assert len(found[0]["media"]) == 18


def test_items_of_the_tests_are_items() -> None:
    assert movie("a", files=file("/x")).item == item(0, "a", None, files=file("/x"))
