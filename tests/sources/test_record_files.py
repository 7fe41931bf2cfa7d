"""Wikipedia-movies and vega-movies: collections with fields of their own."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from catalog.upsert.item import Status
from sources.formats import open_source
from sources.record_files import RecordFiles
from sources.source import Reading, SourceError
from sources.vega_movies import open_vega_movies
from sources.wikipedia_movies import open_wikipedia_movies, read_wikipedia_movie
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.reading import check_resuming, failures_of, import_all, items_of, read_location, titles_of
from tests.support.real_data import SHARED

WIKIPEDIA, VEGA = SHARED / "data" / "wikipedia-movies", SHARED / "data" / "vega-movies"
has_data = pytest.mark.skipif(not WIKIPEDIA.is_dir(), reason="wikipedia-movies is not here")

MOVIE: dict[str, Any] = {
    "title": "Goonies, The",
    "year": 1985,
    "cast": ["Sean Astin", "Josh Brolin", "and", "Sean Astin"],
    "genres": ["Adventure"],
    "href": "The_Goonies_(film)",
    "extract": "A film. ",
    "thumbnail": "https://upload.example.org/g.jpg",
    "thumbnail_width": 258,
    "thumbnail_height": 386,
}
RECORD: dict[str, Any] = {
    **{"Title": 2012, "US Gross": 5, "Worldwide Gross": None, "US DVD Sales": None, "Production Budget": 7},
    **{"Release Date": "Nov 13 2009", "MPAA Rating": "PG-13", "Running Time min": 158, "Distributor": "Sony"},
    **{"Source": "Original Screenplay", "Major Genre": "Action", "Creative Type": None, "Director": "R. Emmerich"},
    **{"Rotten Tomatoes Rating": 39, "IMDB Rating": 6.2, "IMDB Votes": 396},
}


def told_of(found: list[Reading]) -> list[tuple[str, str]]:
    """Where, but for the byte, and why of what could not be read."""
    return [(where.partition(", byte")[0], reason) for where, reason in failures_of(found)]


def written(folder: Path, *records: Any, name: str = "a.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(records))
    return path


async def test_a_movie_of_wikipedia_is_read(tmp_path: Path) -> None:
    [found] = items_of(await read_location(written(tmp_path, MOVIE), "wikipedia-movies"))
    assert found.key == "The_Goonies_(film)|The Goonies|1985"
    assert found.item.values == {
        **{"title": "The Goonies", "year": 1985, "overview": "A film."},
        "metadata": {"article": "The_Goonies_(film)"},
    }
    assert found.item.lists == {
        "genres": ["Adventure"],
        "external_ids": [{"source": "wikipedia", "value": "The_Goonies_(film)"}],
        "credits": [{"person_id": "Sean Astin", "role": "ACTOR"}, {"person_id": "Josh Brolin", "role": "ACTOR"}],
        "artwork": [{"type": "POSTER", "url": "https://upload.example.org/g.jpg", "width": 258, "height": 386}],
    }


@pytest.mark.parametrize(
    ("article", "has_id"),
    [("The_Goonies", True), ("The_Goonies_(1985_film)", True), ("Goonies_(franchise)#Film", False), (None, False)],
)
def test_an_article_is_an_id_of_the_movie_that_it_is_about(article: str | None, has_id: bool) -> None:
    assert ("externalIds" in read_wikipedia_movie({**MOVIE, "href": article})) == has_id


async def test_a_record_of_vega_is_read(tmp_path: Path) -> None:
    [found] = items_of(await read_location(written(tmp_path, RECORD), "vega-movies"))
    assert found.item.values == {
        **{"title": "2012", "year": 2009, "rating_tenths": 62, "runtime_minutes": 158},
        "metadata": {
            **{"usGross": 5, "productionBudget": 7, "rottenTomatoesRating": 39, "imdbVotes": 396},
            "releaseDate": "2009-11-13",
        },
    }
    assert found.item.lists == {
        "genres": ["Action"],
        "categories": [
            {"category": "MPAA rating", "value": "PG-13"},
            {"category": "source", "value": "Original Screenplay"},
            {"category": "distributor", "value": "Sony"},
        ],
        "credits": [{"person_id": "R. Emmerich", "role": "DIRECTOR"}],
    }


async def test_odd_titles_and_dates_of_vega_are_repaired_or_told(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"Title": "L\u00c8on"},
        {"Title": "Boot, Das"},
        {"Title": "King Kong (1933)", "Release Date": "Apr 07 2033"},
        {"Title": None},
        {"Title": True},
        {"Release Date": "Feb 30 2001"},
        {"Release Date": None},
        {"IMDB Rating": 11},
    ]
    found = await read_location(written(tmp_path, *({**RECORD, **one} for one in changes)), "vega-movies")
    assert [(one.item.values["title"], one.item.values["year"]) for one in items_of(found)] == [
        *[("L\u00e9on", 2009), ("Das Boot", 2009), ("King Kong", 1933), ("2012", None)]
    ]
    assert told_of(found) == [
        ("element 4", "Title: A title is needed here."),
        ("element 5", "Title: A title is needed here."),
        ("element 6", "Release Date: A date as in Jun 12 1998 is needed here."),
        ("element 8", "rating: A rating from 0 to 10 is needed here."),
    ]


async def test_records_of_wrong_types_are_told(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [{"title": 7}, {"cast": "Astin"}, {"genres": [1]}, {"year": []}, {"extract": [1]}]
    found = await read_location(written(tmp_path, 1, *({**MOVIE, **one} for one in changes)), "wikipedia-movies")
    assert told_of(found) == [
        ("element 1", "An object is needed here."),
        ("element 2", "title: A title is needed here."),
        ("element 3", "cast: A list of texts is needed here."),
        ("element 4", "genres: A list of texts is needed here."),
        ("element 5", "A whole number is needed here."),
        ("element 6", "A text is needed here."),
    ]


async def test_the_files_of_a_folder_are_read_by_name_and_resumed(tmp_path: Path) -> None:
    written(tmp_path, MOVIE, 1, {**MOVIE, "title": "B"}, name="b|2.json")
    written(tmp_path, {**MOVIE, "title": "A"}, name="a.json")
    (tmp_path / "c.json").write_text('[{"title": "cut')
    (tmp_path / "d.json").write_text("")
    (tmp_path / "e.json.gz").write_bytes(gzip.compress(b"[]")[:-9])
    written(tmp_path, {**MOVIE, "title": "F"}, name="f.json")
    (tmp_path / "LICENSE").write_text("MIT")
    found = await read_location(tmp_path)
    assert titles_of(found) == ["A", "The Goonies", "B", "F"]
    assert told_of(found) == [
        ("b|2.json element 2", "An object is needed here."),
        ("c.json element 1", "The JSON ends in the middle."),
        ("d.json", "The file is empty."),
        ("e.json.gz the end of the file", "The compressed file is damaged, or ends in the middle."),
    ]
    await check_resuming(RecordFiles(str(tmp_path), read_wikipedia_movie))


async def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no JSON file"):
        await read_location(tmp_path, "wikipedia-movies")


@has_data
async def test_wikipedia_movies_are_read_with_exact_numbers() -> None:
    opened = await open_source(str(WIKIPEDIA))
    found = await read_location(WIKIPEDIA)
    lists = [one.item.lists for one in items_of(found)]

    assert opened.format.name == "wikipedia-movies"
    assert (len(lists), failures_of(found)) == (11_216, [])
    assert Counter(name for one in lists for name in one if name != "genres") == {
        **{"credits": 11_216, "artwork": 10_677, "external_ids": 10_966}
    }
    await check_resuming(open_wikipedia_movies(str(WIKIPEDIA / "movies-2020s.json"), {}), every=1000)


@has_data
async def test_vega_movies_are_read_with_exact_numbers() -> None:
    opened = await open_source(str(VEGA))
    found = await read_location(VEGA)
    years = [one.item.values["year"] for one in items_of(found)]

    assert opened.format.name == "vega-movies"
    assert (len(years), min(years), max(years)) == (3_200, 1915, 2011)
    assert told_of(found) == [("movies.json element 3054", "Title: A title is needed here.")]
    assert {"1776", "1941", "2012", "300", "9", "21", "54"} <= set(titles_of(found))
    await check_resuming(open_vega_movies(str(VEGA), {}), every=1500)


@has_data
@pytest.mark.parametrize("folder", [WIKIPEDIA / "movies-2020s.json", VEGA])
async def test_records_become_media(api: Api, connection: Any, folder: Path) -> None:
    await add_library(connection)
    found = items_of(await read_location(folder))[:300]
    for status in (Status.CREATED, Status.UNCHANGED):
        results = await import_all(api, list(found))
        counts = Counter((one.status, one.code) for one in results)
        assert counts == {(status, None): 300 - counts[Status.FAILED, "DUPLICATE"], **duplicates(counts)}


def duplicates(counts: Counter[Any]) -> dict[Any, int]:
    """Two years of one article are one media: a few, never many."""
    found = counts[Status.FAILED, "DUPLICATE"]
    assert found < 5
    return {(Status.FAILED, "DUPLICATE"): found} if found else {}
