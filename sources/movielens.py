"""A folder of MovieLens: movies.csv, and beside it links.csv, tags.csv and ratings.csv where they are.

The files may be in any order and of any size: what belongs to a movie is gathered in a temporary file first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog.checks import NAME_LINE
from domain.bounds import ROWS_OF_A_MEDIA
from domain.errors import CatalogError
from domain.text import fold
from sources.binary_file import shown
from sources.csv_rows import CsvReader, CsvRow, opened_csv
from sources.encodings import ENCODING, encoding_of_file
from sources.file_source import FileSource, numbers_in
from sources.format import Format
from sources.in_thread import Readings
from sources.media_json import UnfitItem, item_of_json
from sources.source import Reading, Source, SourceError, Unreadable
from sources.spilled_sums import SpilledSums
from sources.titles import read_dated_title
from sources.values import number_of

MOVIES, LINKS, TAGS, RATINGS = "movies.csv", "links.csv", "tags.csv", "ratings.csv"
NO_GENRES = "(no genres listed)"
IMDB_LENGTH = 7
STARS = 5  # the best rating there
COLUMNS_OF_FILES: Mapping[str, tuple[str, ...]] = {
    MOVIES: ("movieId", "title", "genres"),
    LINKS: ("movieId", "imdbId", "tmdbId"),
    TAGS: ("movieId", "tag"),
    RATINGS: ("movieId", "rating"),
}
DIGITS = re.compile(r"\d{1,18}")


class MovieLensSource(FileSource):
    """Positions: the lines of movies.csv before what comes next."""

    def __init__(self, location: str, encoding: str = "") -> None:
        super().__init__(location)
        self._encoding = encoding

    def readings(self, position: str) -> Readings:
        [passed] = numbers_in(position, 1)
        with ExitStack() as stack:
            links, tags, ratings = (stack.enter_context(closing(SpilledSums())) for _ in range(3))
            steps: tuple[tuple[str, Callable[[Mapping[str, str]], None]], ...] = (
                (LINKS, lambda row: add_links(links, row)),
                (TAGS, lambda row: tags.add(row["movieId"], row["tag"].strip())),
                (RATINGS, lambda row: ratings.add(row["movieId"], "", number_of(row["rating"]))),
            )
            for name, step in steps:
                for problem in self._gather(name, step):
                    yield problem if not position else None  # else it has been told before
            for row in self._rows(MOVIES, passed):
                yield row if not isinstance(row, CsvRow) else self._movie(row, links, tags, ratings)

    def _gather(self, name: str, step: Callable[[Mapping[str, str]], None]) -> Iterator[Unreadable | None]:
        """Takes in a file beside the movies; what of it cannot be read."""
        if not (Path(self.location) / name).exists():
            self.noticed.add(f"There is no {name}.")
            return
        for number, row in enumerate(self._rows(name)):
            if not isinstance(row, CsvRow):
                yield row
                continue
            try:
                step(dict(zip(COLUMNS_OF_FILES[name], row.values, strict=True)))
            except ValueError as error:
                yield Unreadable(f"{name} line {row.line}", str(error), shown(" | ".join(row.values)))
            if number % 1_000 == 0:
                yield None

    def _rows(self, name: str, passed: int = 0) -> Iterator[CsvRow | Unreadable]:
        """The rows of a file with the values of its known columns."""
        path = str(Path(self.location) / name)
        with opened_csv(path, encoding_of_file(path, self._encoding, self.noticed)) as reader:
            places = places_of(reader, name)
            for row in reader.rows(passed):
                if row.error:
                    yield Unreadable(
                        f"{name} line {row.line}", row.error, row.raw, str(row.end) if name == MOVIES else ""
                    )
                else:
                    yield replace(row, values=[row.values[place].strip() for place in places])

    def _movie(self, row: CsvRow, links: SpilledSums, tags: SpilledSums, ratings: SpilledSums) -> Reading:
        movie, text, genres = row.values
        position = str(row.end)
        title = read_dated_title(text)
        media: dict[str, Any] = {
            **{"key": movie or None, "title": title.title, "year": title.year, "originalTitle": title.original},
            "aliases": [{"title": one} for one in title.aliases],
            "genres": [one for one in genres.split("|") if one and one != NO_GENRES],
            "externalIds": [
                {"source": "movielens", "value": movie},
                *({"source": word.split(":")[0], "value": word.split(":")[1]} for word, _, _ in links.of(movie)),
            ],
            "tags": self._tags(tags, movie),
        }
        for _, total, count in ratings.of(movie):
            media["rating"] = total / count * 10 / STARS
        try:
            if not movie or not text:
                raise UnfitItem(["title" if movie else "movieId"], "This is needed.")
            return replace(item_of_json(media, self.noticed), position=position)
        except UnfitItem as error:
            return Unreadable(f"{MOVIES} line {row.line}", str(error), shown(" | ".join(row.values)), position)

    def _tags(self, tags: SpilledSums, movie: str) -> list[str]:
        """The tags of a movie, the most frequent first; what can be no tag is left out."""
        found: dict[str, str] = {}
        for word, _, _ in tags.of(movie):
            try:
                found.setdefault(fold(NAME_LINE(word)), word)
            except CatalogError:
                self.noticed.add(f"A text of tags.csv that can be no tag is not read: {shown(word)[:50]}.")
        return list(found.values())[: ROWS_OF_A_MEDIA["media_tag"]]


def add_links(links: SpilledSums, row: Mapping[str, str]) -> None:
    """The ids of IMDb, which have at least seven digits, and of TMDB."""
    for column, source in (("imdbId", "imdb"), ("tmdbId", "tmdb")):
        value = row[column]
        if not value:
            continue
        if not DIGITS.fullmatch(value):
            raise ValueError(f"{column} is a number.")
        links.add(row["movieId"], f"{source}:{'tt' + value.zfill(IMDB_LENGTH) if source == 'imdb' else value}")


def places_of(reader: CsvReader, name: str) -> list[int]:
    """Where the columns of a file are; SourceError."""
    header = [one.strip() for one in reader.header]
    for column in COLUMNS_OF_FILES[name]:
        if column not in header:
            raise SourceError(f"{name} has no column {column}: this is no folder of MovieLens.")
    return [header.index(column) for column in COLUMNS_OF_FILES[name]]


def guess_movielens(location: str) -> float:
    """By movies.csv with its columns."""
    folder = Path(location)
    try:
        if not (folder / MOVIES).is_file():
            return 0
        with opened_csv(str(folder / MOVIES)) as reader:
            places_of(reader, MOVIES)
    except (OSError, ValueError, SourceError):
        return 0
    return 0.95


def open_movielens(location: str, options: Mapping[str, str]) -> Source:
    if not (Path(location) / MOVIES).is_file():
        raise SourceError(f"{location} holds no {MOVIES}: a folder of MovieLens is needed here.")
    return MovieLensSource(location, options.get("encoding", ""))


MOVIELENS = Format(
    name="movielens",
    description="A folder of MovieLens: movies.csv with links.csv, tags.csv and ratings.csv.",
    told_by="the folder holds movies.csv with the columns movieId, title and genres",
    guess=guess_movielens,
    open=open_movielens,
    options=(ENCODING,),
    reads=(
        ("movies.csv: title", "title, year, originalTitle and aliases: Matrix, The (1999) is The Matrix of 1999"),
        ("movies.csv: genres", "genres"),
        ("links.csv", "externalIds of imdb and tmdb, beside that of movielens"),
        ("tags.csv", "tags, the most frequent first"),
        ("ratings.csv", "rating: the average of the stars, of ten"),
    ),
)
