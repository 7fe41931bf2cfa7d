"""Schedules of jobs. Those of the whole catalogue are visible to everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Id, Word
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import BatchStatement


class JobScheduleRow(Row):
    """Of table job_schedule."""

    id = Column[int]()
    type = Column[str]()
    library_id = Column["int | None"]()
    parameters = Column[dict[str, Any]]()
    priority = Column[int]()
    cron = Column[str]()
    time_zone = Column[str]()
    is_enabled = Column[bool]()
    next_run_at = Column["datetime | None"]("CASE WHEN {t}.is_enabled THEN {t}.next_run_at END")
    last_run_id = Column["int | None"]()
    error = Column["str | None"]()
    created_at = Column[datetime]()
    version = Column[int]()


class JobScheduleAttributes(Attributes, table="job_schedule"):
    """What schedules can be chosen by."""

    type = Word(str)
    library = Id("library", "library_id")


# Schedules by id.
JOB_SCHEDULE_BY_ID = BatchStatement(
    JobScheduleRow, "SELECT s.id AS key, {columns:s} FROM job_schedule s WHERE s.id = {keys}{visible:s.library_id?}"
)

# All schedules, in the order in which they were made.
JOB_SCHEDULES = Source(
    JobScheduleRow,
    alias="s",
    table="job_schedule s",
    id_sql="s.id",
    visible="s.library_id?",
    sort={"ID": SortKey("s.id", "bigint")},
    default=(OrderBy("ID"),),
)


class JobScheduleLoaders(LoaderGroup):
    """Loaders of schedules."""

    job_schedule_by_id = One[int, JobScheduleRow](JOB_SCHEDULE_BY_ID)
    job_schedule_count = Counts(JOB_SCHEDULES)
    job_schedule_pages = Pages(job_schedule_count)
