"""A worker as it is served, under a low limit of open files: many connections that say nothing harm no other client."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from app.http.connection_limits import file_limit, raise_file_limit
from app.limits import connection_limits
from app.settings import CHECKOUT, Settings
from database.connect_args import ConnectArgs
from tests.support.http_client import LEGACY
from tests.support.serving import environment, until

FILES = 1024


@pytest.fixture
def many_files() -> Iterator[None]:
    """Enough for the clients, in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4 * FILES:
        pytest.skip("this process may not open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4 * FILES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_silent_connections_under_a_low_file_limit_keep_nobody_out(
    demo: ConnectArgs, many_files: None, tmp_path: Path
) -> None:
    read, write = os.pipe()
    owner_read, owner_write = os.pipe()
    with ExitStack() as stack, (tmp_path / "log").open("wb") as log:
        for end in (read, owner_read, owner_write):
            stack.callback(os.close, end)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2048))
        process = subprocess.Popen(
            [sys.executable, "-m", "app.process.worker", *map(str, (listener.fileno(), write, owner_read))],
            cwd=CHECKOUT,
            env=environment(DATABASE_URL=demo.dsn, MARQUEE_STATE_DIR=str(tmp_path)),
            pass_fds=(listener.fileno(), write, owner_read),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (FILES // 2, FILES)),
            stderr=log,
        )
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        os.close(write)
        assert os.read(read, 1) == b"."
        address = listener.getsockname()
        silent = [stack.enter_context(socket.create_connection(address)) for _ in range(FILES + 200)]
        query = {"query": '{ mediaItem(id: "media_1") { title } }'}
        url = f"http://127.0.0.1:{address[1]}/graphql"
        for _ in range(3):
            answer = httpx.post(url, json=query, headers={"accept": LEGACY})
            assert answer.json()["data"]["mediaItem"]["title"]
        assert silent[0].recv(1) == b""
        silent[-1].setblocking(False)
        with pytest.raises(BlockingIOError):
            silent[-1].recv(1)
        said = (tmp_path / "log").read_text
        until(lambda: "are closed for new ones" in said(), "a line in the log")
    room = FILES - 10 - 100
    assert f"This process may open {FILES} files: MARQUEE_MAX_CONNECTIONS is lowered to {room}." in said()
    assert said().count("are closed for new ones") == 1


def test_a_process_takes_all_the_files_that_it_may_and_keeps_some_for_itself() -> None:
    command = "ulimit -S -n {soft}; ulimit -H -n {hard}; exec {python} -c '{code}'"
    code = (
        "from app.http.connection_limits import *; from app.limits import connection_limits; "
        "from app.settings import Settings; raise_file_limit(); "
        "print(file_limit(), connection_limits(Settings()).connections)"
    )
    for soft, hard, expected in ((200, 400, "400 290"), (100, 100, "100 16"), (1000, 1000, "1000 890")):
        filled = command.format(soft=soft, hard=hard, python=sys.executable, code=code)
        done = subprocess.run(["sh", "-c", filled], cwd=CHECKOUT, env=environment(), capture_output=True, text=True)
        assert done.stdout.strip() == expected, done.stderr


def test_the_setting_holds_where_there_are_files_enough(many_files: None) -> None:
    raise_file_limit()
    assert connection_limits(Settings(max_connections=77)).connections == 77
    assert file_limit() >= 4 * FILES
