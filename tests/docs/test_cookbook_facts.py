"""Answers of docs/cookbook.md against the files themselves, read here once more without the loader's help."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

from domain.text import fold
from tests.support.api import Api
from tests.support.cookbook import read_cookbook
from tests.support.real_data import MAX_TAG_LENGTH, SOURCE

COOK = read_cookbook()
HAND_MADE = 22  # media of tests/support/hand_made.py


async def ask(api: Api, name: str, **variables: Any) -> Any:
    """The answer of a recipe that has one root field; `variables` in place of some of its own."""
    [answer] = (await api.run(COOK[name].text, **{**COOK[name].variables, **variables})).values()
    return answer


@cache
def wikipedia() -> list[dict[str, Any]]:
    return [one for path in sorted(SOURCE.glob("wikipedia-movies/*.json")) for one in json.loads(path.read_text())]


@cache
def movielens(name: str) -> list[dict[str, str]]:
    with (SOURCE / "movielens-small" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def tagged() -> dict[str, set[str]]:
    """Tag in lower case -> ids of movies."""
    movies = defaultdict(set)
    for row in movielens("tags"):
        if len(row["tag"]) <= MAX_TAG_LENGTH:
            movies[row["tag"].lower()].add(row["movieId"])
    return movies


@cache
def ratings() -> dict[tuple[str, str], float]:
    """(Title, year) -> rating, as vega-movies has them."""
    rows = json.loads((SOURCE / "vega-movies" / "movies.json").read_text())
    return {(str(row["Title"]), row["Release Date"][-4:]): row["IMDB Rating"] for row in rows if row["IMDB Rating"]}


def dated(title: str, year: int) -> str:
    """As MovieLens writes it: "Matrix, The (1999)"."""
    article_last = re.sub(r"^(The|A|An) (.+)$", r"\2, \1", title)
    return f"{article_last} ({year})"


async def test_keanu_reeves_is_in_as_many_movies_as_the_casts_name_him(real_api: Api) -> None:
    movies = [one for one in wikipedia() if "Keanu Reeves" in one["cast"]]
    [keanu] = (await ask(real_api, "PeopleByName"))["nodes"]

    assert (keanu["name"], keanu["mediaCount"]) == ("Keanu Reeves", len(movies))
    newest = [(node["media"]["title"], node["media"]["year"]) for node in keanu["credits"]["nodes"]]
    assert set(newest) <= {(one["title"], one["year"]) for one in movies}
    assert [year for _, year in newest] == sorted((one["year"] for one in movies), reverse=True)[:5]
    rated = [ratings()[key] for one in movies if (key := (one["title"], str(one["year"]))) in ratings()]
    assert [node["rating"] for node in keanu["best"]["nodes"]] == sorted(rated, reverse=True)[:3]


async def test_imdb_and_tmdb_know_the_matrix(real_api: Api) -> None:
    [link] = [row for row in movielens("links") if row["imdbId"] == "0133093"]
    [row] = [row for row in movielens("movies") if row["movieId"] == link["movieId"]]
    [article] = [one for one in wikipedia() if dated(one["title"], one["year"]) == row["title"] == "Matrix, The (1999)"]

    by_imdb = await ask(real_api, "MovieByProviderId")
    by_tmdb = await ask(real_api, "MovieByProviderId", source="tmdb", value=link["tmdbId"])

    assert by_imdb == by_tmdb
    assert (by_imdb["title"], by_imdb["year"], by_imdb["overview"]) == ("The Matrix", 1999, article["extract"])
    assert [node["person"]["name"] for node in by_imdb["credits"]["nodes"]] == article["cast"]
    assert [picture["url"] for picture in by_imdb["artwork"]] == [article["thumbnail"]]
    assert by_imdb["externalIds"] == [
        {"source": "imdb", "value": "tt0133093"},
        {"source": "movielens", "value": link["movieId"]},
        {"source": "tmdb", "value": link["tmdbId"]},
        {"source": "wikipedia", "value": article["href"]},
    ]


async def test_the_preview_finds_all_movies_that_are_in_a_queue(real_api: Api) -> None:
    movies = set[str]().union(*(movies for tag, movies in tagged().items() if "netflix" in tag))
    preview = await ask(real_api, "RetagPreview")

    assert preview["totalCount"] == len(movies) > 100
    assert all(any("netflix" in tag["name"].lower() for tag in node["tags"]) for node in preview["nodes"])


async def test_tags_to_merge_come_with_the_number_of_their_movies(real_api: Api) -> None:
    names = COOK["TagMergeCandidates"].variables["names"]
    nodes = (await ask(real_api, "TagMergeCandidates"))["nodes"]

    assert {node["name"].lower(): node["mediaCount"] for node in nodes} == {name: len(tagged()[name]) for name in names}
    assert [node["mediaCount"] for node in nodes] == sorted((len(tagged()[name]) for name in names), reverse=True)


async def test_all_movies_are_overdue_but_those_tagged_since(real_api: Api) -> None:
    tags = [row for row in movielens("tags") if len(row["tag"]) <= MAX_TAG_LENGTH]
    since = {row["movieId"] for row in tags if datetime.fromtimestamp(int(row["timestamp"]), UTC).year >= 2010}
    overdue = await ask(real_api, "OverdueForTagger")

    assert overdue["totalCount"] == 15_974 + HAND_MADE - len(since)
    assert all(time["processedAt"] < "2010" for node in overdue["nodes"] for time in node["processes"])


async def test_words_are_found_in_titles(real_api: Api) -> None:
    wanted = re.compile(r"\b(star wars|star trek)\b", re.IGNORECASE)
    titles = {one["title"] for one in wikipedia() if wanted.search(one["title"])}
    found = await ask(real_api, "TitleSearch")

    assert found["totalCount"] == len(titles)
    assert {node["title"] for node in found["nodes"]} <= titles


async def test_metadata_are_searched_by_what_stands_in_them(real_api: Api) -> None:
    tags = defaultdict(set)
    for tag, movies in tagged().items():
        for movie in movies:
            tags[movie].add(tag)
    often = {row["title"] for row in movielens("movies") if len(tags[row["movieId"]]) >= 5}
    noir = {one["title"]: dated(one["title"], one["year"]) for one in wikipedia() if "Noir" in one["genres"]}

    found = {node["title"] for node in (await ask(real_api, "MetadataSearch"))["nodes"]}
    assert found == {title for title, written in noir.items() if written in often}


async def test_the_best_of_a_decade_are_rated_as_the_file_says(real_api: Api) -> None:
    nodes = (await ask(real_api, "TopRatedOfDecade"))["nodes"]
    fiction = {
        *(dated(one["title"], one["year"]) for one in wikipedia() if "Science Fiction" in one["genres"]),
        *(row["title"] for row in movielens("movies") if "Sci-Fi" in row["genres"]),
    }
    rated = {dated(title, int(year)): rating for (title, year), rating in ratings().items() if year[:3] == "199"}

    best = sorted((rating for title, rating in rated.items() if title in fiction), reverse=True)
    assert [node["rating"] for node in nodes][:5] == best[:5]
    assert all(rated.get(dated(node["title"], node["year"]), node["rating"]) == node["rating"] for node in nodes)


async def test_the_newest_are_the_last_of_the_files(real_api: Api) -> None:
    library = await ask(real_api, "NewestMovies")

    assert [node["title"] for node in library["media"]["nodes"]] == [one["title"] for one in wikipedia()[:-11:-1]]


async def test_a_lineup_is_of_its_channel_and_decade(real_api: Api) -> None:
    lineup = await ask(real_api, "ChannelLineup")
    again = await ask(real_api, "ChannelLineup", seed=1)

    noir = {dated(one["title"], one["year"]) for one in wikipedia() if "Noir" in one["genres"]}
    noir |= {row["title"] for row in movielens("movies") if "Film-Noir" in row["genres"]}
    children = {row["title"] for row in movielens("movies") if "Children" in row["genres"]}
    tonight = {title for title in noir - children if title[-5:-2] == "199"}
    assert lineup["media"]["totalCount"] == again["media"]["totalCount"]
    assert lineup["media"]["totalCount"] == len(tonight)
    assert lineup["media"]["nodes"] != again["media"]["nodes"]


async def test_counts_are_those_of_the_files(real_api: Api) -> None:
    counts = await real_api.run(COOK["CatalogueCounts"].text)

    undated = [row for row in movielens("movies") if not re.search(r"\(\d{4}", row["title"])]
    libraries = {node["name"]: node["mediaCount"] for node in counts["libraries"]["nodes"]}
    assert libraries["Movies"] == len(wikipedia())
    assert counts["undated"]["totalCount"] == len(undated)
    assert counts["people"]["totalCount"] == len({fold(name) for one in wikipedia() for name in one["cast"]})


async def test_what_is_made_by_hand_is_answered_to_the_letter(real_api: Api) -> None:
    series = await ask(real_api, "SeasonsOfSeries")
    seasons = [[episode["title"] for episode in season["episodes"]["nodes"]] for season in series["seasons"]["nodes"]]
    assert seasons == [["Arrival", "Low Tide", "Fog"], ["Return", "Storm"]]

    tunes = (await ask(real_api, "TunesByTempoAndKey"))["nodes"]
    assert [(node["title"], node["music"]["tempo"]) for node in tunes] == [("Amber Reel", 95), ("Ember Jig", 115)]
    files = (await ask(real_api, "NewestOfManufacturer"))["nodes"]
    assert [node["name"].split("-")[0] for node in files] == ["ferry", "drover", "barley", "heron"]
    assert [media and media["title"] for media in await ask(real_api, "KnownPaths")] == [
        "Ember Jig",
        None,
        "Amber Reel",
    ]

    clips = await ask(real_api, "ClipsOfBatch")
    assert [clip and (clip["id"], clip["durationSeconds"]) for clip in clips] == [
        ("clip_20016", 93),
        None,
        ("clip_20011", 15.5),
        ("clip_20012", 31),
    ]
    thumbnails = (await ask(real_api, "ThumbnailsToMake"))["nodes"]
    assert [(node["media"]["title"], node["state"]) for node in thumbnails] == [
        ("Bread", "PENDING"),
        ("Bridges", "FAILED"),
        ("Clouds", "PENDING"),
    ]
    settings = {one["key"]: (one["value"], one["scope"]) for one in await ask(real_api, "SettingsOfChannel")}
    assert settings["clips.batch_size"] == (25, "CHANNEL")
    assert settings["thumbnails.frames"] == (3, "GLOBAL")
    assert settings["retag.after_days"] == (30, "DEFAULT")

    groups = (await ask(real_api, "ReleaseGroupsByScore"))["nodes"]
    assert [(node["name"], node["score"], node["releaseCount"]) for node in groups] == [
        ("Tidewater", 0.912, 2),
        ("Lanterns", 0.64, 2),
        ("Nobody Yet", None, 0),
    ]
    jobs = (await ask(real_api, "FailedJobs"))["nodes"]
    assert [(node["type"], node["library"]["name"]) for node in jobs] == [
        ("thumbnails", "Clips"),
        ("import", "MovieLens"),
    ]


async def test_a_client_that_syncs_gets_every_media_once(real_api: Api) -> None:
    page = await ask(real_api, "ChangesSince")
    nodes = page["nodes"]
    while page["pageInfo"]["hasNextPage"]:
        page = await ask(real_api, "ChangesSince", since=page["pageInfo"]["endCursor"])
        nodes += page["nodes"]

    assert len(nodes) == len({node["mediaId"] for node in nodes}) == 15_974 + HAND_MADE
    undated = {row["title"] for row in movielens("movies") if not re.search(r"\(\d{4}", row["title"])}
    assert {node["media"]["title"] for node in nodes if node["type"] == "CREATED"} >= undated
