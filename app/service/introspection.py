"""Answers about the schema, which are the same for everybody until the next start: made once a document."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import orjson
from graphql import ExecutionResult

MAX_RESULTS = 200
MAX_RESULT_BYTES = 4_000_000

Key = tuple[str | None, str | None]  # the document's hash, the operation's name


class IntrospectionCache:
    """JSON texts of such answers, the least recently used ones dropped."""

    def __init__(self, most: int = MAX_RESULTS, most_bytes: int = MAX_RESULT_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._known: OrderedDict[Key, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: Key) -> ExecutionResult | None:
        """The result of an operation about the schema, its data as text; None where it is to be executed."""
        data = self._known.get(key)
        if data is None:
            return None
        self._known.move_to_end(key)
        return ExecutionResult(orjson.Fragment(data), None)  # type: ignore[arg-type]

    def keep(self, key: Key, result: ExecutionResult) -> None:
        """Keeps a result that may be given again."""
        if result.errors:
            return
        data: Any = orjson.dumps(result.data)
        self._bytes += len(data) - len(self._known.get(key, b""))
        self._known[key] = data
        while len(self._known) > self._most or self._bytes > self._most_bytes:
            _, dropped = self._known.popitem(last=False)
            self._bytes -= len(dropped)
