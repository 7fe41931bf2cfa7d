"""The engine: executes operations of one schema, by compiled plans where it can, by graphql-core where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute
from graphql.execution.values import VariableValues

from engine.documents.document import Document, Operation
from engine.limits import Limits
from engine.plans.inputs import Inputs
from engine.plans.plan import Plan, Unsupported, make_plan
from engine.plans.plan_cache import PlanCache
from engine.runs.answer_size import AnswerTooLarge
from engine.runs.progress import Progress, WatchedExecutor
from engine.runs.run import Run

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
        self.batch_wait = batch_wait
        self.answer_bytes = answer_bytes
        self.statistics = Statistics()
        self.plans = PlanCache()
        made = getattr(schema, "_strawberry_schema", None)
        self.strawberry = (made.config, made.schema_converter.scalar_registry) if made is not None else (None, {})
        self.inputs = Inputs(*self.strawberry)

    def fallback(self, document: Document, name: str | None) -> str | None:
        """Why an operation is left to graphql-core, None where it is compiled."""
        if not self.compiled:
            return REFERENCE
        return document.operations[name].fallback

    async def execute(
        self,
        document: Document,
        name: str | None,
        variables: Mapping[str, Any],
        context: Any,
        root_value: Any = None,
        progress: Progress | None = None,
    ) -> Outcome:
        """The outcome of an operation of a valid document. Raises nothing but what cancels it.

        `progress`: where a mutation is to note how far it has come."""
        try:
            name = document.choose(name)
        except GraphQLError as error:
            return Outcome(None, [error])
        request = (document, name, variables, context, root_value, progress)
        reason = self.fallback(document, name)
        operation = document.operations[name]
        given = operation.variables.coerce(variables)
        if isinstance(given, list):
            return Outcome(None, given, fallback=reason)
        if reason is not None:
            return await self._refer(reason, *request)
        if any(given.coerced.get(condition) is None for condition in operation.conditions):
            return await self._refer(NULL_CONDITION, *request)
        try:
            plan = self.plan(operation, document, given)
        except (Unsupported, RecursionError) as error:
            reason = str(error) if isinstance(error, Unsupported) else "nested too deeply"
            if not operation.conditions:  # with others the plan may do
                operation.fallback = reason
            return await self._refer(reason, *request)
        self.statistics.compiled += 1
        run = Run(self, plan, given, context, root_value, progress)
        try:
            data = await run.execute()
        except AnswerTooLarge as error:
            if plan.serial:
                error.message += (
                    " What this field and those before it change is changed, the ones after it were not begun."
                )
            return Outcome(None, [error])
        return Outcome(data, run.failures.told())

    def plan(self, operation: Operation, document: Document, variables: VariableValues) -> Plan:
        """The plan of an operation for these variables, made at first sight. Raises Unsupported."""
        variant = tuple([variables.coerced.get(condition) for condition in operation.conditions])
        plan = self.plans.get(operation, variant)
        if plan is None:
            plan = make_plan(self.schema, operation.node, document.fragments, variables)
            self.plans.keep(operation, variant, plan)
            self.statistics.plans += 1
        return plan

    async def _refer(
        self,
        reason: str,
        document: Document,
        name: str | None,
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
                document.node,
                root_value=root_value,
                context_value=context,
                variable_values=dict(variables),
                operation_name=name,
                **watched,
            )
        except GraphQLError as error:  # a schema with @defer or @stream, which wants several answers to a request
            return Outcome(None, [error], fallback=reason)
        if not isinstance(result, ExecutionResult):
            result = await result
        return Outcome(result.data, result.errors, fallback=reason)
