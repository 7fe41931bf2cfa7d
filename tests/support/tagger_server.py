"""A tagger for tests, over a real socket: what it answers, or does instead, depends on the media that it is sent."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from database.connect_args import ConnectArgs
from providers.cache.cache import Cache
from providers.cache.store import Bounds
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.client import OutboundClient
from providers.limiter import Limiter
from providers.services import OutsideServices
from providers.tagger.messages import REQUEST
from providers.tagger.service import TaggerService
from tests.support.cache_stores import Place
from tests.support.faulty_server import Asked, Behaviour, FaultyServer, answer, faulty_server
from tests.support.outbound import NoLimits, provider_of

ADD_MANY = """
INSERT INTO media (library_id, kind, title, folded_title, sort_title)
SELECT $1, 'MOVIE', 'Film ' || n, 'film ' || n, 'film ' || n FROM generate_series(1, $2::integer) n RETURNING id
"""


def tagged_as(media: Mapping[str, Any]) -> dict[str, Any]:
    """What the tagger of tests says of a media."""
    return {
        "id": media["id"],
        "tags": ["film", f"of {media['title']}"],
        "categories": [{"category": "mood", "value": "dark"}],
    }


@dataclass
class TaggerServer:
    """server: what is asked of it. sent: the ids of media of each request.

    By the id of a media: faults, what is done in place of an answer to requests with it, one after the other; lasting,
    what is done each time; says, what is said of it. gates: where there is a list, each request adds an event that it
    waits for."""

    server: FaultyServer
    sent: list[list[str]] = field(default_factory=list)
    faults: dict[str, list[Behaviour]] = field(default_factory=dict)
    lasting: dict[str, Behaviour] = field(default_factory=dict)
    says: dict[str, Any] = field(default_factory=dict)
    gates: list[asyncio.Event] | None = None

    async def do(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        assert (asked.method, asked.path) == ("POST", "/tag")
        REQUEST.validate_json(asked.body)  # it is what docs/tagger.schema.json says
        media = orjson.loads(asked.body)["media"]
        ids = [one["id"] for one in media]
        self.sent.append(ids)
        if self.gates is not None:
            gate = asyncio.Event()
            self.gates.append(gate)
            await gate.wait()
        for id in ids:
            if left := self.faults.get(id):
                return await left.pop(0)(asked, writer)
            if id in self.lasting:
                return await self.lasting[id](asked, writer)
        body = {"media": [self.says.get(one["id"]) or tagged_as(one) for one in media]}
        return await answer(orjson.dumps(body))(asked, writer)


async def until_so(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Waits for a state; for longer than any machine takes, where it never comes."""
    deadline = time.monotonic() + 120
    while True:
        found = condition()
        if found is True or (isinstance(found, Awaitable) and await found):
            return
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.002)


def without_certificates() -> ssl.SSLContext:
    """Reading those of the machine takes long, and no test of taggers needs them."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@asynccontextmanager
async def tagger_server() -> AsyncIterator[TaggerServer]:
    async with faulty_server() as server:
        tagger = TaggerServer(server)
        server.behaviours["/tag"] = [tagger.do]
        yield tagger


@asynccontextmanager
async def tagger_services(
    tagger: TaggerServer,
    args: ConnectArgs,
    limiter: Limiter | None = None,
    *,
    batch: int = 20,
    breaker: CircuitBreaker | None = None,
    **given: Any,
) -> AsyncIterator[OutsideServices]:
    """Services with it. `given`: of its Provider."""
    patient = breaker or CircuitBreaker(BreakerOptions(failures=100_000))
    client = OutboundClient(limiter or NoLimits(), breaker=patient, tls=without_certificates)
    service = TaggerService(client, provider_of(tagger.server, **{"name": "tagger", **given}), batch)
    async with Place("postgres", args=args).opened(Bounds(10, 100_000)) as store:
        try:
            yield OutsideServices(client, Cache(store), tagger=service)
        finally:
            await client.close()


async def add_untagged(connection: Any, number: int, library: int) -> list[str]:
    """The ids of new media, as a tagger has them."""
    return [f"media_{row[0]}" for row in await connection.fetch(ADD_MANY, library, number)]
