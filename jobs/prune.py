"""The job `prune`: media go whose items are gone from the sources of a library; or it is said which these would be."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.importing.plan import MAX_PRUNED
from jobs.import_options import check_percent
from jobs.import_run import sync
from jobs.kind import JobContext, JobKind
from jobs.parameters import parameter


@dataclass(frozen=True, slots=True)
class PruneParameters:
    """Of which sources, and how many may go."""

    library_id: int = parameter("The library whose sources are compared with it.", id_of="library")
    location: str | None = parameter("Only the source of this location.", default=None)
    preview: bool = parameter("Only say in the log what would be deleted: numbers and examples.", default=True)
    max_prune: int = parameter("Percent of the known items that may be gone; else nothing is.", default=MAX_PRUNED)


async def prune(context: JobContext, parameters: PruneParameters) -> str:
    return await sync(
        context,
        parameters.library_id,
        parameters.location,
        lambda plan: replace(plan, prunes=True, is_dry_run=parameters.preview, max_pruned=parameters.max_prune),
    )


PRUNE_SOURCES = JobKind(
    name="prune",
    description="Media are deleted whose items are gone from the sources of a library.",
    parameters=PruneParameters,
    run=prune,
    check=lambda parameters: check_percent(parameters.max_prune),
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: f"import:{parameters.library_id}",
)
