"""Kept counts: deltas by who writes, folded beside writers and readers without a wrong sum at any time; and totals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import asyncpg
import pytest

from catalog import counts
from catalog.counts import KEYS, fold, fold_counts
from catalog.membership import give, take
from catalog.transaction import Writer, transact
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.errors import CatalogError, Code
from domain.memberships import BY_NOUN
from domain.viewer import UNRESTRICTED
from loaders.core.read_session import ReadSession
from loaders.registry import Loaders
from loaders.sql.condition import All, OneOf
from loaders.sql.source import NoFilter
from tests.support.derived import assert_no_drift, delete_media, delete_rows, update_media
from tests.support.factories import add_credit, add_library, add_media, add_name, add_person, mark
from tests.support.sessions import session_over


async def rows_of(connection: Any, table: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in await connection.fetch(f"SELECT * FROM {table}"))


async def test_folding_leaves_one_row_a_key_and_none_for_a_sum_of_zero(connection: Any) -> None:
    library = await add_library(connection)
    kept, dropped = [await add_name(connection, "tag", name) for name in ("kept", "dropped")]
    media = [await add_media(connection, library) for _ in range(3)]
    for number in media:
        await mark(connection, "tag", number, kept, dropped)
    await delete_rows(connection, "media_tag", "tag_id = $1", dropped)

    assert await rows_of(connection, "library_media_count") == [(library, 1, False)] * 3
    assert await fold_counts(session_over(connection)) == 3 + 3 + 4
    assert await rows_of(connection, "library_media_count") == [(library, 3, True)]
    assert await rows_of(connection, "tag_media_count") == [(kept, library, 3, True)]
    assert await fold_counts(session_over(connection)) == 0
    await delete_media(connection, "id = $1", media[0])
    assert await fold_counts(session_over(connection)) == 2
    assert await rows_of(connection, "library_media_count") == [(library, 2, True)]
    assert await rows_of(connection, "tag_media_count") == [(kept, library, 2, True)]


async def test_a_call_folds_a_bounded_number_of_deltas(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MAX_DELTAS", 2)
    library = await add_library(connection)
    for _ in range(5):
        await add_media(connection, library)

    assert [await fold_counts(session_over(connection)) for _ in range(4)] == [2, 2, 1, 0]
    assert await rows_of(connection, "library_media_count") == [(library, 5, True)]


async def test_a_folder_leaves_the_work_to_one_that_is_at_it(connection: Any, writer: ConnectArgs) -> None:
    await add_media(connection, await add_library(connection))

    async def fold_and_look(folder: Writer) -> None:
        assert await fold(folder) == 1
        assert await fold_counts(session_over(connection)) == 0
        assert await connection.fetchval("SELECT sum(media_count) FROM library_media_count") == 1

    async with open_session(writer) as other:
        await transact(other, UNRESTRICTED, "fold", fold_and_look)
    assert await fold_counts(session_over(connection)) == 0


async def write_at_random(args: ConnectArgs, seed: int, libraries: list[int], tags: list[int]) -> None:
    """Adds, tags, untags, moves and deletes media of its own."""
    random = Random(seed)
    connection = await asyncpg.connect(**args.kwargs())
    mine: list[int] = []
    for _ in range(60):
        action = random.randrange(5) if mine else 0
        if action <= 1:
            mine.append(await add_media(connection, random.choice(libraries)))
            await mark(connection, "tag", mine[-1], *random.sample(tags, 2))
        elif action == 2:
            await delete_rows(connection, "media_tag", "media_id = $1", random.choice(mine))
        elif action == 3:
            await update_media(connection, "library_id = $1", "id = $2", random.choice(libraries), random.choice(mine))
        else:
            await delete_media(connection, "id = $1", mine.pop(random.randrange(len(mine))))
    await connection.close()


async def fold_until(done: asyncio.Event, args: ConnectArgs) -> None:
    connection = await asyncpg.connect(**args.kwargs())
    while not done.is_set():
        await fold_counts(session_over(connection))
    await connection.close()


async def watch_until(done: asyncio.Event, args: ConnectArgs, kept: str, table: str) -> int:
    """Compares kept and counted totals, each pair in one snapshot; how often it looked."""
    connection = await asyncpg.connect(**args.kwargs())
    looks = 0
    while not done.is_set():
        row = await connection.fetchrow(
            f"SELECT (SELECT coalesce(sum(media_count), 0) FROM {kept}), (SELECT count(*) FROM {table})"
        )
        assert row[0] == row[1], kept
        looks += 1
    await connection.close()
    return looks


async def test_writers_two_folders_and_readers_at_once_never_see_a_wrong_sum(
    connection: Any, writer: ConnectArgs
) -> None:
    libraries = [await add_library(connection, name) for name in ("a", "b")]
    tags = [await add_name(connection, "tag", name) for name in ("x", "y", "z")]
    done = asyncio.Event()

    async with asyncio.TaskGroup() as group:
        folders = [group.create_task(fold_until(done, writer)) for _ in range(2)]
        watchers = [
            group.create_task(watch_until(done, writer, "library_media_count", "media")),
            group.create_task(watch_until(done, writer, "tag_media_count", "media_tag")),
        ]
        await asyncio.gather(*(write_at_random(writer, seed, libraries, tags) for seed in range(3)))
        done.set()
    await asyncio.gather(*folders)
    assert all([await watcher for watcher in watchers])
    await assert_no_drift(connection)
    while await fold_counts(session_over(connection)):
        pass
    await assert_no_drift(connection)
    for kept, key in KEYS.items():
        assert await connection.fetch(f"SELECT {key} FROM {kept} GROUP BY {key} HAVING count(*) > 1") == []
        assert await connection.fetchval(f"SELECT count(*) FROM {kept} WHERE NOT is_folded OR media_count = 0") == 0


async def test_every_noun_is_counted_and_follows_its_media_to_another_library(connection: Any) -> None:
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    media = await add_media(connection, here)
    await mark(connection, "tag", media, await add_name(connection, "tag", "a"))
    await mark(connection, "genre", media, await add_name(connection, "genre", "a"))
    await mark(connection, "channel", media, await add_name(connection, "channel", "a"))
    person = await add_person(connection, "A")
    for role in ("ACTOR", "DIRECTOR"):
        await add_credit(connection, media, person, role)

    await assert_no_drift(connection)
    await update_media(connection, "library_id = $1, title = 'B'", "true", there)
    await assert_no_drift(connection)
    await delete_rows(connection, "credit")
    await delete_rows(connection, "media_tag")
    await assert_no_drift(connection)
    await delete_media(connection)
    await assert_no_drift(connection)


async def test_twenty_thousand_links_in_one_statement_are_counted(connection: Any) -> None:
    library = await add_library(connection)
    tags = [await add_name(connection, "tag", f"tag {number}") for number in range(250)]
    media = [await add_media(connection, library, f"M{number}", year=number) for number in range(80)]
    pairs = [(one, tag) for one in media for tag in tags]
    assert len(pairs) == 20_000

    await connection.execute(give(BY_NOUN["tag"]), *map(list, zip(*pairs, strict=True)))

    assert await connection.fetchval("SELECT count(*) FROM media_tag") == 20_000
    assert await connection.fetchval("SELECT count(*) FROM tag_media_count") == 250
    await assert_no_drift(connection)
    await update_media(
        connection,
        "year = m.year + 1000, sort_title = 'n' || m.sort_title, library_id = $1",
        "true",
        await add_library(connection, "other"),
    )
    await assert_no_drift(connection)
    await connection.execute(take(BY_NOUN["tag"]), *map(list, zip(*pairs, strict=True)))
    assert await connection.fetchval("SELECT sum(media_count) FROM tag_media_count") == 0
    await assert_no_drift(connection)


class FailingDatabase:
    """Fails to count credits with a role, and finds none without."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    async def fetch(self, statement: Any, values: Any, *, timeout: float | None = None, sent: Any = None) -> Any:
        self.calls += 1
        if "c.role" in statement.text:
            raise self.error
        return []


def coded(code: Code) -> CatalogError:
    return CatalogError(code, "In words.")


@pytest.mark.parametrize(
    ("fail", "fails"),
    [
        (lambda: coded(Code.DATABASE_BUSY), True),
        (lambda: coded(Code.STATEMENT_TIMEOUT), False),
        (TimeoutError, False),
    ],
)
async def test_a_total_that_fails_or_is_given_up_leaves_the_others_alone(
    fail: Callable[[], Exception], fails: bool
) -> None:
    database = FailingDatabase(fail())
    loaders = Loaders(ReadSession(database, UNRESTRICTED))
    all_credits, actors = [
        Loaders.credit_count_by_media_id.bind(loaders, filter)
        for filter in (NoFilter(), All((OneOf("c.role", ("ACTOR",)),)))
    ]

    assert await all_credits.load_batch([1, 2]) == [0, 0]
    assert await actors.load_batch([1, 2]) == [database.error if fails else None] * 2
    assert database.calls == 2
