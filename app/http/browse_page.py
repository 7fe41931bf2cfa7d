"""The page /browse, also at the addresses below it, which the page itself reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

POLICY = "Content-Security-Policy"
# What the page is told by, and what its policy says of pictures; each as it is, and where other hosts are allowed.
TOLD = (
    '<meta name="marquee-outside-pictures" content="false" />',
    '<meta name="marquee-outside-pictures" content="true" />',
)
PICTURES = "img-src 'self' data:", "img-src 'self' data: https:"


def browse_routes(page: Path, page_headers: Mapping[str, str], outside_pictures: bool) -> list[Route]:
    """The routes of the page. With `outside_pictures` it may show pictures of other hosts, by HTTPS alone."""

    async def browse(request: Request) -> Response:
        return page_response(page, page_headers, outside_pictures)

    return [Route("/browse", browse), Route("/browse/{rest:path}", browse)]


def page_response(page: Path, page_headers: Mapping[str, str], outside_pictures: bool) -> Response:
    """The page with its policy; 404 where it is not built."""
    if not page.is_file():
        return PlainTextResponse("The pages are not built: run `make ui`.", 404)
    if not outside_pictures:
        return FileResponse(page, headers=dict(page_headers))
    text = page.read_text(encoding="utf-8").replace(*TOLD)
    return HTMLResponse(text, headers={**page_headers, POLICY: page_headers[POLICY].replace(*PICTURES)})
