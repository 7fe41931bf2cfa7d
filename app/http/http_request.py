"""Reads HTTP requests: the accepted media type, the body or query string, and the GraphQL request in it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive

from app.service.graphql_service import Request
from domain import exact_json

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
OFFERED = (LEGACY, MODERN)
HTML = "text/html"
EVENT_STREAM = "text/event-stream"
QUALITY = re.compile(r"(0(\.\d*)?|1(\.0*)?)", re.ASCII)
# Clients send the same few headers again and again; one that is longer is read anew, so that it cannot fill the memory.
KEPT_HEADERS = 256
KEPT_LENGTH = 512
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
GZIP = 31  # zlib's number for it, with the largest window
MAX_MEMBERS = 16
CLOSE = (b"connection", b"close")


class HttpError(Exception):
    """A request that is refused before it is GraphQL: status, code, message, and headers beside the usual ones."""

    def __init__(self, status: int, code: str, message: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


class ClientGoneError(Exception):
    """The client disconnected before its answer was ready."""


def refused(message: str, code: str, **extensions: str) -> bytes:
    """The body of a request that was refused before it was GraphQL, or could not be answered."""
    body: dict[str, Any] = {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}
    return orjson.dumps(body)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an Accept header asks for: the page, an event stream, or a media type, None where it takes none of ours."""

    page: bool
    stream: bool
    media_type: str | None


def wanted(accept: bytes) -> Wanted:
    """What an Accept header asks for."""
    return read_accept(accept) if len(accept) <= KEPT_LENGTH else read_accept.__wrapped__(accept)


@lru_cache(KEPT_HEADERS)
def read_accept(accept: bytes) -> Wanted:
    ranges = read_ranges(accept.decode("latin-1"))
    return Wanted(prefers(ranges, HTML), prefers(ranges, EVENT_STREAM), negotiate(ranges))


def prefers(ranges: Mapping[str, float], media_type: str) -> bool:
    """Whether a media type is named, and liked better than JSON: a browser names text/html, other clients JSON or
    anything."""
    return ranges.get(media_type, 0.0) > max(ranges.get(MODERN, 0.0), ranges.get(LEGACY, 0.0))


def negotiate(ranges: Mapping[str, float]) -> str | None:
    """The media type of the answer: the one liked best, application/json where they are liked alike.

    Of two that are named alike the first one is taken."""
    ranges = ranges or {"*/*": 1.0}
    anything = ranges.get("application/*", ranges.get("*/*", 0.0))
    named = [type_ for type_ in ranges if type_ in OFFERED]
    liked = {type_: ranges.get(type_, anything) for type_ in (*named, *OFFERED)}
    best = max(liked, key=lambda type_: liked[type_])
    return best if liked[best] > 0 else None


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


def is_json(content_type: bytes) -> bool:
    """Whether a Content-Type is application/json, in UTF-8."""
    return content_type == b"application/json" or names_json(content_type.decode("latin-1"))


def names_json(content_type: str) -> bool:
    kind, _, parameters = content_type.partition(";")
    return kind.strip().lower() == LEGACY and is_utf8(parameters)


def is_utf8(parameters: str) -> bool:
    """Whether a content type's parameters name no charset but UTF-8."""
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            return False
    return True


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, most: int) -> bytes:
    """The body, decoded, refused as soon as it is known to be too large."""
    is_compressed = is_gzip(headers[b"content-encoding"]) if b"content-encoding" in headers else False
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        raise body_too_large(most)
    chunks = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            raise body_too_large(most)
        if not message.get("more_body"):
            break
    body = b"".join(chunks)
    return decompress(body, most) if is_compressed else body


def is_gzip(encoding: bytes) -> bool:
    """Whether a Content-Encoding is gzip rather than none; 415 for any other."""
    name = encoding.decode("latin-1").strip().lower()
    if name in ("gzip", "x-gzip"):
        return True
    if name in ("", "identity"):
        return False
    words = f"Bodies in the encoding {name[:40]} are not read: send the body in gzip or as it is."
    raise HttpError(415, "BAD_REQUEST", words, (b"accept-encoding", b"gzip"))


def decompress(body: bytes, most: int) -> bytes:
    """What a gzip body holds: it ends where that is too large, however much smaller the body is."""
    found = []
    size = 0
    for _ in range(MAX_MEMBERS):
        member = zlib.decompressobj(wbits=GZIP)
        try:
            found.append(member.decompress(body, most - size + 1))
        except zlib.error as error:
            raise HttpError(400, "BAD_REQUEST", f"The body is not gzip: {error}") from None
        size += len(found[-1])
        if size > most:
            raise body_too_large(most)
        if not member.eof:
            raise HttpError(400, "BAD_REQUEST", "The body is not gzip: it ends too early")
        body = member.unused_data
        if not body:
            return b"".join(found)
    raise HttpError(400, "BAD_REQUEST", f"The body is gzip of more than {MAX_MEMBERS} members: send one.")


def body_too_large(most: int) -> HttpError:
    # The rest of it is not waited for.
    return HttpError(413, "BODY_TOO_LARGE", f"A request's body has at most {most} bytes.", CLOSE)


def too_late(seconds: float) -> HttpError:
    return HttpError(408, "BODY_TIMEOUT", f"The body did not come within {seconds:g} s.", CLOSE)


def read_json(text: bytes, name: str = "The body") -> Any:
    """The value in a text; `name`: what it is called in words."""
    try:
        return exact_json.loads(text)
    except ValueError as error:
        raise HttpError(400, "BAD_REQUEST", f"{name} is not JSON: {what_is_wrong(text, error)}") from None


def what_is_wrong(text: bytes, error: ValueError) -> str:
    """In words, why a text is not JSON."""
    if not text.strip():
        return "it is empty"
    if text.startswith(BYTE_ORDER_MARKS):
        return "it begins with a byte order mark; send UTF-8 without one"
    return str(error)


def read_query(query: bytes, most: int) -> dict[str, Any]:
    """The parameters of a GET request; variables and extensions are JSON."""
    if len(query) > most:
        raise HttpError(413, "BODY_TOO_LARGE", f"A request has at most {most} bytes.")
    try:
        given = {name: values[-1] for name, values in parse_qs(query.decode("ascii"), errors="strict").items()}
    except ValueError:
        raise HttpError(400, "BAD_REQUEST", "The query string is not UTF-8.") from None
    return {
        name: read_json(text.encode(), f"`{name}`") if name in ("variables", "extensions") else text
        for name, text in given.items()
    }


class TextStore(Protocol):
    """Knows the texts of persisted queries."""

    def complete(self, given: Any) -> Any:
        """A request with its text, where it came with a hash alone. Raises HttpError."""
        ...


def request_of(given: Any, persisted: TextStore) -> Request:
    """The GraphQL request in a JSON value; 400 with words for anything that is none."""
    if isinstance(given, dict) and given.get("extensions"):
        given = persisted.complete(given)
    if not isinstance(given, dict):
        more = ": batches are not taken, send each operation by itself." if isinstance(given, list) else "."
        raise HttpError(400, "BAD_REQUEST", f"A request is a JSON object with a string `query`{more}")
    text, variables = given.get("query"), given.get("variables")
    name, extensions = given.get("operationName"), given.get("extensions")
    if not isinstance(text, str):
        raise HttpError(400, "BAD_REQUEST", "The request needs a string `query`.")
    if variables is not None and not isinstance(variables, dict):
        raise HttpError(400, "BAD_REQUEST", "`variables` is an object.")
    if name is not None and not isinstance(name, str):
        raise HttpError(400, "BAD_REQUEST", "`operationName` is a string.")
    if extensions is not None and not isinstance(extensions, dict):
        raise HttpError(400, "BAD_REQUEST", "`extensions` is an object.")
    return Request(text, variables or {}, name or None, extensions is not None and wants_report(extensions))


def wants_report(extensions: Mapping[str, Any]) -> bool:
    """Whether a request's extensions say {"marquee": {"report": true}}."""
    marquee = extensions.get("marquee")
    return isinstance(marquee, dict) and marquee.get("report") is True
