"""The traces that are kept: how many and how large, by several processes, and how they are found again."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from opentelemetry import trace

from app.telemetry import trace_store
from app.telemetry.spans import Telemetry
from app.telemetry.trace_store import TraceFilter, TraceReader, TraceStore
from tests.support.receivers import keep, operations, stored

SLOW_NS = 50_000_000

# A process that keeps 30 traces of its own.
WRITE = """
import sys
from pathlib import Path
from tests.support.receivers import keep, stored
with stored(Path(sys.argv[1]), 1000) as tracer:
    for number in range(30):
        keep(tracer, f"{sys.argv[2]}{number}")
"""


def test_the_newest_traces_stay(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "traces.sqlite"
    with stored(path, 5) as tracer:
        for number in range(20):
            keep(tracer, f"Q{number}")
    assert operations(path) == ["Q19", "Q18", "Q17", "Q16", "Q15"]
    with stored(path, 2) as tracer:
        keep(tracer, "Q20")
    assert operations(path) == ["Q20", "Q19"]


def test_several_processes_write_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "traces.sqlite"
    names = ["A", "B", "C", "D"]
    writers = [subprocess.Popen([sys.executable, "-c", WRITE, str(path), name]) for name in names]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    found = TraceReader(path, 1000).find(TraceFilter(limit=500))
    assert sorted(one["operation"] for one in found) == sorted(f"{name}{n}" for name in names for n in range(30))
    assert {one["worker"] for one in found} == {writer.pid for writer in writers}


def test_traces_that_never_end_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_store, "MAX_OPEN", 10)
    store = TraceStore(tmp_path / "traces.sqlite", 100)
    telemetry = Telemetry([store])
    for _ in range(50):
        server = telemetry.tracer.start_span("POST /graphql")
        telemetry.tracer.start_span("query", context=trace.set_span_in_context(server)).end()
    assert len(store._open) == 10
    keep(telemetry.tracer, "Ended")
    telemetry.close()
    assert operations(tmp_path / "traces.sqlite") == ["Ended"]


def test_of_a_trace_with_too_many_spans_the_last_ones_stay_and_they_are_a_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace_store, "MAX_SPANS", 10)
    path = tmp_path / "traces.sqlite"
    with stored(path, 10) as tracer:
        trace_id = keep(tracer, "Large", children=100)
    spans = TraceReader(path, 10).spans(trace_id)
    assert spans is not None
    assert sorted(one["name"] for one in spans) == sorted(
        ["POST /graphql", "query", *(f"child {number}" for number in range(92, 100))]
    )
    assert {one["parentId"] for one in spans} <= {None, *(one["spanId"] for one in spans)}
    assert operations(path) == ["Large"]


@pytest.mark.parametrize(
    ("most", "names"), [(1_000, ["POST /graphql", "query", "child 98", "child 99"]), (1, ["POST /graphql"])]
)
def test_of_a_trace_with_too_many_bytes_the_last_spans_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, names: list[str]
) -> None:
    monkeypatch.setattr(trace_store, "MAX_TRACE_BYTES", most)
    path = tmp_path / "traces.sqlite"
    with stored(path, 10) as tracer:
        trace_id = keep(tracer, "Large", children=100)
        keep(tracer, "Next")
    spans = TraceReader(path, 10).spans(trace_id)
    assert spans is not None
    assert {one["name"] for one in spans} == set(names)
    assert operations(path) == ["Next", "Large"]


def test_a_request_does_not_wait_where_too_many_traces_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_store, "MAX_WAITING", 3)
    path = tmp_path / "traces.sqlite"
    with stored(path, 100) as tracer:
        locker = sqlite3.connect(path, isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        for number in range(20):
            keep(tracer, f"Q{number}")
        locker.execute("COMMIT")
        locker.close()
    assert 3 <= len(operations(path)) <= 4


def test_the_list_is_filtered(tmp_path: Path) -> None:
    path = tmp_path / "traces.sqlite"
    with stored(path, 100) as tracer:
        keep(tracer, "Plain")
        keep(tracer, "Under_score", errors=2)
        keep(tracer, "Underscore", nanoseconds=SLOW_NS)
        keep(tracer, "Percent%Sign", nanoseconds=SLOW_NS, errors=1)
    newest_first = ["Percent%Sign", "Underscore", "Under_score", "Plain"]
    assert operations(path) == newest_first
    assert operations(path, TraceFilter(limit=2)) == newest_first[:2]
    assert operations(path, TraceFilter(limit=-5)) == newest_first[:1]
    assert operations(path, TraceFilter("under")) == ["Underscore", "Under_score"]
    assert operations(path, TraceFilter("_")) == ["Under_score"]
    assert operations(path, TraceFilter("%")) == ["Percent%Sign"]
    assert operations(path, TraceFilter("' OR 1 = 1 --")) == []
    assert operations(path, TraceFilter(least_ms=50)) == ["Percent%Sign", "Underscore"]
    assert operations(path, TraceFilter(least_ms=50.001)) == []
    assert operations(path, TraceFilter(errors_only=True)) == ["Percent%Sign", "Under_score"]
    assert operations(path, TraceFilter("e", 50, True)) == ["Percent%Sign"]


def test_a_trace_without_a_name_is_found_by_its_fields(tmp_path: Path) -> None:
    path = tmp_path / "traces.sqlite"
    with stored(path, 100) as tracer:
        keep(tracer, None, fields=("media", "tags"))
        keep(tracer, "Tagged", fields=("media",))
        keep(tracer, "IntrospectionQuery", fields=("__schema",), introspection=True)
    found = TraceReader(path, 10).find(TraceFilter())
    assert [(one["operation"], one["rootFields"], one["introspection"]) for one in found] == [
        ("IntrospectionQuery", ["__schema"], True),
        ("Tagged", ["media"], False),
        (None, ["media", "tags"], False),
    ]
    assert operations(path, TraceFilter("TAG")) == ["Tagged", None]
    assert operations(path, TraceFilter("media")) == [None]


OLDER = """CREATE TABLE trace (
    number INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL, operation TEXT, type TEXT,
    started_ns INTEGER NOT NULL, duration_ms REAL NOT NULL, statements INTEGER NOT NULL, batches INTEGER NOT NULL,
    rows INTEGER NOT NULL, errors INTEGER NOT NULL, split INTEGER NOT NULL, worker INTEGER NOT NULL,
    spans BLOB NOT NULL)"""


def test_the_traces_of_an_older_version_stay(tmp_path: Path) -> None:
    path = tmp_path / "traces.sqlite"
    older = sqlite3.connect(path)
    older.execute(OLDER)
    older.execute("INSERT INTO trace VALUES (1, 'a', 'Older', 'query', 0, 1, 0, 0, 0, 0, 0, 1, '[]')")
    older.commit()
    older.close()
    for name in ("First", "Second"):
        with stored(path, 10) as tracer:
            keep(tracer, name)
    assert operations(path) == ["Second", "First", "Older"]
    assert TraceReader(path, 10).find(TraceFilter("Older"))[0]["rootFields"] == []


def test_a_file_that_was_removed_is_an_empty_list_and_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "traces.sqlite"
    with stored(path, 10) as tracer:
        keep(tracer, "Lost")
        tracer_flush(path, 1)
        for part in tmp_path.glob("traces.sqlite*"):
            part.unlink()
        assert TraceReader(path, 10).find(TraceFilter()) == []
        keep(tracer, "Found")
    assert operations(path) == ["Found"]


def tracer_flush(path: Path, traces: int) -> None:
    """Waits until the thread has written."""
    for _ in range(500):
        if len(operations(path)) == traces:
            return
        time.sleep(0.01)
    raise AssertionError("the trace was not written")


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_traces_are_for_their_owner_alone(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "traces.sqlite"
    before = os.umask(umask)
    try:
        with stored(path, 5) as tracer:
            keep(tracer, "Q")
            while operations(path) != ["Q"]:  # a thread writes it
                time.sleep(0.01)
            found = modes(tmp_path)
    finally:
        os.umask(before)
    assert found == dict.fromkeys(("traces.sqlite", "traces.sqlite-wal", "traces.sqlite-shm"), 0o600)


def test_a_file_that_others_could_read_is_closed_to_them_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "traces.sqlite"
    with stored(path, 5) as tracer:
        keep(tracer, "Old")
        # As a server that was killed leaves them.
        for file in tmp_path.iterdir():
            file.chmod(0o644)
        with stored(path, 5) as other:
            keep(other, "New")
            assert set(modes(tmp_path).values()) == {0o600}
    assert operations(path) == ["New", "Old"]


def test_a_reader_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a folder?" / "traces.sqlite"
    path.parent.mkdir()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"), trace_store.connected(path):
        pass
    assert list(path.parent.iterdir()) == []
    with stored(path, 5) as tracer:
        keep(tracer, "Q")
    assert operations(path) == ["Q"]
