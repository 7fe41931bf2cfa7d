"""GraphQL over HTTP: an ASGI application for one path. The protocol is here, the work in schema/service.py."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import orjson
from starlette.responses import FileResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.database import RequestDatabase
from app.observation import Observation, Watch
from app.pool import Pool
from schema.service import Request, Service

log = logging.getLogger("marquee.http")

BODY_SECONDS = 10
NOT_BUILT = PlainTextResponse("GraphiQL is not built here: run `make ui`.\n", 503)
CLIENT_GONE = 499  # for traces: nobody reads this status
MODERN = "application/graphql-response+json"
LEGACY = "application/json"
OFFERED = (LEGACY, MODERN)
HTML = "text/html"
QUALITY = re.compile(r"(0(\.\d*)?|1(\.0*)?)", re.ASCII)


class HttpError(Exception):
    """A request that is refused before it is GraphQL: status, code, message."""

    def __init__(self, status: int, code: str, message: str, allow: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.allow = allow


@dataclass(slots=True)
class Response:
    """What goes back over HTTP."""

    media_type: str
    status: int = 200
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


class GraphQLView:
    """Answers POST and GET with GraphQL, and a browser's GET with GraphiQL."""

    def __init__(
        self, service: Service, pool: Pool, watch: Watch, max_body: int, page: Path, page_headers: Mapping[str, str]
    ) -> None:
        self._service = service
        self._pool = pool
        self._watch = watch
        self._max_body = max_body
        self._page = page
        self._page_headers = dict(page_headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        accept = headers.get(b"accept", b"").decode("latin-1")
        if scope["method"] in ("GET", "HEAD") and wants_page(accept):
            page = FileResponse(self._page, headers=self._page_headers) if self._page.is_file() else NOT_BUILT
            await page(scope, receive, send)
            return
        observation = self._watch.begin(scope, headers)
        response = Response(LEGACY)
        try:
            response.media_type = negotiate(accept)
            request = await self._read(scope, headers, receive)
            observation.read(request)
            work = self._run(request, response, observation, queries_only=scope["method"] == "GET")
            await while_connected(work, receive)
        except ClientGoneError:
            observation.end(CLIENT_GONE)
            return
        except HttpError as error:
            response.status, response.body = error.status, refused(str(error), error.code)
            if error.allow:
                response.headers.append((b"allow", error.allow.encode()))
            if error.status in (408, 413):  # the rest of the body is not waited for
                response.headers.append((b"connection", b"close"))
        except Exception:
            error_id = uuid4().hex
            log.exception("internal error %s", error_id)
            response.status, response.body = 500, refused("Internal error", "INTERNAL", errorId=error_id)
        response.headers += observation.end(response.status)
        await respond(send, response)

    async def _read(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Request:
        if scope["method"] == "GET":
            if len(scope["query_string"]) > self._max_body:
                raise HttpError(413, "BODY_TOO_LARGE", f"A request has at most {self._max_body} bytes.")
            return request_of(read_query(scope["query_string"]))
        if scope["method"] != "POST":
            raise HttpError(405, "BAD_REQUEST", "Send GraphQL by POST or GET.", allow="GET, POST")
        content = headers.get(b"content-type", b"").decode("latin-1")
        kind, _, parameters = content.partition(";")
        if kind.strip().lower() != LEGACY or not is_utf8(parameters):
            raise HttpError(415, "BAD_REQUEST", "Send the request as application/json in UTF-8.")
        return request_of(read_json(await read_body(headers, receive, self._max_body)))

    async def _run(self, request: Request, response: Response, observation: Observation, *, queries_only: bool) -> None:
        database = observation.database = RequestDatabase(self._pool)
        answer = observation.answer
        try:
            await self._service.run(
                request, database, queries_only=queries_only, ledger=observation.ledger, answer=answer
            )
        finally:
            await database.close()
        observation.answered()
        # application/json keeps 200 for refused documents: clients that send it do not read the bodies of others.
        response.status = 200 if answer.executed or response.media_type == LEGACY else 400
        response.body = answer.body


class ClientGoneError(Exception):
    """The client went away before its answer was ready."""


async def while_connected(work: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Does the work of a request, but ends it, with its statements, when the client goes away: ClientGoneError."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(disconnected(receive))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGoneError
        task.result()
    finally:
        gone.cancel()
        task.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def disconnected(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def wants_page(accept: str) -> bool:
    """A browser names text/html; GraphQL clients name JSON, or anything."""
    ranges = read_ranges(accept)
    return ranges.get(HTML, 0.0) > max(ranges.get(MODERN, 0.0), ranges.get(LEGACY, 0.0))


def negotiate(accept: str) -> str:
    """The media type of the answer: the one liked best, application/json where they are liked alike.

    Of two that are named alike the first one is taken."""
    ranges = read_ranges(accept) or {"*/*": 1.0}
    anything = ranges.get("application/*", ranges.get("*/*", 0.0))
    named = [type_ for type_ in ranges if type_ in OFFERED]
    liked = {type_: ranges.get(type_, anything) for type_ in (*named, *OFFERED)}
    best = max(liked, key=lambda type_: liked[type_])
    if liked[best] <= 0:
        raise HttpError(406, "BAD_REQUEST", f"Answers come as {MODERN} or {LEGACY}.")
    return best


def read_ranges(accept: str) -> dict[str, float]:
    """The media ranges of an Accept header, in order, and their qualities."""
    return dict(read_range(text) for text in accept.split(",") if text.strip())


def read_range(text: str) -> tuple[str, float]:
    name, *parameters = text.split(";")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            quality = float(value) if QUALITY.fullmatch(value.strip()) else 0.0
    return name.strip().lower(), quality


def is_utf8(parameters: str) -> bool:
    """Whether a content type's parameters name no charset but UTF-8."""
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            return False
    return True


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, most: int) -> bytes:
    """The body, refused as soon as it is known to be too large."""
    too_large = HttpError(413, "BODY_TOO_LARGE", f"A request's body has at most {most} bytes.")
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        raise too_large
    chunks = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                chunks.append(message.get("body", b""))
                size += len(chunks[-1])
                if size > most:
                    raise too_large
                if not message.get("more_body"):
                    return b"".join(chunks)
    except TimeoutError:
        raise HttpError(408, "BODY_TIMEOUT", f"The body did not come within {BODY_SECONDS} s.") from None


def read_json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HttpError(400, "BAD_REQUEST", f"The body is not JSON: {error}") from None


def read_query(query: bytes) -> dict[str, Any]:
    """The parameters of a GET request; variables and extensions are JSON."""
    try:
        given = {name: values[-1] for name, values in parse_qs(query.decode("ascii"), errors="strict").items()}
    except ValueError:
        raise HttpError(400, "BAD_REQUEST", "The query string is not UTF-8.") from None
    return {
        name: read_json(text.encode()) if name in ("variables", "extensions") else text for name, text in given.items()
    }


def request_of(given: Any) -> Request:
    """The GraphQL request in a JSON value; 400 with words for anything that is none."""
    if not isinstance(given, dict):
        raise HttpError(400, "BAD_REQUEST", "A request is a JSON object with a string `query`; batches are not taken.")
    text, variables = given.get("query"), given.get("variables")
    if not isinstance(text, str):
        raise HttpError(400, "BAD_REQUEST", "The request needs a string `query`.")
    if variables is not None and not isinstance(variables, dict):
        raise HttpError(400, "BAD_REQUEST", "`variables` is an object.")
    if not isinstance(given.get("operationName"), (str, type(None))):
        raise HttpError(400, "BAD_REQUEST", "`operationName` is a string.")
    if not isinstance(given.get("extensions"), (dict, type(None))):
        raise HttpError(400, "BAD_REQUEST", "`extensions` is an object.")
    return Request(text, variables or {}, given.get("operationName") or None, wants_report(given.get("extensions")))


def wants_report(extensions: Any) -> bool:
    """Whether a request's extensions say {"marquee": {"report": true}}."""
    marquee = extensions.get("marquee") if isinstance(extensions, dict) else None
    return isinstance(marquee, dict) and marquee.get("report") is True


def refused(message: str, code: str, **extensions: str) -> dict[str, Any]:
    """The body of a request that was refused before it was GraphQL, or could not be answered."""
    return {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}


async def respond(send: Send, response: Response) -> None:
    """Sends a JSON answer in one piece."""
    content = orjson.dumps(response.body)
    headers = [
        (b"content-type", f"{response.media_type}; charset=utf-8".encode()),
        (b"content-length", str(len(content)).encode()),
        (b"vary", b"accept"),
        *response.headers,
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
