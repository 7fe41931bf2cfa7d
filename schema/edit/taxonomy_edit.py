"""Mutations of tags, genres, channels and people as wholes: rename, merge, split, normalise, delete, undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from catalog.taxonomy import operation as operations
from catalog.taxonomy.normalise import plan_normalise
from catalog.taxonomy.noun import CHANNEL, GENRE, PERSON, TAG, Noun
from catalog.taxonomy.operation import MakePlan, Outcome
from catalog.taxonomy.planning import plan_aliases, plan_delete, plan_merge, plan_parents, plan_rename, plan_split
from catalog.taxonomy.undo import undo as undo_operation
from domain.enums import TaxonomyOrigin
from domain.errors import CatalogError, Code
from engine.documents.priced_arguments import Targets
from engine.relation import FILTER, TARGETS
from loaders.taxonomy import matching_media
from schema.core.node import decode_id
from schema.edit.outcome import run_edit
from schema.edit.taxonomy_payload import TaxonomyPayload, payload_of
from schema.edit.taxonomy_rules import NormaliseRules, read_rules
from schema.filter.media_filter import MediaFilter, read_filter

MAX_GIVEN = 500


PreviewArgument = Annotated[
    bool, strawberry.argument(description="Whether to change nothing, and to say what would be done.")
]
TokenArgument = Annotated[str | None, strawberry.argument(description="The token of the preview that is to be done.")]


async def run(
    info: strawberry.Info[Any, Any],
    noun: Noun,
    targets: Sequence[Any],
    make: MakePlan,
    preview: bool,
    token: str | None,
) -> TaxonomyPayload:
    """BAD_ARGUMENT for a preview with a token."""
    check_token_given(preview, token)

    seconds = info.context.deadline.operation_seconds

    async def work(writer: Any) -> Outcome:
        if preview:
            return await operations.preview(writer, make, seconds=seconds)
        return await operations.perform(writer, make, TaxonomyOrigin.API, token, seconds=seconds)

    with info.context.deadline.operating():
        outcome = await run_edit(info, str(info.python_name), list(targets), work)
    return payload_of(noun.name, outcome)


def check_token_given(preview: bool, token: str | None) -> None:
    if preview and token is not None:
        raise CatalogError(Code.BAD_ARGUMENT, "Send a token without preview: true, to have done what it stands for.")


def read_noun_ids(given: Sequence[str], noun: Noun) -> list[int]:
    """BAD_ID; BAD_ARGUMENT for too many."""
    if len(given) > MAX_GIVEN:
        raise CatalogError(Code.BAD_ARGUMENT, f"Name at most {MAX_GIVEN} {noun.plural}: {len(given)} were given.")
    return [decode_id(one, noun.name) for one in given]


def one_id(noun: Noun, what: str = "") -> Any:
    return Annotated[strawberry.ID, strawberry.argument(description=what or f"Global id of the {noun.name}.")]


def mutation(
    resolve: Any,
    noun: Noun,
    annotations: dict[str, Any],
    description: str,
    targets: str | None = None,
    filter: str = "",
) -> Any:
    """A mutation field with the arguments of all operations behind its own.

    targets: the list that it is priced by; filter: the filter."""
    resolve.__annotations__ = {
        "info": strawberry.Info,
        **annotations,
        "preview": PreviewArgument,
        "token": TokenArgument,
        "return": TaxonomyPayload | None,
    }
    priced: dict[Any, Any] = {FILTER: filter, TARGETS: None if targets is None else Targets(targets)}
    return strawberry.mutation(resolver=resolve, description=description, metadata=priced)


def described(text: str, type: Any = str) -> Any:
    return Annotated[type, strawberry.argument(description=text)]


def name_argument(noun: Noun) -> Any:
    return described(f"Its new name, 1 to {noun.letters} letters.")


def rename_mutation(noun: Noun) -> Any:
    async def resolve(
        self: Any, info: Any, id: Any, name: Any, keep_alias: Any = True, preview: Any = False, token: Any = None
    ) -> Any:
        number = decode_id(id, noun.name)
        return await run(
            info, noun, [id], lambda writer: plan_rename(writer, noun, number, name, keep=keep_alias), preview, token
        )

    async def resolve_plain(self: Any, info: Any, id: Any, name: Any, preview: Any = False, token: Any = None) -> Any:
        return await resolve(self, info, id, name, False, preview, token)

    arguments = {"id": one_id(noun), "name": name_argument(noun)}
    if not noun.has_aliases:
        return mutation(resolve_plain, noun, arguments, f"Renames a {noun.name}.")
    arguments["keep_alias"] = described("Whether the old name stays as an alias.", bool)
    return mutation(resolve, noun, arguments, f"Renames a {noun.name}; NAME_TAKEN where another has the name.")


def merge_mutation(noun: Noun) -> Any:
    async def resolve(self: Any, info: Any, into: Any, from_: Any, preview: Any = False, token: Any = None) -> Any:
        target, others = decode_id(into, noun.name), read_noun_ids(from_, noun)
        return await run(info, noun, others, lambda writer: plan_merge(writer, noun, target, others), preview, token)

    many = Annotated[
        list[strawberry.ID],
        strawberry.argument(name="from", description=f"Global ids of those that go, at most {MAX_GIVEN}."),
    ]
    kept = "; their names become aliases" if noun.has_aliases else ""
    description = f"Makes several {noun.plural} one{kept}, and their ids go on to be found as it."
    return mutation(
        resolve, noun, {"into": one_id(noun, "Global id of the one that stays."), "from_": many}, description, "from"
    )


def split_mutation(noun: Noun) -> Any:
    async def resolve(
        self: Any, info: Any, id: Any, name: Any, filter: Any, preview: Any = False, token: Any = None
    ) -> Any:
        number, chosen = decode_id(id, noun.name), read_filter(filter)

        async def make(writer: Any) -> Any:
            text, values = matching_media(noun.name, number, chosen, writer.viewer)
            rows = await writer.fetch(text, *values)
            return await plan_split(writer, noun, number, name, [row[0] for row in rows])

        return await run(info, noun, [id], make, preview, token)

    arguments = {
        "id": one_id(noun),
        "name": described(f"The name of the new one, 1 to {noun.letters} letters."),
        "filter": described("Which of its media are given the new one instead.", MediaFilter),
    }
    return mutation(
        resolve, noun, arguments, f"Makes a new {noun.name} of a part of the media of one.", filter="filter"
    )


def normalise_mutation(noun: Noun) -> Any:
    async def resolve(self: Any, info: Any, rules: Any, preview: Any = False, token: Any = None) -> Any:
        read, asked = await read_rules(rules)
        return await run(info, noun, [rules], lambda writer: plan_normalise(writer, noun, read, asked), preview, token)

    merged = "merges those that get one name" if noun.has_aliases else "tells of those that get one name"
    return mutation(
        resolve,
        noun,
        {"rules": described("The rules.", NormaliseRules)},
        f"Cleans the names of all {noun.plural}, and {merged}.",
    )


def replace_mutation(noun: Noun) -> Any:
    async def resolve(
        self: Any, info: Any, id: Any, replacement: Any = None, preview: Any = False, token: Any = None
    ) -> Any:
        number = decode_id(id, noun.name)
        other = None if replacement is None else decode_id(replacement, noun.name)
        return await run(info, noun, [id], lambda writer: plan_delete(writer, noun, number, other), preview, token)

    needed = "Global id of the one that its media are given instead" + (
        "; needed here." if noun.is_paired else ", nothing if not given."
    )
    arguments = {"id": one_id(noun), "replacement": described(needed, strawberry.ID | None)}
    return mutation(resolve, noun, arguments, f"Deletes a {noun.name} with its names.")


def aliases_mutation(noun: Noun) -> Any:
    async def resolve(self: Any, info: Any, id: Any, aliases: Any, preview: Any = False, token: Any = None) -> Any:
        number = decode_id(id, noun.name)
        return await run(info, noun, [id], lambda writer: plan_aliases(writer, noun, number, aliases), preview, token)

    arguments = {"id": one_id(noun), "aliases": described("All of its aliases.", list[str])}
    return mutation(resolve, noun, arguments, f"Replaces the aliases of a {noun.name}.", "aliases")


def parents_mutation(noun: Noun) -> Any:
    async def resolve(self: Any, info: Any, id: Any, parents: Any, preview: Any = False, token: Any = None) -> Any:
        number, above = decode_id(id, noun.name), read_noun_ids(parents, noun)
        return await run(info, noun, [id], lambda writer: plan_parents(writer, noun, number, above), preview, token)

    arguments = {"id": one_id(noun), "parents": described("Global ids of all of its parents.", list[strawberry.ID])}
    return mutation(resolve, noun, arguments, f"Replaces the parents of a {noun.name}.", "parents")


async def resolve_undo(
    self: Any,
    info: strawberry.Info[Any, Any],
    operation: Annotated[strawberry.ID, strawberry.argument(description="Global id of the operation.")],
    force: Annotated[
        bool,
        strawberry.argument(description="Whether what was edited since is overwritten too, where that can be done."),
    ] = False,
    preview: PreviewArgument = False,
    token: TokenArgument = None,
) -> TaxonomyPayload | None:
    check_token_given(preview, token)
    number = decode_id(operation, "taxonomy_operation")

    async def work(writer: Any) -> Outcome:
        return await undo_operation(
            writer, number, force=force, origin=TaxonomyOrigin.API, is_preview=preview, token=token, seconds=seconds
        )

    seconds = info.context.deadline.operation_seconds
    with info.context.deadline.operating():
        outcome = await run_edit(info, "undo", [operation], work)
    return payload_of(outcome.noun, outcome)


@strawberry.type
class TaxonomyMutation:
    """Edits of tags, genres, channels and people as wholes."""

    rename_tag: TaxonomyPayload | None = rename_mutation(TAG)
    merge_tags: TaxonomyPayload | None = merge_mutation(TAG)
    split_tag: TaxonomyPayload | None = split_mutation(TAG)
    normalise_tags: TaxonomyPayload | None = normalise_mutation(TAG)
    delete_tag: TaxonomyPayload | None = replace_mutation(TAG)
    set_tag_aliases: TaxonomyPayload | None = aliases_mutation(TAG)
    set_tag_parents: TaxonomyPayload | None = parents_mutation(TAG)
    rename_genre: TaxonomyPayload | None = rename_mutation(GENRE)
    merge_genres: TaxonomyPayload | None = merge_mutation(GENRE)
    split_genre: TaxonomyPayload | None = split_mutation(GENRE)
    normalise_genres: TaxonomyPayload | None = normalise_mutation(GENRE)
    delete_genre: TaxonomyPayload | None = replace_mutation(GENRE)
    set_genre_aliases: TaxonomyPayload | None = aliases_mutation(GENRE)
    rename_channel: TaxonomyPayload | None = rename_mutation(CHANNEL)
    merge_channels: TaxonomyPayload | None = merge_mutation(CHANNEL)
    split_channel: TaxonomyPayload | None = split_mutation(CHANNEL)
    normalise_channels: TaxonomyPayload | None = normalise_mutation(CHANNEL)
    delete_channel: TaxonomyPayload | None = replace_mutation(CHANNEL)
    set_channel_aliases: TaxonomyPayload | None = aliases_mutation(CHANNEL)
    rename_person: TaxonomyPayload | None = rename_mutation(PERSON)
    merge_people: TaxonomyPayload | None = merge_mutation(PERSON)
    split_person: TaxonomyPayload | None = split_mutation(PERSON)
    normalise_people: TaxonomyPayload | None = normalise_mutation(PERSON)
    delete_person: TaxonomyPayload | None = replace_mutation(PERSON)
    undo: TaxonomyPayload | None = strawberry.mutation(
        resolver=resolve_undo,
        description="Undoes an operation on names: ids, names, parents and media as they were. What was edited since "
        "stays, and is told of in conflicts.",
    )
