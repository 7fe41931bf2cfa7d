"""The command line: `python -m app serve|work|jobs|import|export|migrate|demo|check|tags|genres|schema|formats|...`.

Settings come from the environment (app/settings.py)."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.errors import StartError
from app.normalise_cli import NORMALISED, add_normalise
from app.provider_cli import cache, metadata
from app.settings import misspelt, read_settings
from app.terminal import console, errors

DEMO_MOVIES = 11_216  # of the facts that ship

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Marquee: a GraphQL API over a media catalogue in PostgreSQL.",
)


@cli.callback()
def warn() -> None:
    for name, meant in misspelt(os.environ):
        _complain(f"{name} is no setting; is {meant} meant?")


@cli.command("serve")
def serve_command() -> None:
    """Serve the API until Ctrl-C, with an embedded database or the one that DATABASE_URL names."""
    from app.process.supervisor import run_supervisor

    run_supervisor(read_settings(), console)


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    from app.process.provision import any_database, bring_up_to_date

    settings = read_settings()
    with any_database(settings) as database:
        asyncio.run(bring_up_to_date(database.args, console))
    console.print("The database has the newest schema.")


@cli.command()
def demo(
    scale: Annotated[
        int | None,
        typer.Option(min=1, max=DEMO_MOVIES, help="So many of the movies, and nothing else; more: make demo SCALE=N."),
    ] = None,
) -> None:
    """Fill the database with the demo data; what is there already stays."""
    from app.process.demo import demo_folder, fill
    from app.process.provision import any_database, bring_up_to_date

    settings = read_settings()
    with any_database(settings) as database:
        asyncio.run(bring_up_to_date(database.args, console))
        result = asyncio.run(fill(database.args, scale, console, demo_folder(settings)))
        if database.embedded is not None:
            database.embedded.end_first_start()
    console.print(f"Demo data: {result.added} media added, {result.media} in all.", highlight=False)


@cli.command()
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended; edits wait meanwhile.")] = False,
) -> None:
    """Check counts, copies and the feed of changes against what they are made from; status 1 where they differ."""
    from app.process.check import check_derived_data
    from app.process.provision import any_database, bring_up_to_date

    with any_database(read_settings()) as database:
        asyncio.run(bring_up_to_date(database.args, console))
        is_right = asyncio.run(check_derived_data(database.args, console, repair=repair))
    if not is_right:
        raise typer.Exit(1)


@cli.command("work")
def work_command() -> None:
    """Run jobs until Ctrl-C or SIGTERM, for the database that DATABASE_URL names, or the embedded one."""
    from app.process.provision import any_database, bring_up_to_date
    from app.process.work import work

    settings = read_settings()
    with any_database(settings) as database:
        asyncio.run(bring_up_to_date(database.args, console))
        console.print("Running jobs; Ctrl-C stops.")
        asyncio.run(work(database.args, settings))


jobs = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Jobs: start, list, report, cancel, pause, resume, retry."
)
cli.add_typer(jobs, name="jobs")


@jobs.command(
    "start",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False},
)
def jobs_start(context: typer.Context, kind: Annotated[str, typer.Argument()] = "") -> None:
    """Queue a job: `jobs start` lists their kinds, `jobs start KIND --help` the options of one."""
    from app.process.job_commands import read_start, start_job
    from app.process.provision import any_database

    start = read_start(console, kind, context.args)
    if start is not None:
        with any_database(read_settings()) as database:
            asyncio.run(start_job(database.args, console, start))


@jobs.command("list")
def jobs_list(
    number: Annotated[int, typer.Option("--number", "-n", min=1, max=1000, help="How many of the last ones.")] = 20,
) -> None:
    """List the last runs."""
    from app.process.job_commands import list_jobs
    from app.process.provision import any_database

    with any_database(read_settings()) as database:
        asyncio.run(list_jobs(database.args, console, number))


@jobs.command("report")
def jobs_report(
    id: Annotated[str, typer.Argument(help="The id of the run: job_run_1.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Show what a run has come to, where its job has a report."""
    from app.process.job_commands import show_report
    from app.process.provision import any_database

    with any_database(read_settings()) as database:
        asyncio.run(show_report(database.args, console, id, as_json=as_json))


cli.add_typer(cache, name="cache")
cli.add_typer(metadata, name="metadata")


def add_job_command(verb: str) -> None:
    """The command `jobs VERB ID`."""

    @jobs.command(verb, help=f"{verb.capitalize()} a run, by its id: job_run_1.")
    def change(id: Annotated[str, typer.Argument(help="The id of the run.")]) -> None:
        from app.process.job_commands import change_job
        from app.process.provision import any_database

        with any_database(read_settings()) as database:
            asyncio.run(change_job(database.args, console, verb, id))


for _verb in ("cancel", "pause", "resume", "retry"):
    add_job_command(_verb)


@cli.command("import")
def import_command(
    location: Annotated[str, typer.Argument(metavar="PATH_OR_URL", help="A file, a folder, or a server.")],
    library: Annotated[str, typer.Option(help="Name of the library; it is made where there is none.")],
    kind: Annotated[str | None, typer.Option(help="What a new library takes: MOVIE, SERIES ... (all kinds)")] = None,
    format: Annotated[str | None, typer.Option(help="The format, where it is not to be guessed.")] = None,
    option: Annotated[list[str] | None, typer.Option("--option", help="NAME=VALUE, of the format.")] = None,
    map: Annotated[str | None, typer.Option("--map", help="Columns of a table: title=Name,year=Year.")] = None,
    match: Annotated[
        str | None,
        typer.Option(help="How new items find media: of EXTERNAL_ID, PATH, TITLE; or KEY alone. (as the format says)"),
    ] = None,
    mode: Annotated[str, typer.Option(help="What lists do to those of media that are there: replace, merge.")] = (
        "replace"
    ),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and store nothing.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Delete media that are gone from the source.")] = False,
    max_prune: Annotated[int, typer.Option(min=0, max=100, help="Percent of what is known that may go.")] = 20,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and import what changes.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew where an import was interrupted.")] = False,
    report: Annotated[Path, typer.Option(help="File for what could not be imported.")] = Path("import-failures.jsonl"),
) -> None:
    """Import media from a file, a folder or a server. Statuses: 0 done, 1 database, 2 usage, 3 source, 4 some items
    failed, 5 too much to prune, 6 another import runs, 130 interrupted."""
    from app.process.import_command import import_media
    from app.process.import_once import ImportOrder
    from app.process.import_options import read_kind, read_location, read_match, read_mode, read_options
    from app.process.provision import any_database, bring_up_to_date
    from sources.formats import is_path

    if watch and (not is_path(location) or dry_run):
        raise typer.BadParameter("--watch is for files and folders, and not with --dry-run.")
    settings = read_settings()
    order = ImportOrder(
        location=read_location(location),
        library=library,
        kind=read_kind(kind),
        format=format,
        options=read_options(option or [], map),
        match_by=None if match is None else read_match(match),
        mode=read_mode(mode),
        prunes=prune,
        max_pruned=max_prune,
        is_dry_run=dry_run,
        restarts=restart,
        watches=watch,
        report=report,
        chunk=settings.import_chunk,
        lost_after=settings.job_lost_after,
    )
    with any_database(settings) as database:
        asyncio.run(bring_up_to_date(database.args, console))
        status = asyncio.run(import_media(database.args, console, order))
        if database.embedded is not None:
            database.embedded.end_first_start()
    raise typer.Exit(status)


@cli.command()
def export(
    library: Annotated[str | None, typer.Option(help="Name of the library; all where none is given.")] = None,
    output: Annotated[Path | None, typer.Option(help="The file; the standard output where none is given.")] = None,
) -> None:
    """Write all media as JSON lines, which `import` reads."""
    from app.process.export import export_media
    from app.process.provision import any_database, bring_up_to_date

    with any_database(read_settings()) as database:
        asyncio.run(bring_up_to_date(database.args, errors))
        media = asyncio.run(export_media(database.args, library, output))
    errors.print(f"{media:,} media written.", highlight=False)


for _plural, _noun in NORMALISED.items():
    add_normalise(cli, console, _plural, _noun)


@cli.command()
def schema() -> None:
    """Print the schema in the GraphQL schema definition language."""
    from schema.root import schema as root

    typer.echo(root.as_str())


@cli.command()
def settings() -> None:
    """Print the settings as Markdown, as docs/settings.md has them."""
    from app.settings_page import settings_page

    typer.echo(settings_page(), nl=False)


@cli.command()
def formats() -> None:
    """Print the formats that can be imported as Markdown, as docs/sources.md has them."""
    from sources.formats_page import formats_page

    typer.echo(formats_page(), nl=False)


@cli.command("tagger-schema")
def tagger_schema_command() -> None:
    """Print what is sent to a tagger and what it answers as a JSON Schema, as docs/tagger.schema.json has it."""
    import orjson

    from providers.tagger.messages import tagger_schema

    typer.echo(orjson.dumps(tagger_schema(), option=orjson.OPT_INDENT_2))


@cli.command()
def key() -> None:
    """Print a new random key, for MARQUEE_KEYS."""
    from app.http.keys import new_key

    typer.echo(new_key())


def main() -> None:
    """Errors that a person can mend are said in words: status 2 for a wrong setting, 1 for all else."""
    try:
        cli()
    except StartError as error:
        _complain(str(error))
        sys.exit(error.exit_status)


def _complain(message: str) -> None:
    errors.print(message, markup=False, highlight=False, soft_wrap=True)
