"""Schedules of jobs and their connection."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.job_schedule import JobScheduleAttributes, JobScheduleRow
from loaders.registry import Loaders
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Choice, Connection, choices, connection
from schema.core.scalars import JSON
from schema.job_run import JobRun

if TYPE_CHECKING:
    from schema.library import Library


@node_type(
    JobScheduleRow, "job_schedule", Loaders.job_schedule_by_id, description="A job that is queued at certain times."
)
class JobSchedule(Node):
    type: str = strawberry.field(description="What the job does.")
    parameters: JSON = strawberry.field(description="What it is started with, as JSON; the keys depend on the type.")
    priority: int = strawberry.field(description="The priority of its runs.")
    cron: str = strawberry.field(description="When: minute, hour, day, month and weekday, as cron has them.")
    time_zone: str = strawberry.field(description="The time zone of these.")
    is_enabled: bool = strawberry.field(description="Whether it queues anything.")
    next_run_at: datetime | None = strawberry.field(description="When it is due next; null while it is off.")
    error: str | None = strawberry.field(description="Why it queued nothing the last time; null where it did.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts its edits.")
    library: Annotated[Library, strawberry.lazy("schema.library")] | None = relation(
        Loaders.library_by_id,
        key=JobScheduleRow.library_id,
        description="The library that its runs work on, null for the whole catalogue.",
    )
    last_run: JobRun | None = relation(
        Loaders.job_run_by_id,
        key=JobScheduleRow.last_run_id,
        description="The run that it queued last, null before the first and once that is no longer kept.",
    )


@strawberry.type
class JobScheduleQuery:
    """Root fields of schedules."""

    job_schedule: JobSchedule | None = lookup(
        load_by_id(Loaders.job_schedule_by_id, "job_schedule"),
        parameters={"id": IdArgument},
        description="A schedule by id; null if it does not exist or is not visible.",
    )
    job_schedules: Connection[JobSchedule] | None = connection(
        Loaders.job_schedule_pages,
        choices(
            Loaders.job_schedule_pages,
            type=Choice(JobScheduleAttributes.type, "Only schedules of these jobs."),
            library=Choice(JobScheduleAttributes.library, "Only schedules on one of these libraries."),
        ),
        description="All schedules of jobs, in the order in which they were made.",
    )
