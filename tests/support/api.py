"""The API in this process: operations over a real pool, with the log of the statements that they sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from app.http.application import create_service
from app.process.open_pool import create_connector, open_pool
from app.service.graphql_service import Answer, Request, Service
from app.settings import Settings
from database.connect_args import ConnectArgs
from database.pool import Pool
from database.session import Session
from database.statement import Statement
from domain.viewer import UNRESTRICTED, Viewer
from loaders.core.load_stats import LoadStats


class Api:
    """`statements`: names of the loaders whose statements the last operation sent, in order."""

    def __init__(self, service: Service, pool: Pool) -> None:
        self.service = service
        self.pool = pool
        self.statements: list[str] = []
        self.texts: list[str] = []
        pool.on_statement = self._note

    def _note(self, statement: Statement[Any], rows: int, seconds: float) -> None:
        self.statements.append(statement.name)
        self.texts.append(statement.text)

    async def answer(
        self, text: str, viewer: Viewer = UNRESTRICTED, *, stats: LoadStats | None = None, **variables: Any
    ) -> Answer:
        """The answer as it is, errors and all."""
        self.statements.clear()
        self.texts.clear()
        database = Session(self.pool)
        try:
            return await self.service.run(Request(text, variables), database, viewer, stats=stats)
        finally:
            await database.close()

    async def run(self, text: str, viewer: Viewer = UNRESTRICTED, **variables: Any) -> Any:
        """The data of an operation that must not fail, as a client has it."""
        body = (await self.answer(text, viewer, **variables)).body
        assert "errors" not in body, body["errors"]
        return orjson.loads(orjson.dumps(body["data"]))

    async def codes(self, text: str, viewer: Viewer = UNRESTRICTED, **variables: Any) -> list[str]:
        """The codes of an operation's errors."""
        body = (await self.answer(text, viewer, **variables)).body
        return [error["extensions"]["code"] for error in body.get("errors", [])]


@asynccontextmanager
async def open_api(args: ConnectArgs, **settings: Any) -> AsyncIterator[Api]:
    """An API over a database, with settings of one's own; counting may take as long as the machine needs."""
    chosen = Settings(database_url=args.dsn, pool_min=1, **{"count_timeout": 60, **settings})
    pool = open_pool(chosen, create_connector(args, chosen))
    await pool.start()
    try:
        service = create_service(chosen)
        await service.setting_cache.set_notified(True)  # nobody else changes anything
        yield Api(service, pool)
    finally:
        await pool.close()
