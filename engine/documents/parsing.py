"""Parsing: nodes that know where they stand, and keep no tokens; lines and columns are found by bisection.

graphql-core's tokens are a list that is linked both ways, and every node holds two of them: only the collector of
cyclic garbage could free a document, and it hardly ever looks at what has lived as long as a kept document.

It also reads a text line by line for each error that is located in it: 500 errors of a field below 200,000 blank lines
took 18 s."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

from graphql import DocumentNode, Location, Source, SourceLocation, Token, TokenKind
from graphql.language import location
from graphql.language.parser import Parser

LINE_BREAK = re.compile(r"\r\n|[\n\r]")


class DocumentSource(Source):
    """A text whose line breaks are looked for once."""

    @cached_property
    def line_breaks(self) -> array[int]:
        """Where each begins."""
        return array("L", [match.start() for match in LINE_BREAK.finditer(self.body)])

    def get_location(self, position: int) -> SourceLocation:
        line = bisect_left(self.line_breaks, position)
        start = 0
        if line:
            last = self.line_breaks[line - 1]
            start = last + (2 if self.body.startswith("\r\n", last) else 1)
        return SourceLocation(line + 1, position + 1 - start)


def get_locations(locations: Sequence[tuple[Source, int]]) -> list[SourceLocation]:
    """The lines and columns of some positions."""
    return [source.get_location(position) for source, position in locations]


# An error of several nodes takes it from there: the library's own reads the whole text.
location.get_locations = get_locations

NO_TOKEN = Token(TokenKind.SOF, 0, 0, 0, 0)


class DocumentParser(Parser):
    """graphql-core's parser, whose nodes have their positions in the source alone."""

    def loc(self, start_token: Token) -> Location:
        place = Location(start_token, self._lexer.last_token, self._lexer.source)
        place.start_token = place.end_token = NO_TOKEN
        return place

    def unlink(self) -> None:
        """Takes the tokens apart, from the last one backwards."""
        token: Token | None = self._lexer.token
        while token is not None and token.next is not None:  # one that was looked ahead at
            token = token.next
        while token is not None:
            before, token.prev, token.next = token.prev, None, None
            token = before


def parse_text(text: str, tokens: int) -> DocumentNode:
    """The document of a text of so many tokens and so many comments at most. Raises GraphQLError, RecursionError."""
    parser = DocumentParser(DocumentSource(text), max_lexical_tokens=tokens, max_comments=tokens)
    try:
        return parser.parse_document()
    finally:
        parser.unlink()
