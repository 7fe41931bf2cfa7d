"""Calls of a tagger: what is sent, what is read, and what its faults come to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from domain.errors import Code
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.client import OutboundClient
from providers.errors import ProviderError
from providers.tagger.messages import MAX_BATCH, MediaCategory, TaggedMedia, TaggerMedia
from providers.tagger.service import TaggerService
from tests.support.faulty_server import (
    Behaviour,
    answer,
    gzip_bomb,
    not_http,
    redirect,
    reset,
    status,
    truncate,
)
from tests.support.outbound import NoLimits, provider_of
from tests.support.tagger_server import TaggerServer, tagger_server, without_certificates

ALIEN = TaggerMedia("media_1", "MOVIE", "Alien", year=1979, tags=["space"], categories=[MediaCategory("mood", "dark")])
HEAT = TaggerMedia("media_2", "MOVIE", "Heat")


@pytest.fixture
async def tagger() -> AsyncIterator[TaggerServer]:
    async with tagger_server() as server:
        yield server


async def ask(tagger: TaggerServer, *media: TaggerMedia, **given: Any) -> list[TaggedMedia | ProviderError]:
    breaker = CircuitBreaker(BreakerOptions(failures=1_000))
    async with OutboundClient(NoLimits(), breaker=breaker, tls=without_certificates) as client:
        return await TaggerService(client, provider_of(tagger.server, **{"name": "tagger", **given})).tag(media)


async def test_media_are_sent_with_what_is_known_of_them(tagger: TaggerServer) -> None:
    found = await ask(tagger, ALIEN, HEAT)
    [asked] = tagger.server.asked
    assert orjson.loads(asked.body) == {
        "media": [
            {
                "id": "media_1",
                "kind": "MOVIE",
                "title": "Alien",
                "year": 1979,
                "genres": [],
                "tags": ["space"],
                "categories": [{"category": "mood", "value": "dark"}],
            },
            {"id": "media_2", "kind": "MOVIE", "title": "Heat", "genres": [], "tags": [], "categories": []},
        ]
    }
    assert found == [
        TaggedMedia("media_1", ["film", "of Alien"], [MediaCategory("mood", "dark")]),
        TaggedMedia("media_2", ["film", "of Heat"], [MediaCategory("mood", "dark")]),
    ]


# What is said of media_1, and why it cannot be used.
UNUSABLE: list[tuple[list[Any], Code, str]] = [
    ([], Code.PROVIDER_BAD_ANSWER, "tagger: the answer does not name this media."),
    (["media_1", None, {"id": 1}, {"id": ["media_1"]}, {}], Code.PROVIDER_BAD_ANSWER, "does not name this media."),
    ([{"id": "media_1"}, {"id": "media_1"}], Code.PROVIDER_BAD_ANSWER, "names this media more than once."),
    ([{"id": "media_1", "error": "It has no overview."}], Code.PROVIDER_REFUSED, "tagger: It has no overview."),
    ([{"id": "media_1", "error": ""}], Code.PROVIDER_BAD_ANSWER, "tagger: error: String should have at least 1"),
    ([{"id": "media_1", "error": "x" * 501}], Code.PROVIDER_BAD_ANSWER, "error: String should have at most 500"),
    ([{"id": "media_1", "tags": "space"}], Code.PROVIDER_BAD_ANSWER, "tagger: tags: Input should be a valid list."),
    ([{"id": "media_1", "tags": None}], Code.PROVIDER_BAD_ANSWER, "tagger: tags: Input should be a valid list."),
    ([{"id": "media_1", "tags": ["a", 1]}], Code.PROVIDER_BAD_ANSWER, "tags.1: Input should be a valid string."),
    ([{"id": "media_1", "tags": [""]}], Code.PROVIDER_BAD_ANSWER, "tags.0: String should have at least 1"),
    ([{"id": "media_1", "tags": ["x" * 201]}], Code.PROVIDER_BAD_ANSWER, "tags.0: String should have at most 200"),
    ([{"id": "media_1", "tags": ["a\0"]}], Code.PROVIDER_BAD_ANSWER, "tags.0: Value error, has U+0000"),
    ([{"id": "media_1", "tags": ["a"] * 257}], Code.PROVIDER_BAD_ANSWER, "tags: List should have at most 256"),
    ([{"id": "media_1", "categories": [{"category": "mood"}]}], Code.PROVIDER_BAD_ANSWER, "categories.0.value: Field"),
    ([{"id": "media_1", "categories": {"mood": "dark"}}], Code.PROVIDER_BAD_ANSWER, "categories: Input should be"),
    ([{"id": "media_1", "categories": [{"category": "m", "value": True}]}], Code.PROVIDER_BAD_ANSWER, "0.value: Input"),
]


@pytest.mark.parametrize(("said", "code", "message"), UNUSABLE)
async def test_what_cannot_be_used_of_one_media_is_no_fault_of_another(
    tagger: TaggerServer, said: list[Any], code: Code, message: str
) -> None:
    other = {"id": "media_2", "tags": ["crime"], "more": 1}
    tagger.server.behaviours["/tag"] = [answer(orjson.dumps({"media": [*said, other], "more": 1}))]
    first, second = await ask(tagger, ALIEN, HEAT)
    assert isinstance(first, ProviderError)
    assert first.code is code
    assert message in first.message
    assert second == TaggedMedia("media_2", ["crime"])


async def test_what_is_said_of_media_that_were_not_sent_is_not_looked_at(tagger: TaggerServer) -> None:
    body = {"media": [{"id": "media_3", "tags": ["crime"]}, {"id": "media_1", "tags": ["crime"]}]}
    tagger.server.behaviours["/tag"] = [answer(orjson.dumps(body))]
    assert await ask(tagger, ALIEN) == [TaggedMedia("media_1", ["crime"])]


FAULTS: list[tuple[Behaviour, Code, int]] = [
    (status(500), Code.PROVIDER_UNAVAILABLE, 4),
    (status(503), Code.PROVIDER_UNAVAILABLE, 4),
    (reset, Code.PROVIDER_UNAVAILABLE, 4),
    (truncate, Code.PROVIDER_UNAVAILABLE, 4),
    (status(429, Retry_After="120"), Code.PROVIDER_LIMITED, 1),
    (status(429), Code.PROVIDER_LIMITED, 4),
    (status(401), Code.PROVIDER_REFUSED, 1),
    (status(404), Code.PROVIDER_REFUSED, 1),
    (answer(b"<html>", Content_Type="text/html"), Code.PROVIDER_BAD_ANSWER, 1),
    (answer(b"[]"), Code.PROVIDER_BAD_ANSWER, 1),
    (answer(b'{"media": {}}'), Code.PROVIDER_BAD_ANSWER, 1),
    (not_http, Code.PROVIDER_BAD_ANSWER, 1),
    (redirect("http://169.254.169.254/"), Code.PROVIDER_BAD_ANSWER, 1),
    (answer(b" " * 5_000_000), Code.ANSWER_TOO_LARGE, 1),
    (answer(gzip_bomb(5_000_000), Content_Encoding="gzip"), Code.ANSWER_TOO_LARGE, 1),
]


@pytest.mark.parametrize(("behaviour", "code", "calls"), FAULTS)
async def test_a_fault_has_a_code_and_is_tried_again_where_that_helps(
    tagger: TaggerServer, behaviour: Behaviour, code: Code, calls: int
) -> None:
    tagger.server.behaviours["/tag"] = [behaviour]
    with pytest.raises(ProviderError) as error:
        await ask(tagger, ALIEN)
    assert error.value.code is code, error.value
    assert len(tagger.server.asked) == calls


@pytest.mark.parametrize("batch", [0, MAX_BATCH + 1])
async def test_a_batch_has_bounds(tagger: TaggerServer, batch: int) -> None:
    async with OutboundClient(NoLimits()) as client:
        with pytest.raises(ValueError, match="1 to 100"):
            TaggerService(client, provider_of(tagger.server), batch)
