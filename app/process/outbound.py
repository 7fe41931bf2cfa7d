"""The client of outside services of a process, by its settings."""

from __future__ import annotations

from app.settings import Settings
from database.pool import Pool
from providers.client import OutboundClient
from providers.provider import Timeouts
from providers.rate_limit import SharedLimiter


def open_outbound(pool: Pool) -> OutboundClient:
    """Opened and closed with the process. Nothing is connected to, and no statement sent, before the first call."""
    return OutboundClient(SharedLimiter(pool))


def provider_timeouts(settings: Settings) -> Timeouts:
    """Of all providers that have no other ones."""
    return Timeouts(settings.provider_connect_timeout, settings.provider_timeout)
