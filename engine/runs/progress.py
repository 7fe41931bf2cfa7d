"""How far the root fields of a mutation have come: who cancels it can tell what is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLError, Undefined
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental


class Progress:
    """`keys`: the root fields by their names in the answer; `running`: the one that is under way."""

    __slots__ = ("_errors", "data", "keys", "running")

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.data: dict[str, Any] = {}
        self.running: str | None = None
        self._errors: Callable[[], Iterable[GraphQLError]] = tuple

    def begin(self, keys: Iterable[str], errors: Callable[[], Iterable[GraphQLError] | None]) -> None:
        """The fields are known; `errors` gives those of the execution so far."""
        self.keys = list(keys)
        self._errors = lambda: errors() or ()

    def done(self, key: str, value: Any) -> None:
        self.data[key] = value
        self.running = None

    @property
    def answer(self) -> dict[str, Any]:
        """The data: null for what is not done."""
        return {key: self.data.get(key) for key in self.keys}

    @property
    def errors(self) -> list[GraphQLError]:
        """The errors of what is done."""
        return [error for error in self._errors() if error.path and error.path[0] in self.data]


class WatchedExecutor(ExecutorThrowingOnIncremental):
    """graphql-core's executor, which reports its progress."""

    def __init__(self, *arguments: Any, progress: Progress, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.progress = progress

    def execute_fields_serially(self, parent_type: Any, source_value: Any, path: Any, fields: Any, context: Any) -> Any:
        self.progress.begin(fields, lambda: self.collected_errors.errors)
        for key, details in fields.items():
            if details[0].node.name.value == "__typename":  # never null, and known before anything runs
                self.progress.data[key] = parent_type.name
        return super().execute_fields_serially(parent_type, source_value, path, fields, context)

    def execute_field(self, parent_type: Any, source: Any, details: Any, path: Any, context: Any) -> Any:
        if path.prev is not None:
            return super().execute_field(parent_type, source, details, path, context)
        self.progress.running = path.key
        result = super().execute_field(parent_type, source, details, path, context)
        if self.is_awaitable(result):
            return self._noted(path.key, result)
        if result is not Undefined:
            self.progress.done(path.key, result)
        return result

    async def _noted(self, key: str, result: Any) -> Any:
        value = await result
        self.progress.done(key, value)
        return value
