"""A process that serves: `python -m app.process.worker LISTENER READY OWNER`, three inherited file descriptors.

LISTENER is the listening socket. A byte goes into READY when requests are served. OWNER is the read end of a pipe
whose write end the supervisor alone holds: when it ends, so does the worker.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from functools import partial

import uvicorn

from app.http.application import Application, create_app
from app.http.connection_limits import file_limit, raise_file_limit
from app.http.http_connections import Connections
from app.http.http_protocol import HttpProtocol
from app.http.streams import Streams
from app.settings import GRACE, read_settings
from app.telemetry.log import set_up_log

log = logging.getLogger("marquee.http")


class Server(uvicorn.Server):
    """Tells the supervisor when it serves."""

    def __init__(self, config: uvicorn.Config, ready: int, streams: Streams) -> None:
        super().__init__(config)
        self._ready = ready
        self._streams = streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            os.write(self._ready, b".")
        os.close(self._ready)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.close()  # they would be waited for in vain
        await super().shutdown(sockets)


def main(listener: int, ready: int, owner: int) -> None:
    set_up_log()
    raise_file_limit()
    threading.Thread(target=end_with_owner, args=[owner], daemon=True).start()
    settings = read_settings()
    application = create_app(settings)
    if (most := application.connection_limits.connections) < settings.max_connections:
        log.warning("This process may open %d files: MARQUEE_MAX_CONNECTIONS is lowered to %d.", file_limit(), most)
    Server(create_config(application), ready, application.streams).run(sockets=[socket.socket(fileno=listener)])


def create_config(application: Application) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        application,
        interface="asgi3",
        proxy_headers=False,  # the application reads them, where it needs them
        loop="uvloop",
        http=partial(HttpProtocol, clients=Connections(application.connection_limits)),  # type: ignore[arg-type]
        ws="none",  # HttpProtocol hands them to its own
        ws_max_size=application.connection_limits.message_bytes,
        ws_per_message_deflate=False,
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )


def end_with_owner(owner: int) -> None:
    """A thread, so that a busy event loop holds up nothing."""
    os.read(owner, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE + 1)
    os._exit(1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
