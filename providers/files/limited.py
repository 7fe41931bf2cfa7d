"""Turns into another program with limits: `python -I limited.py SECONDS MEMORY FILE_BYTES PROGRAM ARGUMENT...`.

SECONDS: of the clock and of the processor, after which the kernel ends it, even if nobody waits for it any longer;
MEMORY: bytes of addresses; FILE_BYTES: of each file that it writes. A script of its own and no preexec_fn: that may
deadlock in a process with threads. It imports nothing of ours, so that it starts quickly."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys

NICENESS = 10


def main(arguments: list[str]) -> None:
    seconds, memory, file_bytes = map(int, arguments[:3])
    command = arguments[3:]
    limit(resource.RLIMIT_CPU, seconds)
    limit(resource.RLIMIT_AS, memory)
    limit(resource.RLIMIT_FSIZE, file_bytes)
    limit(resource.RLIMIT_CORE, 0)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and so would the program
    signal.alarm(seconds + 1)  # kept by the program
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    os.execv(command[0], command)


def limit(which: int, most: int) -> None:
    """Never more than this process may have itself."""
    hard = resource.getrlimit(which)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
