"""Filtering media: frozen, canonical conditions over alias `m`; an equal filter is an equal value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from loaders.name_filter import contains_pattern
from loaders.statement import Composer

# Conditions of an `all` that the planner may begin with. It looks at every order of them: a hundred took 2.4 s to plan,
# so the others are fenced off and checked row by row.
MOST_JOINED = 3


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a nullable number, both inclusive; `is_null` asks for rows without one, or only for rows with one."""

    min: int | None = None
    max: int | None = None
    is_null: bool | None = None

    def conditions(self, column: str, composer: Composer) -> Iterator[str]:
        if self.min is not None:
            yield f"{column} >= {composer.parameter(self.min)}::integer"
        if self.max is not None:
            yield f"{column} <= {composer.parameter(self.max)}::integer"
        if self.is_null is not None:
            yield f"{column} IS {'' if self.is_null else 'NOT '}NULL"


@dataclass(frozen=True, slots=True)
class NameOrId:
    """A tag or genre by its id or by its folded name or alias; exactly one of them."""

    id: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class RelationFilter:
    """Media with any, all or none of these. An empty `any` matches nothing, an empty `all` or `none` everything."""

    any: tuple[NameOrId, ...] | None = None
    all: tuple[NameOrId, ...] = ()
    none: tuple[NameOrId, ...] = ()

    def conditions(self, noun: str, composer: Composer) -> Iterator[str]:
        if self.any is not None:
            yield exists(noun, self.any, composer)
        for place, one in enumerate(self.all):
            yield exists(noun, (one,), composer, fence=" OFFSET 0" if place >= MOST_JOINED else "")
        if self.none:
            yield f"NOT {exists(noun, self.none, composer)}"


def exists(noun: str, wanted: tuple[NameOrId, ...], composer: Composer, fence: str = "") -> str:
    """That the media carries one of these; names and aliases are looked up once, in the same statement."""
    ids = composer.parameter([one.id for one in wanted if one.id is not None])
    names = composer.parameter([one.name for one in wanted if one.name is not None])
    return (
        f"EXISTS (SELECT FROM media_{noun} f WHERE f.media_id = m.id AND f.{noun}_id = any({ids}::bigint[] ||"
        f" ARRAY(SELECT n.{noun}_id FROM {noun}_name n WHERE n.folded = any({names}::text[]))){fence})"
    )


@dataclass(frozen=True, slots=True)
class MediaFilter:
    """All given conditions hold together. Ratings in tenths; texts folded; None: not asked."""

    kind: tuple[str, ...] | None = None
    title: str | None = None
    year: Range = field(default_factory=Range)
    rating_tenths: Range = field(default_factory=Range)
    library: tuple[int, ...] | None = None
    tags: RelationFilter = field(default_factory=RelationFilter)
    genres: RelationFilter = field(default_factory=RelationFilter)

    def conditions(self, composer: Composer) -> Iterator[str]:
        if self.kind is not None:
            yield f"m.kind = any({composer.parameter(self.kind)}::text[])"
        if self.title:
            yield f"m.folded_title LIKE {composer.parameter(contains_pattern(self.title))}::text"
        yield from self.year.conditions("m.year", composer)
        yield from self.rating_tenths.conditions("m.rating_tenths", composer)
        if self.library is not None:
            yield f"m.library_id = any({composer.parameter(self.library)}::bigint[])"
        yield from self.tags.conditions("tag", composer)
        yield from self.genres.conditions("genre", composer)
