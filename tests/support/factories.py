"""Rows for tests: each function inserts one thing and returns its number."""

from __future__ import annotations

from datetime import UTC, datetime
from json import dumps
from typing import Any
from uuid import uuid4

from catalog.derived.statements import inserted_media
from domain.text import fold, slug, sort_title
from tests.support.derived import insert_row, inserting

ADDED = datetime(2024, 1, 1, tzinfo=UTC)


async def add_library(connection: Any, name: str = "Movies", kind: str | None = "MOVIE") -> int:
    return int(
        await connection.fetchval(
            "INSERT INTO library (name, folded_name, kind) VALUES ($1, $2, $3) RETURNING id", name, fold(name), kind
        )
    )


async def add_media(connection: Any, library: int, title: str = "Untitled", **columns: Any) -> int:
    """`columns`: any of the table's, as rating_tenths=73."""
    values = {
        "library_id": library,
        "kind": "MOVIE",
        "title": title,
        "folded_title": fold(title),
        "sort_title": sort_title(title),
        "added_at": ADDED,
        **columns,
    }
    for name in ("original_title", "overview"):
        if values.get(name) is not None:
            values.setdefault(f"folded_{name}", fold(values[name]))
    if "metadata" in values:
        values["metadata"] = dumps(values["metadata"])
    names = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    return int(
        await connection.fetchval(inserted_media(f"INSERT INTO media ({names}) VALUES ({places})"), *values.values())
    )


async def add_name(connection: Any, noun: str, name: str, *aliases: str) -> int:
    """A tag, genre or channel (noun "tag", say) with its aliases."""
    number = int(
        await connection.fetchval(
            f"INSERT INTO {noun} (name, folded_name, slug) VALUES ($1, $2, $3) RETURNING id",
            name,
            fold(name),
            slug(name),
        )
    )
    rows = [(fold(name), number, True), *((fold(alias), number, False) for alias in aliases)]
    await connection.executemany(f"INSERT INTO {noun}_name (folded, {noun}_id, is_primary) VALUES ($1, $2, $3)", rows)
    return number


async def mark(connection: Any, noun: str, media: int, *numbers: int) -> None:
    """Gives a media tags, genres or channels."""
    text = inserting(f"media_{noun}", ("media_id", f"{noun}_id"))
    await connection.executemany(text, [(media, number) for number in numbers])


async def add_person(connection: Any, name: str) -> int:
    return int(
        await connection.fetchval(
            "INSERT INTO person (name, folded_name) VALUES ($1, $2) RETURNING id", name, fold(name)
        )
    )


async def add_credit(
    connection: Any, media: int, person: int, role: str = "ACTOR", position: int = 0, character: str | None = None
) -> int:
    values = {
        "media_id": media,
        "person_id": person,
        "role": role,
        "position": position,
        "character": character,
        "folded_character": None if character is None else fold(character),
    }
    return int(await insert_row(connection, "credit", values, "SELECT id FROM changed"))


async def add_external_id(connection: Any, media: int, source: str, value: str) -> None:
    await connection.execute(
        "INSERT INTO external_id (media_id, source, value) VALUES ($1, $2, $3)", media, source, value
    )


async def add_person_id(connection: Any, person: int, source: str, value: str) -> None:
    await connection.execute(
        "INSERT INTO person_external_id (person_id, source, value) VALUES ($1, $2, $3)", person, source, value
    )


async def add_artwork(
    connection: Any,
    media: int,
    type: str = "POSTER",
    url: str = "https://example.org/1.jpg",
    width: int | None = None,
) -> None:
    await connection.execute(
        "INSERT INTO artwork (media_id, type, url, width) VALUES ($1, $2, $3, $4)", media, type, url, width
    )


async def add_collection(connection: Any, name: str, *media: int, kind: str = "PLAYLIST") -> int:
    """A collection with media in this order."""
    number = int(
        await connection.fetchval(
            "INSERT INTO collection (kind, name, folded_name) VALUES ($1, $2, $3) RETURNING id", kind, name, fold(name)
        )
    )
    await connection.executemany(
        inserting("media_collection", ("collection_id", "media_id", "position")),
        [(number, one, position) for position, one in enumerate(media)],
    )
    return number


async def add_row(connection: Any, table: str, **columns: Any) -> int:
    """A row of a table whose columns need nothing done to them but what is derived."""
    if (table, columns.get("status")) == ("job_run", "RUNNING"):
        columns.setdefault("worker_id", uuid4())  # what runs is somebody's
    if columns.get("media_id") is not None:
        return int(await insert_row(connection, table, columns, "SELECT id FROM changed"))
    names, places = ", ".join(columns), ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    return int(
        await connection.fetchval(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING id", *columns.values())
    )


async def add_media_file(connection: Any, media: int, path: str, **columns: Any) -> int:
    """`columns`: any of the table's, as manufacturer="Roland"."""
    values = {
        "media_id": media,
        "path": path,
        "name": path.rpartition("/")[2],
        "size": 1,
        "modified_at": ADDED,
        "created_at": ADDED,
        **columns,
    }
    names = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    return int(
        await connection.fetchval(f"INSERT INTO media_file ({names}) VALUES ({places}) RETURNING id", *values.values())
    )
