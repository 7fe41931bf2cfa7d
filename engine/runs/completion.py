"""Completion: from values to answers, a whole bucket at once where nothing is odd about it, else value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from graphql import GraphQLError, Undefined, is_list_type, is_non_null_type
from graphql.execution.executor import Executor, default_type_resolver, invalid_return_type_error
from graphql.pyutils import is_async_iterable, is_awaitable, is_iterable

from engine.plans.plan import Field
from engine.runs.answer_size import AnswerTooLarge
from engine.runs.bucket import Bucket, ListPlace, lists_bucket
from engine.runs.execution import Execution
from engine.runs.futures import close_awaitables, collect_items

Rows = list[int] | None
Values = Sequence[Any]  # where all are lists, they may be Lists


def complete(
    execution: Execution, bucket: Bucket, field: Field, values: Values, rows: Rows, *, awaited: bool = False
) -> None:
    """Completes a field's values; rows[n] is the object of values[n], the n-th one where `rows` is None.

    `awaited`: they have been awaited, which is done once."""
    if not values:
        return
    if not field.is_leaf and not field.is_abstract:
        if field.list_depth == 1 and complete_lists(execution, bucket, field, values, rows):
            return
        if field.list_depth == 0 and complete_objects(execution, bucket, field, values, rows):
            return
    completer = ValueCompleter(execution, bucket, field)
    for row, value in zip(range(len(values)) if rows is None else rows, values, strict=True):
        completer.complete(Slot(row, (), bucket.answers[row], field.key), value, field.type, awaited=awaited)
    completer.finish()


def complete_objects(execution: Execution, bucket: Bucket, field: Field, values: Values, rows: Rows) -> bool:
    """One object a row, or null; False where something is odd."""
    if not field.type_guard.takes(values):
        if not field.nullable[0]:
            return False
        places = [place for place, value in enumerate(values) if value is not None]
        values = [values[place] for place in places]
        rows = places if rows is None else [rows[place] for place in places]
        if not field.type_guard.takes(values):
            return False
    if values:
        child = execution.build(Bucket(field.selections[field.named_type.name], values, bucket, field, rows))
        answers, key = bucket.answers, field.key
        if rows is None:
            for answer, made in zip(answers, child.answers, strict=True):
                answer[key] = made
        else:
            for row, made in zip(rows, child.answers, strict=True):
                answers[row][key] = made
    return True


def complete_lists(execution: Execution, bucket: Bucket, field: Field, values: Values, rows: Rows) -> bool:
    """A list of objects a row, none of them null; False where something is odd."""
    child, share = lists_bucket(bucket, field, values, rows)
    if child is None or not field.type_guard.takes(child.objects):
        return False
    repeats = child.lists is not None and child.lists.repeats
    # Only what is finished can stand in several places.
    if repeats and child.selection.to_resolve:
        return complete_lists(execution, bucket, field, list(values), rows)
    before = execution.size.bytes
    execution.build(child)
    if repeats and child.broken:
        execution.new_buckets.remove(child)
        return complete_lists(execution, bucket, field, list(values), rows)
    key, shared = field.key, share(child.answers)
    answers = bucket.answers if rows is None else [bucket.answers[row] for row in rows]
    for answer, found in zip(answers, shared, strict=True):
        answer[key] = found
    if repeats:
        places = sum(len(answer[key]) for answer in answers)
        execution.size.add_copies(places - len(child.answers), before, child)
    return True


class Slot(NamedTuple):
    """Where one answer goes: the object whose field it is, its place in lists, and the dictionary or list there."""

    row: int
    lists: ListPlace
    container: Any
    key: Any

    def put(self, answer: Any) -> None:
        self.container[self.key] = answer


class Objects:
    """Objects of one type, met one by one, and where their answers go."""

    __slots__ = ("objects", "slots")

    def __init__(self) -> None:
        self.objects: list[Any] = []
        self.slots: list[Slot] = []


class ValueCompleter:
    """Completes values of a field one by one, as graphql-core does; the objects among them become buckets again."""

    __slots__ = ("_bucket", "_execution", "_field", "_groups")

    def __init__(self, execution: Execution, bucket: Bucket, field: Field) -> None:
        self._execution = execution
        self._bucket = bucket
        self._field = field
        self._groups: dict[str, Objects] = {}

    def complete(self, slot: Slot, value: Any, type_: Any, *, awaited: bool = False) -> None:
        """Completes a value; an error nulls the nearest place where null may stand."""
        with self._failing(slot):
            if not awaited and is_awaitable(value):
                self._later(slot, value, lambda completer, found: completer.complete(slot, found, type_, awaited=True))
            else:
                self._value(slot, value, type_)

    @contextmanager
    def _failing(self, slot: Slot) -> Iterator[None]:
        try:
            yield
        except AnswerTooLarge:
            raise
        except Exception as error:
            self._execution.failures.add(self._bucket, slot.row, self._field, slot.lists, error)

    def _value(self, slot: Slot, value: Any, type_: Any) -> None:
        if isinstance(value, Exception):
            raise value
        if is_non_null_type(type_):
            if value is None or value is Undefined:
                raise TypeError(f"Cannot return null for non-nullable field {self._name}.")
            type_ = type_.of_type
        if value is None or value is Undefined:
            slot.put(None)
        elif is_list_type(type_):
            self._list(slot, value, type_)
        elif self._field.is_leaf:
            made = Executor.complete_leaf_value(type_, value)
            slot.put(made)
            self._execution.size.add_leaf(made, self._bucket, self._field)
        elif self._field.is_abstract:
            self._abstract(slot, value, type_)
        else:
            self._object(slot, value, type_)

    @property
    def _name(self) -> str:
        return f"{self._field.parent_type}.{self._field.name}"

    def _list(self, slot: Slot, value: Any, type_: Any) -> None:
        if is_async_iterable(value):
            self._later(slot, collect_items(value), lambda completer, found: completer.complete(slot, found, type_))
            return
        if not is_iterable(value):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{self._name}'.")
        made: list[Any] = []
        slot.put(made)
        items = iter(value)
        for position, item in enumerate(items):
            made.append(None)
            self.complete(Slot(slot.row, (*slot.lists, position), made, position), item, type_.of_type)
            if slot.container[slot.key] is not made:  # an item's error has nulled the list
                close_awaitables(items)
                return

    def _abstract(self, slot: Slot, value: Any, type_: Any) -> None:
        known = self._field.type_guard.by_class.get(type(value))
        if known is not None:
            self._add(slot, value, known)
            return
        name = (type_.resolve_type or default_type_resolver)(value, self._info(slot), type_)
        if is_awaitable(name):
            self._later(slot, name, lambda completer, found: completer.named(slot, value, found, type_))
            return
        self._typed(slot, value, name, type_)

    def named(self, slot: Slot, value: Any, name: Any, type_: Any) -> None:
        """The name of an abstract value's object type has come, or the error in place of it."""
        with self._failing(slot):
            if isinstance(name, Exception):
                raise name
            self._typed(slot, value, name, type_)

    def _typed(self, slot: Slot, value: Any, name: Any, type_: Any) -> None:
        # graphql-core's own check, for its words; it needs the schema alone.
        actual = Executor.ensure_valid_runtime_type(
            self._execution.configuration,  # type: ignore[arg-type]
            name,
            type_,
            self._field.details,
            self._info(slot),
            value,
        )
        self._object(slot, value, actual)

    def _object(self, slot: Slot, value: Any, type_: Any) -> None:
        is_one = type_.is_type_of is None or type_.is_type_of(value, self._info(slot))
        if is_awaitable(is_one):
            self._later(slot, is_one, lambda completer, found: completer.checked(slot, value, found, type_))
        else:
            self.checked(slot, value, is_one, type_)

    def checked(self, slot: Slot, value: Any, is_one: Any, type_: Any) -> None:
        """Whether a value is an object of its type is known, or the error in place of it."""
        with self._failing(slot):
            if isinstance(is_one, Exception):
                raise is_one
            if not is_one:
                raise invalid_return_type_error(type_, value, self._field.details)
            self._add(slot, value, type_.name)

    def _info(self, slot: Slot) -> Any:
        return self._execution.info(self._bucket, slot.row, self._field)

    def _add(self, slot: Slot, value: Any, name: str) -> None:
        group = self._groups.setdefault(name, Objects())
        group.objects.append(value)
        group.slots.append(slot)

    def _later(self, slot: Slot, awaitable: Any, resume: Callable[[ValueCompleter, Any], None]) -> None:
        self._execution.waits.add(self._bucket, slot.row, self._field, awaitable, resume)

    def finish(self) -> None:
        """Makes the buckets of the objects that were met."""
        groups, self._groups = self._groups, {}
        for name, group in groups.items():
            complete_slots(self._execution, self._bucket, self._field, name, group.objects, group.slots)


def complete_slots(
    execution: Execution, bucket: Bucket, field: Field, name: str, objects: list[Any], slots: Sequence[Slot]
) -> None:
    """Objects of one type, each with its own place for its answer, as one bucket."""
    places = [(slot.row, slot.lists) for slot in slots]
    child = execution.build(Bucket(field.selections[name], objects, bucket, field, places=places))
    for slot, answer in zip(slots, child.answers, strict=True):
        slot.put(answer)
