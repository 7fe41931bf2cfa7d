"""Slow and disconnected clients: cancels requests whose body is late, or whose client has disconnected.

Nearly every request is over before its client has to be checked. So it costs an entry in a set, and one timer checks
those that remain; only then does a request get a task that waits for the disconnect."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType

from starlette.types import Receive

from app.http.http_request import ClientGoneError, too_late

LOOK_SECONDS = 0.02


class DisconnectMonitor:
    """The clients of one event loop whose requests are under way. `body_seconds`: how long a body is waited for."""

    def __init__(self, body_seconds: float) -> None:
        self.body_seconds = body_seconds
        self.clients: set[MonitoredClient] = set()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, receive: Receive) -> MonitoredClient:
        """The client of the request that the current task serves, to be used as a context."""
        loop = asyncio.get_running_loop()
        if self._timer is None:
            self._timer = loop.call_later(LOOK_SECONDS, self._look, loop)
        return MonitoredClient(receive, loop, self)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for client in self.clients:
            client.look(now)
        self._timer = loop.call_later(LOOK_SECONDS, self._look, loop) if self.clients else None


class MonitoredClient:
    """The client of one request. Within its context the request is cancelled, with its statements, when that is lost:
    then ClientGoneError is raised, or HttpError where the body did not come in time."""

    __slots__ = ("_began", "_cancelling", "_given_up", "_loop", "_monitor", "_receive", "_task", "_watcher", "has_sent")

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop, monitor: DisconnectMonitor) -> None:
        task = asyncio.current_task(loop)
        assert task is not None
        self._receive = receive
        self._loop = loop
        self._monitor = monitor
        self._task = task
        self._cancelling = task.cancelling()
        self._began = loop.time()
        self._watcher: asyncio.Task[None] | None = None
        self._given_up = False
        self.has_sent = False  # its body is complete: from now on `receive` only tells of its departure

    def __enter__(self) -> MonitoredClient:
        self._monitor.clients.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._monitor.clients.discard(self)
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None  # or its exception's frame and it would keep each other
        # Of two cancellations the one from outside, as at the end of the server, is the one that counts.
        if self._given_up and self._task.uncancel() <= self._cancelling:
            if self.has_sent:
                raise ClientGoneError from None
            raise too_late(self._monitor.body_seconds) from None

    def look(self, now: float) -> None:
        """Called by the timer: gives up on a late body; waits for the disconnect once the body is complete."""
        waited = now - self._began
        if self.has_sent and self._watcher is None and waited >= LOOK_SECONDS:
            self._watcher = self._loop.create_task(self._watch())
        elif not self.has_sent and not self._given_up and waited >= self._monitor.body_seconds:
            self._give_up()

    async def _watch(self) -> None:
        with suppress(Exception):  # whatever it is, nobody is there
            while (await self._receive())["type"] != "http.disconnect":
                pass
        self._give_up()

    def _give_up(self) -> None:
        self._given_up = True
        self._task.cancel()
