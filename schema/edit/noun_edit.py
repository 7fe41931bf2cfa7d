"""Mutations of tags, genres, channels, people, collections, release groups and credits themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import strawberry

from catalog import credit_edit
from catalog.edit import EditOutcome
from catalog.noun_edit.declared import (
    COLLECTION,
    EDITED_CHANNEL,
    EDITED_GENRE,
    EDITED_PERSON,
    EDITED_TAG,
    RELEASE_GROUP,
    EditedNoun,
)
from catalog.noun_edit.deletion import delete_nouns
from catalog.noun_edit.edit import NounInput, create_nouns, update_nouns
from catalog.transaction import Writer
from domain.bounds import (
    ALIASES_OF_A_NOUN,
    DESCRIPTION_LETTERS,
    EXTERNAL_IDS_OF_A_PERSON,
    LONG_NAME_LETTERS,
    NAME_LETTERS,
    PARENTS_OF_A_TAG,
    SCORE_THOUSANDTHS,
)
from loaders.registry import Loaders
from schema.channel import Channel
from schema.collection import Collection
from schema.core.enums import CollectionKind, CreditRole
from schema.core.node import decode_id
from schema.core.times import time_to_store
from schema.credit import Credit
from schema.edit.membership_edit import IdOrName, read_target
from schema.edit.noun_types import EditedType, InputField, delete_mutation, items_mutation
from schema.edit.upsert_input import ExternalIdInput, id_or_name, in_parts, word
from schema.genre import Genre
from schema.person import Person
from schema.release_group import ReleaseGroup
from schema.tag import Tag


async def create(noun: EditedNoun, writer: Writer, items: Sequence[NounInput], _: bool) -> EditOutcome:
    return await create_nouns(writer, noun, items)


async def update(noun: EditedNoun, writer: Writer, items: Sequence[NounInput], _: bool) -> EditOutcome:
    return await update_nouns(writer, noun, items)


async def delete(noun: EditedNoun, writer: Writer, places: Mapping[int, int], even_if_used: bool) -> EditOutcome:
    return await delete_nouns(writer, noun, places, even_if_used=even_if_used)


def edited(
    noun: EditedNoun, type_: Any, by_id: Any, plural: str, *fields: InputField, deletes: bool = True
) -> EditedType:
    """A type whose noun is declared."""
    return EditedType(
        type_,
        by_id,
        type_.__name__,
        plural,
        fields,
        partial(create, noun),
        partial(update, noun),
        partial(delete, noun) if deletes else None,
    )


def name_field(letters: int, words: str) -> InputField:
    return InputField("name", str, f"Its name, 1 to {letters} letters{words}.", "name", required=True)


UNIQUE_NAME = name_field(NAME_LETTERS, "; no other has it as a name or alias, case and accents do not matter")
SHARED_NAME = name_field(LONG_NAME_LETTERS, "; several may have one")
ALIASES = InputField(
    "aliases",
    list[str],
    f"All its other names, at most {ALIASES_OF_A_NOUN}: they are kept in folded form, and replace those that it had.",
)

TAGS = edited(
    EDITED_TAG,
    Tag,
    Loaders.tag_by_id,
    "Tags",
    UNIQUE_NAME,
    InputField("category", str, f"Kind of tag, at most {NAME_LETTERS} letters; null for none.", "category"),
    ALIASES,
    InputField(
        "parents",
        list[IdOrName],
        f"All its parent tags, at most {PARENTS_OF_A_TAG}: they replace those that it had. A tag cannot stand below"
        " itself.",
        read=lambda one: read_target(one, "tag"),
    ),
    deletes=False,
)
GENRES = edited(EDITED_GENRE, Genre, Loaders.genre_by_id, "Genres", UNIQUE_NAME, ALIASES, deletes=False)
CHANNELS = edited(EDITED_CHANNEL, Channel, Loaders.channel_by_id, "Channels", UNIQUE_NAME, ALIASES, deletes=False)
PEOPLE = edited(
    EDITED_PERSON,
    Person,
    Loaders.person_by_id,
    "People",
    SHARED_NAME,
    InputField(
        "external_ids",
        list[ExternalIdInput],
        f"All their ids at other services, at most {EXTERNAL_IDS_OF_A_PERSON}: they replace those that they had. One"
        " that somebody else has fails with EXTERNAL_ID_TAKEN.",
        read=lambda one: (one.source, one.value),
    ),
)
COLLECTIONS = edited(
    COLLECTION,
    Collection,
    Loaders.collection_by_id,
    "Collections",
    SHARED_NAME,
    InputField("kind", CollectionKind, "The kind of collection.", "kind", required=True, read=word),
    InputField(
        "description", str, f"What it is, at most {DESCRIPTION_LETTERS:,} letters; null for none.", "description"
    ),
)
RELEASE_GROUPS = edited(
    RELEASE_GROUP,
    ReleaseGroup,
    Loaders.release_group_by_id,
    "ReleaseGroups",
    name_field(NAME_LETTERS, "; no other has it, case and accents do not matter"),
    InputField(
        "score",
        float,
        f"Its reputation {SCORE_THOUSANDTHS.description}, at most three decimals; null for none.",
        "score_thousandths",
        read=in_parts(SCORE_THOUSANDTHS.parts, "A score"),
    ),
    InputField(
        "analysed_at",
        datetime,
        "When its score was last computed; UTC without an offset.",
        "analysed_at",
        read=time_to_store,
    ),
)

PERSON_FIELD = InputField(
    "person",
    IdOrName,
    "The person; a name that several have fails with AMBIGUOUS.",
    "person_id",
    required=True,
    read=id_or_name("person"),
)
CREDITS = EditedType(
    Credit,
    Loaders.credit_by_id,
    "Credit",
    "Credits",
    (
        InputField(
            "media",
            strawberry.ID,
            "Global id of the media.",
            "media_id",
            required=True,
            only_new=True,
            read=lambda given: decode_id(given, "media"),
        ),
        PERSON_FIELD,
        InputField("role", CreditRole, "What the person did.", "role", required=True, read=word),
        InputField("job", str, "The same in the crew's words; null for none.", "job"),
        InputField("character", str, "The part that an actor played; null for none.", "character"),
        InputField(
            "position",
            int,
            "Position in the billing order of the media, from 0; a new credit without one comes last.",
            "position",
        ),
    ),
    lambda writer, items, missing: credit_edit.create_credits(writer, items, create=missing),
    lambda writer, items, missing: credit_edit.update_credits(writer, items, create=missing),
    lambda writer, places, _: credit_edit.delete_credits(writer, places),
    creates_missing=True,
)


@strawberry.type
class NounMutation:
    """Edits of what media carry."""

    create_tags = items_mutation(TAGS, creates=True)
    update_tags = items_mutation(TAGS, creates=False)
    create_genres = items_mutation(GENRES, creates=True)
    update_genres = items_mutation(GENRES, creates=False)
    create_channels = items_mutation(CHANNELS, creates=True)
    update_channels = items_mutation(CHANNELS, creates=False)
    create_people = items_mutation(PEOPLE, creates=True)
    update_people = items_mutation(PEOPLE, creates=False)
    delete_people = delete_mutation(PEOPLE, "Deletes people, and their credits with `evenIfUsed`.")
    create_collections = items_mutation(COLLECTIONS, creates=True)
    update_collections = items_mutation(COLLECTIONS, creates=False)
    delete_collections = delete_mutation(COLLECTIONS, "Deletes collections; the media in them stay.")
    create_release_groups = items_mutation(RELEASE_GROUPS, creates=True)
    update_release_groups = items_mutation(RELEASE_GROUPS, creates=False)
    delete_release_groups = delete_mutation(RELEASE_GROUPS, "Deletes release groups; their releases stay without one.")
    create_credits = items_mutation(CREDITS, creates=True)
    update_credits = items_mutation(CREDITS, creates=False)
    delete_credits = delete_mutation(CREDITS, "Deletes credits.", may_be_used=False)
