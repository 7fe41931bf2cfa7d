"""What the rest derives from: nouns in every room, fields declared with loader, key and bound, everything described."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_interface_type,
    is_list_type,
    is_object_type,
)

from app.service.graphql_service import GRAPHQL_SCHEMA
from database.row import Row
from domain.bounds import EXTERNAL_IDS_OF_A_PERSON, ROWS_OF_A_MEDIA
from engine.plans.access import SOURCE
from engine.relation import TARGETS, Declaration, declaration_of
from engine.types import strawberry_type
from loaders.job_run import JobRunRow
from loaders.registry import Loaders
from schema.core.node import NODE_TYPES, PREFIXES, TYPE_ROWS
from tests.loaders.test_contract import DECLARED

ROOT = Path(__file__).resolve().parents[2]
# What is found among nouns is none.
FINDERS = {"highlight", "search.finding", "suggestion"}
NOUNS = [name for base in Loaders.__bases__ if (name := base.__module__.removeprefix("loaders.")) not in FINDERS]
# Federation's own, and the types of a page, whose fields lead to rows that are read already.
PARTS_OF_PAGES = re.compile(r".+(Connection|Edge)|PageInfo")
OURS = {name: type_ for name, type_ in GRAPHQL_SCHEMA.type_map.items() if not name.startswith(("_", "link__"))}


def fields() -> Iterator[tuple[str, str, GraphQLField]]:
    """Type, name and definition of every field of ours."""
    for type_name, type_ in OURS.items():
        if is_object_type(type_) or is_interface_type(type_):
            for name, field in type_.fields.items():
                if not name.startswith("_"):
                    yield type_name, name, field


def declarations() -> Iterator[tuple[str, str, GraphQLField, Declaration]]:
    for type_name, name, field in fields():
        declaration = declaration_of(field)
        if declaration is not None:
            yield type_name, name, field, declaration


def test_every_noun_has_its_file_in_every_room() -> None:
    for noun in NOUNS:
        assert (ROOT / "loaders" / f"{noun}.py").is_file(), noun
        assert (ROOT / "schema" / f"{noun}.py").is_file(), noun
        assert (ROOT / "tests" / "nouns" / f"test_{noun}.py").is_file(), noun
        assert len(list((ROOT / "migrations").glob(f"[0-9][0-9][0-9][0-9]_{noun}.sql"))) == 1, noun
        row = "".join(part.capitalize() for part in noun.split("_"))
        assert TYPE_ROWS[row].__module__ == f"loaders.{noun}"
    assert len(TYPE_ROWS) == len(NOUNS)


@pytest.mark.parametrize(
    "package", ["app", "schema", "jobs", "catalog", "sources", "loaders", "providers", "database", "domain", "engine"]
)
def test_every_package_is_the_repositorys(package: str) -> None:
    file = importlib.import_module(package).__file__

    assert file is not None
    assert Path(file).parent == ROOT / package


def test_every_field_that_leads_to_rows_is_declared() -> None:
    for type_name, name, field in fields():
        leads = get_named_type(field.type)
        rows = leads.name in TYPE_ROWS or is_interface_type(leads) or leads.name.endswith("Connection")
        if rows and not PARTS_OF_PAGES.fullmatch(type_name):
            assert declaration_of(field) is not None, f"{type_name}.{name}"
        if name == "totalCount":
            assert declaration_of(field) is not None, f"{type_name}.{name}"


def test_entities_are_declared_like_other_lookups() -> None:
    declaration = declaration_of(GRAPHQL_SCHEMA.query_type.fields["_entities"])  # type: ignore[union-attr]

    assert declaration is not None
    assert (declaration.kind, declaration.sized_by) == ("lookup", "representations")


def test_types_know_the_class_of_their_rows_and_how_an_id_is_made_of_one() -> None:
    for name, row in TYPE_ROWS.items():
        type_: Any = GRAPHQL_SCHEMA.type_map[name]
        assert type_.extensions["strawberry-definition"].origin.__record__ is row
        if row in PREFIXES:
            metadata = type_.fields["id"].extensions["strawberry-definition"].metadata
            made = eval(f"lambda row: {metadata[SOURCE](row, 'row')}")
            assert made({"id": 42}) == f"{PREFIXES[row]}_42"


def test_every_loader_is_used_by_a_field() -> None:
    used = {declaration.ref.name for _, _, _, declaration in declarations() if declaration.ref is not None}
    used |= {ref.name for _, _, _, declaration in declarations() for ref in declaration.refs}
    used |= {node.by_id.name for node in NODE_TYPES.values()}
    used |= {name.replace("_pages", "_count") for name in used if "_pages" in name}
    # Of the lists of media.
    for beside in ("_facets", "_measured_count"):
        used |= {name.replace("media_pages", f"media{beside}") for name in used if name.startswith("media_pages")}
    used.add("search_measured_count")
    # Chosen by their fields' arguments.
    used |= {name for name in DECLARED if name.endswith("_by_name")}
    used |= {"media_by_external_id", "person_by_external_id", "media_by_path", "setting_by_key"}

    assert used == set(DECLARED)


def test_every_list_has_a_bound_that_the_write_side_keeps() -> None:
    sql = "".join(path.read_text() for path in sorted((ROOT / "migrations").glob("*.sql")))
    bounds, moved = [
        {
            table: int(bound)
            for table, bound in re.findall(rf"AFTER {event} ON (\w+) [^;]+bound_rows_a_\w+\('(\d+)'\)", sql)
        }
        for event in ("INSERT", "UPDATE")
    ]
    assert moved == bounds
    # Newer tables have no triggers.
    kept = {**bounds, **ROWS_OF_A_MEDIA, "person_external_id": EXTERNAL_IDS_OF_A_PERSON}
    assert kept.items() >= bounds.items()
    lists = {}
    for type_name, name, field, declaration in declarations():
        if is_list_type(get_nullable_type(field.type)):
            # A look-up's list is as long as an argument, or bound by its own target: nothing is stored for it.
            looked_up = declaration.kind == "lookup" and (
                declaration.sized_by or declaration.sized_above or declaration.bound
            )
            # What is known of a whole list is worked out, and as long as an argument.
            known = declaration.kind == "total" and declaration.sized_by
            assert declaration.kind == "many" or looked_up or known, f"{type_name}.{name}"
            if declaration.kind == "many":
                table = re.search(r"FROM (\w+)", DECLARED[declaration.ref.name].statement.text_for())  # type: ignore[attr-defined, union-attr]
                assert table is not None
                lists[table[1]] = declaration.bound
        else:
            assert declaration.bound is None, f"{type_name}.{name}"
    assert lists == kept
    first = {"media_tag": 256, "media_genre": 64, "external_id": 64, "artwork": 64}
    assert {table: lists[table] for table in first} == first


def is_list_of_things(type_: Any) -> bool:
    """Of words of an enum there are few."""
    return is_list_type(get_nullable_type(type_)) and not is_enum_type(get_named_type(type_))


def test_every_edit_of_many_things_says_what_it_is_given() -> None:
    """Its price is counted by that."""
    mutation: Any = GRAPHQL_SCHEMA.mutation_type
    for name, field in mutation.fields.items():
        lists = {argument for argument, one in field.args.items() if is_list_of_things(one.type)}
        targets = strawberry_type(field).metadata.get(TARGETS)
        assert lists == ({targets.argument} if targets else set()), name
        if targets is not None and (targets.each or targets.things):
            item = get_named_type(field.args[targets.argument].type).fields
            within = {one for one, field in item.items() if is_list_type(get_nullable_type(field.type))}
            assert within == {targets.each, *targets.things} - {None}, name


EVENT_ROWS: dict[str, type[Row]] = {"JobProgress": JobRunRow}  # types of events, whose rows are those of a noun


def test_every_key_is_a_key_column_of_the_parents_row() -> None:
    for type_name, name, _, declaration in declarations():
        if declaration.column is not None:
            row = TYPE_ROWS.get(type_name) or EVENT_ROWS[type_name]
            assert row.columns[declaration.column].is_key, f"{type_name}.{name}"


def test_the_answers_of_a_relation_are_rows_of_its_type() -> None:
    for type_name, name, field, declaration in declarations():
        if declaration.kind in ("one", "many"):
            statement: Any = DECLARED[declaration.ref.name].statement  # type: ignore[attr-defined, union-attr]
            assert statement.row is TYPE_ROWS[get_named_type(field.type).name], f"{type_name}.{name}"
        if declaration.kind == "page" and declaration.ref is not Loaders.search_pages:  # what is found is of many types
            row: type[Row] = declaration.ref.source.row  # type: ignore[union-attr]
            assert get_named_type(field.type).name == f"{row.__name__.removesuffix('Row')}Connection"


def test_everything_in_the_schema_is_described() -> None:
    bare = []
    for name, type_ in OURS.items():
        if name in ("Boolean", "String", "Int", "Float", "ID"):
            continue
        parts: dict[str, Any] = {name: type_}
        for member, value in {**getattr(type_, "fields", {}), **getattr(type_, "values", {})}.items():
            parts[f"{name}.{member}"] = value
            for argument, definition in getattr(value, "args", {}).items():
                parts[f"{name}.{member}({argument})"] = definition
        bare += [path for path, part in parts.items() if not part.description and "._" not in path]

    assert bare == []
