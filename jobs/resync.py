"""The job `resync`: what was imported into a library is imported again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.importing.plan import MAX_PRUNED
from jobs.import_options import check_percent
from jobs.import_run import sync
from jobs.kind import JobContext, JobKind
from jobs.parameters import parameter


@dataclass(frozen=True, slots=True)
class ResyncParameters:
    """Which sources are read again."""

    library_id: int = parameter("The library whose sources are read again.", id_of="library")
    location: str | None = parameter("Only the source of this location.", default=None)
    prune: bool = parameter("Delete media of items that are gone from their source.", default=False)
    max_prune: int = parameter("Percent of the known items that may be gone; else nothing is.", default=MAX_PRUNED)


async def resync(context: JobContext, parameters: ResyncParameters) -> str:
    return await sync(
        context,
        parameters.library_id,
        parameters.location,
        lambda plan: replace(plan, prunes=parameters.prune, max_pruned=parameters.max_prune),
    )


RESYNC = JobKind(
    name="resync",
    description="What was imported into a library is read again; what is unchanged is skipped.",
    parameters=ResyncParameters,
    run=resync,
    check=lambda parameters: check_percent(parameters.max_prune),
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: f"import:{parameters.library_id}",
)
