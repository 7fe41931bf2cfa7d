"""Fixtures: databases for readers and writers, the API over them, and a server as users start it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bench.generated.load import load_generated
from catalog.search_vocabulary import learn_words
from database.connect_args import ConnectArgs
from tests.support import reference_selection
from tests.support.api import Api, open_api
from tests.support.browser import Visit, open_browser, visit_graphiql
from tests.support.bulk import fill_in_bulk
from tests.support.databases import TestServer, clone, drop, make_folder, shared
from tests.support.hand_made import add_hand_made
from tests.support.real_data import SOURCE, read_catalogue
from tests.support.real_load import load_real
from tests.support.samples import add_samples
from tests.support.serving import Served, serving
from tests.support.sessions import session_over

CHECKOUT = Path(__file__).resolve().parent.parent
os.environ["MARQUEE_N_PLUS_ONE_GUARD"] = "true"  # for every service that the tests make
URL = pytest.StashKey[str]()
PREFIX = pytest.StashKey[str]()
SERVER = pytest.StashKey[TestServer]()
FOLDER = pytest.StashKey[Path]()
MOVIES, LARGE = 11_216, 100_000
FIRST_KEY, SECOND_KEY = "first-key-of-the-tests", "second-key-of-the-tests"


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run starts the database server; the workers of pytest-xdist are told where it is."""
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[URL], config.stash[PREFIX] = workerinput["database"]
        return
    if config.option.collectonly or config.option.help:
        return
    config.stash[FOLDER] = make_folder()
    server = config.stash[SERVER] = TestServer(config.stash[FOLDER])
    config.stash[URL], config.stash[PREFIX] = server.url, server.prefix


def pytest_configure_node(node: Any) -> None:
    node.workerinput["database"] = (node.config.stash[URL], node.config.stash[PREFIX])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if reference_selection.is_reference_run():
        items[:], others = reference_selection.split(items)
        config.hook.pytest_deselected(items=others)


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        asyncio.run(config.stash[SERVER].drop_all())
        config.stash[SERVER].stop()
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def server_url(pytestconfig: pytest.Config) -> str:
    """The address of the server's own database."""
    return pytestconfig.stash[URL]


@pytest.fixture(scope="session")
def prefix(pytestconfig: pytest.Config) -> str:
    """What the names of this run's databases begin with."""
    return pytestconfig.stash[PREFIX]


@pytest.fixture(scope="session")
def template(server_url: str, prefix: str) -> str:
    """The name of a migrated, empty database to clone."""

    async def nothing(connection: Any) -> None:
        pass

    asyncio.run(shared(server_url, f"{prefix}_template", nothing))
    return f"{prefix}_template"


@pytest.fixture
async def writer(server_url: str, prefix: str, template: str) -> AsyncIterator[ConnectArgs]:
    """An empty, migrated database of one's own."""
    name = f"{prefix}_{uuid4().hex[:8]}"
    yield await clone(server_url, template, name)
    await drop(server_url, name)


@pytest.fixture
def writer_dsn(writer: ConnectArgs) -> dict[str, Any]:
    """The same, as arguments of asyncpg.connect."""
    return writer.kwargs()


@pytest.fixture
async def connection(writer: ConnectArgs) -> AsyncIterator[Any]:
    """A connection to the writer's database, to fill it."""
    opened = await asyncpg.connect(**writer.kwargs())
    yield opened
    await opened.close()


@pytest.fixture
async def api(writer: ConnectArgs) -> AsyncIterator[Api]:
    """The API over the writer's database."""
    async with open_api(writer) as opened:
        yield opened


@pytest.fixture(scope="session")
def demo(server_url: str, prefix: str) -> ConnectArgs:
    """A database with the demo's movies and samples of what hangs on media, for readers."""

    async def fill(connection: Any) -> None:
        await load_generated(session_over(connection), MOVIES)
        await add_samples(connection)
        while await learn_words(session_over(connection)):
            pass

    return asyncio.run(shared(server_url, f"{prefix}_demo", fill))


@pytest.fixture
async def demo_api(demo: ConnectArgs) -> AsyncIterator[Api]:
    """The API over the demo's movies."""
    async with open_api(demo) as opened:
        yield opened


@pytest.fixture(scope="session")
def large(server_url: str, prefix: str) -> ConnectArgs:
    """A database with 100,000 media and samples of what hangs on them, for readers."""

    async def fill(connection: Any) -> None:
        await fill_in_bulk(connection, LARGE)

    return asyncio.run(shared(server_url, f"{prefix}_large", fill))


@pytest.fixture(scope="session")
def real_template(server_url: str, prefix: str) -> str:
    """The name of a database to clone, with the real collections and hand-made rows; skips where these are not here."""
    if not SOURCE.is_dir():
        pytest.skip(f"the real collections are not here: {SOURCE}")

    async def fill(connection: Any) -> None:
        await load_real(connection, read_catalogue())
        await add_hand_made(connection)
        await connection.execute("VACUUM (ANALYZE)")

    asyncio.run(shared(server_url, f"{prefix}_real", fill))
    return f"{prefix}_real"


@pytest.fixture(scope="session")
def real(server_url: str, prefix: str, real_template: str) -> Iterator[ConnectArgs]:
    """The real collections, for this process's readers: a database that is cloned has no connections."""
    name = f"{prefix}_{uuid4().hex[:8]}"
    yield asyncio.run(clone(server_url, real_template, name))
    asyncio.run(drop(server_url, name))


@pytest.fixture
async def real_api(real: ConnectArgs) -> AsyncIterator[Api]:
    """The API over the real collections."""
    async with open_api(real) as opened:
        yield opened


@pytest.fixture
async def real_writer(server_url: str, prefix: str, real_template: str) -> AsyncIterator[Api]:
    """The API over the real collections in a database of one's own."""
    name = f"{prefix}_{uuid4().hex[:8]}"
    async with open_api(await clone(server_url, real_template, name)) as opened:
        yield opened
    await drop(server_url, name)


@pytest.fixture
async def large_reader(large: ConnectArgs) -> AsyncIterator[Any]:
    """A connection to the database with 100,000 media, to explain statements."""
    connection = await asyncpg.connect(**large.kwargs())
    await connection.execute("SET jit = off")
    yield connection
    await connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def live_server(demo: ConnectArgs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of `python -m app serve` over the demo's movies."""
    port = free_port()
    env = {
        **os.environ,
        "DATABASE_URL": demo.dsn,
        "MARQUEE_PORT": str(port),
        "MARQUEE_STATE_DIR": str(tmp_path_factory.mktemp("state")),
        "MARQUEE_TRACE_PAGES": "true",
    }
    process = subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=CHECKOUT, env=env, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                if httpx.get(f"{url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert process.poll() is None, "the server ended at its start"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def keyed_server(demo: ConnectArgs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`python -m app serve` over the demo's movies on all addresses of this machine, with two keys and trace pages."""
    settings = {"MARQUEE_HOST": "0.0.0.0", "MARQUEE_KEYS": f"{FIRST_KEY},{SECOND_KEY}", "MARQUEE_TRACE_PAGES": "true"}
    with serving(tmp_path_factory.mktemp("keyed"), DATABASE_URL=demo.dsn, **settings) as served:
        yield served


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A Chromium for all tests of pages: to start it takes longer than most of them."""
    async with open_browser() as chromium:
        yield chromium


@pytest_asyncio.fixture(loop_scope="session")
async def graphiql(browser: Browser, live_server: str) -> AsyncIterator[Visit]:
    """GraphiQL of the served application, ready to run queries."""
    async with visit_graphiql(browser, live_server) as visited:
        yield visited
