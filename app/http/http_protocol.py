"""uvicorn's HTTP protocol with limits: a bounded head, requests that come one by one, clients that must read.

What is refused here does not reach the application. tests/http/test_http_protocol.py watches the use of uvicorn."""

from __future__ import annotations

import asyncio
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.http.http_connections import ConnectionGroup, Connections
from app.http.http_outlet import Flow, Outlet
from app.http.http_refusals import MAX_HEADERS, answer, head_too_large, malformed, too_long
from app.http.http_request import HttpError
from app.http.websocket_protocol import WebSocketProtocol

# What is read at once is parsed in pieces, and the limits hold between them.
PIECE = 16_384
# Requests that a client has sent before the answer to an earlier one; more of them wait unparsed.
MAX_QUEUED = 8
# Where a client may go on by a WebSocket.
SOCKET_PATH = b"/graphql"
# What a field of a head costs beside its name and value, and a chunk of a body beside its bytes.
FIELD_MARKS = 4
CHUNK_MARKS = 5


class HttpProtocol(HttpToolsProtocol):
    """One client's connection."""

    group: ConnectionGroup
    flow: Flow

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        clients: Connections,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._clients = clients
        self._most_head = clients.limits.header_bytes
        self._most_url = clients.limits.url_bytes
        self._part: ConnectionGroup | None = None  # heads or bodies while one is coming; None between requests
        self._fed = 0  # bytes of the current request but for its body, up to a piece too many
        self._piece = 0
        self._held = b""  # came too early to be parsed
        self._socket: WebSocketProtocol | None = None  # what the connection has become
        self._error: HttpError | None = None  # to be answered when the requests before it are

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = Flow(transport)
        self.outlet = Outlet(transport, self)
        self.transport = self.outlet  # type: ignore[assignment]
        self._clients.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clients.remove(self)
        super().connection_lost(exc)
        self.outlet.forget()

    def close(self) -> None:
        """Closes once all is sent."""
        self.transport.close()

    def abort(self) -> None:
        """Closes at once."""
        self.outlet.transport.abort()

    def evict(self, error: HttpError) -> None:
        """Closes to make room for another; a client in the middle of a request gets an answer."""
        if self.unsent() or self.outlet.is_closing():
            self.abort()
            return
        if self._part is self._clients.bodies:
            self._drop_current()
        if self._part is not None and not (self._is_answering() or self._is_midway()):
            self._write(error)
        self.outlet.transport.close()
        self.has_closed()

    def expire(self, error: HttpError) -> None:
        """Closes a connection whose request is late; without an answer if nothing was sent."""
        if self._part is None and self.cycle is None and not self._fed:
            self.close()
        else:
            self.refuse(error)

    def has_closed(self) -> None:
        self._clients.move(self, self._clients.closing)

    def unsent(self) -> int:
        """Bytes that wait for the client."""
        return self.outlet.transport.get_write_buffer_size()

    def is_receiving(self) -> bool:
        """Whether the client is in the middle of a request, or sends what is not read any more."""
        return self._part is not None or self._error is not None

    def settle(self) -> None:
        """Moves the connection to the group of its present state."""
        clients, part, cycle = self._clients, self._part, self.cycle
        if part is clients.bodies and not self.pipeline:
            group = clients.bodies
        elif self.pipeline or (cycle is not None and not (cycle.response_complete or cycle.disconnected)):
            group = clients.busy
        else:
            group = clients.heads if part is not None or cycle is None else clients.idle
        if group is not self.group:
            clients.move(self, group)

    def _is_answering(self) -> bool:
        """Whether requests are to be answered."""
        cycle = self.cycle
        return bool(self.pipeline) or (cycle is not None and not (cycle.response_complete or cycle.disconnected))

    # What comes in

    def data_received(self, data: bytes) -> None:
        if self._error is not None or self.outlet.lingers:
            return
        if self._held or len(self.pipeline) >= MAX_QUEUED:
            self._hold(self._held + data)
        elif len(data) > PIECE:
            self._feed(data)
        elif self._is_parsed(data):
            self.settle()

    def _feed(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE):
            if len(self.pipeline) >= MAX_QUEUED:
                self._hold(data[start:])
                break
            if not self._is_parsed(data[start : start + PIECE]):
                if self._socket is not None:
                    self._socket.data_received(data[start + PIECE :])
                return
        self.settle()

    def _is_parsed(self, piece: bytes) -> bool:
        """Parses a piece; False where the connection was refused for it."""
        self._piece = size = len(piece)
        self._fed += size
        upgrade_at: int | None = None
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as wish:
            upgrade_at = wish.args[0]
        except httptools.HttpParserError as error:
            self.refuse(malformed(error))
            return False
        if upgrade_at is not None:
            if self._wants_socket():
                self._become_socket(piece[upgrade_at:])
                return False
            return self._is_parsed(self._without_upgrade() + piece[upgrade_at:])
        if self._part is not None:
            return self._is_small()
        if self._fed > self._most_head + PIECE:
            self.refuse(head_too_large(self._most_head))  # blank lines between requests
            return False
        return True

    def _is_small(self) -> bool:
        """Whether the request that is coming has not grown too large; if it has, it is refused."""
        if self._fed > self._most_head + PIECE or len(self.headers) > MAX_HEADERS:
            self.refuse(head_too_large(self._most_head))
        elif self._part is self._clients.heads and len(self.url) > self._most_url:
            self.refuse(too_long(self._most_url))
        return self._error is None

    def _wants_socket(self) -> bool:
        """Whether a request with a whole head of allowed size asks for a WebSocket, after the answers to all before."""
        if self.url.partition(b"?")[0] != SOCKET_PATH or self.scope["method"] != "GET" or self._is_answering():
            return False
        if len(self.url) > self._most_url or len(self.headers) > MAX_HEADERS or self._head_size() > self._most_head:
            return False  # it is refused as a request
        return self._get_upgrade() == b"websocket"

    def _become_socket(self, rest: bytes) -> None:
        """The connection goes on as a WebSocket, with what came after the head."""
        self._clients.remove(self)
        self.connections.discard(self)
        self.outlet.forget()
        self._socket = WebSocketProtocol(self.config, self.server_state, self.app_state, clients=self._clients)
        self._socket.take_over(self.outlet.transport, self.url, self.headers, rest)

    def _without_upgrade(self) -> bytes:
        """The head of a request that asks for another protocol, as one that does not: the parser leaves out its body.

        Nothing is granted; what sends HTTP/2's upgrade, as Java's client does, goes on in HTTP/1.1."""
        self.parser = httptools.HttpRequestParser(self)
        version = self.scope["http_version"]
        lines = [b"%b %b HTTP/%b\r\n" % (self.scope["method"].encode(), self.url, version.encode())]
        for name, value in self.headers:
            if name != b"connection":
                lines.append(b"%b: %b\r\n" % (name, value))
            elif b"close" in value.lower():
                lines.append(b"connection: close\r\n")
        return b"".join([*lines, b"\r\n"])

    def _hold(self, data: bytes) -> None:
        """Keeps what cannot be parsed yet, and reads no more until then."""
        self._held = data
        self.flow.pause_reading()
        self.flow.is_held = True

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part = self._clients.heads
        self._fed = self._piece

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            method = self.parser.get_method()
            if method == b"CONNECT":
                raise HttpError(400, "BAD_REQUEST", "This is no proxy: send GraphQL by POST or GET.")
            self.scope["method"] = method.decode("ascii")
            self.scope["http_version"] = self.parser.get_http_version()
            return  # it comes again, by _without_upgrade
        if len(self.url) > self._most_url:
            raise too_long(self._most_url)
        if len(self.headers) > MAX_HEADERS or (self._fed > self._most_head and self._head_size() > self._most_head):
            raise head_too_large(self._most_head)
        super().on_headers_complete()
        self.headers = []  # the scope keeps those that came; what follows a body in chunks is no header
        self._part = self._clients.bodies

    def on_body(self, body: bytes) -> None:
        self._fed -= len(body) + CHUNK_MARKS
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()
            self._part = None

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + FIELD_MARKS for name, value in self.headers)

    # What goes out

    def on_response_complete(self) -> None:
        """uvicorn's own, but for its timer, and for what had to wait."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        elif self._error is not None:
            self._give_refusal(self._error)
        elif self.expect_100_continue and self._part is not None:
            self.close()  # nobody can know whether the body still comes
        if self._held and not self.pipeline:
            held, self._held, self.flow.is_held = self._held, b"", False
            self.flow.resume_reading()
            self._feed(held)
        if not self.outlet.lingers:
            self.settle()

    def refuse(self, error: HttpError) -> None:
        """Ends the connection with an answer, after those to the requests before."""
        if self.outlet.is_closing():
            return
        self._error = error
        self._held = b""
        if self._part is self._clients.bodies:
            self._drop_current()
        if self._is_answering():
            self.settle()  # it is answered when those before it are
        else:
            self._give_refusal(error)

    def _drop_current(self) -> None:
        """Tells the application that the client of the request being received has disconnected."""
        if self.pipeline:
            self.pipeline.popleft()
        elif self._is_answering():
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _give_refusal(self, error: HttpError) -> None:
        if self._is_midway():
            self.abort()
            return
        self._write(error)
        self.close()

    def _write(self, error: HttpError) -> None:
        """The last answer; none where the request whose body still comes was answered already."""
        if self._part is not self._clients.bodies or not self.cycle.response_complete:
            self.outlet.write(answer(error, self.server_state.default_headers))

    def _is_midway(self) -> bool:
        """Whether an answer was begun and not ended."""
        return self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete

    def pause_writing(self) -> None:
        """The client does not read its answer: nothing is read from it meanwhile."""
        super().pause_writing()
        self.flow.pause_reading()
        self._clients.stall(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.flow.resume_reading()
        self._clients.stalls.pop(self, None)
