"""What an outside service is: where it is, within which limits it is called, and what is sent to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from yarl import URL

from providers.secret import Secret

DEFAULT_MAX_BYTES = 4 << 20
# A limit is kept in one row, with the time of each call of its window.
MAX_CALLS = 1000
MAX_PARALLEL = 1000
MAX_NAME = 200
REPEATABLE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` in any `seconds`, and at most `parallel` at once (None: no such limit), in all processes of all
    instances together.

    margin: by which part the window is taken longer, since a call arrives a little after it was allowed."""

    calls: int
    seconds: float
    parallel: int | None = None
    margin: float = 0.03

    def __post_init__(self) -> None:
        if not 1 <= self.calls <= MAX_CALLS or not 0 < self.seconds <= 86400 or self.margin < 0:
            raise ValueError(f"A limit is of 1 to {MAX_CALLS} calls in up to 86,400 seconds.")
        if self.parallel is not None and not 1 <= self.parallel <= MAX_PARALLEL:
            raise ValueError(f"A limit of parallel calls is from 1 to {MAX_PARALLEL}.")

    @property
    def window(self) -> float:
        """Seconds between a call and the one that is `calls` later."""
        return self.seconds * (1 + self.margin)

    def spacing(self, *, is_background: bool) -> float:
        """Seconds between two calls in the background, which come evenly, so that there is always a next moment soon;
        those of requests may come at once."""
        return self.window / self.calls if is_background else 0.0

    def places(self, *, is_background: bool) -> int | None:
        """How many calls may run at once; in the background half of all, so that a request finds a place."""
        if self.parallel is None or not is_background:
            return self.parallel
        return max(1, self.parallel // 2)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds. connect: name, connection and TLS; total: one attempt from its start to the end of its answer; idle:
    without a byte of it, for what is large."""

    connect: float = 10.0
    total: float = 300.0
    idle: float | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """An outside service, made from settings.

    name: under which its limits are shared and its calls counted, "tmdb".
    base_url: what paths are added to, "https://api.themoviedb.org/3".
    max_bytes: of an answer, after it was decompressed.
    allow_private: its own host may have a private or loopback address. A redirect to another one may not.
    key: goes to its own host alone: into `key_header` as `key_format` says, or into the query as `key_parameter`.
    attempts: how often a call is tried; longest_pause: seconds that are waited for between two attempts.
    is_background: nobody waits for its calls at a screen: those of requests, by a provider of the same name, go before
    them (providers/rate_limit.py).
    hosts: a service that is many hosts, each of which has these limits for itself, by this name: "files"."""

    name: str
    base_url: str
    limits: RateLimit | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    max_bytes: int = DEFAULT_MAX_BYTES
    allow_private: bool = False
    key: Secret | None = None
    key_header: str = "Authorization"
    key_format: str = "Bearer {}"
    key_parameter: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 4
    longest_pause: float = 60.0
    is_background: bool = False
    hosts: str | None = None

    def __post_init__(self) -> None:
        check_base_url(self.base_url)

    @property
    def origin(self) -> URL:
        return URL(self.base_url).origin()

    def at(self, url: URL) -> Provider:
        """By whose limits an address is asked, which a redirect may lead to."""
        return self if self.hosts is None else replace(self, name=f"{self.hosts} {url.host}"[:MAX_NAME])


def check_base_url(base_url: str) -> None:
    """ValueError, without what is secret in it."""
    try:
        url = URL(base_url)
        is_plain = url.user is None and url.password is None and not url.query_string and not url.fragment
        is_usable = url.scheme in ("http", "https") and bool(url.host) and url.port != 0
    except ValueError:
        is_plain = is_usable = False
    if not is_plain or not is_usable:
        raise ValueError(
            "The address of a service is like https://api.example.com/3, without user, password, query or key."
        )


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of a provider.

    path: added to `base_url`, "/movie/603"; or a whole address, to which no key is sent where the host is another.
    params: the query, never a key. json: the body, as JSON. max_bytes: in place of the provider's.
    accepts: statuses beside 2xx that are an answer and no error, such as 404.
    is_repeatable: sent twice it does no harm, so that it is tried again whatever happened; by itself of GET and others
    that HTTP calls idempotent.
    template: the path without what varies, "/movie/{id}": the name of the span."""

    method: str = "GET"
    path: str = "/"
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int | None = None
    accepts: frozenset[int] = frozenset()
    is_repeatable: bool | None = None
    template: str | None = None

    @property
    def may_repeat(self) -> bool:
        return self.method in REPEATABLE_METHODS if self.is_repeatable is None else self.is_repeatable
