"""`python -m bench.midi FOLDER`: measures recording and analysing MIDI files and writes docs/benchmarks-midi.md.

The folder is copied until there are some ten thousand files. What a source gives is measured by itself, and with the
import that stores it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Annotated

import typer
from rich.console import Console

from app.collecting import collect_rarely
from app.errors import StartError
from app.postgres.embedded import EmbeddedPostgres
from app.process.migrate import migrate
from app.settings import CHECKOUT
from bench.database import FOLDER
from bench.machine import machine
from bench.report import markdown_table
from catalog.importing.plan import CHUNK, ImportPlan
from catalog.importing.progress import Silent
from catalog.importing.run import run_import
from catalog.music_analysis import analyse_music
from catalog.upsert.item import Item
from database.connect_args import ConnectArgs
from database.open_session import open_session
from database.session import Session
from database.statement import plain
from domain.viewer import UNRESTRICTED
from sources.midi.analyser import BATCH_BYTES, MidiAnalyser, analysis_workers
from sources.midi.folder import MIDI_FOLDER, MidiFolder
from sources.source import SourceItem

DOCUMENT = CHECKOUT / "docs" / "benchmarks-midi.md"
FILES = 10_000
console = Console()

HEAD = """# Benchmarks of MIDI files

{files:,} MIDI files of a folder ({bytes:.1f} MB, copies of {distinct} folk tunes, no two of one content), {workers}
processes that analyse, batches of at most {batch} MB. Read: walked, their size, time and hash taken. Stored: imported,
by chunks of {chunk:,}; what is stored of a file is a media with its history and feed, the file, and the music where it
is analysed. Wanted: 500 files a second analysed, 10,000 recorded. `python -m bench.midi FOLDER` makes this file.

Files are read fast enough to record 10,000 a second; storing them takes longer, since each is a media with folded
title, kept counts, history and feed, and a file, in their tables and indexes, checked and looked up by the
upsert. Client CPU: milliseconds of a processor that the importing process takes for a file. Waiting: the part of
the time in which a chunk waits for PostgreSQL; the next one is prepared meanwhile.

"""


def main(
    folder: Annotated[Path, typer.Argument(help="A folder of MIDI files.")],
    files: Annotated[int, typer.Option(help="How many files, made by copying.")] = FILES,
    database: Annotated[Path, typer.Option(help="Where the database is kept.")] = FOLDER,
) -> None:
    """Measure the reading, recording and analysing of MIDI files."""
    with TemporaryDirectory() as copies:
        originals = sorted(folder.glob("**/*.mid"))
        size = copied(originals, Path(copies), files)
        with EmbeddedPostgres(database / "midi") as args:
            rows = asyncio.run(measured(copies, args))
    head = HEAD.format(
        files=files,
        bytes=size / 1e6,
        distinct=len(originals),
        workers=analysis_workers(),
        batch=BATCH_BYTES // 1_000_000,
        chunk=CHUNK,
    )
    table = markdown_table(
        ["", "files a second", "client CPU, ms a file", "waiting for PostgreSQL"],
        [
            (name, f"{speed:,.0f}", f"{cpu:.3f}", "" if share is None else f"{share:.0%}")
            for name, speed, cpu, share in rows
        ],
    )
    own = markdown_table(["", ""], [one for one in machine() if one[0] != "Node.js"])
    DOCUMENT.write_text(f"{head}{table}\n\n## Machine\n\n{own}\n")
    console.print(f"Written: {DOCUMENT}", soft_wrap=True)


def copied(originals: Sequence[Path], target: Path, wanted: int) -> int:
    """Copies files, a folder for each round, each told apart by a chunk of its own; the bytes of all."""
    size = 0
    for place in range(wanted):
        original = originals[place % len(originals)]
        folder = target / str(place // len(originals))
        folder.mkdir(exist_ok=True)
        # Chunks of unknown types are to be skipped. Files of one content would be looked at for having been moved.
        content = original.read_bytes() + struct.pack(">4sII", b"XNUM", 4, place)
        (folder / original.name).write_bytes(content)
        size += len(content)
    return size


async def measured(folder: str, args: ConnectArgs) -> list[tuple[str, float, float, float | None]]:
    """What was done, how many files of it a second, milliseconds of a processor for a file, and which part of the time
    went to waiting for the database."""
    collect_rarely()  # as the command does
    await migrate(args)
    record, analyse = MidiFolder(folder, analyse=False), MidiFolder(folder)
    rows = [await timed("read", count(record)), await timed("read and analysed", count(analyse))]
    async with open_session(args) as session:
        for name, source in (("read and stored", record), ("read, analysed and stored", analyse)):
            await session.fetch(plain("bench", CLEAR), ())
            rows.append(await timed(name, stored(session, source, folder), session))
            rows.append(await timed(f"{name}, unchanged", stored(session, source, folder), session))
        await session.fetch(plain("bench", CLEAR), ())
        await stored(session, record, folder)
        rows.append(await timed("analysed from the catalogue, and stored", analysed(session), session))
    return rows


async def timed(
    name: str, work: Awaitable[int], session: Session | None = None
) -> tuple[str, float, float, float | None]:
    """A row of the table."""
    before = 0.0 if session is None else session.ran
    started, busy = perf_counter(), process_time()
    done = await work
    took, busy = perf_counter() - started, process_time() - busy
    return name, done / took, busy / done * 1e3, None if session is None else (session.ran - before) / took


CLEAR = "TRUNCATE media, library, history_event, media_change RESTART IDENTITY CASCADE"
LIBRARY = "INSERT INTO library (name, folded_name, kind) VALUES ('Tunes', 'tunes', 'TRACK') ON CONFLICT DO NOTHING"


async def items_of(source: MidiFolder) -> AsyncIterator[Item]:
    async for one in source.read():
        if isinstance(one, SourceItem):
            yield one.item


async def count(source: MidiFolder) -> int:
    return len([None async for _ in items_of(source)])


async def stored(session: Session, source: MidiFolder, folder: str) -> int:
    """Imports all."""
    await session.fetch(plain("bench", LIBRARY), ())
    plan = ImportPlan(1, MIDI_FOLDER.name, folder, match_by=MIDI_FOLDER.match_by)
    counts = await run_import(session, UNRESTRICTED, source, plan, Silent())
    if counts.failed:
        raise StartError(f"items failed: {counts.reasons}")
    return counts.done


async def analysed(session: Session) -> int:
    """What the job `analyse` does."""
    async with MidiAnalyser() as analyser:
        return sum([chunk.analysed async for chunk in analyse_music(session, UNRESTRICTED, analyser)])


if __name__ == "__main__":
    typer.run(main)
