"""Mutations that start, control and schedule jobs. Those that start one follow from its kind (jobs/kinds.py)."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

import strawberry

from catalog.transaction import Writer
from domain.bounds import JOB_PRIORITY
from domain.errors import CatalogError, Code
from engine.documents.priced_arguments import Targets
from engine.relation import TARGETS
from jobs.core import queue
from jobs.core import schedule as schedules
from jobs.core.schedule import Timing
from jobs.kind import JobKind
from jobs.kinds import KINDS
from jobs.parameters import Parameter, from_values, parameters_of
from loaders.registry import Loaders
from schema.core.node import decode_id
from schema.core.scalars import JSON
from schema.edit.outcome import read_after, run_edit
from schema.edit.taxonomy_edit import described
from schema.edit.upsert_enums import MatchBy, OnConflict
from schema.job_run import JobRun
from schema.job_schedule import JobSchedule

RunId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the run.")]
ScheduleId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the schedule.")]
# Parameters of kinds are of these: they must be enums of the schema by the time an argument is made of them.
ENUMS_OF_KINDS = (MatchBy, OnConflict)
PRIORITY = f"A whole number {JOB_PRIORITY.description}: of the runs that wait the highest is taken first."
PARAMETERS = "What it is started with, by the names and with the values that the mutation has which starts it."


@strawberry.type(description="The run after its edit.")
class JobRunPayload:
    number: strawberry.Private[int]
    job_run: JobRun | None = read_after(Loaders.job_run_by_id, "The run, read after the change.")


@strawberry.type(description="The schedule after its edit.")
class JobSchedulePayload:
    number: strawberry.Private[int]
    job_schedule: JobSchedule | None = read_after(Loaders.job_schedule_by_id, "The schedule, read after the change.")


@strawberry.type(description="The result of deleting a schedule.")
class DeleteJobSchedulePayload:
    deleted_id: strawberry.ID = strawberry.field(description="Global id of the schedule.")


def start_name(kind: JobKind[Any]) -> str:
    """Of the mutation, as Python has it: start_mark_processed."""
    return f"start_{kind.name}"


def argument_type(declared: Parameter) -> Any:
    """Of a parameter of a kind, in the schema: null where it has no value of its own that it takes."""
    type_: Any = strawberry.ID if declared.id_of else declared.type
    type_ = list[type_] if declared.is_list else type_
    return type_ | None if declared.default in (None, []) else type_


def start_mutation(kind: JobKind[Any]) -> Any:
    """The mutation that queues a run of a kind, with an argument for each parameter."""
    parameters = parameters_of(kind.parameters)

    async def resolve(self: Any, info: Any, priority: int = 0, **given: Any) -> JobRunPayload:
        values = {one.public_name: as_json(given[python_name(one)]) for one in parameters if python_name(one) in given}
        read = from_values(kind.parameters, values)
        work = partial(queue.enqueue, kind=kind, parameters=read, priority=priority)
        return JobRunPayload(number=await run_edit(info, start_name(kind), [kind.name], work))

    return mutation_of(resolve, kind, parameters)


def mutation_of(resolve: Any, kind: JobKind[Any], parameters: list[Parameter]) -> Any:
    """A field whose resolver has the arguments of a kind."""
    ordered = sorted(parameters, key=lambda one: not one.is_required)
    shown = [
        inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any),
        inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info),
        *map(argument_of, ordered),
        inspect.Parameter("priority", inspect.Parameter.KEYWORD_ONLY, default=0, annotation=described(PRIORITY, int)),
    ]
    resolve.__signature__ = inspect.Signature(shown, return_annotation=JobRunPayload | None)
    resolve.__annotations__ = {one.name: one.annotation for one in shown} | {"return": JobRunPayload | None}
    lists = [python_name(one) for one in parameters if one.is_list]
    metadata = {TARGETS: Targets(lists[0])} if lists else None
    return strawberry.mutation(resolver=resolve, description=f"Queues a job: {kind.description}", metadata=metadata)


def argument_of(declared: Parameter) -> inspect.Parameter:
    default = inspect.Parameter.empty if declared.is_required else declared.default or None
    if declared.default is False or declared.default == 0:
        default = declared.default
    annotation = described(declared.description, argument_type(declared))
    return inspect.Parameter(
        python_name(declared), inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def python_name(declared: Parameter) -> str:
    return declared.name.removesuffix("_id") if declared.id_of else declared.name


def as_json(value: Any) -> Any:
    """A member of an enum as its word."""
    return [as_json(one) for one in value] if isinstance(value, list) else getattr(value, "value", value)


async def change_run(
    info: strawberry.Info[Any, Any], name: str, id: str, work: Callable[[Writer, int], Awaitable[None]]
) -> JobRunPayload:
    number = decode_id(id, "job_run")
    await run_edit(info, name, [id], lambda writer: work(writer, number))
    return JobRunPayload(number=number)


async def cancel_job(self: Any, info: strawberry.Info[Any, Any], id: RunId) -> JobRunPayload | None:
    return await change_run(info, "cancel_job", id, queue.cancel)


async def pause_job(self: Any, info: strawberry.Info[Any, Any], id: RunId) -> JobRunPayload | None:
    return await change_run(info, "pause_job", id, queue.pause)


async def resume_job(self: Any, info: strawberry.Info[Any, Any], id: RunId) -> JobRunPayload | None:
    return await change_run(info, "resume_job", id, queue.resume)


async def retry_job(
    self: Any,
    info: strawberry.Info[Any, Any],
    id: RunId,
    from_start: Annotated[
        bool, strawberry.argument(description="Whether it begins anew; if not, it goes on where it stood.")
    ] = False,
) -> JobRunPayload | None:
    return await change_run(info, "retry_job", id, partial(queue.retry, kinds=KINDS, from_start=from_start))


async def set_job_priority(
    self: Any,
    info: strawberry.Info[Any, Any],
    id: RunId,
    priority: Annotated[int, strawberry.argument(description=PRIORITY)],
) -> JobRunPayload | None:
    return await change_run(info, "set_job_priority", id, partial(queue.set_priority, priority=priority))


def kind_of(type: str) -> JobKind[Any]:
    """BAD_ARGUMENT."""
    if type not in KINDS:
        raise CatalogError(Code.BAD_ARGUMENT, f"There is no job of this type: the types are {', '.join(KINDS)}.")
    return KINDS[type]


async def create_job_schedule(
    self: Any,
    info: strawberry.Info[Any, Any],
    type: Annotated[
        str, strawberry.argument(description="What the job does, as `type` of a run has it: maintenance, for example.")
    ],
    cron: Annotated[
        str,
        strawberry.argument(
            description='When: minute, hour, day, month and weekday. "30 4 * * 1-5" is half past four on weekdays.'
        ),
    ],
    parameters: Annotated[JSON | None, strawberry.argument(description=PARAMETERS)] = None,
    time_zone: Annotated[
        str, strawberry.argument(description="The time zone of these, Europe/Berlin for example.")
    ] = "UTC",
    is_enabled: Annotated[bool, strawberry.argument(description="Whether it queues anything.")] = True,
    priority: Annotated[int, strawberry.argument(description=PRIORITY)] = 0,
) -> JobSchedulePayload | None:
    kind = kind_of(type)
    if not isinstance(parameters, dict | None):
        raise CatalogError(Code.BAD_ARGUMENT, "`parameters` is a JSON object.")
    read = from_values(kind.parameters, parameters or {})
    timing = Timing(cron, time_zone, is_enabled, priority)
    work = partial(schedules.create_schedule, kind=kind, parameters=read, timing=timing)
    return JobSchedulePayload(number=await run_edit(info, "create_job_schedule", [type], work))


async def update_job_schedule(
    self: Any,
    info: strawberry.Info[Any, Any],
    id: ScheduleId,
    cron: Annotated[str | None, strawberry.argument(description="When, instead.")] = None,
    time_zone: Annotated[str | None, strawberry.argument(description="The time zone of these, instead.")] = None,
    is_enabled: Annotated[bool | None, strawberry.argument(description="Whether it queues anything.")] = None,
    priority: Annotated[int | None, strawberry.argument(description=PRIORITY)] = None,
    version: Annotated[
        int | None,
        strawberry.argument(description="The version that the client has read: if it differs, nothing is changed."),
    ] = None,
) -> JobSchedulePayload | None:
    number = decode_id(id, "job_schedule")
    given = {"cron": cron, "time_zone": time_zone, "is_enabled": is_enabled, "priority": priority}
    changes = {name: value for name, value in given.items() if value is not None}
    work = partial(schedules.update_schedule, number=number, changes=changes, version=version)
    await run_edit(info, "update_job_schedule", [id], work)
    return JobSchedulePayload(number=number)


async def delete_job_schedule(
    self: Any, info: strawberry.Info[Any, Any], id: ScheduleId
) -> DeleteJobSchedulePayload | None:
    number = decode_id(id, "job_schedule")
    await run_edit(info, "delete_job_schedule", [id], partial(schedules.delete_schedule, number=number))
    return DeleteJobSchedulePayload(deleted_id=strawberry.ID(id))


def start_mutations() -> type:
    """A type with the mutation of each kind of job that has one."""
    kinds = [kind for kind in KINDS.values() if kind.has_mutation]
    members: dict[str, Any] = {"__module__": __name__, "__doc__": "Mutations that start jobs.", "__annotations__": {}}
    for kind in kinds:
        members["__annotations__"][start_name(kind)] = JobRunPayload | None
        members[start_name(kind)] = start_mutation(kind)
    return strawberry.type(type("StartMutation", (), members))


StartMutation: Any = start_mutations()


@strawberry.type
class JobMutation:
    """Mutations of runs and schedules."""

    cancel_job: JobRunPayload | None = strawberry.mutation(
        resolver=cancel_job,
        description="Cancels a run: one that runs ends after the chunk that it is at, what is done stays.",
    )
    pause_job: JobRunPayload | None = strawberry.mutation(
        resolver=pause_job, description="Pauses a run: one that runs stops after the chunk that it is at."
    )
    resume_job: JobRunPayload | None = strawberry.mutation(
        resolver=resume_job, description="Queues a paused run again: it goes on where it stopped."
    )
    retry_job: JobRunPayload | None = strawberry.mutation(
        resolver=retry_job, description="Queues a run again that failed or was cancelled."
    )
    set_job_priority: JobRunPayload | None = strawberry.mutation(
        resolver=set_job_priority, description="Gives a run that has not ended another priority."
    )
    create_job_schedule: JobSchedulePayload | None = strawberry.mutation(
        resolver=create_job_schedule, description="Has a job queued at certain times."
    )
    update_job_schedule: JobSchedulePayload | None = strawberry.mutation(
        resolver=update_job_schedule, description="Changes when a job is queued; what is not given stays."
    )
    delete_job_schedule: DeleteJobSchedulePayload | None = strawberry.mutation(
        resolver=delete_job_schedule, description="Deletes a schedule; the runs that it has queued stay."
    )
