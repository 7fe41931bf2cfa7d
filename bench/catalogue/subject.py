"""What the operations ask for: ids, names and cursors of a filled database, the same ones in every run."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

import asyncpg

from bench.catalogue.database import LIBRARY, LIBRARY_ID
from loaders.media import MediaLoaders
from loaders.sql.cursor import encode_cursor
from loaders.sql.source import NoFilter, OrderBy

SEED = 4
PAGE = 100
PAGES = (2, 1_000, 10_000)  # those that are read, beside the first one
BY_TITLE = (OrderBy("TITLE"),)
SAMPLE = 500

EXTERNAL_IDS = "SELECT source, value FROM external_id WHERE media_id = any($1::bigint[]) ORDER BY media_id, source"
TITLES = "SELECT folded_title FROM media WHERE id = any($1::bigint[]) ORDER BY id"
PIECES = """
SELECT m.folded_title, p.tempo_hundredths / 100.0::float8, f.manufacturer
FROM media m JOIN music p ON p.media_id = m.id JOIN media_file f ON f.media_id = m.id
WHERE m.id = any($1::bigint[]) ORDER BY m.id
"""
PEOPLE = """
SELECT DISTINCT p.id, p.name FROM credit c JOIN person p ON p.id = c.person_id
WHERE c.media_id = any($1::bigint[]) ORDER BY p.id
"""
GENRES = """
SELECT g.name FROM genre g JOIN genre_media_count c ON c.genre_id = g.id
GROUP BY g.id ORDER BY sum(c.media_count) DESC, g.id LIMIT 10
"""
TAGS = """
SELECT t.name FROM tag t JOIN tag_media_count c ON c.tag_id = t.id
GROUP BY t.id ORDER BY sum(c.media_count) DESC, t.id LIMIT 40
"""
ROW_BY_TITLE = "SELECT sort_title, id FROM media ORDER BY sort_title, id OFFSET $1 LIMIT 1"
MADE = "SELECT id FROM media WHERE library_id = $1 ORDER BY id"


@dataclass(frozen=True, slots=True)
class Subject:
    """Media and people by global id, names, titles in lower case. `cursors`: by the number of the page after them.

    `pieces`: title, beats a minute and manufacturer. `genres` and `tags`: the most common ones. `made`: the media that
    edits have made so far."""

    size: int
    media: list[str]
    external_ids: list[tuple[str, str]]
    titles: list[str]
    pieces: list[tuple[str, float, str]]
    genres: list[str]
    tags: list[str]
    people: list[tuple[str, str]]
    cursors: Mapping[int, str]
    library: str
    made: list[str]


async def read_subject(connection: asyncpg.Connection, size: int) -> Subject:
    """`size`: the number of media."""
    # Ids are 1 to size: the database is the benchmark's own.
    ids = random.Random(SEED).sample(range(1, size + 1), min(SAMPLE, size))
    library = await connection.fetchval(LIBRARY_ID, LIBRARY)
    return Subject(
        size,
        [f"media_{number}" for number in ids],
        [tuple(row) for row in await connection.fetch(EXTERNAL_IDS, ids)],
        [row[0] for row in await connection.fetch(TITLES, ids)],
        [tuple(row) for row in await connection.fetch(PIECES, ids)],
        [row[0] for row in await connection.fetch(GENRES)],
        [row[0] for row in await connection.fetch(TAGS)],
        [(f"person_{number}", name) for number, name in await connection.fetch(PEOPLE, ids)],
        await read_cursors(connection, size),
        f"library_{library}",
        [],
    )


async def read_cursors(connection: asyncpg.Connection, size: int) -> dict[int, str]:
    """Of the row before each page that is there, in the order of titles."""
    mark = MediaLoaders.media_pages.mark(BY_TITLE, NoFilter())
    found = {}
    for page in PAGES:
        if page * PAGE <= size:
            row = await connection.fetchrow(ROW_BY_TITLE, (page - 1) * PAGE - 1)
            assert row is not None
            found[page] = encode_cursor(mark, tuple(row))
    return found


async def with_made(subject: Subject, connection: asyncpg.Connection) -> Subject:
    """The subject with the media that edits have made."""
    rows = await connection.fetch(MADE, int(subject.library.partition("_")[2]))
    return replace(subject, made=[f"media_{row[0]}" for row in rows])
