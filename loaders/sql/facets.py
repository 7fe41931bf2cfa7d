"""The loader of facets: all that one field asks for, of all its parents, in one statement."""

from __future__ import annotations

from typing import Any

from database.row import Row
from database.statement import PlanMode, Statement, with_label
from domain.errors import CatalogError, Code
from loaders.core.batch_loader import LoaderRef
from loaders.core.read_session import Budget, ReadSession
from loaders.sql.count import count_timeout, too_slow
from loaders.sql.facet import FACETS, Facet, FacetArguments, FacetField, FacetKind, FacetValue, NumberFacet
from loaders.sql.facet_choice import choice_of, fits
from loaders.sql.facet_sql import facets_sql
from loaders.sql.source import Filter, Source
from loaders.sql.statement import Composer
from loaders.sql.unknown_name import filter_names, known_rows, with_unknown


class Facets(LoaderRef[int, list[Facet]]):
    """The loader of a source's facets by parent."""

    def __init__(self, source: Source[Any]) -> None:
        self.source = source

    def facet_arguments(
        self, budget: Budget, filter: Filter, of: list[FacetField], first: int, *, multi: bool
    ) -> FacetArguments:
        """What the field's arguments say; BAD_ARGUMENT, BAD_PAGE_SIZE."""
        if len(set(of)) < len(of):
            raise CatalogError(Code.BAD_ARGUMENT, "facets names a field twice: name each once.")
        if not 0 <= first <= budget.page_max:
            raise CatalogError(
                Code.BAD_PAGE_SIZE, f"A facet has 0 to {budget.page_max} values: this one asks for {first}."
            )
        return FacetArguments(filter, tuple(of), first, multi)

    async def batch(self, reader: ReadSession, keys: list[int], arguments: FacetArguments) -> list[list[Facet]]:
        """A facet for each field that is asked for, in that order. COUNT_TIMEOUT."""
        statement, values = self.compose(reader, arguments, keys)
        try:
            rows = await reader.fetch(statement, values, reader.budget.count_seconds)
        except (TimeoutError, CatalogError) as error:
            if too_slow(error):
                raise count_timeout("these facets", "fewer of them, or use a narrower filter") from None
            raise
        if filter_names(arguments.filter):
            rows = known_rows(reader, rows, "field")
        found: dict[int, dict[str, list[FacetValue]]] = {key: {one.value: [] for one in arguments.of} for key in keys}
        marks = Marks(arguments)
        for row in rows:
            found[row["key"]][row["field"]].append(marks.value(row))
        return [[Facet(FacetField(name), listed) for name, listed in found[key].items()] for key in keys]

    def compose(
        self, reader: ReadSession, args: FacetArguments, parents: list[int]
    ) -> tuple[Statement[Row], list[object]]:
        """The statement of some facets, and its values."""
        composer = Composer(reader, Row)
        parent = f"unnest({composer.parameter(parents)}::bigint[])" if self.source.parent else "(SELECT 0::bigint)"
        text = facets_sql(self.source, args, composer)
        text = f"SELECT parent.id AS key, facet.* FROM {parent} AS parent(id) CROSS JOIN LATERAL ({text}) AS facet"
        if called := filter_names(args.filter):
            text = with_unknown("page.*, names.unknown", text, called, composer)
        text = with_label(self.name, composer.finish(f"{text} ORDER BY key, place, rank"))
        return (
            Statement(self.name, text, Row, PlanMode.CUSTOM, many=True, checks=composer.checks),
            composer.values,
        )


class Marks:
    """What makes values of rows, and marks those that a filter chooses."""

    def __init__(self, arguments: FacetArguments) -> None:
        filter: Any = arguments.filter
        self._choices = {one: choice_of(filter, FACETS[one]) for one in arguments.of}

    def value(self, row: Any) -> FacetValue:
        field = FacetField(row["field"])
        kind, choice, number = FACETS[field], self._choices[field], row["number"]
        is_chosen = row["is_chosen"]
        if isinstance(kind, NumberFacet) and choice.is_made:  # of a long range too
            is_chosen = fits(choice.own, number, kind)
        label = row["label"] or label_of(kind, row)
        return FacetValue(field, number, row["text"], row["detail"], label, row["count"], is_chosen)


def label_of(kind: FacetKind, row: Any) -> str:
    """A value that is no thing with a name, as people read it: "1990s", "mood: dark"."""
    if isinstance(kind, NumberFacet):
        return f"{row['number'] // kind.scale}{kind.suffix}"
    return str(row["text"]) if row["detail"] is None else f"{row['text']}: {row['detail']}"
