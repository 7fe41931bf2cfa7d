"""GraphQL over HTTP: an ASGI application for one path. The protocol is here, the work in app/service."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from graphql import OperationType
from starlette.responses import FileResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.http.cross_site import check_preflight, check_site
from app.http.disconnect import DisconnectMonitor
from app.http.event_stream_view import TOKEN_HEADER, EventStreams
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
from app.http.operations import Operations, respond
from app.http.streams import Streams
from app.service.graphql_service import Answer

log = logging.getLogger("marquee.http")

NOT_BUILT = PlainTextResponse("GraphiQL is not built here: run `make ui`.\n", 503)
CLIENT_GONE = 499  # for traces: nobody reads this status


class GraphQLView:
    """Answers POST and GET with GraphQL, a browser's GET with GraphiQL, and who wants one with an event stream.

    One an event loop. `most`: operations of one reserved stream; `reserves`: streams can be reserved."""

    def __init__(
        self,
        operations: Operations,
        streams: Streams,
        max_body: int,
        page: Path,
        page_headers: Mapping[str, str],
        body_seconds: float,
        *,
        most: int,
        reserves: bool,
    ) -> None:
        self._operations = operations
        self._max_body = max_body
        self._page = page
        self._page_headers = dict(page_headers)
        self._disconnects = DisconnectMonitor(body_seconds)
        self.event_streams = EventStreams(
            operations, streams, self._disconnects, self._read, most=most, reserves=reserves
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        accepted = wanted(headers.get(b"accept", b""))
        if accepted.page and scope["method"] in ("GET", "HEAD"):
            page = FileResponse(self._page, headers=self._page_headers) if self._page.is_file() else NOT_BUILT
            await page(scope, receive, send)
            return
        # A plain POST is known to be one without a look at its parameters.
        if (
            scope["method"] != "POST" or accepted.stream or scope["query_string"] or TOKEN_HEADER in headers
        ) and self.event_streams.wants(scope, headers, accepted=accepted.stream):
            await self.event_streams(scope, receive, send, headers, accepted=accepted.stream)
            return
        record = self._operations.instrumentation.begin(scope, headers)
        more: list[tuple[bytes, bytes]] = []
        try:
            if accepted.media_type is None:
                raise HttpError(406, "BAD_REQUEST", f"Answers come as {MODERN} or {LEGACY}.")
            with self._disconnects.watch(receive) as client:
                request = request_of(await self._read(scope, headers, receive), self._operations.persisted)
                client.has_sent = True
                record.read(request)
                content = await self._operations.run(request, scope, record, queries_only=scope["method"] == "GET")
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

    async def _read(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Any:
        """The JSON value in a request. Raises HttpError."""
        if scope["method"] == "POST":
            if not is_json(headers.get(b"content-type", b"")):
                raise HttpError(415, "BAD_REQUEST", "Send the request as application/json in UTF-8.")
            return read_json(await read_body(headers, receive, self._max_body))
        if scope["method"] == "GET":
            check_site(headers)
            return read_query(scope["query_string"], self._max_body)
        check_preflight(headers)
        raise HttpError(405, "BAD_REQUEST", "Send GraphQL by POST or GET.", (b"allow", b"GET, POST, PUT, DELETE"))


def is_refused_by_get(answer: Answer) -> bool:
    """Whether it is the refusal of an operation that may only come by POST."""
    return not answer.executed and answer.type not in (None, OperationType.QUERY.value)
