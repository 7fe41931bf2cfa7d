"""Errors that a client can cause or should know of. docs/errors.md lists every code; all else is masked."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Values of `extensions.code` that reading and changing the catalogue can raise."""

    BAD_ID = "BAD_ID"
    BAD_ARGUMENT = "BAD_ARGUMENT"
    BAD_PAGE_SIZE = "BAD_PAGE_SIZE"
    BAD_CURSOR = "BAD_CURSOR"
    BAD_REPRESENTATION = "BAD_REPRESENTATION"
    TOO_MANY_ENTITIES = "TOO_MANY_ENTITIES"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"
    STATEMENT_TIMEOUT = "STATEMENT_TIMEOUT"
    COUNT_TIMEOUT = "COUNT_TIMEOUT"
    LOCK_TIMEOUT = "LOCK_TIMEOUT"
    DATABASE_BUSY = "DATABASE_BUSY"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    DATABASE_FULL = "DATABASE_FULL"
    READ_ONLY = "READ_ONLY"
    TOO_EXPENSIVE = "TOO_EXPENSIVE"
    NOT_FOUND = "NOT_FOUND"
    MERGED = "MERGED"
    AMBIGUOUS = "AMBIGUOUS"
    NAME_TAKEN = "NAME_TAKEN"
    EXTERNAL_ID_TAKEN = "EXTERNAL_ID_TAKEN"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    DUPLICATE = "DUPLICATE"
    TOO_MANY = "TOO_MANY"
    HAS_CHILDREN = "HAS_CHILDREN"
    CONFLICT = "CONFLICT"
    IN_USE = "IN_USE"
    FORBIDDEN = "FORBIDDEN"
    STALE_PREVIEW = "STALE_PREVIEW"
    NOT_UNDOABLE = "NOT_UNDOABLE"
    QUEUE_FULL = "QUEUE_FULL"
    WRONG_STATE = "WRONG_STATE"
    SOURCE_UNREADABLE = "SOURCE_UNREADABLE"
    IMPORT_RUNNING = "IMPORT_RUNNING"
    PRUNE_REFUSED = "PRUNE_REFUSED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    PROVIDER_NOT_CONFIGURED = "PROVIDER_NOT_CONFIGURED"
    PROVIDER_UNAVAILABLE = "PROVIDER_UNAVAILABLE"
    PROVIDER_REFUSED = "PROVIDER_REFUSED"
    PROVIDER_LIMITED = "PROVIDER_LIMITED"
    PROVIDER_BAD_ANSWER = "PROVIDER_BAD_ANSWER"
    PROVIDER_TIMEOUT = "PROVIDER_TIMEOUT"
    ADDRESS_NOT_ALLOWED = "ADDRESS_NOT_ALLOWED"
    ANSWER_TOO_LARGE = "ANSWER_TOO_LARGE"
    PROVIDER_CACHE_UNAVAILABLE = "PROVIDER_CACHE_UNAVAILABLE"
    BAD_FILE = "BAD_FILE"
    DISK_FULL = "DISK_FULL"
    FILES_UNAVAILABLE = "FILES_UNAVAILABLE"


class CatalogError(Exception):
    """Says what to do in its message and carries its code; graphql-core copies `extensions` into the answer."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.extensions = {"code": code.value}


def too_many_rows(most: int) -> CatalogError:
    """For a request that reads more rows than it may."""
    return CatalogError(Code.TOO_MANY_ROWS, f"The request reads more than {most} rows: ask for smaller pages.")
