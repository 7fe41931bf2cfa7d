"""What an edit of many things comes to: which went well, and for each of the others why not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeVar

import orjson

from catalog.derived.declared import FEED
from catalog.derived.statements import joined, noted
from catalog.transaction import Writer
from database.row import Row
from domain.bounds import ITEMS_OF_AN_EDIT, JSON_LEVELS
from domain.enums import HistoryEventType
from domain.errors import CatalogError, Code
from domain.exact_json import is_exact

T = TypeVar("T")

NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes U+0000, not a backslash before "u0000"


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """Why one thing was left as it is. `item`: its place in what was given; `media`: its media, if any;
    in an edit of another noun the one of these."""

    code: Code
    message: str
    item: int | None = None
    media: int | None = None


@dataclass(slots=True)
class EditOutcome:
    """`media`: ids of those that were changed successfully, in the order given (of media, unless an edit is of another
    noun); `failures`: one for each of the others."""

    media: list[int] = field(default_factory=list)
    failures: list[ItemFailure] = field(default_factory=list)

    def fail(self, error: CatalogError, item: int | None = None, media: int | None = None) -> None:
        self.failures.append(ItemFailure(Code(error.extensions["code"]), str(error), item, media))


class LoopYield:
    """Lets other requests have their turn between the parts of a long piece of work: folding the overviews of one edit
    took .4 s."""

    MAX_SECONDS = 0.01  # seconds

    def __init__(self) -> None:
        self._since = perf_counter()

    async def maybe_yield(self) -> None:
        if perf_counter() - self._since > self.MAX_SECONDS:
            await asyncio.sleep(0)
            self._since = perf_counter()


class BriefLoopYield(LoopYield):
    """Of work that is done while others wait for the database, and that may not keep them when it has answered."""

    MAX_SECONDS = 0.002


MANY = 2_000  # things, from which on it pays to work on them beside the loop


async def beside_loop(number: int, work: Callable[..., T], *given: Any) -> T:
    """What some work on a number of things gives, which for many of them is done in a thread: other requests have their
    turn meanwhile."""
    return await asyncio.to_thread(work, *given) if number > MANY else work(*given)


def json_rows(rows: Sequence[Any]) -> str:
    """Rows as the text of a JSON array, for `jsonb_to_recordset($1::text::jsonb)`. Some at a time, since other threads
    stand still while some are written."""
    parts = [orjson.dumps(rows[at : at + MANY])[1:-1] for at in range(0, len(rows), MANY)]
    return f"[{b','.join(parts).decode()}]"


# The media of an edit, in the order of their ids so that two edits cannot wait for each other: nobody else changes
# them, or what hangs on them, until the end of the transaction.
LOCK_MEDIA = """
SELECT m.id, m.library_id, m.kind, m.version, to_jsonb(m) AS row
FROM media m
WHERE m.id = any($1::bigint[]) AND ($2::bigint[] IS NULL OR m.library_id = any($2::bigint[]))
ORDER BY m.id FOR NO KEY UPDATE OF m
"""

# What happened, for those whom it happened to.
ADD_EVENTS = """
INSERT INTO history_event (media_id, library_id, type, detail)
SELECT media_id, library_id, $3::text, detail
FROM unnest($1::bigint[], $2::bigint[], $4::jsonb[]) AS event(media_id, library_id, detail)
"""
ADD_EVENTS_OF_CHANGES = joined(
    f"{ADD_EVENTS} RETURNING media_id, library_id",
    [noted("SELECT media_id, library_id, 'UPDATED' FROM changed ORDER BY media_id")],
)


async def lock_media(writer: Writer, ids: Iterable[int], text: str = LOCK_MEDIA) -> dict[int, Row]:
    """The media that are there and may be changed, by id: id, library_id, kind, version, row.

    `text`: the statement that locks them, where more of each is to be known."""
    found = await writer.fetch(text, sorted(set(ids)), writer.libraries)
    return {row["id"]: row for row in found}


async def add_events(
    writer: Writer,
    type: HistoryEventType,
    locked: dict[int, Row],
    details: dict[int, dict[str, Any]],
    table: str | None = None,
) -> None:
    """One history event a media that was changed, with its detail. `table`: the one whose rows were changed; where it
    is one of the feed's, the feed is moved too."""
    ids = list(details)
    text = ADD_EVENTS_OF_CHANGES if table in FEED else ADD_EVENTS
    await writer.fetch(text, ids, [locked[one]["library_id"] for one in ids], type, list(details.values()))


def no_such_media() -> CatalogError:
    return CatalogError(Code.NOT_FOUND, "There is no such media.")


def check_batch_size(items: Sequence[Any], noun: str, most: int = ITEMS_OF_AN_EDIT) -> None:
    """BAD_ARGUMENT where an edit is of too many things."""
    if len(items) > most:
        raise CatalogError(Code.BAD_ARGUMENT, f"At most {most} {noun} in one edit: {len(items)} were given.")


def check_storable(value: Any) -> None:
    """BAD_ARGUMENT for JSON that the database cannot hold, or that could not be read again as it was written: U+0000,
    half of a surrogate pair, numbers of too many digits, too many levels."""
    check_json(value)
    try:
        if NULL.search(orjson.dumps(value)):
            raise ValueError
    except (ValueError, TypeError):
        raise CatalogError(Code.BAD_ARGUMENT, "This JSON holds text or numbers that cannot be stored.") from None


def check_json(value: Any) -> None:
    """BAD_ARGUMENT for numbers that would be rounded, and for more levels than JSON is written with."""
    level = [value]
    for _ in range(JSON_LEVELS):
        for one in level:
            if isinstance(one, int | float) and not is_exact(one):
                raise CatalogError(
                    Code.BAD_ARGUMENT,
                    "This JSON holds a number that cannot be kept exactly: one of more than 64 bits, or of more digits "
                    "than a 64-bit float has. Send it as a string.",
                )
        parts = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        if not parts:
            return
        level = [inner for part in parts for inner in part]
    raise CatalogError(Code.BAD_ARGUMENT, f"JSON is at most {JSON_LEVELS} levels deep.")
