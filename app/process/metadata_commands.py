"""The metadata service from the command line."""

from __future__ import annotations

import asyncio

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.errors import StartError
from app.process.open_pool import create_connector, open_pool
from app.process.outbound import open_services
from app.settings import Settings
from database.connect_args import ConnectArgs
from domain.bounds import TITLE_LETTERS
from domain.enums import MediaKind
from domain.errors import CatalogError
from providers.metadata.lookup import KINDS, Candidate, Wanted, find_candidates
from providers.services import configured

LOOKUP_SECONDS = 60.0


class MetadataCommandError(StartError):
    """The service is not set, or does not answer."""


def wanted_of(title: str, year: int | None, kind: str | None) -> Wanted:
    """Raises MetadataCommandError."""
    if not title.strip() or len(title) > TITLE_LETTERS or not title.isprintable():
        raise MetadataCommandError(f"A title has 1 to {TITLE_LETTERS} letters, in one line.")
    if kind is not None and kind.upper() not in KINDS:
        raise MetadataCommandError(f"Movies and series are looked up: --kind is {' or '.join(KINDS)}.")
    return Wanted(title.strip(), year, None, None if kind is None else MediaKind(kind.upper()))


async def look_up(args: ConnectArgs, settings: Settings, console: Console, wanted: Wanted, first: int) -> None:
    """Prints candidates, the best first. Raises MetadataCommandError."""
    connector = create_connector(args, settings)
    pool = open_pool(settings, connector)
    await pool.start()
    services = open_services(settings, pool, connector)
    try:
        service = configured(services.metadata, "MARQUEE_METADATA_URL")
        deadline = asyncio.get_running_loop().time() + LOOKUP_SECONDS
        console.print(candidates_table(await find_candidates(service, wanted, first, deadline)))
    except CatalogError as error:
        raise MetadataCommandError(f"{error.extensions['code']}: {error}") from error
    finally:
        await services.close()
        await pool.close()


def candidates_table(candidates: list[Candidate]) -> Table:
    table = Table("Score", "Kind", "Title", "Original title", "Year", "Ids")
    for one in candidates:
        ids = ", ".join(f"{source}:{value}" for source, value in one.external_ids)
        found = one.found
        year = "" if found.year is None else str(found.year)
        table.add_row(
            f"{one.score:.3f}", found.kind, escape(found.title), escape(found.original_title or ""), year, escape(ids)
        )
    return table
