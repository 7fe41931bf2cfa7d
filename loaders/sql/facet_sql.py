"""The statement of facets: what the filter lets through is found once for all facets that are counted within the same,
then each facet is counted and cut to its most frequent values. One statement, whatever the facets and the parents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from loaders.sql.condition import OneOf
from loaders.sql.facet import FACETS, FacetArguments, FacetField, FacetKind, NounFacet, NumberFacet, RowFacet, WordFacet
from loaders.sql.facet_choice import Choice, choice_of, parts_of, without_own
from loaders.sql.source import Filter, NoFilter, Source, drive_from_join, where
from loaders.sql.statement import Composer

LIBRARY = "m.library_id"


@dataclass(slots=True)
class Matched:
    """The media that one set of conditions lets through, a CTE. `columns`: of theirs that facets count by; `users`: how
    many facets read it; `ids`: whether some ask for the media's ids, without which equal ones are counted together."""

    name: str
    filter: Filter
    columns: set[str] = field(default_factory=set)
    users: int = 0
    ids: bool = False

    def add(self, kind: FacetKind) -> None:
        """One more facet that reads it."""
        self.users += 1
        if isinstance(kind, NumberFacet | WordFacet):
            self.columns.add(kind.column)
        else:
            self.ids = True


def facets_sql(source: Source[Any], args: FacetArguments, composer: Composer) -> str:
    """The SELECT of the facets of one parent, alias `parent`, or of the root's: place, rank, field, number, text,
    detail, label, count, is_chosen."""
    sets: dict[Filter, Matched] = {}
    within: list[Matched | None] = []
    for one in args.of:
        kind = FACETS[one]
        filter = without_own(args.filter, kind) if args.multi else args.filter
        if is_kept(source, filter, kind):
            within.append(None)
        else:
            matched = sets.setdefault(filter, Matched(f"matched_{len(sets)}", filter))
            matched.add(kind)
            within.append(matched)
    parts = []
    for place, (one, known) in enumerate(zip(args.of, within, strict=True)):
        kind = FACETS[one]
        if known is None:
            assert isinstance(kind, NounFacet)
            counted = kept_values_sql(
                source, without_own(args.filter, kind) if args.multi else args.filter, kind, composer
            )
        else:
            counted = facet_count_sql(kind, known)
        parts.append(ranked_sql(place, one, counted, choice_of(args.filter, kind), args.first, composer))
    ctes = [matched_sql(source, matched, composer) for matched in sets.values()]
    head = f"WITH {', '.join(ctes)} " if ctes else ""
    return f"{head}{' UNION ALL '.join(f'({part})' for part in parts)}"


def is_kept(source: Source[Any], filter: Filter, kind: FacetKind) -> bool:
    """Whether kept counts answer: of a noun, where the list is everything, or the media of libraries."""
    if not isinstance(kind, NounFacet) or source.alias != "m" or source.parent not in (None, LIBRARY):
        return False
    if source.parent is None and not source.join_sources:
        return False
    if not isinstance(filter, NoFilter) and not parts_of(filter):
        return False
    return all(isinstance(part, OneOf) and part.column == LIBRARY for part in parts_of(filter))


def kept_values_sql(source: Source[Any], filter: Filter, kind: NounFacet, composer: Composer) -> str:
    """The kept counts of a noun."""
    composer.copies = {LIBRARY: "c.library_id"}
    conditions = [part.sql(composer) for part in parts_of(filter)]
    if source.parent is not None:
        conditions.append("c.library_id = parent.id")
    return (
        f"SELECT c.{kind.noun}_id AS number, NULL::text AS text, NULL::text AS detail, sum(c.media_count)::bigint AS n"
        f" FROM {kind.noun}_media_count c WHERE {' AND '.join(conditions) or 'true'}{{visible:c.library_id}}"
        f" GROUP BY c.{kind.noun}_id HAVING sum(c.media_count) > 0"
    )


def facet_count_sql(kind: FacetKind, matched: Matched) -> str:
    """The number of media of each value, within those that are matched."""
    ids = f"any(ARRAY(SELECT id FROM {matched.name}))"
    if isinstance(kind, NounFacet):
        return (
            f"SELECT j.{kind.noun}_id AS number, NULL::text AS text, NULL::text AS detail, count(*) AS n"
            f" FROM {kind.table} j WHERE j.media_id = {ids} GROUP BY j.{kind.noun}_id"
        )
    if isinstance(kind, RowFacet):
        detail = f"f.{kind.detail}" if kind.detail else "NULL::text"
        number = "count(DISTINCT f.media_id)" if kind.repeats else "count(*)"
        return (
            f"SELECT NULL::bigint AS number, f.{kind.text} AS text, {detail} AS detail, {number} AS n"
            f" FROM {kind.table} f WHERE f.media_id = {ids} GROUP BY 2, 3"
        )
    name = kind.column.removeprefix("m.")
    values = f"NULL::bigint AS number, {name} AS text"
    if isinstance(kind, NumberFacet):
        # The first number of each value, of those below 0 too: what is left of a division has the number's sign.
        size = kind.size
        first = name if size == 1 else f"{name} - ({name} % {size} + {size}) % {size}"
        values = f"({first})::bigint AS number, NULL::text AS text"
    number = "count(*)" if matched.ids else "sum(n)::bigint"
    return (
        f"SELECT {values}, NULL::text AS detail, {number} AS n FROM {matched.name} WHERE {name} IS NOT NULL"
        " GROUP BY 1, 2"
    )


def ranked_sql(place: int, name: FacetField, counted: str, chosen: Choice, first: int, composer: Composer) -> str:
    """The most frequent values of a facet, those that are chosen too."""
    kind = FACETS[name]
    label, joined, order = "NULL::text", "", "c.number, c.text, c.detail"
    if isinstance(kind, NounFacet):
        label, order = "t.name", "t.folded_name, t.id"
        joined = f" JOIN {kind.noun} t ON t.id = c.number"
    elif not isinstance(kind, NumberFacet):
        order = 'c.text COLLATE "C", c.detail COLLATE "C"'
    values = chosen_sql(chosen, kind, composer)
    counts = f"SELECT number, text, detail, n, false AS is_chosen FROM ({counted}) AS counted"
    if values is not None:
        counts = (
            "SELECT number, text, detail, sum(n)::bigint AS n, bool_or(is_chosen) AS is_chosen"
            f" FROM ({counts} UNION ALL {values}) AS merged GROUP BY 1, 2, 3"
        )
    kept = f"rank <= {int(first)}{' OR is_chosen' if values is not None else ''}"
    return (
        f"SELECT * FROM (SELECT {place} AS place, row_number() OVER (ORDER BY c.n DESC, {order}) AS rank,"
        f" '{name.value}' AS field, c.number, c.text, c.detail, {label} AS label, c.n AS count, c.is_chosen"
        f" FROM ({counts}) AS c{joined}) AS ranked_{place} WHERE {kept}"
    )


def chosen_sql(chosen: Choice, kind: FacetKind, composer: Composer) -> str | None:
    """The values that are chosen, each once more, as counted by nothing; None where there are none."""
    if chosen.is_empty:
        return None
    if isinstance(kind, NounFacet) and chosen.named is not None:
        named = replace(chosen.named, ids=chosen.ids, folded_names=chosen.names, like=(), below=False)
        return (
            "SELECT DISTINCT chosen, NULL::text, NULL::text, 0::bigint, true"
            f" FROM unnest({named.array(composer)}) AS chosen"
        )
    if isinstance(kind, NumberFacet):
        numbers = composer.parameter(list(chosen.numbers))
        return f"SELECT chosen, NULL::text, NULL::text, 0::bigint, true FROM unnest({numbers}::bigint[]) AS chosen"
    texts = [composer.parameter([pair[place] for pair in chosen.texts]) for place in (0, 1)]
    return (
        "SELECT NULL::bigint, chosen.text, chosen.detail, 0::bigint, true"
        f" FROM unnest({texts[0]}::text[], {texts[1]}::text[]) AS chosen(text, detail)"
    )


def matched_sql(source: Source[Any], matched: Matched, composer: Composer) -> str:
    """The CTE of what is matched, walked from a join table where the filter asks for what one thing has."""
    source, filter = drive_from_join(source, matched.filter)
    if not (source.parent and isinstance(filter, NoFilter)):
        composer.checks += 1
    conditions = where(source, filter, composer, parent="parent.id")
    columns = {one.removeprefix("m."): composer.column(one) for one in sorted(matched.columns)}
    wanted = [f"{sql} AS {name}" for name, sql in columns.items()]
    wanted.append(f"{source.id_sql} AS id" if matched.ids else "count(*) AS n")
    used = re.search(rf"\b{source.alias}\.", " ".join([conditions, *wanted])) is not None
    table = source.table if used or not source.counted_table else source.counted_table
    group = "" if matched.ids else f" GROUP BY {', '.join(columns.values())}"
    # One that is read once is better put in place: an index may have what is counted.
    materialized = "MATERIALIZED " if matched.users > 1 else ""
    return f"{matched.name} AS {materialized}(SELECT {', '.join(wanted)} FROM {table} WHERE {conditions}{group})"
