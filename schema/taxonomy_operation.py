"""Operations on names: the history of renames, merges and splits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry

from domain.enums import TaxonomyNoun, TaxonomyOperationKind, TaxonomyOrigin
from engine.relation import lookup, relation
from loaders.registry import Loaders
from loaders.taxonomy_operation import TaxonomyOperationAttributes, TaxonomyOperationRow
from schema.core.enums import describe
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Choice, Connection, choices, connection
from schema.core.scalars import JSON

describe(
    TaxonomyNoun,
    "What has names that are edited as a whole.",
    TAG="Tags.",
    GENRE="Genres.",
    CHANNEL="TV channels.",
    PERSON="People.",
)
describe(
    TaxonomyOperationKind,
    "What an operation did.",
    RENAME="One got another name.",
    MERGE="Several became one.",
    SPLIT="Some of the media of one were given a new one instead.",
    NORMALISE="Names were cleaned by rules.",
    DELETE="One was deleted, and its media given another one where that was asked for.",
    SET_ALIASES="The aliases of one were replaced.",
    SET_PARENTS="The parents of one were replaced.",
    UNDO="An operation was undone.",
)
describe(
    TaxonomyOrigin,
    "By which way an operation came.",
    API="A mutation.",
    COMMAND="A command on the server, `python -m app tags normalise` for example.",
    JOB="A run of a job, `normalise_names` for example.",
)


def count_field(name: str, description: str) -> Any:
    return strawberry.field(resolver=lambda self: self[name], description=description)


@strawberry.type(description="What an operation did, or would do, in numbers.")
class TaxonomyCounts:
    renamed: int = count_field("renamed", "How many got another name; of an undo, their old one.")
    merged: int = count_field("merged", "How many became part of another one or were deleted; of an undo, came back.")
    moved: int = count_field("moved", "How many links to media were moved: a media counts once for each that it had.")
    external_ids: int = count_field(
        "external_ids", "How many external ids of people were moved, or deleted with one; of an undo, put back."
    )


@node_type(
    TaxonomyOperationRow,
    "taxonomy_operation",
    Loaders.taxonomy_operation_by_id,
    description="An edit of the names of tags, genres, channels or people as a whole.",
)
class TaxonomyOperation(Node):
    noun: TaxonomyNoun = strawberry.field(description="Of what.")
    kind: TaxonomyOperationKind = strawberry.field(description="What was done.")
    at: datetime = strawberry.field(description="When it was done.")
    origin: TaxonomyOrigin = strawberry.field(description="By which way it came.")
    who: str | None = strawberry.field(
        description="Who did it: the name of the key, or of the user of the command; null where the key has no name."
    )
    detail: JSON = strawberry.field(description="What was asked for, as JSON; the keys depend on the kind.")
    counts: TaxonomyCounts = strawberry.field(description="What it came to.")
    undoable_until: datetime | None = strawberry.field(
        description="Until when it can be undone; null where it cannot, or not any longer."
    )
    undoes: Annotated[TaxonomyOperation, strawberry.lazy("schema.taxonomy_operation")] | None = relation(
        Loaders.taxonomy_operation_by_id, key=TaxonomyOperationRow.undoes_id, description="Of an undo what it undid."
    )
    undone_by: Annotated[TaxonomyOperation, strawberry.lazy("schema.taxonomy_operation")] | None = relation(
        Loaders.taxonomy_operation_by_id, key=TaxonomyOperationRow.undone_by_id, description="What undid it."
    )


@strawberry.type
class TaxonomyOperationQuery:
    """Root fields of operations."""

    taxonomy_operation: TaxonomyOperation | None = lookup(
        load_by_id(Loaders.taxonomy_operation_by_id, "taxonomy_operation"),
        parameters={"id": IdArgument},
        description="An operation by id.",
    )
    taxonomy_operations: Connection[TaxonomyOperation] | None = connection(
        Loaders.taxonomy_operation_pages,
        choices(
            Loaders.taxonomy_operation_pages,
            noun=Choice(TaxonomyOperationAttributes.noun, "Only of these."),
            kind=Choice(TaxonomyOperationAttributes.kind, "Only of these kinds."),
        ),
        description="Renames, merges, splits and what else was done to names, newest first.",
    )
