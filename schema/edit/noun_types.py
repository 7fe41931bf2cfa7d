"""Edits of nouns by hand: inputs, payloads and mutation fields made of one declaration each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import GenericAlias
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from catalog.edit import EditOutcome
from catalog.noun_edit.edit import NounInput
from catalog.transaction import Writer
from domain.bounds import ITEMS_OF_AN_EDIT
from domain.errors import CatalogError
from domain.ids import format_id
from engine.documents.priced_arguments import Targets
from engine.relation import TARGETS, Declaration, Load, Reference, declared
from schema.core.node import decode_id
from schema.edit.outcome import EACH_ITEM, EditError, all_errors_of, bad_id, read_ids, run_edit

# What an edit of items does: (writer, items, whether unknown names are created) -> outcome.
EditItems = Callable[[Writer, Sequence[NounInput], bool], Awaitable[EditOutcome]]
# What a deletion does: (writer, places by id, whether those that are in use go too) -> outcome.
DeleteIds = Callable[[Writer, Mapping[int, int], bool], Awaitable[EditOutcome]]

VERSION = "The version that the client has read: if it differs, nothing is changed (VERSION_CONFLICT)."
EACH_ID = {TARGETS: Targets("ids")}


@dataclass(frozen=True, slots=True)
class InputField:
    """A field of an input: its type, and the column that its value goes to. Of lists there is no column.

    required: in one that is to be made. only_new: it cannot be changed. read: the value as the catalogue has it."""

    name: str
    type: Any
    description: str
    column: str = ""
    required: bool = False
    only_new: bool = False
    read: Callable[[Any], Any] | None = None


@strawberry.type(description="The result of deleting objects by hand.")
class DeletionPayload:
    deleted_ids: list[strawberry.ID] = strawberry.field(description="Global ids of those that were deleted.")
    succeeded: int = strawberry.field(description="Number of those that were deleted.")
    failed: int = strawberry.field(description="Number of errors.")
    errors: list[EditError] = strawberry.field(description="One for each that was not deleted.")


def made_input(name: str, description: str, fields: Iterable[tuple[str, Any, Any]]) -> Any:
    """An input type of fields: name, type, what strawberry.field gives."""
    members: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for field, type_, value in fields:
        members["__annotations__"][field] = type_
        members[field] = value
    return strawberry.input(type(name, (), members), description=description)


def in_words(camel: str) -> str:
    """ "ReleaseGroups" -> "release groups"."""
    return "".join(f" {one.lower()}" if one.isupper() else one for one in camel).strip()


def in_snake(camel: str) -> str:
    """ "ReleaseGroups" -> "release_groups"."""
    return in_words(camel).replace(" ", "_")


@dataclass(frozen=True)
class EditedType:
    """A type that is edited by hand. singular, plural: its names, as types have them; by_id: its loader.

    creates_missing: whether names in it can be created, where the client says so."""

    type: Any
    by_id: Reference
    singular: str
    plural: str
    fields: tuple[InputField, ...]
    create: EditItems
    update: EditItems
    delete: DeleteIds | None = None
    creates_missing: bool = False

    @property
    def prefix(self) -> str:
        return in_snake(self.singular)

    @cached_property
    def new_input(self) -> Any:
        """The input of one that is to be made."""
        fields = [
            (one.name, one.type, strawberry.field(description=one.description))
            if one.required
            else (one.name, one.type | None, strawberry.field(default=UNSET, description=one.description))
            for one in self.fields
        ]
        return made_input(f"New{self.singular}", f"A new {in_words(self.singular)}.", fields)

    @cached_property
    def changes_input(self) -> Any:
        """The input of one that is to be changed."""
        fields: list[tuple[str, Any, Any]] = [
            ("id", strawberry.ID, strawberry.field(description=f"Global id of the {in_words(self.singular)}.")),
            ("version", int | None, strawberry.field(default=None, description=VERSION)),
        ]
        fields += [
            (one.name, one.type | None, strawberry.field(default=UNSET, description=one.description))
            for one in self.fields
            if not one.only_new
        ]
        words = f"New values of a {in_words(self.singular)}: what is left out stays as it is."
        return made_input(f"{self.singular}Changes", words, fields)

    @cached_property
    def payload(self) -> Any:
        """The payload of creating and updating: the objects read anew."""
        words = in_words(self.plural)

        def load_edited(payload: Any, context: Any, arguments: Mapping[str, Any]) -> list[Load | Exception]:
            return [Load(self.by_id, number) for number in payload.numbers]

        objects = declared(
            Declaration("lookup", target=load_edited, sized_above=True),
            {},
            f"The {words} that were edited successfully, read after the edit; null for one deleted since.",
        )
        fields: dict[str, tuple[Any, Any]] = {
            "numbers": (strawberry.Private[list[int]], UNSET),
            in_snake(self.plural): (GenericAlias(list, (self.type | None,)), objects),
            "succeeded": (int, strawberry.field(description=f"Number of {words} that were edited successfully.")),
            "failed": (int, strawberry.field(description="Number of errors.")),
            "errors": (list[EditError], strawberry.field(description="One for each part that was not done.")),
        }
        members: dict[str, Any] = {name: value for name, (_, value) in fields.items() if value is not UNSET}
        members["__annotations__"] = {name: type_ for name, (type_, _) in fields.items()}
        members["__module__"] = __name__
        description = f"The result of an edit of {words}: what failed is unchanged, everything else is stored."
        return strawberry.type(type(f"{self.plural}Payload", (), members), description=description)

    def read_items(self, items: Sequence[Any], outcome: EditOutcome, errors: list[EditError]) -> list[NounInput]:
        """The items as the catalogue has them; of those that cannot be read there is an error."""
        found = []
        for place, given in enumerate(items):
            id = None
            try:
                if isinstance(given, self.changes_input):
                    id = decode_id(given.id, self.prefix)
            except CatalogError as error:
                errors.append(bad_id(error, place, given.id))
                continue
            try:
                found.append(self.read_item(place, id, given))
            except CatalogError as error:
                outcome.fail(error, place, id)
        return found

    def read_item(self, place: int, id: int | None, given: Any) -> NounInput:
        """BAD_ID, BAD_ARGUMENT."""
        values: dict[str, Any] = {}
        lists: dict[str, Any] = {}
        for one in self.fields:
            value = getattr(given, one.name, UNSET)
            if value is UNSET:
                continue
            if one.column:
                values[one.column] = value if value is None or one.read is None else one.read(value)
            else:
                lists[one.name] = [value if one.read is None else one.read(value) for value in value or ()]
        return NounInput(place, id, values, getattr(given, "version", None), **lists)


def items_mutation(kind: EditedType, *, creates: bool) -> Any:
    """The mutation field that makes, or changes, some of a type."""
    verb, work = ("create", kind.create) if creates else ("update", kind.update)
    words = in_words(kind.plural)

    async def run(info: strawberry.Info[Any, Any], items: list[Any], create_missing: bool) -> Any:
        early, errors = EditOutcome(), list[EditError]()
        read = kind.read_items(items, early, errors)
        outcome = await run_edit(
            info, f"{verb}_{in_snake(kind.plural)}", items, lambda writer: work(writer, read, create_missing), words
        )
        outcome.failures = [*early.failures, *outcome.failures]
        all_errors = all_errors_of(outcome, errors, kind.prefix)
        return kind.payload(
            numbers=outcome.media, succeeded=len(outcome.media), failed=len(all_errors), errors=all_errors
        )

    async def resolve(self: Any, info: strawberry.Info[Any, Any], items: Any) -> Any:
        return await run(info, items, False)

    async def resolve_creating(
        self: Any, info: strawberry.Info[Any, Any], items: Any, create_missing: Any = False
    ) -> Any:
        return await run(info, items, create_missing)

    input_type = kind.new_input if creates else kind.changes_input
    what = f"The {words}, at most {ITEMS_OF_AN_EDIT}; a single one may be given without brackets."
    missing = "Whether people of unknown names are created; otherwise they fail with NOT_FOUND."
    resolver: Any = resolve_creating if kind.creates_missing else resolve
    resolver.__annotations__ = {
        "info": strawberry.Info,
        "items": Annotated[GenericAlias(list, (input_type,)), strawberry.argument(description=what)],
        **(
            {"create_missing": Annotated[bool, strawberry.argument(description=missing)]}
            if kind.creates_missing
            else {}
        ),
        "return": kind.payload | None,
    }
    description = f"Creates {words}, each with version 1." if creates else f"Changes the own fields of {words}."
    return strawberry.mutation(resolver=resolver, description=description, metadata=EACH_ITEM)


def delete_mutation(kind: EditedType, description: str, *, may_be_used: bool = True) -> Any:
    """The mutation field that deletes some of a type. may_be_used: whether others can name them."""
    words, delete = in_words(kind.plural), kind.delete
    assert delete is not None

    async def run(info: strawberry.Info[Any, Any], ids: list[str], even_if_used: bool) -> DeletionPayload:
        errors: list[EditError] = []
        places = read_ids(ids, None, errors, kind.prefix)
        outcome = await run_edit(
            info,
            f"delete_{in_snake(kind.plural)}",
            ids,
            lambda writer: delete(writer, places, even_if_used),
            words,
        )
        all_errors = all_errors_of(outcome, errors, kind.prefix)
        return DeletionPayload(
            deleted_ids=[strawberry.ID(format_id(kind.prefix, number)) for number in outcome.media],
            succeeded=len(outcome.media),
            failed=len(all_errors),
            errors=all_errors,
        )

    async def resolve(self: Any, info: strawberry.Info[Any, Any], ids: Any) -> Any:
        return await run(info, ids, False)

    async def resolve_used(self: Any, info: strawberry.Info[Any, Any], ids: Any, even_if_used: Any = False) -> Any:
        return await run(info, ids, even_if_used)

    used = "Whether those that are in use are deleted too; otherwise they fail with IN_USE."
    resolver: Any = resolve_used if may_be_used else resolve
    what = f"Global ids of {words}, at most {ITEMS_OF_AN_EDIT}."
    resolver.__annotations__ = {
        "info": strawberry.Info,
        "ids": Annotated[list[strawberry.ID], strawberry.argument(description=what)],
        **({"even_if_used": Annotated[bool, strawberry.argument(description=used)]} if may_be_used else {}),
        "return": DeletionPayload | None,
    }
    return strawberry.mutation(resolver=resolver, description=description, metadata=EACH_ID)
