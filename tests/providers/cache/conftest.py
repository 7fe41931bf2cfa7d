"""Fixtures: each back end of the cache in its place."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from providers.cache.store import Store
from tests.support.cache_stores import PATIENCE, Clock, Place, empty_redis
from tests.support.redis_server import needs_redis, redis_cluster, redis_server

KINDS = [
    "postgres",
    "disk",
    pytest.param("redis", marks=needs_redis),
    pytest.param("redis_cluster", marks=needs_redis),
]


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def redis_cluster_url() -> Iterator[str]:
    with redis_cluster() as url:
        yield url


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty place of each kind."""
    if request.param == "postgres":
        yield Place("postgres", args=request.getfixturevalue("writer"))
    elif request.param == "disk":
        yield Place("disk", folder=tmp_path / "cache")
        shutil.rmtree(tmp_path)
    else:
        url = request.getfixturevalue(f"{request.param}_url")
        empty_redis(url, is_cluster=request.param == "redis_cluster")
        yield Place(request.param, url=url)


@pytest.fixture(autouse=True)
def patient_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.cache.disk_state.LOCK_SECONDS", PATIENCE)


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    async with place.opened() as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()
