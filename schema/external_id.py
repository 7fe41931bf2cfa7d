"""External ids."""

from __future__ import annotations

import strawberry

from loaders.external_id import ExternalIdRow
from schema.core.node import row_type


@row_type(ExternalIdRow, description="What another service calls a media.")
class ExternalId:
    source: str = strawberry.field(description="Who gave the id, for example wikipedia, imdb or tmdb.")
    value: str = strawberry.field(description="The id at that source.")
