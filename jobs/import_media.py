"""The job `import`: media from a file, a folder or a server into a library."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.importing.plan import MAX_PRUNED, ImportPlan
from catalog.upsert.item import MatchBy, OnConflict
from jobs.import_options import check_format, check_match, check_percent, options_of
from jobs.import_places import chunk_size, import_places
from jobs.import_run import JobProgress, imported, opened, told
from jobs.kind import JobContext, JobKind
from jobs.parameters import parameter


@dataclass(frozen=True, slots=True)
class ImportParameters:
    """What is to be imported, and how."""

    library_id: int = parameter("The library that the media come into.", id_of="library")
    location: str = parameter(
        "A path below one of the server's `MARQUEE_IMPORT_FOLDERS`, or a URL of one of its `MARQUEE_IMPORT_HOSTS`."
    )
    format: str | None = parameter("The format of the source; it is guessed without.", default=None)
    options: list[str] = parameter("Options of the format, as NAME=VALUE.", default=[])
    match_by: list[MatchBy] | None = parameter(
        "By what new items find media that are there, in this order; without it as the format says, mostly "
        "EXTERNAL_ID, PATH, TITLE; by nothing with an empty list. Known items are found by their keys.",
        default=None,
    )
    on_conflict: OnConflict = parameter("What is done with media that are there.", default=OnConflict.REPLACE)
    prune: bool = parameter("Delete media of items that are gone from the source.", default=False)
    max_prune: int = parameter("Percent of the known items that may be gone; else nothing is.", default=MAX_PRUNED)
    dry_run: bool = parameter("Say what would be done, and store nothing.", default=False)


def check_import(parameters: ImportParameters) -> None:
    """FORBIDDEN for its location; BAD_ARGUMENT."""
    import_places().check(parameters.location)
    check_format(parameters.format, options_of(parameters.options))
    check_percent(parameters.max_prune)
    check_match(parameters.match_by)


def parameters_of_plan(plan: ImportPlan) -> ImportParameters:
    """By which the job does the same import."""
    return ImportParameters(
        library_id=plan.library,
        location=plan.location,
        format=plan.format,
        options=[f"{name}={value}" for name, value in plan.options.items()],
        match_by=[*plan.match_by],
        on_conflict=plan.on_conflict,
        prune=plan.prunes,
        max_prune=plan.max_pruned,
        dry_run=plan.is_dry_run,
    )


async def import_media(context: JobContext, parameters: ImportParameters) -> str:
    options = options_of(parameters.options)
    location, source = await opened(parameters.location, parameters.format, options)
    context.log(source.reason)
    plan = ImportPlan(
        library=parameters.library_id,
        format=source.format.name,
        location=location,
        options=options,
        match_by=source.format.match_by if parameters.match_by is None else tuple(parameters.match_by),
        on_conflict=parameters.on_conflict,
        prunes=parameters.prune,
        max_pruned=parameters.max_prune,
        is_dry_run=parameters.dry_run,
        chunk=chunk_size(),
    )
    return told(await imported(context, source, plan, JobProgress(context, library=parameters.library_id)))


IMPORT = JobKind(
    name="import",
    description="Media from a file, a folder or a server into a library; what is unchanged since last time is skipped.",
    parameters=ImportParameters,
    run=import_media,
    check=check_import,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: f"import:{parameters.library_id}",
    has_command=False,  # python -m app import shows more
)
