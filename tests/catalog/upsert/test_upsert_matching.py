"""Which media an item of an upsert is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.upsert.item import MatchBy, Status
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.factories import add_external_id, add_library, add_media, add_media_file
from tests.support.upserting import failures, file, imdb, item, upsert, upserted

TWO = [*imdb("tt1"), {"source": "tmdb", "value": "7"}]


@pytest.fixture
async def media(connection: Any) -> int:
    """A movie that has every key."""
    library = await add_library(connection)
    number = await add_media(connection, library, "Amélie", year=2001)
    await add_external_id(connection, number, "imdb", "tt1")
    await add_media_file(connection, number, "/a.mkv")
    return number


async def test_a_media_is_found_by_each_of_its_keys(api: Api, media: int) -> None:
    for one in (
        item(id=media, title="Amelie"),
        item(title="By an external id", external_ids=imdb("tt1")),
        item(title="By one of two", external_ids=TWO),
        item(title="By a path", files=file("/a.mkv")),
        item(title="Amélie", year=2001),
        item(title=" AMELIE ", year=2001),
    ):
        await upsert(api, [item(id=media, title="Amélie", year=2001)])
        assert await upserted(api, one) == [media]


async def test_another_year_kind_or_library_is_another_media(api: Api, connection: Any, media: int) -> None:
    other = await add_library(connection, "Other")
    made = await upserted(
        api,
        item(0, "Amélie"),
        item(1, "Amélie", year=2002),
        item(2, "Amélie", other, year=2001),
    )
    assert media not in made
    assert len(set(made)) == 3


async def test_keys_of_several_media_are_ambiguous_and_fail_alone(api: Api, connection: Any, media: int) -> None:
    other = await add_media(connection, 1, "B")
    await add_external_id(connection, other, "tmdb", "7")

    assert await failures(
        api,
        item(0, None, None, external_ids=TWO),
        item(1, "New"),
        item(2, None, None, id=other, files=file("/a.mkv")),
    ) == [("AMBIGUOUS", "external_ids.1"), ("CREATED", ""), ("AMBIGUOUS", "files.0")]


async def test_keys_that_matchby_does_not_name_may_not_be_taken_from_another(api: Api, media: int) -> None:
    one = item(title="New", external_ids=imdb("tt1"))

    assert await failures(api, one, match_by=[MatchBy.PATH, MatchBy.TITLE]) == [("AMBIGUOUS", "external_ids.0")]
    assert await failures(api, item(id=media), match_by=[MatchBy.TITLE]) == [("BAD_ARGUMENT", "id")]


async def test_a_title_that_goes_first_decides(api: Api, connection: Any, media: int) -> None:
    other = await add_media(connection, 1, "B")
    one = item(title="B", external_ids=imdb("tt1"))

    assert await failures(api, one, match_by=[MatchBy.TITLE, MatchBy.EXTERNAL_ID]) == [("AMBIGUOUS", "title")]
    assert await upserted(api, one, match_by=[MatchBy.EXTERNAL_ID, MatchBy.TITLE]) == [media]
    assert await upserted(
        api, item(title="B", external_ids=imdb("tt2")), match_by=[MatchBy.TITLE, MatchBy.EXTERNAL_ID]
    ) == [other]


async def test_without_title_among_the_keys_another_of_the_same_title_is_made(api: Api, media: int) -> None:
    one = item(title="Amélie", year=2001, external_ids=imdb("tt2"))

    [made] = await upserted(api, one, match_by=[MatchBy.EXTERNAL_ID])
    assert made != media
    assert await upserted(api, one, match_by=[MatchBy.EXTERNAL_ID]) == [made]


async def test_a_title_is_no_media_that_the_same_service_calls_otherwise(api: Api, media: int) -> None:
    same = item(title="Amélie", year=2001, external_ids=[{"source": "tmdb", "value": "7"}])
    other = item(title="Amélie", year=2001, external_ids=imdb("tt2"))
    both = item(title="Amélie", year=2001, external_ids=[*imdb("tt3"), *imdb("tt1")])

    [made] = await upserted(api, other)
    assert made != media
    assert await upserted(api, both) == [media]
    assert await failures(api, item(title="Amélie", year=2001)) == [("AMBIGUOUS", "title")]
    assert await failures(api, same) == [("AMBIGUOUS", "title")]


async def test_an_external_id_of_another_source_is_added_to_one_that_was_found_by_its_title(
    api: Api, connection: Any, media: int
) -> None:
    same = item(title="Amélie", year=2001, external_ids=TWO[1:])

    assert await upserted(api, same) == [media]
    assert await connection.fetch("SELECT source FROM external_id") == [("tmdb",)]


async def test_of_items_that_mean_one_media_the_first_is_done(api: Api, media: int) -> None:
    assert await failures(
        api,
        item(0, id=media, title="Amélie", year=2001),
        item(1, "X", external_ids=imdb("tt1")),
        item(2, "Amélie", year=2001),
        item(3, "New"),
        item(4, "NEW", kind="MOVIE"),
        item(5, "New", external_ids=imdb("tt9")),
        item(6, "Other", external_ids=imdb("tt9")),
        item(7, "Third", files=file("/n.mkv")),
        item(8, "Fourth", files=file("/n.mkv")),
    ) == [
        ("UNCHANGED", ""),
        ("DUPLICATE", ""),
        ("DUPLICATE", ""),
        ("CREATED", ""),
        ("DUPLICATE", ""),
        ("DUPLICATE", ""),
        ("CREATED", ""),
        ("CREATED", ""),
        ("DUPLICATE", ""),
    ]


async def test_two_of_one_title_that_a_service_tells_apart_are_two(api: Api, connection: Any) -> None:
    await add_library(connection)
    items = [item(0, external_ids=imdb("tt1")), item(1, external_ids=imdb("tt2"))]

    made = await upserted(api, *items)
    assert len(set(made)) == 2
    assert await upserted(api, *items) == made


async def test_an_id_that_is_not_there_fails_and_a_version_of_nothing_too(api: Api, connection: Any) -> None:
    await add_library(connection)
    assert await failures(api, item(0, id=77), item(1, id=2**63), item(2, "New", version=1)) == [
        ("NOT_FOUND", "id"),
        ("BAD_ARGUMENT", "id"),
        ("NOT_FOUND", "version"),
    ]
    assert await connection.fetchval("SELECT count(*) FROM media") == 0


async def test_a_version_that_is_known_no_more_fails_alone(api: Api, connection: Any, media: int) -> None:
    assert await failures(api, item(0, "X", id=media, version=1)) == [("UPDATED", "")]
    assert await failures(api, item(0, "Y", id=media, version=1), item(1, "Z")) == [
        ("VERSION_CONFLICT", "version"),
        ("CREATED", ""),
    ]
    assert await connection.fetchval("SELECT title FROM media WHERE id = $1", media) == "X"


async def test_hidden_libraries_tell_nothing(api: Api, connection: Any, media: int) -> None:
    seen = await add_library(connection, "Seen")
    viewer = Viewer(libraries=(seen,))
    hidden = [
        item(0, "Amélie", year=2001),
        item(1, None, None, id=media),
        item(2, "X", seen, external_ids=imdb("tt1")),
        item(3, "X", seen, files=file("/a.mkv")),
    ]
    missing = [item(0, "Not there", year=2001), item(1, None, None, id=999)]

    results = await upsert(api, hidden, viewer)
    others = await upsert(api, missing, viewer)

    assert [one.code for one in results] == ["NOT_FOUND"] * 4
    assert [one.message for one in results[:2]] == [one.message for one in others]
    assert await connection.fetchval("SELECT count(*) FROM media") == 1


async def test_an_item_moves_its_media_only_into_libraries_that_may_be_changed(
    api: Api, connection: Any, media: int
) -> None:
    other = await add_library(connection, "Other")
    one = item(id=media, title=None, library=other)

    assert [one.status for one in await upsert(api, [one], Viewer(libraries=(1,)))] == [Status.FAILED]
    assert await failures(api, one, viewer=Viewer(libraries=(1,))) == [("NOT_FOUND", "library_id")]
    assert await failures(api, one, viewer=Viewer(libraries=(1, other))) == [("UPDATED", "")]
    assert await failures(api, replace(one, values={"library_id": 99})) == [("NOT_FOUND", "library_id")]
