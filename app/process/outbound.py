"""The outside services of a process, by its settings."""

from __future__ import annotations

from app.limits import cache_options, download_options, file_bounds, frame_limits, thumbnail_widths
from app.settings import Settings
from database.connect import Connector
from database.pool import Pool
from providers.cache.open_cache import open_cache
from providers.client import OutboundClient
from providers.files.download import Downloads
from providers.files.folder import FileFolder
from providers.files.frames import FrameMaker
from providers.files.links import FileLinks, key_in_file, key_of_secret
from providers.files.service import FileService
from providers.provider import Timeouts
from providers.rate_limit import SharedLimiter
from providers.services import OutsideServices

KEY_FILE = "key"


def open_services(settings: Settings, pool: Pool, connector: Connector) -> OutsideServices:
    """Opened and closed with the process. Nothing is connected to, and no statement sent, before the first call.

    pool: over which limits are shared; connector: opens the connections of the cache, if that is in the database."""
    client = OutboundClient(SharedLimiter(pool))
    cache = open_cache(cache_options(settings), connector.open)
    return OutsideServices(client, cache, files=open_files(settings, client))


def open_files(settings: Settings, client: OutboundClient) -> FileService:
    """What the process has to do with files."""
    folder = FileFolder(settings.state_dir / settings.files_folder, settings.files_reserve)
    secret = settings.files_key
    key = key_in_file(folder.root / KEY_FILE) if secret is None else key_of_secret(secret.get_secret_value())
    return FileService(
        folder,
        FileLinks(key, settings.files_link_time, settings.files_public_url),
        Downloads(client, folder, download_options(settings)),
        FrameMaker(folder, thumbnail_widths(settings), frame_limits(settings), settings.thumbnail_processes),
        file_bounds(settings),
    )


def provider_timeouts(settings: Settings) -> Timeouts:
    """Of all providers that have no other ones."""
    return Timeouts(settings.provider_connect_timeout, settings.provider_timeout)
