"""The commands that clean names: `python -m app tags|genres|channels|people normalise`."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from app.settings import read_settings

E = TypeVar("E", bound=StrEnum)

NORMALISED = {"tags": "TAG", "genres": "GENRE", "channels": "CHANNEL", "people": "PERSON"}


def add_normalise(cli: typer.Typer, console: Console, plural: str, noun: str) -> None:
    """The command `PLURAL normalise`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=f"Names of {plural}.")
    cli.add_typer(group, name=plural)

    @group.callback()
    def names() -> None:
        pass

    @group.command("normalise")
    def normalise(
        preview: Annotated[bool, typer.Option("--preview", help="Say what would be done, and change nothing.")] = False,
        case: Annotated[str, typer.Option(help="LOWER, UPPER, TITLE, SENTENCE, or KEEP.")] = "KEEP",
        accents: Annotated[bool, typer.Option("--accents", help="Take accents away.")] = False,
        separators: Annotated[bool, typer.Option("--separators", help="Hyphens, _ and camelCase to spaces.")] = False,
        punctuation: Annotated[bool, typer.Option("--punctuation", help="Take punctuation away.")] = False,
        ampersand: Annotated[str, typer.Option(help="AND, SIGN, or KEEP.")] = "KEEP",
        numbers: Annotated[bool, typer.Option("--numbers", help="Number words to digits.")] = False,
        plurals: Annotated[bool, typer.Option("--plurals", help="The last word to the singular.")] = False,
    ) -> None:
        """Clean all names by rules, and merge those that become one; undo it by the mutation `undo`."""
        from app.process.normalise import normalise as run
        from app.process.provision import any_database, bring_up_to_date
        from catalog.taxonomy.noun import TAXONOMY_NOUNS
        from catalog.taxonomy.rules import Ampersand, NameCase, Rules
        from domain.enums import TaxonomyNoun

        rules = Rules(
            separators=separators,
            punctuation=punctuation,
            ampersand=chosen(Ampersand, ampersand, "--ampersand"),
            numbers=numbers,
            plurals=plurals,
            accents=accents,
            case=chosen(NameCase, case, "--case"),
        )
        with any_database(read_settings()) as database:
            asyncio.run(bring_up_to_date(database.args, console))
            asyncio.run(run(database.args, console, TAXONOMY_NOUNS[TaxonomyNoun(noun)], rules, is_preview=preview))


def chosen(words: type[E], given: str, option: str) -> E | None:
    """The word of an option; None for KEEP."""
    if given.upper() == "KEEP":
        return None
    if given.upper() not in words.__members__:
        raise typer.BadParameter(f"{option} is one of {', '.join(words.__members__)}, KEEP.")
    return words[given.upper()]
