"""Reads the real collections that lie beside a checkout: 11,216 American movies of 1980-2023 (wikipedia-movies) and
9,742 movies with the tags of their users (movielens-small), with the ratings of vega-movies: 15,974 media together.

A movie of MovieLens is one of Wikipedia's where title and year agree: the title in lower case without accents, its
article moved to the front. 4,960 agree by their titles and 24 more by another title that stands in brackets ("Alien³
(a.k.a. Alien 3)"). Where two agree with one, the first has it: the others are other works (four, such as the Emma that
was made for television in the same year). The 4,758 that agree with none are a library of their own."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.text import fold
from sources.demo.articles import Claim, owned_articles
from sources.demo.vega import match, read_vega

SHARED = Path(os.environ.get("MARQUEE_SHARED") or Path(__file__).parents[3] / "shared")
SOURCE = SHARED / "data"
LIBRARIES = ("Movies", "MovieLens")
MAX_TAG_LENGTH = 50  # what is longer is a remark: there are two
NO_GENRE = "(no genres listed)"
# What MovieLens calls a genre of Wikipedia's: an alias of it.
GENRE_ALIASES = {"Sci-Fi": "Science Fiction", "Animation": "Animated", "Film-Noir": "Noir"}

YEAR = re.compile(r"\s*\((\d{4})(?:[-\u2013]\d{0,4})?\)\s*$")
OTHER_TITLE = re.compile(r"\s*\((?:a\.k\.a\. )?([^()]+)\)")
ARTICLE_LAST = re.compile(r"^(.+), (The|A|An|Le|La|Les|L'|El|Il|Das|Der|Die|Los|Las|Lo|Un|Une|Den|Det|I)$")


@dataclass
class Movie:
    """One media to be. Rating in tenths; `library`: its place in LIBRARIES; `picture`: address, width and height."""

    library: int
    title: str
    year: int | None
    overview: str | None = None
    rating: int | None = None
    genres: list[str] = field(default_factory=list)
    cast: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    external_ids: list[tuple[str, str]] = field(default_factory=list)
    picture: tuple[str, int | None, int | None] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    tagged_at: datetime | None = None


@dataclass
class Catalogue:
    """All movies in the order of their ids from 1, and how they came together."""

    movies: list[Movie]
    matched_by_title: int
    matched_by_other_title: int


def read_catalogue() -> Catalogue:
    """Both collections as one."""
    movies = read_wikipedia()
    found = add_movielens(movies)
    ratings = read_vega(json.loads((SOURCE / "vega-movies" / "movies.json").read_text()))
    for movie, rated in zip(movies, match([(one.title, one.year or 0) for one in movies], ratings), strict=True):
        movie.rating = rated.rating if rated else None
    return Catalogue(movies, *found)


def read_wikipedia() -> list[Movie]:
    """The movies as they stand in the files, decade by decade."""
    records = [one for path in sorted(SOURCE.glob("wikipedia-movies/*.json")) for one in json.loads(path.read_text())]
    claims = [Claim(one.get("href"), one["title"], one["year"], one.get("extract") or "") for one in records]
    return [wikipedia_movie(one, article) for one, article in zip(records, owned_articles(claims), strict=True)]


def wikipedia_movie(record: Mapping[str, Any], article: str | None) -> Movie:
    thumbnail = record.get("thumbnail")
    return Movie(
        library=0,
        title=record["title"],
        year=record["year"],
        overview=record.get("extract"),
        genres=distinct(record["genres"]),
        cast=distinct(" ".join(name.split()) for name in record["cast"]),
        external_ids=[("wikipedia", article)] if article else [],
        picture=(thumbnail, record.get("thumbnail_width"), record.get("thumbnail_height")) if thumbnail else None,
        metadata={"genres": record["genres"], "source": "wikipedia"},
    )


def add_movielens(movies: list[Movie]) -> tuple[int, int]:
    """Adds what MovieLens knows to the movies, and those that it alone knows; how many matched, by which title."""
    places: dict[tuple[str, int | None], int] = {}
    for place, movie in enumerate(movies):
        places.setdefault((fold(movie.title), movie.year), place)
    links = {row["movieId"]: row for row in read_csv("links")}
    tags, tagged_at = read_tags()
    tmdb_ids: set[str] = set()
    known = len(movies)
    taken: set[int] = set()
    matched = Counter[str]()
    for row in read_csv("movies"):
        title, year, others = split_title(row["title"])
        hit, how = found(places, title, others, year)
        if hit is None or hit in taken:
            place = len(movies)
            movies.append(Movie(1, title, year))
        else:
            place = hit
            matched[how] += 1
        taken.add(place)
        movie, number = movies[place], row["movieId"]
        movie.genres = distinct([*movie.genres, *genre_names(row["genres"])])
        movie.tags, movie.tagged_at = tags.get(number, []), tagged_at.get(number)
        movie.aliases = [other for other in distinct([title, *others]) if fold(other) != fold(movie.title)]
        movie.external_ids += [("movielens", number), ("imdb", f"tt{links[number]['imdbId']}")]
        tmdb = links[number]["tmdbId"]
        if tmdb and tmdb not in tmdb_ids:  # two are given one id: it is the first one's
            tmdb_ids.add(tmdb)
            movie.external_ids.append(("tmdb", tmdb))
        movie.metadata = {**movie.metadata, "movielens": {"id": int(number), "tags": len(movie.tags)}}
    assert len(movies) - known + matched.total() == len(links)
    return matched["title"], matched["other"]


def found(
    places: Mapping[tuple[str, int | None], int], title: str, others: Iterable[str], year: int | None
) -> tuple[int | None, str]:
    """The place of the movie that has this title, else one of the others, and which it was."""
    if (place := places.get((fold(title), year))) is not None:
        return place, "title"
    hits = [places[key] for other in others if (key := (fold(other), year)) in places]
    return (hits[0] if hits else None), "other"


def split_title(text: str) -> tuple[str, int | None, list[str]]:
    """Title, year and other titles of "Postman, The (Postino, Il) (1994)"; twelve have no year."""
    stated = YEAR.search(text)
    name = text[: stated.start()] if stated else text
    others = [article_first(other.strip()) for other in OTHER_TITLE.findall(name)]
    title = article_first(" ".join(OTHER_TITLE.sub("", name).split()))
    return title, int(stated[1]) if stated else None, others


def article_first(title: str) -> str:
    """ "Matrix, The" -> "The Matrix"; "Avventura, L'" -> "L'Avventura"."""
    last = ARTICLE_LAST.match(title)
    if last is None:
        return title
    return last[2] + ("" if last[2].endswith("'") else " ") + last[1]


def genre_names(text: str) -> list[str]:
    """The genres of "Action|Sci-Fi" under Wikipedia's names."""
    return [] if text == NO_GENRE else [GENRE_ALIASES.get(name, name) for name in text.split("|")]


def read_tags() -> tuple[dict[str, list[str]], dict[str, datetime]]:
    """Of each movie its tags, each once in its most frequent spelling, and when it was last tagged."""
    rows = [(row, " ".join(row["tag"].split())) for row in read_csv("tags")]
    kept = [(row["movieId"], name, int(row["timestamp"])) for row, name in rows if 0 < len(name) <= MAX_TAG_LENGTH]
    spellings: dict[str, str] = {}
    for name, _ in Counter(name for _, name, _ in kept).most_common():
        spellings.setdefault(fold(name), name)
    tags: dict[str, list[str]] = {}
    times: dict[str, int] = {}
    for movie, name, second in kept:
        tags[movie] = distinct([*tags.get(movie, []), spellings[fold(name)]])
        times[movie] = max(second, times.get(movie, 0))
    return tags, {movie: datetime.fromtimestamp(second, UTC) for movie, second in times.items()}


def distinct(names: Iterable[str]) -> list[str]:
    """Each name once, by its folded form, where it stands first; blank ones not."""
    seen: dict[str, str] = {}
    for name in names:
        if name.strip():
            seen.setdefault(fold(name), name)
    return list(seen.values())


def read_csv(name: str) -> list[dict[str, str]]:
    with (SOURCE / "movielens-small" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
