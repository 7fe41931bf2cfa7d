"""What is known of stored files, and which of them nothing refers to any longer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from catalog.edit import json_rows
from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from domain.file_type import FileType
from domain.viewer import UNRESTRICTED

NAME_OF_REMOVAL = "remove_stored_files"
ROWS_A_TIME = 1_000

# Files by their content; one that is there already counts as stored now, so that it is not removed.
ADD_FILES = """
INSERT INTO stored_file (hash, type, size, width, height)
SELECT hash, type, size, width, height FROM jsonb_to_recordset($1::text::jsonb)
    AS given(hash text, type text, size bigint, width integer, height integer) ORDER BY hash
ON CONFLICT (hash) DO UPDATE SET stored_at = now()
"""

# Those that nothing refers to and that were stored more than $1 seconds ago.
FORGET_FILES = """
DELETE FROM stored_file WHERE hash IN (
    SELECT s.hash FROM stored_file s
    WHERE s.stored_at < now() - make_interval(secs => $1::float8)
      AND NOT EXISTS (SELECT FROM artwork a WHERE a.file_hash = s.hash)
      AND NOT EXISTS (SELECT FROM subtitle u WHERE u.file_hash = s.hash)
      AND NOT EXISTS (SELECT FROM thumbnail_file t WHERE t.file_hash = s.hash)
    ORDER BY s.hash LIMIT $2::integer FOR UPDATE SKIP LOCKED
) RETURNING hash
"""

KNOWN_FILES = "SELECT hash FROM stored_file WHERE hash = any($1::text[])"


class StoredFile(Protocol):
    """A file as it was stored (providers/files/folder.py)."""

    @property
    def hash(self) -> str: ...
    @property
    def type(self) -> FileType: ...
    @property
    def size(self) -> int: ...
    @property
    def path(self) -> Path: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...


async def add_files(writer: Writer, files: Iterable[StoredFile]) -> None:
    """Stored files become known."""
    by_hash = {one.hash: one for one in files}
    rows: list[dict[str, Any]] = [
        {"hash": one.hash, "type": one.type.value, "size": one.size, "width": one.width, "height": one.height}
        for one in by_hash.values()
    ]
    if rows:
        await writer.fetch(ADD_FILES, json_rows(rows))


async def forget_files(session: WritingSession, seconds: float) -> int:
    """How many files nothing referred to for so long, which are not known any longer."""

    async def work(writer: Writer) -> int:
        return len(await writer.fetch(FORGET_FILES, seconds, ROWS_A_TIME))

    forgotten = 0
    while found := await transact(session, UNRESTRICTED, NAME_OF_REMOVAL, work):
        forgotten += found
    return forgotten


async def unknown_files(session: WritingSession, hashes: Sequence[str]) -> Collection[str]:
    """Those of some hashes that no file is known by."""

    async def work(writer: Writer) -> set[str]:
        return {row[0] for row in await writer.fetch(KNOWN_FILES, hashes)}

    return set(hashes) - await transact(session, UNRESTRICTED, NAME_OF_REMOVAL, work)
