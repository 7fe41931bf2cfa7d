"""Work beside the walk, in order and never far ahead: names in processes once there are many, the rest in threads."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import TypeVar

from sources.folder.names import NameFacts, read_name

Task = TypeVar("Task")
Answer = TypeVar("Answer")

# So many names are read here before processes are started, which take about a second and 40 MB each.
NAMES_BEFORE_PROCESSES = 200


def ordered(
    submit: Callable[[Task], Future[Answer]], tasks: Iterable[Task], ahead: int
) -> Iterator[tuple[Task, Answer]]:
    """Each task with its answer, in order; at most `ahead` tasks are under way or done and not taken."""
    pending: deque[tuple[Task, Future[Answer]]] = deque()
    try:
        for task in tasks:
            pending.append((task, submit(task)))
            if len(pending) >= ahead:
                first, future = pending.popleft()
                yield first, future.result()
        while pending:
            first, future = pending.popleft()
            yield first, future.result()
    finally:
        for _, future in pending:
            future.cancel()


def read_names(paths: Sequence[str]) -> list[NameFacts]:
    return [read_name(path) for path in paths]


class NameReader:
    """Reads names in batches: guessit takes some 10 ms for each, and would hold up the event loop in a thread."""

    def __init__(self, workers: int, before_processes: int = NAMES_BEFORE_PROCESSES) -> None:
        self._workers = workers
        self._left = before_processes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="names")
        self._processes: ProcessPoolExecutor | None = None

    def submit(self, paths: Sequence[str]) -> Future[list[NameFacts]]:
        self._left -= len(paths)
        if self._left >= 0 or self._workers < 1:
            return self._thread.submit(read_names, paths)
        if self._processes is None:
            self._processes = ProcessPoolExecutor(
                self._workers, multiprocessing.get_context("spawn"), initializer=start_worker
            )
        try:
            asked = self._processes.submit(read_names, paths)
        except (BrokenProcessPool, RuntimeError):
            return self._thread.submit(read_names, paths)
        return self._thread.submit(answer_of, asked, paths)

    def close(self) -> None:
        """What is not begun is left."""
        if self._processes is not None:
            self._processes.shutdown(wait=False, cancel_futures=True)
        self._thread.shutdown(wait=False, cancel_futures=True)


def answer_of(asked: Future[list[NameFacts]], paths: Sequence[str]) -> list[NameFacts]:
    """What a process answers; if it died, the names are read here."""
    try:
        return asked.result()
    except BrokenProcessPool:
        return read_names(paths)


def start_worker() -> None:
    """A worker ends with the process that started it, whatever became of that; and leaves Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=end_with, args=(parent.sentinel,), daemon=True).start()


def end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
