"""The database of a command: address, free connections and migrations."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from rich.console import Console

from app.errors import StartError
from app.limits import job_pool_limits, job_workers
from app.postgres.embedded import NO_SPACE, EmbeddedPostgres, FolderInUseError, find_running, state_folder
from app.process.migrate import migrate
from app.settings import Settings
from database.connect_args import ConnectArgs, without_password
from database.migrations import MigrationError
from database.open_session import open_session
from database.refusal import REFUSALS, why
from database.session import Session
from database.statement import plain

JOIN_TIMEOUT = 30.0

# Connections that the server leaves to ordinary users.
ROOM = plain(
    "room",
    """
    SELECT current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0)
    """,
)
LISTENING = 1  # connections of a worker beside its pool (database/notifications.py)


class DatabaseError(StartError):
    """The database cannot be used."""


@dataclass(frozen=True, slots=True)
class CommandDatabase:
    args: ConnectArgs
    # Set when this process owns the server.
    embedded: EmbeddedPostgres | None


@contextmanager
def own_database(settings: Settings) -> Iterator[CommandDatabase]:
    """The outside database, or an embedded server that lives as long as the context. Raises PostgresError."""
    if settings.database_url is not None:
        yield CommandDatabase(settings.connect_args(), None)
        return
    embedded = EmbeddedPostgres(state_folder(settings))
    try:
        with embedded as args:
            yield CommandDatabase(args, embedded)
    except StartError as error:
        if embedded.ran_out_of_space() or NO_SPACE.decode() in str(error):
            raise DatabaseError(
                f"The disk of {embedded.state_dir} is full; the database and its demo take about 300 MB. Make room "
                "there, or set MARQUEE_STATE_DIR to a folder on another disk, and start again."
            ) from error
        raise


@contextmanager
def any_database(settings: Settings) -> Iterator[CommandDatabase]:
    """Like `own_database`, but joins the embedded server of another process that is running."""
    try:
        with own_database(settings) as database:
            yield database
    except FolderInUseError:
        yield CommandDatabase(_join(settings), None)


@asynccontextmanager
async def session_of(args: ConnectArgs) -> AsyncIterator[Session]:
    """A session of a command. Raises DatabaseError where the database cannot be reached."""
    async with AsyncExitStack() as stack:
        try:
            session = await stack.enter_async_context(open_session(args))
        except REFUSALS as error:
            raise DatabaseError(f"The database at {without_password(args.dsn)} cannot be used: {why(error)}") from error
        yield session


async def check_room(args: ConnectArgs, settings: Settings) -> None:
    """Raises DatabaseError when the workers could ask for more connections than the server has."""
    async with session_of(args) as session:
        [[room]] = await session.fetch(ROOM, ())
    running_jobs = job_workers(settings) * (job_pool_limits(settings).max + LISTENING)
    wanted = settings.workers * (settings.pool_max + LISTENING) + running_jobs
    # Behind a pooler (no prepared statements kept) connections are shared, and its own limit counts.
    if wanted > room and settings.statement_cache_size > 0:
        raise DatabaseError(
            f"MARQUEE_WORKERS ({settings.workers}) x MARQUEE_POOL_MAX ({settings.pool_max}), one more for each worker, "
            f"and {running_jobs} for jobs make {wanted} connections, and the database allows {room}: lower one of "
            "them, or raise the database's max_connections."
        )


async def bring_up_to_date(args: ConnectArgs, console: Console) -> None:
    """Runs the migrations that are missing. Raises DatabaseError."""
    try:
        names = await migrate(args)
    except (MigrationError, *REFUSALS) as error:
        raise DatabaseError(f"The database at {without_password(args.dsn)} cannot be migrated: {why(error)}") from error
    if names:
        console.print(f"Migrations applied: {', '.join(names)}", highlight=False, soft_wrap=True)


def _join(settings: Settings) -> ConnectArgs:
    deadline = time.monotonic() + JOIN_TIMEOUT
    while (args := find_running(state_folder(settings))) is None:
        if time.monotonic() > deadline:
            raise DatabaseError(f"The server that owns {state_folder(settings)} takes no connections.")
        time.sleep(0.1)
    return args
