"""Pages: a slice of an order, asked for by a frozen key, answered by one statement whatever the number of parents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from loaders.batch_loader import LoaderRef
from loaders.count import CountKey, Counts
from loaders.cursor import Position, decode_cursor, encode_cursor, fingerprint
from loaders.errors import CatalogError, Code
from loaders.keyset import Walk, beyond, branches
from loaders.reader import Budget, Reader
from loaders.row import Row
from loaders.source import Filter, NoFilter, OrderBy, Source, where
from loaders.statement import Composer, Plan, Statement, labelled

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class PageKey:
    """What a page is asked by. `parent` is 0 at the root; equal keys are read once in an operation."""

    size: int
    backward: bool
    filter: Filter
    order: tuple[OrderBy, ...]
    after: Position | None
    before: Position | None
    parent: int = 0


class Page(Generic[R]):
    """Some rows of an order, with what a connection says of them."""

    __slots__ = ("_mark", "_sorts", "has_next_page", "has_previous_page", "key", "ref", "rows")

    def __init__(self, ref: Pages[Any], key: PageKey, rows: list[R], mark: bytes) -> None:
        more = len(rows) > key.size
        if more:
            rows = rows[: key.size]
        if key.backward:
            rows = rows[::-1]
        self.ref = ref
        self.key = key
        self.rows = rows
        self._mark = mark
        self._sorts = len(key.order)
        self.has_next_page = key.before is not None if key.backward else more or key.before is not None
        self.has_previous_page = more or key.after is not None if key.backward else key.after is not None

    @property
    def nodes(self) -> list[R]:
        return self.rows

    @property
    def edges(self) -> list[Edge[R]]:
        return [Edge(self, row) for row in self.rows]

    @property
    def page_info(self) -> Page[R]:
        return self

    @property
    def start_cursor(self) -> str | None:
        return self.cursor(self.rows[0]) if self.rows else None

    @property
    def end_cursor(self) -> str | None:
        return self.cursor(self.rows[-1]) if self.rows else None

    @property
    def count_key(self) -> CountKey:
        return CountKey(self.key.filter, self.key.parent)

    def cursor(self, row: R) -> str:
        """The row's place in this page's order: the statement's last columns are its sort values and its id."""
        return encode_cursor(self._mark, row[len(row) - self._sorts - 1 :])


class Edge(Generic[R]):
    """A row and its place."""

    __slots__ = ("node", "page")

    def __init__(self, page: Page[R], node: R) -> None:
        self.page = page
        self.node = node

    @property
    def cursor(self) -> str:
        return self.page.cursor(self.node)


class Pages(LoaderRef[PageKey, Page[R]]):
    """The loader of a source's pages: one statement for all the parents that ask for the same page of theirs."""

    def __init__(self, count: Counts[R]) -> None:
        self.count = count
        self.source = count.source

    def page_key(
        self,
        budget: Budget,
        parent: int = 0,
        *,
        first: int | None,
        after: str | None,
        last: int | None,
        before: str | None,
        filter: Filter | None = None,
        order: tuple[OrderBy, ...] = (),
    ) -> PageKey:
        """The key of a page from a connection's arguments; BAD_ARGUMENT, BAD_PAGE_SIZE or BAD_CURSOR."""
        if first is not None and last is not None:
            raise CatalogError(Code.BAD_ARGUMENT, "Ask for first or last, not for both.")
        size = first if last is None else last
        size = min(budget.page_default, budget.page_max) if size is None else size
        if not 1 <= size <= budget.page_max:
            raise CatalogError(
                Code.BAD_PAGE_SIZE, f"A page has 1 to {budget.page_max} items: this one asks for {size}."
            )
        chosen = NoFilter() if filter is None else filter
        order = order or self.source.default
        types = [*((key.type, key.nullable) for key in self.source.keys(order)), ("bigint", False)]
        mark = self.mark(order, chosen)
        found = [None if text is None else decode_cursor(text, mark, types) for text in (after, before)]
        return PageKey(size, last is not None, chosen, order, found[0], found[1], parent)

    def mark(self, order: tuple[OrderBy, ...], filter: Filter) -> bytes:
        """What binds a cursor: lists of the same rows, order and filter take each other's, whatever their parents."""
        return fingerprint(self.source.row.__name__, order, filter)

    async def batch(self, reader: Reader, keys: list[PageKey]) -> list[Page[R] | Exception]:
        pages: dict[PageKey, Page[R] | Exception] = {}
        for args, parents in by_arguments(keys).items():
            try:
                rows = await self.rows(reader, args, [key.parent for key in parents])
            except CatalogError as error:
                pages.update((key, error) for key in parents)
                continue
            mark = self.mark(args.order, args.filter)
            pages.update((key, Page(self, key, rows.get(key.parent, []), mark)) for key in parents)
        return [pages[key] for key in keys]

    async def rows(self, reader: Reader, args: PageKey, parents: list[int]) -> dict[int, list[R]]:
        """The rows of every parent, in the order of the walk, one more than the page where there are more."""
        statement, values = self.compose(reader, args, parents)
        rows = await reader.fetch(statement, values)
        if self.source.parent is None:
            return {0: rows}
        found: dict[int, list[R]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(row)
        return found

    def compose(self, reader: Reader, args: PageKey, parents: list[int]) -> tuple[Statement[R], list[object]]:
        """The statement of a page. An unfiltered one is bounded by its index range and keeps a generic plan."""
        source = self.source
        composer = Composer(reader, source.row)
        nested = f"unnest({composer.parameter(parents)}::bigint[])" if source.parent else None
        text = page_sql(source, args, composer)
        if nested:
            text = (
                f"SELECT parent.id AS parent_id, page.* FROM {nested} AS parent(id) CROSS JOIN LATERAL ({text}) AS page"
            )
        plain = isinstance(args.filter, NoFilter) and reader.viewer.libraries is None
        plan = Plan.GENERIC if plain else Plan.CUSTOM
        return Statement(self.name, labelled(self.name, composer.finish(text)), source.row, plan), composer.values


def by_arguments(keys: Sequence[PageKey]) -> dict[PageKey, list[PageKey]]:
    """The keys that differ by their parent alone, together."""
    found: dict[PageKey, list[PageKey]] = {}
    for key in keys:
        same = PageKey(key.size, key.backward, key.filter, key.order, key.after, key.before)
        found.setdefault(same, []).append(key)
    return found


def page_sql(source: Source[Any], args: PageKey, composer: Composer) -> str:
    """The SELECT of one parent's page, or of the root's."""
    walk = Walk(source.keys(args.order), source.id_sql, args.backward)
    bounds = []
    if args.after is not None:
        bounds.append((walk.reversed() if args.backward else walk, args.after))
    if args.before is not None:
        bounds.append((walk if args.backward else walk.reversed(), args.before))
    limit = int(args.size) + 1  # a number in the text: a parameter would make the planner guess a tenth of all rows
    fixed = where(source, args.filter, composer)
    if len(walk.keys) > 1:
        ranges = [" AND ".join(beyond(bound, position, composer.parameter) for bound, position in bounds)]
    else:
        ranges = branches(walk, bounds, composer.parameter)
    names = [f"sort_{place}" for place in range(len(walk.keys))]
    sorts = ", ".join(f"{key.sql} AS {name}" for key, name in zip(walk.keys, names, strict=True))
    columns = f"{{columns:{source.alias}}}, {sorts + ', ' if sorts else ''}{source.id_sql} AS sort_id"
    inner = walk.order_by([key.sql for key in walk.keys], source.id_sql, place_nulls=len(walk.keys) > 1)
    if source.parent:
        # Only an index that begins with the parent has this order. With `parent = x` the planner would drop the parent
        # from the order and might walk an index of the whole table, past the rows of every other parent.
        inner = f"{source.parent}{' DESC' if walk.id_descends else ''}, {inner}"
    conditions = [f"{fixed} AND {extent}" if extent else fixed for extent in ranges]
    selects = [
        f"SELECT {columns} FROM {source.table} WHERE {condition} ORDER BY {inner} LIMIT {limit}"
        for condition in conditions
    ]
    if len(selects) == 1:
        return selects[0]
    union = " UNION ALL ".join(f"({select})" for select in selects)
    return f"SELECT * FROM ({union}) AS branch ORDER BY {walk.order_by(names, 'sort_id')} LIMIT {limit}"
