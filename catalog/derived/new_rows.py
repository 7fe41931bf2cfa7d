"""What is derived of rows that are copied into the catalogue: worked out beside them, from the same declarations as the
pieces of statements (catalog/derived/statements.py), since a COPY has none.

Who copies holds the media's rows, or has made them, so that what is copied and counted stays true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any

from catalog.derived.declared import COUNTS, Count
from catalog.derived.statements import noted


@dataclass(slots=True)
class Event:
    """What happened to a media, for its history. in_feed: whether it has changed for those who follow the feed."""

    media: int
    library: int
    type: str
    detail: dict[str, Any]
    in_feed: bool = True


@dataclass(slots=True)
class Notes:
    """What is to be noted of an edit's rows. counts: by table the changes of kept numbers, by the values of keys."""

    counts: dict[str, Counter[tuple[Any, ...]]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def count(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Counts rows that are copied into a table, if any number of its rows is kept."""
        for one in counts_of_table(table):
            places = [columns.index(key) for key in one.keys]
            found = self.counts.setdefault(one.table, Counter())
            found.update(zip(*(map(itemgetter(place), rows) for place in places), strict=True))

    def values(self) -> list[Any]:
        """The parameters of NOTE_ALL."""
        found: list[Any] = []
        for one in COUNTS:
            deltas = self.counts.get(one.table) or Counter()
            found += [[key[place] for key in deltas] for place in range(len(one.keys))]
            found.append(list(deltas.values()))
        events = sorted(self.events, key=lambda event: event.media)
        found += [
            [event.media for event in events],
            [event.library for event in events],
            [event.type for event in events],
            [event.detail for event in events],
            [event.in_feed for event in events],
        ]
        return found


def counts_of_table(table: str) -> Sequence[Count]:
    return [one for one in COUNTS if one.source == table]


@cache
def note_all() -> str:
    """Stores what Notes.values gives."""
    parts: list[str] = []
    place = 1
    for one in COUNTS:
        arrays = ", ".join(f"${place + at}::bigint[]" for at in range(len(one.keys) + 1))
        place += len(one.keys) + 1
        parts.append(
            f"counted_{one.source} AS (INSERT INTO {one.table} ({one.columns}, media_count)"
            f" SELECT * FROM unnest({arrays}) AS delta)"
        )
    types = ("bigint", "bigint", "text", "jsonb", "boolean")
    arrays = ", ".join(f"${place + at}::{type_}[]" for at, type_ in enumerate(types))
    parts.append(f"event AS (SELECT * FROM unnest({arrays}) AS event(media_id, library_id, type, detail, in_feed))")
    parts.append(
        "told AS (INSERT INTO history_event (media_id, library_id, type, detail)"
        " SELECT media_id, library_id, type, detail FROM event)"
    )
    rows = "SELECT media_id, library_id, type FROM event WHERE in_feed ORDER BY media_id"
    return f"WITH {', '.join(parts)} {noted(rows).text}"


def copies(table_columns: Sequence[str], media: Mapping[str, Any]) -> tuple[Any, ...]:
    """The columns of a media that a row repeats."""
    return tuple(map(media.get, table_columns))
