"""What a release index says of releases, checked field by field (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from domain.bounds import BYTES, NAME_LETTERS, PERCENT
from providers.errors import ProviderError
from providers.metadata.fields import AnswerFields

RELEASE_NAME_LETTERS, REASON_LETTERS = 500, 2_000
# More than are asked for are not read.
MOST_RELEASES = 1_000


@dataclass(frozen=True, slots=True)
class IndexedRelease:
    """What the index knows; None where it does not say. size: in bytes; completeness: percent of it that is there;
    nuke_reason: why it was declared bad, None where it was not."""

    name: str
    group: str | None
    size: int | None
    published_at: datetime | None
    completeness: int | None
    nuke_reason: str | None

    def as_bytes(self) -> bytes:
        """As it is kept; `parse_release` reads it."""
        fields = {
            "name": self.name,
            "group": self.group,
            "size": self.size,
            "publishedAt": None if self.published_at is None else self.published_at.isoformat(),
            "completeness": self.completeness,
            "nukeReason": self.nuke_reason,
        }
        return orjson.dumps(fields)


def parse_release(answer: AnswerFields) -> IndexedRelease:
    """ProviderError (PROVIDER_BAD_ANSWER), with the name of the field."""
    return IndexedRelease(
        answer.needed_text("name", RELEASE_NAME_LETTERS),
        answer.text("group", NAME_LETTERS),
        answer.whole("size", BYTES.most),
        answer.moment("publishedAt"),
        answer.whole("completeness", PERCENT.most),
        answer.text("nukeReason", REASON_LETTERS),
    )


def parse_releases(value: Any, asked: Collection[str], provider: str) -> dict[str, IndexedRelease | ProviderError]:
    """What an answer says of those that were asked for, by name without blanks around it; those that it does not know
    are not there.

    One that cannot be read is told by its error. ProviderError where the answer as a whole cannot be: then nobody
    knows which release is meant."""
    found: dict[str, IndexedRelease | ProviderError] = {}
    for one in AnswerFields(value, "releases/analyse", provider).needed_objects("releases", MOST_RELEASES):
        name = one.needed_text("name", RELEASE_NAME_LETTERS)
        if name not in asked or name in found:
            continue
        try:
            found[name] = parse_release(one)
        except ProviderError as error:
            found[name] = error
    return found
