"""Conditions on ids of named things, given by id, by name or alias, or by what their names are like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.memberships import BY_NOUN
from loaders.sql.condition import All, Condition, Like, OneOf, StartsWith, any_of
from loaders.sql.lexeme import quoted_lexeme
from loaders.sql.statement import Composer


@dataclass(frozen=True, slots=True)
class NameTable:
    """Where folded names are looked up: table with alias `n`, SQL of the name and of the id that it names.

    `unique`: no two things have one name. `above`: the table with the parents of each, if there are any. `merges`:
    some may have been merged, so that their ids stand for others (migrations/0065_merged_id.sql)."""

    noun: str
    table: str
    folded: str
    id: str
    unique: bool = True
    above: str | None = None
    merges: bool = False

    def current_id(self, id: str) -> str:
        """SQL of an id as it is meant today."""
        return f"current_{self.noun}_id({id})" if self.merges else id

    def current_ids(self, ids: str) -> str:
        """SQL of an array of ids with what they mean today."""
        return f"current_{self.noun}_ids({ids})" if self.merges else ids


def names_of(noun: str) -> NameTable:
    """The names and aliases of a noun that media carry, in table <noun>_name."""
    above = f"{noun}_parent" if BY_NOUN[noun].is_tree else None
    return NameTable(noun, f"{noun}_name n", "n.folded", f"n.{noun}_id", above=above, merges=True)


def own_names(noun: str, *, unique: bool = True, merges: bool = False) -> NameTable:
    """The names of a noun that has no aliases. `unique`: whether no two have the same; `merges`: see NameTable."""
    return NameTable(noun, f"{noun} n", "n.folded_name", "n.id", unique=unique, merges=merges)


# Shorter texts are in so many names that looking for each id in an array took minutes: those are joined.
SHORTEST_RARE = 3
BROAD_CHECKS = 5


def is_broad(like: Condition) -> bool:
    """Whether a condition on a name holds for very many of them."""
    parts = like.parts if isinstance(like, All) else (like,)
    return all(isinstance(part, Like | StartsWith) and len(part.text) < SHORTEST_RARE for part in parts)


@dataclass(frozen=True, slots=True)
class HasNameWords:
    """That a name has all of these words, as search reads them. `column`: of the folded name."""

    column: str
    words: tuple[str, ...]

    def sql(self, composer: Composer) -> str:
        query = composer.parameter(" & ".join(map(quoted_lexeme, self.words)))
        return f"array_to_tsvector(string_to_array(search_words({self.column}), ' ')) @@ {query}::tsquery"


def named_with_words(column: str, names: NameTable, words: Iterable[str]) -> NamedCondition:
    """That a column has the id of a thing of which a name has all of these words."""
    return NamedCondition(column, names, like=(HasNameWords(names.folded, tuple(sorted(set(words)))),))


@dataclass(frozen=True, slots=True)
class NamedCondition:
    """That a column has one of these ids, or one of a thing with one of these names or for whose names one of these
    conditions holds. `below`: or that of a thing below such a one. All sorted; at least one is given."""

    column: str
    names: NameTable
    ids: tuple[int, ...] = ()
    folded_names: tuple[str, ...] = ()
    like: tuple[Condition, ...] = ()
    below: bool = False

    @property
    def is_one(self) -> bool:
        """Whether it is one thing at most."""
        unique = self.names.unique or not self.folded_names
        return unique and not self.like and not self.below and len(self.ids) + len(self.folded_names) == 1

    def sql(self, composer: Composer) -> str:
        if self.is_one and self.ids:
            return f"{self.column} = {self.names.current_id(f'{composer.parameter(self.ids[0])}::bigint')}"
        if self.is_one:
            return f"{self.column} = ({self.lookup(composer)})"
        if any(map(is_broad, self.like)):
            composer.checks += BROAD_CHECKS
        if not self.ids and not self.below and any(map(is_broad, self.like)):
            return f"{self.column} IN ({self.lookup(composer)})"
        return f"{self.column} = any({self.array(composer)})"

    def lookup(self, composer: Composer) -> str:
        """Ids by name; the sub-select depends on nothing, so it runs once a statement."""
        names = [OneOf(self.names.folded, self.folded_names)] if self.folded_names else []
        found = any_of([*names, *self.like]).sql(composer)
        return f"SELECT {self.names.id} FROM {self.names.table} WHERE {found}"

    def array(self, composer: Composer) -> str:
        """All the ids."""
        parts = [self.names.current_ids(f"{composer.parameter(self.ids)}::bigint[]")] if self.ids else []
        if self.folded_names or self.like:
            parts.append(f"ARRAY({self.lookup(composer)})")
        found = " || ".join(parts)
        if not self.below:
            return found
        return (
            f"ARRAY(WITH RECURSIVE below(id) AS (SELECT unnest({found}) UNION SELECT t.tag_id FROM below b"
            f" JOIN {self.names.above} t ON t.parent_id = b.id) SELECT b.id FROM below b)"
        )
