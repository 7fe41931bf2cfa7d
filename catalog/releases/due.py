"""Releases that are to be analysed, by category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from catalog.transaction import Writer

# Category, state and id: in this order releases are read, from the index over these.
Place: TypeAlias = tuple[str, str, int]
FIRST_PLACE: Place = ("", "", 0)

# Of what a run is given. $1: a category or null, $2: ids or null, $3: a library or null, $4: the libraries that may be
# changed, $5: analysed before this are due again, null: none is; of given ids all are due.
DUE_RELEASES = """
FROM release r WHERE ($1::text IS NULL OR r.category = $1::text)
  AND ($2::bigint[] IS NULL OR r.id = any($2::bigint[])) AND ($3::bigint IS NULL OR r.library_id = $3::bigint)
  AND ($4::bigint[] IS NULL OR r.library_id IS NULL OR r.library_id = any($4::bigint[]))
  AND {due}
"""
COUNT_DUE_RELEASES = f"SELECT count(*) {DUE_RELEASES}"

# What nothing was found of yet has an index of its own: its rows are found however many were analysed.
IS_UNANALYSED = "r.state <> 'ANALYSED' AND $5::timestamptz IS NULL"
IS_DUE = """(r.state <> 'ANALYSED' OR $2::bigint[] IS NOT NULL OR r.analysed_at IS NULL AND $5::timestamptz IS NOT NULL
       OR r.analysed_at < $5::timestamptz)"""

DATABASE_TIME = "SELECT now()"

# Those that come after a place. One that is analysed stays where it was, or comes to stand before it: none is read
# twice.
NEXT_DUE_RELEASES = f"""
SELECT r.id, r.category, r.state, r.name, r.media_id {DUE_RELEASES}
  AND (r.category, r.state, r.id) > ($6::text, $7::text, $8::bigint)
ORDER BY r.category, r.state, r.id LIMIT $9::integer
"""


@dataclass(frozen=True, slots=True)
class DueScope:
    """Which releases are due. None: no such condition. before: those that were analysed before are due again."""

    category: str | None = None
    releases: Sequence[int] | None = None
    library: int | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class DueRelease:
    """A release as the index is asked for it."""

    id: int
    category: str
    state: str
    name: str
    media: int | None

    @property
    def place(self) -> Place:
        return self.category, self.state, self.id


async def database_time(writer: Writer) -> datetime:
    """By the clock that releases are marked with."""
    [[now]] = await writer.fetch(DATABASE_TIME)
    assert isinstance(now, datetime)
    return now


async def count_due_releases(writer: Writer, scope: DueScope) -> int:
    return int((await writer.fetch(due_text(COUNT_DUE_RELEASES, scope), *_values(writer, scope)))[0][0])


async def next_due_releases(writer: Writer, scope: DueScope, after: Place, most: int) -> list[DueRelease]:
    rows = await writer.fetch(due_text(NEXT_DUE_RELEASES, scope), *_values(writer, scope), *after, most)
    return [DueRelease(*row) for row in rows]


def due_text(statement: str, scope: DueScope) -> str:
    """A statement for what is due in a scope."""
    is_only_new = scope.releases is None and scope.before is None
    return statement.replace("{due}", IS_UNANALYSED if is_only_new else IS_DUE)


def _values(writer: Writer, scope: DueScope) -> list[object]:
    releases = None if scope.releases is None else list(scope.releases)
    return [scope.category, releases, scope.library, writer.libraries, scope.before]
