"""Logs of runs of jobs, oldest line first."""

from __future__ import annotations

from datetime import datetime

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source


class JobLogRow(Row):
    """Of table job_log: a line."""

    at = Column[datetime]()
    level = Column[str]()
    line = Column[str]()


# The lines of a run, oldest first.
JOB_LOG = Source(
    JobLogRow,
    alias="l",
    table="job_log l",
    id_sql="l.id",
    parent="l.job_run_id",
    sort={"ID": SortKey("l.id", "bigint")},
    default=(OrderBy("ID"),),
)


class JobLogLoaders(LoaderGroup):
    """Loaders of lines."""

    job_log_count_by_job_run_id = Counts(JOB_LOG)
    job_log_pages_by_job_run_id = Pages(job_log_count_by_job_run_id)
