"""What a client asks before it calls: whether it may, and when."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from providers.provider import Provider


class Limiter(Protocol):
    """Keeps the limits of providers. providers/rate_limit.py has the one that all processes share."""

    def place(self, provider: Provider, deadline: float | None) -> AbstractAsyncContextManager[None]:
        """One of the calls that may run at once; waited for. ProviderError where that would last beyond the deadline,
        which is by the event loop's clock."""
        ...

    async def turn(self, provider: Provider, deadline: float | None) -> float:
        """Returns when the provider may be called, at once; how many seconds that took. ProviderError likewise."""
        ...

    async def block(self, provider: Provider, seconds: float) -> None:
        """No process is to call the provider for so long."""
        ...

    async def close(self) -> None: ...
