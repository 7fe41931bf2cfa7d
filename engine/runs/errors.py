"""Field errors: where null takes the place of what failed, and which errors are reported.

graphql-core works depth first, and an error below something that is null already is not reported. The engine works in
buckets, so it collects every error with its place and reports them at the end in the order of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import graphql
import strawberry
from graphql import GraphQLError
from graphql.error import located_error
from graphql.execution.executor import CollectedErrors
from graphql.pyutils import Path as AnswerPath

import engine
from engine.plans.plan import Field
from engine.runs.answer_size import AnswerTooLarge
from engine.runs.bucket import Bucket, ListPlace, field_path

# Each takes 30 us of the event loop: more of them are not worth reporting one by one.
MAX_FAILURES = 2_000

# Where the frames lie that lead from the engine to a resolver.
OURS = tuple(str(Path(file).parent) for file in (engine.__file__, graphql.__file__, strawberry.__file__))


@dataclass(slots=True)
class Failure:
    """An error, its place in the order of the answer, and the path of the null that it left (None: the whole)."""

    order: tuple[int, ...]
    error: GraphQLError
    nulled: AnswerPath | None


class TooManyFailures(AnswerTooLarge):
    """The last of more errors than are reported: it is reported alone, with its own message and code."""

    def __init__(self, error: GraphQLError) -> None:
        message = f"{error.message} More than {MAX_FAILURES} errors: the others and the data are left out."
        super().__init__(
            message, error.nodes, path=error.path, original_error=error.original_error, extensions=error.extensions
        )


class Failures:
    """The errors of one execution. `root_is_null`: one of them left nothing of the answer."""

    __slots__ = ("found", "root_is_null")

    def __init__(self) -> None:
        self.found: list[Failure] = []
        self.root_is_null = False

    def add(self, bucket: Bucket, row: int, field: Field, lists: ListPlace, raised: Exception) -> None:
        """A field of an object failed, or an item of its lists: the nearest place that may be null becomes so.

        Raises TooManyFailures, which takes the place of the answer."""
        path = field_path(bucket, row, field, lists)
        raised.__traceback__ = of_resolver(raised.__traceback__)
        error = located_error(raised, field.nodes, path.as_list())
        if len(self.found) >= MAX_FAILURES:
            raise TooManyFailures(error)
        order = (*bucket.order(row), field.position, *lists)
        self.found.append(Failure(order, error, self._null(bucket, row, field, lists)))

    def _null(self, bucket: Bucket, row: int, field: Field, lists: ListPlace) -> AnswerPath | None:
        above: Bucket | None = bucket
        at, below = row, field
        while above is not None:
            depth = len(lists)
            while depth >= 0 and not below.nullable[depth]:
                depth -= 1
            if depth >= 0:
                set_null(above.answers[at], below.key, lists[:depth])
                return field_path(above, at, below, lists[:depth])
            if above.parent is None or above.field is None:
                break
            below = above.field
            (at, lists), above = above.place(at), above.parent
        self.root_is_null = True
        return None

    def to_errors(self) -> list[GraphQLError] | None:
        """The errors as graphql-core would report them."""
        errors = self.so_far()
        self.found = []
        return errors

    def so_far(self) -> list[GraphQLError] | None:
        """The errors of an execution that has not ended."""
        if not self.found:
            return None
        collected = CollectedErrors()
        for failure in sorted(self.found, key=lambda failure: failure.order):
            collected.add(failure.error, failure.nulled)
        return collected.errors


def of_resolver(traceback: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that lies in a resolver or a loader. Frames of ours would keep the whole execution."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(OURS):
        traceback = traceback.tb_next
    return traceback


def set_null(answer: Any, key: str, lists: ListPlace) -> None:
    """Null for a field, or for an item of its lists, unless something above it is null already."""
    container, at = answer, key
    for position in lists:
        if container is None:
            return
        container, at = container[at], position  # type: ignore[assignment]
    if container is not None:
        container[at] = None
