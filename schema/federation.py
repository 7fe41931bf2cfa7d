"""Federation: `_entities` through the same loaders as everything else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import strawberry
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig

from engine.relation import METADATA, Declaration, Load, resolve_declared
from engine.types import strawberry_type
from loaders.errors import CatalogError, Code
from schema.context import Context
from schema.node import NODE_TYPES, NodeType, decode_id, load_each
from schema.scalars import SCALARS


class Schema(strawberry.federation.Schema):
    """Checks representations before it looks anything up: one bad representation fails alone."""

    def __init__(self, query: type, mutation: type) -> None:
        super().__init__(query, mutation, config=StrawberryConfig(scalar_map=SCALARS))
        field = self._schema.query_type.fields["_entities"]  # type: ignore[union-attr]
        strawberry_type(field).metadata = {METADATA: ENTITIES}

    def entities_resolver(self, info: strawberry.Info, representations: list[FederationAny]) -> list[FederationAny]:
        given = {"representations": representations}
        return resolve_declared(ENTITIES, None, info._raw_info, given)  # type: ignore[no-any-return]


def load_entities(parent: None, context: Context, arguments: Mapping[str, Any]) -> list[Load | Exception]:
    """One look-up a representation, or the error that this representation alone ends in."""
    by_name = {type_.name: type_ for type_ in NODE_TYPES.values()}
    return load_each(context, arguments["representations"], partial(load_entity, by_name), "representations")


def load_entity(by_name: Mapping[str, NodeType], representation: object) -> Load:
    """The look-up for a representation; BAD_REPRESENTATION, BAD_ID."""
    if not isinstance(representation, Mapping):
        raise CatalogError(Code.BAD_REPRESENTATION, "A representation is an object with __typename and id.")
    type_ = by_name.get(str(representation.get("__typename")))
    if type_ is None:
        raise CatalogError(Code.BAD_REPRESENTATION, "The __typename of this representation is no entity of ours.")
    if not isinstance(representation.get("id"), str):
        raise CatalogError(Code.BAD_REPRESENTATION, "This representation lacks its key: a string id.")
    return Load(type_.by_id, decode_id(representation["id"], type_.prefix))


ENTITIES = Declaration("lookup", target=load_entities, sized_by="representations")
