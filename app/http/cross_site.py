"""Cross-site requests of browsers, and their CORS preflights.

Such a page can have any browser of ours send a GET, as for a picture, and so have us work. A POST of JSON it may only
send once it was allowed to, which it never is here."""

from __future__ import annotations

from collections.abc import Mapping

from app.http.http_request import HttpError

WORDS = "Pages of other sites may not use this API: serve the page from here, or ask from a server of your own."


def check_site(headers: Mapping[bytes, bytes]) -> None:
    """Refuses a cross-site GET of a browser. Raises HttpError."""
    site = headers.get(b"sec-fetch-site")
    if site == b"cross-site" or (site is None and is_foreign(headers)):
        raise HttpError(403, "CROSS_SITE", WORDS)


def check_socket(headers: Mapping[bytes, bytes]) -> None:
    """Refuses a WebSocket that a page of another site opens, for which no browser asks first. Raises HttpError.

    Every browser sends its page's Origin; programs send none."""
    if headers.get(b"sec-fetch-site") == b"cross-site" or is_foreign(headers):
        raise HttpError(403, "CROSS_SITE", WORDS)


def is_foreign(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request's Origin, which older browsers send where scripts ask, is not the host that it asks."""
    origin = headers.get(b"origin")
    return origin is not None and origin.rpartition(b"://")[2].lower() != headers.get(b"host", b"").lower()


def check_preflight(headers: Mapping[bytes, bytes]) -> None:
    """Refuses a CORS preflight. Raises HttpError."""
    if b"access-control-request-method" in headers:
        raise HttpError(403, "CROSS_SITE", WORDS)
