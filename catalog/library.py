"""Libraries made and renamed."""

from __future__ import annotations

from catalog.noun_edit.edit import check_version
from catalog.transaction import Writer
from database.row import Row
from domain.bounds import NAME_BYTES, NAME_LETTERS
from domain.errors import CatalogError, Code
from domain.text import fold, shows_nothing, storable

CREATE_LIBRARY = """
INSERT INTO library (name, folded_name, kind) VALUES ($1::text, $2::text, $3::text)
ON CONFLICT (folded_name) DO NOTHING RETURNING id
"""

LOCK_LIBRARY = """
SELECT l.id, l.version FROM library l WHERE l.id = $1::bigint AND ($2::bigint[] IS NULL OR l.id = any($2::bigint[]))
FOR NO KEY UPDATE
"""

RENAME = """
UPDATE library SET name = $2::text, folded_name = $3::text, version = version + 1
WHERE id = $1::bigint AND NOT EXISTS (SELECT FROM library WHERE folded_name = $3::text AND id <> $1::bigint)
RETURNING id
"""


def check_library_name(name: str) -> str:
    """The name of a library; BAD_ARGUMENT."""
    kept = " ".join(name.split())
    if not storable(kept) or len(kept) > NAME_LETTERS or len(fold(kept).encode()) > NAME_BYTES:
        raise CatalogError(Code.BAD_ARGUMENT, f"A library has a name of 1 to {NAME_LETTERS} letters.")
    if shows_nothing(kept):
        raise CatalogError(Code.BAD_ARGUMENT, "A library has a name of letters or signs: this one shows nothing.")
    return kept


def name_taken(name: str) -> CatalogError:
    return CatalogError(Code.NAME_TAKEN, f"There is a library {name!r} already; case and accents do not matter.")


async def create_library(writer: Writer, name: str, kind: str | None) -> int:
    """The id of a new library; BAD_ARGUMENT, NAME_TAKEN; FORBIDDEN for who sees some libraries only."""
    if writer.libraries is not None:
        raise CatalogError(Code.FORBIDDEN, "You may see and change some libraries only, so you cannot make one.")
    kept = check_library_name(name)
    made = await writer.fetch(CREATE_LIBRARY, kept, fold(kept), kind)
    if not made:
        raise name_taken(kept)
    return int(made[0][0])


async def rename_library(writer: Writer, number: int, name: str, version: int | None = None) -> int:
    """The id of the library; BAD_ARGUMENT, NOT_FOUND, VERSION_CONFLICT, NAME_TAKEN."""
    kept = check_library_name(name)
    check_version("library", await lock_library(writer, LOCK_LIBRARY, number), version)
    if not await writer.fetch(RENAME, number, kept, fold(kept)):
        raise name_taken(kept)
    return number


async def lock_library(writer: Writer, text: str, number: int) -> Row:
    """The library, locked; NOT_FOUND."""
    found = await writer.fetch(text, number, writer.libraries)
    if not found:
        raise CatalogError(Code.NOT_FOUND, "There is no such library.")
    return found[0]
