"""Categorisations."""

from __future__ import annotations

import strawberry

from loaders.categorisation import CategorisationRow
from schema.core.node import row_type


@row_type(CategorisationRow, description="A category of a media.")
class Categorisation:
    category: str = strawberry.field(description="What is told of the media: mood, audience, era.")
    value: str = strawberry.field(description="What it is: dark, family, silent.")
