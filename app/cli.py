"""The command line: `python -m app serve|migrate|demo|check|schema|settings|key`.

Settings come from the environment (app/settings.py)."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from app.errors import StartError
from app.settings import misspelt, read_settings

SMALLEST_SCALE, LARGEST_SCALE = 1, 10_000_000

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Marquee: a GraphQL API over a media catalogue in PostgreSQL.",
)
console = Console()
errors = Console(stderr=True)


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
        typer.Option(min=SMALLEST_SCALE, max=LARGEST_SCALE, help="Make this many media in all from the real facts."),
    ] = None,
) -> None:
    """Fill the database with the demo data; what is there already stays."""
    from app.process.provision import any_database, bring_up_to_date, fill

    settings = read_settings()
    with any_database(settings) as database:
        asyncio.run(bring_up_to_date(database.args, console))
        result = asyncio.run(fill(database.args, scale, console))
        if database.embedded is not None:
            database.embedded.end_first_start()
    console.print(f"Demo data: {result.media} media added, {result.rows['media']} in all.", highlight=False)


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
