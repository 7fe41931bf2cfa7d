"""Runs operations: from text and variables to the answer, within the limits, for one viewer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from graphql import ExecutionResult, GraphQLError, OperationType, execute

from engine.document import Document, DocumentCache, Invalid
from engine.limits import Limits, refusal
from loaders.errors import CatalogError
from loaders.reader import EVERYTHING, Budget, Database, Reader, Viewer
from loaders.registry import Loaders
from loaders.row import Row
from schema.context import Context
from schema.node import TYPE_ROWS
from schema.root import schema

log = logging.getLogger("marquee.graphql")

GRAPHQL_SCHEMA = schema._schema


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request as it came."""

    text: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `executed`: it is the outcome of an execution, not the refusal of a request."""

    body: dict[str, Any]
    executed: bool


class Service:
    """The schema, ready to run operations. One a process."""

    def __init__(self, limits: Limits, budget: Budget, seconds: float = 10.0) -> None:
        self.limits = limits
        self.budget = budget
        self.seconds = seconds
        self.documents = DocumentCache(GRAPHQL_SCHEMA, limits)

    async def run(
        self, request: Request, database: Database, viewer: Viewer = EVERYTHING, *, queries_only: bool = False
    ) -> Answer:
        """Runs one operation. Never raises for what a client or the database did."""
        try:
            document = self.documents.get(request.text)
            name = document.choose(request.operation_name)
            if queries_only and document.operations[name] is not OperationType.QUERY:
                raise refusal("BAD_REQUEST", "Only queries may be sent by GET.")
            document.check_price(name, request.variables, self.limits)
        except Invalid as invalid:
            return Answer({"errors": [error.formatted for error in invalid.errors]}, executed=False)
        except GraphQLError as error:
            return Answer({"errors": [error.formatted]}, executed=False)
        fields = document.prices[name].fields
        reader = Reader(database, viewer, column_groups(fields), self.budget)
        return await self._execute(document, request, Context(Loaders(reader)))

    async def _execute(self, document: Document, request: Request, context: Context) -> Answer:
        try:
            async with asyncio.timeout(self.seconds):
                result = execute(
                    GRAPHQL_SCHEMA,
                    document.node,
                    context_value=context,
                    variable_values=dict(request.variables),
                    operation_name=request.operation_name,
                )
                if not isinstance(result, ExecutionResult):
                    result = await result
        except TimeoutError:
            error = refusal("REQUEST_TIMEOUT", f"The request took longer than {self.seconds:g} s: ask for less.")
            return Answer({"data": None, "errors": [error.formatted]}, executed=True)
        finally:
            # graphql-core's executor is a cycle that keeps the context: without this the rows would stay as long.
            del context.loaders
        return answer(result)


def column_groups(fields: Mapping[str, set[str]]) -> dict[type[Row], frozenset[str]]:
    """The column groups that an operation names, by row class."""
    found = ((TYPE_ROWS[name], names) for name, names in fields.items() if name in TYPE_ROWS)
    return {row: groups for row, names in found if (groups := row.groups_of(names))}


def answer(result: ExecutionResult) -> Answer:
    """The answer of an execution, or of a request whose variables could not be read."""
    errors = [present(error) for error in result.errors or ()]
    if errors and result.data is None and all(error.path is None for error in result.errors or ()):
        return Answer({"errors": errors}, executed=False)
    body: dict[str, Any] = {"data": result.data}
    return Answer({"errors": errors, **body} if errors else body, executed=True)


def present(error: GraphQLError) -> dict[str, Any]:
    """What a client sees of an error: coded ones as they are; of a fault of ours an id to find it in the log by."""
    cause = error.original_error
    if cause is None or isinstance(cause, (CatalogError, GraphQLError)):
        error.extensions = {"code": "BAD_ARGUMENT", **(error.extensions or {})}
        for told in (error, cause):  # a traceback holds on to the whole operation
            if told is not None:
                told.__traceback__ = None
        return dict(error.formatted)
    error_id = uuid4().hex
    log.error("internal error %s at %s", error_id, error.path, exc_info=cause)
    masked = GraphQLError(
        "Internal error", error.nodes, path=error.path, extensions={"code": "INTERNAL", "errorId": error_id}
    )
    return dict(masked.formatted)
