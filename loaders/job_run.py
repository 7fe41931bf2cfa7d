"""Runs of jobs. Those of the whole catalogue are visible to everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database.row import Column, Row
from domain.enums import JobStatus
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Id, Word
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import BatchStatement

# Of the total where that is known; never more than 100, since a total may prove to be too small.
PERCENT = """
CASE WHEN {t}.status = 'SUCCEEDED' THEN 100.0::float8
     WHEN {t}.total > 0 THEN least(100, round(100.0 * ({t}.succeeded + {t}.failed) / {t}.total, 1))::float8 END
"""
# An object of numbers as a list of them, the largest first.
LARGEST_FIRST = """
(SELECT coalesce(jsonb_agg(jsonb_build_object('name', n.key, 'count', n.value) ORDER BY n.value DESC, n.key), '[]')
 FROM jsonb_each({t}.<column>) n)
"""


# What it depends on what can be done with a run.
ACTIONS = """
jsonb_build_object('status', {t}.status, 'stop_request', {t}.stop_request, 'is_command', {t}.is_command,
    'type', {t}.type, 'parameters', {t}.parameters)
"""


class JobRunRow(Row):
    """Of table job_run; total, succeeded and failed are numbers of items.

    actions: what jobs/actions.py makes them of; counts, failures: a list of names with their counts; steps: a list of
    steps in their order."""

    id = Column[int]()
    type = Column[str]()
    library_id = Column["int | None"]()
    status = Column[str]()
    stop_request = Column["str | None"]()
    actions = Column[dict[str, Any]](ACTIONS)
    priority = Column[int]()
    parameters = Column[dict[str, Any]]()
    attempts = Column[int]()
    max_attempts = Column[int]()
    total = Column["int | None"]()
    succeeded = Column[int]()
    failed = Column[int]()
    percent = Column["float | None"](PERCENT)
    counts = Column[dict[str, Any]](LARGEST_FIRST.replace("<column>", "counts"))
    failures = Column[dict[str, Any]](LARGEST_FIRST.replace("<column>", "failures"))
    steps = Column[dict[str, Any]]()
    current_item = Column["str | None"]()
    error_code = Column["str | None"]()
    error = Column["str | None"]()
    run_after = Column[datetime]()
    progressed_at = Column["datetime | None"]()
    queued_at = Column[datetime]()
    started_at = Column["datetime | None"]()
    ended_at = Column["datetime | None"]()
    report = Column["Any | None"]()


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
