"""External ids."""

from __future__ import annotations

from typing import Any

import strawberry

from engine.relation import Load, Reference, lookup
from loaders.external_id import ExternalIdRow
from schema.core.node import row_type
from schema.core.paging import argument


@row_type(ExternalIdRow, description="The id of a media at another service.")
class ExternalId:
    source: str = strawberry.field(description="The service, for example wikipedia, imdb or tmdb.")
    value: str = strawberry.field(description="The id at that service.")


def by_external_id(ref: Reference, services: str, description: str) -> Any:
    """A root field for one of a noun by its id at another service. `services`: some of them."""

    def load(context: Any, source: str, value: str) -> Load:
        """No source contains a colon."""
        return Load(ref, f"{source}:{value}" if ":" not in source else ":")

    return lookup(
        load,
        parameters={
            "source": argument(str, f"The service, for example {services}."),
            "value": argument(str, "The id at that service."),
        },
        description=description,
    )
