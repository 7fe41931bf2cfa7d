"""Changing the catalogue: one transaction an edit, its statements in the operation's ledger like a loader's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import lru_cache
from time import perf_counter
from typing import Any, TypeVar, cast

from database.protocols import Fetch, Transactions
from database.row import Row
from database.sent import Sent
from database.statement import Plan, Statement, labelled
from loaders.core.load_stats import sending
from loaders.core.read_session import Reader

T = TypeVar("T")


class Writer:
    """What an edit works with: its name in reports, who edits, and a door to the transaction."""

    def __init__(self, name: str, reader: Reader, fetch: Fetch) -> None:
        self.name = name
        self.viewer = reader.viewer
        self._fetch = fetch

    @property
    def libraries(self) -> tuple[int, ...] | None:
        """The libraries that may be changed, None for all: `$n::bigint[] IS NULL OR library_id = any($n)`."""
        return self.viewer.libraries

    async def fetch(self, text: str, *values: Any) -> list[Row]:
        """The rows that a statement gives."""
        return await self._fetch(statement(self.name, text), values)


@lru_cache(maxsize=500)  # texts are constants
def statement(name: str, text: str) -> Statement[Row]:
    """A statement of an edit, on one line."""
    return Statement(name, labelled(name, " ".join(text.split())), Row, Plan.GENERIC)


async def transact(reader: Reader, name: str, field: str, items: int, work: Callable[[Writer], Awaitable[T]]) -> T:
    """What `work` gives, in one transaction. `field`: who asks, for the report; `items`: how many things it changes.

    `work` may be called again, when its transaction was in another one's way."""
    # A request's database can do both; loaders know it by its reading side alone.
    database = cast(Transactions, reader.database)
    ledger = reader.ledger

    def note(sent: Statement[Any]) -> Sent | None:
        return None if ledger is None else ledger.send(name, sent.text, of_loader=False)

    noted = nullcontext()
    if ledger is not None:
        batch = ledger.open(name, perf_counter())
        batch.keys, batch.fields = items, {field: items}
        noted = sending(batch, items)  # type: ignore[assignment]
    with noted:
        return await database.transact(lambda fetch: work(Writer(name, reader, fetch)), note)


def is_committing(reader: Reader) -> bool:
    """Whether a transaction was to be committed and nobody knows whether it was."""
    return cast(Transactions, reader.database).is_committing
