"""Credits: who did what on which media."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from engine.relation import relation
from loaders.credit import CreditFilter, CreditRow
from loaders.registry import Loaders
from loaders.source import Filter, OrderBy
from schema.node import id_field, row_type
from schema.paging import PageInfo, Selectors, argument, total_count

if TYPE_CHECKING:
    from schema.media import Media
    from schema.person import Person


@strawberry.enum(description="What a person did.")
class CreditRole(Enum):
    ACTOR = strawberry.enum_value("ACTOR", description="Played a part.")
    DIRECTOR = strawberry.enum_value("DIRECTOR", description="Directed.")
    WRITER = strawberry.enum_value("WRITER", description="Wrote.")
    PRODUCER = strawberry.enum_value("PRODUCER", description="Produced.")
    COMPOSER = strawberry.enum_value("COMPOSER", description="Composed the music.")
    OTHER = strawberry.enum_value("OTHER", description="Anything else.")


def read_roles(arguments: Mapping[str, Any]) -> tuple[Filter | None, tuple[OrderBy, ...]]:
    """The filter of a connection of credits."""
    roles = arguments["roles"]
    return None if roles is None else CreditFilter(tuple(sorted({role.value for role in roles}))), ()


CREDIT_SELECTORS = Selectors({"roles": argument(list[CreditRole] | None, "Only credits in these roles.")}, read_roles)


@row_type(CreditRow, prefix="credit", description="What one person did on one media.")
class Credit:
    id: strawberry.ID = id_field()
    role: CreditRole = strawberry.field(description="What the person did.")
    character: str | None = strawberry.field(description="The part that an actor played.")
    position: int = strawberry.field(description="Place in the billing order of the media, from 0.")
    media: Annotated[Media, strawberry.lazy("schema.media")] = relation(
        Loaders.media_by_id, key=CreditRow.media_id, required=True, description="The media."
    )
    person: Annotated[Person, strawberry.lazy("schema.person")] = relation(
        Loaders.person_by_id, key=CreditRow.person_id, required=True, description="The person."
    )


@strawberry.type(description="A credit and its place in a list.")
class CreditEdge:
    cursor: str = strawberry.field(description="Its place: pass it as `after` or `before`.")
    node: Credit = strawberry.field(description="The credit.")


@strawberry.type(description="A page of credits.")
class CreditConnection:
    edges: list[CreditEdge] = strawberry.field(description="The credits, each with its cursor.")
    nodes: list[Credit] = strawberry.field(description="The credits.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")
    total_count: int | None = total_count()
