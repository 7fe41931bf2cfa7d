"""The supervisor process: starts the database and the workers, restarts what dies, and stops them all."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Iterator

from rich.console import Console

from app.limits import job_workers
from app.postgres.embedded import EmbeddedPostgres
from app.postgres.postgres_files import PostgresError
from app.process.maintenance import keep_counts_folded
from app.process.provision import CommandDatabase, bring_up_to_date, check_room, own_database
from app.process.workers import WorkerError, Workers
from app.settings import Settings, SettingsError

BACKLOG = 2048
DATABASE_CHECK_EVERY = 0.5
MAX_DATABASE_PAUSE_LENGTH = 5.0


def run_supervisor(settings: Settings, console: Console) -> None:
    """Serves until Ctrl-C or SIGTERM. Raises SettingsError, PostgresError, DatabaseError, WorkerError."""
    for request in _stop_signals():
        signal.signal(request, signal.default_int_handler)
    with (
        contextlib.suppress(KeyboardInterrupt),
        listening(settings) as listener,
        own_database(settings) as database,
    ):
        asyncio.run(supervise(settings, listener, database, console))


async def supervise(settings: Settings, listener: socket.socket, database: CommandDatabase, console: Console) -> None:
    """Returns when a signal has asked to stop, with all workers ended."""
    environment = worker_environment(settings, database)
    workers = Workers(settings.workers, listener, environment, console)
    count = job_workers(settings)
    running_jobs = Workers(count, None, environment, console)
    with contextlib.closing(workers), contextlib.closing(running_jobs), _stopped_by_signals(workers, running_jobs):
        await _prepare(settings, database, console)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(settings.workers):
                    group.create_task(workers.keep_one())
                for _ in range(count):
                    group.create_task(running_jobs.keep_one())
                group.create_task(keep_counts_folded(database.args))
                if database.embedded is not None:
                    group.create_task(_keep_running(database.embedded, console))
                await workers.wait_until_ready()
                await running_jobs.wait_until_ready()
                _print_banner(settings, listener, database, console)
        except* WorkerError as failed:
            raise failed.exceptions[0] from None


def worker_environment(settings: Settings, database: CommandDatabase) -> dict[str, str]:
    """Environment of the workers: the database, and where traces are stored."""
    pages = database.embedded is not None if settings.trace_pages is None else settings.trace_pages
    state_dir = settings.state_dir if database.embedded is None else database.embedded.state_dir
    return {
        "DATABASE_URL": database.args.dsn,
        "MARQUEE_STATE_DIR": str(state_dir),
        "MARQUEE_TRACE_PAGES": str(pages).lower(),
    }


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """A socket bound to the settings' address. Raises SettingsError when another program has it."""
    family, kind, protocol, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            # Already here, since of two programs that bind to an address only one can listen.
            listener.listen(BACKLOG)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise SettingsError([f"MARQUEE_HOST: {settings.host} is no address of this machine"]) from error
            taken = "is taken by another program" if error.errno == errno.EADDRINUSE else f"gives: {error.strerror}"
            raise SettingsError(
                [f"MARQUEE_PORT: port {settings.port} {taken}; choose another one, as in `make PORT=8001 serve`"]
            ) from error
        yield listener


@contextlib.contextmanager
def _stopped_by_signals(*groups: Workers) -> Iterator[None]:
    """Cancels what is inside at the first signal and leaves without an error; the second one kills the workers."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    asked = False

    def stop() -> None:
        nonlocal asked
        if asked:
            for workers in groups:
                workers.kill()
        elif task is not None:
            task.cancel()
        asked = True

    for request in _stop_signals():
        loop.add_signal_handler(request, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not asked:
            raise


def _stop_signals() -> list[signal.Signals]:
    """Without SIGHUP under nohup."""
    asked = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    return asked[:2] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else asked


async def _prepare(settings: Settings, database: CommandDatabase, console: Console) -> None:
    await check_room(database.args, settings)
    await bring_up_to_date(database.args, console)
    if database.embedded is not None and database.embedded.is_first_start:
        if settings.demo:
            from app.process.demo import demo_folder, fill

            await fill(database.args, None, console, demo_folder(settings))
        database.embedded.end_first_start()


async def _keep_running(embedded: EmbeddedPostgres, console: Console) -> None:
    """Restarts the database when it dies; until then the workers answer that it is unavailable."""
    pause = DATABASE_CHECK_EVERY
    while True:
        await asyncio.sleep(pause)
        if embedded.is_running():
            pause = DATABASE_CHECK_EVERY
            continue
        console.print("PostgreSQL has ended; it is started again.")
        try:
            embedded.restart()
        except PostgresError as error:
            console.print(str(error), markup=False)
            pause = min(pause * 2, MAX_DATABASE_PAUSE_LENGTH)


def _print_banner(settings: Settings, listener: socket.socket, database: CommandDatabase, console: Console) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{listener.getsockname()[1]}"
    pages = worker_environment(settings, database)["MARQUEE_TRACE_PAGES"] == "true"
    data = "outside (DATABASE_URL)" if database.embedded is None else str(database.embedded.state_dir)
    if database.embedded is not None and database.embedded.state_dir != settings.state_dir:
        data += f" (PostgreSQL does not run as root, and its user cannot enter {settings.state_dir.parent})"
    lines = [
        "Marquee is ready.",
        f"  Browse    {address}/browse",
        f"  GraphiQL  {address}/graphql",
        *([f"  Traces    {address}/traces"] if pages else []),
        f"  Jobs      {address}/jobs",
        f"  Health    {address}/healthz",
        *(["  Key       required of every request (MARQUEE_KEYS)"] if settings.keys else []),
        f"  Database  {data}",
        "  Stop      Ctrl-C",
    ]
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
