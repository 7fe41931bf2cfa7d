"""One operation's door to the database: who looks, which columns are wanted, how many rows may come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from database.protocols import ReadingSession
from database.row import Row
from database.statement import Statement
from domain.errors import too_many_rows
from domain.viewer import Viewer
from loaders.core.load_stats import LoadStats, error_name
from loaders.core.setting_cache import SettingCache

R = TypeVar("R", bound=Row)
T = TypeVar("T")

NO_COLUMNS: frozenset[str] = frozenset()


class PageSides(NamedTuple):
    """Whether an operation asks for what stands before its pages (hasPreviousPage), or after them (hasNextPage)."""

    before: bool = False
    after: bool = False


NO_PAGE_SIDES = PageSides()


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds of one operation: rows read, seconds for a count, sizes of a page, ids in one field."""

    rows: int = 100_000
    count_seconds: float = 1.0
    page_default: int = 20
    page_max: int = 100
    ids_max: int = 500


class ReadSession:
    """What loaders get at call time. It knows no loader, so an ended operation leaves no reference cycle."""

    __slots__ = (
        *("_columns", "budget", "database", "stats", "rows_read", "setting_cache", "sides", "unknown_names", "viewer"),
    )

    def __init__(
        self,
        database: ReadingSession,
        viewer: Viewer,
        columns: Mapping[type[Row], frozenset[str]] | None = None,
        budget: Budget | None = None,
        stats: LoadStats | None = None,
        setting_cache: SettingCache[Any] | None = None,
        sides: PageSides = NO_PAGE_SIDES,
    ) -> None:
        self.database = database
        self.viewer = viewer
        self.budget = budget or Budget()
        self.stats = stats
        self.setting_cache = setting_cache  # the service's, None: settings are read anew
        self.sides = sides
        self.rows_read = 0
        self.unknown_names: set[str] = set()  # of filters, for what nothing has
        self._columns = columns or {}

    def columns(self, row: type[Row]) -> frozenset[str]:
        """The columns of a noun, beyond its id, that the whole operation needs."""
        return self._columns.get(row, NO_COLUMNS)

    async def fetch(self, statement: Statement[R], values: Sequence[object], timeout: float | None = None) -> list[R]:
        """The rows, counted against the operation's budget: TOO_MANY_ROWS where it is used up."""
        sent = None if self.stats is None else self.stats.add_statement(statement.name, statement.text)
        try:
            rows = await self.database.fetch(statement, values, timeout=timeout, sent=sent)
        except BaseException as error:
            if sent is not None:
                sent.error = error_name(error)
            raise
        self.count_rows(len(rows))
        return rows

    def count_rows(self, rows: int) -> None:
        """Counts rows against the operation's budget: TOO_MANY_ROWS where it is used up."""
        self.rows_read += rows
        if self.rows_read > self.budget.rows:
            raise too_many_rows(self.budget.rows)
