"""The commands about outside services: `python -m app cache ...` and `python -m app metadata ...`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from app.settings import read_settings
from app.terminal import console

cache = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What is kept of answers of outside services.")


@cache.command("stats")
def cache_stats() -> None:
    """Show what is kept, and how often it helped, by provider."""
    from app.process.cache_commands import show_statistics
    from app.process.provision import any_database

    settings = read_settings()
    with any_database(settings) as database:
        asyncio.run(show_statistics(database.args, settings, console))


@cache.command("clear")
def cache_clear(
    namespace: Annotated[str | None, typer.Option(help="Only of this namespace.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only of this provider.")] = None,
    prefix: Annotated[str, typer.Option(help="Only calls that begin so: movie/, for example.")] = "",
    expired: Annotated[bool, typer.Option("--expired", help="Only what has expired.")] = False,
) -> None:
    """Remove what is kept: all of it, or what the options say."""
    from app.process.cache_commands import clear_entries
    from app.process.provision import any_database
    from providers.cache.store import Selection

    settings = read_settings()
    with any_database(settings) as database:
        asyncio.run(clear_entries(database.args, settings, console, Selection(namespace, provider, prefix, expired)))


metadata = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What a metadata service knows.")


@metadata.callback()
def metadata_commands() -> None:
    """What a metadata service knows (docs/metadata.md)."""


@metadata.command("lookup")
def metadata_lookup(
    title: Annotated[str, typer.Argument(help="The title of a movie or series.")],
    year: Annotated[int | None, typer.Option(min=0, max=9999, help="Its year: others get lower scores.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only MOVIE or SERIES.")] = None,
    first: Annotated[int, typer.Option(min=1, max=20, help="At most so many.")] = 5,
) -> None:
    """Show candidates for a title, the best first."""
    from app.process.metadata_commands import look_up, wanted_of
    from app.process.provision import any_database

    settings = read_settings()
    wanted = wanted_of(title, year, kind)
    with any_database(settings) as database:
        asyncio.run(look_up(database.args, settings, console, wanted, first))
