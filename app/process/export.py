"""`python -m app export`: the catalogue, or a library, as JSON lines in a file or on the standard output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.errors import StartError
from app.process.provision import session_of
from catalog.export import export_catalogue
from catalog.importing.target import find_library
from catalog.transaction import transact
from database.connect_args import ConnectArgs
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED


async def export_media(args: ConnectArgs, library: str | None, output: Path | None) -> int:
    """How many media were written. Raises StartError where there is no such library, or the file cannot be written."""
    async with session_of(args) as session:
        try:
            number = None
            if library is not None:
                number = await transact(session, UNRESTRICTED, "export", lambda writer: find_library(writer, library))
            with opened(output) as file:

                async def write(piece: bytes) -> None:
                    await asyncio.to_thread(file.write, piece)

                return await export_catalogue(session, UNRESTRICTED, number, write)
        except CatalogError as error:
            raise StartError(str(error)) from error
        except OSError as error:
            raise StartError(f"{output or 'The standard output'} cannot be written: {error.strerror}") from error


@contextmanager
def opened(output: Path | None) -> Iterator[BinaryIO]:
    """The file, which is there only when it is whole; else the standard output."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    output = Path(os.path.realpath(output))  # a link goes on to lead to it
    if output.exists() and not output.is_file():  # a device or a pipe cannot be replaced
        with output.open("wb") as file:
            yield file
        return
    unfinished = output.with_name(f"{output.name}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
