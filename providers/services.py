"""The outside services of a process: what calls them, what is kept of their answers, and each that settings name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from domain.errors import CatalogError, Code

if TYPE_CHECKING:  # jobs that call no service, as imports by the command, need not load what does
    from providers.cache.cache import Cache
    from providers.client import OutboundClient
    from providers.files.service import FileService
    from providers.metadata.service import MetadataService
    from providers.releases.service import ReleaseIndex
    from providers.tagger.service import TaggerService

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OutsideServices:
    """Opened and closed with its process. A service below client and cache is None where no setting names it."""

    client: OutboundClient
    cache: Cache
    metadata: MetadataService | None = None
    files: FileService | None = None
    tagger: TaggerService | None = None
    releases: ReleaseIndex | None = None

    async def close(self) -> None:
        """First what is loaded in the background, which needs the client."""
        try:
            await self.cache.close()
        finally:
            await self.client.close()


def configured(service: T | None, setting: str) -> T:
    """The service; CatalogError with PROVIDER_NOT_CONFIGURED where there is none. `setting`: what would name it."""
    if service is None:
        raise CatalogError(
            Code.PROVIDER_NOT_CONFIGURED, f"This server has no such service: set {setting} (docs/settings.md)."
        )
    return service
