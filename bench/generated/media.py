"""Any number of plausible media from the real facts, the same ones at every run.

The first 11,216 are the real movies, in the order of the facts. Every further one is made: its title is put together
from words of real titles (bench/generated/titles.py); its people, genres and tags are drawn from the real ones with
their real skew; its year, rating and running time from the real values, with gaps. Nothing is kept in memory but the
facts.

Only `Random.random` is used, whose sequence for a seed is the same in every Python version.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from bench.generated.titles import TitleParts, drawn, made_title, read_title_parts
from sources.demo.facts import Facts, Movie, read_facts
from sources.demo.movies import ARTICLE, added_at

SEED = 20_240_229
BLOCK = 1_000  # media made from one seed, so that a later one is reached without making all before it
REAL_LIBRARY = "Movies"
SHARE_WITHOUT_YEAR = 0.05
SHARE_WITHOUT_RATING = 0.40
SHARE_WITHOUT_RUNTIME = 0.20
SHARE_WITH_DIRECTOR = 0.60
MAX_CAST = 8
MAX_TAGS = 7


class GeneratedMedia(NamedTuple):
    """One media, a real movie or a made one. Rating in tenths (0 to 100), running time in minutes.

    `external_id` is (source, value): the article ("wikipedia") of a real movie, the ordinal ("demo") of a made one.
    """

    library: str
    title: str
    year: int | None
    rating: int | None
    runtime: int | None
    added_at: datetime
    external_id: tuple[str, str] | None
    artwork: tuple[str, int | None, int | None] | None
    genres: Sequence[str]
    tags: Sequence[str]
    cast: Sequence[str]
    directors: Sequence[str]


class Pools(NamedTuple):
    """What made media are drawn from. Values stand as often as they occur, so that even draws are skewed.

    `tags` from frequent to rare with cumulated Zipf weights (1, 1/2, 1/3, ...).
    """

    movies: Sequence[Movie]
    titles: TitleParts
    ratings: Sequence[int]
    runtimes: Sequence[int]
    cast: Sequence[str]
    directors: Sequence[str]
    tags: Sequence[str]
    weights: Sequence[float]


def generated_media(count: int, start: int = 0) -> Iterator[GeneratedMedia]:
    """The media from place `start` up to `count` (both from 0)."""
    facts = read_facts()
    for place in range(start, min(count, len(facts.movies))):
        yield real_media(facts.movies[place], place)
    if count > len(facts.movies):
        yield from made_media(max(start, len(facts.movies)), count)


def real_media(movie: Movie, place: int) -> GeneratedMedia:
    """A movie of the facts in the main library."""
    return GeneratedMedia(
        library=REAL_LIBRARY,
        title=movie.title,
        year=movie.year,
        rating=movie.rating,
        runtime=movie.runtime,
        added_at=added_at(place),
        external_id=None if movie.article is None else (ARTICLE, movie.article),
        artwork=None if movie.thumbnail is None else (movie.thumbnail, movie.width, movie.height),
        genres=movie.genres,
        tags=movie.tags,
        cast=movie.cast,
        directors=movie.directors,
    )


def made_media(start: int, stop: int) -> Iterator[GeneratedMedia]:
    """The made media from place `start` to before `stop`, block by block."""
    pools = read_pools()
    for block in range(start // BLOCK, (stop - 1) // BLOCK + 1):
        rng = Random(SEED + block)
        for place in range(block * BLOCK, min((block + 1) * BLOCK, stop)):
            media = made_one(pools, rng, place)
            if place >= start:
                yield media


def made_one(pools: Pools, rng: Random, place: int) -> GeneratedMedia:
    """One made media. How often it draws depends on what it draws, so a block is always made from its start."""
    model = drawn(pools.movies, rng)
    year = None if rng.random() < SHARE_WITHOUT_YEAR else model.year
    cast = {drawn(pools.cast, rng): None for _ in range(1 + int(rng.random() * MAX_CAST))}
    return GeneratedMedia(
        library="Archive undated" if year is None else f"Archive {decade(year)}",
        title=made_title(pools.titles, rng),
        year=year,
        rating=None if rng.random() < SHARE_WITHOUT_RATING else drawn(pools.ratings, rng),
        runtime=None if rng.random() < SHARE_WITHOUT_RUNTIME else drawn(pools.runtimes, rng),
        added_at=added_at(place),
        external_id=("demo", str(place + 1)),
        artwork=None,
        genres=model.genres,
        tags=made_tags(pools, rng, year),
        cast=tuple(cast),
        directors=(drawn(pools.directors, rng),) if rng.random() < SHARE_WITH_DIRECTOR else (),
    )


def made_tags(pools: Pools, rng: Random, year: int | None) -> Sequence[str]:
    """The decade and up to MAX_TAGS tags by Zipf's law, of each exclusive kind ("rated ...") at most one."""
    tags = {} if year is None else {"": decade(year)}
    for _ in range(1 + int(rng.random() * MAX_TAGS)):
        tag = pools.tags[bisect(pools.weights, rng.random() * pools.weights[-1])]
        tags.setdefault(exclusive_kind(tag), tag)
    return tuple(tags.values())


@cache
def exclusive_kind(tag: str) -> str:
    """What a media can have one tag of: the rating and the distributor; any other tag excludes only itself."""
    return next((kind for kind in ("rated ", "distributed by ") if tag.startswith(kind)), tag)


@cache
def read_pools() -> Pools:
    """The pools of the shipped facts, made at the first call and kept."""
    facts = read_facts()
    movies = facts.movies
    tags = frequent_tags(facts)
    return Pools(
        movies=movies,
        titles=read_title_parts(),
        ratings=[movie.rating for movie in movies if movie.rating is not None],
        runtimes=[movie.runtime for movie in movies if movie.runtime is not None],
        cast=[name for movie in movies for name in movie.cast],
        directors=[name for movie in movies for name in movie.directors],
        tags=tags,
        weights=list(accumulate(1 / rank for rank in range(1, len(tags) + 1))),
    )


def frequent_tags(facts: Facts) -> list[str]:
    """All tags but the decades, which a media has by its year; frequent ones first, equally frequent ones by name."""
    decades = {decade(movie.year) for movie in facts.movies}
    counts = Counter(tag for movie in facts.movies for tag in movie.tags if tag not in decades)
    return sorted(counts, key=lambda tag: (-counts[tag], tag))


def decade(year: int) -> str:
    return f"{year // 10 * 10}s"
