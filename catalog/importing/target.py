"""The library that an import is for, by its name: found, or made."""

from __future__ import annotations

from catalog.library import create_library
from catalog.transaction import Writer
from domain.errors import CatalogError, Code
from domain.text import fold

LIBRARY = """
SELECT id, name FROM library WHERE folded_name = $1::text AND ($2::bigint[] IS NULL OR id = any($2::bigint[]))
"""
LIBRARY_NAMES = """
SELECT name FROM library WHERE $1::bigint[] IS NULL OR id = any($1::bigint[]) ORDER BY name LIMIT 10
"""


async def find_library(writer: Writer, name: str) -> int:
    """NOT_FOUND, with the names of those that there are."""
    found = await writer.fetch(LIBRARY, fold(" ".join(name.split())), writer.libraries)
    if not found:
        names = ", ".join(row[0] for row in await writer.fetch(LIBRARY_NAMES, writer.libraries))
        raise CatalogError(Code.NOT_FOUND, f"There is no library {name!r}. There are: {names or 'none'}.")
    return int(found[0][0])


async def find_or_make_library(writer: Writer, name: str, kind: str | None) -> int:
    """BAD_ARGUMENT for what can be no name. `kind`: of a new one; None for one that takes all kinds."""
    found = await writer.fetch(LIBRARY, fold(" ".join(name.split())), writer.libraries)
    return int(found[0][0]) if found else await create_library(writer, name, kind)
