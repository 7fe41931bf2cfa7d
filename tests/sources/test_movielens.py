"""Folders of MovieLens, of any order and size."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from catalog.upsert.item import Status
from sources import spilled_sums
from sources.formats import open_source
from sources.movielens import MovieLensSource
from sources.source import SourceError, SourceItem
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.reading import check_resuming, failures_of, import_all, items_of, read_all, read_location, titles_of
from tests.support.real_data import SHARED

SMALL = SHARED / "data" / "movielens-small"
has_small = pytest.mark.skipif(not SMALL.is_dir(), reason="movielens-small is not here")

FILES = {
    "movies.csv": 'movieId,title,genres\n1,"Matrix, The (1999)",Action|Sci-Fi\n2,Heat (1995),(no genres listed)\n',
    "links.csv": "movieId,imdbId,tmdbId\n2,113277,949\n1,0133093,\n9,1,1\n",
    "tags.csv": "userId,movieId,tag,timestamp\n1,1,cyber,1\n2,1,Cyber,1\n3,1,war,1\n3,1,war,2\n3,1, ,2\n",
    "ratings.csv": "userId,movieId,rating,timestamp\n1,2,5.0,1\n1,1,4.5,1\n2,2,4.0,1\n3,2,4.0,1\n",
}


def folder_of(path: Path, **files: str) -> Path:
    for name, text in {**FILES, **{f"{name}.csv": text for name, text in files.items()}}.items():
        if text:
            (path / name).write_text(text)
    return path


def told(found: SourceItem) -> tuple[Any, ...]:
    lists = found.item.lists
    ids = [f"{one['source']}:{one['value']}" for one in lists["external_ids"]]
    return found.key, found.item.values, ids, lists["genres"], lists["tags"]


@pytest.mark.parametrize("held", [50_000, 1])
async def test_movies_have_what_the_other_files_say_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(spilled_sums, "MAX_HELD", held)
    opened = await open_source(str(folder_of(tmp_path)))
    found = await read_all(opened.source)

    assert opened.format.name == "movielens"
    assert failures_of(found) == []
    none = {"original_title": None}
    assert [told(one) for one in items_of(found)] == [
        (
            *("1", {"title": "The Matrix", "year": 1999, "rating_tenths": 90, **none}),
            *(["movielens:1", "imdb:tt0133093"], ["Action", "Sci-Fi"], ["war", "Cyber"]),
        ),
        (
            *("2", {"title": "Heat", "year": 1995, "rating_tenths": 87, **none}),
            *(["movielens:2", "imdb:tt0113277", "tmdb:949"], [], []),
        ),
    ]


async def test_movies_alone_are_enough_and_what_is_missing_is_said(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, links="", tags="", ratings="")
    opened = await open_source(str(folder))
    assert titles_of(await read_all(opened.source)) == ["The Matrix", "Heat"]
    assert isinstance(opened.source, MovieLensSource)
    assert opened.source.warnings == ["There is no links.csv.", "There is no tags.csv.", "There is no ratings.csv."]


async def test_rows_that_cannot_be_read_are_told_with_their_file(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        movies="movieId,title,genres\n1,A (1999),\n2,B\n,C,\n4,,\n",
        links="movieId,imdbId,tmdbId\n1,tt1,2\n",
        ratings="userId,movieId,rating,timestamp\n1,1,good,1\n",
    )
    found = await read_location(folder)
    assert titles_of(found) == ["A"]
    assert failures_of(found) == [
        ("links.csv line 2", "imdbId is a number."),
        ("ratings.csv line 2", "A number is needed here."),
        ("movies.csv line 3", "It has 2 columns, the header 3."),
        ("movies.csv line 4", "movieId: This is needed."),
        ("movies.csv line 5", "title: This is needed."),
    ]
    after = await read_all(MovieLensSource(str(folder)), found[2].position)
    assert len(after) == 3  # what the other files lack is told once


async def test_a_text_that_can_be_no_tag_keeps_no_movie_out(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, tags=f"userId,movieId,tag,timestamp\n1,1,{'x' * 300},1\n1,1,good,1\n")
    source = MovieLensSource(str(folder))
    assert items_of(await read_all(source))[0].item.lists["tags"] == ["good"]
    assert source.warnings == [f"A text of tags.csv that can be no tag is not read: {'x' * 50}."]


async def test_what_is_no_folder_of_movielens_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no movies\.csv"):
        await read_location(tmp_path, "movielens")
    folder_of(tmp_path, movies="id,title\n1,A\n")
    with pytest.raises(SourceError, match=r"movies\.csv has no column movieId"):
        await read_location(tmp_path, "movielens")


async def test_reading_goes_on_after_any_movie(tmp_path: Path) -> None:
    await check_resuming(MovieLensSource(str(folder_of(tmp_path))))


@has_small
async def test_the_small_folder_is_read_with_exact_numbers() -> None:
    found = await read_location(SMALL)
    items = items_of(found)
    lists = [one.item.lists for one in items]

    assert (len(items), failures_of(found)) == (9_742, [])
    assert sum(one.item.values["year"] is None for one in items) == 12
    assert sum(one["genres"] == [] for one in lists) == 34
    assert len({genre for one in lists for genre in one["genres"]}) == 19
    assert Counter(row["source"] for one in lists for row in one["external_ids"]) == {
        **{"movielens": 9_742, "imdb": 9_742, "tmdb": 9_734}
    }
    assert sum(len(one["tags"]) for one in lists) == 3_574
    assert sum(bool(one["tags"]) for one in lists) == 1_572
    matrix = next(one for one in items if one.key == "2571")
    assert matrix.item.values == {"title": "The Matrix", "year": 1999, "original_title": None}
    assert [one["value"] for one in matrix.item.lists["external_ids"]] == ["2571", "tt0133093", "603"]
    assert not [title for title in titles_of(found) if title.endswith((", The", ", A", ", Les", " )", "9)"))]


@has_small
async def test_the_small_folder_becomes_media(api: Api, connection: Any) -> None:
    await add_library(connection)
    found = items_of(await read_location(SMALL))[:300]
    results = await import_all(api, list(found))
    assert Counter(one.status for one in results) == {Status.CREATED: 300}
    again = await import_all(api, list(found))
    assert Counter(one.status for one in again) == {Status.UNCHANGED: 300}
