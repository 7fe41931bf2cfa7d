"""Visibility: for a viewer, a hidden library and all its media might as well be deleted.

The oracle is just that: every operation is answered for a viewer who may not see a library, then the library is
deleted, and the same operation must have the same answer for a viewer who may see everything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLObjectType,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_object_type,
    is_union_type,
)

from app.service.graphql_service import GRAPHQL_SCHEMA
from domain.enums import SearchType
from domain.memberships import MEMBERSHIPS
from domain.viewer import UNRESTRICTED, Viewer
from loaders.core.batch_loader import Many, One
from loaders.core.read_session import ReadSession
from loaders.highlight import Highlights
from loaders.search.finding import SearchCounts, SearchPages
from loaders.search.lookup import lookup_of
from loaders.search.position import GATHERED, WALKED, HitPosition
from loaders.search.words import KnownWords
from loaders.sql.count import Counts
from loaders.sql.count_mode import CountArguments, CountMode
from loaders.sql.facet import FacetArguments, FacetField
from loaders.sql.facets import Facets
from loaders.sql.measured_count import MeasuredCounts
from loaders.sql.named import OneByName
from loaders.sql.page import Pages
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter, OrderBy
from schema.core.node import NODE_TYPES
from tests.loaders.test_contract import DECLARED, FINDING, LISTED, SilentDatabase
from tests.support.api import Api
from tests.support.catalogue import add_catalogue
from tests.support.derived import settle
from tests.support.full_filter import FULL
from tests.support.samples import add_samples

VISIBLE = (1, 3)
ENTITIES = {type_.name: prefix for prefix, type_ in NODE_TYPES.items()}
MOST = 100  # ids are asked for up to this number, whether they are there or not
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
TABLES = re.findall(
    r"CREATE TABLE (\w+) \((.+?)\n\);", "".join(map(Path.read_text, MIGRATIONS.glob("*.sql"))), re.DOTALL
)
# Settings are read whole, to be kept for all viewers; each is told what holds for them (tests/nouns/test_setting.py).
# Where imports come from is read by imports alone.
UNSCOPED = {"setting", "import_source"}
SCOPED = {"library"} | {name for name, columns in TABLES if "    library_id bigint" in columns} - UNSCOPED
# What edits answer, and changes, of which a deletion leaves a tombstone: tests/nouns/test_media_change.py has these.
# What outside services say is of no library; tests/schema/test_metadata.py looks at the media beside it.
OUTSIDE = ("_service", "changes", "providerCache", "lookup")
NOT_READ = re.compile(
    r"_|Mutation$|Subscription$|EditError$|.*Payload$|MediaChange|Upsert|TaxonomyConflict|TaxonomyExample"
    r"|ProviderCache|MetadataCandidate|KnownId"
)
# Arguments that root lists cannot do without.
REQUIRED = {"mediaNeedingProcess": ', process: "tagger", olderThan: "2024-01-01T07:00Z"'}
ROOTS: Any = GRAPHQL_SCHEMA.query_type.fields  # type: ignore[union-attr]


FACETS_ASKED = f"of: [{', '.join(FacetField)}], first: 5"
FACET_VALUES = """count label isChosen value { __typename ... on Genre { id name } ... on Tag { id name }
... on Channel { id name } ... on FacetYear { year } ... on FacetDecade { firstYear lastYear } ... on FacetKind { kind }
... on FacetCategory { name value } ... on FacetLanguage { language } ... on FacetRating { min max } }"""


def selection(type_: GraphQLObjectType, depth: int) -> str:
    """Every field of a type, objects within objects as deep as asked."""
    parts = ["__typename"]
    for name, field in type_.fields.items():
        below = get_named_type(field.type)
        if is_leaf_type(below):
            parts.append(name)
        elif is_object_type(below) and depth > 0:
            nested = name in ("pageInfo", "nodes", "edges", "node")
            size = "(first: 5)" if "first" in field.args else ""
            size = f"({FACETS_ASKED})" if name == "facets" else size
            parts.append(f"{name}{size} {{ {selection(below, depth - (not nested))} }}")
        elif is_union_type(below) and depth > 0:
            # What has an id is read in full by it; fields of one name need not fit together.
            each = " ".join(
                f"... on {one.name} {{ {'id' if 'id' in one.fields else selection(one, 0)} }}" for one in below.types
            )
            parts.append(f"{name} {{ __typename {each} }}")
    return " ".join(parts)


def everything_by_id(type_: str) -> dict[str, str]:
    """Operations that read all objects of a type by their ids, with all that hangs on them."""
    object_type: Any = GRAPHQL_SCHEMA.type_map[type_]
    numbers = [f"{ENTITIES[type_]}_{number}" for number in range(1, MOST + 1)]
    whole = selection(object_type, 2)
    short = selection(object_type, 0)
    root = next(name for name, field in ROOTS.items() if field.type is object_type and "id" in field.args)
    listed = ", ".join(f'"{number}"' for number in numbers)
    represented = ", ".join(f'{{__typename: "{type_}", id: "{number}"}}' for number in numbers)
    return {
        f"{type_} node": " ".join(
            f'n{at}: node(id: "{id}") {{ ... on {type_} {{ {short} }} }}' for at, id in enumerate(numbers)
        ),
        f"{type_} nodes": f"nodes(ids: [{listed}]) {{ ... on {type_} {{ {whole} }} }}",
        f"{type_} root": " ".join(f'n{at}: {root}(id: "{id}") {{ {short} }}' for at, id in enumerate(numbers)),
        f"{type_} entities": f"_entities(representations: [{represented}]) {{ ... on {type_} {{ {whole} }} }}",
    }


def pages() -> dict[str, str]:
    """Operations that read every connection, whole and filtered and ordered, at the root and nested."""
    found = {}
    media = [
        'filter: {title: "a"}',
        "filter: {year: {min: 1999}}",
        'filter: {library: ["library_2", "library_1"]}',
        'filter: {tags: {any: [{name: "noir"}]}, genres: {none: [{id: "genre_2"}]}}',
        *(f"orderBy: [{{field: {field}}}]" for field in ("TITLE", "YEAR", "RATING", "ADDED_AT")),
        "orderBy: [{field: YEAR}, {field: TITLE, direction: DESC}]",
        "orderBy: [{field: RANDOM, seed: 3}]",
        'filter: {search: "zebra"}, orderBy: [{field: RELEVANCE, direction: DESC}]',
        'filter: {genres: {any: [{name: "noir"}]}}, orderBy: [{field: RATING}]',
        'filter: {not: {or: [{people: {any: [{name: "mm"}]}}, {artwork: {missing: true}}, {tags: {count: {max: 1}}}]}}',
        'filter: {or: [{credits: {all: [{roles: [ACTOR]}]}}, {tags: {none: [{matching: {contains: "m"}}]}}]}',
    ]
    names = ['filter: {contains: "m"}', *(f"orderBy: [{{field: {field}}}]" for field in ("NAME", "MEDIA_COUNT"))]
    page = "totalCount edges { cursor } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    lists = (*(one.plural for one in MEMBERSHIPS), "people", "libraries")
    facets = " ".join(
        f"f{multi}: facets({FACETS_ASKED}, multi: {multi}) {{ field values {{ {FACET_VALUES} }} }}"
        for multi in ("true", "false")
    )
    counts = " ".join(f"c{mode}: count(mode: {mode}) {{ value precision error }}" for mode in CountMode)
    for rest in ("", *media[:4], *media[-2:]):
        found[f"media facets {rest}"] = f"media(first: 0, {rest}) {{ {facets} {counts} }}"
        for name in lists if rest in ("", media[3]) else ():
            found[f"{name} media facets {rest}"] = (
                f"{name}(first: 100) {{ nodes {{ media(first: 0, {rest}) {{ {facets} {counts} }} }} }}"
            )
    for size in ("first: 7", "last: 7", "first: 100"):
        for rest in ("", *media):
            found[f"media {size} {rest}"] = f"media({size}, {rest}) {{ {page} }}"
            for name in lists:
                nested = f"media({size}, {rest}) {{ {page} }}"
                found[f"{name} media {size} {rest}"] = f"{name}(first: 100) {{ nodes {{ {nested} }} }}"
        for rest in ("", *names):
            for name in lists:
                found[f"{name} {size} {rest}"] = f"{name}({size}, {rest}) {{ {page} }}"
        for rest in ("", "roles: [ACTOR]"):
            for name in ("people", "media"):
                nested = f"credits({size}, {rest}) {{ {page} nodes {{ media {{ title }} }} }}"
                found[f"{name} credits {size} {rest}"] = f"{name}(first: 100) {{ nodes {{ {nested} }} }}"
    connections = [
        name
        for name, field in ROOTS.items()
        if get_named_type(field.type).name.endswith("Connection") and name not in ("changes", "search")
    ]
    for name in connections:
        below: Any = get_named_type(get_named_type(ROOTS[name].type).fields["nodes"].type)
        needed = REQUIRED.get(name, "")
        found[f"{name} in full"] = f"{name}(first: 50{needed}) {{ {page} nodes {{ {selection(below, 2)} }} }}"
    external = [
        f'{name[0]}{number}: {name}(source: "{source}", value: "{number}") {{ id }}'
        for name, source, most in (("mediaByExternalId", "demo", 90), ("personByExternalId", "imdb", 9))
        for number in range(1, most + 1)
    ]
    for name, rest in (
        ("thumbnails", "state: [READY]"),
        ("artwork", "state: [WANTED], type: [POSTER, BACKDROP]"),
        ("subtitles", 'language: ["en"]'),
    ):
        found[f"{name} {rest}"] = f"{name}(first: 7, {rest}) {{ {page} }}"
    return {**found, "external ids": " ".join(external), **by_many_keys(), **by_words()}


def by_words() -> dict[str, str]:
    """Operations that search and suggest, for words that many and few things have."""
    found: Any = GRAPHQL_SCHEMA.type_map["SearchConnection"]
    suggestion: Any = GRAPHQL_SCHEMA.type_map["Suggestion"]
    counts = " ".join(f"c{mode}: count(mode: {mode}) {{ value precision error }}" for mode in CountMode)
    queries = ("", "a", "zebra", "noir", "m", "t", "mm 1", "movie a", "year:1990..2010", "genre:noir", "-noir m")
    asked = {}
    for number, query in enumerate(queries):
        text = json.dumps(query)
        asked[f"search {query}"] = f"search(query: {text}, first: 50) {{ {selection(found, 2)} {counts} }}"
        asked[f"suggest {query}"] = f"suggest(prefix: {text}, first: 50) {{ {selection(suggestion, 1)} }}"
        filtered = "filter: {year: {min: 1}}"
        asked[f"search {number} {filtered}"] = (
            f"search(query: {text}, {filtered}) {{ edges {{ cursor score }} {counts} }}"
        )
    return asked


def by_many_keys() -> dict[str, str]:
    """Operations that read media by lists of keys, and settings of libraries that are there, hidden or not at all."""
    ids = ", ".join(f'"media_{number}"' for number in range(1, MOST + 1))
    paths = ", ".join(f'"/library/{number}/{number}.mkv"' for number in range(1, MOST + 1))
    setting: Any = GRAPHQL_SCHEMA.type_map["Setting"]
    return {
        "media by ids": f"mediaByIds(ids: [{ids}]) {{ id title }}",
        "clips by ids": f"clipsByIds(ids: [{ids}]) {{ id sourceUrl }}",
        "media by paths": f"mediaByPaths(paths: [{paths}]) {{ id title }}",
        "settings": " ".join(
            f's{number}: settings(library: "library_{number}") {{ {selection(setting, 0)} }}' for number in range(1, 7)
        ),
        "setting": 'setting(key: "retag.after_days", library: "library_2") { value scope }',
    }


def operations() -> dict[str, str]:
    found = pages()
    for type_ in ENTITIES:
        found.update(everything_by_id(type_))
    return found


@pytest.mark.parametrize("visible", [VISIBLE, ()])
async def test_a_hidden_library_might_as_well_be_deleted(api: Api, connection: Any, visible: tuple[int, ...]) -> None:
    await add_catalogue(connection)
    await add_samples(connection)
    api.service.limits = unlimited(api)
    viewer = Viewer(libraries=visible)
    asked = operations()
    scoped = {name: (await api.answer(f"{{ {text} }}", viewer)).body for name, text in asked.items()}

    # A release outlives its media and is everybody's then: the oracle has none of hidden media.
    for table in ("release", "media"):
        await connection.execute(f"DELETE FROM {table} WHERE library_id IS NOT NULL AND library_id <> all($1)", visible)
    await connection.execute("DELETE FROM library WHERE id <> all($1)", visible)
    await settle(connection)
    await api.service.setting_cache.invalidate()
    for name, text in asked.items():
        # Who may see everything is suggested names without media as well.
        body = (await api.answer(f"{{ {text} }}", viewer if name.startswith("suggest ") else UNRESTRICTED)).body
        assert body.get("errors") is None, (name, body["errors"][0])
        assert scoped[name] == body, name


def unlimited(api: Api) -> Any:
    """Limits that let every operation here through."""
    limits = type(api.service.limits)(nodes=10**9, aliases=10**6, fields=10**6, tokens=10**6)
    api.service.documents._limits = limits
    return limits


def test_the_operations_reach_every_type_and_every_field() -> None:
    text = " ".join(operations().values())

    for type_ in GRAPHQL_SCHEMA.type_map.values():
        if (is_object_type(type_) or is_interface_type(type_)) and not NOT_READ.match(type_.name):
            for name in type_.fields:
                assert re.search(rf"\b{name}\b", text) or name in ("_service", "changes", *OUTSIDE), (
                    f"{type_.name}.{name}"
                )


def statements(reader: ReadSession) -> Iterator[tuple[str, str]]:
    """Name and text of every statement that loaders can send for a reader, a filter of everything among them."""
    for name, ref in DECLARED.items():
        if isinstance(ref, One | OneByName | Many):
            yield name, ref.statement.compose(name, reader, [])[0].text
            continue
        if name in FINDING:
            yield from statements_that_find(name, reader)
            continue
        assert isinstance(ref, LISTED)
        for filter in (NoFilter(), *FULL) if ref.source.alias == "m" else (NoFilter(),):
            if isinstance(ref, Facets):
                for of in FacetField:
                    yield name, ref.compose(reader, FacetArguments(filter, (of,), 3, multi=False), [1])[0].text
                yield name, ref.compose(reader, FacetArguments(filter, tuple(FacetField), 3, multi=True), [1])[0].text
                continue
            if isinstance(ref, MeasuredCounts):
                for mode in CountMode:
                    yield name, ref.compose(reader, CountArguments(filter, mode, 5), [1])[0].text
                continue
            if isinstance(ref, Counts):
                yield name, ref.compose(reader, filter, [1])[0].text
                continue
            for order in ((), *((OrderBy(field),) for field in ref.source.sort)):
                yield name, ref.compose(reader, PageArguments(5, False, filter, order, None, None), [1])[0].text


def statements_that_find(name: str, reader: ReadSession) -> Iterator[tuple[str, str]]:
    """Those of search and suggestions, with everything that they look at."""
    ref, arguments = DECLARED[name], FINDING[name][0]
    if isinstance(ref, SearchPages | SearchCounts):
        known = KnownWords({"a": 1.0}, 1, {"a": [(1, "b")]})
        for filter in (None, *FULL):
            for after in (None, GATHERED, WALKED):
                position = None if after is None else HitPosition(after, 0, 0, 0, 0, 0)
                asked = arguments._replace(filter=filter or NoFilter(), after=position)
                yield name, ref.compose(reader, asked, lookup_of(asked.query), known)[0].text
    elif isinstance(ref, Highlights):
        yield name, ref.compose(reader, [(one, 1) for one in SearchType], ["a"])[0].text
    else:
        yield name, ref.compose(reader, arguments)[0].text  # type: ignore[attr-defined]


def test_every_statement_has_the_viewers_condition_on_every_table_with_a_library() -> None:
    rows = [ref.source.row for ref in DECLARED.values() if isinstance(ref, Pages)]
    reader = ReadSession(SilentDatabase(), Viewer(libraries=(1,)), {row: row.wanted(row.columns) for row in rows})
    seen = set()
    for name, text in statements(reader):
        for table, alias in re.findall(r"(?:FROM|JOIN) (\w+) (\w+)", text):
            if table not in SCOPED:
                continue
            seen.add(table)
            column = "id" if table == "library" else "library_id"
            # Scoped itself, or joined to what is: media to a join table, a filter's table to media.
            bound = ["m.id = j.media_id", "j.media_id = m.id", "f.media_id = m.id"]
            # What is counted of media that are matched, which are visible ones.
            bound += [
                f"{alias}.media_id = any(ARRAY(SELECT id FROM matched_{place}))" for place in range(len(FacetField))
            ]
            joined = any(condition in text and condition.startswith(f"{alias}.") for condition in bound)
            assert joined or re.search(rf"{alias}\.{column} = any\(\$\d+::bigint\[\]\)", text), (name, table, text)
        assert "{" not in text.replace("'{}'", ""), (name, text)  # an empty array is no placeholder
    assert seen == SCOPED
