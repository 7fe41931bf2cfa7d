"""The limits of outside services that follow from the settings; who calls none need not load what calls them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.settings import Settings
from providers.cache.open_cache import Backend, CacheOptions
from providers.cache.store import Bounds
from providers.circuit_breaker import BreakerOptions
from providers.files.download import DOWNLOAD_TIMEOUTS, DownloadOptions
from providers.files.ffmpeg import FrameLimits
from providers.files.service import FileBounds
from providers.provider import RateLimit


def breaker_options(settings: Settings) -> BreakerOptions:
    """When hosts of outside services are left alone."""
    return BreakerOptions(
        settings.provider_breaker_failures, settings.provider_breaker_pause, settings.provider_breaker_longest_pause
    )


def cache_options(settings: Settings) -> CacheOptions:
    """Of the cache of providers."""
    url = settings.cache_redis_url
    return CacheOptions(
        Bounds(settings.cache_max_entries, settings.cache_max_bytes),
        settings.state_dir / settings.cache_folder,
        Backend(settings.cache_backend),
        "" if url is None else url.get_secret_value(),
        settings.cache_redis_cluster,
        settings.cache_enabled,
    )


def file_bounds(settings: Settings) -> FileBounds:
    """Of files that jobs fetch and read."""
    return FileBounds(
        picture=settings.files_max_bytes,
        video=settings.video_max_bytes,
        parallel=settings.files_parallel,
        video_folders=[Path(part) for part in settings.video_folders.split(":") if part],
    )


def download_options(settings: Settings) -> DownloadOptions:
    """Of downloads of files."""
    hosts = (part.strip().lower() for part in settings.files_private_hosts.split(","))
    return DownloadOptions(
        RateLimit(settings.files_host_rate, 1.0, settings.files_host_parallel),
        replace(DOWNLOAD_TIMEOUTS, connect=settings.provider_connect_timeout, idle=settings.provider_timeout),
        frozenset(host for host in hosts if host),
    )


def frame_limits(settings: Settings) -> FrameLimits:
    """Of ffmpeg."""
    return FrameLimits(settings.thumbnail_timeout, settings.thumbnail_memory)


def thumbnail_widths(settings: Settings) -> list[int]:
    """Each once, the smallest first."""
    return sorted({int(part) for part in settings.thumbnail_widths.split(",")})
