"""All media that a search finds, as a condition: what facets and counts of a search are counted within."""

from __future__ import annotations

from dataclasses import dataclass, field

from loaders.search.beside_sql import by_names, other_titles, rest, whole_other_titles
from loaders.search.corrected_sql import Corrected, corrected_titles
from loaders.search.lookup import Lookup
from loaders.search.title_sql import Titles
from loaders.search.words import KnownWords
from loaders.sql.source import NoFilter
from loaders.sql.statement import Composer


@dataclass(frozen=True, slots=True)
class SearchFound:
    """That media m is among those that a page of the search is taken from.

    Where very many titles match these alone are meant, as in pages. `known`: what the page knew of the words."""

    lookup: Lookup
    known: KnownWords = field(compare=False, repr=False)

    def sql(self, composer: Composer) -> str:
        titles = Titles(self.lookup, NoFilter(), composer, self.known.is_walked)
        composer.checks += 1
        if self.lookup.is_empty:
            return titles.matcher().by_text("m.title_words")
        if self.known.is_walked(self.lookup):
            called = f"SELECT id FROM ({whole_other_titles(titles)}) AS called"
            return f"({titles.matched} OR m.id = any(ARRAY({called})))"
        parts = [other_titles(titles), by_names(titles), rest(titles)]
        if self.known.near:
            parts.append(corrected_titles(titles, Corrected(self.lookup, self.known.near, composer)))
        ids = " UNION ".join(f"SELECT id FROM ({part}) AS part_{place}" for place, part in enumerate(parts))
        # An array, so that an index of ids serves beside that of words.
        return f"({titles.matched} OR m.id = any(ARRAY({ids})))"
