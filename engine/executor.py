"""The engine: executes operations of one schema, by compiled plans where it can, by graphql-core where it cannot."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, Executor, GraphQLError, GraphQLSchema, create_source_event_stream, execute
from graphql.execution.values import VariableValues

from engine.documents.document import Operation
from engine.documents.variables import NO_VALUES
from engine.limits import Limits
from engine.plans.inputs import Inputs
from engine.plans.plan import Plan, Unsupported, make_plan
from engine.plans.plan_cache import PlanCache
from engine.runs.answer_size import AnswerTooLarge
from engine.runs.execution import Configuration, Execution
from engine.runs.progress import Progress, WatchedExecutor
from engine.runs.scheduler import run

DEFAULT_LIMITS = Limits()
REFERENCE = "MARQUEE_ENGINE=reference"
NULL_CONDITION = "null for @skip or @include"  # an error only where such a field is reached


@dataclass(slots=True)
class Statistics:
    """Operations by how they were executed, those left to graphql-core by reason, and plans made."""

    compiled: int = 0
    reference: int = 0
    plans: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


class Outcome(ExecutionResult):
    """What came of an operation. `fallback`: why it was left to graphql-core, None where it was compiled."""

    __slots__ = ("fallback",)

    def __init__(
        self, data: dict[str, Any] | None, errors: list[GraphQLError] | None, *, fallback: str | None = None
    ) -> None:
        super().__init__(data, errors)
        self.fallback = fallback


class Engine:
    """Executes the operations of a schema.

    batch_wait: seconds for which a resolver may hold up a batch; answer_bytes: the size of an answer at most, as a plan
    counts it while it is built."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        compiled: bool = True,
        batch_wait: float = 0.0,
        answer_bytes: int = DEFAULT_LIMITS.answer_bytes,
    ) -> None:
        self.schema = schema
        self.compiled = compiled
        self.statistics = Statistics()
        self.plans = PlanCache()
        made = getattr(schema, "_strawberry_schema", None)
        config, scalars = (made.config, made.schema_converter.scalar_registry) if made is not None else (None, {})
        inputs = Inputs(config, scalars)
        self.configuration = Configuration(schema, config, scalars, inputs, batch_wait, answer_bytes)

    def fallback(self, operation: Operation) -> str | None:
        """Why an operation is left to graphql-core, None where it is compiled."""
        return operation.fallback if self.compiled else REFERENCE

    async def execute(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        context: Any,
        root_value: Any = None,
        progress: Progress | None = None,
    ) -> Outcome:
        """The outcome of an operation of a valid document. Raises nothing but what cancels it.

        `progress`: where a mutation is to note how far it has come."""
        reason = self.fallback(operation)
        given = NO_VALUES if operation.variables is None else operation.variables.coerce(variables)
        if isinstance(given, list):
            return Outcome(None, given, fallback=reason)
        if reason is None and operation.conditions:
            reason = null_condition(operation, given)
        if reason is None:
            try:
                plan = self.plan(operation, given)
            except (Unsupported, RecursionError) as error:
                reason = str(error) if isinstance(error, Unsupported) else "nested too deeply"
                if not operation.conditions:  # with others the plan may do
                    operation.fallback = reason
        if reason is not None:
            return await self._refer(reason, operation, variables, context, root_value, progress)
        self.statistics.compiled += 1
        execution = Execution(self.configuration, plan, given, context, root_value)
        try:
            data = await run(execution, progress)
        except AnswerTooLarge as error:
            if plan.serial:
                error.message += (
                    " What this field and those before it change is changed, the ones after it were not begun."
                )
            return Outcome(None, [error])
        return Outcome(data, execution.failures.to_errors() if execution.failures.found else None)

    async def source_events(
        self, operation: Operation, variables: Mapping[str, Any], context: Any
    ) -> AsyncIterable[Any] | Outcome:
        """The events of a subscription, each the root value of an execution of its own; or why there are none."""
        executor = Executor.build(
            self.schema,
            operation.document,
            context_value=context,
            raw_variable_values=dict(variables),
            operation_name=operation.name,
        )
        if isinstance(executor, list):
            return Outcome(None, executor)
        made = create_source_event_stream(executor)
        events = await made if isawaitable(made) else made
        return Outcome(None, events.errors) if isinstance(events, ExecutionResult) else events

    def plan(self, operation: Operation, variables: VariableValues) -> Plan:
        """The plan of an operation for these variables, made at first sight. Raises Unsupported."""
        variant = tuple([variables.coerced.get(condition) for condition in operation.conditions])
        plan = self.plans.get(operation, variant)
        if plan is None:
            plan = make_plan(self.schema, operation.node, operation.fragments, variables)
            self.plans.keep(operation, variant, plan)
            self.statistics.plans += 1
        return plan

    async def _refer(
        self,
        reason: str,
        operation: Operation,
        variables: Mapping[str, Any],
        context: Any,
        root_value: Any,
        progress: Progress | None,
    ) -> Outcome:
        """Leaves an operation to graphql-core."""
        self.statistics.reference += 1
        self.statistics.reasons[reason] = self.statistics.reasons.get(reason, 0) + 1
        watched: dict[str, Any] = {} if progress is None else {"executor_class": WatchedExecutor, "progress": progress}
        try:
            result = execute(
                self.schema,
                operation.document,
                root_value=root_value,
                context_value=context,
                variable_values=dict(variables),
                operation_name=operation.name,
                **watched,
            )
        except GraphQLError as error:  # a schema with @defer or @stream, which wants several answers to a request
            return Outcome(None, [error], fallback=reason)
        if not isinstance(result, ExecutionResult):
            result = await result
        return Outcome(result.data, result.errors, fallback=reason)


def null_condition(operation: Operation, variables: VariableValues) -> str | None:
    """Why an operation is left to graphql-core where a condition of its @skip or @include is null."""
    is_null = any(variables.coerced.get(condition) is None for condition in operation.conditions)
    return NULL_CONDITION if is_null else None
