"""The server that is measured: `python -m app serve` over a filled database, with two workers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.settings import CHECKOUT
from bench.database import Database
from bench.hostile.server import wait_until_ready
from bench.servers import HIDDEN, MARQUEE_SETTINGS, end, free_port

WORKERS = 2


@contextmanager
def serving(database: Database, folder: Path) -> Iterator[int]:
    """The port of a server, for as long as the context lasts. Raises ServerError."""
    port, state, log = free_port(), folder / "search-server", folder / "search-server.log"
    state.mkdir(parents=True, exist_ok=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
    environment = {
        **own,
        **MARQUEE_SETTINGS,
        "DATABASE_URL": database.args.dsn,
        "MARQUEE_PORT": str(port),
        "MARQUEE_WORKERS": str(WORKERS),
        "MARQUEE_STATE_DIR": str(state),
    }
    with log.open("wb") as said:
        command = [sys.executable, "-m", "app", "serve"]
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=said, stderr=said)
        try:
            wait_until_ready(process, port, log)
            yield port
        finally:
            end(process)
