"""Files that were moved or renamed within their source: found again by size and hash, so that their media stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.edit import add_events, lock_media
from catalog.importing import statements
from catalog.importing.checkpoint import IMPORT_NAME, ImportRun
from catalog.transaction import Writer, statement
from catalog.upsert.lists import last_part
from database.session import Session
from domain.enums import HistoryEventType
from sources.source import Source, SourceItem

Content = tuple[int, str]  # size in bytes, hash


@dataclass(frozen=True, slots=True)
class Move:
    """A file that was moved: the key and the path that it had, the path that it has now."""

    media: int
    old_key: str
    key: str
    old_path: str
    path: str


async def find_moves(
    session: Session, source: Source, run: ImportRun, new: Mapping[str, SourceItem]
) -> dict[str, Move]:
    """By new keys, from where their files came: from items that are gone, with files of the same size and hash."""
    wanted: dict[Content, list[tuple[str, str]]] = defaultdict(list)
    for key, found in new.items():
        for content, path in contents(found):
            wanted[content].append((key, path))
    if not wanted or not run.source:
        return {}
    sizes, hashes = map(list, zip(*wanted, strict=True))
    rows = await session.fetch(statement(IMPORT_NAME, statements.SAME_FILES), (run.source, sizes, hashes))
    moves: dict[str, Move] = {}
    gone: dict[str, bool] = {}
    for old_key, media, old_path, size, hash in rows:
        if old_key not in gone:
            gone[old_key] = await source.has(old_key) is False
        if not gone[old_key]:
            continue
        for key, path in wanted[size, hash]:
            if key not in moves:
                moves[key] = Move(media, old_key, key, old_path, path)
                gone[old_key] = False  # taken
                break
    return moves


def contents(found: SourceItem) -> Sequence[tuple[Content, str]]:
    """Sizes, hashes and paths of an item's files, as far as they are told."""
    return [
        ((one["size"], one["hash"]), one["path"])
        for one in found.item.lists.get("files") or ()
        if isinstance(one, dict)
        and isinstance(one.get("size"), int)
        and isinstance(one.get("hash"), str)
        and isinstance(one.get("path"), str)
    ]


async def move_files(writer: Writer, run: ImportRun, moves: Sequence[Move]) -> None:
    """Gives files their new paths, and the items their new keys; history and feed tell of it."""
    locked = await lock_media(writer, [one.media for one in moves])
    await writer.fetch(
        statements.MOVE_FILES,
        [one.media for one in moves],
        [one.old_path for one in moves],
        [one.path for one in moves],
        [last_part(one.path) for one in moves],
    )
    await writer.fetch(statements.MOVE_ITEMS, run.source, [one.old_key for one in moves], [one.key for one in moves])
    details: dict[int, dict[str, Any]] = {
        one.media: {"files": {"added": 0, "changed": 1, "removed": 0}} for one in moves if one.media in locked
    }
    if details:
        await add_events(writer, HistoryEventType.UPDATED, locked, details, "media_file")
