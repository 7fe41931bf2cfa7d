"""The trace pages and the JSON that they show."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from app.http.access import UNTRUSTED
from app.http.http_request import LEGACY, refused
from app.telemetry.trace_store import TraceFilter, TraceReader

log = logging.getLogger("marquee.traces")

NO_STORE = {"Cache-Control": "no-store"}


def trace_routes(
    reader: TraceReader | None, page: Path, page_headers: Mapping[str, str], trusts: Callable[[Scope], bool]
) -> list[Route]:
    """The routes below /traces; without a reader the list says that traces are off. Callers are asked of `trusts`."""

    def html(request: Request) -> Response:
        if not page.is_file():
            return PlainTextResponse("The pages are not built: run `make ui`.", 404)
        return FileResponse(page, headers=dict(page_headers))

    async def list_traces(request: Request) -> Response:
        if not trusts(request.scope):
            return forbidden()
        if reader is None:
            return JSONResponse({"enabled": False, "kept": 0, "traces": []}, headers=NO_STORE)
        try:
            question = read_trace_filter(request.query_params)
        except ValueError:
            return refusal(400, "BAD_ARGUMENT", "minMs is a number, limit a whole number, errors is 1 or left out.")
        try:
            found = await asyncio.to_thread(reader.find, question)
        except sqlite3.Error as error:
            return unreadable_store(error)
        return JSONResponse({"enabled": True, "kept": reader.kept, "traces": found}, headers=NO_STORE)

    async def one_trace(request: Request) -> Response:
        if not trusts(request.scope):
            return forbidden()
        trace_id = request.path_params["trace_id"]
        try:
            spans = await asyncio.to_thread(reader.spans, trace_id) if reader is not None else None
        except sqlite3.Error as error:
            return unreadable_store(error)
        if spans is None:
            return refusal(404, "NO_SUCH_TRACE", "This trace is not kept, or not yet written.")
        return JSONResponse({"traceId": trace_id, "spans": spans}, headers=NO_STORE)

    return [
        Route("/traces", html),
        Route("/traces/api/list", list_traces),
        Route("/traces/api/trace/{trace_id}", one_trace),
        Route("/traces/{trace_id}", html),
    ]


def read_trace_filter(parameters: Mapping[str, str]) -> TraceFilter:
    """The filter of a list. Raises ValueError."""
    least = float(parameters.get("minMs") or 0)
    errors = parameters.get("errors") or None
    if not 0 <= least < 1e12 or errors not in (None, "1"):
        raise ValueError(least, errors)
    return TraceFilter(parameters.get("operation") or None, least, errors == "1", int(parameters.get("limit") or 100))


def forbidden() -> Response:
    return refusal(403, "FORBIDDEN", f"There are no traces here: {UNTRUSTED}.")


def unreadable_store(error: sqlite3.Error) -> Response:
    """For a file that is locked, broken or gone."""
    log.warning("traces cannot be read: %s", error)
    return refusal(503, "TRACES_UNAVAILABLE", "The kept traces cannot be read; the log says why.")


def refusal(status: int, code: str, message: str) -> Response:
    return Response(refused(message, code), status, headers=NO_STORE, media_type=LEGACY)
