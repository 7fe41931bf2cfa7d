"""Categorisations."""

from __future__ import annotations

import strawberry

from loaders.categorisation import CategorisationRow
from schema.core.node import row_type


@row_type(CategorisationRow, description="A category of a media.")
class Categorisation:
    category: str = strawberry.field(description="The category, for example mood, audience or era.")
    value: str = strawberry.field(description="The value in that category, for example dark, family or silent.")
