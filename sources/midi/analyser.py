"""Analyses MIDI files in processes of their own: a hostile file costs its time limit and no more.

A process that takes too long, too much memory, or dies, is replaced; the file is told as unreadable, the rest goes
on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

from sources.source import SourceError

B = TypeVar("B")

WORKERS_SETTING = "MARQUEE_ANALYSIS_WORKERS"
SECONDS_A_FILE = 10.0
START_SECONDS = 20.0  # until a new process has loaded the library, on a busy machine
MEMORY_BYTES = 1 << 30  # addresses, of which the libraries alone take some hundred MB
BATCH_BYTES = 4_000_000  # of files that are given to a process at once
BATCH_FILES = 250
LINE_BYTES = 1 << 20
CHECKOUT = Path(__file__).resolve().parents[2]
COMMAND = ("-m", "sources.midi.worker")


@dataclass(frozen=True, slots=True)
class Analysis:
    """Of one file: columns of table music, or why there are none."""

    facts: Mapping[str, Any] | None
    reason: str = ""


Batch: TypeAlias = tuple[B, Sequence[str]]  # what the caller knows it by, and paths


def analysis_workers() -> int:
    """How many processes analyse: the setting, or one a processor. SourceError."""
    text = os.environ.get(WORKERS_SETTING, "").strip()
    if not text:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise SourceError(f"{WORKERS_SETTING} is a number from 1 to 256.")
    return int(text)


class MidiAnalyser:
    """A pool of processes, used within `async with`; they start when there is something to do."""

    def __init__(
        self,
        workers: int | None = None,
        seconds: float = SECONDS_A_FILE,
        memory: int = MEMORY_BYTES,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.workers = [
            AnalysisProcess(seconds, memory, command) for _ in range(analysis_workers() if workers is None else workers)
        ]
        self._running: set[asyncio.Task[list[Analysis]]] = set()
        self._idle: asyncio.Queue[AnalysisProcess] = asyncio.Queue()
        for one in self.workers:
            self._idle.put_nowait(one)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await cancelled(self._running)  # whoever was reading has left: nothing is begun any more
        for one in self.workers:
            await one.stop()

    async def analyse(self, batches: AsyncIterable[Batch[B]]) -> AsyncGenerator[tuple[B, list[Analysis]], None]:
        """The analyses of each batch, in the order given; one batch a process and one more are read ahead."""
        running: deque[tuple[B, asyncio.Task[list[Analysis]]]] = deque()
        try:
            async for known_by, paths in batches:
                task = asyncio.create_task(self.analyse_files(paths))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
                running.append((known_by, task))
                if len(running) > len(self.workers):
                    first, task = running.popleft()
                    yield first, await task
            while running:
                first, task = running.popleft()
                yield first, await task
        finally:
            await cancelled([task for _, task in running])

    async def analyse_files(self, paths: Sequence[str]) -> list[Analysis]:
        """By the first process that is free."""
        worker = await self._idle.get()
        try:
            return await worker.analyse(paths)
        finally:
            self._idle.put_nowait(worker)


async def cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Ends tasks, and waits until they have."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


class AnalysisProcess:
    """One process and its replacements."""

    def __init__(self, seconds: float, memory: int, command: Sequence[str]) -> None:
        self._seconds = seconds
        self._memory = memory
        self._command = command
        self.process: Process | None = None

    async def analyse(self, paths: Sequence[str]) -> list[Analysis]:
        """In the order given."""
        found: list[Analysis] = []
        try:
            while len(found) < len(paths):
                await self._analyse_some(paths[len(found) :], found)
        except BaseException:
            await self.stop()  # what it still has to say is nobody's answer
            raise
        return found

    async def _analyse_some(self, paths: Sequence[str], found: list[Analysis]) -> None:
        """All of them, or up to one that ends the process."""
        is_new = self.process is None
        process = self.process = self.process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(list(paths)).encode() + b"\n")
        for _ in paths:
            # Its own alarm comes first; this is for a process that is stopped, or waits for a disk.
            patience = 2 * self._seconds + (START_SECONDS if is_new else 0)
            line = b""
            with suppress(TimeoutError, ConnectionError):
                line = await asyncio.wait_for(process.stdout.readline(), patience)
            if not line.endswith(b"\n"):
                found.append(Analysis(None, await self._why_ended()))
                return
            is_new = False
            answer = json.loads(line)
            found.append(Analysis(answer.get("facts"), answer.get("reason", "")))

    async def _start(self) -> Process:
        arguments = (*self._command, str(self._seconds), str(self._memory))
        # Ctrl-C is the parent's to deal with: this one ends when its input does.
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=CHECKOUT,
            limit=LINE_BYTES,
            start_new_session=True,
        )

    async def _why_ended(self) -> str:
        """What became of the process, as the reason why a file has no facts."""
        assert self.process is not None
        with suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), 0.1)
        code = self.process.returncode
        await self.stop()
        if code is None or code == -signal.SIGALRM:
            return f"it takes longer than {self._seconds:g} seconds"
        return "it ends the process that reads it"

    async def stop(self) -> None:
        """Ends the process; the next file starts another one."""
        process, self.process = self.process, None
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
