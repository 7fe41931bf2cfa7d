"""What is typed into a search box, as data: words, phrases, excluded words, and field words. docs/search.md says what
people may write.

Nothing that is typed is an error but what is too long, or cannot be stored: a quotation mark without its partner, an
operator with nothing behind it, and a field word that says nothing are words, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

from domain.bounds import TITLE_LETTERS
from domain.enums import MediaKind
from domain.errors import CatalogError, Code
from domain.search_words import search_words, words_of
from domain.text import check_foldable, folded, is_of_word, storable

MAX_QUERY_LETTERS = TITLE_LETTERS  # the longest title can be searched for
MAX_QUERY_BYTES = 2_000  # folded
MAX_QUERY_WORDS = 100

# An item of a query: -, a field and a colon, all optional, and a phrase in quotation marks or what stands without a
# blank.
ITEM = re.compile(r'(?P<minus>-?)(?:(?P<field>[a-z]+):)?(?:"(?P<phrase>[^"]*)"|(?P<plain>[^ ]+)) *')
YEARS = re.compile(r"(?P<min>[0-9]{4})?(?P<range>\.\.)?(?P<max>[0-9]{4})?")

FieldName: TypeAlias = Literal["year", "kind", "genre", "tag", "person", "channel"]
NAMED_FIELDS = ("genre", "tag", "person", "channel")
KINDS_BY_WORD = {kind.value.lower(): kind for kind in MediaKind}


@dataclass(frozen=True, slots=True)
class Term:
    """What has to be there. `words`: one, or those of a "phrase", in order and adjacent, or the parts of what was
    written joined (spider-man).

    is_prefix: the last word may go on; is_excluded: it must not be there."""

    words: tuple[str, ...]
    is_phrase: bool = False
    is_prefix: bool = False
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class FieldWord:
    """A condition on media, such as genre:noir. `value`: folded; of `year` two years with .. between, either of which
    may be missing, or one alone."""

    name: FieldName
    value: str
    is_excluded: bool = False

    @property
    def years(self) -> tuple[int | None, int | None]:
        """The first and the last one, both included."""
        found = YEARS.fullmatch(self.value)
        assert found is not None
        least, most = (None if year is None else int(year) for year in (found["min"], found["max"]))
        if found["range"] is None:
            return least, least
        return (most, least) if least is not None and most is not None and most < least else (least, most)

    @property
    def kind(self) -> MediaKind:
        return KINDS_BY_WORD[self.value]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """All `terms` must match, the excluded ones must not. `text`: the words of those that must, joined by blanks, to be
    compared with whole titles; `fields`: the conditions on media."""

    terms: tuple[Term, ...] = ()
    text: str = ""
    fields: tuple[FieldWord, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.terms and not self.fields


def parse_query(text: str) -> SearchQuery:
    """What a text asks for; BAD_ARGUMENT for one that is too long or cannot be stored."""
    plain = checked_query(text)
    terms: list[Term] = []
    fields: list[FieldWord] = []
    for item in ITEM.finditer(plain):
        field = field_word(item)
        if field is not None:
            fields.append(field)
        elif (term := term_of(item)) is not None:
            terms.append(replace(term, is_prefix=goes_on(text, plain, item)))
    if (count := sum(len(term.words) for term in terms) + len(fields)) > MAX_QUERY_WORDS:
        raise too_long(f"{MAX_QUERY_WORDS} words, not {count}")
    if not fields and all(term.is_excluded for term in terms):
        # There is nothing to exclude from: operators are words, and so are signs where there is nothing else.
        terms = [replace(term, is_excluded=False) for term in terms] or [Term((sign,)) for sign in search_words(plain)]
    return SearchQuery(tuple(terms), " ".join(included(terms)), tuple(fields))


def included(terms: Iterable[Term]) -> Iterator[str]:
    """The words that must be there."""
    return (word for term in terms if not term.is_excluded for word in term.words)


def checked_query(text: str) -> str:
    """The folded text; BAD_ARGUMENT for one that is too long, or cannot be stored."""
    if len(text) > MAX_QUERY_LETTERS:  # before it is folded, which takes time for every letter
        raise too_long(f"{MAX_QUERY_LETTERS} letters, not {len(text)}")
    if not storable(text):
        raise CatalogError(Code.BAD_ARGUMENT, "Text cannot contain U+0000 or half of a surrogate pair.")
    check_foldable(text)
    plain = folded(text)  # empty where nothing is shown
    if len(plain.encode()) > MAX_QUERY_BYTES:
        raise too_long(f"{MAX_QUERY_BYTES} bytes")
    return plain


def too_long(most: str) -> CatalogError:
    """The error for a text that is longer than that."""
    return CatalogError(Code.BAD_ARGUMENT, f"A search has at most {most}.")


def field_word(item: re.Match[str]) -> FieldWord | None:
    """The condition of an item, None where it is none."""
    name, value = item["field"], item["phrase"] if item["phrase"] is not None else item["plain"]
    if name in NAMED_FIELDS:
        # A quotation mark without its partner makes it words.
        says = bool(words_of(value)) and not value.startswith('"')
    elif name == "year":
        says = value != ".." and is_years(value)
    else:
        says = name == "kind" and value in KINDS_BY_WORD
    return FieldWord(cast(FieldName, name), value.strip(), bool(item["minus"])) if says else None


def is_years(value: str) -> bool:
    """Whether it is a year, or a range of years."""
    found = YEARS.fullmatch(value)
    return found is not None and bool(found["min"] or found["max"]) and (found["max"] is None or bool(found["range"]))


def term_of(item: re.Match[str]) -> Term | None:
    """The words of an item that is no condition, None where it has none."""
    written = item[0].removeprefix(item["minus"])
    words = tuple(words_of(written))
    is_phrase = item["phrase"] is not None and item["field"] is None
    return Term(words, is_phrase=is_phrase and len(words) > 1, is_excluded=bool(item["minus"])) if words else None


def goes_on(text: str, plain: str, item: re.Match[str]) -> bool:
    """Whether whoever types may be within the last word of an item: it is the end of the text, and no sign is.

    An apostrophe may stand within a word."""
    is_last = item.end() == len(plain) and item["phrase"] is None and not item["minus"]
    return is_last and not text[-1].isspace() and (is_of_word(plain[-1]) or plain[-1] == "'")
