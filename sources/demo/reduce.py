"""Reduces the two source collections to the facts that ship with the product.

    python -m sources.demo.reduce SOURCE_DIR [--output FILE]

SOURCE_DIR holds wikipedia-movies/movies-*.json and vega-movies/movies.json. The result is one JSON document, a movie a
line, compressed by gzip; the same sources give the same document. Names are stored once, in tables that the movies
refer to by position. docs/demo-data.md describes the sources, their licences and the rules.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sources.demo.articles import Claim, owned_articles
from sources.demo.cast import clean_cast, frequent_spellings, plain_text, spelled
from sources.demo.facts import FACTS_FILE, THUMBNAIL_BASE, Movie
from sources.demo.tags import tags_of
from sources.demo.vega import VegaMovie, match, read_vega

STYLE_SHEET = re.compile(r"\.mw-parser-output.*\}")
LANGUAGE_LINK = re.compile(r"\s*\[[a-z]{2}\]$")
GENRES = {"Sport": "Sports"}


def read_source(folder: Path) -> tuple[list[dict[str, Any]], list[VegaMovie]]:
    """The records of the main source, oldest decade first, and the movies of vega-datasets."""
    files = sorted((folder / "wikipedia-movies").glob("movies-*.json"))
    if not files:
        raise SystemExit(f"{folder} holds no wikipedia-movies/movies-*.json")
    records = [record for file in files for record in json.loads(file.read_text(encoding="utf-8"))]
    return records, read_vega(json.loads((folder / "vega-movies" / "movies.json").read_text(encoding="utf-8")))


def clean_title(title: str) -> str:
    """Without the style sheets and language links that the source carries along."""
    return LANGUAGE_LINK.sub("", plain_text(STYLE_SHEET.sub("", title)))


def reduce_movies(records: Sequence[dict[str, Any]], vega: Iterable[VegaMovie]) -> list[Movie]:
    """One movie a record, in the order of the source."""
    titles = [clean_title(record["title"]) for record in records]
    years = [int(record["year"]) for record in records]
    matched = match(list(zip(titles, years, strict=True)), vega)
    extracts = [plain_text(record.get("extract") or "") for record in records]
    articles = owned_articles(
        [
            Claim(record.get("href") or None, title, year, extract)
            for record, title, year, extract in zip(records, titles, years, extracts, strict=True)
        ]
    )
    casts = [clean_cast(record["cast"]) for record in records]
    directors = [[movie.director] if movie is not None and movie.director else [] for movie in matched]
    spellings = frequent_spellings([*casts, *directors])
    return [
        reduced(record, title, extract, article, spelled(cast, spellings), spelled(director, spellings), movie)
        for record, title, extract, article, cast, director, movie in zip(
            records, titles, extracts, articles, casts, directors, matched, strict=True
        )
    ]


def reduced(
    record: dict[str, Any],
    title: str,
    extract: str,
    article: str | None,
    cast: Sequence[str],
    directors: Sequence[str],
    vega: VegaMovie | None,
) -> Movie:
    """The facts of one movie."""
    genres = sorted({GENRES.get(genre, genre) for genre in map(plain_text, record["genres"]) if genre})
    thumbnail = record.get("thumbnail")
    return Movie(
        title=title,
        year=int(record["year"]),
        rating=vega.rating if vega is not None else None,
        runtime=vega.runtime if vega is not None else None,
        distributor=vega.distributor if vega is not None else None,
        article=article,
        thumbnail=thumbnail,
        width=record["thumbnail_width"] if thumbnail else None,
        height=record["thumbnail_height"] if thumbnail else None,
        genres=tuple(genres),
        tags=tuple(tags_of(int(record["year"]), genres, extract, vega)),
        cast=tuple(cast),
        directors=tuple(directors),
    )


def positions(names: Iterable[str]) -> dict[str, int]:
    """Each name once, in order of code points, and its place."""
    return {name: place for place, name in enumerate(sorted(set(names)))}


def document(movies: Sequence[Movie]) -> bytes:
    """The JSON document: tables of names, then a movie a line as an array in the order of Movie's fields."""
    tables = {
        "distributors": positions(movie.distributor for movie in movies if movie.distributor is not None),
        "genres": positions(name for movie in movies for name in movie.genres),
        "tags": positions(name for movie in movies for name in movie.tags),
        "people": positions(name for movie in movies for name in (*movie.cast, *movie.directors)),
    }
    lines = [f"{to_json(name)}:{to_json(list(table))},\n" for name, table in tables.items()]
    rows = ",\n".join(to_json(row(movie, tables)) for movie in movies)
    return "".join(["{", *lines, '"movies":[\n', rows, "\n]}\n"]).encode()


def row(movie: Movie, tables: dict[str, dict[str, int]]) -> list[Any]:
    """A movie with places in the tables instead of names, and the thumbnail without its common beginning."""
    people = tables["people"]
    return [
        *movie[:4],
        None if movie.distributor is None else tables["distributors"][movie.distributor],
        movie.article,
        None if movie.thumbnail is None else movie.thumbnail.removeprefix(THUMBNAIL_BASE),
        movie.width,
        movie.height,
        [tables["genres"][name] for name in movie.genres],
        [tables["tags"][name] for name in movie.tags],
        [people[name] for name in movie.cast],
        [people[name] for name in movie.directors],
    ]


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Writes the file and says what it holds."""
    parser = argparse.ArgumentParser(description="Reduce the source collections to the demo's facts.")
    parser.add_argument("source", type=Path, metavar="SOURCE_DIR")
    parser.add_argument("--output", type=Path, default=FACTS_FILE)
    arguments = parser.parse_args()
    movies = reduce_movies(*read_source(arguments.source))
    arguments.output.write_bytes(gzip.compress(document(movies), compresslevel=9, mtime=0))
    sys.stdout.write(f"{arguments.output}: {len(movies)} movies, {arguments.output.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
