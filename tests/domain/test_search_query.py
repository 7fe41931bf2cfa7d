"""What may be typed into a search box, and what it means."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.enums import MediaKind
from domain.errors import CatalogError
from domain.search_query import (
    MAX_QUERY_BYTES,
    MAX_QUERY_LETTERS,
    MAX_QUERY_WORDS,
    FieldWord,
    SearchQuery,
    Term,
    parse_query,
)
from domain.text import fold


def word(text: str, *, prefix: bool = False, excluded: bool = False) -> Term:
    return Term((text,), is_prefix=prefix, is_excluded=excluded)


TERMS = [
    ("", ()),
    (" \t\n", ()),
    ("heat", (word("heat", prefix=True),)),
    ("The GODF", (word("the"), word("godf", prefix=True))),
    ("godf ", (word("godf"),)),
    ("godf\u00a0", (word("godf"),)),
    ("Help!", (word("help"),)),
    ("don'", (word("don", prefix=True),)),
    ("Don’t look", (word("dont"), word("look", prefix=True))),
    ("Spider-Man", (Term(("spider", "man"), is_prefix=True),)),
    ("E.T.", (Term(("e", "t")),)),
    ("七人", (Term(("七", "人"), is_prefix=True),)),
    ("Romeo & Juliet ", (word("romeo"), word("and"), word("juliet"))),
    ("9 1/2 weeks ", (word("9"), Term(("1", "2")), word("weeks"))),
    # Phrases.
    ('"lord of the" rin', (Term(("lord", "of", "the"), is_phrase=True), word("rin", prefix=True))),
    ('"lord of"', (Term(("lord", "of"), is_phrase=True),)),
    ("“lord of”", (Term(("lord", "of"), is_phrase=True),)),
    ("「七人」", (Term(("七", "人"), is_phrase=True),)),
    ('"lord"', (word("lord"),)),
    ('"lord of"rings ', (Term(("lord", "of"), is_phrase=True), word("rings"))),
    ('"" heat', (word("heat", prefix=True),)),
    # Quotation marks without a partner, or within a word.
    ('"lord of', (word("lord"), word("of", prefix=True))),
    ('lord" of ', (word("lord"), word("of"))),
    ('5"6 ', (Term(("5", "6")),)),
    # Without.
    ("star -wars", (word("star"), word("wars", excluded=True))),
    ("star －wars", (word("star"), word("wars", excluded=True))),
    ('-"star wars" trek', (Term(("star", "wars"), is_phrase=True, is_excluded=True), word("trek", prefix=True))),
    ("star -spider-man", (word("star"), Term(("spider", "man"), is_excluded=True))),
    # Operators that have nothing to work on.
    ("star - wars ", (word("star"), word("wars"))),
    ("Mission: Impossible ", (word("mission"), word("impossible"))),
    ("-wars", (word("wars"),)),
    ("-30-", (word("30"),)),
    ("star -", (word("star"),)),
    ('star "', (word("star"),)),
    ("-", (word("-"),)),
    ('"', (word('"'),)),
    ("?! ...", (word("?!"), word("..."))),
    ("❤", (word("❤", prefix=True),)),
    # Field words that say nothing.
    ("year:", (word("year"),)),
    ("year:..", (word("year"),)),
    ("year:99 ", (Term(("year", "99")),)),
    ("year:nineteen ", (Term(("year", "nineteen")),)),
    ("year:1990...1999 ", (Term(("year", "1990", "1999")),)),
    ("year:19901999 ", (Term(("year", "19901999")),)),
    ("kind:opera ", (Term(("kind", "opera")),)),
    ("colour:red ", (Term(("colour", "red")),)),
    ("genre:?", (word("genre"),)),
    ('genre:""', (word("genre"),)),
    ('person:"tom hanks', (Term(("person", "tom")), word("hanks", prefix=True))),
]

FIELDS = [
    ("year:1999", (FieldWord("year", "1999"),)),
    ("Year：1999", (FieldWord("year", "1999"),)),
    ('year:"1999"', (FieldWord("year", "1999"),)),
    ("year:1990..1999", (FieldWord("year", "1990..1999"),)),
    ("year:..1999", (FieldWord("year", "..1999"),)),
    ("year:1990..", (FieldWord("year", "1990.."),)),
    ("kind:movie", (FieldWord("kind", "movie"),)),
    ("KIND:Movie", (FieldWord("kind", "movie"),)),
    ("-kind:movie", (FieldWord("kind", "movie", is_excluded=True),)),
    ("genre:Noir", (FieldWord("genre", "noir"),)),
    ('genre:"Film Noir"', (FieldWord("genre", "film noir"),)),
    ("genre:sci-fi", (FieldWord("genre", "sci-fi"),)),
    ('person:"Amélie Poulain " tag:x', (FieldWord("person", "amelie poulain"), FieldWord("tag", "x"))),
    ("channel:BBC", (FieldWord("channel", "bbc"),)),
]


@pytest.mark.parametrize(("text", "terms"), TERMS, ids=[text for text, _ in TERMS])
def test_words_phrases_and_excluded_ones_are_read(text: str, terms: tuple[Term, ...]) -> None:
    query = parse_query(text)

    assert (query.terms, query.fields) == (terms, ())


@pytest.mark.parametrize(("text", "fields"), FIELDS, ids=[text for text, _ in FIELDS])
def test_field_words_are_conditions(text: str, fields: tuple[FieldWord, ...]) -> None:
    assert parse_query(text).fields == fields
    assert parse_query(text).terms == ()
    beside = parse_query(f"one {text} -two")
    assert beside.fields == fields
    assert beside.terms == (word("one"), word("two", excluded=True))


def test_what_is_compared_with_whole_titles_are_the_words_that_must_be_there() -> None:
    assert parse_query('The "Spider Man" -2 year:2002').text == "the spider man"
    assert parse_query("-wars").text == "wars"
    assert parse_query("-wars year:1977").text == ""


def test_where_only_fields_are_asked_for_words_are_still_excluded() -> None:
    query = parse_query("year:1977 -wars")

    assert query.terms == (word("wars", excluded=True),)
    assert not query.is_empty
    assert parse_query(" ").is_empty


def test_years_have_a_first_and_a_last_one() -> None:
    expected = {
        "1999": (1999, 1999),
        "1990..1999": (1990, 1999),
        "..1999": (None, 1999),
        "1990..": (1990, None),
        "1999..1990": (1990, 1999),
    }

    assert {value: FieldWord("year", value).years for value in expected} == expected


def test_every_kind_of_media_can_be_named() -> None:
    assert [parse_query(f"kind:{kind.value.lower()}").fields[0].kind for kind in MediaKind] == list(MediaKind)


REFUSED = [
    "a" * (MAX_QUERY_LETTERS + 1),
    "w " * (MAX_QUERY_WORDS + 1),
    "-w " * (MAX_QUERY_WORDS + 1),
    "一" * (MAX_QUERY_WORDS + 1),
    "tag:w " * 60 + "w-" * 41,
    "\ufdfa" * 300,
    "\u337f" * 400,
    "null \0 byte",
    "half \ud800",
    "half \udfff",
    " " * 10_000,
    '"' * 10_000,
]


@pytest.mark.parametrize("text", REFUSED, ids=[repr(text[:12]) for text in REFUSED])
def test_what_is_too_long_or_cannot_be_stored_is_refused_with_a_code(text: str) -> None:
    with pytest.raises(CatalogError) as refused:
        parse_query(text)

    assert refused.value.extensions == {"code": "BAD_ARGUMENT"}


def test_the_longest_query_is_read() -> None:
    assert len(parse_query("w " * MAX_QUERY_WORDS).terms) == MAX_QUERY_WORDS
    assert parse_query("a" * MAX_QUERY_LETTERS).terms[0].is_prefix


OPERATORS = st.sampled_from([*"\"-:& .+'", "..", "year:", "kind:", "genre:", 'person:"', "1999", "-"])
QUERIES = st.lists(st.one_of(st.text(max_size=8), OPERATORS), max_size=20).map("".join)


def read(text: str) -> SearchQuery | None:
    """The query, None where it is refused with a code."""
    try:
        return parse_query(text)
    except CatalogError as error:
        if error.extensions["code"] == "BAD_ARGUMENT":
            return None
        raise


@given(QUERIES)
def test_any_text_is_read_or_refused_with_a_code(text: str) -> None:
    query = read(text) or SearchQuery()

    words = [word for term in query.terms for word in term.words]
    assert all(words)
    assert len(words) <= MAX_QUERY_WORDS
    assert len(query.text.encode()) <= 2 * MAX_QUERY_BYTES
    assert sum(term.is_prefix for term in query.terms) <= 1
    for field in query.fields:
        assert field.value
        assert field.name != "kind" or field.kind
        assert field.name != "year" or any(year is not None for year in field.years)


@given(QUERIES)
def test_blanks_around_a_query_do_not_matter_but_to_the_last_word(text: str) -> None:
    query, within = read(text), read(f"  {text}  ")

    if query is not None and within is not None:
        assert within.terms == tuple(replace(term, is_prefix=False) for term in query.terms)
        assert within.fields == query.fields


@given(st.text(max_size=100))
def test_what_stands_in_quotation_marks_is_one_phrase(text: str) -> None:
    query = read(f'"{fold(text).replace(chr(34), " ")}"')

    assert query is None or len(query.terms) <= 1 or not any(letter.isalnum() for letter in text)
