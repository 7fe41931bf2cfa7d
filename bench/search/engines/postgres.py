"""PostgreSQL's own full text search, without anything of Marquee's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from bench.search.documents import Document
from bench.search.engines.engine import MOST, Engine, fields_of
from database.connect_args import ConnectArgs

TABLE = """
CREATE TEMPORARY TABLE movie (id int PRIMARY KEY, words tsvector NOT NULL)
"""
INSERT = """
INSERT INTO movie SELECT id,
    setweight(to_tsvector('{config}', title), 'A') || setweight(to_tsvector('{config}', aliases), 'A') ||
    setweight(to_tsvector('{config}', people), 'B') || setweight(to_tsvector('{config}', year), 'B') ||
    setweight(to_tsvector('{config}', genres), 'C') || setweight(to_tsvector('{config}', overview), 'D')
FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS given (id, title, aliases, people, year, genres, overview)
"""
SELECT = """
SELECT id FROM movie, websearch_to_tsquery('{config}', $1) AS asked
WHERE words @@ asked ORDER BY ts_rank(words, asked) DESC, id LIMIT {most}
"""


class FullText:
    """With a text search configuration: "english" is what the documentation shows."""

    def __init__(self, args: ConnectArgs, config: str = "english") -> None:
        self._args = args
        self._config = config

    def __call__(self, documents: Sequence[Document], queries: Sequence[str]) -> list[list[int]]:
        return asyncio.run(self._search(documents, queries))

    async def _search(self, documents: Sequence[Document], queries: Sequence[str]) -> list[list[int]]:
        connection = await asyncpg.connect(**self._args.kwargs())
        await connection.execute(TABLE)
        columns = zip(*(fields_of(one).values() for one in documents), strict=True)
        rows = [[one.id for one in documents], *map(list, columns)]
        await connection.execute(INSERT.format(config=self._config), *rows)
        await connection.execute("CREATE INDEX ON movie USING gin (words)")
        await connection.execute("ANALYZE movie")
        select = await connection.prepare(SELECT.format(config=self._config, most=MOST))
        found = [[row[0] for row in await select.fetch(query)] for query in queries]
        await connection.close()
        return found


def full_text(args: ConnectArgs, version: str) -> Engine:
    return Engine(
        "PostgreSQL full text",
        version,
        "`to_tsvector('english', ...)` with `setweight` (titles A, people and year B, genres C, overviews D), "
        "`websearch_to_tsquery`, `ts_rank`. It knows no wrong letters and no prefixes.",
        FullText(args),
    )
