"""How long a run waits for hosts that are to be left alone."""

from __future__ import annotations

import asyncio
from typing import TypeGuard
from urllib.parse import urlsplit

from domain.errors import CatalogError
from providers.errors import ProviderError

PATIENCE_SECONDS, SHORTEST_PAUSE = 60.0, 0.05


class Patience:
    """How long a run waits for hosts that are left alone, since they fail again and again or have asked for that: each
    for some time, once. After that what they have stays wanted, for another run."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def pause(self, error: CatalogError, url: str) -> float | None:
        """Seconds until another try; None where there is none."""
        if not is_left_alone(error):
            return None
        assert error.retry_after is not None
        now = asyncio.get_running_loop().time()
        until = self._until.setdefault(urlsplit(url).netloc, now + PATIENCE_SECONDS)
        pause = max(error.retry_after, SHORTEST_PAUSE)
        return pause if now + pause <= until else None


def is_left_alone(error: CatalogError) -> TypeGuard[ProviderError]:
    return isinstance(error, ProviderError) and error.is_withheld
