"""Runs of jobs. Those of the whole catalogue are visible to everybody."""

from __future__ import annotations

from datetime import datetime

from database.row import Column, Row
from domain.enums import JobStatus
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Id, Word
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import BatchStatement


class JobRunRow(Row):
    """Of table job_run; total, succeeded and failed are numbers of items."""

    id = Column[int]()
    type = Column[str]()
    library_id = Column["int | None"]()
    status = Column[str]()
    total = Column["int | None"]()
    succeeded = Column[int]()
    failed = Column[int]()
    error = Column["str | None"]()
    queued_at = Column[datetime]()
    started_at = Column["datetime | None"]()
    ended_at = Column["datetime | None"]()


class JobRunAttributes(Attributes, table="job_run"):
    """What runs can be chosen by."""

    status = Word(JobStatus)
    type = Word(str)
    library = Id("library", "library_id")


# Runs by id.
JOB_RUN_BY_ID = BatchStatement(
    JobRunRow, "SELECT r.id AS key, {columns:r} FROM job_run r WHERE r.id = {keys}{visible:r.library_id?}"
)

# All runs, newest first.
JOB_RUNS = Source(
    JobRunRow,
    alias="r",
    table="job_run r",
    id_sql="r.id",
    visible="r.library_id?",
    sort={"ID": SortKey("r.id", "bigint")},
    default=(OrderBy("ID", descending=True),),
)


class JobRunLoaders(LoaderGroup):
    """Loaders of runs of jobs."""

    job_run_by_id = One[int, JobRunRow](JOB_RUN_BY_ID)
    job_run_count = Counts(JOB_RUNS)
    job_run_pages = Pages(job_run_count)
