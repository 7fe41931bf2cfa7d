"""The other floor: one statement a query, which makes the whole answer as JSON. Python only passes it on."""

from __future__ import annotations

from typing import Any

from bench.peers.asgi import Application
from bench.peers.statements import read_statements

SQL = read_statements("json")
STATEMENTS = {**SQL, "page20": SQL["page"], "page100": SQL["page"]}


def parameters(operation: str, variables: dict[str, Any]) -> list[Any]:
    """The values of an operation's statement."""
    match operation:
        case "one":
            return [int(variables["id"])]
        case "page20" | "page100":
            return [int(operation.removeprefix("page"))]
        case "entities":
            return [[int(wanted["id"]) for wanted in variables["representations"]]]
        case "filtered":
            return [variables["genre"], variables["from"], variables["to"]]
        case _:
            return []


async def answer(connection: Any, operation: str, variables: dict[str, Any]) -> bytes:
    text: str = await connection.fetchval(STATEMENTS[operation], *parameters(operation, variables))
    return text.encode()


app = Application(answer)
