"""What operations on names answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import strawberry

from catalog.taxonomy.operation import Outcome
from domain.ids import format_id
from engine.relation import Declaration, Load, declared
from loaders.registry import Loaders
from schema.core.node import NODE_TYPES, Node
from schema.taxonomy_operation import TaxonomyCounts, TaxonomyOperation

SHOWN = 50


@strawberry.type(description="One name of an operation.")
class TaxonomyExample:
    id: strawberry.ID = strawberry.field(description="Global id of the one that has this name before.")
    name: str = strawberry.field(description="Its name before.")
    becomes: str | None = strawberry.field(description="The name after; null where nothing takes its place.")
    into: strawberry.ID | None = strawberry.field(description="Global id of what it becomes part of.")
    media_count: int = strawberry.field(description="How many media are moved with it.")


@strawberry.type(description="What is not done as was asked, and why.")
class TaxonomyConflict:
    code: str = strawberry.field(description="CYCLE, SAME_NAME, or one of the codes of docs/errors.md.")
    message: str = strawberry.field(description="What is left as it is.")
    id: strawberry.ID | None = strawberry.field(description="Global id of the name, or of the media, concerned.")


def load_subject(payload: Any, context: Any, arguments: Any) -> Load | None:
    if payload.number is None:
        return None
    return Load(NODE_TYPES[payload.noun].by_id, payload.number)


def load_operation(payload: Any, context: Any, arguments: Any) -> Load | None:
    return None if payload.done is None else Load(Loaders.taxonomy_operation_by_id, payload.done)


@strawberry.type(description="The result of an operation on names, or of its preview.")
class TaxonomyPayload:
    noun: strawberry.Private[str]
    number: strawberry.Private[int | None]
    done: strawberry.Private[int | None]
    operation: TaxonomyOperation | None = declared(
        Declaration("lookup", target=load_operation),
        {},
        "What was done; null for a preview, and where nothing was to be done.",
    )
    node: Node | None = declared(
        Declaration("lookup", target=load_subject),
        {},
        "The one that it is about, read after the change: what others became, or what was renamed.",
    )
    counts: TaxonomyCounts = strawberry.field(description="What it comes to; of a preview what it would.")
    token: str | None = strawberry.field(
        description="Of a preview: the same mutation with it does exactly that, or fails with STALE_PREVIEW."
    )
    examples: list[TaxonomyExample] = strawberry.field(
        description=f"The first {SHOWN} names, those of most media first."
    )
    conflicts: list[TaxonomyConflict] = strawberry.field(
        description=f"At most {SHOWN} things that are left as they are."
    )
    conflict_count: int = strawberry.field(description="How many things are left as they are.")


def payload_of(noun: str, outcome: Outcome) -> TaxonomyPayload:
    def name_id(number: int | None) -> strawberry.ID | None:
        return None if number is None else strawberry.ID(format_id(noun, number))

    return TaxonomyPayload(
        noun=noun,
        number=outcome.id,
        done=outcome.operation,
        counts=asdict(outcome.counts),  # type: ignore[arg-type]
        token=outcome.token,
        examples=[
            TaxonomyExample(
                id=strawberry.ID(format_id(noun, one.id)),
                name=one.name,
                becomes=one.new_name,
                into=name_id(one.into),
                media_count=one.media,
            )
            for one in outcome.examples[:SHOWN]
        ],
        conflicts=[
            TaxonomyConflict(
                code=one.code,
                message=one.message,
                id=name_id(one.id) if one.media is None else strawberry.ID(format_id("media", one.media)),
            )
            for one in outcome.conflicts[:SHOWN]
        ],
        conflict_count=len(outcome.conflicts),
    )
