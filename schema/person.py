"""People and their connection."""

from __future__ import annotations

import strawberry

from engine.relation import lookup
from loaders.person import PersonRow
from loaders.registry import Loaders
from schema.credit import CREDIT_SELECTORS, CreditConnection
from schema.media import MediaConnection
from schema.media_filter import MEDIA_SELECTORS
from schema.name_filter import name_selectors
from schema.node import IdArgument, Node, load_by_id, node_type
from schema.paging import PageInfo, connection, total_count


@node_type(PersonRow, "person", Loaders.person_by_id, description="Somebody who has a part in media.")
class Person(Node):
    name: str = strawberry.field(description="Their name.")
    credits: CreditConnection = connection(
        Loaders.credit_pages_by_person_id,
        CREDIT_SELECTORS,
        key=PersonRow.id,
        description="What they did, newest media first.",
    )
    media: MediaConnection = connection(
        Loaders.media_pages_by_person_id,
        MEDIA_SELECTORS,
        key=PersonRow.id,
        description="The media that they are on, each once.",
    )


@strawberry.type(description="A person and their place in a list.")
class PersonEdge:
    cursor: str = strawberry.field(description="Their place: pass it as `after` or `before`.")
    node: Person = strawberry.field(description="The person.")


@strawberry.type(description="A page of people.")
class PersonConnection:
    edges: list[PersonEdge] = strawberry.field(description="The people, each with a cursor.")
    nodes: list[Person] = strawberry.field(description="The people.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")
    total_count: int | None = total_count()


@strawberry.type
class PersonQuery:
    """Root fields of people."""

    person: Person | None = lookup(
        load_by_id(Loaders.person_by_id, "person"), parameters={"id": IdArgument}, description="A person by id."
    )
    people: PersonConnection = connection(
        Loaders.person_pages, name_selectors("p.folded_name"), description="All people."
    )
