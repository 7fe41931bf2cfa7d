"""Upserts without GraphQL: over a session of their own, with the number of statements that they send."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from catalog.transaction import transact
from catalog.upsert.item import Item, Result, Status
from catalog.upsert.upsert import upsert_media
from database.session import Session
from domain.viewer import UNRESTRICTED, Viewer
from tests.support.api import Api

WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)

# Every list of an item, as an import gives it.
FULL: dict[str, Any] = {
    "tags": ["Noir", "rain"],
    "genres": ["Crime"],
    "channels": ["One"],
    "collections": [{"collection_id": "Box"}],
    "external_ids": [{"source": "imdb", "value": "tt1"}, {"source": "tmdb", "value": "1"}],
    "aliases": [{"title": "Ä", "language": "de"}],
    "taglines": ["First.", "Second."],
    "categories": [{"category": "mood", "value": "dark"}],
    "credits": [
        {"person_id": "Ann", "role": "ACTOR", "character": "Bea"},
        {"person_id": "Bob", "role": "DIRECTOR"},
    ],
    "artwork": [{"type": "POSTER", "url": "https://example.org/a.jpg", "width": 10}],
    "files": [{"path": "/a/b.mkv", "size": 5, "modified_at": WHEN, "codecs": ["h264", "aac"]}],
    "subtitles": [{"language": "en", "url": "https://example.org/a.srt"}],
    "music": {"tempo_hundredths": 12_000, "programs": [40, 0], "tempo_changes": [(0, 12_000), (900, 9_000)]},
    "clip": {"channel_id": "One", "duration_ms": 1000},
    "thumbnails": [{"offset_ms": 500}],
    "releases": [{"name": "A.1999", "category": "hd", "release_group_id": "GRP"}],
}


async def upsert(api: Api, items: list[Item], viewer: Viewer = UNRESTRICTED, **options: Any) -> list[Result]:
    """What an upsert comes to; `api.statements` are what it sent."""
    api.statements.clear()
    api.texts.clear()
    session = Session(api.pool)
    try:
        return await transact(session, viewer, "upsert_media", lambda writer: upsert_media(writer, items, **options))
    finally:
        await session.close()


async def upserted(api: Api, *items: Item, **options: Any) -> list[int]:
    """The media of items that must not fail."""
    results = await upsert(api, list(items), **options)
    assert [result for result in results if result.status is Status.FAILED] == []
    return [result.media or 0 for result in results]


async def failures(api: Api, *items: Item, **options: Any) -> list[tuple[str | None, str]]:
    """Of each item the code of its error and where in it that is; the status of one that has none."""
    results = await upsert(api, list(items), **options)
    return [(one.code or one.status.value, ".".join(map(str, one.path))) for one in results]


def item(place: int = 0, title: str | None = "A", library: int | None = 1, **lists: Any) -> Item:
    """An item of a movie with some lists; names of columns of media are its own values."""
    own = ("kind", "year", "rating_tenths", "overview", "metadata", "original_title", "season_number", "episode_number")
    values = {name: lists.pop(name) for name in (*own, "added_at") if name in lists}
    values |= {} if title is None else {"title": title}
    values |= {} if library is None else {"library_id": library}
    keys = {name: lists.pop(name) for name in ("id", "version", "parent") if name in lists}
    return Item(place, values=values, lists=lists, has_parent="parent" in keys, **keys)


def imdb(value: str) -> list[dict[str, str]]:
    return [{"source": "imdb", "value": value}]


def file(path: str, **columns: Any) -> list[dict[str, Any]]:
    return [{"path": path, "size": 1, "modified_at": WHEN, **columns}]


async def all_rows(connection: Any) -> dict[str, list[str]]:
    """Every row of every table, with where it stands and who wrote it: whatever is written changes it."""
    tables = await connection.fetch(
        "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    return {
        name: [
            row[0] for row in await connection.fetch(f"SELECT t.ctid::text || t.xmin::text || t::text FROM {name} t")
        ]
        for (name,) in tables
    }
