"""Stored files over HTTP: whoever has a signed link reads one, in whole or in part.

The resolver that made the link has seen to it that its file may be seen (schema/stored_file.py)."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from domain.errors import CatalogError, Code
from domain.file_type import CONTENT_TYPES, TYPES_BY_EXTENSION
from providers.files.service import FileService

log = logging.getLogger("marquee.files")

# Whatever a file is, it is no page: nothing in it is run, and no browser guesses what else it might be.
FILE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
}
WRONG_LINK = "This link to a file is wrong or has expired: ask for a new one by the field `file` or `files`."
GONE_FILE = "The file is not there any longer, or is kept by another machine."
MAX_AGE = 86_400  # seconds


def file_routes(files: FileService | None) -> list[Route]:
    """The route of stored files; none for a process that has none."""

    async def file(request: Request) -> Response:
        assert files is not None
        return await file_answer(files, request)

    return [] if files is None else [Route("/files/{name}", file, methods=["GET"])]


async def file_answer(files: FileService, request: Request) -> Response:
    """The file, a part of it, or 304 where the client has it; 403 for a wrong link, 404 for a file that is gone, 503
    where links cannot be checked."""
    name, query = request.path_params["name"], request.query_params
    expires = query.get("expires", "")
    path = files.folder.path_of(name)
    try:
        if path is None or not files.links.allows(name, expires, query.get("signature", "")):
            return file_refusal(403, WRONG_LINK)
    except CatalogError as error:
        log.error("%s", error)
        return file_refusal(503, str(error))
    tag = f'"{path.stem}"'
    headers = {
        **FILE_HEADERS,
        "ETag": tag,
        "Cache-Control": f"private, max-age={min(files.links.remaining(expires), MAX_AGE)}, immutable",
    }
    found = await asyncio.to_thread(regular, path)
    if found is None:
        return file_refusal(404, GONE_FILE)
    if has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    content_type = CONTENT_TYPES[TYPES_BY_EXTENSION[path.suffix[1:]]]
    return FileResponse(path, headers={**headers, "Content-Type": content_type}, stat_result=found)


def regular(path: Path) -> os.stat_result | None:
    """Facts of a file that is there, no link to another one."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def has(given: str, tag: str) -> bool:
    """Whether a header If-None-Match names a tag; a weak one is as good here."""
    tags = {part.strip().removeprefix("W/") for part in given.split(",")}
    return tag in tags or "*" in tags


def file_refusal(status: int, message: str) -> Response:
    body = {"errors": [{"message": message, "extensions": {"code": Code.FILES_UNAVAILABLE.value}}]}
    return Response(
        orjson.dumps(body),
        status,
        media_type="application/json; charset=utf-8",
        headers={"X-Content-Type-Options": "nosniff"},
    )
