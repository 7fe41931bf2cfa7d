"""Outside services as settings make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.process.outbound import metadata_service, release_index, tagger_service
from app.provider_limits import breaker_options
from app.settings import SettingsError, read_settings
from providers.cache.cache import Cache
from providers.cache.disk import DiskStore
from providers.cache.store import Bounds
from providers.circuit_breaker import BreakerOptions
from providers.client import OutboundClient
from providers.metadata.service import MetadataService
from providers.releases.service import ReleaseIndex
from providers.tagger.service import TaggerService
from tests.support.outbound import NoLimits

URL = "https://api.themoviedb.org/3"


def service_of(tmp_path: Path, **given: object) -> MetadataService | None:
    cache = Cache(DiskStore(tmp_path, Bounds(10, 100_000)))
    return metadata_service(read_settings(**given), OutboundClient(NoLimits()), cache)


def index_of(tmp_path: Path, **given: object) -> ReleaseIndex | None:
    cache = Cache(DiskStore(tmp_path, Bounds(10, 100_000)))
    return release_index(read_settings(**given), OutboundClient(NoLimits()), cache)


def test_the_release_index_is_called_as_the_settings_say(tmp_path: Path) -> None:
    assert index_of(tmp_path) is None
    index = index_of(tmp_path, releases_url="https://releases.example.com/api")
    assert index is not None
    provider, limits = index.provider, index.provider.limits
    assert limits is not None
    assert (index.batch_size, index.parallel, provider.attempts, provider.timeouts.total) == (50, 3, 4, 30)
    assert (limits.calls, limits.seconds, provider.key, provider.allow_private) == (1, 35, None, False)
    given = {"batch": 7, "parallel": 2, "pause": 0.5, "retries": 0, "timeout": 3, "key": "abc", "allow_private": True}
    other = index_of(
        tmp_path, releases_url="http://localhost:1", **{f"releases_{name}": value for name, value in given.items()}
    )
    assert other is not None
    provider, limits = other.provider, other.provider.limits
    assert limits is not None
    assert (other.batch_size, other.parallel, provider.attempts, provider.timeouts.total) == (7, 2, 1, 3)
    assert (limits.calls, limits.seconds, provider.allow_private, provider.timeouts.connect) == (1, 0.5, True, 3)
    assert provider.key is not None


@pytest.mark.parametrize(
    "given",
    [
        {"releases_url": "https://user:hidden@host/3"},
        {"releases_url": "https://host/3?api_key=hidden"},
        {"releases_key": "hidden", "releases_key_file": "/etc/hostname"},
        {"releases_key_file": "/nowhere/at/all"},
        {"releases_batch": 0},
        {"releases_batch": 501},
        {"releases_parallel": 21},
        {"releases_pause": 0},
        {"releases_retries": 11},
        {"releases_timeout": 0},
    ],
)
def test_what_cannot_be_used_of_the_index_is_told_without_secrets(given: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(**given)
    assert "MARQUEE_RELEASES" in str(error.value)
    assert "hidden" not in str(error.value)


def test_there_is_none_where_no_address_is_set(tmp_path: Path) -> None:
    assert service_of(tmp_path) is None


def test_limit_and_key_are_those_of_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("0123456789abcdef0123456789abcdef\n")
    service = service_of(tmp_path, metadata_url=URL, metadata_key_file=file, metadata_calls=3)
    assert service is not None
    limits = service.provider.limits
    assert limits is not None
    assert (limits.calls, limits.seconds, limits.parallel) == (3, 10, 20)
    assert service.provider.key_parameter == "api_key"
    token = service_of(tmp_path, metadata_url=URL, metadata_key="eyJhbGciOi.J9")
    assert token is not None
    assert (token.provider.key_parameter, token.provider.allow_private) == (None, False)


@pytest.mark.parametrize(
    "given",
    [
        {"metadata_url": "ftp://x"},
        {"metadata_url": "https://user:hidden@host/3"},
        {"metadata_url": "https://host/3?api_key=hidden"},
        {"metadata_key": "hidden", "metadata_key_file": "/etc/hostname"},
        {"metadata_key_file": "/nowhere/at/all"},
        {"metadata_language": "english please"},
    ],
)
def test_what_cannot_be_used_is_told_without_secrets(given: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(**given)
    assert "MARQUEE_METADATA" in str(error.value)
    assert "hidden" not in str(error.value)


def tagger_of(**given: object) -> TaggerService | None:
    return tagger_service(read_settings(**given), OutboundClient(NoLimits()))


def test_a_tagger_is_that_of_the_settings_and_asked_twice_a_second() -> None:
    assert tagger_of() is None
    tagger = tagger_of(tagger_url="https://tagger.example.com/v1", tagger_key="secret")
    assert tagger is not None
    limits = tagger.provider.limits
    assert limits is not None
    assert (limits.calls, limits.seconds, limits.parallel, tagger.parallel, tagger.batch) == (2, 1, 8, 8, 20)
    assert (tagger.provider.name, tagger.provider.key_parameter, tagger.provider.allow_private) == (
        "tagger",
        None,
        False,
    )
    other = tagger_of(tagger_url="http://127.0.0.1:9100", tagger_allow_private=True, tagger_parallel=3, tagger_batch=50)
    assert other is not None
    assert (other.provider.allow_private, other.parallel, other.batch, other.provider.key) == (True, 3, 50, None)


@pytest.mark.parametrize(
    "given",
    [
        {"tagger_url": "tagger.example.com"},
        {"tagger_url": "https://user:hidden@host/"},
        {"tagger_url": "https://host/?key=hidden"},
        {"tagger_key": "hidden", "tagger_key_file": "/etc/hostname"},
        {"tagger_key_file": "/nowhere/at/all"},
        {"tagger_batch": 101},
        {"tagger_parallel": 0},
    ],
)
def test_a_tagger_that_cannot_be_used_is_told_without_secrets(given: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(**given)
    assert "MARQUEE_TAGGER" in str(error.value)
    assert "hidden" not in str(error.value)


def test_a_host_is_left_alone_as_the_settings_say() -> None:
    settings = read_settings(provider_breaker_failures=2, provider_breaker_pause=1, provider_breaker_longest_pause=3)
    assert breaker_options(settings) == BreakerOptions(failures=2, pause=1, longest_pause=3)
    assert breaker_options(read_settings()) == BreakerOptions()
    with pytest.raises(SettingsError, match="MARQUEE_PROVIDER_BREAKER_FAILURES"):
        read_settings(provider_breaker_failures=0)
