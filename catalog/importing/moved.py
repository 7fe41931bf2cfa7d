"""Files that were moved or renamed within their source: found again by size and hash, so that their media stay."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
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
MAX_KEPT = 20_000  # keys that are known to be there


@dataclass(frozen=True, slots=True)
class Move:
    """A file that was moved: the key and the path that it had, the path that it has now."""

    media: int
    old_key: str
    key: str
    old_path: str
    path: str


class MoveSearch:
    """Finds out of which files new ones were made by moving them, in the chunks of a run. The source is asked once for
    each item that is there still, however many chunks have files of the same content."""

    def __init__(self, session: Session, source: Source, run: ImportRun) -> None:
        self._session = session
        self._source = source
        self._run = run
        self._there: set[str] = set()

    async def find(self, new: Mapping[str, SourceItem]) -> dict[str, Move]:
        """By new keys, from where their files came: from items that are gone, with files of the same size and hash."""
        wanted: dict[Content, deque[tuple[str, str]]] = defaultdict(deque)
        for key, found in new.items():
            for content, path in contents(found):
                wanted[content].append((key, path))
        if not wanted or not self._run.source:
            return {}
        sizes, hashes = map(list, zip(*wanted, strict=True))
        text = statement(IMPORT_NAME, statements.SAME_FILES)
        moves: dict[str, Move] = {}
        taken: set[str] = set()
        for old_key, media, old_path, size, hash in await self._session.fetch(text, (self._run.source, sizes, hashes)):
            waiting = wanted[size, hash]
            while waiting and waiting[0][0] in moves:
                waiting.popleft()
            if waiting and old_key not in taken and not await self._is_there(old_key):
                taken.add(old_key)
                key, path = waiting.popleft()
                moves[key] = Move(media, old_key, key, old_path, path)
        self._note_there(new)
        return moves

    async def _is_there(self, key: str) -> bool:
        """Whether an item is there still, or may be."""
        if key in self._there:
            return True
        if await self._source.has(key) is False:
            return False
        self._note_there([key])
        return True

    def _note_there(self, keys: Collection[str]) -> None:
        if len(self._there) + len(keys) > MAX_KEPT:
            self._there.clear()
        self._there.update(keys)


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
