"""The release index: what is asked of it, how its answers are read, and what is kept of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.errors import Code
from providers.body import Answer
from providers.cache.cache import Cache
from providers.cache.disk import DiskStore
from providers.cache.store import Bounds
from providers.client import OutboundClient
from providers.errors import ProviderError
from providers.metadata.fields import AnswerFields
from providers.provider import Call, Provider
from providers.releases.answers import IndexedRelease, parse_release, parse_releases
from providers.releases.service import ReleaseIndex
from tests.support.outbound import NoLimits, provider_of
from tests.support.release_index import PATH, IndexServer, index_server, indexed

FULL = IndexedRelease("a-G", "G", 700, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), 90, "bad.crop")


@pytest.fixture
async def server_of_releases() -> AsyncIterator[IndexServer]:
    async with index_server() as found:
        yield found


@pytest.fixture
async def index(server_of_releases: IndexServer, client: OutboundClient, tmp_path: Path) -> AsyncIterator[ReleaseIndex]:
    cache = Cache(DiskStore(tmp_path, Bounds(1_000, 1_000_000)))
    yield ReleaseIndex(client, cache, provider_of(server_of_releases.server, name="releases"))
    await cache.close()


async def test_a_batch_is_one_call_and_its_answers_are_kept(
    server_of_releases: IndexServer, index: ReleaseIndex
) -> None:
    server_of_releases.know("a-G", completeness=90, nukeReason="bad.crop")
    assert await index.kept("movies", ["a-G", "b-G"]) == {}
    assert await index.analyse("movies", ["a-G", "b-G"]) == {"a-G": FULL, "b-G": None}
    [asked] = server_of_releases.server.asked
    assert (asked.method, asked.path) == ("POST", PATH)
    assert orjson.loads(asked.body) == {"category": "movies", "names": ["a-G", "b-G"]}
    assert await index.kept("movies", ["a-G", "b-G", "c-G"]) == {"a-G": FULL, "b-G": None}
    assert await index.kept("music", ["a-G"]) == {}
    assert len(server_of_releases.server.asked) == 1


async def test_one_that_cannot_be_read_is_told_apart_and_not_kept(
    server_of_releases: IndexServer, index: ReleaseIndex
) -> None:
    server_of_releases.know("a-G", " b ")
    server_of_releases.known["a-G"]["size"] = -1
    findings = await index.analyse("movies", ["a-G", " b "])
    assert isinstance(findings["a-G"], ProviderError)
    assert str(findings["a-G"]) == f"releases: {PATH[1:]}.releases.0.size is no whole number from 0 to {2**53 - 1}."
    assert isinstance(findings[" b "], IndexedRelease)
    assert list(await index.kept("movies", ["a-G", " b "])) == [" b "]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("group", 5),
        ("group", "a\0b"),
        ("size", 1.5),
        ("size", True),
        ("size", 2**60),
        ("publishedAt", "2024-05-06"),
        ("publishedAt", "2024-05-06T07:08:09"),
        ("publishedAt", "0001-01-01T00:00:00Z"),
        ("publishedAt", "yesterday"),
        ("publishedAt", 5),
        ("completeness", 101),
        ("completeness", -1),
        ("nukeReason", ["x"]),
        ("name", None),
    ],
)
def test_a_field_that_is_not_what_it_should_be_is_named(field: str, value: Any) -> None:
    with pytest.raises(ProviderError, match=field) as error:
        parse_release(AnswerFields({**indexed("a-G"), field: value}, "release", "releases"))
    assert error.value.code is Code.PROVIDER_BAD_ANSWER


@pytest.mark.parametrize("value", [[], {}, {"releases": None}, {"releases": {}}, {"releases": [1]}, {"releases": [{}]}])
def test_an_answer_that_is_none_is_refused_as_a_whole(value: Any) -> None:
    with pytest.raises(ProviderError):
        parse_releases(value, {"a-G"}, "releases")


def test_what_was_not_asked_for_and_what_comes_again_is_left_out() -> None:
    given = {"releases": [indexed("z-G"), indexed("a-G", size=1), indexed("a-G", size=2)]}
    found = parse_releases(given, {"a-G"}, "releases")
    assert [(name, one.size) for name, one in found.items() if isinstance(one, IndexedRelease)] == [("a-G", 1)]


def test_long_texts_are_cut_to_what_can_be_stored() -> None:
    found = parse_release(AnswerFields(indexed("a-G", group="g" * 900, nukeReason="n" * 9_000), "release", "releases"))
    assert (len(found.group or ""), len(found.nuke_reason or "")) == (200, 2_000)


def test_what_is_kept_is_read_as_it_was() -> None:
    assert parse_release(AnswerFields(orjson.loads(FULL.as_bytes()), "release", "releases")) == FULL


class SlowClient(OutboundClient):
    """Does not answer in time some times, and then does."""

    def __init__(self, times: int) -> None:
        super().__init__(NoLimits())
        self.left = times
        self.calls = 0

    async def call(self, provider: Provider, call: Call, *, deadline: float | None = None) -> Answer:
        self.calls += 1
        self.left -= 1
        if self.left >= 0:
            raise ProviderError(Code.PROVIDER_TIMEOUT, "It did not answer in time.", is_transient=True)
        return Answer(200, {}, orjson.dumps({"releases": []}))


@pytest.mark.parametrize(("times", "calls"), [(3, 4), (4, 4)])
async def test_a_call_that_was_not_answered_in_time_is_made_anew(
    server_of_releases: IndexServer, tmp_path: Path, times: int, calls: int
) -> None:
    cache, slow = Cache(DiskStore(tmp_path, Bounds(10, 10_000))), SlowClient(times)
    index = ReleaseIndex(slow, cache, provider_of(server_of_releases.server), retries=3)
    if times < 4:
        assert await index.analyse("movies", ["a-G"]) == {"a-G": None}
    else:
        with pytest.raises(ProviderError, match="in time"):
            await index.analyse("movies", ["a-G"])
    assert slow.calls == calls
    await cache.close()
    await slow.close()
