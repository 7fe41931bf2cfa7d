"""Libraries made and renamed."""

from __future__ import annotations

from catalog.transaction import Writer
from domain.bounds import NAME_BYTES, NAME_LETTERS
from domain.errors import CatalogError, Code
from domain.text import fold, shows_nothing, storable

CREATE_LIBRARY = """
INSERT INTO library (name, folded_name, kind) VALUES ($1::text, $2::text, $3::text)
ON CONFLICT (folded_name) DO NOTHING RETURNING id
"""

LOCK_LIBRARY = """
SELECT l.id FROM library l WHERE l.id = $1::bigint AND ($2::bigint[] IS NULL OR l.id = any($2::bigint[]))
FOR NO KEY UPDATE
"""

RENAME = """
UPDATE library SET name = $2::text, folded_name = $3::text
WHERE id = $1::bigint AND NOT EXISTS (SELECT FROM library WHERE folded_name = $3::text AND id <> $1::bigint)
RETURNING id
"""


def check_name(name: str) -> str:
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
    """The id of a new library; BAD_ARGUMENT, NAME_TAKEN."""
    kept = check_name(name)
    made = await writer.fetch(CREATE_LIBRARY, kept, fold(kept), kind)
    if not made:
        raise name_taken(kept)
    return int(made[0][0])


async def rename_library(writer: Writer, number: int, name: str) -> int:
    """The id of the library; BAD_ARGUMENT, NOT_FOUND, NAME_TAKEN."""
    kept = check_name(name)
    if not await writer.fetch(LOCK_LIBRARY, number, writer.libraries):
        raise CatalogError(Code.NOT_FOUND, "There is no such library.")
    if not await writer.fetch(RENAME, number, kept, fold(kept)):
        raise name_taken(kept)
    return number
