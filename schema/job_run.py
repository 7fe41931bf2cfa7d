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
    status: JobStatus = strawberry.field(description="How far it has come.")
    total: int | None = strawberry.field(description="Number of items to be done, once it is known.")
    succeeded: int = strawberry.field(description="Number of items that were done.")
    failed: int = strawberry.field(description="Number of items that failed.")
    error: str | None = strawberry.field(description="Why the run failed.")
    queued_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When it began.")
    ended_at: datetime | None = strawberry.field(description="When it ended, however it did.")
    library: Annotated[Library, strawberry.lazy("schema.library")] | None = relation(
        Loaders.library_by_id,
        key=JobRunRow.library_id,
        description="The library that it is about, null for the whole catalogue.",
    )


@strawberry.type
class JobRunQuery:
    """Root fields of runs of jobs."""

    job_run: JobRun | None = lookup(
        load_by_id(Loaders.job_run_by_id, "job_run"),
        parameters={"id": IdArgument},
        description="A run of a job by id; null where there is none, or none that you may see.",
    )
    job_runs: Connection[JobRun] | None = connection(
        Loaders.job_run_pages,
        choices(
            Loaders.job_run_pages,
            status=Choice(JobRunAttributes.status, "Only runs in one of these states."),
            type=Choice(JobRunAttributes.type, "Only runs of these jobs."),
            library=Choice(JobRunAttributes.library, "Only runs about one of these libraries."),
        ),
        description="All runs of jobs, newest first.",
    )
