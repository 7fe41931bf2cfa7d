"""Edits of libraries."""

from __future__ import annotations

from time import perf_counter
from typing import Annotated, Any

import strawberry

from catalog import library, library_deletion
from catalog.transaction import Writer
from domain.bounds import NAME_LETTERS
from domain.errors import CatalogError, Code
from loaders.registry import Loaders
from schema.core.enums import MediaKind
from schema.core.node import decode_id
from schema.edit.outcome import read_after, run_edit
from schema.library import Library

SHARE_OF_TIME = 0.8  # of what an operation may take, after which no further step is begun

Name = Annotated[
    str, strawberry.argument(description=f"Its name, 1 to {NAME_LETTERS} letters, unique among libraries.")
]


@strawberry.type(description="The library after its edit.")
class LibraryPayload:
    number: strawberry.Private[int]
    library: Library | None = read_after(Loaders.library_by_id, "The library, read after the change.")


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
    version: Annotated[
        int | None,
        strawberry.argument(description="The version that the client has read: if it differs, nothing is changed."),
    ] = None,
) -> LibraryPayload | None:
    number = decode_id(id, "library")
    await run_edit(info, "rename_library", [name], lambda writer: library.rename_library(writer, number, name, version))
    return LibraryPayload(number=number)


@strawberry.type(description="The result of deleting a library.")
class DeleteLibraryPayload:
    deleted_id: strawberry.ID = strawberry.field(description="Global id of the library.")
    deleted_media: int = strawberry.field(description="Number of the media that were deleted with it.")


async def delete_library(
    self: Any,
    info: strawberry.Info[Any, Any],
    id: Annotated[strawberry.ID, strawberry.argument(description="Global id of the library.")],
    media_count: Annotated[
        int,
        strawberry.argument(
            description="Number of its media, which are deleted with it. Any other number than the one that it has"
            " deletes nothing (CONFLICT)."
        ),
    ],
) -> DeleteLibraryPayload | None:
    number = decode_id(id, "library")
    with info.context.deadline.operating():
        deleted = await delete_steps(info, number, media_count)
    return DeleteLibraryPayload(deleted_id=id, deleted_media=deleted)


async def delete_steps(info: strawberry.Info[Any, Any], number: int, media_count: int) -> int:
    """The number of media that were deleted. CONFLICT where there is no time for all of them."""
    seconds = info.context.deadline.operation_seconds
    last = perf_counter() + SHARE_OF_TIME * seconds
    deleted, expected = 0, [media_count]

    async def work(writer: Writer) -> library_deletion.Step:
        return await library_deletion.delete_step(writer, number, expected[0] if expected else None, seconds=seconds)

    while True:
        step = await run_edit(info, library_deletion.DELETION_NAME, [number], work)
        deleted += step.deleted
        expected.clear()  # it was checked
        if step.is_done:
            return deleted
        if perf_counter() > last:
            raise CatalogError(
                Code.CONFLICT,
                f"{deleted} media were deleted in the time of MARQUEE_OPERATION_TIMEOUT, {step.left} are left. The"
                f" library takes no new ones: send this again with mediaCount: {step.left}.",
            )


@strawberry.type
class LibraryMutation:
    """Edits of libraries."""

    create_library: LibraryPayload | None = strawberry.mutation(
        resolver=create_library, description="Creates an empty library."
    )
    rename_library: LibraryPayload | None = strawberry.mutation(
        resolver=rename_library, description="Renames a library."
    )
    delete_library: DeleteLibraryPayload | None = strawberry.mutation(
        resolver=delete_library,
        description="Deletes a library with all its media and their history; `changes` reports the media as deleted."
        f" One of more than {library_deletion.MEDIA_OF_A_STEP:,} is deleted in steps, and takes no media from the"
        " first on: what was deleted stays so when it is broken off, and the same mutation goes on with the rest.",
    )
