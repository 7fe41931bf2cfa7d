"""Releases and their connections."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.registry import Loaders
from loaders.release import ReleaseAttributes, ReleaseRow
from schema.core.enums import ReleaseState
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Choice, Connection, choices, connection
from schema.core.scalars import BigInt

if TYPE_CHECKING:
    from schema.media import Media
    from schema.release_group import ReleaseGroup


RELEASE_SELECTORS = choices(
    Loaders.release_pages,
    category=Choice(ReleaseAttributes.category, "Only releases in these categories."),
    state=Choice(ReleaseAttributes.state, "Only releases in these states."),
)


@node_type(ReleaseRow, "release", Loaders.release_by_id, description="A release published by a group.")
class Release(Node):
    name: str = strawberry.field(description="Its name as it was published.")
    category: str = strawberry.field(description="The provider's category.")
    size: BigInt | None = strawberry.field(description="Size in bytes, where known.")
    state: ReleaseState = strawberry.field(description="Its state.")
    failure: str | None = strawberry.field(description="Why it could not be analysed.")
    published_at: datetime | None = strawberry.field(description="When it was published, where known.")
    analysed_at: datetime | None = strawberry.field(description="When it was last analysed.")
    nuke_reason: str | None = strawberry.field(description="Why it was declared bad; null where it was not.")
    completeness: int | None = strawberry.field(
        description="Percent of it that the release index has; null where that is not known."
    )
    media: Annotated[Media, strawberry.lazy("schema.media")] | None = relation(
        Loaders.media_by_id, key=ReleaseRow.media_id, description="The media that it is a release of, where known."
    )
    group: Annotated[ReleaseGroup, strawberry.lazy("schema.release_group")] | None = relation(
        Loaders.release_group_by_id,
        key=ReleaseRow.release_group_id,
        description="The group that published it, where known.",
    )


@strawberry.type
class ReleaseQuery:
    """Root fields of releases."""

    release: Release | None = lookup(
        load_by_id(Loaders.release_by_id, "release"),
        parameters={"id": IdArgument},
        description="A release by id; null if it does not exist or is not visible.",
    )
    releases: Connection[Release] | None = connection(
        Loaders.release_pages, RELEASE_SELECTORS, description="All releases, newest first."
    )
