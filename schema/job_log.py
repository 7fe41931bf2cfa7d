"""Lines of the logs of runs of jobs."""

from __future__ import annotations

from datetime import datetime

import strawberry

from loaders.job_log import JobLogRow
from schema.core.enums import JobLogLevel
from schema.core.node import row_type


@row_type(JobLogRow, description="A line of the log of a run.")
class JobLog:
    at: datetime = strawberry.field(description="When it was written.")
    level: JobLogLevel = strawberry.field(description="How it is meant.")
    line: str = strawberry.field(description="Its text.")
