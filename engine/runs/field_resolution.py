"""Resolving: the values of a field for all the objects of a bucket, by reading, by a loader, or by its resolver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql.execution.executor import default_field_resolver
from graphql.pyutils import is_awaitable
from strawberry.schema.schema_converter import get_arguments

from engine.plans.plan import Field
from engine.runs.arguments import arguments
from engine.runs.bucket import Bucket
from engine.runs.completion import complete
from engine.runs.execution import Execution
from engine.runs.loader_requests import ask, map_objects
from engine.types import may_await


def resolve(execution: Execution, bucket: Bucket, field: Field) -> None:
    """Gets the values of a field; what is to be waited for is queued."""
    declaration = field.access.declaration
    if declaration is not None:
        ask(execution, bucket, field, declaration)
    elif field.read is not None:
        values, rows = map_objects(execution, bucket, field, field.read)
        complete_ready(execution, bucket, field, values, rows)
    else:
        call(execution, bucket, field)


def complete_ready(
    execution: Execution, bucket: Bucket, field: Field, values: list[Any], rows: list[int] | None
) -> None:
    """Completes what is there and waits for what is not."""
    if may_await(values):
        ready = []
        for row, value in zip(range(len(values)) if rows is None else rows, values, strict=True):
            if is_awaitable(value):
                execution.waits.add(bucket, row, field, value)
            else:
                ready.append((row, value))
        rows = [row for row, _ in ready]
        values = [value for _, value in ready]
    complete(execution, bucket, field, values, rows)


def call(execution: Execution, bucket: Bucket, field: Field) -> None:
    """Calls the resolver of every object, in order."""
    function = direct(execution, bucket, field) if field.access.direct is not None else raw(execution, bucket, field)
    values, rows = [], []
    for row in execution.wanted_rows(bucket):
        try:
            value = function(row)
        except Exception as error:
            execution.failures.add(bucket, row, field, (), error)
        else:
            values.append(value)
            rows.append(row)
    complete_ready(execution, bucket, field, values, rows if len(rows) < len(bucket.objects) else None)


def raw(execution: Execution, bucket: Bucket, field: Field) -> Callable[[int], Any]:
    """The field's GraphQL resolver."""
    resolver = field.definition.resolve or default_field_resolver
    objects = bucket.objects
    return lambda row: resolver(objects[row], execution.info(bucket, row, field), **arguments(execution, field))


def direct(execution: Execution, bucket: Bucket, field: Field) -> Callable[[int], Any]:
    """A Strawberry resolver without the wrappers around it: its arguments are read by Strawberry all the same."""
    known = field.access.direct
    assert known is not None
    assert known.base_resolver is not None
    resolver = known.base_resolver
    config, scalars = execution.configuration.strawberry, execution.configuration.scalars
    objects = bucket.objects

    def value(row: int) -> Any:
        info = config.info_class(_raw_info=execution.info(bucket, row, field), _field=known)
        args, kwargs = get_arguments(
            field=known,
            source=objects[row],
            info=info,
            kwargs=arguments(execution, field),
            config=config,
            scalar_registry=scalars,
        )
        return resolver(*args, **kwargs)

    return value
