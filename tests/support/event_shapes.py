"""What an event of a subscription costs: a part of docs/statements.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class EventShape:
    """A subscription to $id, a run of a job; `statements`: what each of its events costs, however many watch."""

    name: str
    query: str
    statements: int
    note: str = ""


EVENT_SHAPES = [
    EventShape(
        "The numbers of a run",
        "subscription($id: ID!) { jobProgress(id: $id) { status total succeeded failed percent } }",
        1,
    ),
    EventShape(
        "A run with all its fields",
        """subscription($id: ID!) { jobProgress(id: $id) { status jobRun { id type status total succeeded failed error
        queuedAt startedAt endedAt } } }""",
        1,
        "the run was read already to know whether it has ended",
    ),
    EventShape(
        "A run with its library",
        "subscription($id: ID!) { jobProgress(id: $id) { succeeded jobRun { id library { name mediaCount } } } }",
        2,
    ),
]


def events_document() -> Iterator[str]:
    """The lines of the document about events."""
    yield from [
        "",
        "## What an event of a subscription costs",
        "",
        "Each event is executed as an operation of its own, with loaders of its own. The numbers are the same for the",
        "first event and for later ones, on both executors, and for 1 and 1,000 watchers who send the same document",
        "with the same variables: they share each event. While nothing happens a subscription costs no statement and",
        "holds no connection.",
        "",
        "| event | statements | |",
        "|---|---|---|",
        *(f"| {one.name} | {one.statements} | {one.note} |" for one in EVENT_SHAPES),
        "",
    ]
    for one in EVENT_SHAPES:
        query = "\n".join(" ".join(line.split()) for line in dedent(one.query).splitlines())
        yield from [f"### {one.name}", "", "```graphql", query, "```", ""]
