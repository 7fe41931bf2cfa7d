"""What other processes have changed: PostgreSQL tells it over one connection of its own, beside the pool.

A change is notified by the commit that makes it (migrations/0032_notification.sql), and arrives a moment later: within
milliseconds, but not at once. Where nothing is heard, since the connection is lost or a pooler in transaction mode does
not pass on notifications, those who subscribe know it, and forget what they have when it comes back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from random import uniform
from typing import Any, Protocol
from uuid import uuid4

import asyncpg

from database.connection import CONNECTION_LOST

log = logging.getLogger("marquee.notifications")

CHANNEL = "marquee"
LISTEN_PAUSE, MAX_LISTEN_PAUSE = 0.1, 30.0
# How long a message to oneself may take, and an answer of the server.
WAIT_SECONDS = 2.0
# So often a connection over which nothing comes is asked whether it still lives.
CHECK_AFTER = 15.0


class Topic(StrEnum):
    """What was changed: the message that a trigger sends, alone or before the number of a row."""

    SETTING = "setting"
    JOB = "job"  # a run of a job was changed: "job 42"
    JOB_QUEUED = "job_queued"  # there is one to take
    JOB_STOP = "job_stop"  # one that runs is to be cancelled or paused


class Subscriber(Protocol):
    """Keeps copies of what a topic is about."""

    async def set_notified(self, is_notified: bool) -> None:
        """Whether notifications arrive from now on. Either way, what was read until now may be old."""
        ...

    async def invalidate(self) -> None:
        """Something was changed: what is asked for from now on is read anew."""
        ...


class RowSubscriber(Subscriber, Protocol):
    """Wants to know which rows of a topic were changed, where the message says so: "job 42"."""

    def rows_changed(self, numbers: set[int]) -> None: ...


class NotNotifiedError(Exception):
    """The connection does not pass on notifications."""


class Notifications:
    """Listens for one process. `connect` opens a connection to the database."""

    def __init__(self, connect: Callable[[], Awaitable[Any]]) -> None:
        self._connect = connect
        self._subscribers: list[tuple[Topic, Subscriber]] = []
        self._row_subscribers: list[tuple[Topic, RowSubscriber]] = []
        self._task: asyncio.Task[None] | None = None

    def subscribe(self, topic: Topic, subscriber: Subscriber) -> None:
        """Before the start. Those of one topic are called in the order in which they subscribed."""
        self._subscribers.append((topic, subscriber))

    def subscribe_rows(self, topic: Topic, subscriber: RowSubscriber) -> None:
        """The same for one that is told which rows were changed."""
        self.subscribe(topic, subscriber)
        self._row_subscribers.append((topic, subscriber))

    def start(self) -> None:
        """Begins to listen, without waiting for the database."""
        self._task = asyncio.get_running_loop().create_task(self._keep_listening())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_listening(self) -> None:
        """Listens until it is cancelled; over a new connection, after a pause, whenever one is lost."""
        pause, said = LISTEN_PAUSE, ""
        while True:
            try:
                async with self._listening() as messages:
                    pause, said = LISTEN_PAUSE, ""
                    await self._tell(messages)
            except NotNotifiedError:
                pause, words = MAX_LISTEN_PAUSE, "a pooler passes on no notifications: use one of session mode"
            except Exception as error:  # whatever it is: a process that hears nothing serves all the same
                words = str(error) or type(error).__name__
            if said != words:
                log.warning("changes by other processes are not heard: %s", words)
                said = words
            await asyncio.sleep(uniform(pause / 2, pause))
            pause = min(pause * 2, MAX_LISTEN_PAUSE)

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[NotificationQueue]:
        """The notifications of a new connection. While it is open, subscribers are connected."""
        connection = await self._connect()
        messages = NotificationQueue(connection)
        try:
            await messages.open()
            await self._probe(messages)
            await self._hear(True)
            yield messages
        finally:
            await self._hear(False)
            await close(connection)

    async def _probe(self, messages: NotificationQueue) -> None:
        """NotNotifiedError unless a message from another connection arrives."""
        sent = f"probe {uuid4().hex}"
        other = await self._connect()
        try:
            await other.execute(f"NOTIFY {CHANNEL}, '{sent}'", timeout=WAIT_SECONDS)
        finally:
            await close(other)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while sent not in await messages.next():
                    pass
        except TimeoutError:
            raise NotNotifiedError from None

    async def _tell(self, messages: NotificationQueue) -> None:
        """Passes on what comes, until the connection is lost."""
        while True:
            topics = await messages.next()
            for topic, subscriber in self._subscribers:
                if topic in topics:  # those of newer versions are nobody's here
                    await subscriber.invalidate()
            for topic, rows in self._row_subscribers:
                if numbers := row_numbers(topic, topics):
                    rows.rows_changed(numbers)

    async def _hear(self, hears: bool) -> None:
        for _, subscriber in self._subscribers:
            await subscriber.set_notified(hears)


class NotificationQueue:
    """What comes over a connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue()  # None: the connection was lost

    async def open(self) -> None:
        self._connection.add_termination_listener(lambda connection: self._waiting.put_nowait(None))
        async with asyncio.timeout(WAIT_SECONDS):
            await self._connection.add_listener(CHANNEL, self._note)

    def _note(self, connection: Any, process: int, channel: str, message: str) -> None:
        self._waiting.put_nowait(message)

    async def next(self) -> set[str]:
        """All that have come, at least one. Raises what CONNECTION_LOST has once it is lost."""
        found = {await self._first()}
        while not self._waiting.empty():
            found.add(self._waiting.get_nowait())
        if None in found:
            raise ConnectionError("the connection was lost")
        return {message for message in found if message is not None}

    async def _first(self) -> str | None:
        while True:
            try:
                async with asyncio.timeout(CHECK_AFTER):
                    return await self._waiting.get()
            except TimeoutError:
                await self._connection.fetchval("SELECT 1", timeout=WAIT_SECONDS)


def row_numbers(topic: Topic, messages: set[str]) -> set[int]:
    """The rows that messages name: "job 42"."""
    named = [message.partition(" ")[2] for message in messages if message.startswith(f"{topic} ")]
    return {int(text) for text in named if text.isdecimal()}


async def close(connection: Any) -> None:
    """Closes a connection, by force where the server does not answer."""
    with suppress(*CONNECTION_LOST, asyncpg.PostgresError, TimeoutError):
        await connection.close(timeout=WAIT_SECONDS)
