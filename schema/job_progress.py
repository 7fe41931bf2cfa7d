"""How far a run of a job has come, told to who watches it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.enums import JobStatus as Status
from domain.errors import CatalogError, Code
from engine.relation import relation
from loaders.job_run import JobRunRow
from loaders.registry import Loaders
from schema.core.context import SubscriptionContext
from schema.core.enums import JobStatus
from schema.core.node import IdArgument, decode_id
from schema.core.subscription import EventColumn, subscription

if TYPE_CHECKING:
    from schema.job_run import JobRun

COLUMNS = ("status", "total", "succeeded", "failed", "percent")
ENDED = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED})


@strawberry.type(description="How far a run of a job has come.")
class JobProgress:
    """Its objects are rows of runs, with the columns COLUMNS."""

    status: JobStatus = strawberry.field(description="Its state.")
    total: int | None = strawberry.field(description="Number of items to process, once known.")
    succeeded: int = strawberry.field(description="Number of items that were processed.")
    failed: int = strawberry.field(description="Number of items that failed.")
    percent: float | None = strawberry.field(
        description="How much of the total is processed, from 0 to 100; null where the total is not known."
    )
    job_run: Annotated[JobRun, strawberry.lazy("schema.job_run")] = relation(
        Loaders.job_run_by_id, key=JobRunRow.id, required=True, description="The run."
    )


async def job_progress_events(
    info: strawberry.Info[SubscriptionContext, None], id: IdArgument
) -> AsyncGenerator[JobProgress, None]:
    """The present state, then each later one, until the run has ended."""
    number = decode_id(id, "job_run")
    with info.context.jobs.watch(number) as watch:
        while True:
            row = await info.context.begin_event().job_run_by_id.load(number)
            if row is None:
                raise CatalogError(Code.NOT_FOUND, "There is no such run of a job, or it was deleted.")
            yield row  # type: ignore[misc]  # objects are rows
            if row.status in ENDED:
                return
            await watch.changed()


@strawberry.type
class JobProgressSubscription:
    """Root fields of subscriptions about runs of jobs."""

    job_progress: JobProgress = subscription(
        job_progress_events,
        *(EventColumn(JobRunRow, name) for name in COLUMNS),
        description="How a run of a job comes on: its present state at once, a new one when something has changed, "
        "at most four a second, and the end when the run has ended. A watcher that is slow gets the newest state.",
    )
