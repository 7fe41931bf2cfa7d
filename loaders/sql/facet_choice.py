"""Which conditions of a filter concern a facet, and which of its values they choose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.bounds import RATING_TENTHS
from loaders.sql.condition import (
    ALWAYS,
    ROW_COUNT,
    All,
    AnyOf,
    Condition,
    Has,
    InRange,
    IsNull,
    Not,
    OneOf,
    all_of,
)
from loaders.sql.facet import FacetKind, NounFacet, NumberFacet, RowFacet, WordFacet
from loaders.sql.named_condition import NamedCondition
from loaders.sql.source import Filter, NoFilter

# Values that a range chooses are brought although they are not among the most frequent ones, if they are no more.
MAX_OF_RANGE = 100


def parts_of(filter: Filter) -> tuple[Condition, ...]:
    """The conditions of a filter, all of which hold."""
    return filter.parts if isinstance(filter, All) else ()


def concerns(part: Condition, kind: FacetKind) -> bool:
    """Whether a condition is about what a facet counts and nothing else."""
    if isinstance(part, All | AnyOf):
        return bool(part.parts) and all(concerns(one, kind) for one in part.parts)
    if isinstance(part, Not):
        return concerns(part.part, kind)
    if isinstance(part, Has):
        return part.table == kind.table and (part.where == ALWAYS or concerns(part.where, kind))
    column = getattr(part, "column", None)
    return column in kind.columns or (bool(kind.table) and column == ROW_COUNT.format(table=kind.table))


def without_own(filter: Filter, kind: FacetKind) -> Filter:
    """The filter without the conditions that concern a facet: what its values are counted within."""
    if not isinstance(filter, All):
        return filter
    kept = [part for part in filter.parts if not concerns(part, kind)]
    if len(kept) == len(filter.parts):
        return filter
    rest = all_of(kept)
    if rest == ALWAYS:
        return NoFilter()
    return rest if isinstance(rest, All) else All((rest,))


@dataclass(frozen=True, slots=True)
class Choice:
    """The values of a facet that a filter chooses: by ids and folded names, by numbers, or by texts.

    `own`: the conditions that concern it; `is_made`: whether one of them says what a value is."""

    own: tuple[Condition, ...] = ()
    is_made: bool = False
    ids: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    texts: tuple[tuple[str, str | None], ...] = ()
    named: NamedCondition | None = field(default=None, compare=False)

    @property
    def is_empty(self) -> bool:
        return not (self.ids or self.names or self.numbers or self.texts)


def choice_of(filter: Filter, kind: FacetKind) -> Choice:
    """What of a facet a filter chooses. What it rules out, or is like a part of a name, chooses nothing."""
    own = tuple(part for part in parts_of(filter) if concerns(part, kind))
    leaves = [leaf for part in own for leaf in positive(part)]
    if isinstance(kind, NounFacet):
        things = [leaf for leaf in leaves if isinstance(leaf, NamedCondition)]
        ids = {number for one in things for number in one.ids}
        names = {name for one in things for name in one.folded_names}
        return Choice(own, True, tuple(sorted(ids)), tuple(sorted(names)), named=next(iter(things), None))
    if isinstance(kind, NumberFacet):
        is_made = any(isinstance(leaf, OneOf | InRange) for leaf in leaves)
        return Choice(own, is_made, numbers=tuple(sorted(chosen_numbers(own, leaves, kind))))
    if isinstance(kind, WordFacet):
        words = {str(value) for leaf in leaves if isinstance(leaf, OneOf) for value in leaf.values}
        return Choice(own, texts=tuple((word, None) for word in sorted(words) if chooses(own, word)))
    return Choice(own, texts=tuple(sorted(chosen_texts(own, kind), key=repr)))


def positive(part: Condition) -> Iterator[Any]:
    """The conditions within one that say what is, not what is not."""
    if isinstance(part, All | AnyOf):
        for one in part.parts:
            yield from positive(one)
    elif isinstance(part, Has):
        yield from positive(part.where)
    elif not isinstance(part, Not):
        yield part


def chooses(own: Iterable[Condition], value: Any) -> bool:
    """Whether a value of the media's own fits all of these."""
    return all(holds(part, value) for part in own)


def holds(part: Condition, value: Any) -> bool:
    """Whether a condition on one column holds for a value of it."""
    if isinstance(part, All):
        return all(holds(one, value) for one in part.parts)
    if isinstance(part, AnyOf):
        return any(holds(one, value) for one in part.parts)
    if isinstance(part, Not):
        return not holds(part.part, value)
    if isinstance(part, OneOf):
        return value in part.values
    if isinstance(part, InRange):
        low, high = part.min, part.max
        return (low is None or value >= low) and (high is None or value <= high)
    return isinstance(part, IsNull) and not part.is_null


def fits(own: Iterable[Condition], number: int, kind: NumberFacet) -> bool:
    """Whether all numbers of a value are chosen: those of a decade, say."""
    return chooses(own, number) and chooses(own, number + last_of(number, kind))


def last_of(number: int, kind: NumberFacet) -> int:
    """How far the last number of a value is from its first."""
    is_top = kind.column == "m.rating_tenths" and number == RATING_TENTHS.most
    return 0 if is_top else kind.size - 1


def chosen_numbers(own: Iterable[Condition], leaves: Iterable[Any], kind: NumberFacet) -> set[int]:
    """The first numbers of the values that are listed, or lie within a range that is not long."""
    found: set[int] = set()
    for leaf in leaves:
        if isinstance(leaf, OneOf):
            found.update(value for value in leaf.values if isinstance(value, int))
        elif isinstance(leaf, InRange):
            found.update(within(leaf, kind))
    firsts = {number // kind.size * kind.size for number in found}
    return {number for number in firsts if fits(own, number, kind)}


def within(leaf: InRange, kind: NumberFacet) -> Iterable[int]:
    """The numbers of a range with two ends; a rating has both of itself."""
    is_rating = kind.column == "m.rating_tenths"
    low = max(RATING_TENTHS.least, leaf.min or 0) if is_rating else leaf.min  # type: ignore[call-overload]
    high = leaf.max
    if is_rating:
        high = RATING_TENTHS.most if leaf.max is None else min(RATING_TENTHS.most, leaf.max)  # type: ignore[call-overload]
    if not isinstance(low, int) or not isinstance(high, int) or high - low > MAX_OF_RANGE * kind.size:
        return ()
    return range(low, high + 1)


def chosen_texts(own: Iterable[Condition], kind: RowFacet) -> Iterator[tuple[str, str | None]]:
    """The texts that conditions on rows of a media name whole."""
    for part in own:
        for has in rows_asked(part):
            for one in has.where.parts if isinstance(has.where, AnyOf) else (has.where,):
                yield from whole_texts(one, kind)


def rows_asked(part: Condition) -> Iterator[Has]:
    """The rows that a media is asked to have."""
    if isinstance(part, Has):
        yield part
    elif isinstance(part, All | AnyOf):
        for one in part.parts:
            yield from rows_asked(one)


def whole_texts(where: Condition, kind: RowFacet) -> Iterator[tuple[str, str | None]]:
    """The texts of one row for which a condition holds; none where it leaves one of them open."""
    listed: dict[str, tuple[Any, ...]] = {}
    for one in where.parts if isinstance(where, All) else (where,):
        if isinstance(one, OneOf):
            listed[one.column] = one.values
    for text in listed.get(f"f.{kind.text}", ()):
        if not kind.detail:
            yield str(text), None
        for detail in listed.get(f"f.{kind.detail}", ()) if kind.detail else ():
            yield str(text), str(detail)
