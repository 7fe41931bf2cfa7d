"""Runs of jobs and their connection."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.job_run import JobRunAttributes, JobRunRow
from loaders.registry import Loaders
from schema.core.enums import JobStatus
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Choice, Connection, choices, connection

if TYPE_CHECKING:
    from schema.library import Library


@node_type(JobRunRow, "job_run", Loaders.job_run_by_id, description="One run of a job.")
class JobRun(Node):
    type: str = strawberry.field(description="What the job does.")
    status: JobStatus = strawberry.field(description="Its state.")
    total: int | None = strawberry.field(description="Number of items to process, once known.")
    succeeded: int = strawberry.field(description="Number of items that were processed.")
    failed: int = strawberry.field(description="Number of items that failed.")
    error: str | None = strawberry.field(description="Why the run failed.")
    queued_at: datetime = strawberry.field(description="When it was queued.")
    started_at: datetime | None = strawberry.field(description="When it started.")
    ended_at: datetime | None = strawberry.field(description="When it ended, successfully or not.")
    library: Annotated[Library, strawberry.lazy("schema.library")] | None = relation(
        Loaders.library_by_id,
        key=JobRunRow.library_id,
        description="The library that it works on, null for the whole catalogue.",
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
