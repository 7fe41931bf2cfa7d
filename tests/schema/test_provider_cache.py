"""The cache of providers by GraphQL and by the command line."""

from __future__ import annotations

import pytest
from rich.console import Console

from app.process.cache_commands import clear_entries, show_statistics
from app.settings import Settings
from database.connect_args import ConnectArgs
from domain.viewer import Viewer
from providers.cache.cache import Cache
from providers.cache.entry import size_of
from providers.cache.store import Counts, Group, Selection
from providers.client import OutboundClient
from providers.rate_limit import SharedLimiter
from providers.services import OutsideServices
from tests.support.api import Api, open_api
from tests.support.cache_stores import NOW, Place, entry, patient_cache

QUERY = """{ providerCache { backend isEnabled isAvailable failures maxEntries entries active bytes hits misses
    evictions providers { namespace provider entries active hits misses } } }"""
CLEAR = 'mutation { clearProviderCache(provider: "tmdb", prefix: "movie/") { cleared } }'
KEYS = ["default/tmdb/movie/1/0", "default/tmdb/series/1/0", "default/tagger/tags/0"]


def services_with(api: Api, cache: Cache) -> OutsideServices:
    return OutsideServices(OutboundClient(SharedLimiter(api.pool)), cache)


async def fill(args: ConnectArgs) -> None:
    async with Place("postgres", args=args).opened() as store:
        for key in KEYS:
            await store.write(key, entry(), NOW)
        await store.note({}, {Group("default", "tmdb"): Counts(hits=3_000_000_000, misses=1)})


async def test_the_cache_is_read_and_cleared_by_graphql(writer: ConnectArgs) -> None:
    await fill(writer)
    async with Place("postgres", args=writer).opened() as store, open_api(writer) as api:
        api.service.outside = services_with(api, patient_cache(store, now=lambda: NOW))
        found = (await api.run(QUERY))["providerCache"]
        size = sum(size_of(key, entry()) for key in KEYS)
        assert {name: found[name] for name in ("entries", "active", "bytes", "hits", "misses", "evictions")} == {
            "entries": 3, "active": 3, "bytes": size, "hits": 3_000_000_000, "misses": 1, "evictions": 0
        }  # fmt: skip
        assert [(one["provider"], one["entries"]) for one in found["providers"]] == [("tagger", 1), ("tmdb", 2)]
        assert await api.run(CLEAR) == {"clearProviderCache": {"cleared": 1}}
        assert (await api.run(QUERY))["providerCache"]["entries"] == 2


async def test_who_may_see_some_libraries_alone_does_not_clear_it(writer: ConnectArgs) -> None:
    await fill(writer)
    async with Place("postgres", args=writer).opened() as store, open_api(writer) as api:
        api.service.outside = services_with(api, patient_cache(store, now=lambda: NOW))
        assert await api.codes(CLEAR, Viewer((1,))) == ["FORBIDDEN"]
        assert (await api.run(QUERY))["providerCache"]["entries"] == 3


async def test_a_back_end_that_is_away_is_told(writer: ConnectArgs) -> None:
    place = Place("redis", url="redis://127.0.0.1:1")
    async with place.opened() as store, open_api(writer) as api:
        api.service.outside = services_with(api, Cache(store))
        found = (await api.run(QUERY))["providerCache"]
        assert (found["isAvailable"], found["failures"], found["entries"]) == (False, 1, 0)
        assert await api.codes(CLEAR) == ["PROVIDER_CACHE_UNAVAILABLE"]


async def test_the_cache_is_shown_and_cleared_by_commands(writer: ConnectArgs) -> None:
    await fill(writer)
    console, settings = Console(record=True, width=120, quiet=False), Settings(DATABASE_URL=writer.dsn)
    await show_statistics(writer, settings, console)
    await clear_entries(writer, settings, console, Selection(only_expired=True))
    await clear_entries(writer, settings, console, Selection(provider="tmdb"))
    text = console.export_text()
    assert "tagger" in text
    assert "3,000,000,000" in text
    assert "Entries cleared: 0." in text
    assert "Entries cleared: 2." in text


@pytest.mark.parametrize("address", ["http://host", "host:6379"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Settings(cache_redis_url=address)


def test_redis_wants_an_address() -> None:
    with pytest.raises(ValueError, match="MARQUEE_CACHE_REDIS_URL"):
        Settings(cache_backend="redis")
