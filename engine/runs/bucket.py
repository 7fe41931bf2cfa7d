"""Buckets: all the objects of one type at one place of the operation, with their answers and where they stand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, chain
from typing import Any, cast

from graphql.pyutils import Path

from engine.plans.plan import Field, Selection
from engine.relation import Lists

Share = Callable[[list[Any]], Iterable[list[Any]]]
ListPlace = tuple[int, ...]  # positions in nested lists, from the outside in


class Bucket:
    """objects[j] is answered by answers[j]; it is a value of `field` of a row of the `parent` bucket.

    Which row: rows[j], or j itself where `rows` is None. In a list the objects of a row follow one another: starts[r]
    is where the r-th list begins. Where that does not hold, places[j] is the row and the positions in its lists,
    worked out from `lists` when it is first needed.
    broken: objects of which the builder could not make something."""

    __slots__ = ("answers", "broken", "field", "lists", "objects", "parent", "places", "rows", "selection", "starts")

    def __init__(
        self,
        selection: Selection,
        objects: Sequence[Any],
        parent: Bucket | None = None,
        field: Field | None = None,
        rows: list[int] | None = None,
        starts: list[int] | None = None,
        places: list[tuple[int, ListPlace]] | None = None,
        lists: Lists | None = None,
    ) -> None:
        self.selection = selection
        self.objects = objects
        self.parent = parent
        self.field = field
        self.rows = rows
        self.starts = starts
        self.places = places
        self.lists = lists
        self.answers: list[Any] = []
        self.broken: list[int] = []

    def place(self, row: int) -> tuple[int, ListPlace]:
        """The parent's row of an object, and its place in the lists there."""
        if self.lists is not None:
            self.places, self.lists = places_in(self.lists, self.rows), None
        if self.places is not None:
            return self.places[row]
        if self.starts is not None:
            lists = bisect_right(self.starts, row) - 1
            return (lists if self.rows is None else self.rows[lists]), (row - self.starts[lists],)
        return (row if self.rows is None else self.rows[row]), ()

    def path(self, row: int) -> Path | None:
        """The path of an object in the answer."""
        if self.parent is None or self.field is None:
            return None
        parent_row, lists = self.place(row)
        return field_path(self.parent, parent_row, self.field, lists)

    def order(self, row: int) -> tuple[int, ...]:
        """The object's place in the order in which the answer is written."""
        if self.parent is None or self.field is None:
            return ()
        parent_row, lists = self.place(row)
        return (*self.parent.order(parent_row), self.field.position, *lists)

    def is_wanted(self, row: int) -> bool:
        """Whether the object's answer still stands in the whole, and was not nulled with something above it."""
        answer = self.answers[row]
        if self.parent is None or self.field is None:
            return answer is not None
        parent_row, lists = self.place(row)
        container = self.parent.answers[parent_row]
        found = None if container is None else container[self.field.key]
        for position in lists:
            found = None if found is None else found[position]
        return found is answer and answer is not None and self.parent.is_wanted(parent_row)


def lists_bucket(
    bucket: Bucket, field: Field, values: Sequence[Any], rows: list[int] | None
) -> tuple[Bucket | None, Share]:
    """The objects of lists as one bucket, and how answers are put into lists again; None where one is no list."""
    selection = field.selections[field.named_type.name]
    share: Share | None = None if type(values) is list else getattr(values, "share", None)
    if share is not None:
        lists = cast("Lists", values)
        return Bucket(selection, lists.rows, bucket, field, rows, lists=lists), share
    if set(map(type, values)) != {list}:
        return None, iter
    ends = list(accumulate(map(len, values)))
    starts = [0, *ends[:-1]]
    return Bucket(selection, list(chain.from_iterable(values)), bucket, field, rows, starts), partial(cut, starts, ends)


def cut(starts: list[int], ends: list[int], values: list[Any]) -> Iterator[list[Any]]:
    """The parts of a list."""
    return map(values.__getitem__, map(slice, starts, ends))


def places_in(lists: Lists, rows: list[int] | None) -> list[tuple[int, ListPlace]]:
    """The places of the objects of a level's lists."""
    found: list[tuple[int, ListPlace]] = [(0, ())] * len(lists.rows)
    for number, objects in enumerate(lists.share(range(len(found)))):
        for position, one in enumerate(objects):
            found[one] = (number if rows is None else rows[number], (position,))
    return found


def field_path(bucket: Bucket, row: int, field: Field, lists: ListPlace = ()) -> Path:
    """The path of a field of an object, or of an item of its lists."""
    path = Path(bucket.path(row), field.key, bucket.selection.type.name)
    for position in lists:
        path = Path(path, position, None)
    return path


def site(bucket: Bucket, field: Field) -> str:
    """The place of a field in the answer, without positions in lists: "media.nodes.tags"."""
    keys = [field.key]
    above: Bucket | None = bucket
    while above is not None and above.field is not None:
        keys.append(above.field.key)
        above = above.parent
    return ".".join(reversed(keys))
