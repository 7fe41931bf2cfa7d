"""The settings of outside services and of what is kept of them: the client, each service, the cache, files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from app.http.keys import SHORTEST
from providers.provider import check_base_url
from providers.secret import Secret, read_secret

PREFIX = "MARQUEE_"
SERVICE_URLS = ("metadata_url", "tagger_url", "releases_url")
# What those accept whose types do not tell.
PROVIDER_WORDS = {
    "cache_backend": "postgres, redis or disk",
    "cache_redis_url": "an address like redis://host:6379/0",
    "cache_folder": "a folder",
    "metadata_url": "an address like https://api.themoviedb.org/3, without user, password, query or key",
    "metadata_key": "the key as the service gives it out",
    "metadata_key_file": "a file",
    "releases_url": "an address like https://releases.example.com/api, without user, password, query or key",
    "releases_key": "the key as the index gives it out",
    "releases_key_file": "a file",
    "metadata_language": "a language such as en-US",
    "tagger_url": "an address like https://tagger.example.com, without user, password, query or key",
    "tagger_key": "the key as the tagger gives it out",
    "tagger_key_file": "a file",
    "files_folder": "a folder",
    "files_key": f"a text of {SHORTEST} letters at least",
    "files_public_url": "an address like https://media.example.com",
    "files_private_hosts": "names of hosts with commas between them",
    "video_folders": "absolute folders with colons between them",
    "thumbnail_widths": "1 to 4 widths from 16 to 3840 with commas between them",
}


def secret_of(value: SecretStr | None, file: Path | None) -> Secret | None:
    """The key of a service; None where none is set. ValueError, without the key."""
    return read_secret(None if value is None else value.get_secret_value(), file)


class ProviderSettings(BaseSettings):
    """What of the settings is about outside services; times are in seconds."""

    provider_connect_timeout: float = Field(
        10, gt=0, description="longest wait for a connection to an outside service (docs/providers.md)"
    )
    provider_timeout: float = Field(
        300, gt=0, description="longest wait for the whole answer of an outside service, or for the next byte of a file"
    )
    provider_max_bytes: int = Field(
        4194304,
        ge=1024,
        description="size of an answer of an outside service, decompressed; files have limits of their own",
    )
    provider_breaker_failures: int = Field(
        5, ge=1, description="failures in a row after which a host of an outside service is left alone"
    )
    provider_breaker_pause: float = Field(
        10, gt=0, description="for how long; twice as long after each call that fails then again"
    )
    provider_breaker_longest_pause: float = Field(300, gt=0, description="for how long at most")
    metadata_url: str | None = Field(
        None,
        description="address of a service of the shape of TMDB's API, such as https://api.themoviedb.org/3"
        " (docs/metadata.md); none without a value",
    )
    metadata_key: SecretStr | None = Field(None, repr=False, description="key of this service")
    metadata_key_file: Path | None = Field(None, description="file with that key")
    metadata_language: str = Field(
        "en-US", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", description="language of its titles and texts"
    )
    metadata_allow_private: bool = Field(
        False, description="the service may have a private or loopback address, as one of one's own has"
    )
    metadata_calls: int = Field(40, ge=1, le=1000, description="calls of the service in so many seconds as follow")
    metadata_seconds: float = Field(10, ge=0.1, le=86400, description="seconds in which it is called so often at most")
    metadata_parallel: int = Field(20, ge=1, le=1000, description="calls of the service that run at once")
    tagger_url: str | None = Field(
        None, description="address of a tagger, to whose /tag media are sent (docs/tagger.md); none without a value"
    )
    tagger_key: SecretStr | None = Field(None, repr=False, description="key of the tagger, sent as a bearer token")
    tagger_key_file: Path | None = Field(None, description="file with that key")
    tagger_allow_private: bool = Field(
        False, description="the tagger may have a private or loopback address, as one of one's own has"
    )
    tagger_calls: int = Field(2, ge=1, le=1000, description="calls of the tagger in so many seconds as follow")
    tagger_seconds: float = Field(1, ge=0.1, le=86400, description="seconds in which it is called so often at most")
    tagger_parallel: int = Field(8, ge=1, le=100, description="calls of the tagger that run at once, in all processes")
    tagger_batch: int = Field(20, ge=1, le=100, description="media that are sent to the tagger in one call")
    releases_url: str | None = Field(
        None, description="address of a release index, such as https://releases.example.com/api (docs/releases.md)"
    )
    releases_key: SecretStr | None = Field(None, repr=False, description="key of this index")
    releases_key_file: Path | None = Field(None, description="file with that key")
    releases_allow_private: bool = Field(False, description="the index may have a private or loopback address")
    releases_batch: int = Field(50, ge=1, le=500, description="releases in one call of the index")
    releases_parallel: int = Field(3, ge=1, le=20, description="calls of the index that run at once")
    releases_pause: float = Field(35, ge=0.01, le=3600, description="seconds between the starts of two calls")
    releases_retries: int = Field(3, ge=0, le=10, description="further attempts of a call that failed")
    releases_timeout: float = Field(30, ge=0.1, le=3600, description="seconds for one attempt")

    cache_enabled: bool = Field(True, description="keep answers of outside services (docs/provider-cache.md)")
    cache_backend: Literal["postgres", "redis", "disk"] = Field("postgres", description="where answers are kept")
    cache_redis_url: SecretStr | None = Field(
        None, repr=False, description="address of Redis or Valkey, where that is the back end"
    )
    cache_redis_cluster: bool = Field(False, description="the address is that of a node of a cluster")
    cache_folder: Path = Field(
        Path("provider-cache"), description="folder of the disk back end, within the state folder when relative"
    )
    cache_max_entries: int = Field(100000, ge=1, description="answers that are kept at most")
    cache_max_bytes: int = Field(268435456, ge=65536, description="size of all answers that are kept")

    files_folder: Path = Field(
        Path("files"),
        description="folder of files that are fetched or made (docs/files.md), within the state folder when relative",
    )
    files_key: SecretStr | None = Field(
        None,
        repr=False,
        description="what links to files are signed by; by itself a key that is made in the folder of files",
    )
    files_link_time: float = Field(86400, ge=60, description="a link to a file is good for so long at least")
    files_public_url: str = Field(
        "", description="address of the server as clients reach it, for links to files; by itself they are paths"
    )
    files_reserve: int = Field(1073741824, ge=0, description="bytes that downloads leave free on their disk")
    files_max_bytes: int = Field(20000000, ge=1024, description="size of a picture that is downloaded")
    files_private_hosts: str = Field(
        "", description="hosts, with commas between them, from which files are fetched though their address is private"
    )
    files_host_rate: int = Field(10, ge=1, le=1000, description="downloads from one host in a second, in all processes")
    files_host_parallel: int = Field(4, ge=1, le=1000, description="downloads from one host at once, in all processes")
    files_parallel: int = Field(8, ge=1, le=100, description="downloads that a job makes at once, from all hosts")
    video_folders: str = Field(
        "", description="folders, with colons between them, of whose videos thumbnails are made; any without a value"
    )
    video_max_bytes: int = Field(4294967296, ge=1024, description="size of a video that is fetched for thumbnails")
    thumbnail_widths: str = Field("320,640", description="widths of thumbnails in pixels, with commas between them")
    thumbnail_timeout: int = Field(60, ge=1, le=3600, description="longest run of ffmpeg for a frame")
    thumbnail_memory: int = Field(1073741824, ge=134217728, description="bytes of memory that ffmpeg may take")
    thumbnail_processes: int = Field(2, ge=1, le=256, description="runs of ffmpeg at once, in each process with jobs")

    @model_validator(mode="after")
    def _redis_has_an_address(self) -> Self:
        if self.cache_backend == "redis" and self.cache_redis_url is None:
            raise ValueError(f"{PREFIX}CACHE_REDIS_URL: not set, wants {PROVIDER_WORDS['cache_redis_url']}")
        return self

    @field_validator(*SERVICE_URLS)
    @classmethod
    def _service_has_an_address(cls, url: str | None) -> str | None:
        if url is not None:
            check_base_url(url)
        return url

    @model_validator(mode="after")
    def _keys_of_services_can_be_used(self) -> Self:
        for name, value, file in (
            ("METADATA_KEY", self.metadata_key, self.metadata_key_file),
            ("TAGGER_KEY", self.tagger_key, self.tagger_key_file),
            ("RELEASES_KEY", self.releases_key, self.releases_key_file),
        ):
            try:
                secret_of(value, file)
            except ValueError as error:
                raise ValueError(f"{PREFIX}{name}: {error}") from None
        return self

    @field_validator("cache_redis_url")
    @classmethod
    def _cache_redis_url_is_an_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and urlsplit(url.get_secret_value()).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("not an address of Redis")
        return url

    @field_validator("files_key")
    @classmethod
    def _files_key_is_long(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < SHORTEST:
            raise ValueError("too short")
        return key

    @field_validator("files_public_url")
    @classmethod
    def _files_public_url_is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("not an address of a server")
        return url

    @field_validator("thumbnail_widths")
    @classmethod
    def _thumbnail_widths_are_numbers(cls, text: str) -> str:
        widths = [part.strip() for part in text.split(",")]
        if not 1 <= len(widths) <= 4 or not all(
            re.fullmatch("[0-9]{2,4}", one) and 16 <= int(one) <= 3840 for one in widths
        ):
            raise ValueError("not widths")
        return text
