"""Credits: who did what on which media."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.credit import CreditAttributes, CreditRow
from loaders.registry import Loaders
from schema.core.enums import CreditRole
from schema.core.node import IdArgument, Node, load_by_id, node_type, version_field
from schema.core.paging import Choice, choices

if TYPE_CHECKING:
    from schema.media import Media
    from schema.person import Person


CREDIT_SELECTORS = choices(
    Loaders.credit_pages_by_media_id, roles=Choice(CreditAttributes.role, "Only credits in these roles.")
)


@node_type(CreditRow, "credit", Loaders.credit_by_id, description="The work of one person on one media.")
class Credit(Node):
    role: CreditRole = strawberry.field(description="The role of the person.")
    job: str | None = strawberry.field(description="The job title, for example Director of Photography.")
    character: str | None = strawberry.field(description="The character that an actor played.")
    position: int = strawberry.field(description="Position in the billing order of the media, from 0.")
    version: int = version_field()
    media: Annotated[Media, strawberry.lazy("schema.media")] = relation(
        Loaders.media_by_id, key=CreditRow.media_id, required=True, description="The media."
    )
    person: Annotated[Person, strawberry.lazy("schema.person")] = relation(
        Loaders.person_by_id, key=CreditRow.person_id, required=True, description="The person."
    )


@strawberry.type
class CreditQuery:
    """Root fields of credits."""

    credit: Credit | None = lookup(
        load_by_id(Loaders.credit_by_id, "credit"), parameters={"id": IdArgument}, description="A credit by id."
    )
