"""What is derived held against what it is derived from: every difference found, and mended where that can be done.

Each kind is one statement, of sets: so each is true of one moment, whoever writes meanwhile."""

from __future__ import annotations

from typing import NamedTuple

from catalog.derived.declared import BOUNDS, COPIES, COUNTS, PAIRS, Count, Pair
from catalog.derived.statements import NOTE, copied, own, same_pair
from catalog.search_vocabulary import FORGET_POSITIONS
from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from domain.bounds import EXTERNAL_IDS_OF_A_PERSON
from domain.media_kinds import PARENTS
from domain.memberships import MEMBERSHIPS
from domain.viewer import UNRESTRICTED

NAME = "check"

# Nobody writes to media, or to what hangs on them, until the end of the transaction; readers go on.
LOCK_MEDIA_TABLE = "LOCK TABLE media IN EXCLUSIVE MODE"
SETTINGS = "SET LOCAL statement_timeout = 0"


class Drift(NamedTuple):
    """Some rows of a table that are not as they should be. `first`: the lowest id of a media of theirs, of the noun
    where they are counts or names. `mends`: whether they can be mended."""

    kind: str
    table: str
    rows: int
    first: int | None
    mends: bool = True


class Check(NamedTuple):
    """`find`: gives number and lowest id of the rows that differ; `mend`: makes them right, None where nobody can."""

    kind: str
    table: str
    find: str
    mend: str | None


def found(key: str, rows: str) -> str:
    """How many rows there are, and the lowest of their keys."""
    return f"SELECT count(*) AS rows, min({key}) AS first FROM {rows}"


def check_pairs(pair: Pair) -> tuple[Check, Check]:
    """Pairs that lack, and those that are left over."""
    keys = ", ".join(pair.keys)
    names, values = copied(pair.table)
    lacking = f"(SELECT {keys} FROM {pair.source} EXCEPT SELECT {keys} FROM {pair.table}) AS c"
    beyond = f"NOT EXISTS (SELECT FROM {pair.source} s WHERE {same_pair(pair, 's', 'p')})"
    add = f"""INSERT INTO {pair.table} ({keys}, {names}) SELECT {own("c", pair.keys)}, {values}
        FROM {lacking} JOIN media m ON m.id = c.media_id"""
    return (
        Check("missing pairs", pair.table, found("c.media_id", lacking), add),
        Check(
            "left over pairs",
            pair.table,
            found("p.media_id", f"{pair.table} p WHERE {beyond}"),
            f"DELETE FROM {pair.table} p WHERE {beyond}",
        ),
    )


def check_copies(table: str, columns: tuple[str, ...]) -> Check:
    """Copies that are not what the media has."""
    differ = f"m.id = j.media_id AND ({own('j', columns)}) IS DISTINCT FROM ({own('m', columns)})"
    sets = ", ".join(f"{name} = m.{name}" for name in columns)
    return Check(
        "copies that differ",
        table,
        found("j.media_id", f"{table} j JOIN media m ON {differ}"),
        f"UPDATE {table} j SET {sets} FROM media m WHERE {differ}",
    )


def check_counts(count: Count) -> Check:
    """Kept numbers that are not the numbers of rows: what lacks of them, or is too much, is added as one more delta."""
    rows = f"""(SELECT {count.columns}, sum(number) AS number FROM (
            SELECT {count.columns}, count(*) AS number FROM {count.source} GROUP BY {count.columns}
            UNION ALL SELECT {count.columns}, -media_count FROM {count.table}
        ) AS both_sides GROUP BY {count.columns} HAVING sum(number) <> 0) AS lacking"""
    return Check(
        "counts that differ",
        count.table,
        found(count.keys[0], rows),
        f"INSERT INTO {count.table} ({count.columns}, media_count) SELECT {count.columns}, number FROM {rows}",
    )


def check_names(noun: str) -> tuple[Check, Check]:
    """Own names in <noun>_name that are not what the thing is called: they become aliases. And own names that lack."""
    left_over = f"{noun}_name n JOIN {noun} t ON t.id = n.{noun}_id WHERE n.is_primary AND n.folded <> t.folded_name"
    lacking = f"""{noun} t WHERE NOT EXISTS (
        SELECT FROM {noun}_name n WHERE n.folded = t.folded_name AND n.{noun}_id = t.id AND n.is_primary)"""
    demote = f"""UPDATE {noun}_name n SET is_primary = false FROM {noun} t
        WHERE t.id = n.{noun}_id AND n.is_primary AND n.folded <> t.folded_name"""
    add = f"""INSERT INTO {noun}_name (folded, {noun}_id, is_primary) SELECT t.folded_name, t.id, true FROM {lacking}
        ON CONFLICT (folded) DO UPDATE SET {noun}_id = excluded.{noun}_id, is_primary = true"""
    return (
        Check("left over names", f"{noun}_name", found("t.id", left_over), demote),
        Check("missing names", f"{noun}_name", found("t.id", lacking), add),
    )


# Media whose last change is not in the feed: as one that is there, in its library.
UNTOLD = """(
    SELECT m.id, m.library_id, CASE WHEN c.media_id IS NULL THEN 'CREATED' ELSE 'UPDATED' END AS type
    FROM media m LEFT JOIN media_change c ON c.media_id = m.id
    WHERE c.media_id IS NULL OR c.type = 'DELETED' OR c.library_id <> m.library_id
) AS untold"""

# Media that are gone, without a change of type DELETED.
UNBURIED = """(
    SELECT c.media_id AS id, c.library_id, 'DELETED' AS type FROM media_change c
    WHERE c.type <> 'DELETED' AND NOT EXISTS (SELECT FROM media m WHERE m.id = c.media_id)
) AS gone"""

# Events stay when their media goes, and go with their library.
OF_NO_LIBRARY = "history_event e WHERE NOT EXISTS (SELECT FROM library l WHERE l.id = e.library_id)"

FITTING = ", ".join(f"('{kind}', '{above}')" for kind, fitting in PARENTS.items() for above in fitting)
MISPLACED = f"media m JOIN media p ON p.id = m.parent_id WHERE (m.kind, p.kind) NOT IN ({FITTING})"


def check_bound(table: str, bound: int, *, key: str = "media_id", whose: str = "media") -> Check:
    """Media, or people, that have more rows of a table than they may. `key`: the column with their ids."""
    rows = f"(SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > {bound}) AS crowded"
    return Check(f"{whose} over the bound", table, found(key, rows), None)


# In the order in which they are mended: pairs bring copies, and what is counted is counted by the copies.
CHECKS = (
    *(check for pair in PAIRS for check in check_pairs(pair)),
    *(check_copies(table, columns) for table, columns in COPIES.items()),
    *(check_counts(count) for count in COUNTS),
    *(
        Check(kind, "media_change", found("id", rows), NOTE.format(rows=f"SELECT id, library_id, type FROM {rows}"))
        for kind, rows in (("media missing in the feed", UNTOLD), ("deletions missing in the feed", UNBURIED))
    ),
    *(check for one in MEMBERSHIPS for check in check_names(one.noun)),
    Check("events of no library", "history_event", found("e.media_id", OF_NO_LIBRARY), f"DELETE FROM {OF_NO_LIBRARY}"),
    *(check_bound(table, bound) for table, bound in BOUNDS.items()),
    check_bound("person_external_id", EXTERNAL_IDS_OF_A_PERSON, key="person_id", whose="people"),
    Check("media under a wrong parent", "media", found("m.id", MISPLACED), None),
)


async def find_drift(session: WritingSession) -> list[Drift]:
    """What is not as it should be, by kind and table; nothing where all is."""
    return await transact(session, UNRESTRICTED, NAME, look)


async def look(writer: Writer) -> list[Drift]:
    drift = []
    await writer.fetch(SETTINGS)
    for check in CHECKS:
        [[rows, first]] = await writer.fetch(check.find)
        if rows:
            drift.append(Drift(check.kind, check.table, rows, first, check.mend is not None))
    return drift


async def mend_drift(session: WritingSession) -> None:
    """Makes right what can be made right, in one transaction, during which nobody else writes to media."""
    await transact(session, UNRESTRICTED, NAME, mend)


async def mend(writer: Writer) -> None:
    mends = (check.mend for check in CHECKS if check.mend is not None)
    for text in (SETTINGS, LOCK_MEDIA_TABLE, *mends, FORGET_POSITIONS):
        await writer.fetch(text)
