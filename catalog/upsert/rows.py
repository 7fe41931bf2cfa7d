"""The rows of an item's lists: read from what was given, and compared with those that a media has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from catalog.edit import LoopYield
from catalog.media_values import bad_argument, client_name
from catalog.upsert.item import OnConflict
from catalog.upsert.lists import RowList
from catalog.upsert.names import ItemNames
from catalog.upsert.same_rows import ABSENT, Row, find_rows, identities_of, key_of
from domain.errors import CatalogError, Code

SOME_ROWS = 16  # that are read, or compared, before others have their turn: texts of rows may be long


MAX_SHAPES = 100  # of the elements of one list that are kept


class Difference(NamedTuple):
    """What is to be done with the rows of one media. changed: by the place of a current row, its new values."""

    new: list[Row]
    changed: list[tuple[int, Row]]
    gone: list[int]

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.gone)


UNCHANGED = Difference([], [], [])


class Column(NamedTuple):
    """How a column of an element is read: its name, how its value is, whether it is needed, what null stands for."""

    name: str
    read: Callable[[Any], Any]
    is_required: bool
    default: Any


class Shape(NamedTuple):
    """The elements that give the same columns. blank: a row of which nothing is given; places: of those that are."""

    blank: list[Any]
    places: list[tuple[int, Column]]


class RowReader:
    """Reads the elements of one list."""

    def __init__(self, of: RowList, names: ItemNames) -> None:
        self.of = of
        self._identities = identities_of(of)
        self._columns = {
            one.column: (
                place,
                Column(
                    one.column,
                    names.reader(one.noun) if one.noun else one.check or kept,
                    one.required,
                    ABSENT if one.absent_if_null else one.default,
                ),
            )
            for place, one in enumerate(of.fields)
        }
        self._blank = [one.default if one.column in of.key else ABSENT for one in of.fields]
        self._alone = None if of.element is None else Shape(self._blank, [self._columns[of.element]])
        self._shapes: dict[tuple[str, ...], Shape] = {}

    async def read(self, given: Any, path: list[str | int], turns: LoopYield) -> tuple[list[Row], Sequence[int]]:
        """The rows of a list, and the places of their elements; equal elements are one row. BAD_ARGUMENT.

        `path` is left at what an error is about."""
        elements = given if not self.of.single else [] if given is None else [given]
        if not isinstance(elements, list | tuple):
            raise bad_argument("A list is needed here.")
        known: dict[Any, Row] = {}
        rows: list[Row] = []
        places: list[int] = []
        for place, element in enumerate(elements):
            if place % SOME_ROWS == SOME_ROWS - 1:
                await turns.maybe_yield()
            try:
                row = self._row(element, path)
                own = self._identities(row)
                same = [known[one] for one in own if one in known]
                if not same:
                    for one in own:
                        known[one] = row
                    rows.append(row)
                    places.append(place)
                elif completed(self.of, same[0]) != completed(self.of, row):
                    raise contradiction()
            except CatalogError:
                if not self.of.single:
                    path[1:] = [place] if element.__class__ is not dict else [place, *path[1:]]
                raise
        if len(rows) > self.of.most:
            raise too_many(self.of)
        return rows, places

    def _row(self, element: Any, path: list[str | int]) -> Row:
        is_object = element.__class__ is dict
        shape = (self._shapes.get(tuple(element)) if is_object else self._alone) or self._shape(element, path)
        row = shape.blank[:]
        for place, column in shape.places:
            value = element[column.name] if is_object else element
            if value is None:
                if column.is_required:
                    path.append(column.name)
                    raise bad_argument("This is needed.")
                row[place] = column.default
                continue
            try:
                row[place] = column.read(value)
            except CatalogError:
                path.append(column.name)
                raise
        return tuple(row)

    def _shape(self, element: Any, path: list[str | int]) -> Shape:
        """BAD_ARGUMENT for what is no object, for columns that are not known, and for those that are missing."""
        if element.__class__ is not dict or not element.keys() <= self._columns.keys():
            raise bad_argument(
                f"An object with some of these is needed here: {', '.join(map(client_name, self._columns))}."
            )
        for name, (_, column) in self._columns.items():
            if column.is_required and name not in element:
                path.append(name)
                raise bad_argument("This is needed.")
        found = Shape(self._blank, [place for name, place in self._columns.items() if name in element])
        if len(self._shapes) < MAX_SHAPES:
            self._shapes[tuple(element)] = found
        return found


def kept(value: Any) -> Any:
    return value


def contradiction() -> CatalogError:
    return bad_argument("This stands twice in the list, with different values.")


def too_many(of: RowList) -> CatalogError:
    return CatalogError(Code.TOO_MANY, f"A media has at most {of.most} {of.name.replace('_', ' ')}.")


async def difference(
    of: RowList,
    wanted: Sequence[Row],
    current: Sequence[Row],
    mode: OnConflict,
    path: list[str | int],
    turns: LoopYield,
) -> Difference:
    """What makes the rows that a media has those that it is to have; TOO_MANY, BAD_ARGUMENT.

    `path` is left at the wanted row that an error is about."""
    if are_current(of, wanted, current):
        return UNCHANGED
    found = Difference([], [], [])
    rows = list(positioned(of, wanted, current, mode))
    if not current and len(rows) <= of.most:  # of a new media: most often
        return Difference(await new_rows(of, rows, path, turns), [], [])
    there = find_rows(of, rows, current)
    for place, (row, here) in enumerate(zip(rows, there, strict=True)):
        path[1:] = [place]
        if place % SOME_ROWS == SOME_ROWS - 1:
            await turns.maybe_yield()
        if here is None:
            found.new.append(new_row(of, row))
            continue
        after = merged(of, row, current[here])
        if after != current[here]:
            check_file(of, after)
            found.changed.append((here, after))
    path[1:] = []
    if mode is OnConflict.REPLACE:
        found.gone.extend(sorted({*range(len(current))}.difference(one for one in there if one is not None)))
    if len(current) + len(found.new) - len(found.gone) > max(of.most, len(current)):
        raise too_many(of)
    return found


async def new_rows(of: RowList, rows: list[Row], path: list[str | int], turns: LoopYield) -> list[Row]:
    """Rows of a media that has none; as in `difference`."""
    if not of.is_completed:
        return rows
    found: list[Row] = []
    try:
        for row in rows:
            if len(found) % SOME_ROWS == SOME_ROWS - 1:
                await turns.maybe_yield()
            found.append(new_row(of, row))
    except CatalogError:
        path[1:] = [len(found)]
        raise
    return found


def are_current(of: RowList, wanted: Sequence[Row], current: Sequence[Row]) -> bool:
    """Whether the wanted rows are those that are there, in their order where rows have one: so it is most often."""
    if len(wanted) != len(current):
        return False
    if not of.has_id:
        return set(wanted) == set(current)
    if not wanted:
        return True
    # Elements of one list give the same columns most often: a comparison of two tuples a row.
    given = [place for place, value in enumerate(wanted[0]) if value is not ABSENT]
    of_given, absent, at = itemgetter(*given), len(wanted[0]) - len(given), of.position
    if at is not None and at not in given and any(old[at] != place for place, old in enumerate(current)):
        return False
    return all(
        new.count(ABSENT) == absent and of_given(new) == of_given(old) for new, old in zip(wanted, current, strict=True)
    )


def merged(of: RowList, new: Row, old: Row) -> Row:
    """A row that is there, with what an element gives of it."""
    after = [before if value is ABSENT else value for value, before in zip(new, old, strict=True)]
    for place, source, rule in of.followers:
        if new[place] is ABSENT and after[source] != old[source]:
            after[place] = None if after[source] is None else rule(after[source])
    return tuple(after)


def completed(of: RowList, row: Row) -> Row:
    """A new row: what it does not give follows from others, or has its default."""
    if ABSENT not in row:
        return row
    found = [one if one is not ABSENT else default for one, default in zip(row, of.defaults, strict=True)]
    for place, source, rule in of.followers:
        if row[place] is ABSENT and found[source] is not None:
            found[place] = rule(found[source])
    return tuple(found)


def new_row(of: RowList, row: Row) -> Row:
    """A new row; BAD_ARGUMENT where what follows cannot be stored."""
    if not of.is_completed:
        return row
    found = completed(of, row)
    if found is not row:
        for place, check in of.checked_followers:
            if row[place] is ABSENT:
                check(found[place])
    check_file(of, found)
    return found


def check_file(of: RowList, row: Row) -> None:
    """BAD_ARGUMENT for a row whose state needs a path that it lacks."""
    if of.file_state and dict(zip(of.columns, row, strict=True)).items() >= {("state", of.file_state), ("path", None)}:
        raise bad_argument(f"What is {of.file_state} has a path.")


def positioned(of: RowList, wanted: Sequence[Row], current: Sequence[Row], mode: OnConflict) -> Iterable[Row]:
    """The wanted rows, of an ordered list with their positions: their places, or behind those that are there."""
    at = of.position
    if at is None:
        return wanted
    if mode is OnConflict.REPLACE:
        return [
            row if row[at] is not ABSENT else (*row[:at], place, *row[at + 1 :]) for place, row in enumerate(wanted)
        ]
    key, after = key_of(of), max((row[at] for row in current), default=-1) + 1
    known = {key(row) for row in current}
    return [
        row if row[at] is not ABSENT or key(row) in known else (*row[:at], after + place, *row[at + 1 :])
        for place, row in enumerate(wanted)
    ]
