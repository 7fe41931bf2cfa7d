"""Credits: who did what on which media."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.credit import CreditRow
from loaders.registry import Loaders
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Choice, choices

if TYPE_CHECKING:
    from schema.media import Media
    from schema.person import Person


@strawberry.enum(description="The role of a person.")
class CreditRole(Enum):
    ACTOR = strawberry.enum_value("ACTOR", description="Played a part.")
    DIRECTOR = strawberry.enum_value("DIRECTOR", description="Directed.")
    WRITER = strawberry.enum_value("WRITER", description="Wrote.")
    PRODUCER = strawberry.enum_value("PRODUCER", description="Produced.")
    COMPOSER = strawberry.enum_value("COMPOSER", description="Composed the music.")
    OTHER = strawberry.enum_value("OTHER", description="Anything else.")


CREDIT_SELECTORS = choices(roles=Choice("c.role", CreditRole, "Only credits in these roles."))


@node_type(CreditRow, "credit", Loaders.credit_by_id, description="The work of one person on one media.")
class Credit(Node):
    role: CreditRole = strawberry.field(description="The role of the person.")
    job: str | None = strawberry.field(description="The job title, for example Director of Photography.")
    character: str | None = strawberry.field(description="The character that an actor played.")
    position: int = strawberry.field(description="Position in the billing order of the media, from 0.")
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
