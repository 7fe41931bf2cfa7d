"""Runs of jobs and their connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from engine.relation import lookup, relation
from jobs.actions import possible_actions
from loaders.job_run import JobRunAttributes, JobRunRow
from loaders.registry import Loaders
from schema.core.enums import JobAction, JobStatus, JobStopRequest
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Choice, Connection, Selectors, choices, connection
from schema.core.scalars import JSON
from schema.job_log import JobLog

if TYPE_CHECKING:
    from schema.library import Library

NO_SELECTORS = Selectors({}, lambda arguments: (None, ()))


def item_field(name: str, description: str, read: Any = lambda value: value) -> Any:
    """A field of what came as JSON."""

    def resolve(self: Mapping[str, Any]) -> Any:
        return read(self.get(name))

    return strawberry.field(resolver=resolve, description=description)


def read_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@strawberry.type(description="How many items of a run had the same outcome.")
class JobCount:
    name: str = item_field("name", "What became of them, `created` for example, or the code of their error.")
    count: int = item_field("count", "How many items.")


@strawberry.type(description="A part of a run.")
class JobStep:
    name: str = item_field("name", "What it does.")
    started_at: datetime | None = item_field("startedAt", "When it was begun.", read_time)
    ended_at: datetime | None = item_field("endedAt", "When it ended; null while it runs.", read_time)


@node_type(JobRunRow, "job_run", Loaders.job_run_by_id, description="One run of a job.")
class JobRun(Node):
    type: str = strawberry.field(description="What the job does.")
    status: JobStatus = strawberry.field(description="Its state.")
    stop_request: JobStopRequest | None = strawberry.field(
        description="What it was asked to do, until it has done so; null where that is nothing."
    )
    actions: list[JobAction] = strawberry.field(
        resolver=lambda self: possible_actions(self.actions),
        description="What can be done with it now. A run that has ended can be tried again if a worker can do what it "
        "was started with: one of the command `python -m app import` from within the places that jobs may import from.",
    )
    priority: int = strawberry.field(description="From -100 to 100: of those that wait, the highest is taken first.")
    parameters: JSON = strawberry.field(description="What it was started with, as JSON; the keys depend on the type.")
    attempts: int = strawberry.field(description="How often it was begun, after faults and pauses anew.")
    max_attempts: int = strawberry.field(
        description="How many attempts in a row may end by a fault without that anything was done in between."
    )
    total: int | None = strawberry.field(description="Number of items to process, once known.")
    succeeded: int = strawberry.field(description="Number of items that were processed.")
    failed: int = strawberry.field(description="Number of items that failed.")
    percent: float | None = strawberry.field(description="How much of the total is done; null where that is not known.")
    counts: list[JobCount] = strawberry.field(description="The processed items by what became of them.")
    failures: list[JobCount] = strawberry.field(description="The failed items by the code of their error.")
    steps: list[JobStep] = strawberry.field(description="Its parts so far, at most 64.")
    current_item: str | None = strawberry.field(description="What it is working on, or was when it ended.")
    error_code: str | None = strawberry.field(description="The code of `error`, see docs/errors.md.")
    error: str | None = strawberry.field(description="Why the run failed, or why its last attempt did.")
    queued_at: datetime = strawberry.field(description="When it was queued.")
    run_after: datetime = strawberry.field(description="When it may start at the earliest, or be tried again.")
    started_at: datetime | None = strawberry.field(description="When it started.")
    progressed_at: datetime | None = strawberry.field(description="When its numbers last changed.")
    ended_at: datetime | None = strawberry.field(description="When it ended, successfully or not.")
    library: Annotated[Library, strawberry.lazy("schema.library")] | None = relation(
        Loaders.library_by_id,
        key=JobRunRow.library_id,
        description="The library that it works on, null for the whole catalogue.",
    )
    report: JSON | None = strawberry.field(
        description="What it has come to so far, as JSON; the keys depend on the type; null where it has no report."
    )
    log: Connection[JobLog] | None = connection(
        Loaders.job_log_pages_by_job_run_id,
        NO_SELECTORS,
        key=JobRunRow.id,
        usual=10,
        description="Its log, oldest line first; the last 1,000 lines are kept.",
    )


@strawberry.type
class JobRunQuery:
    """Root fields of runs of jobs."""

    job_run: JobRun | None = lookup(
        load_by_id(Loaders.job_run_by_id, "job_run"),
        parameters={"id": IdArgument},
        description="A run of a job by id; null if it does not exist or is not visible.",
    )
    job_runs: Connection[JobRun] | None = connection(
        Loaders.job_run_pages,
        choices(
            Loaders.job_run_pages,
            status=Choice(JobRunAttributes.status, "Only runs in one of these states."),
            type=Choice(JobRunAttributes.type, "Only runs of these jobs."),
            library=Choice(JobRunAttributes.library, "Only runs on one of these libraries."),
        ),
        description="All runs of jobs, newest first.",
    )
