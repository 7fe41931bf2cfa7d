"""The transport to a client, as uvicorn's protocol sees it: when it is read from, and how its connection is closed."""

from __future__ import annotations

import asyncio
from typing import Protocol

from uvicorn.protocols.http.flow_control import FlowControl


class Receiver(Protocol):
    """The protocol behind an outlet."""

    flow: Flow

    def is_receiving(self) -> bool: ...
    def has_closed(self) -> None: ...


class Flow(FlowControl):
    """Reads nothing while the client does not read, or while something that it sent is held."""

    is_held = False

    def pause_reading(self) -> None:
        if not self._transport.is_closing():
            super().pause_reading()

    def resume_reading(self) -> None:
        if self.read_paused and not (self.is_held or self.write_paused or self._transport.is_closing()):
            super().resume_reading()


class Outlet:
    """The transport as uvicorn's protocol sees it: it closes so that the client can read the last answer.

    A socket that is closed while its client still sends is reset, and the client may lose what it was sent."""

    def __init__(self, transport: asyncio.Transport, connection: Receiver) -> None:
        self.transport = transport
        self.write = transport.write
        self._connection: Receiver | None = connection
        self.lingers = False

    def is_closing(self) -> bool:
        return self.lingers or self.transport.is_closing()

    def close(self) -> None:
        connection = self._connection
        if connection is not None and not self.is_closing():
            if connection.is_receiving():
                self.lingers = True
                self.transport.write_eof()
                connection.flow.is_held = False
                connection.flow.resume_reading()
            else:
                self.transport.close()
            connection.has_closed()

    def forget(self) -> None:
        """The connection is lost: what still holds this must not hold it."""
        self._connection = None
