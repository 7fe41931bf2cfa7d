"""Asking loaders: a declared field's look-ups for all the objects of a bucket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from graphql import is_non_null_type

from engine.plans.plan import Field, loader_name
from engine.relation import ROOT_KEY, Declaration, Known, Load, Loader, gone, site_of
from engine.runs.answer_size import AnswerTooLarge
from engine.runs.arguments import declared_arguments
from engine.runs.batch_scheduling import Group, Request
from engine.runs.bucket import Bucket, field_path
from engine.runs.completion import Slot, ValueCompleter, Values, complete, complete_slots
from engine.runs.execution import Execution


def ask(execution: Execution, bucket: Bucket, field: Field, declaration: Declaration) -> None:
    """Queues the look-ups of a declared field for all the objects."""
    try:
        given = declared_arguments(execution, field) if field.arguments is None else field.arguments
        if declaration.target is None:
            ask_relation(execution, bucket, field, declaration, given)
            return
    except AnswerTooLarge:
        raise
    except Exception as error:
        for row in range(len(bucket.objects)):
            execution.failures.add(bucket, row, field, (), error)
        return
    ask_targets(execution, bucket, field, declaration, given)


def ask_relation(
    execution: Execution, bucket: Bucket, field: Field, declaration: Declaration, given: Mapping[str, Any]
) -> None:
    """One loader for all the objects; those without a key have nothing there."""
    assert declaration.ref is not None
    loader_arguments: Any = None
    if declaration.loader_arguments is not None:
        loader_arguments = declaration.loader_arguments(
            execution.context, given, lambda: site_of(field_path(bucket, 0, field))
        )
    loader = declaration.ref.bind(execution.context.loaders, loader_arguments)
    read_key = field.access.read_key
    keys: list[Any] = [ROOT_KEY] * len(bucket.objects)
    rows: list[int] | None = None
    if read_key is not None:
        keys, rows = map_objects(execution, bucket, field, read_key)
    if None in keys:
        there = list(zip(range(len(keys)) if rows is None else rows, keys, strict=True))
        keyless = [row for row, key in there if key is None]
        rows = [row for row, key in there if key is not None]
        keys = [key for _, key in there if key is not None]
        complete(execution, bucket, field, [None] * len(keyless), keyless)
    if keys and field.is_unread and declaration.unread is not None:
        complete(execution, bucket, field, declaration.unread(keys, loader_arguments), rows)
    elif keys:
        queue(execution, Request(loader, declaration.ref.name, bucket, field, keys, rows))


def map_objects(
    execution: Execution, bucket: Bucket, field: Field, function: Callable[[Any], Any]
) -> tuple[list[Any], list[int] | None]:
    """A function's value for every object; those that fail are left out."""
    try:
        return list(map(function, bucket.objects)), None
    except Exception:  # one by one, to know which
        values, rows = [], []
        for row, parent in enumerate(bucket.objects):
            try:
                value = function(parent)
            except Exception as error:
                execution.failures.add(bucket, row, field, (), error)
            else:
                values.append(value)
                rows.append(row)
        return values, rows


def queue(execution: Execution, request: Request) -> None:
    """Queues what is still wanted; what its loader knows already is answered at once."""
    if execution.failures.found and not request.keep_wanted():
        return
    if execution.observer is not None:
        request.since = perf_counter()
    values: Values | None = None
    if request.deliver is None:
        values = request.loader.peek(request.keys, [] if execution.observer is None else [request.asked()])
    if values is None:
        execution.batches.add(request)
    else:
        complete_request(execution, request, values)


def complete_request(execution: Execution, request: Request, values: Values) -> None:
    """Completes the values of a request's keys."""
    declaration = request.field.access.declaration
    if declaration is not None and declaration.required:
        values = [gone() if value is None else value for value in values]
    if request.deliver is not None:
        request.deliver(list(values))
        return
    complete(execution, request.bucket, request.field, values, request.rows)


def ask_targets(
    execution: Execution, bucket: Bucket, field: Field, declaration: Declaration, given: Mapping[str, Any]
) -> None:
    """Look-ups that only the field's target knows, object by object; those of one loader are one request."""
    assert declaration.target is not None
    found: dict[Any, Request] = {}
    known: list[tuple[int, Any]] = []
    for row, parent in enumerate(bucket.objects):
        try:
            wanted = declaration.target(parent, execution.context, given)
        except Exception as error:
            execution.failures.add(bucket, row, field, (), error)
            continue
        if isinstance(wanted, Load):
            loader = wanted.ref.bind(execution.context.loaders, wanted.arguments)
            name = loader_name(declaration) if declaration.kind == "total" else wanted.ref.name
            request = found.setdefault(loader, Request(loader, name, bucket, field, [], []))
            request.add(wanted.key, row)
        elif wanted is None or isinstance(wanted, Known):
            known.append((row, None if wanted is None else wanted.value))
        else:
            ask_elements(execution, bucket, field, row, wanted)
    if known:
        complete(execution, bucket, field, [value for _, value in known], [row for row, _ in known])
    for request in found.values():
        queue(execution, request)


def ask_elements(execution: Execution, bucket: Bucket, field: Field, row: int, wanted: list[Load | Exception]) -> None:
    """A list of which every element is a look-up of its own, or the error that it alone ends in."""
    made: list[Any] = [None] * len(wanted)
    bucket.answers[row][field.key] = made
    slots = [Slot(row, (place,), made, place) for place in range(len(wanted))]
    failed = Elements(execution, bucket, field)
    found: dict[Any, tuple[Request, Elements]] = {}
    loaders = execution.context.loaders
    for slot, one in zip(slots, wanted, strict=True):
        if isinstance(one, Exception):
            failed.slots.append(slot)
            continue
        loader = one.ref.bind(loaders, one.arguments)
        if loader not in found:
            elements = Elements(execution, bucket, field)
            request = Request(loader, one.ref.name, bucket, field, [], [row])
            request.deliver = elements.deliver
            found[loader] = (request, elements)
        request, elements = found[loader]
        request.keys.append(one.key)
        elements.slots.append(slot)
    for request, _ in found.values():
        queue(execution, request)
    if failed.slots:
        failed.deliver([one for one in wanted if isinstance(one, Exception)])


class Elements:
    """Some elements of one list, which come from one loader, and their places there."""

    __slots__ = ("_bucket", "_execution", "_field", "slots")

    def __init__(self, execution: Execution, bucket: Bucket, field: Field) -> None:
        self._execution = execution
        self._bucket = bucket
        self._field = field
        self.slots: list[Slot] = []

    def deliver(self, values: list[Any]) -> None:
        """Completes them: as one bucket where they are records of one class."""
        field = self._field
        there = [(slot, value) for slot, value in zip(self.slots, values, strict=True) if value is not None]
        objects, slots = [value for _, value in there], [slot for slot, _ in there]
        name = self._type_of(objects)
        if name is None or (not field.nullable[1] and len(there) < len(values)):
            self._one_by_one(values)
            return
        complete_slots(self._execution, self._bucket, field, name, objects, slots)

    def _type_of(self, objects: list[Any]) -> str | None:
        """The object type of all of them, None where they are of several types or something is odd."""
        field = self._field
        if not objects:
            return None
        if field.is_abstract:
            classes = set(map(type, objects))
            return field.type_guard.by_class.get(classes.pop()) if len(classes) == 1 else None
        return field.named_type.name if not field.is_leaf and field.type_guard.takes(objects) else None

    def _one_by_one(self, values: list[Any]) -> None:
        completer = ValueCompleter(self._execution, self._bucket, self._field)
        for slot, value in zip(self.slots, values, strict=True):
            completer.complete(slot, value, self._item_type)
        completer.finish()

    @property
    def _item_type(self) -> Any:
        list_type = self._field.type.of_type if is_non_null_type(self._field.type) else self._field.type
        return list_type.of_type  # type: ignore[union-attr]


def lists_along(loaders: Any, group: Group) -> list[tuple[Loader, str]]:
    """The loaders of the lists that will be asked for next on the one object that a look-up asks for.

    Only those whose lists the look-up's own loader can bring along in its statement."""
    found: dict[str, tuple[Loader, str]] = {}
    for request in group.requests:
        for column, ref in request.field.lists:
            loader = ref.bind(loaders)
            if group.loader.brings_along(loader):
                found[ref.name] = (loader, column)
    return list(found.values())
