"""Media made or changed with all that hangs on them, many in one transaction, by a fixed number of statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from catalog.edit import LoopYield, lock_media
from catalog.media_edit import LOCK_FOR_PLACEMENT, PlacementRules
from catalog.media_values import client_name
from catalog.transaction import Writer
from catalog.upsert import statements
from catalog.upsert.item import Item, MatchBy, OnConflict, Result, Status
from catalog.upsert.keys import FoldedTitles
from catalog.upsert.lists import LISTS
from catalog.upsert.match import Matcher
from catalog.upsert.names import ItemNames
from catalog.upsert.normalisation import standing_rules
from catalog.upsert.parents import Parent
from catalog.upsert.plan import Work, plan_lists, plan_values
from catalog.upsert.read import ReadItems, read_items
from catalog.upsert.repeated import repeated
from catalog.upsert.same_rows import Row
from catalog.upsert.store import UpsertStore
from database.row import Row as Record
from database.transaction import BeginAnewError
from domain.errors import CatalogError, Code

DEFAULT_ORDER = (MatchBy.ID, MatchBy.EXTERNAL_ID, MatchBy.PATH, MatchBy.TITLE)

# Who is asked which of the items (places, with the media that they have found) are not to be taken, and why.
Refuse: TypeAlias = Callable[[Mapping[int, int]], Awaitable[Mapping[int, CatalogError]]]

NEXT_IDS = "SELECT nextval(pg_get_serial_sequence('media', 'id')) FROM generate_series(1, $1::integer)"

# With what an episode's season hangs on, and its number.
LOCK_FOR_UPSERT = LOCK_FOR_PLACEMENT.replace(
    " AS parent_kind,",
    """ AS parent_kind,
       (SELECT p.parent_id FROM media p WHERE p.id = m.parent_id) AS grandparent_id,
       (SELECT p.season_number FROM media p WHERE p.id = m.parent_id) AS parent_number,
""",
)


async def upsert_media(
    writer: Writer,
    items: Sequence[Item] | ReadItems,
    *,
    match_by: Sequence[MatchBy] = DEFAULT_ORDER,
    on_conflict: OnConflict = OnConflict.REPLACE,
    refuse: Refuse | None = None,
    on_write: Callable[[], None] | None = None,
) -> list[Result]:
    """What became of each item, in the order given. An item that cannot be done fails alone; the rest is stored.

    items: read already (read_items), or not. refuse: asked before anything is written. on_write: called before
    rows are written: most of what is left then is for the database to do."""
    upsert = Upsert(writer, on_conflict, refuse)
    await upsert.read(items)
    await upsert.match(match_by)
    await upsert.plan()
    await upsert.write(on_write)
    return [upsert.result(work) for work in upsert.works.values()]


class Upsert:
    """One call: what its steps know of the items, by their places."""

    def __init__(self, writer: Writer, mode: OnConflict, refuse: Refuse | None = None) -> None:
        self.works: dict[int, Work] = {}
        self._refuse = refuse
        self._writer = writer
        self._mode = mode
        self._names = ItemNames()
        self._titles = FoldedTitles()
        self._locked: dict[int, Record] = {}
        self._parents: dict[int, Parent] = {}
        self._libraries: dict[int, str | None] = {}
        self._turns = LoopYield()

    async def read(self, items: Sequence[Item] | ReadItems) -> None:
        """Checks what can be checked without the database."""
        read = items if isinstance(items, ReadItems) else await read_items(items, self._turns)
        self.works, self._names, self._titles = read.works, read.names, read.titles

    def _open(self) -> Iterable[Work]:
        return (work for work in self.works.values() if work.is_open)

    async def match(self, order: Sequence[MatchBy]) -> None:
        """Finds the media of the items and locks them, with their parents, after libraries and what has a name."""
        matcher = Matcher([work.item for work in self._open()], order, self._titles)
        await matcher.lock_libraries(self._writer)
        await self._names.clean(standing_rules(matcher.settings), self._turns)
        await self._names.look_up(self._writer)
        found = await matcher.run(self._writer)
        self._parents, self._libraries = found.parents, found.libraries
        for place, error in found.failed.items():
            self.works[place].fail(error, *found.paths[place])
        for work in self._open():
            work.media = found.media.get(work.item.place)
            work.is_new = work.media is None
            if (path := matcher.of_another(work.item)) is not None:
                work.fail(CatalogError(Code.AMBIGUOUS, "Another media has one of its external ids or paths."), *path)
        known = {work.media for work in self._open()} | {parent.media for parent in self._parents.values()}
        self._locked = await lock_media(self._writer, (one for one in known if one is not None), LOCK_FOR_UPSERT)
        self._check_locked(matcher)
        await self._ask_whether_to_refuse()
        repetitions = repeated([work.item for work in self._open()], found, order, self._titles)
        for place, first in repetitions:
            self.works[place].same_as = first
            self.works[place].fail(CatalogError(Code.DUPLICATE, f"Item {first} is of the same media."))
        for work in list(self._open()):
            work.is_skipped = self._mode is OnConflict.SKIP and not work.is_new

    async def _ask_whether_to_refuse(self) -> None:
        found = {work.item.place: work.media for work in self._open() if work.media is not None}
        if self._refuse is not None and found:
            for place, error in (await self._refuse(found)).items():
                self.works[place].fail(error)

    def _check_locked(self, matcher: Matcher) -> None:
        """NOT_FOUND for media that are not there by their ids, or may not be changed."""
        for work in self._open():
            if work.media is not None and work.media not in self._locked:
                if work.item.id is None and not matcher.is_hidden(work.media):
                    self._gone_since(work)
                message = "There is no such media, or none that you may change."
                work.fail(CatalogError(Code.NOT_FOUND, message), *(["id"] if work.item.id is not None else []))
            key, parent = work.item.parent, self._parents.get(work.item.place)
            if key is None or parent is None or parent.media is None or parent.media in self._locked:
                continue
            if key.id is None and key.item is None and not matcher.is_hidden(parent.media):
                self._gone_since(work, "parent")

    def _gone_since(self, work: Work, *path: str) -> None:
        """What a key has found is deleted before it was locked: all is matched anew, unless that goes on and on."""
        if not self._writer.transaction.is_last_try:
            raise BeginAnewError
        work.fail(CatalogError(Code.CONFLICT, "Others delete this media all the time: send the item again."), *path)

    async def plan(self) -> None:
        """Works out what each item changes."""
        self._fail_orphans()
        await self._give_ids()
        kinds: Any = {work.media: {"kind": work.values.get("kind", "MOVIE")} for work in self._open() if work.is_new}
        there = {row["library_id"]: row["library_kind"] for row in self._locked.values()}
        changing = frozenset(
            work.media
            for work in self._open()
            if work.media in self._locked and work.values.get("kind") not in (None, self._locked[work.media]["kind"])
        )
        places = PlacementRules({**self._locked, **kinds}, {**there, **self._libraries}, changing)
        for work in self._open():
            await self._turns.maybe_yield()
            row = None if work.is_new else self._locked[work.media or 0]
            with failing(work):
                plan_values(work, self._parent(work), places, row, self._mode)
        await self._read_current()
        for work in self._parents_first():
            await self._turns.maybe_yield()
            with failing(work):
                await plan_lists(work, self._names, self._mode, self._turns)
            self._fail_orphan(work)
            self._names.end_item(is_done=work.is_open)
            work.rows, work.places = {}, {}  # thousands of items take much memory

    async def _give_ids(self) -> None:
        """Ids of new media, before they are made: others of the chunk hang on them."""
        new = [work for work in self._open() if work.is_new]
        if new:
            ids = await self._writer.fetch(NEXT_IDS, len(new))
            for work, row in zip(new, ids, strict=True):
                work.media = row[0]

    def _parent(self, work: Work) -> int | None:
        parent = self._parents.get(work.item.place)
        if parent is None or parent.media is not None or parent.item is None:
            return None if parent is None else parent.media
        return self.works[parent.item].media

    async def _read_current(self) -> None:
        """The rows that the media have in the lists that are given."""
        there = [work for work in self._open() if not work.is_new]
        for of in LISTS:
            works = {work.media: work for work in there if of.name in work.rows}
            if not works:
                continue
            current = {media: (list[int](), list[Row]()) for media in works}
            for row in await self._writer.fetch(statements.select_statement(of), list(works)):
                ids, rows = current[row[0]]
                ids.append(row[1])
                rows.append(row[2:])
            for media, work in works.items():
                work.current[of.name] = current[media]

    def _fail_orphans(self) -> None:
        """What hangs on an item that fails fails too."""
        failing = True
        while failing:
            failing = False
            for work in self._open():
                failing |= self._fail_orphan(work)

    def _fail_orphan(self, work: Work) -> bool:
        """Whether an item fails by that it hangs on one that has failed."""
        place = self._parent_item(work)
        if place is None or self.works[place].failed is None or not work.is_open:
            return False
        work.fail(CatalogError(Code.NOT_FOUND, f"Item {place}, its parent, has failed."), "parent")
        return True

    def _parent_item(self, work: Work) -> int | None:
        """The place of the item whose new media it hangs on."""
        parent = self._parents.get(work.item.place)
        return None if parent is None or parent.media is not None else parent.item

    def _parents_first(self) -> Iterator[Work]:
        """The open items, each behind the one that it hangs on: what is found of that one decides of it, too."""
        met: set[int] = set()
        for first in list(self._open()):
            above: list[Work] = []
            work: Work | None = first
            while work is not None and work.item.place not in met:
                met.add(work.item.place)
                above.append(work)
                place = self._parent_item(work)
                work = None if place is None else self.works[place]
            yield from (one for one in reversed(above) if one.is_open)

    async def write(self, on_write: Callable[[], None] | None = None) -> None:
        await UpsertStore(self._writer, self._names, self._locked).write(self._open(), on_write)

    def result(self, work: Work) -> Result:
        """What became of an item."""
        place = work.item.place
        if work.failed is not None:
            media = None if work.is_new else work.media
            code = work.failed.extensions["code"]
            return Result(place, Status.FAILED, media, (), code, str(work.failed), tuple(work.path), work.same_as)
        if work.is_new:
            return Result(place, Status.CREATED, work.media)
        fields = [*work.told, *map(client_name, work.changed_lists)]
        return Result(place, Status.UPDATED if fields else Status.UNCHANGED, work.media, fields)


@contextmanager
def failing(work: Work) -> Iterator[None]:
    """An error within is the item's own."""
    try:
        yield
    except CatalogError as error:
        work.fail(error)


def tally(results: Iterable[Result]) -> Counter[Status]:
    """How many items came to what."""
    return Counter(result.status for result in results)
