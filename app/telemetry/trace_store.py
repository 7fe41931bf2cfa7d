"""The last traces of all worker processes, in one SQLite file of the state folder.

Spans are gathered until the server span of their trace has ended; a thread then writes the trace, so that no request
waits for the disk. Bounded in traces kept, in spans and bytes a trace, and in traces that wait to be written."""

from __future__ import annotations

import logging
import os
import queue
import sqlite3
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

log = logging.getLogger("marquee.traces")

TRACES = "traces.sqlite"  # in the state folder
MAX_SPANS = 2_000
MAX_TRACE_BYTES = 2_000_000
MAX_OPEN = 1_000
MAX_WAITING = 200
MAX_LIST_LENGTH = 500
LOCK_SECONDS = 2.0

TABLE = """CREATE TABLE IF NOT EXISTS trace (
    number INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL, operation TEXT, type TEXT,
    started_ns INTEGER NOT NULL, duration_ms REAL NOT NULL, statements INTEGER NOT NULL, batches INTEGER NOT NULL,
    rows INTEGER NOT NULL, errors INTEGER NOT NULL, split INTEGER NOT NULL, worker INTEGER NOT NULL,
    spans BLOB NOT NULL, root_fields TEXT NOT NULL DEFAULT '', introspection INTEGER NOT NULL DEFAULT 0)"""
# The table was made without these once.
ADDED = ("root_fields TEXT NOT NULL DEFAULT ''", "introspection INTEGER NOT NULL DEFAULT 0")
INDEX = "CREATE INDEX IF NOT EXISTS trace_trace_id ON trace (trace_id)"
INSERT = f"INSERT INTO trace VALUES (NULL{', ?' * 14})"
# The newest ones stay.
PRUNE = "DELETE FROM trace WHERE number <= (SELECT max(number) FROM trace) - ?"
LIST = """SELECT trace_id, operation, type, root_fields, introspection, started_ns, duration_ms, statements, batches,
    rows, errors, split, worker
FROM trace WHERE (?1 IS NULL OR instr(lower(coalesce(operation, root_fields)), lower(?1)) > 0)
    AND duration_ms >= ?2 AND errors >= ?3
ORDER BY number DESC LIMIT ?4"""
ONE = "SELECT spans FROM trace WHERE trace_id = ? ORDER BY number"


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for one use; other processes may write at the same time."""
    # Not made where it is missing: whoever writes does that.
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=LOCK_SECONDS, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def open_to_write(path: Path) -> sqlite3.Connection:
    """A connection for the thread that writes; makes the file and its table where they are missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keep_to_owner(path)
    connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
    try:
        for command in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", "BEGIN IMMEDIATE"):
            connection.execute(command)
        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(trace)")}
        if "spans" in columns and "root_fields" not in columns:
            for column in ADDED:
                connection.execute(f"ALTER TABLE trace ADD COLUMN {column}")
        for command in (TABLE, INDEX, "COMMIT"):
            connection.execute(command)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def keep_to_owner(path: Path) -> None:
    """Makes the file where it is missing, and lets nobody else read it: traces tell what others ask.

    SQLite gives the files beside it the mode that it has when they are made."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with suppress(FileNotFoundError):
            file.chmod(0o600)


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Which traces are asked for: a part of the name, or of one's fields without it; a least duration; failed ones."""

    operation: str | None = None
    least_ms: float = 0.0
    errors_only: bool = False
    limit: int = 100


class TraceReader:
    """Answers the trace pages. Blocks: call it in a thread."""

    def __init__(self, path: Path, kept: int) -> None:
        self.path = path
        self.kept = kept

    def find(self, question: TraceFilter) -> list[dict[str, Any]]:
        """The traces that fit, newest first."""
        limit = max(1, min(question.limit, MAX_LIST_LENGTH))
        values = (question.operation or None, question.least_ms, int(question.errors_only), limit)
        if not self.path.exists():
            return []
        with connected(self.path) as connection:
            return [trace_summary(row) for row in connection.execute(LIST, values)]

    def spans(self, trace_id: str) -> list[dict[str, Any]] | None:
        """The spans of a trace, of all workers that had a part in it; None where it is not kept."""
        if not self.path.exists():
            return None
        spans: list[dict[str, Any]] = []
        with connected(self.path) as connection:
            for (content,) in connection.execute(ONE, (trace_id,)):
                spans += orjson.loads(content)
                if len(spans) >= MAX_SPANS:  # many requests can name one trace as theirs
                    break
        if not spans:
            return None
        begun = min(span["startNs"] for span in spans)
        for span in spans:
            span["startUs"] = (span.pop("startNs") - begun) / 1000
        return sorted(spans, key=lambda span: float(span["startUs"]))


SUMMARY = (
    *("traceId", "operation", "type", "rootFields", "introspection", "startedAt", "durationMs"),
    *("statements", "batches", "rows", "errors", "split", "worker"),
)


def trace_summary(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of the list as the pages take it."""
    found = dict(zip(SUMMARY, row, strict=True))
    found["startedAt"] = datetime.fromtimestamp(found["startedAt"] / 1e9, UTC).isoformat(timespec="milliseconds")
    found["rootFields"] = found["rootFields"].split()
    found["introspection"], found["split"] = bool(found["introspection"]), bool(found["split"])
    return found


class TraceWriter:
    """Adds traces to the file and drops the oldest ones. Opened when first needed, and anew after a failure."""

    def __init__(self, path: Path, kept: int) -> None:
        self._path = path
        self._kept = kept
        self._connection: sqlite3.Connection | None = None

    def open(self) -> sqlite3.Connection:
        """Makes the file where it is missing, or was removed since. Raises sqlite3.Error, OSError."""
        if self._connection is not None and not self._path.exists():
            self.close()
        if self._connection is None:
            self._connection = open_to_write(self._path)
        return self._connection

    def write(self, row: tuple[Any, ...]) -> None:
        """Raises sqlite3.Error, OSError."""
        try:
            self.open().execute(INSERT, row)
            self.open().execute(PRUNE, (self._kept,))
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class TraceStore(SpanProcessor):
    """Writes every finished trace of this process into the file. One that cannot be written is lost, with a warning."""

    def __init__(self, path: Path, kept: int) -> None:
        self._path = path
        self._kept = kept
        self._open: OrderedDict[int, deque[ReadableSpan]] = OrderedDict()
        self._waiting: queue.Queue[list[ReadableSpan] | None] = queue.Queue(MAX_WAITING)
        self._ready = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._write_all, name="trace store", daemon=True)
        self._thread.start()
        self._ready.wait(LOCK_SECONDS + 1)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        pass

    def on_end(self, span: ReadableSpan) -> None:
        context = span.context
        if context is None:
            return
        # Parents end after their children, so of too many spans the last ones are a whole tree.
        spans = self._open.setdefault(context.trace_id, deque(maxlen=MAX_SPANS))
        spans.append(span)
        if span.parent is None or span.parent.is_remote:
            del self._open[context.trace_id]
            with suppress(queue.Full):  # a trace less is better than a request that waits
                self._waiting.put_nowait(list(spans))
        elif len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)

    def shutdown(self) -> None:
        self._waiting.put(None)
        self._thread.join(5)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        self._waiting.join()
        return True

    def _write_all(self) -> None:
        writer = TraceWriter(self._path, self._kept)
        self._attempt(writer.open)
        self._ready.set()
        while (spans := self._waiting.get()) is not None:
            self._attempt(partial(write_record, writer, spans))
            self._waiting.task_done()
        self._waiting.task_done()
        writer.close()

    def _attempt(self, work: Callable[[], object]) -> None:
        """A full disk, or a file that is locked or broken, loses traces but harms nothing else."""
        try:
            work()
            self._failing = False
        except Exception as error:  # whatever it is, the thread has to live on
            if not self._failing:
                log.warning("traces are not kept: %s: %s", self._path, error)
            self._failing = True


def write_record(writer: TraceWriter, spans: list[ReadableSpan]) -> None:
    writer.write(record(spans))


def record(spans: list[ReadableSpan]) -> tuple[Any, ...]:
    """A trace as a row: its summary from the spans' attributes, its spans as JSON."""
    root = spans[-1]
    operation = next((span for span in spans if "marquee.errors" in attributes(span)), root)
    batches = [attributes(span) for span in spans if "graphql.dataloader.name" in attributes(span)]
    statements = [attributes(span) for span in spans if "db.query.text" in attributes(span)]
    described = [describe(span) for span in spans]
    while len(content := orjson.dumps(described)) > MAX_TRACE_BYTES and len(described) > 1:
        described = described[len(described) // 2 :]
    assert root.context is not None
    return (
        f"{root.context.trace_id:032x}",
        attributes(operation).get("graphql.operation.name"),
        attributes(operation).get("graphql.operation.type"),
        root.start_time,
        ((root.end_time or 0) - (root.start_time or 0)) / 1e6,
        len(statements),
        len(batches),
        sum(int(found.get("db.response.returned_rows", 0)) for found in statements),
        int(attributes(operation).get("marquee.errors", 0)),
        int(attributes(operation).get("marquee.verdict", "ok") != "ok"),
        os.getpid(),
        content,
        " ".join(attributes(operation).get("marquee.root_fields", ())),
        int(attributes(operation).get("marquee.introspection", False)),
    )


def attributes(span: ReadableSpan) -> Mapping[str, Any]:
    return span.attributes or {}


def describe(span: ReadableSpan) -> dict[str, Any]:
    """A span as the pages take it, its start still in nanoseconds."""
    assert span.context is not None
    return {
        "spanId": f"{span.context.span_id:016x}",
        "parentId": f"{span.parent.span_id:016x}" if span.parent is not None else None,
        "name": span.name,
        "kind": span.kind.name,
        "startNs": span.start_time,
        "durationUs": ((span.end_time or 0) - (span.start_time or 0)) / 1000,
        "status": span.status.status_code.name,
        "statusMessage": span.status.description,
        "attributes": dict(attributes(span)),
    }
