"""Why a database cannot be used, in words for who runs it."""

from __future__ import annotations

import ssl

import asyncpg

from domain.errors import CatalogError

# What is raised where a database cannot be reached or refuses; the last two are for a malformed address.
REFUSALS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, CatalogError, ValueError, OverflowError)


def why(error: BaseException) -> str:
    """What happened, in words: where a lost connection made the end of a transaction fail, what it was lost by; the
    server's own words where a code stands for them."""
    while isinstance(error, asyncpg.InterfaceError) and error.__context__ is not None:
        error = error.__context__
    if isinstance(error, CatalogError) and isinstance(error.__cause__, asyncpg.PostgresError):
        error = error.__cause__
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message}): set sslrootcert in DATABASE_URL to the file of "
            "the authority that has signed it"
        )
    return str(error) or type(error).__name__
