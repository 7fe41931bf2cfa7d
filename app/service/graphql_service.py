"""Runs operations: from text and variables to the answer, within the limits, for one viewer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any
from uuid import uuid4

import orjson
from graphql import ExecutionResult, GraphQLError, OperationType

from app.service.introspection import IntrospectionCache
from app.service.needed_columns import asked_sides, named_columns
from app.service.report import verdict
from database.row import Row
from database.session import Session
from domain.errors import CatalogError
from domain.viewer import Viewer
from engine.documents.document import DocumentCache, Invalid, Operation
from engine.documents.messages import shorten
from engine.executor import Engine
from engine.limits import Limits, refusal
from engine.plans.codegen import LEFT_TO_JSON
from engine.runs.progress import Progress
from loaders.core.load_stats import LoadStats
from loaders.core.read_session import Budget, PageSides, ReadSession
from loaders.core.setting_cache import SettingCache
from loaders.registry import Loaders
from providers.services import OutsideServices
from schema.core.context import Context, EditState
from schema.core.deadline import Deadline
from schema.root import schema

log = logging.getLogger("marquee.graphql")

GRAPHQL_SCHEMA = schema._schema
STREAMS = "send it over a WebSocket (graphql-transport-ws), or with `Accept: text/event-stream`."
GRAPHQL_SCHEMA.type_map["DateTime"].extensions[LEFT_TO_JSON] = True  # to orjson


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request as it came."""

    text: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    wants_report: bool = False


@dataclass(slots=True)
class Timing:
    """Seconds of perf_counter. parsed, validated: where the document was new; execution: where it came to that."""

    started: float = 0.0
    parsed: float | None = None
    validated: float | None = None
    execution: float | None = None
    ended: float = 0.0


@dataclass(slots=True)
class Answer:
    """What goes back, as orjson takes it, and what is known of the operation.

    executed: the body is the outcome of an execution, not the refusal of a request."""

    body: dict[str, Any]
    timing: Timing
    executed: bool = False
    type: str | None = None
    name: str | None = None
    root_fields: tuple[str, ...] = ()
    document_hash: str | None = None
    fallback: str | None = None


class Service:
    """The schema, ready to run operations. One a process. `guard`: loads that come apart fail the request.

    operation_seconds: what an operation on names may take beside `seconds`.
    compiled: by plans of the engine rather than by graphql-core; batch_wait: seconds for which a resolver may hold up
    a batch."""

    def __init__(
        self,
        limits: Limits,
        budget: Budget,
        seconds: float = 10.0,
        *,
        operation_seconds: float = 300.0,
        guard: bool = False,
        compiled: bool = True,
        batch_wait: float = 0.0,
    ) -> None:
        self.limits = limits
        self.budget = budget
        self.seconds = seconds
        self.operation_seconds = operation_seconds
        self.guard = guard
        self.setting_cache: SettingCache[Any] = SettingCache()
        self.outside: OutsideServices | None = None
        self.documents = DocumentCache(GRAPHQL_SCHEMA, limits)
        self.introspection = IntrospectionCache()
        self.engine = Engine(GRAPHQL_SCHEMA, compiled=compiled, batch_wait=batch_wait, answer_bytes=limits.answer_bytes)

    def set_list_lengths(self, averages: Mapping[str, float]) -> None:
        """Takes how many rows lists have on average, by their loaders' names: operations are priced so from now on."""
        if averages != self.limits.averages:
            self.limits = replace(self.limits, averages=averages)

    async def run(
        self,
        request: Request,
        session: Session,
        viewer: Viewer,
        *,
        queries_only: bool = False,
        stats: LoadStats | None = None,
        answer: Answer | None = None,
    ) -> Answer:
        """Runs one operation. Never raises for what a client or the database did. `stats` takes what it cost.

        `answer` is filled as far as it comes, for who wants to know of an operation that was cancelled."""
        answer = answer or Answer({}, Timing())
        answer.timing.started = perf_counter()
        try:
            operation = self.prepare(request, answer, queries_only=queries_only)
        except Invalid as invalid:
            answer.body = {"errors": list(invalid.errors)}
        except GraphQLError as error:
            answer.body = {"errors": [error.formatted]}
        else:
            if stats is None and self.guard:
                stats = LoadStats()
            columns, sides = operation.notes or noted(operation)
            reader = ReadSession(session, viewer, columns, self.budget, stats, self.setting_cache, sides)
            # The deadline is held by the context alone, which lets go of it: a frame that had it too would be a cycle.
            context = Context(Loaders(reader), session, Deadline(self.seconds, self.operation_seconds), self.outside)
            await self.execute(operation, request.variables, context, answer)
        answer.timing.ended = perf_counter()
        return answer

    def reader(
        self, operation: Operation, session: Session, viewer: Viewer, stats: LoadStats | None = None
    ) -> ReadSession:
        """What the loaders of an event read by, as those of a request do."""
        columns, sides = operation.notes or noted(operation)
        return ReadSession(session, viewer, columns, self.budget, stats, self.setting_cache, sides)

    def prepare(
        self, request: Request, answer: Answer, *, queries_only: bool = False, streams: bool = False
    ) -> Operation:
        """The operation that may be executed; `streams`: a subscription may. Raises Invalid, GraphQLError."""
        document = self.documents.get(request.text)
        answer.document_hash = document.hash
        if document.parsed_at >= answer.timing.started:
            answer.timing.parsed, answer.timing.validated = document.parsed_at, document.validated_at
        operation = document.choose(request.operation_name)
        answer.name = operation.name
        answer.type, answer.root_fields = operation.type.value, operation.root_fields
        if queries_only and answer.type != OperationType.QUERY.value:
            raise refusal("BAD_REQUEST", "Only queries may be sent by GET.")
        if answer.type == OperationType.SUBSCRIPTION.value and not streams:
            raise refusal("BAD_REQUEST", "A subscription has many answers: " + STREAMS)
        operation.check_price(request.variables, self.limits)
        return operation

    async def execute(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        context: Context,
        answer: Answer,
        root_value: Any = None,
    ) -> None:
        """Executes an operation, or one event of a subscription, with the loaders of its context, which end with it."""
        reader = context.loaders.reader
        answer.timing.execution = perf_counter()
        if (
            operation.is_about_schema
            and (known := self.introspection.get((answer.document_hash, answer.name))) is not None
        ):
            answer.fallback = self.engine.fallback(operation)
            complete(answer, known)
            return
        progress = Progress() if answer.type == OperationType.MUTATION.value else None
        try:
            async with context.deadline.running():
                result = await self.engine.execute(operation, variables, context, root_value, progress)
        except BaseException as error:
            answer.fallback = self.engine.fallback(operation)
            if not isinstance(error, TimeoutError):
                raise
            answer.executed = True
            answer.body = timed_out(context.deadline.limit, progress, context)
        else:
            answer.fallback = result.fallback
            complete(answer, result)
            if operation.is_about_schema:
                self.introspection.keep((answer.document_hash, answer.name), result)
        finally:
            # graphql-core's executor is a cycle that keeps the context: without this the rows would stay as long.
            del context.loaders, context.deadline
        if reader.unknown_names:
            answer.body.setdefault("extensions", {})["warnings"] = warnings(context, reader.unknown_names)
        if self.guard and reader.stats is not None and (words := verdict(reader.stats)) != "ok":
            answer.body = {"data": None, "errors": [refusal("BATCH_SPLIT", words).formatted]}


def noted(operation: Operation) -> tuple[Mapping[type[Row], frozenset[str]], PageSides]:
    """The columns that an operation needs, and the sides of its pages, noted with it."""
    operation.notes = named_columns(GRAPHQL_SCHEMA, operation.fields), asked_sides(operation.fields)
    return operation.notes  # type: ignore[no-any-return]


def written(answer: Answer, most: int) -> bytes:
    """The JSON text of an answer, or of the refusal of one that has more bytes.

    The compiled engine stops before; other answers, and texts that take several bytes a letter, are known here."""
    content = orjson.dumps(answer.body)
    if len(content) <= most:
        return content
    data = answer.body.get("data") or {}
    largest = max(data, key=lambda key: len(orjson.dumps(data[key])), default=None)
    message = f"The answer has more than {most} bytes: ask for smaller pages or fewer fields."
    if answer.type == OperationType.MUTATION.value:
        message += " What its fields change is changed."
    error = refusal("ANSWER_TOO_LARGE", message)
    answer.body = {"data": None, "errors": [{**error.formatted, **({"path": [largest]} if largest else {})}]}
    return orjson.dumps(answer.body)


def warnings(context: Context, unknown: set[str]) -> list[dict[str, Any]]:
    """The warnings about names in filters that nothing has: each once for each field that asked."""
    found = {(tuple(site), one.warning): site for site, one in context.filter_names if one.key in unknown}
    return [{"message": message, "path": site, "code": "UNKNOWN_NAME"} for (_, message), site in found.items()]


def timed_out(seconds: float, progress: Progress | None, context: Context) -> dict[str, Any]:
    """The answer of a request whose time is over. Of a mutation: the fields that are done, and of each of the others
    what is known."""
    if progress is None or not progress.keys:
        error = refusal("REQUEST_TIMEOUT", f"The request took longer than {seconds:g} s: ask for less.")
        return {"data": None, "errors": [error.formatted]}
    errors = [present(error) for error in progress.errors]
    unfinished = [key for key in progress.keys if key not in progress.data]
    late = [cut_off(key, seconds, progress, context.edits.get(key, EditState.NOT_STORED)) for key in unfinished]
    return {"errors": [*errors, *late], "data": progress.answer}


def cut_off(key: str, seconds: float, progress: Progress, state: EditState) -> dict[str, Any]:
    """What is known of a field of a mutation that was not done in time."""
    code, late = "REQUEST_TIMEOUT", f"The request took longer than {seconds:g} s"
    if state is EditState.STORED:
        message = f"{late}: this edit is stored, only its answer is not read. Do not send it again."
    elif state is EditState.UNKNOWN:
        code, message = "OUTCOME_UNKNOWN", f"{late} while this was being stored: look before you send it again."
    elif key == progress.running:
        message = f"{late}: nothing of this field is stored. It can be sent again, without those that are done."
    else:
        message = f"{late} before this field was begun. It can be sent again, without those that are done."
    return dict(GraphQLError(message, path=[key], extensions={"code": code, "outcome": state.value}).formatted)


def complete(answer: Answer, result: ExecutionResult) -> None:
    """The answer of an execution, or of a request whose variables could not be read."""
    errors = [present(error) for error in result.errors or ()]
    refused = result.data is None and all(error.path is None for error in result.errors or ())
    answer.executed = not (errors and refused)
    answer.body = {"errors": errors} if errors else {}
    if answer.executed:
        answer.body["data"] = result.data


def present(error: GraphQLError) -> dict[str, Any]:
    """What a client sees of an error: coded ones as they are; of a fault of ours an id to find it in the log by."""
    cause = error.original_error
    if cause is None or isinstance(cause, (CatalogError, GraphQLError)):
        error.extensions = {"code": "BAD_ARGUMENT", **(error.extensions or {})}
        forget_traceback(error)
        return dict(shorten(error).formatted)
    error_id = uuid4().hex
    log.error("internal error %s at %s", error_id, error.path, exc_info=cause)
    forget_traceback(error)
    masked = GraphQLError(
        "Internal error", error.nodes, path=error.path, extensions={"code": "INTERNAL", "errorId": error_id}
    )
    return dict(masked.formatted)


def forget_traceback(error: GraphQLError) -> None:
    """A traceback holds on to the whole operation."""
    for one in (error, error.original_error):
        if one is not None:
            one.__traceback__ = None
