"""How many connections a worker holds, how long it waits for what, and how many bytes it takes of a request's head."""

from __future__ import annotations

import resource
from dataclasses import dataclass

# More is of no use, and some systems refuse it.
MAX_FILES = 65_536
# Files beside clients and the database: the loop's own, traces, pages that are served, connections about to close.
SPARE_FILES = 100
MIN_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The limits of a worker's connections. Times are in seconds; `unsent`: bytes of answers that wait for clients."""

    connections: int
    header_bytes: int
    url_bytes: int
    keep_alive: float
    header_timeout: float
    body_timeout: float
    send_timeout: float
    unsent: int
    message_bytes: int = 2_097_152  # of a WebSocket's message


def file_limit() -> int:
    """How many files this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_FILES if soft == resource.RLIM_INFINITY else soft


def raise_file_limit() -> None:
    """Lets this process open as many files as it may allow itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return
    for wanted in (most, 10_240):  # the second is all that macOS allows where it names no limit
        if wanted > soft:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            except (OSError, ValueError):
                continue
            return
