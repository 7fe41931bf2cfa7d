"""uvicorn's WebSocket protocol with the limits of the other connections: clients must read what they are sent.

tests/http/test_websocket_protocol.py watches the use of uvicorn."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from app.http.http_connections import ConnectionGroup, Connections
from app.http.http_request import HttpError

GOING_AWAY, TOO_BIG = 1001, 1009
# Of the first message, which comes before a key is known.
MAX_FIRST_MESSAGE = 65_536


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One client's WebSocket, from its handshake on."""

    group: ConnectionGroup

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], *, clients: Connections
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._clients = clients
        self._early: int | None = 0  # bytes that came before the first message was whole; None from then on

    def take_over(
        self, transport: asyncio.Transport, url: bytes, headers: list[tuple[bytes, bytes]], rest: bytes
    ) -> None:
        """Goes on with a connection over which a handshake has come, and perhaps more behind it."""
        lines = [b"%b: %b\r\n" % header for header in headers]
        self._clients.take(self)
        self.connection_made(transport)
        transport.set_protocol(self)
        self.data_received(b"".join([b"GET %b HTTP/1.1\r\n" % url, *lines, b"\r\n", rest]))

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._early is not None and self.handshake_complete and not self.close_sent:
            self._early += len(data)
            if self._early > MAX_FIRST_MESSAGE:
                self._refuse_first()

    def send_receive_event_to_app(self) -> None:
        is_first, self._early = self._early is not None, None
        if is_first and sum(map(len, self.frames)) > MAX_FIRST_MESSAGE:
            self._refuse_first()
        else:
            super().send_receive_event_to_app()

    def _refuse_first(self) -> None:
        self._early = None
        self.conn.fail(TOO_BIG, "The first message is too large.")
        self.handle_parser_exception()

    def connection_lost(self, exc: Exception | None) -> None:
        self._clients.remove(self)
        super().connection_lost(exc)

    # What Connections asks of a connection; a WebSocket never makes room for another one.

    def refuse(self, error: HttpError) -> None:
        self.abort()

    evict = expire = refuse

    def close(self) -> None:
        self.transport.close()

    def abort(self) -> None:
        self.transport.abort()

    def unsent(self) -> int:
        return self.transport.get_write_buffer_size()

    # The client must read

    def pause_writing(self) -> None:
        """The client does not read: nothing is read from it meanwhile, or its pings alone would fill the memory."""
        super().pause_writing()
        if not (self.read_paused or self.transport.is_closing()):
            self.read_paused = True
            self.transport.pause_reading()
        self._clients.stall(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._clients.stalls.pop(self, None)
        self._read_on()

    async def send(self, message: Any) -> None:
        if self.close_sent and self.handshake_complete:
            raise ClientDisconnected  # uvicorn would take it for a fault of the application
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # it was refused: uvicorn would take that for a fault of the application

    async def receive(self) -> Any:
        message = await self.queue.get()
        self._read_on()
        return message

    def _read_on(self) -> None:
        if self.read_paused and self.queue.empty() and self.writable.is_set() and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    # The end of the server

    def shutdown(self) -> None:
        """uvicorn's own, with the code that says that the server goes away."""
        if not self.close_sent and self.handshake_complete and not self.transport.is_closing():
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
            self.conn.send_close(GOING_AWAY)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        super().shutdown()
