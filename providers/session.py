"""The connections of a client: one session of aiohttp, which keeps no cookies and uses no proxy."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from domain.errors import Code
from providers.address import RULE, AddressRule, make_socket
from providers.errors import ProviderError

MAX_CONNECTIONS = 256
KEEP_ALIVE_SECONDS = 30.0


class SentTwiceError(aiohttp.ClientError):
    """In place of a second request that nobody has asked for."""


async def send_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """A middleware of the session: by itself aiohttp sends some requests again, beside limits and counts. The fault of
    the first one is kept."""
    rule = RULE.get()
    if rule is None or rule.was_sent:
        raise SentTwiceError
    rule.was_sent = True
    try:
        return await handler(request)
    except Exception as fault:
        rule.fault = fault
        raise


class Connections:
    """Opens the session when it is first needed."""

    def __init__(self, tls: Callable[[], ssl.SSLContext], resolver: AbstractResolver | None) -> None:
        self._make_tls = tls
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()
        self._tls: dict[bool, ssl.SSLContext] = {}
        self._is_closed = False

    async def request(self, method: str, url: URL, rule: AddressRule, **content: Any) -> aiohttp.ClientResponse:
        """An answer of which the body was not read.

        A connection is used again for the same TLS context alone: a context for each kind of rule keeps connections to
        private addresses from those who may not have them."""
        session = await self.open()
        tls = self._tls[rule.allows_private]
        return await session.request(method, url, ssl=tls, allow_redirects=False, **content)

    async def open(self) -> aiohttp.ClientSession:
        """Called before a turn is waited for: reading certificates takes time, by which the turn would be missed."""
        if self._session is not None and not self._is_closed:
            return self._session
        async with self._opening:
            if self._is_closed:
                raise ProviderError(Code.PROVIDER_UNAVAILABLE, "The process ends.", is_transient=True)
            if self._session is None:
                self._tls = {kind: await asyncio.to_thread(self._make_tls) for kind in (False, True)}
                connector = aiohttp.TCPConnector(
                    resolver=self._resolver,
                    socket_factory=make_socket,
                    limit=MAX_CONNECTIONS,
                    keepalive_timeout=KEEP_ALIVE_SECONDS,
                )
                self._session = aiohttp.ClientSession(
                    connector=connector, cookie_jar=aiohttp.DummyCookieJar(), middlewares=(send_once,), trust_env=False
                )
            return self._session

    async def close(self) -> None:
        async with self._opening:
            self._is_closed = True
            if self._session is not None:
                await self._session.close()
