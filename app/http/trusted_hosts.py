"""Names by which the server may be reached: a check of the Host header against DNS rebinding, by which scripts of
another site's page could read and change the catalogue."""

from __future__ import annotations

import ipaddress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.http.http_request import LEGACY, refused

MAX_KNOWN = 100
USUAL = frozenset({"localhost", "127.0.0.1", "::1"})  # found without a look at the address
MESSAGE = "This server is not known by this name: reach it as localhost, or list the name in MARQUEE_ALLOWED_HOSTS."


def name_of(header: bytes) -> str:
    """The name in a Host header, without its port, in small letters."""
    host = header.decode("latin-1").lower()
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def is_local(name: str) -> bool:
    """Whether a name or address always means the machine itself."""
    if name in USUAL or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def is_address(name: str) -> bool:
    """Whether it is an IP address, which DNS cannot redirect."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


class TrustedHosts:
    """Names that are allowed beside localhost and addresses, with commas between them; "*": any."""

    def __init__(self, allowed: str) -> None:
        names = {name.strip().lower() for name in allowed.split(",")} - {""}
        self._names = names | {"localhost"}
        self._any = "*" in names
        self._known: set[bytes] = set()  # headers that were found good

    def allow(self, scope: Scope) -> bool:
        """Whether a request names one of them, or none at all, as a program without a browser may."""
        for name, value in scope["headers"]:
            if name == b"host":
                return value in self._known or self._look_at(value)
        return True

    def _look_at(self, header: bytes) -> bool:
        name = name_of(header)
        if not (self._any or name in self._names or name.endswith(".localhost") or is_address(name)):
            return False
        if len(self._known) < MAX_KNOWN:
            self._known.add(header)
        return True


async def refuse_host(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a request by a name that is not allowed."""
    answer = Response(refused(MESSAGE, "BAD_REQUEST"), 421, media_type=LEGACY)
    await answer(scope, receive, send)
