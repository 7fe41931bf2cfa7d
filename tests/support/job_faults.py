"""What jobs say of the faults of outside services: the table of docs/providers.md, and services of all jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from database.connect_args import ConnectArgs
from providers.cache.cache import Cache
from providers.cache.store import Bounds
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.files.download import DownloadOptions
from providers.metadata.service import MetadataService
from providers.provider import Timeouts
from providers.releases.service import ReleaseIndex
from providers.services import OutsideServices
from providers.tagger.service import TaggerService
from tests.support.cache_stores import Place
from tests.support.faulty_server import FaultyServer
from tests.support.media_files import files_of
from tests.support.outbound import client_of, provider_of

# Each job, and what it asks for.
PATHS: Mapping[str, str] = {
    "refresh_metadata": "/movie/1",
    "tag_media": "/tag",
    "analyse_releases": "/releases/analyse",
    "download_files": "/picture",
    "make_thumbnails": "/clip",
    "lookup": "/search/movie",
}
JOBS = list(PATHS)
# Long enough for any machine to connect, and soon over where nothing comes.
TIMEOUTS = Timeouts(10, 60, idle=0.2)
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The code of the item, or of the run that ends without that an item fails; how often it was asked for."""

    code: str
    calls: int = 0
    ends_run: bool = False


def outcomes_of(codes: str | Sequence[str], *calls: int, ending: int = 0) -> list[Outcome]:
    """Of the jobs in their order. codes: one for all, or of each; ending: so many of the first ones end their run."""
    each = [codes] * len(JOBS) if isinstance(codes, str) else codes
    return [Outcome(code, number, place < ending) for place, (code, number) in enumerate(zip(each, calls, strict=True))]


BAD, TOO_LARGE, NOT_ALLOWED = "PROVIDER_BAD_ANSWER", "ANSWER_TOO_LARGE", "ADDRESS_NOT_ALLOWED"
AWAY, BAD_FILE = "PROVIDER_UNAVAILABLE", "BAD_FILE"
NOT_JSON = [BAD, BAD, BAD, BAD_FILE, BAD_FILE, BAD]
# A run that waits for a service that is left alone has its first two rounds counted here.
TABLE: Mapping[str, Sequence[Outcome]] = {
    "no first byte": outcomes_of("PROVIDER_TIMEOUT", 3, 3, 4, 1, 1, 1),
    "a body that stalls": outcomes_of("PROVIDER_TIMEOUT", 3, 3, 4, 1, 1, 1),
    "a reset": outcomes_of(AWAY, 12, 12, 4, 4, 4, 4),
    "a body that is cut off": outcomes_of(AWAY, 12, 12, 4, 4, 4, 4),
    "429": outcomes_of("PROVIDER_LIMITED", 12, 12, 4, 4, 4, 4),
    "429 with `Retry-After`": outcomes_of("PROVIDER_LIMITED", 2, 2, 2, 1, 1, 1, ending=3),
    "500": outcomes_of(AWAY, 12, 4, 4, 4, 4, 4),
    "503": outcomes_of(AWAY, 12, 12, 4, 4, 4, 4),
    "503 with `Retry-After`": outcomes_of(AWAY, 2, 2, 2, 1, 1, 1, ending=3),
    "broken JSON": outcomes_of(NOT_JSON, 1, 1, 1, 1, 1, 1),
    "JSON of another shape": outcomes_of(NOT_JSON, 1, 1, 1, 1, 1, 1),
    "HTML": outcomes_of(NOT_JSON, 1, 1, 1, 1, 1, 1),
    "5 GB": outcomes_of(TOO_LARGE, 1, 1, 1, 1, 1, 1),
    "a gzip bomb": outcomes_of(TOO_LARGE, 1, 1, 1, 1, 1, 1),
    "a redirect circle": outcomes_of(BAD, 6, 1, 1, 6, 6, 6),
    "a redirect to a private address": outcomes_of([NOT_ALLOWED, BAD, BAD, *[NOT_ALLOWED] * 3], 1, 1, 1, 1, 1, 1),
    "a certificate that nobody trusts": outcomes_of(AWAY, 0, 0, 0, 0, 0, 0, ending=1),
}


@asynccontextmanager
async def all_services(server: FaultyServer, args: ConnectArgs, folder: Path) -> AsyncIterator[OutsideServices]:
    """Of all jobs, on one server whose circuit stays closed."""
    client = client_of(breaker=CircuitBreaker(BreakerOptions(failures=1_000)))
    given = {"timeouts": TIMEOUTS, "max_bytes": MOST}
    options = DownloadOptions(timeouts=TIMEOUTS, private_hosts=frozenset({"127.0.0.1"}))
    async with Place("postgres", args=args).opened(Bounds(100, 1_000_000)) as store:
        cache = Cache(store)
        yield OutsideServices(
            client,
            cache,
            MetadataService(client, cache, provider_of(server, name="tmdb", **given)),
            files_of(client, folder, options=options, picture=MOST, video=MOST),
            TaggerService(client, provider_of(server, name="tagger", **given)),
            ReleaseIndex(client, cache, provider_of(server, name="releases", **given)),
        )
        await client.close()


def job_fault_document() -> str:
    """The lines of the table."""
    lines = [f"| the service gives | {' | '.join(f'`{job}`' for job in JOBS)} |", f"|---|{'---|' * len(JOBS)}"]
    lines += [f"| {fault} | {' | '.join(cell(one) for one in outcomes)} |" for fault, outcomes in TABLE.items()]
    return "\n".join(lines)


def cell(outcome: Outcome) -> str:
    return f"`{outcome.code}`, {outcome.calls} x{', ends the run' if outcome.ends_run else ''}"
