"""Resolving: the values of a field for all the objects of a column, by reading, by a loader, or by its resolver."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphql.execution.executor import default_field_resolver
from graphql.pyutils import is_awaitable
from strawberry.schema.schema_converter import get_arguments

from engine.plans.plan import Field
from engine.runs.arguments import arguments
from engine.runs.column import Column
from engine.runs.completion import complete
from engine.runs.loader_requests import ask, each
from engine.types import may_await

if TYPE_CHECKING:
    from engine.runs.run import Run


def resolve(run: Run, column: Column, field: Field) -> None:
    """Gets the values of a field; what is to be waited for is queued."""
    declaration = field.access.declaration
    if declaration is not None:
        ask(run, column, field, declaration)
    elif field.access.read is not None:
        values, rows = each(run, column, field, field.access.read)
        complete_ready(run, column, field, values, rows)
    else:
        call(run, column, field)


def complete_ready(run: Run, column: Column, field: Field, values: list[Any], rows: list[int] | None) -> None:
    """Completes what is there and waits for what is not."""
    if may_await(values):
        ready = []
        for row, value in zip(range(len(values)) if rows is None else rows, values, strict=True):
            if is_awaitable(value):
                run.waits.add(column, row, field, value)
            else:
                ready.append((row, value))
        rows = [row for row, _ in ready]
        values = [value for _, value in ready]
    complete(run, column, field, values, rows)


def call(run: Run, column: Column, field: Field) -> None:
    """Calls the resolver of every object, in order."""
    function = direct(run, column, field) if field.access.direct is not None else raw(run, column, field)
    values, rows = [], []
    for row in run.wanted_rows(column):
        try:
            value = function(row)
        except Exception as error:
            run.failures.add(column, row, field, (), error)
        else:
            values.append(value)
            rows.append(row)
    complete_ready(run, column, field, values, rows if len(rows) < len(column.objects) else None)


def raw(run: Run, column: Column, field: Field) -> Callable[[int], Any]:
    """The field's GraphQL resolver."""
    resolver = field.definition.resolve or default_field_resolver
    objects = column.objects
    return lambda row: resolver(objects[row], run.info(column, row, field), **arguments(run, field))


def direct(run: Run, column: Column, field: Field) -> Callable[[int], Any]:
    """A Strawberry resolver without the wrappers around it: its arguments are read by Strawberry all the same."""
    known = field.access.direct
    assert known is not None
    assert known.base_resolver is not None
    resolver = known.base_resolver
    config, scalars = run.strawberry
    objects = column.objects

    def value(row: int) -> Any:
        info = config.info_class(_raw_info=run.info(column, row, field), _field=known)
        args, kwargs = get_arguments(
            field=known,
            source=objects[row],
            info=info,
            kwargs=arguments(run, field),
            config=config,
            scalar_registry=scalars,
        )
        return resolver(*args, **kwargs)

    return value
