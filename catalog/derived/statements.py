"""Statements that change media, or what hangs on them, with what is derived of it in the same statement.

Each is one writing statement whose rows are called `changed`, and pieces that read these rows. They are joined as
data-modifying CTEs: all see the catalogue as it was before. Who writes holds the media's rows (lock_media), so that
what is copied or counted stays true to the end of the transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from catalog.derived.declared import COPIES, COUNTS, FEED, KEPT_WITHOUT_MEDIA, PAIRS, SORT_KEYS, Count, Pair


class Piece(NamedTuple):
    """One writing part of a statement; what it returns can be read by its name."""

    name: str
    text: str


def joined(main: str, pieces: Iterable[Piece], answer: str = "") -> str:
    """One statement of a writing one and its pieces. `answer`: a SELECT for the rows that are to be given back.

    The main one returns what the pieces read. An engine that cannot take them together can be sent the pieces one
    after the other, with the rows of `changed` as arrays: none reads what another one writes, but by its name."""
    parts = [Piece("changed", main), *pieces]
    last = answer or parts.pop().text
    ctes = ", ".join(f"{part.name} AS ({part.text})" for part in parts)
    return f"WITH {ctes} {last}" if ctes else last


# What has changed, and when; the last change of each media alone is kept. What was made in the same transaction stays
# CREATED.
NOTE = """
INSERT INTO media_change (media_id, library_id, type) {rows}
ON CONFLICT (media_id) DO UPDATE
SET library_id = excluded.library_id, transaction_id = excluded.transaction_id, changed_at = excluded.changed_at,
    type = CASE WHEN excluded.type = 'UPDATED' AND media_change.type = 'CREATED'
                     AND media_change.transaction_id = excluded.transaction_id
                THEN 'CREATED' ELSE excluded.type END
"""


def noted(rows: str) -> Piece:
    """The feed moved. `rows`: a SELECT of media_id, library_id, type, each media once."""
    return Piece("noted", NOTE.format(rows=rows))


def counted(count: Count, rows: str, number: str = "count(*)", having: str = "") -> Piece:
    """A kept count changed by the number of some rows, by its keys."""
    return Piece(
        f"counted_{count.source}",
        f"INSERT INTO {count.table} ({count.columns}, media_count)"
        f" SELECT {count.columns}, {number} FROM {rows} GROUP BY {count.columns}{having}",
    )


def counts_of(table: str) -> Iterator[Count]:
    return (count for count in COUNTS if count.source == table)


def own(alias: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in columns)


# Media.


def inserted_media(main: str) -> str:
    """`main`: inserts media. Gives the ids in the order of the rows."""
    return joined(
        f"{main} RETURNING id, library_id",
        [
            *(counted(count, "changed") for count in counts_of("media")),
            noted("SELECT id, library_id, 'CREATED' FROM changed ORDER BY id"),
        ],
        "SELECT id FROM changed",
    )


def updated_media(sets: str, changes: str, *, carries: bool = True, feed: bool = True) -> str:
    """`sets`: what the columns of media m are set to; `changes`: a FROM item with `change.id`, the rows to change.

    carries: whether a copied column may change. Then the copies follow where it does, and the counts. feed: whether
    the feed is moved here, and not by the history of the same edit."""
    old = "JOIN media old ON old.id = change.id" if carries else ""
    before = "".join(f", old.{name} AS old_{name}" for name in SORT_KEYS) if carries else ""
    return joined(
        f"UPDATE media m SET {sets}, version = m.version + 1, updated_at = now()"
        f" FROM {changes} {old} WHERE m.id = change.id RETURNING m.id, {own('m', SORT_KEYS)}{before}",
        [
            *(carried_copies() if carries else ()),
            *([noted("SELECT id, library_id, 'UPDATED' FROM changed ORDER BY id")] if feed else []),
        ],
    )


def carried_copies() -> Iterator[Piece]:
    """Copies that follow the media in `changed`, and counts that follow the library."""
    for count in counts_of("media"):
        yield moved_counts(count, "changed")
    for table, columns in COPIES.items():
        counts = list(counts_of(table))
        keys = [key for count in counts for key in count.keys if key != "library_id"]
        returning = f" RETURNING {own('j', keys)}, c.library_id, c.old_library_id" if counts else ""
        yield Piece(
            f"carried_{table}",
            f"UPDATE {table} j SET {', '.join(f'{name} = c.{name}' for name in columns)} FROM changed c"
            f" WHERE j.media_id = c.id AND ({own('c', columns)})"
            f" IS DISTINCT FROM ({', '.join(f'c.old_{name}' for name in columns)}){returning}",
        )
        for count in counts:
            yield moved_counts(count, f"carried_{table}")


def moved_counts(count: Count, rows: str) -> Piece:
    """A kept count after rows have moved from old_library_id to library_id."""
    others = "".join(f"{key}, " for key in count.keys if key != "library_id")
    return counted(
        count,
        f"(SELECT {others}moved.library_id, moved.number FROM {rows} AS c,"
        " LATERAL (VALUES (c.library_id, 1), (c.old_library_id, -1)) AS moved(library_id, number)"
        " WHERE c.library_id <> c.old_library_id) AS moved",
        "sum(number)",
        " HAVING sum(number) <> 0",
    )


def deleted_media(where: str) -> str:
    """Deletes the media for which a condition on `media` holds; what hangs on them goes by foreign keys afterwards."""
    return joined(
        f"DELETE FROM media WHERE {where} RETURNING id, library_id",
        [
            *(counted(count, "changed", "-count(*)") for count in counts_of("media")),
            *(
                counted(
                    count,
                    f"(SELECT {own('j', count.keys)} FROM changed c"
                    f" JOIN {count.source} j ON j.media_id = c.id) AS gone",
                    "-count(*)",
                )
                for count in COUNTS
                if count.source != "media"
            ),
            *(forgotten_media(table) for table in KEPT_WITHOUT_MEDIA),
            noted("SELECT id, library_id, 'DELETED' FROM changed ORDER BY id"),
        ],
    )


def forgotten_media(table: str) -> Piece:
    """Rows that stay when their media goes, without it and without its copies."""
    sets = ", ".join(f"{name} = NULL" for name in ("media_id", *COPIES[table]))
    return Piece(f"forgotten_{table}", f"UPDATE {table} j SET {sets} FROM changed c WHERE j.media_id = c.id")


# What hangs on media.


def inserted_rows(table: str, main: str, *, feed: bool, answer: str = "") -> str:
    """`main`: inserts rows of a table with their copies (copied), and returns nothing yet. `feed`: whether the feed is
    moved here, and not by the history of the same edit."""
    return joined(
        f"{main} RETURNING {table}.*",
        [*(counted(count, "changed") for count in counts_of(table)), *new_pairs(table), *touched(table, feed)],
        answer,
    )


def deleted_rows(table: str, main: str, alias: str, *, feed: bool) -> str:
    """`main`: deletes rows of a table that it calls `alias`, and returns nothing yet. `feed`: as in inserted_rows."""
    return joined(
        f"{main} RETURNING {alias}.*",
        [
            *(counted(count, "changed", "-count(*)") for count in counts_of(table)),
            *old_pairs(table),
            *touched(table, feed),
        ],
    )


def copied(table: str, alias: str = "m") -> tuple[str, str]:
    """The copied columns of a table, and where an INSERT ... SELECT takes them from: media by this alias."""
    return ", ".join(COPIES[table]), own(alias, COPIES[table])


def touched(table: str, feed: bool) -> Iterator[Piece]:
    """The feed moved for the media of `changed`, where rows of the table are theirs."""
    if feed and table in FEED:
        yield noted(
            "SELECT id, library_id, 'UPDATED' FROM media WHERE id IN (SELECT media_id FROM changed) ORDER BY id"
        )


def new_pairs(source: str) -> Iterator[Piece]:
    """The pairs of rows in `changed` that were not there, and their counts."""
    for pair in PAIRS:
        if pair.source == source:
            names, values = copied(pair.table)
            keys = ", ".join(pair.keys)
            yield Piece(
                f"paired_{pair.table}",
                f"INSERT INTO {pair.table} ({keys}, {names}) SELECT {own('c', pair.keys)}, {values}"
                f" FROM (SELECT DISTINCT {keys} FROM changed) AS c JOIN media m ON m.id = c.media_id"
                f" ORDER BY {own('c', pair.keys)} ON CONFLICT ({keys}) DO NOTHING RETURNING {pair.table}.*",
            )
            yield from (counted(count, f"paired_{pair.table}") for count in counts_of(pair.table))


def old_pairs(source: str) -> Iterator[Piece]:
    """The pairs of rows in `changed`, deleted ones, that no other row has, and their counts."""
    for pair in PAIRS:
        if pair.source == source:
            yield Piece(
                f"parted_{pair.table}",
                f"DELETE FROM {pair.table} p USING (SELECT DISTINCT {', '.join(pair.keys)} FROM changed) AS c"
                f" WHERE {same_pair(pair, 'p', 'c')} AND NOT EXISTS (SELECT FROM {source} s"
                f" WHERE {same_pair(pair, 's', 'p')} AND s.id NOT IN (SELECT id FROM changed)) RETURNING p.*",
            )
            yield from (counted(count, f"parted_{pair.table}", "-count(*)") for count in counts_of(pair.table))


def same_pair(pair: Pair, one: str, other: str) -> str:
    return " AND ".join(f"{one}.{key} = {other}.{key}" for key in pair.keys)


# All of a load.


def counted_from(count: Count) -> str:
    """The kept counts of the media that were added from id $1 on."""
    media_id = "id" if count.source == "media" else "media_id"
    rows = f"(SELECT {count.columns} FROM {count.source} WHERE {media_id} >= $1) AS loaded"
    return counted(count, rows).text


# The place in the feed of the media that were added from id $1 on.
NOTED_FROM = noted("SELECT id, library_id, 'CREATED' FROM media WHERE id >= $1 ORDER BY id").text
