"""GraphQL over HTTP: an ASGI application for one path. The protocol is here, the work in app/service."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from graphql import OperationType
from starlette.responses import FileResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.http.cross_site import check_preflight, check_site
from app.http.disconnect import DisconnectMonitor
from app.http.http_request import (
    LEGACY,
    MODERN,
    ClientGoneError,
    HttpError,
    is_json,
    read_body,
    read_json,
    read_query,
    refused,
    request_of,
    wanted,
)
from app.http.persisted_queries import PersistedQueries
from app.service.graphql_service import Answer, Request, Service, written
from app.telemetry.instrumentation import Instrumentation, RequestRecord
from database.pool import Pool
from database.session import Session
from domain.viewer import UNRESTRICTED

log = logging.getLogger("marquee.http")

NOT_BUILT = PlainTextResponse("GraphiQL is not built here: run `make ui`.\n", 503)
CLIENT_GONE = 499  # for traces: nobody reads this status
CONTENT_TYPES = {kind: (b"content-type", f"{kind}; charset=utf-8".encode()) for kind in (LEGACY, MODERN)}
VARY = (b"vary", b"accept")


class GraphQLView:
    """Answers POST and GET with GraphQL, and a browser's GET with GraphiQL. One an event loop."""

    def __init__(
        self,
        service: Service,
        pool: Pool,
        instrumentation: Instrumentation,
        max_body: int,
        page: Path,
        page_headers: Mapping[str, str],
        body_seconds: float,
    ) -> None:
        self._service = service
        self._pool = pool
        self._instrumentation = instrumentation
        self._max_body = max_body
        self._page = page
        self._page_headers = dict(page_headers)
        self._disconnects = DisconnectMonitor(body_seconds)
        self._persisted = PersistedQueries(service.limits.length)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        accepted = wanted(headers.get(b"accept", b""))
        if accepted.page and scope["method"] in ("GET", "HEAD"):
            page = FileResponse(self._page, headers=self._page_headers) if self._page.is_file() else NOT_BUILT
            await page(scope, receive, send)
            return
        record = self._instrumentation.begin(scope, headers)
        more: list[tuple[bytes, bytes]] = []
        try:
            if accepted.media_type is None:
                raise HttpError(406, "BAD_REQUEST", f"Answers come as {MODERN} or {LEGACY}.")
            with self._disconnects.watch(receive) as client:
                request = await self._read(scope, headers, receive)
                client.has_sent = True
                record.read(request)
                content = await self._run(request, record, queries_only=scope["method"] == "GET")
            # application/json keeps 200 for refused documents: clients that send it do not read the bodies of others.
            status = 200 if record.answer.executed or accepted.media_type == LEGACY else 400
            if scope["method"] == "GET" and is_refused_by_get(record.answer):
                status, more = 405, [(b"allow", b"POST")]
        except ClientGoneError:
            record.end(CLIENT_GONE)
            return
        except HttpError as error:
            status, content, more = error.status, refused(str(error), error.code), [*error.headers]
        except Exception:
            error_id = uuid4().hex
            log.exception("internal error %s", error_id)
            status, content = 500, refused("Internal error", "INTERNAL", errorId=error_id)
        more += record.end(status)
        await respond(send, status, accepted.media_type or LEGACY, content, more)

    async def _read(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Request:
        if scope["method"] == "POST":
            if not is_json(headers.get(b"content-type", b"")):
                raise HttpError(415, "BAD_REQUEST", "Send the request as application/json in UTF-8.")
            given = read_json(await read_body(headers, receive, self._max_body))
        elif scope["method"] == "GET":
            check_site(headers)
            check_upgrade(headers)
            given = read_query(scope["query_string"], self._max_body)
        else:
            check_preflight(headers)
            raise HttpError(405, "BAD_REQUEST", "Send GraphQL by POST or GET.", (b"allow", b"GET, POST"))
        if isinstance(given, dict) and given.get("extensions"):
            given = self._persisted.complete(given)
        return request_of(given)

    async def _run(self, request: Request, record: RequestRecord, *, queries_only: bool) -> bytes:
        database = record.database = Session(self._pool)
        answer = record.answer
        try:
            await self._service.run(
                request, database, UNRESTRICTED, queries_only=queries_only, stats=record.stats, answer=answer
            )
        finally:
            await database.close()
        record.answered()
        return written(answer, self._service.limits.answer_bytes)


def is_refused_by_get(answer: Answer) -> bool:
    """Whether it is the refusal of an operation that may only come by POST."""
    return not answer.executed and answer.type not in (None, OperationType.QUERY.value)


def check_upgrade(headers: Mapping[bytes, bytes]) -> None:
    """Refuses a client that wants to go on by a WebSocket. Raises HttpError."""
    if headers.get(b"upgrade", b"").lower() == b"websocket":
        words = "There are no WebSockets here, and no subscriptions: send queries and mutations by POST."
        raise HttpError(400, "WEBSOCKET_NOT_SUPPORTED", words)


async def respond(send: Send, status: int, media_type: str, content: bytes, more: list[tuple[bytes, bytes]]) -> None:
    """Sends an answer in one piece."""
    headers = [CONTENT_TYPES[media_type], (b"content-length", b"%d" % len(content)), VARY, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
