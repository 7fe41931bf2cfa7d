"""External ids of people."""

from __future__ import annotations

import strawberry

from loaders.person_external_id import PersonExternalIdRow
from schema.core.node import row_type


@row_type(PersonExternalIdRow, description="The id of a person at another service.")
class PersonExternalId:
    source: str = strawberry.field(description="The service, for example imdb or tmdb.")
    value: str = strawberry.field(description="The id at that service.")
