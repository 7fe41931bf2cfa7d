"""Federation: `_entities` through the same loaders as everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.federation.schema import FederationAny

from engine.relation import observe
from loaders.errors import CatalogError, Code
from schema.node import NODE_TYPES, decode_id


class Schema(strawberry.federation.Schema):
    """Checks representations before it looks anything up: one bad representation fails alone."""

    def entities_resolver(self, info: strawberry.Info, representations: list[FederationAny]) -> list[FederationAny]:
        loaders = info.context.loaders
        limit = loaders.reader.budget.ids_max
        if len(representations) > limit:
            raise CatalogError(
                Code.BAD_ARGUMENT, f"At most {limit} representations at once: {len(representations)} were given."
            )
        if info.context.observer is not None:
            observe(info.context.observer, info._raw_info)
        return [load_entity(loaders, one) for one in representations]


def load_entity(loaders: Any, representation: object) -> Any:
    """The loader's future for a representation, or the error that it alone ends in."""
    by_name = {type_.name: type_ for type_ in NODE_TYPES.values()}
    try:
        if not isinstance(representation, Mapping):
            raise CatalogError(Code.BAD_REPRESENTATION, "A representation is an object with __typename and id.")
        type_ = by_name.get(str(representation.get("__typename")))
        if type_ is None:
            raise CatalogError(Code.BAD_REPRESENTATION, "The __typename of this representation is no entity of ours.")
        if not isinstance(representation.get("id"), str):
            raise CatalogError(Code.BAD_REPRESENTATION, "This representation lacks its key: a string id.")
        return type_.by_id.of(loaders).load(decode_id(representation["id"], type_.prefix))
    except CatalogError as error:
        return error
