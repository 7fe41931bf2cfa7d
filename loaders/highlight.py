"""Highlights: the texts of what a search found, with the places of its words. Read only where they are asked for, by
one statement for all that was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from database.row import Row
from database.statement import PlanMode, Statement, with_label
from domain.enums import HighlightField, SearchType
from domain.search_marks import Marker, Wanted
from loaders.core.batch_loader import LoaderGroup, LoaderRef
from loaders.core.read_session import ReadSession
from loaders.sql.statement import Composer

MAX_HIGHLIGHTS = 8  # of one result
MAX_OF_A_FIELD = 3  # of other titles, of names of each noun, and of files
MAX_TEXTS = 20  # of one of these that are looked at
OVERVIEW_READ = 5_000  # letters
STEM = 4  # letters of a word by which texts are chosen in the database, before they are looked at

FoundId: TypeAlias = tuple[SearchType, int]


class Mark(NamedTuple):
    """Where a mark begins, and where it has ended, in code units of UTF-16."""

    start: int
    end: int


class Highlight(NamedTuple):
    """A text, or a part of it, in which words of a search stand."""

    field: HighlightField
    fragment: str
    marks: list[Mark]


# What media have themselves. <found>: their ids.
OWN_TEXTS = f"""SELECT 'MEDIA' AS type, m.id, texts.field, texts.text FROM media m CROSS JOIN LATERAL (VALUES
    ('TITLE', m.title), ('ORIGINAL_TITLE', m.original_title), ('OVERVIEW', left(m.overview, {OVERVIEW_READ}))
    ) AS texts(field, text) WHERE m.id = any(<found>){{visible:m.library_id}} AND texts.text IS NOT NULL"""

# What hangs on media. <stems>: patterns of the words.
RELATED_TEXTS = f"""SELECT 'MEDIA', m.id, '<field>', texts.text FROM media m CROSS JOIN LATERAL (
    SELECT <text> AS text FROM <table> WHERE <link> = m.id AND <folded> LIKE any(<stems>)
    ORDER BY <folded> LIMIT {MAX_TEXTS}) AS texts WHERE m.id = any(<found>){{visible:m.library_id}}"""

# Of a noun that was found, its name.
NAMES = "SELECT '<type>', t.id, 'NAME', t.name FROM <noun> t WHERE t.id = any(<found>)"

# Of one that has other names, those.
OTHER_NAMES = f"""SELECT '<type>', ids.id, 'ALIAS', names.text FROM unnest(<found>) AS ids(id) CROSS JOIN LATERAL (
    SELECT n.folded AS text FROM <noun>_name n WHERE n.<noun>_id = ids.id AND NOT n.is_primary
    AND n.folded LIKE any(<stems>) ORDER BY n.folded LIMIT {MAX_TEXTS}) AS names"""


class RelatedText(NamedTuple):
    """Texts that hang on a media: of which table, by which column, and which columns are shown and compared."""

    field: HighlightField
    table: str
    link: str
    text: str
    folded: str


RELATED = (
    RelatedText(HighlightField.ALIAS, "media_alias a", "a.media_id", "a.title", "a.folded_title"),
    *(
        RelatedText(
            HighlightField[noun.upper()],
            f"media_{noun} j JOIN {noun} t ON t.id = j.{noun}_id",
            "j.media_id",
            "t.name",
            "t.folded_name",
        )
        for noun in ("person", "tag", "genre", "channel", "collection")
    ),
    RelatedText(HighlightField.FILE, "media_file f", "f.media_id", "f.name", "lower(f.name)"),
)
HAVE_OTHER_NAMES = (SearchType.TAG, SearchType.GENRE, SearchType.CHANNEL)


class Highlights(LoaderRef[FoundId, list[Highlight]]):
    """The loader of highlights by what was found, its arguments the query."""

    async def batch(self, reader: ReadSession, keys: list[FoundId], arguments: Wanted) -> list[list[Highlight]]:
        query, read = arguments
        marker = Marker(query, read)
        if not marker.words:
            return [[] for _ in keys]
        found: dict[FoundId, list[Highlight]] = {key: [] for key in keys}
        for type_, id_, field, text in await reader.fetch(*self.compose(reader, keys, marker.words)):
            here = found[SearchType(type_), id_]
            if sum(one.field == field for one in here) < MAX_OF_A_FIELD and (fragment := marker.fragment(text)):
                here.append(Highlight(HighlightField(field), fragment.text, [Mark(*one) for one in fragment.marks]))
        return [ordered(found[key]) for key in keys]

    def compose(
        self, reader: ReadSession, keys: Iterable[FoundId], words: Iterable[str]
    ) -> tuple[Statement[Row], list[object]]:
        """The statement of the texts, and its values."""
        by_type: dict[SearchType, list[int]] = {}
        for type_, id_ in keys:
            by_type.setdefault(type_, []).append(id_)
        composer = Composer(reader, Row)
        parts = [
            " UNION ALL ".join(map("({})".format, texts_of(type_))).replace(
                "<found>", f"{composer.parameter(ids)}::bigint[]"
            )
            for type_, ids in sorted(by_type.items())
        ]
        text = f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS texts(type, id, field, text)"
        if "<stems>" in text:
            stems = composer.parameter(sorted(set(map(pattern, words))))
            text = text.replace("<stems>", f"{stems}::text[]")
        text += ' ORDER BY type, id, field, text COLLATE "C"'
        text = with_label(self.name, composer.finish(text))
        return Statement(self.name, text, Row, PlanMode.GENERIC, many=True), composer.values


def texts_of(type_: SearchType) -> Iterator[str]:
    """The SELECTs of the texts of what was found of a type."""
    if type_ == SearchType.MEDIA:
        yield OWN_TEXTS
        for one in RELATED:
            text = RELATED_TEXTS.replace("<table>", one.table).replace("<link>", one.link)
            yield text.replace("<field>", one.field).replace("<text>", one.text).replace("<folded>", one.folded)
        return
    named = [NAMES, OTHER_NAMES] if type_ in HAVE_OTHER_NAMES else [NAMES]
    yield from (text.replace("<type>", type_).replace("<noun>", type_.lower()) for text in named)


def pattern(word: str) -> str:
    """For LIKE: what has the beginning of a word. "spiderman" and "spider-man" have the same one."""
    escaped = word[:STEM].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def ordered(found: list[Highlight]) -> list[Highlight]:
    """Those that count most."""
    places = list(HighlightField)
    return sorted(found, key=lambda one: places.index(one.field))[:MAX_HIGHLIGHTS]


class HighlightLoaders(LoaderGroup):
    """Loaders of highlights."""

    highlights_by_found_id = Highlights()
