"""People and their connection."""

from __future__ import annotations

import strawberry

from domain.bounds import EXTERNAL_IDS_OF_A_PERSON
from engine.relation import relation
from loaders.person import PersonRow
from loaders.registry import Loaders
from schema.core.named import by_id_or_name
from schema.core.node import Node, node_type, version_field
from schema.core.paging import Connection, connection
from schema.credit import CREDIT_SELECTORS, Credit
from schema.external_id import by_external_id
from schema.filter.media_filter import MEDIA_SELECTORS
from schema.filter.name_filter import name_selectors
from schema.media import MediaConnection
from schema.person_external_id import PersonExternalId


@node_type(PersonRow, "person", Loaders.person_by_id, description="A person credited on media.")
class Person(Node):
    name: str = strawberry.field(description="Their name.")
    version: int = version_field()
    media_count: int = strawberry.field(description="Number of media that they are credited on.")
    external_ids: list[PersonExternalId] = relation(
        Loaders.external_ids_by_person_id,
        key=PersonRow.id,
        bound=EXTERNAL_IDS_OF_A_PERSON,
        description=f"Their ids at other services, by source and value; at most {EXTERNAL_IDS_OF_A_PERSON}.",
    )
    credits: Connection[Credit] = connection(
        Loaders.credit_pages_by_person_id,
        CREDIT_SELECTORS,
        key=PersonRow.id,
        description="Their credits, newest media first.",
    )
    media: MediaConnection = connection(
        Loaders.media_pages_by_person_id,
        MEDIA_SELECTORS,
        key=PersonRow.id,
        description="The media that they are credited on, each once.",
    )


@strawberry.type
class PersonQuery:
    """Root fields of people."""

    person: Person | None = by_id_or_name(Loaders.person_by_id, Loaders.person_by_name, "person")
    person_by_external_id: Person | None = by_external_id(
        Loaders.person_by_external_id, "imdb or tmdb", "A person by their id at another service."
    )
    people: Connection[Person] | None = connection(
        Loaders.person_pages, name_selectors(Loaders.person_pages), description="All people."
    )
