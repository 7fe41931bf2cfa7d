"""External ids."""

from __future__ import annotations

import strawberry

from loaders.external_id import ExternalIdRow
from schema.core.node import row_type


@row_type(ExternalIdRow, description="The id of a media at another service.")
class ExternalId:
    source: str = strawberry.field(description="The service, for example wikipedia, imdb or tmdb.")
    value: str = strawberry.field(description="The id at that service.")
