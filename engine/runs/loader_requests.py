"""Asking loaders: a declared field's look-ups for all the objects of a column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from graphql import is_non_null_type

from engine.plans.plan import Field, loader_name
from engine.relation import ROOT_KEY, Declaration, Load, Loader, site_of
from engine.runs.answer_size import AnswerTooLarge
from engine.runs.arguments import declared_arguments
from engine.runs.batch_scheduling import Group, Request
from engine.runs.column import Column, field_path
from engine.runs.completion import Slot, Slow, complete, complete_slots

if TYPE_CHECKING:
    from engine.runs.run import Run


def ask(run: Run, column: Column, field: Field, declaration: Declaration) -> None:
    """Queues the look-ups of a declared field for all the objects."""
    try:
        given = declared_arguments(run, field)
        if declaration.target is None:
            ask_relation(run, column, field, declaration, given)
            return
    except AnswerTooLarge:
        raise
    except Exception as error:
        for row in range(len(column.objects)):
            run.failures.add(column, row, field, (), error)
        return
    ask_targets(run, column, field, declaration, given)


def ask_relation(run: Run, column: Column, field: Field, declaration: Declaration, given: Mapping[str, Any]) -> None:
    """One loader for all the objects; those without a key have nothing there."""
    assert declaration.ref is not None
    bound: Any = None
    if declaration.bind is not None:
        bound = declaration.bind(run.context, given, lambda: site_of(field_path(column, 0, field)))
    loader = declaration.ref.of(run.loaders, bound)
    read_key = field.access.read_key
    keys: list[Any] = [ROOT_KEY] * len(column.objects)
    rows: list[int] | None = None
    if read_key is not None:
        keys, rows = each(run, column, field, read_key)
    if None in keys:
        there = list(zip(range(len(keys)) if rows is None else rows, keys, strict=True))
        keyless = [row for row, key in there if key is None]
        rows = [row for row, key in there if key is not None]
        keys = [key for _, key in there if key is not None]
        complete(run, column, field, [None] * len(keyless), keyless)
    if keys and field.is_unread and declaration.unread is not None:
        complete(run, column, field, declaration.unread(keys, bound), rows)
    elif keys:
        queue(run, Request(loader, declaration.ref.name, column, field, keys, rows))


def each(run: Run, column: Column, field: Field, function: Callable[[Any], Any]) -> tuple[list[Any], list[int] | None]:
    """A function's value for every object; those that fail are left out."""
    try:
        return list(map(function, column.objects)), None
    except Exception:  # one by one, to know which
        values, rows = [], []
        for row, parent in enumerate(column.objects):
            try:
                value = function(parent)
            except Exception as error:
                run.failures.add(column, row, field, (), error)
            else:
                values.append(value)
                rows.append(row)
        return values, rows


def queue(run: Run, request: Request) -> None:
    """Queues what is still wanted and not known."""
    if run.failures.found and not request.keep_wanted():
        return
    if run.observer is not None:
        request.since = perf_counter()
    if request.deliver is not None or not run.deliver_known(request):
        run.batches.add(request)


def ask_targets(run: Run, column: Column, field: Field, declaration: Declaration, given: Mapping[str, Any]) -> None:
    """Look-ups that only the field's target knows, object by object; those of one loader are one request."""
    found: dict[Any, Request] = {}
    for row, parent in enumerate(column.objects):
        try:
            wanted = declaration.loads(parent, run.context, given)
        except Exception as error:
            run.failures.add(column, row, field, (), error)
            continue
        if isinstance(wanted, Load):
            loader = wanted.ref.of(run.loaders, wanted.arguments)
            name = loader_name(declaration) if declaration.kind == "total" else wanted.ref.name
            request = found.setdefault(loader, Request(loader, name, column, field, [], []))
            request.add(wanted.key, row)
        elif wanted is None:
            complete(run, column, field, [None], [row])
        else:
            ask_elements(run, column, field, row, wanted)
    for request in found.values():
        queue(run, request)


def ask_elements(run: Run, column: Column, field: Field, row: int, wanted: list[Load | Exception]) -> None:
    """A list of which every element is a look-up of its own, or the error that it alone ends in."""
    made: list[Any] = [None] * len(wanted)
    column.answers[row][field.key] = made
    slots = [Slot(row, (place,), made, place) for place in range(len(wanted))]
    failed = Elements(run, column, field)
    found: dict[Any, tuple[Request, Elements]] = {}
    loaders = run.loaders
    for slot, one in zip(slots, wanted, strict=True):
        if isinstance(one, Exception):
            failed.slots.append(slot)
            continue
        loader = one.ref.of(loaders, one.arguments)
        if loader not in found:
            elements = Elements(run, column, field)
            request = Request(loader, one.ref.name, column, field, [], [row])
            request.deliver = elements.deliver
            found[loader] = (request, elements)
        request, elements = found[loader]
        request.keys.append(one.key)
        elements.slots.append(slot)
    for request, _ in found.values():
        queue(run, request)
    failed.deliver([one for one in wanted if isinstance(one, Exception)])


class Elements:
    """Some elements of one list, which come from one loader, and their places there."""

    __slots__ = ("_column", "_field", "_run", "slots")

    def __init__(self, run: Run, column: Column, field: Field) -> None:
        self._run = run
        self._column = column
        self._field = field
        self.slots: list[Slot] = []

    def deliver(self, values: list[Any]) -> None:
        """Completes them: as one column where they are records of one class."""
        field = self._field
        there = [(slot, value) for slot, value in zip(self.slots, values, strict=True) if value is not None]
        classes = {type(value) for _, value in there}
        name = field.kept.by_class.get(classes.pop()) if len(classes) == 1 else None
        if name is None or (not field.nullable[1] and len(there) < len(values)):
            self._one_by_one(values)
            return
        objects, slots = [value for _, value in there], [slot for slot, _ in there]
        complete_slots(self._run, self._column, field, name, objects, slots)

    def _one_by_one(self, values: list[Any]) -> None:
        slow = Slow(self._run, self._column, self._field)
        for slot, value in zip(self.slots, values, strict=True):
            slow.complete(slot, value, self._item_type)
        slow.finish()

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
            loader = ref.of(loaders)
            if group.loader.brings_along(loader):
                found[ref.name] = (loader, column)
    return list(found.values())
