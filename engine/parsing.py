"""Parsing: nodes that know where they stand, and keep no tokens.

graphql-core's tokens are a list that is linked both ways, and every node holds two of them: only the collector of
cyclic garbage could free a document, and it hardly ever looks at what has lived as long as a kept document."""

from __future__ import annotations

from graphql import DocumentNode, Location, Source, Token, TokenKind
from graphql.language.parser import Parser

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
    parser = DocumentParser(Source(text), max_lexical_tokens=tokens, max_comments=tokens)
    try:
        return parser.parse_document()
    finally:
        parser.unlink()
