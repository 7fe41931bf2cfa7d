"""Edits of libraries."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from catalog import library
from domain.bounds import NAME_LETTERS
from engine.relation import Declaration, Load, declared
from loaders.registry import Loaders
from schema.core.enums import MediaKind
from schema.core.node import decode_id
from schema.edit.outcome import run_edit
from schema.library import Library

Name = Annotated[
    str, strawberry.argument(description=f"Its name, 1 to {NAME_LETTERS} letters, unique among libraries.")
]


@strawberry.type(description="The library after its edit.")
class LibraryPayload:
    number: strawberry.Private[int]
    library: Library | None = declared(
        Declaration("lookup", target=lambda payload, context, _: Load(Loaders.library_by_id, payload.number)),
        {},
        "The library, read after the change.",
    )


async def create_library(
    self: Any,
    info: strawberry.Info[Any, Any],
    name: Name,
    kind: Annotated[
        MediaKind | None, strawberry.argument(description="The kind of its media; null if they are mixed.")
    ] = None,
) -> LibraryPayload | None:
    value = None if kind is None else str(kind.value)
    number = await run_edit(info, "create_library", [name], lambda writer: library.create_library(writer, name, value))
    return LibraryPayload(number=number)


async def rename_library(
    self: Any,
    info: strawberry.Info[Any, Any],
    id: Annotated[strawberry.ID, strawberry.argument(description="Global id of the library.")],
    name: Name,
) -> LibraryPayload | None:
    number = decode_id(id, "library")
    await run_edit(info, "rename_library", [name], lambda writer: library.rename_library(writer, number, name))
    return LibraryPayload(number=number)


@strawberry.type
class LibraryMutation:
    """Edits of libraries."""

    create_library: LibraryPayload | None = strawberry.mutation(
        resolver=create_library, description="Creates an empty library."
    )
    rename_library: LibraryPayload | None = strawberry.mutation(
        resolver=rename_library, description="Renames a library."
    )
