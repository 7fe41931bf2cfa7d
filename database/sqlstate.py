"""What PostgreSQL's errors mean to a client: a code and words by SQLSTATE. The one place that knows."""

from __future__ import annotations

import logging
from time import monotonic

import asyncpg

from database.throttled_log import Throttle
from domain.errors import CatalogError, Code

log = logging.getLogger("marquee.database")

AGAIN = "Others change the same things: try again."
AWAY = "The database went away: try again."
SLOW = "A statement took too long: ask for less, or for a simpler filter or order."
LOCKED = "Others change the same things, and are not done yet: nothing was changed. Try again."
FULL = "The database's disk is full: nothing was changed. Its operator has to make room."
ONLY_READ = "The server may only read its database: nothing was changed."

# By SQLSTATE, or by the two characters of its class. What is not here is a fault of ours.
ERRORS_BY_SQLSTATE: dict[str, tuple[Code, str]] = {
    "08": (Code.DATABASE_UNAVAILABLE, AWAY),
    "25006": (Code.READ_ONLY, ONLY_READ),  # a standby, or default_transaction_read_only
    "40": (Code.CONFLICT, AGAIN),
    "42501": (Code.READ_ONLY, ONLY_READ),  # its role lacks the privilege
    "53": (Code.DATABASE_BUSY, "The database has no room for this now: try again later, or ask for less."),
    "53100": (Code.DATABASE_FULL, FULL),
    "53400": (Code.TOO_EXPENSIVE, "A statement needs more than the database allows one: ask for less."),
    "54": (Code.TOO_EXPENSIVE, "A statement is too large for the database: use a smaller filter."),
    "55P03": (Code.LOCK_TIMEOUT, LOCKED),
    "57014": (Code.STATEMENT_TIMEOUT, SLOW),
    "57P": (Code.DATABASE_UNAVAILABLE, AWAY),
}
# What only the database's operator can mend.
OPERATOR_CODES = frozenset({Code.READ_ONLY, Code.DATABASE_FULL, Code.DATABASE_BUSY, Code.DATABASE_UNAVAILABLE})
# What may pass by itself. CONFLICT, which edits raise too, only with the words of above.
PASSING_CODES = frozenset({Code.DATABASE_UNAVAILABLE, Code.DATABASE_BUSY, Code.OUTCOME_UNKNOWN, Code.LOCK_TIMEOUT})
WARN_EVERY = 1.0


def is_transient(error: BaseException) -> bool:
    """Whether the same may succeed when it is tried again later: a fault of the database that passes by itself."""
    if not isinstance(error, CatalogError):
        return isinstance(error, TimeoutError | ConnectionError)
    return error.extensions["code"] in PASSING_CODES or str(error) == AGAIN


def catalog_error(error: asyncpg.PostgresError) -> CatalogError | None:
    """The error that a client gets for it; None for an internal error."""
    state = error.sqlstate or ""
    for known in (state, state[:3], state[:2]):
        if known in ERRORS_BY_SQLSTATE:
            return CatalogError(*ERRORS_BY_SQLSTATE[known])
    return None


throttle = Throttle(WARN_EVERY)


def warn(error: BaseException) -> None:
    """A line in the log about the database, one a second: while it is away every request has one."""
    if throttle.due(monotonic()):
        log.warning("database: %s", str(error) or type(error).__name__)


def translated_error(error: asyncpg.PostgresError) -> Exception:
    """The error to raise in its place: the coded one, which the log has a line of where its operator can mend it."""
    found = catalog_error(error)
    if found is None:
        return error
    if found.extensions["code"] in OPERATOR_CODES:
        warn(error)
    return found
