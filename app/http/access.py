"""Access control: who is served, and who may see reports and traces.

With keys: whoever sends one. Without: every caller is served, since the server is reached from its own machine alone;
but a proxy there may hand on requests of others, so that reports and traces, which tell of the SQL and of what others
ask, go only to callers that are connected directly, not through a proxy."""

from __future__ import annotations

import logging
import re
from time import monotonic

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.http.http_request import LEGACY, refused, wanted
from app.http.keys import Keys, bearer, credentials
from app.http.trusted_hosts import is_local, name_of
from database.throttled_log import Throttle
from domain.viewer import UNRESTRICTED, Viewer

log = logging.getLogger("marquee.access")

# What needs no key: whether the process lives and is ready, pages without data, which then ask for the key, and files,
# whose links are signed.
OPEN = re.compile(r"/|/healthz|/readyz|/browse(/.*)?|/jobs|/traces(/[^/]+)?|/files/[^/]+|/ui/.*", re.DOTALL)
# Headers by which proxies tell that they are there, beside all that begin with X-Forwarded.
FORWARDING = frozenset({b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"true-client-ip", b"cf-connecting-ip"})
LOG_SECONDS = 1.0

MISSING = "This server requires a key: send one of its MARQUEE_KEYS in the header `Authorization: Bearer KEY`."
WRONG = "The header `Authorization` holds no key of this server: send one of its MARQUEE_KEYS as `Bearer KEY`."
UNTRUSTED = (
    "reports and traces are for callers on the server's own machine that come by no proxy: "
    "reach it as localhost, or let it require a key (MARQUEE_KEYS)"
)


class Access:
    """The rules of a server with these keys. `required`: no data without one of them."""

    def __init__(self, keys: Keys) -> None:
        self.required = len(keys) > 0
        self._keys = keys
        self._attempts = Throttle(LOG_SECONDS)  # with wrong keys

    def admits(self, scope: Scope) -> bool:
        """Whether a request is to be served."""
        return not self.required or is_open(scope) or self._has_key(scope)

    def admits_socket(self, scope: Scope) -> bool:
        """Whether a WebSocket may be opened: one without a key has to send it in its first message."""
        return not (self.required and credentials(scope["headers"])) or self._has_key(scope)

    def serves(self, scope: Scope) -> bool:
        """Whether operations of a caller are run, who may come by a socket."""
        return not self.required or self._has_key(scope)

    def trusts(self, scope: Scope) -> bool:
        """Whether the caller may see reports, traces and the counts of this process."""
        return self._has_key(scope) if self.required else is_direct(scope)

    def viewer(self, scope: Scope) -> Viewer:
        """Who sends a request that is served: all keys have the same rights, but may have names."""
        token = bearer(credentials(scope["headers"])) if self._keys.have_names else None
        return UNRESTRICTED if token is None else Viewer(name=self._keys.name(token))

    def _has_key(self, scope: Scope) -> bool:
        given = credentials(scope["headers"])
        token = bearer(given)
        has_key = token is not None and self._keys.hold(token)
        if given and not has_key:
            self._note_attempt(scope)
        return has_key

    def _note_attempt(self, scope: Scope) -> None:
        """Logs attempts with wrong keys, at most one line a second."""
        if attempts := self._attempts.due(monotonic()):
            log.warning("wrong key", extra={"attempts": attempts, "client": (scope.get("client") or [None])[0]})


def is_open(scope: Scope) -> bool:
    """Whether a request needs no key."""
    path = scope["path"]
    if path == "/graphql":
        accept = dict(scope["headers"]).get(b"accept", b"")
        return scope["method"] in ("GET", "HEAD") and wanted(accept).page
    return OPEN.fullmatch(path) is not None


def is_direct(scope: Scope) -> bool:
    """Whether a request seems to come from this machine without a proxy between: nothing says otherwise."""
    client = scope.get("client")
    # Proxies are the last to speak HTTP/1.0, as nginx does by default.
    if scope.get("http_version") == "1.0" or (client is not None and not is_local(client[0])):
        return False
    for name, value in scope["headers"]:
        if name in FORWARDING or name.startswith(b"x-forwarded"):
            return False
        if name == b"host" and not is_local(name_of(value)):
            return False
    return True


async def refuse_access(scope: Scope, receive: Receive, send: Send) -> None:
    """Responds to a request without a valid key."""
    headers = dict(scope["headers"])
    media_type = wanted(headers.get(b"accept", b"")).media_type or LEGACY
    message = WRONG if b"authorization" in headers else MISSING
    answer = Response(
        refused(message, "UNAUTHENTICATED"),
        401,
        headers={"WWW-Authenticate": "Bearer", "Vary": "Accept"},
        media_type=f"{media_type}; charset=utf-8",
    )
    await answer(scope, receive, send)
