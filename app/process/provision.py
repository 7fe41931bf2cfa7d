"""The database of a command: address, free connections, migrations and demo data."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from app.errors import StartError
from app.postgres.embedded import NO_SPACE, EmbeddedPostgres, FolderInUseError, find_running, state_folder
from app.process.migrate import migrate
from app.settings import Settings
from database.connect_args import ConnectArgs, without_password
from database.migrations import MigrationError
from sources.demo.load import DemoResult, ForeignCatalogueError, load_demo

CONNECT_TIMEOUT = 10.0
JOIN_TIMEOUT = 30.0

# What asyncpg raises where a database cannot be reached or refuses; the last two are for a malformed address.
REFUSALS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, OverflowError)

# Connections that the server leaves to ordinary users.
ROOM = """
SELECT current_setting('max_connections')::int
     - current_setting('superuser_reserved_connections')::int
     - coalesce(current_setting('reserved_connections', true)::int, 0)
"""
LISTENING = 1  # connections of a worker beside its pool (database/notifications.py)


class DatabaseError(StartError):
    """The database cannot be used."""


@dataclass(frozen=True, slots=True)
class Database:
    args: ConnectArgs
    # Set when this process owns the server.
    embedded: EmbeddedPostgres | None


def why(error: BaseException) -> str:
    """What happened, in words: where a lost connection made the end of a transaction fail, what it was lost by."""
    while isinstance(error, asyncpg.InterfaceError) and error.__context__ is not None:
        error = error.__context__
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message}): set sslrootcert in DATABASE_URL to the file of "
            "the authority that has signed it"
        )
    return str(error) or type(error).__name__


@contextmanager
def own_database(settings: Settings) -> Iterator[Database]:
    """The outside database, or an embedded server that lives as long as the context. Raises PostgresError."""
    if settings.database_url is not None:
        yield Database(settings.connect_args(), None)
        return
    embedded = EmbeddedPostgres(state_folder(settings))
    try:
        with embedded as args:
            yield Database(args, embedded)
    except StartError as error:
        if embedded.ran_out_of_space() or NO_SPACE.decode() in str(error):
            raise DatabaseError(
                f"The disk of {embedded.state_dir} is full; the database and its demo take about 300 MB. Make room "
                "there, or set MARQUEE_STATE_DIR to a folder on another disk, and start again."
            ) from error
        raise


@contextmanager
def any_database(settings: Settings) -> Iterator[Database]:
    """Like `own_database`, but joins the embedded server of another process that is running."""
    try:
        with own_database(settings) as database:
            yield database
    except FolderInUseError:
        yield Database(_join(settings), None)


async def connect(args: ConnectArgs) -> asyncpg.Connection:
    """Raises DatabaseError."""
    try:
        # Nothing is kept prepared, which a pooler might give to another client.
        return await asyncpg.connect(**args.kwargs(), timeout=CONNECT_TIMEOUT, statement_cache_size=0)
    except REFUSALS as error:
        raise DatabaseError(f"The database at {without_password(args.dsn)} cannot be used: {why(error)}") from error


async def check_room(args: ConnectArgs, settings: Settings) -> None:
    """Raises DatabaseError when the workers could ask for more connections than the server has."""
    connection = await connect(args)
    try:
        room = await connection.fetchval(ROOM)
    finally:
        await connection.close()
    wanted = settings.workers * (settings.pool_max + LISTENING)
    # Behind a pooler (no prepared statements kept) connections are shared, and its own limit counts.
    if wanted > room and settings.statement_cache_size > 0:
        raise DatabaseError(
            f"MARQUEE_WORKERS ({settings.workers}) x MARQUEE_POOL_MAX ({settings.pool_max}), and one more for each "
            f"worker, makes {wanted} connections, and the database allows {room}: lower one of them, or raise the "
            "database's max_connections."
        )


async def bring_up_to_date(args: ConnectArgs, console: Console) -> None:
    """Runs the migrations that are missing. Raises DatabaseError."""
    try:
        names = await migrate(args)
    except (MigrationError, *REFUSALS) as error:
        raise DatabaseError(f"The database at {without_password(args.dsn)} cannot be migrated: {why(error)}") from error
    if names:
        console.print(f"Migrations applied: {', '.join(names)}", highlight=False, soft_wrap=True)


async def fill(args: ConnectArgs, scale: int | None, console: Console) -> DemoResult:
    """Loads the demo data in one transaction, with progress on the console; what is there already stays.

    Raises DatabaseError.
    """
    connection = await connect(args)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    try:
        with Progress(*columns, console=console) as progress:
            tasks: dict[str, TaskID] = {}

            def show(step: str, done: int, total: int | None) -> None:
                if step not in tasks:
                    tasks[step] = progress.add_task(f"Demo data: {step}", total=total)
                progress.update(tasks[step], completed=done, total=total)

            return await load_demo(connection, scale, show)
    except (ForeignCatalogueError, *REFUSALS) as error:
        raise DatabaseError(f"The demo data cannot be loaded: {why(error)}") from error
    finally:
        await connection.close()


def _join(settings: Settings) -> ConnectArgs:
    deadline = time.monotonic() + JOIN_TIMEOUT
    while (args := find_running(state_folder(settings))) is None:
        if time.monotonic() > deadline:
            raise DatabaseError(f"The server that owns {state_folder(settings)} takes no connections.")
        time.sleep(0.1)
    return args
