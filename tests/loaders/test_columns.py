"""Row classes against the database: every statement's columns have the types that the rows declare."""

from __future__ import annotations

from typing import Any

import pytest

from database.row import Row
from domain.memberships import MEMBERSHIPS
from domain.viewer import Viewer
from loaders.core.batch_loader import Many, One
from loaders.core.read_session import ReadSession
from loaders.registry import Loaders
from loaders.sql.count import Counts
from loaders.sql.count_mode import CountArguments, CountMode
from loaders.sql.facet import FacetArguments, FacetField
from loaders.sql.facets import Facets
from loaders.sql.measured_count import MeasuredCounts
from loaders.sql.page import MAX_CACHED_TEXTS, Pages
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter, OrderBy
from tests.loaders.test_contract import DECLARED, FINDING, LISTED, SilentDatabase, silent_reader
from tests.support.api import Api

# Python types of columns and the PostgreSQL types that fit them.
FITTING = {
    "int": {"int2", "int4", "int8"},
    "str": {"text"},
    "float": {"float8"},
    "bool": {"bool"},
    "datetime": {"timestamptz"},
    "list": {"text[]", "int4[]", "int8[]"},
    "dict": {"jsonb"},
    "Any": {"jsonb"},
}

# Columns that only rows of the loader's own, which are in no table, have no value of: a default was never set.
OWN_NULLS = {("SettingRow", "updated_at")}


def declared_type(column: Any) -> tuple[str, bool]:
    """The Python type of a column and whether it may be None."""
    type_ = column.__orig_class__.__args__[0]
    text = getattr(type_, "__forward_arg__", None) or type_.__name__
    return text.removesuffix(" | None"), text.endswith(" | None")


FACET_COLUMNS = {
    **dict.fromkeys(("key", "rank", "number", "count"), "int8"),
    **dict.fromkeys(("field", "text", "detail", "label"), "text"),
    "place": "int4",
    "is_chosen": "bool",
}


def variants(name: str) -> list[tuple[ReadSession, str]]:
    """The statements of a loader: no column, each alone and all, by viewers, orders and directions."""
    ref = DECLARED[name]
    row = ref.source.row if isinstance(ref, LISTED) else ref.statement.row  # type: ignore[attr-defined]
    columns = sorted(row.wanted(row.columns))
    found = []
    for wanted in map(frozenset, ([], *([column] for column in columns), columns)):
        for libraries in (None, (), (1, 2)):
            reader = ReadSession(SilentDatabase(), Viewer(libraries), {row: wanted})
            if isinstance(ref, One | Many):
                found.append((reader, ref.statement.compose(name, reader, [])[0].text))
            elif isinstance(ref, Counts):
                found.append((reader, ref.compose(reader, NoFilter(), [1])[0].text))
            elif isinstance(ref, Facets):
                asked = FacetArguments(NoFilter(), tuple(FacetField), 3, True)
                found.append((reader, ref.compose(reader, asked, [1])[0].text))
            elif isinstance(ref, MeasuredCounts):
                modes = [CountArguments(NoFilter(), mode, 3) for mode in CountMode]
                found += [(reader, ref.compose(reader, one, [1])[0].text) for one in modes]
            elif isinstance(ref, Pages):
                orders = [(), *((OrderBy(field),) for field in ref.source.sort), tuple(map(OrderBy, ref.source.sort))]
                for order in orders:
                    page = PageArguments(2, True, NoFilter(), order, None, None)
                    found.append((reader, ref.compose(reader, page, [1])[0].text))
    return found


@pytest.mark.parametrize("name", sorted(DECLARED.keys() - FINDING))
async def test_every_statement_fits_the_row_class(name: str, connection: Any) -> None:
    ref = DECLARED[name]
    for reader, text in variants(name):
        attributes = (await connection.prepare(text)).get_attributes()
        if isinstance(ref, Facets):
            assert {attribute.name: attribute.type.name for attribute in attributes} == FACET_COLUMNS, text
            continue
        if isinstance(ref, Counts | MeasuredCounts):
            assert [attribute.type.name for attribute in attributes] == ["int8", "int8"], text
            continue
        row = ref.source.row if isinstance(ref, Pages) else ref.statement.row  # type: ignore[attr-defined]
        keyed = not isinstance(ref, Pages) or ref.source.parent is not None
        wanted = [row.columns[column] for column in row.names(reader.columns(row))]
        columns = attributes[keyed:][: len(wanted)]
        assert [attribute.name for attribute in columns] == [column.name for column in wanted], text
        for attribute, column in zip(columns, wanted, strict=True):
            assert attribute.type.name in FITTING[declared_type(column)[0]], (column.name, attribute.type.name)
        names = [attribute.name for attribute in attributes]
        assert len(set(names)) == len(names), text


# Rows that are no table's: of what a search finds, and of its words.
WORKED_OUT = {"HitRow", "WordRow"}
OF_TABLES = [row for row in Row.__subclasses__() if row.__name__ not in WORKED_OUT]


@pytest.mark.parametrize("row", OF_TABLES, ids=lambda row: row.__name__)
async def test_columns_may_be_none_where_the_tables_may(row: type[Row], connection: Any) -> None:
    table = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in row.__name__)[1:-4]
    nullable = {
        name: not required
        for name, required in await connection.fetch(
            "SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0", table
        )
    }
    for column in row.columns.values():
        if column.sql == "{t}." + column.name:
            known = nullable[column.name] or (row.__name__, column.name) in OWN_NULLS
            assert declared_type(column)[1] == known, column.name


async def test_every_column_is_read_by_the_operations_that_name_it(demo_api: Api) -> None:
    fields = {
        "media": "id kind title originalTitle sortTitle year overview rating runtimeMinutes addedAt updatedAt",
        **{one.plural: "id name slug mediaCount" for one in MEMBERSHIPS},
        "people": "id name mediaCount",
        "libraries": "id name kind mediaCount",
    }
    for connection, names in fields.items():
        for name in names.split():
            data = await demo_api.run(f"{{ {connection} {{ nodes {{ {name} }} }} }}")
            assert all(name in node for node in data[connection]["nodes"]), (connection, name)


@pytest.mark.parametrize("row", Row.__subclasses__(), ids=lambda row: row.__name__)
def test_a_column_is_read_by_its_source(row: type[Row]) -> None:
    record = {name: f"of {name}" for name in row.columns}
    for name, column in row.columns.items():
        assert eval(column.source("record")) == record[name]


def test_the_texts_of_first_pages_are_kept_up_to_a_number() -> None:
    pages, reader = Pages(Counts(Loaders.media_pages_by_person_id.source)), silent_reader()
    scoped = ReadSession(SilentDatabase(), Viewer((1, 2)))
    pages.name = "pages"
    first = PageArguments(1, False, NoFilter(), (), None, None)

    assert pages.compose(reader, first, [5])[0] is pages.compose(reader, first, [6])[0]
    assert pages.compose(reader, first, [6])[1] == [[6]]
    assert pages.compose(scoped, first, [6])[1] == [[6], (1, 2)]
    for size in range(1, 600):
        pages.compose(reader, first._replace(size=size), [1])
        assert 1 <= len(pages._first_pages) <= MAX_CACHED_TEXTS
