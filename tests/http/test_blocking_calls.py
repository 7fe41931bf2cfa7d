"""Nothing that may block is called on the event loop while operations are answered over any transport."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from tests.support.factories import add_row
from tests.support.in_process import InProcess, serving_in_process

# What Python tells of: files, processes, look-ups of names, sleeps.
BLOCKING = {
    *("open", "os.listdir", "os.scandir", "os.rename", "os.remove", "os.mkdir", "shutil.copyfile"),
    *("subprocess.Popen", "os.system", "socket.getaddrinfo", "socket.gethostbyname", "time.sleep", "sqlite3.connect"),
}
QUERY = "{ media(first: 5) { nodes { title tags { name } } } jobRuns { nodes { id } } }"
MUTATION = 'mutation { setSetting(key: "retag.after_days", value: 3) { setting { value } } }'
PROGRESS = 'subscription { jobProgress(id: "job_run_1") { status succeeded } }'
recorded: list[str] | None = None


def note(event: str, arguments: Any) -> None:
    if recorded is not None and event in BLOCKING and threading.current_thread() is threading.main_thread():
        recorded.append(f"{event} {arguments!r:.200}")


@pytest.fixture(scope="module")
def hook() -> None:
    sys.addaudithook(note)  # it cannot be taken away


async def ask_everything(served: InProcess, connection: Any) -> None:
    async with served.socket() as client, served.http() as http:
        for query in (QUERY, MUTATION):
            assert "errors" not in (await http.post(served.url, json={"query": query})).json()
            answer = await http.post(served.url, json={"query": query}, headers={"accept": "text/event-stream"})
            assert answer.status_code == 200
            await client.subscribe("1", query)
            await client.data()
            assert (await client.next())["type"] == "complete"
        await client.subscribe("2", PROGRESS)
        before = (await client.data("2"))["jobProgress"]["succeeded"]
        await connection.execute("UPDATE job_run SET succeeded = succeeded + 1")
        assert (await client.data("2"))["jobProgress"]["succeeded"] == before + 1


async def test_no_transport_blocks_the_event_loop(hook: None, writer: ConnectArgs, connection: Any) -> None:
    global recorded
    await add_row(connection, "job_run", type="scan")
    async with serving_in_process(writer) as served:
        await ask_everything(served, connection)  # connections are opened, documents read, modules loaded
        found: list[str] = []
        recorded = found
        try:
            await ask_everything(served, connection)
            assert found == []
            Path(__file__).read_bytes()
            assert len(found) == 1
        finally:
            recorded = None
