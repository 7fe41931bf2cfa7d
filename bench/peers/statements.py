"""The statements of the hand-written peers, Python and Node alike, and how Python's reach the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import asyncpg

FOLDER = Path(__file__).resolve().parent
POOL = 10

# The columns of a media: what a card shows, and all that the API has. Quoted names are those of the API.
CARD = "m.id, m.title, m.year, (m.rating_tenths / 10.0)::float8 AS rating"
WIDE = (
    f'{CARD}, m.kind, m.original_title AS "originalTitle", m.sort_title AS "sortTitle", m.overview,'
    ' m.runtime_minutes AS "runtimeMinutes", m.added_at AS "addedAt", m.updated_at AS "updatedAt"'
)


def read_statements(folder: str, media: str = WIDE) -> dict[str, str]:
    """The statements of a folder by name, with the columns of media put in."""
    return {path.stem: path.read_text().replace("{media}", media) for path in (FOLDER / folder).glob("*.sql")}


class NoReset(asyncpg.Connection):
    """A connection that is given back without a round trip."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


async def open_pool(connection_class: type[Any] = asyncpg.Connection) -> asyncpg.Pool:
    """A pool on the database that PGHOST and its like name, with the plans that PLAN_CACHE_MODE asks for."""
    return await asyncpg.create_pool(
        min_size=POOL,
        max_size=POOL,
        connection_class=connection_class,
        server_settings={"plan_cache_mode": os.environ["PLAN_CACHE_MODE"]},
    )
