"""The connections of a worker, grouped by state: which have timed out, and which are closed to make room.

A connection costs an entry in a table; one timer checks all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Protocol, TypeAlias

from app.http.connection_limits import ConnectionLimits
from app.http.http_refusals import late_headers, too_many
from app.http.http_request import HttpError, too_late
from database.throttled_log import ThrottledLog

# A client that takes fewer bytes a second than this is slow.
SLOW_BYTES = 32_768
# Where too much waits for slow clients, one is given up when it has had this many seconds.
MIN_WAIT = 1.0
# A client that was refused while it sent is listened to for so long, or it would lose the refusal.
LINGER_SECONDS = 2.0
# The application itself answers a request whose body is late; what it leaves alone is ended so much later.
BODY_MARGIN = 1.0


class ClientConnection(Protocol):
    """One client's connection, as this file needs it. `group`: where it stands at present."""

    group: ConnectionGroup

    def refuse(self, error: HttpError) -> None: ...
    def evict(self, error: HttpError) -> None: ...
    def expire(self, error: HttpError) -> None: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...
    def unsent(self) -> int: ...


# Connections, and since when each has been there: the first have waited longest.
ConnectionGroup: TypeAlias = dict[ClientConnection, float]


@dataclass(slots=True)
class Stall:
    """An answer that waits for its client: since when, and its bytes at that time."""

    began: float
    size: int


class Connections:
    """The connections of one event loop. `now`: the time, in seconds, at the last look."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.notices = ThrottledLog()
        self.now = 0.0
        self.idle: ConnectionGroup = {}
        self.heads: ConnectionGroup = {}
        self.bodies: ConnectionGroup = {}
        self.busy: ConnectionGroup = {}
        self.closing: ConnectionGroup = {}
        self.stalls: dict[ClientConnection, Stall] = {}
        times = (limits.keep_alive, limits.header_timeout, limits.body_timeout, limits.send_timeout)
        self._interval = min(1.0, min(times) / 4)
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self.idle) + len(self.heads) + len(self.bodies) + len(self.busy) + len(self.closing)

    def admit(self, connection: ClientConnection) -> None:
        """A client has come; where there are too many, another makes room or it is refused."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self.now = loop.time()
            self._timer = loop.call_later(self._interval, self._look, loop)
        is_full = len(self) >= self.limits.connections
        has_room = not is_full or self._make_room()
        # Until its first byte it has as long as for a whole head.
        connection.group = self.heads
        self.heads[connection] = self.now
        if not has_room:
            self.notices.warn(
                f"A connection was refused: all {self.limits.connections} are answering requests "
                "(MARQUEE_MAX_CONNECTIONS).",
                self.now,
            )
            connection.refuse(too_many())

    def take(self, connection: ClientConnection) -> None:
        """A connection of one that was removed goes on by another protocol: it is never idle."""
        connection.group = self.busy
        self.busy[connection] = self.now

    def move(self, connection: ClientConnection, group: ConnectionGroup) -> None:
        """Moves it to another group; a closing connection stays where it is."""
        if connection.group is self.closing:
            return
        connection.group.pop(connection)
        group[connection] = self.now
        connection.group = group

    def remove(self, connection: ClientConnection) -> None:
        """It is closed."""
        connection.group.pop(connection, None)
        connection.group = self.closing
        self.stalls.pop(connection, None)

    def stall(self, connection: ClientConnection) -> None:
        """Its client does not read what it is sent."""
        self.stalls.setdefault(connection, Stall(self.now, connection.unsent()))

    def _make_room(self) -> bool:
        """Closes the least valuable connection; False if all are answering requests."""
        for group in (self.closing, self.idle, self.heads, self.bodies):
            for connection in group:
                self.notices.warn(
                    f"There are {self.limits.connections} connections: the oldest without a whole request are closed "
                    "for new ones (MARQUEE_MAX_CONNECTIONS).",
                    self.now,
                )
                connection.evict(too_many())
                return True
        return False

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = loop.time()
        limits = self.limits
        for connection in self._since(self.idle, limits.keep_alive):
            connection.close()
        for connection in self._since(self.heads, limits.header_timeout):
            connection.expire(late_headers(limits.header_timeout))
        for connection in self._since(self.bodies, limits.body_timeout + BODY_MARGIN):
            connection.expire(too_late(limits.body_timeout))
        for connection in self._since(self.closing, LINGER_SECONDS):
            self._end(connection)
        for connection in self._slow():
            self.notices.warn("A connection was ended: its client took its answer too slowly.", self.now)
            connection.abort()
        self._timer = loop.call_later(self._interval, self._look, loop) if len(self) else None

    def _since(self, group: ConnectionGroup, seconds: float) -> list[ClientConnection]:
        """Those that have been in a group for so long."""
        found = []
        for connection, began in group.items():
            if self.now - began < seconds:
                break
            found.append(connection)
        return found

    def _end(self, connection: ClientConnection) -> None:
        if connection.unsent():
            del self.closing[connection]
            self.closing[connection] = self.now
            self.stall(connection)
        else:
            connection.abort()

    def _slow(self) -> Iterator[ClientConnection]:
        """Those to be given up: after the time that is allowed, and the slowest at once where too much waits."""
        total = 0
        waiting: list[tuple[float, int, ClientConnection]] = []
        slow: list[ClientConnection] = []
        for connection, stall in self.stalls.items():
            elapsed = self.now - stall.began
            taken = stall.size - connection.unsent()
            if elapsed >= self.limits.send_timeout and taken < elapsed * SLOW_BYTES:
                slow.append(connection)
                continue
            total += stall.size
            if elapsed >= MIN_WAIT:
                waiting.append((taken / elapsed, stall.size, connection))
        yield from slow
        waiting.sort(key=itemgetter(0))
        for _, size, connection in waiting:
            if total <= self.limits.unsent:
                break
            total -= size
            yield connection
