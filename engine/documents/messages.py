"""Messages of errors, which never repeat all that a client has sent."""

from __future__ import annotations

from graphql import GraphQLError

LONGEST = 500  # letters


def shorten(error: GraphQLError) -> GraphQLError:
    """The same error, its message without the middle where it is long: graphql-core's repeat values as they are."""
    if len(error.message) > LONGEST:
        half = LONGEST // 2
        error.message = f"{error.message[:half]} ... {error.message[-half:]}"
    return error


def coded(error: GraphQLError, code: str) -> GraphQLError:
    """The same error with a code."""
    error.extensions = {**(error.extensions or {}), "code": code}
    return shorten(error)
