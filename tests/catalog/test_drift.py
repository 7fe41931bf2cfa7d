"""What is derived, checked: every kind of difference is found as it is, and mended where it can be."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.derived.declared import BOUNDS, COPIES, COUNTS, FEED, SORT_KEYS, TABLES
from catalog.drift import CHECKS, find_drift
from domain.media_kinds import PARENTS
from domain.media_lists import MEDIA_LISTS
from domain.memberships import BY_NOUN, MEMBERSHIPS
from tests.support.derived import assert_no_drift, drift, selected_rows, settle
from tests.support.factories import add_person
from tests.support.sessions import session_over

# 2,000 media of library 1, and of each table a row for each of them; things of ten of every noun.
COPIED = f"m.{', m.'.join(SORT_KEYS)}"
FILL = f"""
INSERT INTO library (name, folded_name) VALUES ('here', 'here'), ('there', 'there');
INSERT INTO media (library_id, kind, title, folded_title, sort_title, year)
SELECT 1, 'MOVIE', 'M' || n, 'm' || n, 'm' || n, 2000 FROM generate_series(1, 2000) n;
INSERT INTO tag (name, folded_name, slug) SELECT n::text, n::text, n::text FROM generate_series(1, 10) n;
INSERT INTO genre (name, folded_name, slug) SELECT name, folded_name, slug FROM tag ORDER BY id;
INSERT INTO channel (name, folded_name, slug) SELECT name, folded_name, slug FROM tag ORDER BY id;
INSERT INTO tag_name (folded, tag_id, is_primary) SELECT folded_name, id, true FROM tag;
INSERT INTO genre_name (folded, genre_id, is_primary) SELECT folded_name, id, true FROM genre;
INSERT INTO channel_name (folded, channel_id, is_primary) SELECT folded_name, id, true FROM channel;
INSERT INTO person (name, folded_name) SELECT name, folded_name FROM tag ORDER BY id;
INSERT INTO collection (kind, name, folded_name) SELECT 'OTHER', name, folded_name FROM tag ORDER BY id;
INSERT INTO media_tag (media_id, tag_id, {", ".join(SORT_KEYS)}) SELECT m.id, 1 + m.id % 10, {COPIED} FROM media m;
INSERT INTO media_genre (media_id, genre_id, {", ".join(SORT_KEYS)}) SELECT m.id, 1 + m.id % 10, {COPIED} FROM media m;
INSERT INTO media_channel (media_id, channel_id, {", ".join(SORT_KEYS)})
SELECT m.id, 1 + m.id % 10, {COPIED} FROM media m;
INSERT INTO media_collection (media_id, collection_id, {", ".join(SORT_KEYS)})
SELECT m.id, 1 + m.id % 10, {COPIED} FROM media m;
INSERT INTO media_person (media_id, person_id, {", ".join(SORT_KEYS)})
SELECT m.id, 1 + m.id % 10, {COPIED} FROM media m;
INSERT INTO credit (media_id, person_id, role, library_id, year)
SELECT id, 1 + id % 10, role, 1, 2000 FROM media, unnest(ARRAY['ACTOR', 'DIRECTOR']) AS role;
INSERT INTO release (media_id, name, category, library_id) SELECT id, 'R' || id, 'movies', 1 FROM media;
INSERT INTO release (name, category) VALUES ('of nothing', 'movies');
INSERT INTO history_event (media_id, library_id, type) SELECT id, 1, 'CREATED' FROM media;
INSERT INTO history_event (media_id, library_id, type) VALUES (1000000, 2, 'DELETED');
INSERT INTO external_id SELECT 'demo', id::text, id FROM media;
INSERT INTO library_media_count VALUES (1, 2000);
INSERT INTO tag_media_count SELECT n, 1, 200 FROM generate_series(1, 10) n;
INSERT INTO genre_media_count SELECT n, 1, 100 FROM generate_series(1, 10) n, generate_series(1, 2);
INSERT INTO channel_media_count SELECT n, 1, 200 FROM generate_series(1, 10) n;
INSERT INTO collection_media_count SELECT n, 1, 200 FROM generate_series(1, 10) n;
INSERT INTO person_media_count SELECT n, 1, 200 FROM generate_series(1, 10) n;
INSERT INTO media_change (media_id, library_id, type) SELECT id, 1, 'CREATED' FROM media;
INSERT INTO media_change (media_id, library_id, type) VALUES (1000000, 2, 'DELETED');
"""

# What is written by SQL alone, and the drift it makes: kind, table, rows, lowest id.
COPIES_DIFFER, COUNTS_DIFFER, UNTOLD = "copies that differ", "counts that differ", "media missing in the feed"
NOUNS = (*BY_NOUN, "person", "collection")
BROKEN: tuple[tuple[str, list[tuple[str, str, int, int | None]]], ...] = (
    (
        "UPDATE media_tag SET year = 1900, rating_tenths = 7 WHERE media_id % 2 = 0",
        [(COPIES_DIFFER, "media_tag", 1000, 2)],
    ),
    (
        "UPDATE media_genre SET library_id = 2 WHERE media_id BETWEEN 11 AND 310",
        [(COPIES_DIFFER, "media_genre", 300, 11), (COUNTS_DIFFER, "genre_media_count", 20, 1)],
    ),
    ("UPDATE media_channel SET sort_title = 'x'", [(COPIES_DIFFER, "media_channel", 2000, 1)]),
    ("UPDATE media_person SET added_at = '2001-01-01'", [(COPIES_DIFFER, "media_person", 2000, 1)]),
    ("UPDATE media_collection SET year = NULL WHERE media_id > 5", [(COPIES_DIFFER, "media_collection", 1995, 6)]),
    ("UPDATE credit SET year = NULL WHERE media_id > 1500", [(COPIES_DIFFER, "credit", 1000, 1501)]),
    ("UPDATE release SET library_id = 2 WHERE media_id = 7", [(COPIES_DIFFER, "release", 1, 7)]),
    ("UPDATE history_event SET library_id = 2 WHERE media_id < 9", [(COPIES_DIFFER, "history_event", 8, 1)]),
    ("INSERT INTO tag_media_count VALUES (3, 1, 5), (4, 1, 1)", [(COUNTS_DIFFER, "tag_media_count", 2, 3)]),
    ("INSERT INTO channel_media_count VALUES (99, 1, -1)", [(COUNTS_DIFFER, "channel_media_count", 1, 99)]),
    ("DELETE FROM library_media_count", [(COUNTS_DIFFER, "library_media_count", 1, 1)]),
    ("TRUNCATE collection_media_count", [(COUNTS_DIFFER, "collection_media_count", 10, 1)]),
    (
        "DELETE FROM media_person WHERE media_id <= 40",
        [("missing pairs", "media_person", 40, 1), (COUNTS_DIFFER, "person_media_count", 10, 1)],
    ),
    ("DELETE FROM credit WHERE media_id > 1990", [("left over pairs", "media_person", 10, 1991)]),
    ("DELETE FROM tag_name WHERE tag_id < 4", [("missing names", "tag_name", 3, 1)]),
    ("UPDATE genre_name SET is_primary = false WHERE genre_id = 7", [("missing names", "genre_name", 1, 7)]),
    (
        "UPDATE channel SET folded_name = 'x' WHERE id = 5",
        [("left over names", "channel_name", 1, 5), ("missing names", "channel_name", 1, 5)],
    ),
    ("INSERT INTO tag_name VALUES ('y', 6, true)", [("left over names", "tag_name", 1, 6)]),
    ("INSERT INTO genre_name VALUES ('y', 7, true)", [("left over names", "genre_name", 1, 7)]),
    ("DELETE FROM media_change WHERE media_id BETWEEN 1001 AND 2000", [(UNTOLD, "media_change", 1000, 1001)]),
    (
        "UPDATE media_change SET type = 'DELETED' WHERE media_id = 5;"
        "UPDATE media_change SET library_id = 2 WHERE media_id = 6",
        [(UNTOLD, "media_change", 2, 5)],
    ),
    (
        "INSERT INTO history_event (media_id, library_id, type) VALUES (1000001, 99, 'DELETED')",
        [("events of no library", "history_event", 1, 1000001)],
    ),
    (
        "INSERT INTO media (id, library_id, kind, title, folded_title, sort_title)"
        " VALUES (5000, 2, 'CLIP', 'A', 'a', 'a')",
        [(COUNTS_DIFFER, "library_media_count", 1, 2), (UNTOLD, "media_change", 1, 5000)],
    ),
    (
        "UPDATE media SET library_id = 2 WHERE id BETWEEN 21 AND 40",
        [
            *((COPIES_DIFFER, f"media_{noun}", 20, 21) for noun in NOUNS),
            (COPIES_DIFFER, "credit", 40, 21),
            (COPIES_DIFFER, "release", 20, 21),
            (COPIES_DIFFER, "history_event", 20, 21),
            (COUNTS_DIFFER, "library_media_count", 2, 1),
            (UNTOLD, "media_change", 20, 21),
        ],
    ),
    (
        "UPDATE release SET media_id = NULL, library_id = NULL; DELETE FROM media WHERE id = 2000",
        [
            (COUNTS_DIFFER, "library_media_count", 1, 1),
            *((COUNTS_DIFFER, f"{noun}_media_count", 1, 1) for noun in NOUNS if noun != "person"),
            ("deletions missing in the feed", "media_change", 1, 2000),
        ],
    ),
    (
        "DELETE FROM tag WHERE id = 2; DELETE FROM person WHERE id IN (5, 6)",
        [(COUNTS_DIFFER, "tag_media_count", 2, 2), (COUNTS_DIFFER, "person_media_count", 4, 5)],
    ),
)


async def test_every_kind_of_drift_is_told_exactly_mended_and_then_gone(connection: Any) -> None:
    await connection.execute(FILL)
    await assert_no_drift(connection)
    kinds = set()
    for text, expected in BROKEN:
        await connection.execute(text)
        assert await drift(connection) == expected, text
        await settle(connection)
        await assert_no_drift(connection)
        kinds |= {(kind, table) for kind, table, *_ in expected}
    assert kinds == {(check.kind, check.table) for check in CHECKS if check.mend is not None}


async def test_what_is_mended_is_what_it_was_made_from(connection: Any) -> None:
    """Without the check as its own witness."""
    await connection.execute(FILL)
    for text, _ in BROKEN[:-2]:
        await connection.execute(text)
    await settle(connection)

    for table in ("media_tag", "media_genre", "media_channel", "media_person", "media_collection"):
        rows = await connection.fetch(
            f"SELECT m.id, {COPIED} FROM media m WHERE id IN (SELECT media_id FROM {table}) ORDER BY id"
        )
        assert await connection.fetch(f"SELECT media_id AS id, {', '.join(SORT_KEYS)} FROM {table} ORDER BY 1") == rows
    for count in COUNTS:
        kept = f"SELECT {count.columns}, sum(media_count) FROM {count.table} GROUP BY {count.columns}"
        rows = await connection.fetch(f"{kept} HAVING sum(media_count) <> 0 ORDER BY {count.columns}")
        counted = f"SELECT {count.columns}, count(*) FROM {count.source} GROUP BY {count.columns}"
        assert [*map(tuple, rows)] == [*map(tuple, await connection.fetch(f"{counted} ORDER BY {count.columns}"))]
    pairs = await connection.fetch("SELECT DISTINCT media_id, person_id FROM credit ORDER BY 1, 2")
    assert await connection.fetch("SELECT media_id, person_id FROM media_person ORDER BY 1, 2") == pairs
    assert await connection.fetchval("SELECT library_id FROM history_event WHERE media_id = 25") == 2
    feed = "SELECT type, count(*) FROM media_change GROUP BY 1 ORDER BY 1"
    assert [*map(tuple, await connection.fetch(feed))] == [("CREATED", 1979), ("DELETED", 1), ("UPDATED", 22)]


async def test_a_truncate_is_followed(connection: Any) -> None:
    await connection.execute(FILL)
    await connection.execute("TRUNCATE media CASCADE")
    assert await drift(connection) == [
        (COUNTS_DIFFER, "library_media_count", 1, 1),
        *((COUNTS_DIFFER, f"{noun}_media_count", 10, 1) for noun in NOUNS),
        ("deletions missing in the feed", "media_change", 2000, 1),
    ]

    await settle(connection)

    await assert_no_drift(connection)
    assert await connection.fetchval("SELECT count(*) FROM media_change WHERE type = 'DELETED'") == 2001


async def test_mending_what_is_right_changes_nothing(connection: Any) -> None:
    await connection.execute(FILL)
    tables = [*COPIES, *(count.table for count in COUNTS), "media_change"]
    versions = [await connection.fetch(f"SELECT ctid, xmin FROM {table} ORDER BY 1") for table in tables]

    await settle(connection)

    assert [await connection.fetch(f"SELECT ctid, xmin FROM {table} ORDER BY 1") for table in tables] == versions


# How a row of each bounded table is told apart from the next one, where its columns have checks or follow from others.
ROWS = {
    **{one.table: f"({one.noun}_id, media_id, {', '.join(SORT_KEYS)}) SELECT n, m.id, {COPIED}" for one in MEMBERSHIPS},
    "media_collection": f"(collection_id, media_id, {', '.join(SORT_KEYS)}) SELECT n, m.id, {COPIED}",
    "categorisation": "(media_id, category, value) SELECT m.id, 'c', n::text",
    "media_alias": "(media_id, title, folded_title) SELECT m.id, n::text, n::text",
    "external_id": "(media_id, source, value) SELECT m.id, 'imdb', m.id || '-' || n",
    "artwork": "(media_id, type, url) SELECT m.id, 'LOGO', n::text",
    "media_file": "(media_id, path, name, size, modified_at) SELECT m.id, m.id || '/' || n, 'x', 1, now()",
    "thumbnail": "(media_id, offset_ms) SELECT m.id, n",
    "subtitle": "(media_id, language) SELECT m.id, 'en'",
}
NAMED = "INSERT INTO {} (name, folded_name, slug) SELECT 'n' || n, 'n' || n, n::text FROM generate_series(1, 257) n"
COLLECTIONS = "INSERT INTO collection (kind, name, folded_name) SELECT 'OTHER', 'n', 'n' FROM generate_series(1, 65)"


@pytest.mark.parametrize("table", BOUNDS)
async def test_media_over_a_bound_are_told_and_left_alone(connection: Any, table: str) -> None:
    await connection.execute(
        """INSERT INTO library (name, folded_name) VALUES ('L', 'l');
        INSERT INTO media (library_id, kind, title, folded_title, sort_title)
        SELECT 1, 'MOVIE', 'M' || n, 'm' || n, 'm' || n FROM generate_series(1, 3) n"""
    )
    for noun in BY_NOUN:
        await connection.execute(NAMED.format(noun))
    await connection.execute(COLLECTIONS)
    bound, rows = BOUNDS[table], ROWS.get(table) or await selected_rows(connection, table)
    fill = f"INSERT INTO {table} {rows} FROM media m, generate_series(1, {bound}) n"
    await connection.execute(fill)
    await settle(connection)
    await assert_no_drift(connection)

    more = rows.replace("n::text", "n || 'x'")
    await connection.execute(
        f"INSERT INTO {table} {more} FROM media m, generate_series({bound + 1}, {bound + 1}) n WHERE m.id > 1"
    )
    await settle(connection)

    assert await drift(connection) == [("media over the bound", table, 2, 2)]
    [found] = await find_drift(session_over(connection))
    assert not found.mends
    assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 3 * bound + 2


async def test_people_over_their_bound_are_told_and_left_alone(connection: Any) -> None:
    for number in (1, 2):
        await add_person(connection, f"P{number}")
    ids = "INSERT INTO person_external_id SELECT 'imdb', p.id || '-' || n, p.id FROM person p, generate_series(1, 64) n"
    await connection.execute(ids)
    await assert_no_drift(connection)

    await connection.execute("INSERT INTO person_external_id VALUES ('imdb', 'one more', 2)")

    assert await drift(connection) == [("people over the bound", "person_external_id", 1, 2)]


async def test_media_under_a_wrong_parent_are_told_and_left_alone(connection: Any) -> None:
    kinds = ("MOVIE", "SERIES", "SEASON", "EPISODE", "CLIP", "TRACK")
    await connection.execute("INSERT INTO library (name, folded_name) VALUES ('L', 'l')")
    await connection.execute(
        """INSERT INTO media (library_id, kind, title, folded_title, sort_title)
        SELECT 1, kind, kind, kind, kind FROM unnest($1::text[]) kind""",
        kinds,
    )
    await connection.execute(
        """INSERT INTO media (library_id, kind, title, folded_title, sort_title, parent_id)
        SELECT 1, own.kind, own.kind, own.kind, own.kind, id FROM media, unnest($1::text[]) AS own(kind) ORDER BY id""",
        kinds,
    )
    await settle(connection)

    fitting = sum(map(len, PARENTS.values()))
    assert fitting == 3
    assert await drift(connection) == [("media under a wrong parent", "media", 36 - fitting, 7)]


async def test_every_table_with_what_is_derived_is_declared(connection: Any) -> None:
    columns = await connection.fetch(
        """SELECT table_name, array_agg(column_name::text) AS names FROM information_schema.columns
        WHERE table_schema = 'public' GROUP BY 1"""
    )
    names = {row["table_name"]: set(row["names"]) for row in columns}
    # The feed and the journal of operations on names tell of media, and outlive them.
    told = {"media_change", "taxonomy_link"}
    hanging = {table for table, found in names.items() if "media_id" in found and table not in told}

    assert {table for table in hanging if "library_id" in names[table]} == {*COPIES}
    for table, copies in COPIES.items():
        assert {*SORT_KEYS} & names[table] == {*copies}, table
    assert {table for table in names if table.endswith("_media_count")} == {count.table for count in COUNTS}
    for count in COUNTS:
        assert names[count.table] == {*count.keys, "media_count", "is_folded"}
        assert {*count.keys} <= names[count.source]
    # One row a media, and what has no bound: credits, the people in them, releases, events, claims of processes.
    alone = {"clip", "music", "credit", "media_person", "release", "history_event", "import_item", "process_claim"}
    assert hanging - {*BOUNDS} == alone
    assert set(FEED) == {
        *(one.table for one in MEMBERSHIPS),
        *(one.table for one in MEDIA_LISTS if one.in_feed),
    }
    assert {"categorisation", "media_alias", "tagline"} <= FEED  # docs/changes.md
    assert {one.table for one in TABLES} <= names.keys()


# Triggers that may be: who listens for settings is told of them whoever sets them; the tree of tags has no writer yet.
TRIGGERS = {
    *(("tag_parent", name) for name in ("turn", "bounded", "rebounded", "checked", "rechecked")),
    ("setting", "changed"),
    *(("job_run", name) for name in ("changed", "deleted", "was_queued", "was_stopped")),
    ("job_log", "written"),
}


async def test_no_trigger_stands_on_a_table_that_would_be_distributed(connection: Any) -> None:
    rows = await connection.fetch(
        "SELECT tgrelid::regclass::text AS name, tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    assert {(row["name"], row["tgname"].removeprefix(f"{row['name']}_")) for row in rows} == TRIGGERS
    media = {"media", "media_change", *(one.table for one in TABLES), *(count.table for count in COUNTS)}
    assert media.isdisjoint(row["name"] for row in rows)
    functions = await connection.fetch(
        """SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
        WHERE nspname = 'public' AND prorettype = 'trigger'::regtype
          AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid)"""
    )
    assert functions == []
