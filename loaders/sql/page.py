"""Pages: a slice of an order, asked for by frozen arguments, read by one statement whatever the number of parents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from itertools import repeat
from typing import Any, Generic, TypeVar

from database.row import Row
from database.statement import PlanMode, Statement, with_label
from domain.errors import CatalogError, Code
from loaders.core.batch_loader import LoaderRef
from loaders.core.grouped_rows import GroupedRows
from loaders.core.read_session import NO_PAGE_SIDES, Budget, PageSides, ReadSession
from loaders.sql.count import Counts
from loaders.sql.cursor import Position, cursor_writer, decode_cursor, mark_of, old_mark_of
from loaders.sql.facets import Facets
from loaders.sql.measured_count import MeasuredCounts
from loaders.sql.page_sql import PageArguments, page_sql
from loaders.sql.source import Filter, NoFilter, OrderBy
from loaders.sql.statement import Composer
from loaders.sql.unknown_name import filter_names, known_rows, with_unknown

R = TypeVar("R", bound=Row)


MAX_CACHED_TEXTS = 256  # texts of first pages that a loader keeps
ROOT = 0  # the key of the page that hangs on no parent


class Cursors:
    """The cursors of a page's rows, and of the pages beside it."""

    def __init__(self, ref: Pages[Any], arguments: PageArguments) -> None:
        self._ref = ref
        self._arguments = arguments

    @cached_property
    def write(self) -> Callable[[Any], str]:
        """Row -> cursor. Made when the first one is asked for: the mark costs as much as a few cursors."""
        order = self._arguments.order
        return cursor_writer(self._ref.mark(order, self._arguments.filter), len(order))


class Page(Generic[R]):
    """Some rows of an order, with what a connection says of them. `key`: the parent's id."""

    __slots__ = ("_cursors", "_edges", "arguments", "has_next_page", "has_previous_page", "key", "ref", "rows")

    def __init__(
        self, ref: Pages[Any], arguments: PageArguments, key: int, rows: list[R], cursors: Cursors, beside: PageSides
    ) -> None:
        """`rows`: as they were walked, one more where there are more. `beside`: whether rows stand at or before the
        arguments' `after`, and at or after their `before`."""
        more = len(rows) > arguments.size
        if more:
            rows = rows[: arguments.size]
        if arguments.backward:
            rows = rows[::-1]
        self.ref = ref
        self.arguments = arguments
        self.key = key
        self.rows = rows
        self._cursors = cursors
        self._edges: list[Edge[R]] | None = None
        self.has_next_page = beside.after or (more and not arguments.backward)
        self.has_previous_page = beside.before or (more and arguments.backward)

    @property
    def nodes(self) -> list[R]:
        return self.rows

    @property
    def edges(self) -> list[Edge[R]]:
        if self._edges is None:
            self._edges = list(map(Edge, self.rows, repeat(self._cursors)))
        return self._edges

    @property
    def page_info(self) -> Page[R]:
        return self

    @property
    def start_cursor(self) -> str | None:
        return self._cursors.write(self.rows[0]) if self.rows else None

    @property
    def end_cursor(self) -> str | None:
        return self._cursors.write(self.rows[-1]) if self.rows else None


class Edge(Generic[R]):
    """A row and its place."""

    __slots__ = ("_cursors", "node")

    def __init__(self, node: R, cursors: Cursors) -> None:
        self.node = node
        self._cursors = cursors

    @property
    def cursor(self) -> str:
        return self._cursors.write(self.node)


class Pages(LoaderRef[int, Page[R]]):
    """The loader of a source's pages by parent: one statement for all the parents of whom the same page is asked.

    Beside it stand the loaders of what is known of the whole lists: `count`, of media `facets` and `measured_count`
    too."""

    def __init__(self, count: Counts[R]) -> None:
        self.count = count
        self.source = count.source
        self.facets: Facets | None = None
        self.measured_count: MeasuredCounts | None = None
        self._first_pages: dict[object, tuple[Statement[R], bool]] = {}

    def page_arguments(
        self,
        budget: Budget,
        *,
        first: int | None,
        after: str | None,
        last: int | None,
        before: str | None,
        filter: Filter | None = None,
        order: tuple[OrderBy, ...] = (),
    ) -> PageArguments:
        """What a connection's arguments say; BAD_ARGUMENT, BAD_PAGE_SIZE or BAD_CURSOR."""
        if first is not None and last is not None:
            raise CatalogError(Code.BAD_ARGUMENT, "Ask for first or last, not for both.")
        size = first if last is None else last
        size = min(budget.page_default, budget.page_max) if size is None else size
        if not 0 <= size <= budget.page_max:
            raise CatalogError(
                Code.BAD_PAGE_SIZE, f"A page has 0 to {budget.page_max} items: this one asks for {size}."
            )
        chosen = NoFilter() if filter is None else filter
        keys = self.source.keys(order) if order else ()
        order = order or self.source.default
        positions: list[Position | None] = [None, None]
        if after is not None or before is not None:
            keys = keys or self.source.keys(order)
            types = [*((key.type, key.nullable) for key in keys), ("bigint", False)]
            mark = self.mark(order, chosen)
            old = partial(old_mark_of, self.source.row.__name__, order, chosen)
            positions = [None if text is None else decode_cursor(text, mark, types, old) for text in (after, before)]
        return PageArguments(size, last is not None, chosen, order, *positions)

    def mark(self, order: tuple[OrderBy, ...], filter: Filter) -> bytes:
        """What binds a cursor: lists of the same rows, order and filter take each other's, whatever their parents."""
        if order != self.source.default or not isinstance(filter, NoFilter):
            return mark_of(self.source.row.__name__, order, filter)
        return self._plain_mark

    @cached_property
    def _plain_mark(self) -> bytes:
        """The mark of the whole list in its own order."""
        return mark_of(self.source.row.__name__, self.source.default, NoFilter())

    async def batch(self, reader: ReadSession, keys: list[int], arguments: PageArguments) -> list[Page[R]]:
        """The rows come in the order of the walk, one more a parent than the page where there are more."""
        rows = await reader.fetch(*self.compose(reader, arguments, keys))
        if not isinstance(arguments.filter, NoFilter) and filter_names(arguments.filter):
            rows = known_rows(reader, rows, "sort_id")
        found = [rows] if self.source.parent is None else GroupedRows(keys, rows)
        cursors, sides = Cursors(self, arguments), sides_of(arguments, reader.sides)
        pairs = zip(keys, found, strict=True)
        if sides == NO_PAGE_SIDES:
            return [Page(self, arguments, key, found_, cursors, NO_PAGE_SIDES) for key, found_ in pairs]
        return [
            Page(self, arguments, key, [row for row in found_ if not row["side"]], cursors, sides_in(found_))
            for key, found_ in pairs
        ]

    def unread(self, keys: Sequence[int], arguments: PageArguments) -> list[Page[R]]:
        """Pages of which only the totals are asked: `totalCount` knows by them what to count."""
        cursors = Cursors(self, arguments)
        return [Page(self, arguments, key, [], cursors, NO_PAGE_SIDES) for key in keys]

    def compose(
        self, reader: ReadSession, args: PageArguments, parents: list[int]
    ) -> tuple[Statement[R], list[object]]:
        """The statement of a page, and its values."""
        moved = args.after is not None or args.before is not None
        valued = any(self.source.sort[by.field].takes_value for by in args.order)
        if moved or valued or not isinstance(args.filter, NoFilter):
            return self._compose(reader, args, parents)
        # Its values are the parents and the libraries alone, so its text is kept: making it anew took 40 us.
        libraries = reader.viewer.libraries
        variant = (args, reader.columns(self.source.row), libraries is None)
        if (known := self._first_pages.get(variant)) is None:
            statement, values = self._compose(reader, args, parents)
            if len(self._first_pages) >= MAX_CACHED_TEXTS:
                self._first_pages.clear()
            known = self._first_pages[variant] = (statement, len(values) > (self.source.parent is not None))
        statement, scoped = known
        return statement, [*([parents] if self.source.parent else []), *([libraries] if scoped else [])]

    def _compose(
        self, reader: ReadSession, args: PageArguments, parents: list[int]
    ) -> tuple[Statement[R], list[object]]:
        """An unfiltered page is bounded by its index range and keeps a generic plan."""
        source = self.source
        composer = Composer(reader, source.row)
        nested = f"unnest({composer.parameter(parents)}::bigint[])" if source.parent else None
        text = page_sql(source, args, composer, sides_of(args, reader.sides))
        if nested:
            text = f"SELECT parent.id AS key, page.* FROM {nested} AS parent(id) CROSS JOIN LATERAL ({text}) AS page"
        if called := filter_names(args.filter):
            columns = "page.key, names.unknown, page.*" if nested else "names.unknown, page.*"
            text = with_unknown(columns, text, called, composer)
        plain = isinstance(args.filter, NoFilter) and reader.viewer.libraries is None
        plan = PlanMode.GENERIC if plain else PlanMode.CUSTOM
        text = with_label(self.name, composer.finish(text))
        return Statement(self.name, text, source.row, plan, nested is not None, composer.checks), composer.values


def sides_of(args: PageArguments, asked: PageSides) -> PageSides:
    """Of which sides of a page a row has to be looked for: where it begins or ends at a cursor, and this is asked."""
    return PageSides(asked.before and args.after is not None, asked.after and args.before is not None)


def sides_in(rows: Iterable[Any]) -> PageSides:
    """On which sides rows were found."""
    found = {row["side"] for row in rows}
    return PageSides(-1 in found, 1 in found)
