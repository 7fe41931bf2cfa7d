"""What an upsert is to do with each item: worked out before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from catalog.edit import LoopYield
from catalog.media_edit import PlacementRules, changed_fields
from catalog.media_values import bad_argument, check_values, client_name, merge_patch
from catalog.upsert.item import Item, Key, OnConflict
from catalog.upsert.keys import ExternalId, FoldedTitles
from catalog.upsert.lists import LISTS, LISTS_BY_NAME, RowList
from catalog.upsert.names import ItemNames
from catalog.upsert.rows import Difference, RowReader, completed, contradiction, difference
from catalog.upsert.same_rows import ABSENT, Row, key_of
from database.row import Row as Record
from domain.bounds import BIGINT, INTEGER, TITLE_LETTERS
from domain.errors import CatalogError, Code
from domain.text import storable

PEOPLE = LISTS_BY_NAME["credits"]
PERSON_PLACE = PEOPLE.columns.index("person_id")


@dataclass(slots=True)
class Work:
    """An item on its way. media: which one it is, is_new: to be made. values: its own columns, checked.

    rows: by list, what it is to have; places: of their elements in the item. patch: of the metadata, as the database is
    to apply it. told: which own fields change, as history says it. differences: by list, what is to be done; current:
    by list, ids of the rows that are there, and the rows. person_ids: external ids that people get, each with a person,
    by id or by what stands for one who is to be made. path: where in the item what fails lies. same_as: the place of
    the item before it that is of the same media."""

    item: Item
    values: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    places: dict[str, Sequence[int]] = field(default_factory=dict)
    patch: Any = None
    media: int | None = None
    is_new: bool = False
    is_skipped: bool = False
    told: dict[str, Any] = field(default_factory=dict)
    current: dict[str, tuple[list[int], list[Row]]] = field(default_factory=dict)
    differences: dict[str, Difference] = field(default_factory=dict)
    person_ids: dict[ExternalId, int | str] = field(default_factory=dict)
    failed: CatalogError | None = None
    path: list[str | int] = field(default_factory=list)
    same_as: int | None = None

    def fail(self, error: CatalogError, *path: str | int) -> None:
        """The first error is the one that is told."""
        if self.failed is None:
            self.failed = error
            self.path = list(path) or self.path

    @property
    def is_open(self) -> bool:
        return self.failed is None and not self.is_skipped

    @property
    def changes(self) -> bool:
        """Whether the media is another one afterwards."""
        return self.is_new or bool(self.told or self.differences)

    @property
    def changed_lists(self) -> list[str]:
        """The lists that are told as changed: that people get external ids changes nothing of the media, but credits
        that say so."""
        given = {PEOPLE.name: None} if self.person_ids else {}
        return [*dict.fromkeys((*self.differences, *given))]


async def read_work(item: Item, readers: Mapping[str, RowReader], titles: FoldedTitles, turns: LoopYield) -> Work:
    """An item with its values and rows checked, as far as that needs no database."""
    work = Work(item)
    path: list[str | int] = []
    try:
        if item.error is not None:
            path[:] = item.error_path
            raise item.error
        if item.id is not None and not BIGINT.holds(item.id):
            path[:] = ["id"]
            raise bad_argument("There is no such id.")
        work.values = checked_values(item.values, path)
        if "title" in work.values:
            titles.learn(item.values["title"], work.values["folded_title"], work.values["sort_title"])
        path[:] = ["parent"]
        check_key(item.parent, titles)
        for name, given in item.lists.items():
            path[:] = [name]
            if name not in readers:
                raise bad_argument("There is no such list.")
            work.rows[name], work.places[name] = await readers[name].read(given, path, turns)
    except CatalogError as error:
        work.fail(error, *path)
    return work


def checked_values(values: Mapping[str, Any], path: list[str | int]) -> dict[str, Any]:
    """Own values as they are stored; `path` is left at the one that an error is about."""
    try:
        return check_values(values)
    except CatalogError:
        for name, value in values.items():
            path[:] = [name]
            check_values({name: value})
        raise


def check_key(key: Key | None, titles: FoldedTitles) -> None:
    """BAD_ARGUMENT for a parent that cannot even be looked for."""
    if key is not None and key.season is not None:
        check_number(key.season.number)
        key = key.season.series
        if key.season is not None:
            raise bad_argument("A season is named by its series and number: its series cannot be a season.")
    if key is None:
        return
    texts = [key.path or "", *(key.external_id or ()), key.title.title if key.title is not None else ""]
    ids = [key.id, key.title.library if key.title else None]
    if not all(one is None or BIGINT.holds(one) for one in ids) or not all(map(storable, texts)):
        raise no_such_key()
    if key.title is not None:
        check_number(key.title.year)
        if len(key.title.title) > TITLE_LETTERS:
            raise bad_argument(f"No title has more than {TITLE_LETTERS} letters.")
        titles.identity(key.title)


def check_number(number: int | None) -> None:
    if number is not None and not INTEGER.holds(number):
        raise no_such_key()


def no_such_key() -> CatalogError:
    return bad_argument("What is named as the parent holds a text or number that cannot be stored.")


def plan_values(work: Work, parent: int | None, places: PlacementRules, row: Record | None, mode: OnConflict) -> None:
    """Which own fields an item changes; VERSION_CONFLICT, BAD_ARGUMENT, NOT_FOUND.

    parent: the media that is its parent. row: the media as it is, None for a new one."""
    work.path = ["version"]
    version = work.item.version
    if version is not None and row is None:
        raise CatalogError(Code.NOT_FOUND, "There is no such media: to make it, leave its version out.")
    if version is not None and row is not None and version != row["version"]:
        raise CatalogError(
            Code.VERSION_CONFLICT,
            f"This media has been changed since: its version is {row['version']}, not {version}. Read it again.",
        )
    if work.item.has_parent:
        stays = row is not None and is_in_season(work, parent, row)
        work.values["parent_id"] = row["row"]["parent_id"] if row is not None and stays else parent
    if row is None:
        defaults = {"added_at": datetime.now(UTC).isoformat(), "metadata": {}, "locked_fields": [], "kind": "MOVIE"}
        missing = [name for name in ("library_id", "title") if work.values.get(name) is None]
        if missing:
            work.path = []
            raise bad_argument(f"There is no such media, and a new one needs a {client_name(missing[0])}.")
        work.values = {**defaults, **work.values}
    if mode is OnConflict.MERGE and "metadata" in work.values:
        work.path = ["metadata"]
        work.patch = None if row is None else work.values["metadata"]
        there = {} if row is None else row["row"]["metadata"]
        work.values |= check_values({"metadata": merge_patch(there, work.values["metadata"])})
    if row is not None:
        work.path = ["kind"]
        if work.values.get("kind", row["kind"]) != row["kind"] and row["has_children"]:
            raise bad_argument("Other media hang on this one: its kind cannot change.")
        work.told = changed_fields(row["row"], work.values)
    if row is None or work.told:
        places.check(work.values, row, work.path)
    work.path = []


def is_in_season(work: Work, series: int | None, row: Record) -> bool:
    """Whether an episode hangs on a season of the series that is named as its parent: there it stays, unless its season
    is to have another number."""
    if series is None or row["kind"] != "EPISODE" or row["grandparent_id"] != series:
        return False
    return work.values.get("season_number") in (None, row["parent_number"])


async def plan_lists(work: Work, names: ItemNames, mode: OnConflict, turns: LoopYield) -> None:
    """What is to be done with the rows of an item's lists; NOT_FOUND, AMBIGUOUS, TOO_MANY, FORBIDDEN.

    Things that are to be made stand in rows by their folded names."""
    for name, given in work.rows.items():
        of = LISTS_BY_NAME[name]
        work.path = [name]
        _, current = work.current.get(name, ([], []))
        places = list(work.places[name])
        try:
            rows = resolved(of, given, places, names, current, work.path)
            found = await difference(of, rows, current, mode, work.path, turns)
        except CatalogError:
            work.path[1:] = in_item(of, places, work.path[1:])
            raise
        if not found.is_empty:
            work.differences[name] = found
        if name == PEOPLE.name and names.people.is_asked:
            work.person_ids = names.people.new_ids(row[PERSON_PLACE] for row in given)
    work.path = []


def in_item(of: RowList, places: Sequence[int], path: Sequence[str | int]) -> list[str | int]:
    """Where in an item's list a row's fault lies; a single row has no place."""
    rest: list[str | int] = [one for one in path if isinstance(one, str)]
    return rest if of.single or not path else [places[int(path[0])], *rest]


def resolved(
    of: RowList, rows: list[Row], places: list[int], names: ItemNames, current: list[Row], path: list[str | int]
) -> list[Row]:
    """Rows with the ids of what they name. `path` is left at the row and column that an error is about.

    places: of the rows' elements; those of rows that are dropped go."""
    for place, one in enumerate(of.fields):
        if one.noun is None:
            continue
        given = {row[place] for row in rows}
        settled = names.settled(one.noun)
        if given <= settled.keys():
            found = settled
        else:
            known = {row[place] for row in current}
            found = {None: None, ABSENT: ABSENT}
            for at, row in enumerate(rows):
                if row[place] not in found:
                    path[1:] = [at] if of.element else [at, one.column]
                    found[row[place]] = names.found(one.noun, row[place], known)
        if one.noun == "person" and names.people.is_asked:
            namesakes = names.namesakes(found, given)
            for at, row in enumerate(rows):
                path[1:] = [at, one.column]
                names.check_told_apart(row[place], found[row[place]], namesakes)
        rows = [(*row[:place], found[row[place]], *row[place + 1 :]) for row in rows]
        if one.column in of.key and len({row[place] for row in rows}) < len(given):
            rows = distinct(of, rows, places, path)
    path[1:] = []
    return rows


def distinct(of: RowList, rows: list[Row], places: list[int], path: list[str | int]) -> list[Row]:
    """Each row once, where an id and a name turned out to mean the same; BAD_ARGUMENT for rows that contradict each
    other."""
    key = key_of(of)
    first: dict[Any, tuple[Row, int]] = {}
    for at, row in enumerate(rows):
        path[1:] = [at]
        if completed(of, first.setdefault(key(row), (row, places[at]))[0]) != completed(of, row):
            raise contradiction()
    places[:] = [place for _, place in first.values()]
    return [row for row, _ in first.values()]


def missing_names(works: Iterable[Work]) -> dict[str, set[str]]:
    """The folded names of what is to be made, by noun."""
    wanted: dict[str, set[str]] = {}
    for work in works:
        for name, found in work.differences.items():
            for place, one in enumerate(LISTS_BY_NAME[name].fields):
                if one.noun is None:
                    continue
                rows = [*found.new, *(row for _, row in found.changed)]
                wanted.setdefault(one.noun, set()).update(row[place] for row in rows if isinstance(row[place], str))
    return wanted


def with_ids(of: RowList, rows: Iterable[Row], made: Mapping[str, Mapping[str, int]]) -> Iterable[Row]:
    """Rows with the ids of what has been made for them."""
    for place, one in enumerate(of.fields):
        if one.noun is not None and (ids := made.get(one.noun)):
            rows = [
                (*row[:place], ids[row[place]], *row[place + 1 :]) if isinstance(row[place], str) else row
                for row in rows
            ]
    return rows


def readers_of(names: ItemNames) -> dict[str, RowReader]:
    return {of.name: RowReader(of, names) for of in LISTS}
