"""Loads real and generated media into a catalogue through COPY, in one transaction.

A catalogue is the demo's where it holds no media, or the first N of the demo's and no others; any other one is refused
untouched, so an outside database with media of its own cannot be mixed up. Names of libraries, tags, genres and
people that are there already are used as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from bench.generated.bulk import FOREIGN_KEYS, SECONDARY_INDEXES, put_aside, restore
from bench.generated.media import GeneratedMedia, generated_media
from bench.generated.names import Catalogue
from catalog.derived.declared import COUNTS, SORT_KEYS
from catalog.derived.statements import NOTED_FROM, counted_from
from database.session import Session
from database.statement import plain
from database.transaction import Transaction
from domain.enums import MediaKind
from domain.text import fold, sort_title
from sources.demo.catalogue import ForeignCatalogueError
from sources.demo.facts import read_facts

Progress: TypeAlias = Callable[[str, int, int | None], None]
Record: TypeAlias = tuple[Any, ...]

CHUNK = 10_000  # media whose rows are in memory at a time
BULK = 10_000  # from this many added media on (and where they are most), indexes are built anew afterwards

# Tables in the order in which they are filled, with the columns that the load brings.
COLUMNS: dict[str, tuple[str, ...]] = {
    "media": (
        *("id", "library_id", "kind", "title", "folded_title", "sort_title", "year", "rating_tenths"),
        *("runtime_minutes", "added_at", "updated_at"),
    ),
    "media_tag": ("media_id", "tag_id", *SORT_KEYS),
    "media_genre": ("media_id", "genre_id", *SORT_KEYS),
    "media_person": ("media_id", "person_id", *SORT_KEYS),
    "credit": ("media_id", "person_id", "role", "position", "library_id", "year"),
    "external_id": ("media_id", "source", "value"),
    "artwork": ("media_id", "type", "url", "width", "height"),
}
NAME_TABLES = ("library", "tag", "tag_name", "genre", "genre_name", "person")

# Readers go on, writers of media wait: nobody adds one between the check and the end of the load.
LOCK = "LOCK TABLE media IN SHARE ROW EXCLUSIVE MODE"
SETTINGS = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL maintenance_work_mem = '256MB'",
    "SET LOCAL synchronous_commit = off",
)
# Media that are not of the demo's other parts (app/process/demo.py), which are known by names.
COUNT_MEDIA = """
SELECT (SELECT count(*) FROM media)
     - (SELECT count(*) FROM external_id WHERE source = 'demo' AND value ~ '^[a-z]')
"""
# Articles and ordinals by which media of the demo are known.
DEMO_ARTICLES = "SELECT value FROM external_id WHERE source = 'wikipedia'"
DEMO_ORDINALS = """
SELECT count(*) FROM external_id
WHERE source = 'demo' AND value ~ '^[1-9][0-9]{0,9}$' AND value::bigint BETWEEN $1::bigint + 1 AND $2::bigint
"""
NEXT_MEDIA_IDS = "SELECT nextval(pg_get_serial_sequence('media', 'id')) AS id FROM generate_series(1, $1::int)"
# The kept counts of the media added from this id on, and their place in the feed of changes.
COUNTED = [count for count in COUNTS if count.source in COLUMNS]
KEEP = (*map(counted_from, COUNTED), NOTED_FROM)


class LoadResult(NamedTuple):
    """`loaded`: whether anything was added; `media`: how many were; `rows`: rows now in each table."""

    loaded: bool
    media: int
    rows: dict[str, int]


def silent(phase: str, done: int, total: int | None) -> None:
    """Progress that nobody looks at."""


async def load_generated(session: Session, wanted: int, progress: Progress = silent) -> LoadResult:
    """Brings the catalogue to so many media, the real movies first; what is there already stays.

    `progress` gets a phase ("media", "indexes", "counts", "vacuum"), how much of it is done and out of how much.
    """
    present = await session.transact(partial(add_missing, wanted, progress))
    if present < wanted:
        await vacuum(session, progress)
    return LoadResult(present < wanted, max(wanted - present, 0), await row_counts(session))


async def add_missing(wanted: int, progress: Progress, transaction: Transaction) -> int:
    """Adds what lacks of the demo; how many of its media were there before."""
    for text in (*SETTINGS, LOCK):
        await transaction.fetch(plain("generated", text))
    present = await media_present(transaction)
    if present < wanted:
        await add_media(transaction, present, wanted, progress)
    return present


async def media_present(transaction: Transaction) -> int:
    """How many media of the demo the catalogue holds. Raises ForeignCatalogueError if it holds any other."""
    present: int
    [[present]] = await transaction.fetch(plain("generated", COUNT_MEDIA))
    movies = read_facts().movies
    articles = {movie.article for movie in movies[:present] if movie.article is not None}
    [[ordinals]] = await transaction.fetch(plain("generated", DEMO_ORDINALS), (len(movies), present))
    held = {row["value"] for row in await transaction.fetch(plain("generated", DEMO_ARTICLES))} if present else set()
    if held != articles or ordinals != max(present - len(movies), 0):
        raise ForeignCatalogueError(present)
    return present


async def add_media(transaction: Transaction, present: int, wanted: int, progress: Progress) -> None:
    """Fills the tables chunk by chunk, then brings back what was put aside and adds to the kept counts."""
    restored: list[str] = []
    if wanted - present >= max(present, BULK):
        keys = await put_aside(transaction, FOREIGN_KEYS, list(COLUMNS))
        restored = [*await put_aside(transaction, SECONDARY_INDEXES, list(COLUMNS)), *keys]
    catalogue = Catalogue()
    await catalogue.read(transaction)
    first_id = None
    media = generated_media(wanted, present)
    for done in range(present, wanted, CHUNK):
        progress("media", done, wanted)
        ids = await copy_chunk(transaction, catalogue, list(islice(media, CHUNK)))
        first_id = ids[0] if first_id is None else first_id
    progress("media", wanted, wanted)
    await restore(transaction, restored, progress)
    for done, statement in enumerate(KEEP):
        progress("counts", done, len(KEEP))
        await transaction.fetch(plain("generated", statement), [first_id])
    progress("counts", len(KEEP), len(KEEP))


async def copy_chunk(transaction: Transaction, catalogue: Catalogue, media: Sequence[GeneratedMedia]) -> list[int]:
    """Copies the rows of these media into every table; their ids."""
    libraries = await catalogue.libraries.ensure(transaction, (one.library for one in media))
    tags = await catalogue.tags.ensure(transaction, (name for one in media for name in one.tags))
    genres = await catalogue.genres.ensure(transaction, (name for one in media for name in one.genres))
    people = await catalogue.people.ensure(transaction, (name for one in media for name in (*one.cast, *one.directors)))
    ids = [row["id"] for row in await transaction.fetch(plain("generated", NEXT_MEDIA_IDS), [len(media)])]
    records: dict[str, list[Record]] = {table: [] for table in COLUMNS}
    for media_id, one in zip(ids, media, strict=True):
        library_id, sort_key = libraries[one.library], sort_title(one.title)
        copies = (library_id, sort_key, one.year, one.rating, one.added_at)
        records["media"].append(media_record(media_id, one, library_id, sort_key))
        records["media_tag"] += [(media_id, tag, *copies) for tag in unique_ids(one.tags, tags)]
        records["media_genre"] += [(media_id, genre, *copies) for genre in unique_ids(one.genres, genres)]
        records["media_person"] += [(media_id, who, *copies) for who in unique_ids((*one.cast, *one.directors), people)]
        records["credit"] += credit_records(media_id, one, library_id, people)
        if one.external_id is not None:
            records["external_id"].append((media_id, *one.external_id))
        if one.artwork is not None:
            records["artwork"].append((media_id, "THUMBNAIL", *one.artwork))
    for table, rows in records.items():
        await transaction.copy_in(table, COLUMNS[table], rows)
    return ids


def media_record(media_id: int, media: GeneratedMedia, library_id: int, sort_key: str) -> Record:
    """In the order of COLUMNS["media"]."""
    title = media.title
    return (
        *(media_id, library_id, MediaKind.MOVIE, title, fold(title), sort_key, media.year, media.rating),
        *(media.runtime, media.added_at, media.added_at),
    )


def credit_records(media_id: int, media: GeneratedMedia, library_id: int, people: dict[str, int]) -> Iterator[Record]:
    """The cast in order, then the directors; positions count on from 0."""
    credited = [("ACTOR", name) for name in media.cast] + [("DIRECTOR", name) for name in media.directors]
    for position, (role, name) in enumerate(credited):
        yield media_id, people[name], role, position, library_id, media.year


def unique_ids(names: Sequence[str], ids: dict[str, int]) -> Sequence[int]:
    """The ids of the names, each once, though two names may be one."""
    return list(dict.fromkeys([ids[name] for name in names]))


async def vacuum(session: Session, progress: Progress) -> None:
    """Statistics for the planner, and pages marked all-visible so that index-only scans need not look at the table."""
    tables = (*NAME_TABLES, *COLUMNS, *(count.table for count in COUNTED))
    for done, table in enumerate(tables):
        progress("vacuum", done, len(tables))
        await session.fetch(plain("generated", f"VACUUM (ANALYZE) {table}"), ())
    progress("vacuum", len(tables), len(tables))


async def row_counts(session: Session) -> dict[str, int]:
    """Rows now in each table of nouns and relations."""
    tables = (*NAME_TABLES, *COLUMNS)
    columns = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in tables)
    counts = await session.fetch(plain("generated", f"SELECT {columns}"), ())
    return dict(counts[0])
