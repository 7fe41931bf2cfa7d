"""Answers to connections and data that are refused before there is a request."""

from __future__ import annotations

from collections.abc import Iterable

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.http.http_request import HttpError, refused

MAX_HEADERS = 256
RETRY_SECONDS = 1


def head_too_large(most: int) -> HttpError:
    words = f"A request's URL and headers have at most {most} bytes, and {MAX_HEADERS} lines."
    return HttpError(431, "HEADERS_TOO_LARGE", words)


def too_long(most: int) -> HttpError:
    return HttpError(414, "URL_TOO_LONG", f"A request's URL has at most {most} bytes: send the request by POST.")


def late_headers(seconds: float) -> HttpError:
    return HttpError(408, "HEADER_TIMEOUT", f"The headers did not come within {seconds:g} s.")


def too_many() -> HttpError:
    return HttpError(503, "TOO_MANY_CONNECTIONS", f"There are too many connections: try again in {RETRY_SECONDS} s.")


def malformed(error: httptools.HttpParserError) -> HttpError:
    """Why the parser stopped: an error of ours from within it, or bytes that are not HTTP/1.1."""
    cause = error.__context__
    if isinstance(cause, HttpError):
        return cause
    words = "its URL cannot be read" if isinstance(error, httptools.HttpParserCallbackError) else str(error)
    return HttpError(400, "BAD_REQUEST", f"This is not a request of HTTP/1.1: {words}")


def answer(error: HttpError, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The last answer on a connection, with these headers beside its own."""
    body = refused(str(error), error.code)
    lines = [
        STATUS_LINE[error.status],
        *(b"%b: %b\r\n" % header for header in headers),
        b"content-type: application/json; charset=utf-8\r\n",
        b"content-length: %d\r\n" % len(body),
        b"retry-after: %d\r\n" % RETRY_SECONDS if error.status == 503 else b"",
        b"connection: close\r\n\r\n",
        body,
    ]
    return b"".join(lines)
