"""The state of one execution of a plan: its values, errors, size, and what is still to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from graphql.execution.values import VariableValues
from graphql.pyutils import is_awaitable

from engine.plans.inputs import Inputs
from engine.plans.plan import Field, Plan
from engine.runs.answer_size import AnswerSize
from engine.runs.awaitables import Waits
from engine.runs.batch_scheduling import Batches
from engine.runs.bucket import Bucket, field_path
from engine.runs.errors import Failures
from engine.runs.info import HELPERS


@dataclass(frozen=True, slots=True)
class Configuration:
    """What all executions of a schema share. `strawberry`, `scalars`: Strawberry's settings and scalars.

    batch_wait: seconds for which a resolver may hold up a batch; answer_bytes: the size of an answer at most."""

    schema: GraphQLSchema
    strawberry: Any
    scalars: Mapping[Any, Any]
    inputs: Inputs
    batch_wait: float
    answer_bytes: int


class Execution:
    """One execution. new_buckets: those whose answers are made, and whose other fields are still to be
    resolved. converted: variables as arguments, by name and type.

    observer: who wants to know what the batches are for."""

    __slots__ = (
        *("batches", "configuration", "context", "converted", "failures", "new_buckets", "observer"),
        *("plan", "root_value", "size", "variables", "waits"),
    )

    def __init__(
        self, configuration: Configuration, plan: Plan, variables: VariableValues, context: Any, root_value: Any
    ) -> None:
        self.configuration = configuration
        self.plan = plan
        self.variables = variables
        self.context = context
        self.root_value = root_value
        self.observer = getattr(context, "observer", None)
        self.size = AnswerSize(configuration.answer_bytes)
        self.converted: dict[tuple[str, str], Any] = {}
        self.failures = Failures()
        self.batches = Batches()
        self.waits = Waits()
        self.new_buckets: list[Bucket] = []

    def build(self, bucket: Bucket) -> Bucket:
        """Makes the answers of a bucket, so far as its objects give them at once. They are to be put in their places
        before its other fields are resolved: what fails in them nulls these. Raises AnswerTooLarge."""
        selection, broken = bucket.selection, bucket.broken

        def skip(row: int, parent: Any) -> dict[str, Any]:
            broken.append(row)
            return dict(selection.template)

        self.size.add_objects(bucket)
        bucket.answers = selection.build(bucket.objects, skip)
        if selection.texts:
            self.size.add_texts(bucket)
        if (selection.to_resolve or broken) and bucket.objects:
            self.new_buckets.append(bucket)
        return bucket

    def wanted_rows(self, bucket: Bucket) -> Sequence[int]:
        """The objects of a bucket whose answers have not been nulled."""
        rows = range(len(bucket.objects))
        return [row for row in rows if bucket.is_wanted(row)] if self.failures.found else rows

    def info(self, bucket: Bucket, row: int, field: Field) -> GraphQLResolveInfo[Any]:
        """The GraphQLResolveInfo of a field of an object."""
        return GraphQLResolveInfo(
            field.name,
            field.nodes,
            field.type,
            field.parent_type,
            field_path(bucket, row, field),
            self.configuration.schema,
            self.plan.fragments,
            self.root_value,
            self.plan.operation,
            self.variables,
            self.context,
            is_awaitable,
            None,
            HELPERS,
        )
