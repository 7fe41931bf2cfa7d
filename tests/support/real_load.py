"""Loads the real collections (real_data.py) into an empty catalogue by COPY: a media's id is its place from 1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.refold import fold_pending
from domain.text import fold, slug, sort_title
from tests.support.derived import settle
from tests.support.real_data import GENRE_ALIASES, LIBRARIES, Catalogue, Movie
from tests.support.sessions import session_over

ADDED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
TAGGER = "tagger"  # its last run over a media: when users last tagged it

MEDIA = (
    *("id", "library_id", "kind", "title", "folded_title", "sort_title", "year", "rating_tenths", "overview"),
    *("added_at", "updated_at", "metadata"),
)
SORT_KEYS = ("library_id", "sort_title", "year", "rating_tenths", "added_at")
SEQUENCE = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), (SELECT max(id) FROM {0}))"


class Numbers:
    """The ids of names from 1, two being one where they fold alike."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.names: list[str] = []

    def id(self, name: str) -> int:
        folded = fold(name)
        if folded not in self.ids:
            self.names.append(name)
            self.ids[folded] = len(self.names)
        return self.ids[folded]

    def rows(self, *, with_slug: bool) -> Iterator[tuple[Any, ...]]:
        for number, name in enumerate(self.names, 1):
            yield (number, name, fold(name), slug(name)) if with_slug else (number, name, fold(name))


def added_at(number: int) -> datetime:
    """An hour after the one before."""
    return ADDED_FROM + timedelta(hours=number)


def sort_keys(movie: Movie, number: int) -> tuple[Any, ...]:
    return movie.library + 1, sort_title(movie.title), movie.year, movie.rating, added_at(number)


def media_row(movie: Movie, number: int) -> tuple[Any, ...]:
    library, sorted_by, year, rating, added = sort_keys(movie, number)
    names = (movie.title, fold(movie.title), sorted_by)
    metadata = json.dumps(movie.metadata)
    return number, library, "MOVIE", *names, year, rating, movie.overview, added, added, metadata


async def load_real(connection: Any, catalogue: Catalogue) -> None:
    """Fills an empty catalogue, in one transaction."""
    movies = list(enumerate(catalogue.movies, 1))
    async with connection.transaction():
        libraries = [(number, name, fold(name), "MOVIE") for number, name in enumerate(LIBRARIES, 1)]
        await copy(connection, "library", ("id", "name", "folded_name", "kind"), libraries)
        await copy(connection, "media", MEDIA, (media_row(movie, number) for number, movie in movies))
        for noun in ("tag", "genre"):
            await load_named(connection, noun, movies)
        await load_cast(connection, movies)
        await load_facts(connection, movies)
        for table in ("library", "media", "tag", "genre", "person"):
            await connection.execute(SEQUENCE.format(table))
    await settle(connection)
    await fold_pending(session_over(connection))


async def load_named(connection: Any, noun: str, movies: Sequence[tuple[int, Movie]]) -> None:
    """Tags or genres with their names, and the media that have them."""
    numbers = Numbers()
    pairs = [
        (number, numbers.id(name), *sort_keys(movie, number))
        for number, movie in movies
        for name in (movie.tags if noun == "tag" else movie.genres)
    ]
    names = [(folded, number, True) for folded, number in numbers.ids.items()]
    if noun == "genre":
        names += [(fold(alias), numbers.id(name), False) for alias, name in GENRE_ALIASES.items()]
    await copy(connection, noun, ("id", "name", "folded_name", "slug"), numbers.rows(with_slug=True))
    await copy(connection, f"{noun}_name", ("folded", f"{noun}_id", "is_primary"), names)
    await copy(connection, f"media_{noun}", ("media_id", f"{noun}_id", *SORT_KEYS), pairs)


async def load_cast(connection: Any, movies: Sequence[tuple[int, Movie]]) -> None:
    """People with their credits, in the order of the casts."""
    people = Numbers()
    credits = [
        (number, people.id(name), "ACTOR", place, movie.library + 1, movie.year)
        for number, movie in movies
        for place, name in enumerate(movie.cast)
    ]
    pairs = [(number, people.id(name), *sort_keys(movie, number)) for number, movie in movies for name in movie.cast]
    await copy(connection, "person", ("id", "name", "folded_name"), people.rows(with_slug=False))
    await copy(connection, "media_person", ("media_id", "person_id", *SORT_KEYS), pairs)
    columns = ("media_id", "person_id", "role", "position", "library_id", "year")
    await copy(connection, "credit", columns, credits)


async def load_facts(connection: Any, movies: Sequence[tuple[int, Movie]]) -> None:
    """External ids, other titles, pictures, and when users last tagged a media."""
    ids = [(source, value, number) for number, movie in movies for source, value in movie.external_ids]
    aliases = [(number, title, fold(title)) for number, movie in movies for title in movie.aliases]
    pictures = [(number, "POSTER", *movie.picture) for number, movie in movies if movie.picture]
    tagged = [(number, TAGGER, movie.tagged_at) for number, movie in movies if movie.tagged_at]
    await copy(connection, "external_id", ("source", "value", "media_id"), ids)
    await copy(connection, "media_alias", ("media_id", "title", "folded_title"), aliases)
    await copy(connection, "artwork", ("media_id", "type", "url", "width", "height"), pictures)
    await copy(connection, "process_timestamp", ("media_id", "process", "processed_at"), tagged)


async def copy(connection: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    await connection.copy_records_to_table(table, columns=columns, records=rows)
