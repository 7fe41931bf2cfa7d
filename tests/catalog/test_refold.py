"""A database whose texts were folded by an earlier rule: brought to the present one without loss."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.process.migrate import migrate
from catalog import refold
from database.connect_args import ConnectArgs
from domain.text import FOLD_VERSION, fold, slug, sort_title
from tests.support.api import open_api
from tests.support.databases import clone, drop, migrate_before
from tests.support.sessions import session_over

# As the rule before this one folded: marks of every script dropped, dashes and apostrophes kept.
OLD = """
INSERT INTO library (name, folded_name) VALUES ('パス', 'ハス'), ('A – B', 'a – b'), ('A - B', 'a - b');
INSERT INTO media (library_id, kind, title, folded_title, sort_title, original_title, overview) VALUES
    (1, 'MOVIE', 'À bout de souffle', 'a bout de souffle', 'bout de souffle', 'Σίσυφος', NULL),
    (1, 'MOVIE', 'Star Wars – The Menace', 'star wars – the menace', 'star wars – the menace', NULL, 'Élan.'),
    (1, 'MOVIE', 'Plain', 'plain', 'plain', NULL, NULL),
    (1, 'MOVIE', E'\\u200b', E'\\u200b', E'\\u200b', NULL, NULL);
INSERT INTO tag (name, folded_name, slug) VALUES
    ('パパ', 'ハハ', 'ハハ'), ('noir', 'noir', 'noir'), (E'noir\\u200b', E'noir\\u200b', 'noir'),
    ('हिन्दी', 'हनद', 'हनद'),
    ('ハハ', 'ハハ2', 'x'), ('Rock’n’Roll', 'rock''n''roll', 'rock-n-roll');
INSERT INTO tag_name (folded, tag_id, is_primary) SELECT folded_name, id, true FROM tag;
INSERT INTO tag_name (folded, tag_id, is_primary)
VALUES ('sci–fi', 2, false), ('sci-fi', 2, false), ('black – white', 3, false);
INSERT INTO media_tag (media_id, tag_id) VALUES (1, 1), (1, 2), (2, 3);
INSERT INTO genre (name, folded_name, slug) VALUES ('Noir', 'noir', 'noir');
INSERT INTO genre_name (folded, genre_id, is_primary) VALUES ('noir', 1, true);
INSERT INTO person (name, folded_name) VALUES ('Conan O’Brien', 'conan o''brien'), ('ガガ', 'カカ');
INSERT INTO credit (media_id, person_id, role, character) VALUES (1, 1, 'ACTOR', 'Ἀθῆναι');
INSERT INTO media_alias (media_id, title, folded_title) VALUES (1, 'ババ', 'ハハ');
INSERT INTO tagline (media_id, text) VALUES (2, 'Long ago…');
INSERT INTO release_group (name, folded_name) VALUES ('ピア', 'ヒア');
INSERT INTO release (release_group_id, name, category) VALUES (1, 'Ｗｉｄｅ', 'movies');
INSERT INTO collection (kind, name, folded_name) VALUES ('OTHER', 'ベスト', 'ヘスト');
"""

TEXTS = (
    "SELECT id, name FROM library ORDER BY id",
    "SELECT id, title, original_title, overview, version, updated_at FROM media WHERE id > 2 ORDER BY id",
    "SELECT id, name FROM tag ORDER BY id",
    "SELECT media_id, tag_id FROM media_tag ORDER BY media_id, tag_id",
    "SELECT id, name FROM person ORDER BY id",
    "SELECT count(*) FROM media_change",
)


@pytest.fixture
async def old(server_url: str, prefix: str) -> AsyncIterator[ConnectArgs]:
    """A database at migration 30, with texts folded by the rule of its time."""
    name = f"{prefix}_{uuid4().hex[:8]}"
    args = await clone(server_url, "template0", name)
    await migrate_before(args, "0031")
    connection = await asyncpg.connect(**args.kwargs())
    await connection.execute(OLD)
    await connection.close()
    yield args
    await drop(server_url, name)


async def stored(connection: Any) -> list[Any]:
    return [[tuple(row) for row in await connection.fetch(text)] for text in TEXTS]


async def test_everything_is_folded_anew_and_nothing_is_lost(old: ConnectArgs) -> None:
    connection = await asyncpg.connect(**old.kwargs())
    before = await stored(connection)
    await migrate(old)

    assert await stored(connection) == before
    for table, folded, source in (
        *(("media", "folded_title", "title"), ("media", "folded_original_title", "original_title")),
        *(("media", "folded_overview", "overview"), ("person", "folded_name", "name")),
        *(("credit", "folded_character", "character"), ("media_alias", "folded_title", "title")),
        *(("tagline", "folded_text", "text"), ("release", "folded_name", "name")),
        *(("release_group", "folded_name", "name"), ("collection", "folded_name", "name")),
    ):
        rows = await connection.fetch(f"SELECT {source}, {folded} FROM {table}")
        assert rows
        assert [row[1] for row in rows] == [None if row[0] is None else fold(row[0]) for row in rows], folded
    rows = await connection.fetch("SELECT title, sort_title FROM media")
    assert [row[1] for row in rows] == [sort_title(row[0]) for row in rows]
    rows = await connection.fetch(
        "SELECT j.sort_title, m.sort_title FROM media_tag j JOIN media m ON m.id = j.media_id"
    )
    assert all(row[0] == row[1] for row in rows)
    rows = await connection.fetch("SELECT name, slug FROM tag")
    assert [row[1] for row in rows] == [slug(row[0]) for row in rows]
    assert await connection.fetchval("SELECT version FROM text_folding") == FOLD_VERSION
    await connection.close()


async def test_only_media_whose_order_has_changed_are_changed_for_clients(old: ConnectArgs) -> None:
    connection = await asyncpg.connect(**old.kwargs())
    await migrate(old)
    rows = await connection.fetch("SELECT version FROM media ORDER BY id")
    assert [row[0] for row in rows] == [2, 2, 1, 1]
    await connection.close()


async def test_names_that_have_become_one_are_both_kept_and_told_of(old: ConnectArgs, caplog: Any) -> None:
    caplog.set_level(logging.WARNING)
    await migrate(old)
    async with open_api(old) as api:
        data = await api.run(
            """{ a: tag(name: "noir") { id } b: tag(name: "NOIR\u200b") { id }
            c: tag(name: "noir #3") { id name mediaCount }
            d: tag(name: "パパ") { id mediaCount } e: tag(name: "ハハ") { id }
            f: tag(name: "sci\u2014fi") { id aliases }
            g: tag(name: "black - white") { id } h: tag(name: "rock'n'roll") { id }
            libraries(filter: { in: ["a \u2013 b", "a - b #2"] }) { nodes { id name } } }"""
        )
    assert [data[key]["id"] for key in "abdegh"] == ["tag_2", "tag_2", "tag_1", "tag_5", "tag_3", "tag_6"]
    assert data["c"] == {"id": "tag_3", "name": "noir\u200b", "mediaCount": 1}
    assert data["f"] == {"id": "tag_2", "aliases": ["sci-fi"]}
    assert data["libraries"]["nodes"] == [{"id": "library_2", "name": "A – B"}, {"id": "library_3", "name": "A - B"}]
    assert ["tag_3" in caplog.text, "library_2" in caplog.text, "tag_1" in caplog.text] == [True, True, False]


async def test_folding_anew_changes_nothing_the_second_time(old: ConnectArgs, monkeypatch: pytest.MonkeyPatch) -> None:
    await migrate(old)
    connection = await asyncpg.connect(**old.kwargs())
    tables = ("media", "tag", "tag_name", "library", "media_change")
    read = [f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t" for table in tables]
    before = [await connection.fetchval(text) for text in read]

    await connection.execute("UPDATE text_folding SET version = 0")
    monkeypatch.setattr(refold, "BATCH", 2)
    assert [words.split(" ")[0] for words in await refold.refold(session_over(connection))] == ["library_2", "tag_3"]
    assert [await connection.fetchval(text) for text in read] == before
    assert await refold.refold(session_over(connection)) == []
    await connection.close()


async def test_a_run_that_is_broken_off_is_taken_up_again(old: ConnectArgs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> str:
        raise RuntimeError(text)

    with monkeypatch.context() as broken:
        columns = (refold.FoldedColumn("name", "folded_name", fail),)
        broken.setattr(refold, "FOLDED_TABLES", (*refold.FOLDED_TABLES[:2], refold.FoldedTable("person", columns)))
        with pytest.raises(RuntimeError):
            await migrate(old)
    connection = await asyncpg.connect(**old.kwargs())
    assert await connection.fetchval("SELECT version FROM text_folding") == 1

    await migrate(old)
    assert await connection.fetchval("SELECT folded_name FROM person WHERE id = 2") == "ガガ"
    assert await connection.fetchval("SELECT version FROM text_folding") == FOLD_VERSION
    await connection.close()


async def test_a_text_that_has_become_too_long_is_cut_where_it_is_compared(old: ConnectArgs) -> None:
    connection = await asyncpg.connect(**old.kwargs())
    long = "\u0958" * 450  # two letters each, as Unicode writes them
    await connection.execute(
        "INSERT INTO media (library_id, kind, title, folded_title, sort_title) VALUES (1, 'MOVIE', $1, 'x', 'x')", long
    )
    await connection.execute("INSERT INTO tag (name, folded_name, slug) VALUES ($1, 'x', 'x')", long[:200])
    await migrate(old)

    row = await connection.fetchrow("SELECT title, folded_title, sort_title FROM media WHERE id = 5")
    assert row["title"] == long
    assert row["folded_title"] == fold(long)
    assert 1_990 < len(row["sort_title"].encode()) <= 2_000
    assert fold(long).startswith(row["sort_title"])
    await connection.close()
