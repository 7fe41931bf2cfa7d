"""Federation: `_entities` through the same loaders as everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig
from strawberry.types.fields.resolver import StrawberryResolver

from domain.errors import CatalogError, Code
from engine.relation import METADATA, Declaration, Load, resolve_declared
from engine.types import strawberry_type
from schema.core.context import Context
from schema.core.node import NODE_TYPES, NodeType, decode_id
from schema.core.scalars import SCALARS

# A gateway may repeat a representation; this often at most, on average.
MAX_REPEATS = 20
# Failures allowed for each look-up: an error takes 40 us of the event loop.
MAX_FAILURES = 3
# A repeated entity is not loaded again: so many count as one.
REPEATS_IN_ONE = 4


class Schema(strawberry.federation.Schema):
    """Checks representations before it looks anything up: one bad representation fails alone."""

    def __init__(
        self, query: type, mutation: type, subscription: type | None = None, types: Iterable[type] = ()
    ) -> None:
        super().__init__(query, mutation, subscription, types=types, config=StrawberryConfig(scalar_map=SCALARS))
        field = self._schema.query_type.fields["_entities"]  # type: ignore[union-attr]
        strawberry_type(field).metadata = {METADATA: ENTITIES}
        self.keep_sdl()
        # Strawberry checks the values of such inputs itself, after omitted variables have been removed.
        for type_ in self._schema.type_map.values():
            if isinstance(type_, GraphQLInputObjectType) and strawberry_type(type_).is_one_of:
                type_.is_one_of = True

    def keep_sdl(self) -> None:
        """Prints the schema for gateways once: Strawberry would do so for each request of it, which takes 12 ms."""
        sdl = self.as_str()
        field = self._schema.type_map["_Service"].fields["sdl"]  # type: ignore[attr-defined]
        strawberry_type(field).base_resolver = StrawberryResolver(lambda: sdl)

    def entities_resolver(self, info: strawberry.Info, representations: list[FederationAny]) -> list[FederationAny]:
        given = {"representations": representations}
        return resolve_declared(ENTITIES, None, info._raw_info, given)  # type: ignore[no-any-return]


def load_entities(parent: None, context: Context, arguments: Mapping[str, Any]) -> list[Load | Exception]:
    """One look-up for each representation, or the error of that representation.

    Equal ones are looked up once; of different ones the first `ids_max`. TOO_MANY_ENTITIES."""
    representations: Sequence[object] = arguments["representations"]
    most = context.loaders.reader.budget.ids_max
    if len(representations) > most * MAX_REPEATS:
        raise refused(f"At most {most * MAX_REPEATS} representations at once, repeated ones included.")
    by_name = {type_.name: type_ for type_ in NODE_TYPES.values()}
    taken: dict[Load, None] = {}
    failed = 0
    found: list[Load | Exception] = []
    for representation in representations:
        try:
            load = load_entity(by_name, representation)
            if load not in taken and len(taken) >= most:
                raise refused(
                    f"At most {most} different representations are looked up at once: ask for this one later."
                )
        except CatalogError as error:
            failed += 1
            if failed > most * MAX_FAILURES:
                raise refused(
                    f"More than {failed - 1} representations fail: send at most {most} different ones, in their form."
                ) from None
            found.append(error)
        else:
            taken[load] = None
            found.append(load)
    return found


def load_entity(by_name: Mapping[str, NodeType], representation: object) -> Load:
    """The look-up for a representation; BAD_REPRESENTATION, BAD_ID."""
    if not isinstance(representation, Mapping):
        raise CatalogError(Code.BAD_REPRESENTATION, "A representation is an object with __typename and id.")
    name, key = representation.get("__typename"), representation.get("id")
    type_ = by_name.get(name) if isinstance(name, str) else None
    if type_ is None:
        raise CatalogError(
            Code.BAD_REPRESENTATION, "The __typename of this representation is not an entity of this subgraph."
        )
    if not isinstance(key, str):
        raise CatalogError(Code.BAD_REPRESENTATION, "This representation lacks its key: a string id.")
    return Load(type_.by_id, decode_id(key, type_.prefix))


def refused(message: str) -> CatalogError:
    """The error for too many representations."""
    return CatalogError(Code.TOO_MANY_ENTITIES, message)


def weigh_entities(representations: Sequence[Any], most: int) -> int:
    """How many objects representations count as: each different one that is looked up as 1, repeated ones less.

    Those written in the document itself, not in a variable, all count as different."""
    if len(representations) > most * MAX_REPEATS:  # refused later, with a better message
        return most
    keys = [(one.get("__typename"), one.get("id")) for one in representations if isinstance(one, dict)]
    named = [key for key in keys if isinstance(key[0], str) and isinstance(key[1], str)]
    different = len(representations) - len(named) + len(set(named))
    return min(different, most) - (different - len(representations)) // REPEATS_IN_ONE


ENTITIES = Declaration("lookup", target=load_entities, sized_by="representations", weigh=weigh_entities)
