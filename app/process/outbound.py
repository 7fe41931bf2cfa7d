"""The outside services of a process, by its settings."""

from __future__ import annotations

import re

from opentelemetry.trace import Tracer

from app.provider_limits import (
    breaker_options,
    cache_options,
    download_options,
    file_bounds,
    frame_limits,
    thumbnail_widths,
)
from app.provider_settings import secret_of
from app.settings import Settings
from database.connect import Connector
from database.pool import Pool
from providers.cache.cache import Cache
from providers.cache.open_cache import open_cache
from providers.circuit_breaker import CircuitBreaker
from providers.client import OutboundClient
from providers.files.download import Downloads
from providers.files.folder import FileFolder
from providers.files.frames import FrameMaker
from providers.files.links import FileLinks, key_in_file, key_of_secret
from providers.files.service import FileService
from providers.metadata.service import MetadataService
from providers.provider import Provider, RateLimit, Timeouts
from providers.rate_limit import SharedLimiter
from providers.releases.service import ReleaseIndex
from providers.services import OutsideServices
from providers.tagger.service import TaggerService

OLD_KEY = re.compile(r"[0-9a-f]{32}")
KEY_FILE = "key"


def open_services(
    settings: Settings, pool: Pool, connector: Connector, tracer: Tracer | None = None
) -> OutsideServices:
    """Opened and closed with the process. Nothing is connected to, and no statement sent, before the first call.

    pool: over which limits are shared; connector: opens the connections of the cache, if that is in the database;
    tracer: makes the spans of calls."""
    client = OutboundClient(SharedLimiter(pool), tracer=tracer, breaker=CircuitBreaker(breaker_options(settings)))
    cache = open_cache(cache_options(settings), connector.open, client.statistics)
    metadata = metadata_service(settings, client, cache)
    files, tagger = file_service(settings, client), tagger_service(settings, client)
    return OutsideServices(client, cache, metadata, files, tagger, release_index(settings, client, cache))


def metadata_service(settings: Settings, client: OutboundClient, cache: Cache) -> MetadataService | None:
    """None where no address is set. Keys of 32 hexadecimal digits are TMDB's older ones and go into the query;
    others are bearer tokens."""
    if settings.metadata_url is None:
        return None
    key = secret_of(settings.metadata_key, settings.metadata_key_file)
    provider = Provider(
        "tmdb",
        settings.metadata_url,
        RateLimit(settings.metadata_calls, settings.metadata_seconds, settings.metadata_parallel),
        provider_timeouts(settings),
        settings.provider_max_bytes,
        settings.metadata_allow_private,
        key,
        key_parameter="api_key" if key is not None and OLD_KEY.fullmatch(key.reveal()) else None,
    )
    return MetadataService(client, cache, provider, settings.metadata_language)


def tagger_service(settings: Settings, client: OutboundClient) -> TaggerService | None:
    """None where no address is set."""
    if settings.tagger_url is None:
        return None
    provider = Provider(
        "tagger",
        settings.tagger_url,
        RateLimit(settings.tagger_calls, settings.tagger_seconds, settings.tagger_parallel),
        provider_timeouts(settings),
        settings.provider_max_bytes,
        settings.tagger_allow_private,
        secret_of(settings.tagger_key, settings.tagger_key_file),
    )
    return TaggerService(client, provider, settings.tagger_batch)


def release_index(settings: Settings, client: OutboundClient, cache: Cache) -> ReleaseIndex | None:
    """None where no address is set. One call in each pause, of all processes together."""
    if settings.releases_url is None:
        return None
    provider = Provider(
        "releases",
        settings.releases_url,
        RateLimit(1, settings.releases_pause, settings.releases_parallel),
        Timeouts(min(settings.provider_connect_timeout, settings.releases_timeout), settings.releases_timeout),
        settings.provider_max_bytes,
        settings.releases_allow_private,
        secret_of(settings.releases_key, settings.releases_key_file),
        attempts=settings.releases_retries + 1,
    )
    return ReleaseIndex(client, cache, provider, settings.releases_batch, settings.releases_retries)


def file_service(settings: Settings, client: OutboundClient) -> FileService:
    """Files of artwork, subtitles and thumbnails, below the folder of the settings."""
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
