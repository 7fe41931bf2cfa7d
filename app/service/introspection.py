"""Answers about the schema, which are the same for everybody until the next start: made once a document."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import orjson
from graphql import ExecutionResult

from engine.documents.document import Document, Operation

MOST = 200
MOST_BYTES = 4_000_000

Key = tuple[str, str | None]  # the document's hash, the operation's name


def is_constant(operation: Operation) -> bool:
    """Whether an operation asks for nothing but the schema, in the same way each time."""
    return (
        operation.fallback == "introspection" and not operation.price.fields and not operation.node.variable_definitions
    )


class IntrospectionCache:
    """JSON texts of such answers, the least recently used ones dropped."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._known: OrderedDict[Key, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, document: Document, name: str | None) -> ExecutionResult | None:
        """The answer to an operation, its data as text; None where it is to be executed."""
        key = document.hash, name
        data = self._known.get(key)
        if data is None:
            return None
        self._known.move_to_end(key)
        return ExecutionResult(orjson.Fragment(data), None)  # type: ignore[arg-type]

    def keep(self, document: Document, name: str | None, result: ExecutionResult) -> None:
        """Keeps an answer that may be given again."""
        if result.errors or not is_constant(document.operations[name]):
            return
        data: Any = orjson.dumps(result.data)
        self._bytes += len(data) - len(self._known.get((document.hash, name), b""))
        self._known[document.hash, name] = data
        while len(self._known) > self._most or self._bytes > self._most_bytes:
            _, dropped = self._known.popitem(last=False)
            self._bytes -= len(dropped)
