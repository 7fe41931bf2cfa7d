"""The statement contract: the number of statements does not depend on rows, timing or other operations."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.process.open_pool import create_connector, open_pool
from app.service.graphql_service import Service
from app.service.report import report
from app.settings import Settings
from database.connect_args import ConnectArgs
from database.pool import Pool
from database.sent_statement import SentStatement
from database.session import Session
from database.statement import Statement
from engine.limits import Limits
from loaders.core.load_stats import LoadStats
from loaders.core.read_session import Budget
from tests.support.api import Api
from tests.support.databases import database_url, shared
from tests.support.derived import settle
from tests.support.shapes import SHAPES, Shape, document

ROWS = 1000
TYPES = {"Media": "media", "Tag": "tag", "Genre": "genre", "Person": "person", "Library": "library"}

# As many of everything as rows, each media with two tags, one genre, three credits, one external id, one picture.
FILL = """
INSERT INTO library (name, folded_name) SELECT 'library ' || n, 'library ' || n FROM generate_series(1, :rows) n;
INSERT INTO media (library_id, kind, title, folded_title, sort_title, year, rating_tenths)
SELECT n, 'MOVIE', 'M' || n, 'm' || n, 'm' || n, nullif(1950 + n % 70, 1950), nullif(n % 100, 0)
FROM generate_series(1, :rows) n;
INSERT INTO tag (name, folded_name, slug)
SELECT 'tag ' || n, 'tag ' || n, 'tag-' || n FROM generate_series(1, :rows) n;
INSERT INTO tag_name SELECT folded_name, id, true FROM tag;
INSERT INTO genre (name, folded_name, slug)
SELECT 'genre ' || n, 'genre ' || n, 'genre-' || n FROM generate_series(1, :rows) n;
INSERT INTO person (name, folded_name) SELECT 'person ' || n, 'person ' || n FROM generate_series(1, :rows) n;
INSERT INTO media_tag (media_id, tag_id, library_id, sort_title, year, rating_tenths, added_at)
SELECT id, t, library_id, sort_title, year, rating_tenths, added_at
FROM media, LATERAL (VALUES (id), (1 + id % 10)) v(t) ON CONFLICT DO NOTHING;
INSERT INTO media_genre (media_id, genre_id, library_id, sort_title, year, rating_tenths, added_at)
SELECT id, 1 + id % 10, library_id, sort_title, year, rating_tenths, added_at FROM media;
INSERT INTO credit (media_id, person_id, role, position, library_id, year)
SELECT id, 1 + (id * 7 + p) % :rows, 'ACTOR', p, library_id, year FROM media, generate_series(0, 2) p;
INSERT INTO external_id SELECT 'demo', n::text, n FROM generate_series(1, :rows) n;
INSERT INTO artwork (media_id, type, url)
SELECT n, 'POSTER', 'https://example.org/' || n FROM generate_series(1, :rows) n;
INSERT INTO job_run (type, library_id) SELECT 'job', n FROM generate_series(1, :rows) n;
INSERT INTO job_log (job_run_id, level, line) SELECT id, 'INFO', 'line ' || n FROM job_run, generate_series(1, 2) n;
"""


async def fill_thousand(connection: Any) -> None:
    await connection.execute(FILL.replace(":rows", str(ROWS)))
    await settle(connection)


async def create_statistics(connection: Any) -> None:
    if await connection.fetchval("SELECT current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%'"):
        await connection.execute("CREATE EXTENSION pg_stat_statements")


@pytest.fixture(scope="session")
def thousand(server_url: str, prefix: str) -> ConnectArgs:
    """A thousand of everything, for readers."""
    return asyncio.run(shared(server_url, f"{prefix}_thousand", fill_thousand))


@pytest.fixture(params=["compiled", "reference"])
def engine(request: pytest.FixtureRequest) -> str:
    """Who executes the operations."""
    return str(request.param)


def open_small_pool(args: ConnectArgs) -> Pool:
    """A pool of one connection, and more where they are needed; not started."""
    settings = Settings(pool_min=1)
    return open_pool(settings, create_connector(args, settings))


@pytest.fixture
async def thousand_api(thousand: ConnectArgs, engine: str) -> AsyncIterator[Api]:
    """An API that allows pages of a thousand."""
    limits = Limits(nodes=10**9, page_max=ROWS)
    budget = Budget(rows=10**9, page_max=ROWS, ids_max=ROWS)
    pool = open_small_pool(thousand)
    yield Api(Service(limits, budget, 60, compiled=engine == "compiled"), pool)
    await pool.close()


def variables(number: int) -> dict[str, Any]:
    """The variables of every shape for n rows a level. Numbers of ids are spread over the types."""
    each = [(name, f"{prefix}_{1 + place}") for place in range(max(1, number // 5)) for name, prefix in TYPES.items()]
    return {
        "n": number,
        "id": "media_1",
        "ids": [f"media_{1 + place}" for place in range(number)],
        "mixed": [id_ for _, id_ in each],
        "things": [{"__typename": name, "id": id_} for name, id_ in each],
    }


class StatementCount:
    """PostgreSQL's own count of all that runs in a database, asked over another database so as not to count itself."""

    def __init__(self, connection: Any, counted: int) -> None:
        self._connection = connection
        self._counted = counted

    async def start(self) -> None:
        await self._connection.execute("SELECT pg_stat_statements_reset(0, $1, 0)", self._counted)

    async def read(self) -> tuple[int, int]:
        """Statements and the rows that they gave, since the start."""
        calls, rows = await self._connection.fetchrow(
            """SELECT coalesce(sum(calls), 0)::bigint, coalesce(sum(rows), 0)::bigint FROM pg_stat_statements
            WHERE dbid = $1""",
            self._counted,
        )
        return calls, rows


@pytest.fixture
async def statement_count(server_url: str, prefix: str, engine: str) -> AsyncIterator[StatementCount]:
    """The count of the database <prefix>_counted_<engine>, where no other test runs, in whichever process."""
    name = f"{prefix}_counted_{engine}"
    await shared(server_url, name, fill_thousand)
    args = await shared(server_url, f"{prefix}_statistics", create_statistics)
    connection = await asyncpg.connect(**args.kwargs())
    try:
        if not await connection.fetchval("SELECT to_regclass('pg_stat_statements') IS NOT NULL"):
            pytest.skip("the server at DATABASE_URL does not preload pg_stat_statements")
        yield StatementCount(
            connection, await connection.fetchval("SELECT oid FROM pg_database WHERE datname = $1", name)
        )
    finally:
        await connection.close()


@pytest.mark.parametrize("number", [1, 10, ROWS])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_a_shape_costs_its_published_statements_whatever_the_rows(
    shape: Shape, number: int, thousand_api: Api, engine: str
) -> None:
    await thousand_api.run(shape.query, **variables(number))

    assert shape.allows(len(thousand_api.statements), engine), thousand_api.statements
    assert shape.statements <= shape.reference <= shape.sites


async def test_postgresql_counts_the_same_statements(
    thousand_api: Api, server_url: str, prefix: str, statement_count: StatementCount, engine: str
) -> None:
    pool = open_small_pool(ConnectArgs(database_url(server_url, f"{prefix}_counted_{engine}")))
    api = Api(thousand_api.service, pool)
    try:
        await pool.start()  # a new connection asks PostgreSQL for what it needs before any request has it
        # graphql-core takes a minute for a thousand rows of all shapes, which the test above counts.
        for shape, number in product(SHAPES, (1, 10, ROWS) if engine == "compiled" else (1, 10)):
            stats = LoadStats()
            await statement_count.start()
            answer = await api.answer(shape.query, stats=stats, **variables(number))
            counted = await statement_count.read()
            told = report(stats, 0.0, 0.0)
            assert "errors" not in answer.body
            assert (shape.name, number, *counted) == (shape.name, number, told["statements"], told["rows"])
            assert shape.allows(counted[0], engine)
            assert told["verdict"] == "ok"
    finally:
        await pool.close()


class SlowDatabase(Session):
    """Answers after a random number of turns of the event loop and some milliseconds."""

    async def fetch(
        self,
        statement: Statement[Any],
        values: Sequence[object],
        *,
        timeout: float | None = None,
        sent: SentStatement | None = None,
    ) -> list[Any]:
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)
        await asyncio.sleep(random.random() / 500)
        return await super().fetch(statement, values, timeout=timeout, sent=sent)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_random_delays_and_other_operations_do_not_change_the_cost(
    shape: Shape, thousand_api: Api, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    random.seed(shape.name)
    monkeypatch.setattr("tests.support.api.Session", SlowDatabase)
    plain = await thousand_api.run(shape.query, **variables(10))

    async def cost() -> int:
        stats = LoadStats()
        answer = await thousand_api.answer(shape.query, stats=stats, **variables(10))
        assert answer.body == {"data": plain}
        return int(report(stats, 0.0, 0.0)["statements"])

    for _ in range(3):
        for statements in await asyncio.gather(cost(), cost()):
            assert shape.allows(statements, engine)


def test_the_document_is_made_from_the_table() -> None:
    path = Path(__file__).resolve().parents[2] / "docs" / "statements.md"

    assert path.read_text() == document()
