"""Release groups and their connection."""

from __future__ import annotations

from datetime import datetime

import strawberry

from loaders.registry import Loaders
from loaders.release_group import ReleaseGroupOrderField, ReleaseGroupRow
from schema.core.enums import describe
from schema.core.named import by_id_or_name
from schema.core.node import Node, node_type, version_field
from schema.core.paging import Connection, SortDirection, connection
from schema.filter.name_filter import name_selectors
from schema.release import RELEASE_SELECTORS, Release

describe(
    ReleaseGroupOrderField,
    "What release groups can be ordered by.",
    NAME="The name, without regard to case and accents.",
    SCORE="The reputation; groups without one come last.",
)


@strawberry.input(description="One sort key; ties are broken by the next key, and finally by id.")
class ReleaseGroupOrder:
    field: ReleaseGroupOrderField = strawberry.field(description="What to order by.")
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="The direction.")


@node_type(
    ReleaseGroupRow, "release_group", Loaders.release_group_by_id, description="A group that publishes releases."
)
class ReleaseGroup(Node):
    name: str = strawberry.field(description="Its name.")
    score: float | None = strawberry.field(
        description="Its reputation from 0 to 1, three decimals; null until its releases are analysed."
    )
    analysed_at: datetime | None = strawberry.field(description="When its score was last computed.")
    version: int = version_field()
    release_count: int = strawberry.field(description="Number of its releases.")
    releases: Connection[Release] = connection(
        Loaders.release_pages_by_release_group_id,
        RELEASE_SELECTORS,
        key=ReleaseGroupRow.id,
        description="Its releases, newest first.",
    )


@strawberry.type
class ReleaseGroupQuery:
    """Root fields of release groups."""

    release_group: ReleaseGroup | None = by_id_or_name(
        Loaders.release_group_by_id, Loaders.release_group_by_name, "release_group"
    )
    release_groups: Connection[ReleaseGroup] | None = connection(
        Loaders.release_group_pages,
        name_selectors(Loaders.release_group_pages, ReleaseGroupOrder),
        description="All release groups.",
    )
