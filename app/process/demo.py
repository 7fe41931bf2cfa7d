"""The demo brought into a catalogue: its parts are sources like any other, imported one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from app.postgres.embedded import state_folder
from app.process.import_command import make_plan
from app.process.import_once import ExitStatus, Importing, ImportOrder, Stop, say
from app.process.provision import DatabaseError, session_of
from app.settings import Settings
from catalog.importing.checkpoint import IMPORT_NAME
from catalog.transaction import transact
from catalog.upsert.item import OnConflict
from database.connect_args import ConnectArgs
from database.refusal import REFUSALS, why
from database.session import Session
from database.statement import plain
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED
from sources.demo.catalogue import ForeignCatalogueError, count_media, movies_present, note_imported
from sources.demo.source import DEMO, PREFIX
from sources.formats import open_source
from sources.source import SourceError

# Statistics for the planner, and pages marked all-visible so that index-only scans need not look at the table.
VACUUM = plain(IMPORT_NAME, "VACUUM (ANALYZE)")
REPORT = "import-failures.jsonl"


class Part(NamedTuple):
    """A part of the demo, and the library that it goes into. has_files: whether it writes files of its own."""

    name: str
    library: str
    kind: str
    has_files: bool = False


MOVIES = Part("movies", "Movies", "MOVIE")
OTHER_PARTS = (
    Part("owned", "Movies", "MOVIE"),
    Part("series", "Series", "SERIES"),
    Part("tunes", "Tunes", "TRACK", has_files=True),
    Part("clips", "Clips", "CLIP", has_files=True),
)


class DemoResult(NamedTuple):
    """How many media were added, and how many there are now."""

    added: int
    media: int


class DemoPartError(Exception):
    """A part of the demo was not imported to its end."""


def demo_folder(settings: Settings) -> Path:
    """Where the files of the demo are, its tunes and pictures."""
    return (state_folder(settings) / "demo").absolute()


async def fill(args: ConnectArgs, scale: int | None, console: Console, folder: Path) -> DemoResult:
    """Imports the demo; what is there already stays, and what was interrupted goes on.

    scale: so many movies and nothing else; None: all of the demo. folder: where its files are written. Raises
    DatabaseError."""
    parts = (MOVIES,) if scale is not None else (MOVIES, *OTHER_PARTS)
    try:
        return await import_demo(args, console, folder, parts, scale)
    except (ForeignCatalogueError, DemoPartError, SourceError, CatalogError, *REFUSALS) as error:
        raise DatabaseError(f"The demo data cannot be loaded: {why(error)}") from error


async def import_demo(
    args: ConnectArgs, console: Console, folder: Path, parts: Sequence[Part], movies: int | None = None
) -> DemoResult:
    """Imports parts of the demo; `movies`: how many of these, all by itself. ForeignCatalogueError, DemoPartError."""
    async with session_of(args) as session, session_of(args) as beats:
        present = await movies_present(session)
        before = await count_media(session)
        for part in parts:
            say(console, f"Demo data: {part.name}, into the library {part.library}")
            await import_part(session, beats, console, folder, part, movies, present if part is MOVIES else {})
        after = await count_media(session)
        if after > before:
            await session.fetch(VACUUM, ())
        return DemoResult(after - before, after)


async def import_part(
    session: Session,
    beats: Session,
    console: Console,
    folder: Path,
    part: Part,
    movies: int | None,
    present: dict[int, int],
) -> None:
    """One import, as `python -m app import demo:PART` does it. beats: for heartbeats; present: of `movies_present`."""
    order = ImportOrder(
        f"{PREFIX}{part.name}",
        part.library,
        part.kind,
        DEMO.name,
        {"folder": str(folder)} if part.has_files else {},
        mode=OnConflict.MERGE,
        report=folder / REPORT,
    )
    # How many movies are read is no option of the import: the others are the same items whoever reads them.
    scale = {"scale": str(movies)} if part is MOVIES and movies is not None else {}
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    opened = await open_source(order.location, order.format, {**order.options, **scale})
    plan = await make_plan(session, order, opened)
    if present:
        await transact(session, UNRESTRICTED, IMPORT_NAME, partial(note_imported, plan=plan, present=present))
    status = await Importing(session, beats, console, order, plan, Stop(console)).once(opened)
    if status is ExitStatus.SOME_FAILED:
        raise DemoPartError(f"some of {order.location} cannot be stored: {order.report} says why")
    if status is not ExitStatus.DONE:
        raise DemoPartError(f"the import of {order.location} was cancelled: the same command goes on with it")
