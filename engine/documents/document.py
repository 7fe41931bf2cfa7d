"""Documents: parsed, checked and priced once, then kept, bounded by number and by bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from time import perf_counter
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSchema,
    OperationDefinitionNode,
)

from engine.documents.fallback import INTROSPECTION, look_at
from engine.documents.input_size import Uses
from engine.documents.introspection import MAX_VALUES, introspection_cost
from engine.documents.messages import coded
from engine.documents.parsing import parse_text
from engine.documents.price import Price
from engine.documents.selected_fields import Fragments, root_field_names, selected_fields
from engine.documents.validation import validation_errors
from engine.documents.variables import Variables
from engine.limits import MAX_REPORTED_COST, Limits, Measure, check_shape, refusal
from engine.plans.plan import Plan

MAX_REFUSED = 200
MAX_REFUSED_LENGTH = 20_000
# A parsed document takes up to 150 times the memory of its text (measured), all of them so at most 60 MB.
MAX_BYTES = 400_000


class Operation:
    """One operation of a document: its price, and what a plan of it needs to know.

    document, fragments: what graphql-core needs to execute it. fields: those that it names, by type.
    root_fields: the fields that it begins with, each once, without aliases.
    conditions: the variables of @skip and @include, for whose values a plan holds. fallback: why it cannot be planned.
    introspection: the values that its introspection reads, about. is_about_schema: it asks for nothing else, in the
    same way each time.
    variables: None where it declares none. notes: for whoever runs it to keep what follows from it."""

    __slots__ = (
        *("__weakref__", "conditions", "document", "fallback", "fields", "fragments", "introspection", "name"),
        *("is_about_schema", "node", "notes", "plans", "price"),
        *("root_fields", "type", "uses", "variables"),
    )

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode, fragments: Fragments
    ) -> None:
        self.document = document
        self.fragments = fragments
        self.node = node
        self.name = node.name.value if node.name else None
        self.type = node.operation
        self.root_fields = tuple(dict.fromkeys(root_field_names(node.selection_set, fragments)))
        self.uses = Uses(schema, node, fragments)
        self.introspection = introspection_cost(schema, node, fragments)
        self.price = Price(schema, node, fragments)
        self.fields = selected_fields(schema, node, fragments)
        look = look_at(node, fragments)
        self.conditions = tuple(look.conditions)
        self.fallback = look.reason
        self.is_about_schema = look.reason == INTROSPECTION and not self.fields and not node.variable_definitions
        self.plans: dict[tuple[Any, ...], Plan] = {}  # by those values; engine/plans/plan_cache.py sees to how many
        self.notes: Any = None
        self.variables = Variables(schema, node.variable_definitions) if node.variable_definitions else None

    def check_price(self, variables: Mapping[str, Any], limits: Limits) -> None:
        """Raises TOO_COMPLEX where the inputs are too large, or the operation costs more than allowed."""
        self.uses.check(variables, limits)
        if self.introspection > MAX_VALUES:
            raise refusal(
                "TOO_COMPLEX",
                f"The introspection reads about {self.introspection} values: at most {MAX_VALUES} are allowed. "
                "Ask for fewer types, or for less of each.",
            )
        cost = self.price.cost(variables, limits)
        if cost > limits.nodes:
            raise too_complex(cost, limits.nodes, *self.price.costliest(variables, limits))


class Operations(Mapping[str | None, Operation]):
    """A document's operations by name, each looked at when it is first asked for.

    Together they may select a thousand times what the document has, by its fragments."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        nodes: Sequence[OperationDefinitionNode],
        fragments: Fragments,
    ) -> None:
        self._schema = schema
        self._document = document
        self._fragments = fragments
        self._nodes = {node.name.value if node.name else None: node for node in nodes}
        self._known: dict[str | None, Operation] = {}

    def __getitem__(self, name: str | None) -> Operation:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = Operation(self._schema, self._document, self._nodes[name], self._fragments)
        return known

    def __iter__(self) -> Iterator[str | None]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


class Document:
    """A valid document and what is known of its operations. Times are seconds of perf_counter."""

    __slots__ = ("hash", "node", "only", "operations", "parsed_at", "validated_at")

    def __init__(self, schema: GraphQLSchema, shape: Measure, text: str, parsed_at: float) -> None:
        self.node = shape.document
        self.hash = sha256(text.encode()).hexdigest()
        self.parsed_at = parsed_at
        self.validated_at = perf_counter()
        self.operations = Operations(schema, shape.document, shape.operations, shape.fragments)
        self.only: Operation | None = None  # of a document that has one, once it was asked for

    def choose(self, name: str | None) -> Operation:
        """The operation to run; raises a GraphQLError where the request does not name one of them."""
        if name is None and self.only is not None:
            return self.only
        if name is None and len(self.operations) == 1:
            self.only = self.operations[next(iter(self.operations))]
            return self.only
        if name not in self.operations:
            raise refusal("BAD_REQUEST", "Name one of the document's operations in operationName.")
        return self.operations[name]


class Invalid(Exception):
    """A document that cannot be executed, with its errors as a client sees them: they keep no part of the document."""

    def __init__(self, errors: list[GraphQLFormattedError]) -> None:
        super().__init__(errors)
        self.errors = errors


class DocumentCache:
    """Valid documents by their text, the least recently used ones dropped."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, most: int = 1_000, most_bytes: int = MAX_BYTES) -> None:
        self._schema = schema
        self._limits = limits
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._refused: OrderedDict[str, list[GraphQLFormattedError]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, text: str) -> Document:
        """The document of a text. Raises Invalid; a text that was refused a while ago is not checked again."""
        if len(text) > self._limits.length:
            raise Invalid([too_long(text, self._limits).formatted])
        if (refused := self._refused.get(text)) is not None:
            raise Invalid(refused)
        document = self._known.get(text)
        if document is not None:
            self._known.move_to_end(text)
            return document
        try:
            document = self._known[text] = read(self._schema, text, self._limits)
        except Invalid as invalid:
            if len(text) <= MAX_REFUSED_LENGTH:
                self._refused[text] = invalid.errors
                if len(self._refused) > MAX_REFUSED:
                    self._refused.popitem(last=False)
            raise
        self._bytes += len(text)
        while len(self._known) > self._most or self._bytes > self._most_bytes:
            dropped, _ = self._known.popitem(last=False)
            self._bytes -= len(dropped)
        return document


def read(schema: GraphQLSchema, text: str, limits: Limits) -> Document:
    """Parses and checks a document: tokens, shape, then validation, whose cost the first two bound. Raises Invalid."""
    try:
        try:
            node = parse_text(text, limits.tokens)
        except GraphQLError as error:
            raise Invalid([parse_error(error, limits).formatted]) from None
        parsed_at = perf_counter()
        shape = Measure(node)
        if (broken := check_shape(shape, limits)) is not None:
            raise Invalid([broken.formatted])
        errors = validation_errors(schema, node)
    except RecursionError:
        raise Invalid([too_deep(limits).formatted]) from None
    if errors:
        raise Invalid([validation_error(error).formatted for error in errors])
    return Document(schema, shape, text, parsed_at)


def parse_error(error: GraphQLError, limits: Limits) -> GraphQLError:
    """What a client sees of an error of the parser, which itself bounds tokens, comments and nesting."""
    if "Document contains more than" in error.message:
        return refusal("TOO_MANY_TOKENS", f"The document has more than {limits.tokens} tokens: send a shorter one.")
    return coded(error, "GRAPHQL_PARSE_FAILED")


def validation_error(error: GraphQLError) -> GraphQLError:
    """What a client sees of an error of the validation, which itself bounds its work."""
    if error.message == "Validation aborted.":
        return refusal("TOO_COMPLEX", "The document takes too long to check: repeat fewer fields and fragments.")
    return coded(error, "GRAPHQL_VALIDATION_FAILED")


def too_long(text: str, limits: Limits) -> GraphQLError:
    """For a text that is not even parsed."""
    return refusal(
        "DOCUMENT_TOO_LONG",
        f"The document has {len(text)} letters: at most {limits.length} are allowed. Send long values as variables.",
        count=len(text),
        limit=limits.length,
    )


def too_complex(cost: int, limit: int, field: str, share: int) -> GraphQLError:
    """For an operation that costs too much: which field costs most. MAX_REPORTED_COST stands for all higher costs."""
    cost, share = min(cost, MAX_REPORTED_COST), min(share, MAX_REPORTED_COST)
    message = (
        f"The operation costs {cost} and may cost {limit}. Of this {field} costs {share} ({100 * share // cost} %): "
        "ask there for smaller pages, fewer fields or fewer levels, or give an edit fewer things at once."
    )
    return refusal("TOO_COMPLEX", message, cost=cost, limit=limit, field=field, fieldCost=share)


def too_deep(limits: Limits) -> GraphQLError:
    """For nesting that is too deep even to be measured."""
    return refusal("TOO_DEEP", f"The document is nested too deeply: at most {limits.depth} levels are allowed.")
