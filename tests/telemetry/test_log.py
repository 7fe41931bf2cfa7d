"""The log: JSON or text, the trace id in every line of a request, slow requests with their parts, and no literals."""

from __future__ import annotations

import io
import json
import logging
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.telemetry.log import TRACE_ID, set_up_log
from database.connect_args import ConnectArgs
from database.session import Session
from tests.support.factories import add_name
from tests.support.http_client import is_json, open_http, post
from tests.support.receivers import open_traced

Lines = Callable[[], list[dict[str, Any]]]

TRACE = "0af7651916cd43dd8448eb211c80319c"
MARKER = "MARKER31337"
SLOW = f"""query Slow($title: String = "{MARKER}") {{ tag(id: "tag_1") {{ name }}
    media(filter: {{ title: $title, year: {{ min: 1987654321 }} }}) {{ nodes {{ {MARKER}: title }} }} }}"""
PARTS = {"receive_ms", "prepare_ms", "connection_ms", "database_ms", "execute_ms"}

# A process that logs a line outside of a request, one within, and one of an error.
LOG = f"""
import logging
from app.telemetry.log import TRACE_ID, set_up_log
set_up_log()
log = logging.getLogger("marquee.test")
log.info("started with %s workers", 2)
TRACE_ID.set("{TRACE}")
log.warning("slow request", extra={{"operation": "Films", "operation_type": None, "elapsed_ms": 12.5}})
try:
    raise ValueError("broken")
except ValueError:
    log.exception("internal error")
"""


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """The lines of the log that is set up for this process."""
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root.handlers.clear()
    set_up_log()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)


def slow(lines: Lines) -> list[dict[str, Any]]:
    return [line for line in lines() if line["logger"] == "marquee.slow"]


def test_lines_are_json_where_the_log_is_no_terminal() -> None:
    run = subprocess.run([sys.executable, "-c", LOG], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (0, "")
    first, second, third = map(json.loads, run.stderr.splitlines())
    for line in (first, second, third):
        assert datetime.fromisoformat(line.pop("time")).tzinfo == UTC
    assert first == {"level": "INFO", "logger": "marquee.test", "message": "started with 2 workers", "trace_id": None}
    assert second == {
        "level": "WARNING",
        "logger": "marquee.test",
        "message": "slow request",
        "trace_id": TRACE,
        "operation": "Films",
        "operation_type": None,
        "elapsed_ms": 12.5,
    }
    assert third.pop("exc_info").endswith("ValueError: broken")
    assert third == {"level": "ERROR", "logger": "marquee.test", "message": "internal error", "trace_id": TRACE}


def test_lines_are_text_on_a_terminal() -> None:
    terminal, other_end = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", LOG], stderr=other_end) as process:
        os.close(other_end)
        said = read_all(terminal)
    assert process.returncode == 0
    first, second, third, *traceback = [line.rstrip("\r") for line in said.strip().split("\n")]
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"
    assert re.fullmatch(rf"{time} INFO marquee\.test: started with 2 workers", first)
    given = rf"operation=Films  elapsed_ms=12\.5  trace={TRACE}"
    assert re.fullmatch(rf"{time} WARNING marquee\.test: slow request  {given}", second)
    assert re.fullmatch(rf"{time} ERROR marquee\.test: internal error  trace={TRACE}", third)
    assert (traceback[0], traceback[-1]) == ("Traceback (most recent call last):", "ValueError: broken")


def read_all(terminal: int) -> str:
    """What was written to a terminal until its other end was closed, which Linux makes an error of."""
    chunks = []
    try:
        while chunk := os.read(terminal, 65_536):
            chunks.append(chunk)
    except OSError:
        pass
    os.close(terminal)
    return b"".join(chunks).decode()


async def test_a_slow_request_is_logged_with_its_parts_and_without_literals(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    await add_name(connection, "tag", "noir")
    async with open_traced(writer, monkeypatch, slow_request=0) as traced:
        await traced.spans_of({"query": SLOW, "variables": {"title": MARKER}}, **{f"x-{MARKER}": MARKER})
        root = traced.spans[-1]
    [line] = slow(lines)
    assert MARKER not in json.dumps(line)
    assert "1987654321" not in json.dumps(line)
    assert set(line) >= PARTS
    parts = [line.pop(name) for name in PARTS]
    assert min(parts) >= 0
    # Each is rounded to a tenth of a millisecond.
    assert sum(parts) == pytest.approx(line.pop("elapsed_ms"), abs=0.5)
    assert len(line.pop("document_hash")) == 64
    assert line.pop("time")
    assert line == {
        "level": "WARNING",
        "logger": "marquee.slow",
        "message": "slow request",
        "trace_id": f"{root.context.trace_id:032x}",
        "operation": "Slow",
        "operation_type": "query",
        "statements": 2,
    }


async def test_a_fast_request_is_not_logged_and_a_refused_one_has_no_name(demo: ConnectArgs, lines: Lines) -> None:
    async with open_http(demo, slow_request=60) as http:
        await post(http, {"query": "{ __typename }"})
        await post(http, {"query": "{ nothing }"})
        assert slow(lines) == []
    async with open_http(demo, slow_request=0) as http:
        await post(http, {"query": "{ nothing }"})
        await post(http, b"{")
    [line] = slow(lines)
    assert (line["operation"], line["operation_type"], line["document_hash"]) == (None, None, None)
    assert (line["statements"], line["database_ms"]) == (0, 0.0)


async def test_time_in_the_database_is_called_that(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    await add_name(connection, "tag", "noir")
    async with open_http(writer, slow_request=0.15, statement_timeout=0.2) as http:
        await connection.execute("BEGIN; LOCK TABLE tag")
        await post(http, {"query": '{ tag(id: "tag_1") { name } }'})
        await connection.execute("ROLLBACK")
    [line] = slow(lines)
    assert line["database_ms"] >= 150
    assert line["database_ms"] > line["elapsed_ms"] / 2


async def test_an_internal_error_carries_the_id_of_its_trace(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    async def fail(*arguments: Any, **options: Any) -> Any:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(Session, "fetch", fail)
    async with open_traced(demo, monkeypatch) as traced:
        answer = await post(traced.http, {"query": '{ tag(id: "tag_1") { name } }'})
        root = traced.spans[-1]
    [error] = is_json(answer, 200)["errors"]
    [line] = [line for line in lines() if line["level"] == "ERROR"]
    assert line["trace_id"] == f"{root.context.trace_id:032x}"
    assert error["extensions"]["errorId"] in line["message"]
    assert "ZeroDivisionError: a fault of ours" in line["exc_info"]
    assert "a fault of ours" not in answer.text
    assert all("a fault of ours" not in span.to_json() for span in traced.spans)


async def test_lines_outside_of_a_request_have_no_trace_id(demo: ConnectArgs, lines: Lines) -> None:
    TRACE_ID.set(None)
    async with open_http(demo) as http:
        assert (await http.get("/healthz")).status_code == 200
        logging.getLogger("marquee.test").info("between requests")
    assert [line["trace_id"] for line in lines() if line["logger"] == "marquee.test"] == [None]
