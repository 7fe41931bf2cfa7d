"""Answers that are sent in one piece."""

from __future__ import annotations

from starlette.types import Send

from app.http.http_request import LEGACY, MODERN

CONTENT_TYPES = {kind: (b"content-type", f"{kind}; charset=utf-8".encode()) for kind in (LEGACY, MODERN)}
VARY = (b"vary", b"accept")


async def respond(send: Send, status: int, media_type: str, content: bytes, more: list[tuple[bytes, bytes]]) -> None:
    """Sends an answer; `more` headers may have another content type."""
    kind = [] if more and more[0][0] == b"content-type" else [CONTENT_TYPES[media_type]]
    headers = [*kind, (b"content-length", b"%d" % len(content)), VARY, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
