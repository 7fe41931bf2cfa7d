"""What media carry (tags, genres, channels, categories) and how an edit changes it, whatever the noun."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, TypeVar

from catalog.edit import EditOutcome, LoopYield, no_such_media
from database.row import Row
from domain.errors import CatalogError, Code

T = TypeVar("T")


class ChangeMode(Enum):
    """What an edit does with what the media carry already."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class MembershipItem(Generic[T]):
    """Some media and what they are to carry, or not. `place`: where the item stood in what was given.

    `error`: why what it names cannot even be looked for."""

    place: int
    media: tuple[int, ...]
    targets: tuple[T, ...]
    error: CatalogError | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """How many of a thing one media may carry."""

    most: int
    plural: str


async def memberships_after(
    change: ChangeMode,
    items: Iterable[tuple[MembershipItem[Any], set[T] | CatalogError]],
    locked: Mapping[int, Row],
    current: Mapping[int, set[T]],
    bound: Bound,
    outcome: EditOutcome,
) -> dict[int, set[T]]:
    """What each media is to carry afterwards. With each item what it names, or why it cannot be done.

    Failures go into the outcome, and so do the media that are to be as was asked."""
    wanted: dict[int, set[T]] = {}
    turns = LoopYield()
    for item, named in items:
        for media in item.media:
            await turns.maybe_yield()
            before = wanted.get(media, current.get(media, set()))
            try:
                if item.error is not None:
                    raise item.error
                if media not in locked:
                    raise no_such_media()
                if isinstance(named, CatalogError):
                    raise named
                after = membership_after(change, before, named, again=media in wanted)
                if len(after) > max(bound.most, len(before)):
                    raise CatalogError(Code.TOO_MANY, f"A media has at most {bound.most} {bound.plural}.")
                wanted[media] = after
            except CatalogError as error:
                outcome.fail(error, item.place, media)
    outcome.media = list(wanted)
    return wanted


def membership_after(change: ChangeMode, before: set[T], named: set[T], *, again: bool) -> set[T]:
    """What a media carries after a change. `again`: it stood in an earlier item of the edit as well."""
    if change is ChangeMode.ADD:
        return before | named
    if change is ChangeMode.REMOVE:
        return before - named
    if again:
        raise CatalogError(Code.BAD_ARGUMENT, "This media stands in two items, which cannot both be set.")
    return named


async def differences(
    before: Mapping[int, set[T]], after: Mapping[int, set[T]]
) -> tuple[list[tuple[int, T]], list[tuple[int, T]]]:
    """What is new and what is gone, each with its media."""
    new: list[tuple[int, T]] = []
    gone: list[tuple[int, T]] = []
    turns = LoopYield()
    for media, things in after.items():
        await turns.maybe_yield()
        old = before.get(media, set())
        new += [(media, one) for one in things - old]
        gone += [(media, one) for one in old - things]
    return new, gone


async def history_details(
    new: Sequence[tuple[int, T]], gone: Sequence[tuple[int, T]], name: Any
) -> dict[int, dict[str, list[str]]]:
    """What history says of each media that was changed; `name`: what one thing is called."""
    found: dict[int, dict[str, list[str]]] = {}
    turns = LoopYield()
    for key, pairs in (("added", new), ("removed", gone)):
        for media, of_media in groupby(pairs, itemgetter(0)):  # those of one media stand together
            await turns.maybe_yield()
            found.setdefault(media, {"added": [], "removed": []})[key] += sorted(name(one) for _, one in of_media)
    return found
