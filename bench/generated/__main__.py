"""`python -m bench.generated N`: fills the database with N media, real movies first; what is there already stays."""

from __future__ import annotations

import argparse
import asyncio

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from app.process.provision import any_database, bring_up_to_date, session_of
from app.settings import read_settings
from bench.generated.load import LoadResult, load_generated
from database.connect_args import ConnectArgs
from sources.demo.catalogue import ForeignCatalogueError

MOST = 10_000_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.generated", description=__doc__)
    parser.add_argument("media", type=number_of_media, help=f"how many media in all, 1 to {MOST:,}")
    media = parser.parse_args().media
    console = Console()
    with any_database(read_settings()) as database:
        asyncio.run(bring_up_to_date(database.args, console))
        try:
            result = asyncio.run(load(database.args, media, console))
        except ForeignCatalogueError as error:
            raise SystemExit(str(error)) from error
        if database.embedded is not None:
            database.embedded.end_first_start()
    console.print(f"{result.media} media added, {result.rows['media']} in all.", highlight=False)


def number_of_media(given: str) -> int:
    if not given.isdecimal() or not 1 <= int(given) <= MOST:
        raise argparse.ArgumentTypeError(f"{given} is no number of 1 to {MOST:,}")
    return int(given)


async def load(args: ConnectArgs, media: int, console: Console) -> LoadResult:
    """Loads them with progress on the console."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    async with session_of(args) as session:
        with Progress(*columns, console=console) as progress:
            tasks: dict[str, TaskID] = {}

            def show(step: str, done: int, total: int | None) -> None:
                if step not in tasks:
                    tasks[step] = progress.add_task(step, total=total)
                progress.update(tasks[step], completed=done, total=total)

            return await load_generated(session, media, show)


if __name__ == "__main__":
    main()
