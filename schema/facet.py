"""Facets of a list of media: how many of them have each genre, tag, year and the like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from engine.relation import Declaration, Defaulted, Known, Load, Target, declared
from loaders.registry import Loaders
from loaders.sql import facet
from loaders.sql.facet import FACETS, FacetField, NounFacet
from loaders.sql.facets import Facets
from loaders.sql.page import Page
from loaders.sql.source import Filter
from schema.core.context import Context
from schema.core.enums import MediaKind, describe
from schema.core.paging import argument

if TYPE_CHECKING:
    from schema.channel import Channel
    from schema.genre import Genre
    from schema.tag import Tag

ROWS = 100  # what one facet of a list counts as, since every media of the list is looked at

describe(
    FacetField,
    "What media can be counted by.",
    GENRE="Their genres.",
    TAG="Their tags.",
    YEAR="Their years.",
    DECADE="The decades of their years.",
    KIND="Their kinds.",
    CHANNEL="The TV channels that they are shown on.",
    CATEGORY="Their categories with their values.",
    LANGUAGE="The languages of their subtitles.",
    RATING="Their ratings, in whole points: 7 is for 7.0 to 7.9.",
)


@strawberry.type(description="A year.")
class FacetYear:
    year: int = strawberry.field(description="The year, as a filter takes it.")


@strawberry.type(description="Ten years.")
class FacetDecade:
    first_year: int = strawberry.field(description="Its first year: the least of a filter by year.")
    last_year: int = strawberry.field(description="Its last year: the most of a filter by year.")


@strawberry.type(description="A kind of media.")
class FacetKind:
    kind: MediaKind = strawberry.field(description="The kind, as a filter takes it.")


@strawberry.type(description="A category with a value.")
class FacetCategory:
    name: str = strawberry.field(description="The category.")
    value: str = strawberry.field(description="The value in it.")


@strawberry.type(description="A language of subtitles.")
class FacetLanguage:
    language: str = strawberry.field(description="The language as a BCP 47 tag, as a filter of subtitles takes it.")


@strawberry.type(description="Ratings from one whole point to the next.")
class FacetRating:
    min: float = strawberry.field(description="The lowest rating, as a filter takes it.")
    max: float = strawberry.field(description="The highest rating, as a filter takes it.")


FACET_TARGET = strawberry.union(
    "FacetTarget", description="What a facet's value is, with what a filter needs to choose it."
)


def made_value(value: facet.FacetValue) -> Any:
    """The object of a value that is no thing with an id."""
    number: Any = value.number
    text: Any = value.text
    match value.field:
        case FacetField.YEAR:
            return FacetYear(year=number)
        case FacetField.DECADE:
            return FacetDecade(first_year=number, last_year=number + 9)
        case FacetField.RATING:
            return FacetRating(min=number / 10, max=min(number + 9, 100) / 10)
        case FacetField.KIND:
            return FacetKind(kind=MediaKind(text))
        case FacetField.CATEGORY:
            return FacetCategory(name=text, value=value.detail or "")
        case _:
            return FacetLanguage(language=text)


NOUNS = {field: getattr(Loaders, f"{kind.noun}_by_id") for field, kind in FACETS.items() if isinstance(kind, NounFacet)}


def facet_target() -> Any:
    """The field FacetValue.value: a thing by its id, one statement a type, or what is there already."""

    def target(value: facet.FacetValue, context: Context, arguments: Mapping[str, Any]) -> Load | Known:
        ref = NOUNS.get(value.field)
        return Known(made_value(value)) if ref is None else Load(ref, value.number)

    return declared(
        Declaration("lookup", target=target, refs=tuple(NOUNS.values()), required=True),
        {},
        "What it is. Things with an id cost one statement a type if selected; their names are in `label` as well.",
    )


@strawberry.type(description="A value of a facet.")
class FacetValue:
    count: int = strawberry.field(description="How many media of the list have it.")
    label: str = strawberry.field(description="It as people read it: a name, 1990s, mood: dark.")
    is_chosen: bool = strawberry.field(description="Whether the list's filter chooses it.")
    value: Annotated[
        Annotated[Genre, strawberry.lazy("schema.genre")]
        | Annotated[Tag, strawberry.lazy("schema.tag")]
        | Annotated[Channel, strawberry.lazy("schema.channel")]
        | FacetYear
        | FacetDecade
        | FacetKind
        | FacetCategory
        | FacetLanguage
        | FacetRating,
        FACET_TARGET,
    ] = facet_target()


@strawberry.type(description="How many media of a list have each value of something.")
class Facet:
    field: FacetField = strawberry.field(description="What they are counted by.")
    values: list[FacetValue] = strawberry.field(
        description="The most frequent values, equal ones by name, and all that the filter chooses, even without media."
    )


def load_facets_of(
    facets: Facets, key: int, filter: Filter, context: Context, arguments: Mapping[str, Any]
) -> Load | Known:
    """The facets that a field's arguments ask for, of a list."""
    if not arguments["of"]:
        return Known([])
    budget = context.loaders.reader.budget
    asked = facets.facet_arguments(budget, filter, arguments["of"], arguments["first"], multi=arguments["multi"])
    return Load(facets, key, asked)


def media_facets() -> Any:
    """The field facets of a connection of media."""

    def target(page: Page[Any], context: Context, arguments: Mapping[str, Any]) -> Load | Known:
        facets = page.ref.facets
        assert facets is not None
        return load_facets_of(facets, page.key, page.arguments.filter, context, arguments)

    return facets_field(
        target, "How many media of the whole list have each genre, year and the like: all facets in one statement."
    )


def facets_field(target: Target, description: str, *, reads_page: bool = False) -> Any:
    """A field of facets. `reads_page`: whether the target looks at more of the page than its arguments."""
    return declared(
        Declaration("total", target=target, sized_by="of", lists_sized_by="first", rows=ROWS, reads_page=reads_page),
        {
            "of": argument(list[FacetField], "What to count by, each once."),
            "first": Defaulted(argument(int, "How many values of each; chosen ones may come beside them."), 10),
            "multi": Defaulted(
                argument(
                    bool,
                    "Whether a facet ignores those conditions of the filter that concern it alone, so that others can "
                    "be chosen beside the chosen ones.",
                ),
                True,
            ),
        },
        description,
    )
