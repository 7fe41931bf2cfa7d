"""Changes by other processes are heard: at all, only once they are stored, and again after the connection was lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from database import notifications
from database.connect_args import ConnectArgs
from database.notifications import CHANNEL, Notifications, Topic
from tests.support.api import Api, open_api
from tests.support.factories import add_library
from tests.support.pools import until

SET = 'mutation ($value: JSON) { setSetting(key: "retag.after_days", value: $value) { setting { value } } }'
READ = '{ setting(key: "retag.after_days") { value } }'
PUT = "INSERT INTO setting (key, library_id, value) VALUES ('retag.after_days', $1, '5')"


class Heard:
    """A subscriber that notes what it is told."""

    def __init__(self) -> None:
        self.hears: list[bool] = []
        self.changes = 0

    async def set_notified(self, hears: bool) -> None:
        self.hears.append(hears)

    async def invalidate(self) -> None:
        self.changes += 1


class Deaf(asyncpg.Connection):
    """Nobody listens on it, as behind PgBouncer once LISTEN has run."""

    async def add_listener(self, channel: str, callback: Any) -> None:
        await asyncio.sleep(0)


class Hung(asyncpg.Connection):
    """Answers no more."""

    async def fetchval(self, *arguments: Any, **options: Any) -> Any:
        raise TimeoutError


@asynccontextmanager
async def listening(args: ConnectArgs, api: Api | None = None, connect: Any = None) -> AsyncIterator[Heard]:
    """Listens for an API's settings, as its process does, and for who notes that it was told after them."""

    async def open_connection() -> Any:
        return await asyncpg.connect(**args.kwargs(), statement_cache_size=0)

    listener, heard = Notifications(connect or open_connection), Heard()
    if api is not None:
        await api.service.setting_cache.set_notified(False)
        listener.subscribe(Topic.SETTING, api.service.setting_cache)
    listener.subscribe(Topic.SETTING, heard)
    listener.start()
    try:
        if connect is None:
            await until(lambda: heard.hears == [True])
        yield heard
    finally:
        await listener.close()
    assert not heard.hears or heard.hears[-1] is False


async def read(api: Api) -> Any:
    return (await api.run(READ))["setting"]["value"]


async def test_a_change_by_one_service_is_seen_by_the_other_once_it_is_heard(writer: ConnectArgs) -> None:
    async with (
        open_api(writer) as first,
        open_api(writer) as second,
        listening(writer, first),
        listening(writer, second) as heard,
    ):
        for number in range(1, 6):
            before = await read(second)
            assert await read(second) == before
            assert second.statements == []  # it keeps what it has read
            await first.run(SET, value=number)
            assert await read(first) == number  # one's own change holds at once
            await until(lambda number=number: heard.changes == number)  # type: ignore[misc]
            assert await read(second) == number
            assert second.statements == ["setting_by_key"]


async def test_every_change_is_told_when_it_is_stored_and_none_that_is_not(
    writer: ConnectArgs, connection: Any
) -> None:
    library = await add_library(connection)
    changes = [
        (PUT, library),
        ("UPDATE setting SET value = '6'",),
        ("DELETE FROM setting",),
        (PUT, library),
        ("DELETE FROM library",),  # and its settings with it
        ("TRUNCATE setting",),
    ]
    async with listening(writer) as heard:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(PUT, library)
        await transaction.rollback()
        await connection.execute(f"NOTIFY {CHANNEL}, 'of a newer version'")
        for number, (text, *values) in enumerate(changes, start=1):
            await connection.execute(text, *values)
            await until(lambda number=number: heard.changes == number)  # type: ignore[misc]
        assert await connection.fetchval("SELECT count(*) FROM setting") == 0


async def test_after_the_connection_was_lost_nothing_old_is_kept(writer: ConnectArgs, connection: Any) -> None:
    async with open_api(writer) as api, listening(writer, api) as heard:
        assert await read(api) == 30
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
        )
        await until(lambda: heard.hears[:2] == [True, False])
        await connection.execute(PUT, None)
        await until(lambda: heard.hears == [True, False, True])
        assert await read(api) == 5
        await connection.execute("UPDATE setting SET value = '6'")
        await until(lambda: heard.changes > 0)
        assert await read(api) == 6


async def test_a_pooler_that_passes_nothing_on_is_found_out(
    writer: ConnectArgs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notifications, "WAIT_SECONDS", 0.2)
    opened: list[Any] = []

    async def connect() -> Any:
        opened.append(await asyncpg.connect(**writer.kwargs(), connection_class=Deaf))
        return opened[-1]

    with caplog.at_level(logging.WARNING, "marquee.notifications"):
        async with open_api(writer) as api, listening(writer, api, connect) as heard:
            await until(lambda: bool(caplog.messages))
            assert heard.hears == [False]
            assert await read(api) == 30
    assert caplog.messages == [
        "changes by other processes are not heard: a pooler passes on no notifications: use one of session mode"
    ]
    assert all(connection.is_closed() for connection in opened)


async def test_a_database_that_is_away_is_waited_for(caplog: pytest.LogCaptureFixture, writer: ConnectArgs) -> None:
    tries = 0

    async def connect() -> Any:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionRefusedError("nobody there")
        return await asyncpg.connect(**writer.kwargs())

    async with listening(writer, connect=connect) as heard:
        await until(lambda: heard.hears == [True])
    assert caplog.messages == ["changes by other processes are not heard: nobody there"]


async def test_a_connection_that_no_longer_answers_is_replaced(
    writer: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "CHECK_AFTER", 0.01)
    opened: list[Any] = []

    async def connect() -> Any:
        opened.append(await asyncpg.connect(**writer.kwargs(), connection_class=asyncpg.Connection if opened else Hung))
        return opened[-1]

    async with listening(writer, connect=connect) as heard:
        await until(lambda: heard.hears == [True, False, True])
    assert all(connection.is_closed() for connection in opened)


async def test_a_topic_is_what_a_trigger_sends(connection: Any) -> None:
    sent = await connection.fetch(
        "SELECT encode(tgargs, 'escape') AS arguments FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE p.proname IN ('notify_change', 'notify_row')"
    )
    assert {row["arguments"].removesuffix("\\000") for row in sent} == {topic.value for topic in Topic}
