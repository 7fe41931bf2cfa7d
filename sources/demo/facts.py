"""Reads the facts that ship with the product.

The file is one gzip-compressed JSON document: tables of names, and movies that refer to them by position
(sources.demo.reduce writes it, docs/demo-data.md describes it).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FACTS_FILE = Path(__file__).with_name("movies.json.gz")
THUMBNAIL_BASE = "https://upload.wikimedia.org/wikipedia/"


class Movie(NamedTuple):
    """One real movie. Rating in tenths (0 to 100), running time in minutes, size of the thumbnail in pixels.

    `article` is the name of its encyclopedia article as it stands in an address (percent-encoded), unique among movies.
    """

    title: str
    year: int
    rating: int | None
    runtime: int | None
    distributor: str | None
    article: str | None
    thumbnail: str | None
    width: int | None
    height: int | None
    genres: tuple[str, ...]
    tags: tuple[str, ...]
    cast: tuple[str, ...]
    directors: tuple[str, ...]


class Facts(NamedTuple):
    """The movies in the order of the source, and the names in use, each once and by code points."""

    movies: tuple[Movie, ...]
    genres: tuple[str, ...]
    tags: tuple[str, ...]
    people: tuple[str, ...]


@cache
def read_facts() -> Facts:
    """The shipped facts, read at the first call and kept."""
    return parse(gzip.decompress(FACTS_FILE.read_bytes()))


def parse(document: bytes) -> Facts:
    """The document's movies with names in the place of positions."""
    data = json.loads(document)
    return Facts(
        movies=tuple(parse_movie(row, data) for row in data["movies"]),
        genres=tuple(data["genres"]),
        tags=tuple(data["tags"]),
        people=tuple(data["people"]),
    )


def parse_movie(row: Sequence[Any], tables: Mapping[str, Sequence[str]]) -> Movie:
    """A row has the fields of Movie in their order."""
    movie = Movie(*row)
    return movie._replace(
        distributor=None if row[4] is None else tables["distributors"][row[4]],
        thumbnail=None if movie.thumbnail is None else THUMBNAIL_BASE + movie.thumbnail,
        genres=tuple([tables["genres"][place] for place in row[9]]),
        tags=tuple([tables["tags"][place] for place in row[10]]),
        cast=tuple([tables["people"][place] for place in row[11]]),
        directors=tuple([tables["people"][place] for place in row[12]]),
    )
