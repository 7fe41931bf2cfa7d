"""Documents: parsed, checked and priced once, then kept, bounded by number and by bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationType, Source, parse, validate
from graphql.validation import recommended_rules, specified_rules

from engine.limits import Limits, Measure, check_shape, refusal
from engine.price import Price

RULES = (*specified_rules, *(rule for rule in recommended_rules if rule not in specified_rules))
MOST_ERRORS = 20


class Document:
    """A valid document and what is known of its operations."""

    __slots__ = ("node", "operations", "prices")

    def __init__(self, schema: GraphQLSchema, node: DocumentNode) -> None:
        self.node = node
        measure = Measure(node)
        self.operations: dict[str | None, OperationType] = {}
        self.prices: dict[str | None, Price] = {}
        for operation in measure.operations:
            name = operation.name.value if operation.name else None
            self.operations[name] = operation.operation
            self.prices[name] = Price(schema, operation, measure.fragments)

    def choose(self, name: str | None) -> str | None:
        """The name of the operation to run; a GraphQLError where the request does not name one of them."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations))
        if name not in self.operations:
            raise refusal("BAD_REQUEST", "Name one of the document's operations in operationName.")
        return name

    def check_price(self, name: str | None, variables: Mapping[str, Any], limits: Limits) -> None:
        """Raises TOO_COMPLEX where the operation may reach more nodes than allowed."""
        if self.prices[name].nodes(variables, limits) > limits.nodes:
            raise refusal(
                "TOO_COMPLEX",
                f"The query can reach more than {limits.nodes} objects: ask for smaller pages or fewer levels.",
            )


class Invalid(Exception):
    """A document that cannot be executed, with its errors. `parsed`: it is at least GraphQL."""

    def __init__(self, errors: list[GraphQLError], *, parsed: bool) -> None:
        super().__init__(errors)
        self.errors = errors
        self.parsed = parsed


class DocumentCache:
    """Valid documents by their text, the least recently used ones dropped."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, most: int = 1_000, most_bytes: int = 4_000_000) -> None:
        self._schema = schema
        self._limits = limits
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._known: OrderedDict[str, Document] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, text: str) -> Document:
        """The document of a text. Raises Invalid."""
        document = self._known.get(text)
        if document is not None:
            self._known.move_to_end(text)
            return document
        document = self._known[text] = read(self._schema, text, self._limits)
        self._bytes += len(text)
        while len(self._known) > self._most or self._bytes > self._most_bytes:
            dropped, _ = self._known.popitem(last=False)
            self._bytes -= len(dropped)
        return document


def read(schema: GraphQLSchema, text: str, limits: Limits) -> Document:
    """Parses and checks a document: tokens, shape, then validation, whose cost the first two bound. Raises Invalid."""
    try:
        node = parse(Source(text), max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLError as error:
        if error.message.endswith((" tokens.", " comments.")):
            raise Invalid([refusal("TOO_MANY_TOKENS", f"{error.message} Send a shorter one.")], parsed=True) from None
        raise Invalid([coded(error, "GRAPHQL_PARSE_FAILED")], parsed=False) from None
    if (broken := check_shape(node, limits)) is not None:
        raise Invalid([broken], parsed=True)
    errors = validate(schema, node, RULES, max_errors=MOST_ERRORS)
    if errors:
        raise Invalid([coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors], parsed=True)
    return Document(schema, node)


def coded(error: GraphQLError, code: str) -> GraphQLError:
    """The same error with a code."""
    error.extensions = {**(error.extensions or {}), "code": code}
    return error
