"""A file or folder kept in sync: imported anew when something in it has changed."""

from __future__ import annotations

from pathlib import Path

from watchfiles import awatch

from app.process.import_once import ExitStatus, Importing, ImportOrder, say
from domain.errors import CatalogError
from sources.formats import open_source
from sources.source import SourceError

# Changes are taken together until none has come for so long, and this at most.
QUIET, LONGEST_WAIT = 1_000, 30_000  # milliseconds
LOOK_UP = 500  # milliseconds, after which the first sign comes that the watch has begun


async def keep_in_sync(importing: Importing) -> ExitStatus:
    """Runs until it is stopped. A source that cannot be read, or a database that is away, is tried again at the next
    change."""
    console, order, plan = importing.console, importing.order, importing.plan
    is_watching = False
    async for changes in awatch(
        watched(order),
        stop_event=importing.stop.event,
        debounce=LONGEST_WAIT,
        step=QUIET,
        ignore_permission_denied=True,
        rust_timeout=LOOK_UP,
        yield_on_timeout=True,
    ):
        if not is_watching:  # not before: who changes a file after this was said relies on it
            say(console, f"Watching {order.place}; Ctrl-C stops.")
            is_watching = True
        if not any(concerns(order, path) for _, path in changes):
            continue
        try:
            opened = await open_source(order.location, order.format or plan.format, order.options)
            status = await importing.once(opened)
        except (SourceError, CatalogError) as error:
            say(console, str(error))
            continue
        if status is ExitStatus.INTERRUPTED:
            return status
    return ExitStatus.DONE


def watched(order: ImportOrder) -> Path:
    """A folder itself; of a file the folder, since programs that save it put another one in its place."""
    path = Path(order.place)
    return path if path.is_dir() else path.parent


def concerns(order: ImportOrder, path: str) -> bool:
    """Whether a changed path is of the source, and not our own report."""
    if Path(path) == order.report.resolve():
        return False
    return Path(order.place).is_dir() or Path(path) == Path(order.place)
