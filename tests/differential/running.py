"""Runs an operation on either engine. The reference is graphql-core's own `execute`, without anything of ours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from graphql import ExecutionResult, GraphQLSchema, execute

from engine.documents.document import Document, read
from engine.executor import Engine
from engine.limits import Limits

# Nothing that the tests write is refused for its size.
LIMITS = Limits(nodes=10**9, depth=100, aliases=10**6, fields=10**6, tokens=10**6)


@lru_cache(maxsize=4)
def document_of(schema: GraphQLSchema, text: str) -> Document:
    """The document of a text. Raises engine.document.Invalid."""
    return read(schema, text, LIMITS)


@cache
def engine_of(schema: GraphQLSchema, batch_wait: float = 0.0) -> Engine:
    """The compiled engine of a schema, the same one for all tests."""
    return Engine(schema, compiled=True, batch_wait=batch_wait)


async def run(
    schema: GraphQLSchema,
    document: Document,
    variables: Mapping[str, Any],
    context: Any,
    *,
    compiled: bool,
    name: str | None = None,
    root_value: Any = None,
    batch_wait: float = 0.0,
) -> tuple[ExecutionResult, bool]:
    """The result, and whether the reference gave it without awaiting anything."""
    if compiled:
        engine = engine_of(schema, batch_wait)
        return await engine.execute(document.choose(name), variables, context, root_value), False
    result = execute(
        schema,
        document.node,
        root_value=root_value,
        context_value=context,
        variable_values=dict(variables),
        operation_name=name,
    )
    return (result, True) if isinstance(result, ExecutionResult) else (await result, False)
