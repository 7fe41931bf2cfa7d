"""The outside services of a process, by its settings."""

from __future__ import annotations

from app.limits import cache_options
from app.settings import Settings
from database.connect import Connector
from database.pool import Pool
from providers.cache.open_cache import open_cache
from providers.client import OutboundClient
from providers.provider import Timeouts
from providers.rate_limit import SharedLimiter
from providers.services import OutsideServices


def open_services(settings: Settings, pool: Pool, connector: Connector) -> OutsideServices:
    """Opened and closed with the process. Nothing is connected to, and no statement sent, before the first call.

    pool: over which limits are shared; connector: opens the connections of the cache, if that is in the database."""
    return OutsideServices(OutboundClient(SharedLimiter(pool)), open_cache(cache_options(settings), connector.open))


def provider_timeouts(settings: Settings) -> Timeouts:
    """Of all providers that have no other ones."""
    return Timeouts(settings.provider_connect_timeout, settings.provider_timeout)
