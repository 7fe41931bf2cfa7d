"""The worker processes, of those that serve and of those that run jobs: starts, restarts and stops them."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Mapping

from rich.console import Console

from app.errors import StartError
from app.settings import CHECKOUT, GRACE

FIRST_PAUSE, MAX_PAUSE = 0.1, 5.0
# A worker that lived for this long before it died is started anew without much of a pause.
STABLE = 10.0


class WorkerError(StartError):
    """The workers cannot serve; they have logged why."""


SERVING, RUNNING_JOBS = "app.process.worker", "app.process.job_worker"


class Workers:
    """`count` processes that share one database, and one listening socket where they serve."""

    def __init__(
        self, count: int, listener: socket.socket | None, environment: Mapping[str, str], console: Console
    ) -> None:
        """`environment`: what the workers' settings are to be, beyond those of this process. Without a listener they
        run jobs."""
        self._program = RUNNING_JOBS if listener is None else SERVING
        self._listener = listener
        self._environment = {**os.environ, **environment}
        self._console = console
        self._processes: set[Process] = set()
        self._unready = count
        self._all_ready = asyncio.Event()
        if count == 0:
            self._all_ready.set()
        # They end when this pipe does, and it does with us.
        self._owner_read, self._owner_write = os.pipe()

    async def wait_until_ready(self) -> None:
        """Returns when every worker has served for the first time."""
        await self._all_ready.wait()

    async def keep_one(self) -> None:
        """Keeps one worker running until cancelled. Raises WorkerError when the first one ends before it serves."""
        pause, has_served = FIRST_PAUSE, False
        while True:
            started = time.monotonic()
            process, ready = await self._start()
            try:
                if await _is_written(ready) and not has_served:
                    has_served = True
                    self._count_ready()
                status = await process.wait()
            finally:
                os.close(ready)
                await self._end(process)
            if not has_served:
                raise WorkerError(f"A worker {_ending(status)} before it could serve; its words are above.")
            pause = FIRST_PAUSE if time.monotonic() - started > STABLE else min(pause * 2, MAX_PAUSE)
            self._console.print(f"A worker {_ending(status)}; another is started.")
            await asyncio.sleep(pause)

    def kill(self) -> None:
        """Ends all at once, with the requests under way."""
        for process in self._processes:
            process.kill()

    def close(self) -> None:
        os.close(self._owner_read)
        os.close(self._owner_write)

    async def _start(self) -> tuple[Process, int]:
        """A new process, and the end of a pipe that it writes a byte to when it serves."""
        ready_read, ready_write = os.pipe()
        listening = [] if self._listener is None else [self._listener.fileno()]
        inherited = [*listening, ready_write, self._owner_read]
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._program,
                *map(str, inherited),
                stdin=asyncio.subprocess.DEVNULL,
                cwd=CHECKOUT,
                env=self._environment,
                pass_fds=inherited,
                start_new_session=True,  # Ctrl-C at the terminal is for the supervisor
            )
        finally:
            os.close(ready_write)
        self._processes.add(process)
        return process, ready_read

    async def _end(self, process: Process) -> None:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), GRACE + 2)
            except TimeoutError:
                process.kill()
                await process.wait()
        self._processes.discard(process)

    def _count_ready(self) -> None:
        self._unready -= 1
        if self._unready == 0:
            self._all_ready.set()


async def _is_written(pipe: int) -> bool:
    """Waits for the pipe: True for a byte, False for its end."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(pipe, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(pipe)
    return os.read(pipe, 1) != b""


def _ending(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
