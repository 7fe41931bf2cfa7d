"""The cache of what providers answer: what there is, and clearing it."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from domain.errors import CatalogError, Code
from providers.cache.cache import Cache
from providers.cache.statistics import CacheStatistics
from providers.cache.store import GroupStatistics, Selection
from schema.core.scalars import BigInt

ENTRIES = "Answers that are kept."
ACTIVE = "Those of them that have not expired."
BYTES = "Size of all of them, compressed."
HITS = "How often an answer was served from the cache, by all processes."
MISSES = "How often one had to be loaded, by all processes."
EVICTIONS = "How many answers made room for others."


@strawberry.type(description="What is kept of the answers of one provider, for one namespace.")
class ProviderCacheEntries:
    namespace: str = strawberry.field(description="The namespace.")
    provider: str = strawberry.field(description="The name of the provider.")
    entries: int = strawberry.field(description=ENTRIES)
    active: int = strawberry.field(description=ACTIVE)
    bytes: BigInt = strawberry.field(description=BYTES)
    hits: BigInt = strawberry.field(description=HITS)
    misses: BigInt = strawberry.field(description=MISSES)
    evictions: BigInt = strawberry.field(description=EVICTIONS)


@strawberry.type(description="The cache of what outside services answer (docs/provider-cache.md).")
class ProviderCache:
    backend: str = strawberry.field(description="Where answers are kept: postgres, redis or disk.")
    is_enabled: bool = strawberry.field(description="Whether answers are kept at all.")
    is_available: bool = strawberry.field(description="Whether the back end answers; if not, nothing is known of it.")
    failures: int = strawberry.field(description="How often the back end has failed in the process that answers this.")
    max_entries: int = strawberry.field(description="Answers that are kept at most.")
    max_bytes: BigInt = strawberry.field(description="Size of all answers that are kept at most.")
    entries: int = strawberry.field(description=ENTRIES)
    active: int = strawberry.field(description=ACTIVE)
    bytes: BigInt = strawberry.field(description=BYTES)
    hits: BigInt = strawberry.field(description=HITS)
    misses: BigInt = strawberry.field(description=MISSES)
    evictions: BigInt = strawberry.field(description=EVICTIONS)
    providers: list[ProviderCacheEntries] = strawberry.field(
        description="The same by namespace and provider, in this order."
    )


@strawberry.type(description="The result of clearing the cache.")
class ClearProviderCachePayload:
    cleared: int = strawberry.field(description="How many answers were removed.")


COUNTED = ("entries", "active", "bytes", "hits", "misses", "evictions")


def entries_of(group: GroupStatistics) -> ProviderCacheEntries:
    counted = {name: getattr(group, name) for name in COUNTED}
    return ProviderCacheEntries(namespace=group.group.namespace, provider=group.group.provider, **counted)


def provider_cache_of(statistics: CacheStatistics) -> ProviderCache:
    counted: dict[str, Any] = {name: statistics.total(name) for name in COUNTED}
    return ProviderCache(
        backend=statistics.backend,
        is_enabled=statistics.is_enabled,
        is_available=statistics.is_available,
        failures=statistics.failures,
        max_entries=statistics.max_entries,
        max_bytes=BigInt(statistics.max_bytes),
        **counted,
        providers=[entries_of(group) for group in statistics.groups],
    )


async def provider_cache(info: strawberry.Info[Any, Any]) -> ProviderCache | None:
    services = info.context.services
    cache: Cache | None = None if services is None else services.cache
    return None if cache is None else provider_cache_of(await cache.statistics())


async def clear_provider_cache(
    info: strawberry.Info[Any, Any],
    namespace: Annotated[str | None, strawberry.argument(description="Only of this namespace.")] = None,
    provider: Annotated[str | None, strawberry.argument(description="Only of this provider.")] = None,
    prefix: Annotated[str, strawberry.argument(description="Only calls that begin so: `movie/`, for example.")] = "",
    only_expired: Annotated[bool, strawberry.argument(description="Only what has expired.")] = False,
) -> ClearProviderCachePayload | None:
    if info.context.loaders.reader.viewer.libraries is not None:
        message = "What is kept is of the whole catalogue: only who may see all libraries can clear it."
        raise CatalogError(Code.FORBIDDEN, message)
    services = info.context.services
    cache: Cache | None = None if services is None else services.cache
    if cache is None:
        return ClearProviderCachePayload(cleared=0)
    try:
        return ClearProviderCachePayload(
            cleared=await cache.clear(Selection(namespace, provider, prefix, only_expired))
        )
    except CatalogError:
        raise
    except Exception as error:  # of a back end, of whatever class
        raise CatalogError(
            Code.PROVIDER_CACHE_UNAVAILABLE, "The cache of providers does not answer: try again, or look at its server."
        ) from error


@strawberry.type
class ProviderCacheQuery:
    """Root field of the cache."""

    provider_cache: ProviderCache | None = strawberry.field(
        resolver=provider_cache,
        description="What is kept of the answers of outside services; null where there is no cache.",
    )


@strawberry.type
class ProviderCacheMutation:
    """Mutation of the cache."""

    clear_provider_cache: ClearProviderCachePayload | None = strawberry.mutation(
        resolver=clear_provider_cache,
        description="Removes answers of outside services that are kept: all, or those that all arguments select."
        " FORBIDDEN for who may not see all libraries.",
    )
