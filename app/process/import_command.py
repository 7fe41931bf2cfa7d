"""`python -m app import`: what is to be imported where, and with which status it ends."""

from __future__ import annotations

import asyncio

from rich.console import Console

from app.collecting import collect_rarely
from app.process.import_once import ExitStatus, Importing, ImportOrder, Stop, interrupted, say
from app.process.import_report import ReportError, check_report
from app.process.import_watch import keep_in_sync
from app.process.provision import session_of
from catalog.importing.checkpoint import IMPORT_NAME
from catalog.importing.plan import ImportPlan
from catalog.importing.target import find_library, find_or_make_library
from catalog.transaction import Writer, transact
from database.connect_args import ConnectArgs
from database.session import Session
from domain.errors import CatalogError, Code
from domain.viewer import UNRESTRICTED
from sources.formats import OpenedSource, open_source
from sources.source import SourceError

STATUS_BY_CODE = {Code.PRUNE_REFUSED: ExitStatus.PRUNE_REFUSED, Code.IMPORT_RUNNING: ExitStatus.RUNNING}


async def import_media(args: ConnectArgs, console: Console, order: ImportOrder) -> ExitStatus:
    """Runs the command. Raises StartError where the database cannot be used."""
    stop = Stop(console)
    stop.listen()
    collect_rarely()
    try:
        check_report(order.report, order.location)
        opened = await open_source(order.location, order.format, order.options)
        say(console, opened.reason)
        async with session_of(args) as session, session_of(args) as beats:
            plan = await make_plan(session, order, opened)
            importing = Importing(session, beats, console, order, plan, stop)
            status = await importing.once(opened)
            if order.watches and status in (ExitStatus.DONE, ExitStatus.SOME_FAILED, ExitStatus.PRUNE_REFUSED):
                status = await keep_in_sync(importing)
            return status
    except ReportError as error:
        say(console, str(error))
        return ExitStatus.USAGE
    except SourceError as error:
        say(console, f"The source cannot be read: {error}")
        return ExitStatus.SOURCE
    except CatalogError as error:
        say(console, str(error))
        return STATUS_BY_CODE.get(Code(error.extensions["code"]), ExitStatus.FAILED)
    except asyncio.CancelledError:
        return interrupted(console, order)
    finally:
        stop.be_deaf()


async def make_plan(session: Session, order: ImportOrder, opened: OpenedSource) -> ImportPlan:
    """NOT_FOUND for the library in a dry run; else it is made."""

    async def library(writer: Writer) -> int:
        if order.is_dry_run:
            return await find_library(writer, order.library)
        return await find_or_make_library(writer, order.library, order.kind)

    return ImportPlan(
        library=await transact(session, UNRESTRICTED, IMPORT_NAME, library),
        format=opened.format.name,
        location=order.place,
        options=order.options,
        match_by=opened.format.match_by if order.match_by is None else order.match_by,
        on_conflict=order.mode,
        prunes=order.prunes,
        max_pruned=order.max_pruned,
        is_dry_run=order.is_dry_run,
        restarts=order.restarts,
        chunk=order.chunk,
    )
