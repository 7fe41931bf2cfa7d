"""Jobs from the command line: the options of each follow from its kind."""

from __future__ import annotations

import argparse
import re
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.errors import StartError
from app.process.job_report import report_tables
from app.process.provision import session_of
from catalog.transaction import Writer, transact
from database.connect_args import ConnectArgs
from domain.errors import CatalogError, Code
from domain.ids import format_id
from domain.text import printable
from domain.viewer import UNRESTRICTED
from jobs.core.queue import cancel, enqueue, pause, resume, retry
from jobs.kind import JobKind
from jobs.kinds import KINDS
from jobs.parameters import Parameter, from_values, parameters_of

RUN_ID = re.compile(r"(?:job_run_)?([0-9]{1,18})")
VERBS: dict[str, Callable[[Writer, int], Awaitable[None]]] = {
    "cancel": cancel,
    "pause": pause,
    "resume": resume,
    "retry": partial(retry, kinds=KINDS),
}

# The last runs.
LAST_RUNS = """
SELECT id, type, status, succeeded, failed, total, queued_at, coalesce(error, current_item, '') AS words
FROM job_run ORDER BY id DESC LIMIT $1
"""

READ_REPORT = "SELECT type, status, report::text FROM job_run WHERE id = $1"


class JobCommandError(StartError):
    """What was asked for cannot be done."""


def read_start(console: Console, name: str, options: Sequence[str]) -> Callable[[Writer], Awaitable[int]] | None:
    """What queues the run that was asked for; None where only the kinds were. Needs no database.

    Raises JobCommandError; SystemExit with status 2 for options that are none."""
    kinds = {kind.name.replace("_", "-"): kind for kind in KINDS.values() if kind.has_command}
    if name in ("", "--help"):
        console.print(kinds_table(kinds))
        return None
    kind = kinds.get(name.replace("_", "-"))
    if kind is None:
        raise JobCommandError(f"There is no job {name}: there are {', '.join(kinds)}.")
    given = vars(parser_of(kind).parse_args(list(options)))
    priority = given.pop("priority")
    try:
        parameters = from_values(kind.parameters, {name: value for name, value in given.items() if value is not None})
    except CatalogError as error:
        raise JobCommandError(str(error)) from error
    return lambda writer: enqueue(writer, kind, parameters, priority)


async def start_job(args: ConnectArgs, console: Console, start: Callable[[Writer], Awaitable[int]]) -> None:
    """Queues a run. Raises JobCommandError."""
    number = await in_transaction(args, start)
    console.print(f"Queued as {format_id('job_run', number)}.", highlight=False)


def kinds_table(kinds: dict[str, JobKind[Any]]) -> Table:
    lines = Table("Job", "What it does")
    for name, kind in kinds.items():
        lines.add_row(name, kind.description)
    return lines


def parser_of(kind: JobKind[Any]) -> argparse.ArgumentParser:
    """The options of a kind: one for each parameter, its values under the parameter's public name."""
    program = f"python -m app jobs start {kind.name.replace('_', '-')}"
    parser = argparse.ArgumentParser(prog=program, description=kind.description, allow_abbrev=False)
    for one in parameters_of(kind.parameters):
        add_option(parser, one)
    parser.add_argument("--priority", type=int, default=0, help="From -100 to 100; the highest is taken first.")
    return parser


def add_option(parser: argparse.ArgumentParser, declared: Parameter) -> None:
    option = "--" + re.sub(r"(?=[A-Z])", "-", declared.public_name).lower()
    common: dict[str, Any] = {
        "dest": declared.public_name,
        "help": declared.description.replace("%", "%%"),
        "required": declared.is_required,
        "default": None,
    }
    if declared.type is bool:
        parser.add_argument(option, action=argparse.BooleanOptionalAction, **common)
        return
    if issubclass(declared.type, StrEnum):
        common |= {"type": str.upper, "choices": [one.value for one in declared.type]}
    elif declared.id_of is None:
        common["type"] = declared.type
    else:
        common["metavar"] = f"{declared.id_of}_1"
    parser.add_argument(option, action="append" if declared.is_list else "store", **common)


async def list_jobs(args: ConnectArgs, console: Console, number: int) -> None:
    async def work(writer: Writer) -> list[Any]:
        return list(await writer.fetch(LAST_RUNS, number))

    lines = Table("Run", "Job", "State", "Done", "Failed", "Queued", "")
    for row in await in_transaction(args, work):
        total = "" if row["total"] is None else f" of {row['total']}"
        lines.add_row(
            format_id("job_run", row["id"]),
            row["type"],
            row["status"],
            f"{row['succeeded']}{total}",
            str(row["failed"]),
            f"{row['queued_at']:%Y-%m-%d %H:%M}",
            escape(printable(row["words"][:80])),
        )
    console.print(lines)


async def show_report(args: ConnectArgs, console: Console, id: str, *, as_json: bool) -> None:
    """The report of a run, as tables or as JSON. Raises JobCommandError."""
    number = read_run_id(id)

    async def work(writer: Writer) -> list[Any]:
        return list(await writer.fetch(READ_REPORT, number))

    found = await in_transaction(args, work)
    if not found:
        raise JobCommandError(f"There is no run {format_id('job_run', number)}.")
    [[type_, status, report]] = found
    if report is None:
        raise JobCommandError(f"{format_id('job_run', number)} ({type_}) has no report.")
    if as_json:
        console.print_json(report)
    else:
        console.print(f"{format_id('job_run', number)}: {type_}, {status}", highlight=False)
        for table in report_tables(orjson.loads(report)):
            console.print(table)


def read_run_id(id: str) -> int:
    """JobCommandError."""
    match = RUN_ID.fullmatch(id)
    if match is None:
        raise JobCommandError(f"{id} is no id of a run: job_run_1 is one.")
    return int(match[1])


async def change_job(args: ConnectArgs, console: Console, verb: str, id: str) -> None:
    """Cancels, pauses, resumes or retries a run. Raises JobCommandError."""
    number = read_run_id(id)
    await in_transaction(args, lambda writer: VERBS[verb](writer, number))
    console.print(f"{format_id('job_run', number)}: {verb} was asked for.", highlight=False)


async def in_transaction(args: ConnectArgs, work: Callable[[Writer], Awaitable[Any]]) -> Any:
    try:
        async with session_of(args) as session:
            return await transact(session, UNRESTRICTED, "job_command", work)
    except CatalogError as error:
        code = error.extensions["code"]
        told = "" if code == Code.BAD_ARGUMENT else f"{code}: "
        raise JobCommandError(f"{told}{error}") from error
