"""What mutations of jobs cost: a table of docs/statements.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jobs.kinds import KINDS
from schema.edit.job_edit import start_name


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


@dataclass(frozen=True)
class JobShape:
    """A mutation of one run or schedule; `statements`: between BEGIN and COMMIT, `before`: what has been done to it."""

    name: str
    text: str
    statements: int
    before: tuple[str, ...] = ()


def of_run(name: str, statements: int, before: tuple[str, ...] = (), more: str = "") -> JobShape:
    return JobShape(name, f'mutation {{ {name}(id: "job_run_1"{more}) {{ jobRun {{ id }} }} }}', statements, before)


QUEUED = "INSERT INTO job_run (type) VALUES ('maintenance')"
STATUS = "UPDATE job_run SET status = '{}'"
CREATE = 'createJobSchedule(type: "maintenance", cron: "0 4 * * *")'
SCHEDULED = """
INSERT INTO job_schedule (type, cron, next_run_at) VALUES ('maintenance', '0 4 * * *', now() + interval '1 day')
"""
SCHEDULE = 'id: "job_schedule_1"'
LIBRARY = "INSERT INTO library (name, folded_name) VALUES ('L', 'l')"

STARTS = [
    JobShape("startMaintenance", "mutation { startMaintenance { jobRun { id } } }", 3),
    JobShape(
        "startMarkProcessed",
        'mutation { startMarkProcessed(library: "library_1", process: "p") { jobRun { id } } }',
        4,
        (LIBRARY,),
    ),
]
JOB_EDITS = [
    of_run("cancelJob", 2, (QUEUED,)),
    of_run("pauseJob", 2, (QUEUED,)),
    of_run("resumeJob", 2, (QUEUED, STATUS.format("PAUSED"))),
    of_run("retryJob", 4, (QUEUED, STATUS.format("FAILED"))),
    of_run("setJobPriority", 2, (QUEUED,), ", priority: 3"),
    JobShape("createJobSchedule", f"mutation {{ {CREATE} {{ jobSchedule {{ id }} }} }}", 3),
    JobShape(
        "updateJobSchedule",
        f'mutation {{ updateJobSchedule({SCHEDULE}, cron: "5 * * * *") {{ jobSchedule {{ id }} }} }}',
        2,
        (SCHEDULED,),
    ),
    JobShape("deleteJobSchedule", f"mutation {{ deleteJobSchedule({SCHEDULE}) {{ deletedId }} }}", 2, (SCHEDULED,)),
]
START_NAMES = {camel(start_name(kind)) for kind in KINDS.values() if kind.has_mutation}


def jobs_document() -> list[str]:
    """The lines of the table."""
    return [
        "## What a mutation of a job costs",
        "",
        "Between BEGIN and COMMIT. Every mutation that starts a job costs what one of the first two does.",
        "",
        "| mutation | statements |",
        "|---|---|",
        f"| start a job on the whole catalogue | {STARTS[0].statements} |",
        f"| start a job on a library | {STARTS[1].statements} |",
        *(f"| `{shape.name}` | {shape.statements} |" for shape in JOB_EDITS),
        "",
        "## What running jobs costs",
        "",
        "Each in a transaction of its own, whatever the number of runs that wait and that run.",
        "",
        "| what | statements |",
        "|---|---|",
        *(f"| {what} | {statements} |" for what, statements in RUNNING.items()),
        "",
    ]


RUNNING: dict[str, int] = {
    "take a batch of runs": 1,
    "a heartbeat of a worker, with nothing new of its runs": 2,
    "a heartbeat with new numbers and log lines of its runs": 5,
    "save a checkpoint, within the transaction of the chunk": 1,
    "the end of a run, with its last numbers and lines": 4,
    "look for runs of workers that are gone": 1,
    "look for schedules that are due": 1,
}


async def prepare(connection: Any, shape: JobShape) -> None:
    for text in shape.before:
        await connection.execute(text)
