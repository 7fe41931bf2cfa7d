"""Validation by graphql-core's rules, bounded in its work, in the number of its errors and in their text."""

from __future__ import annotations

from typing import Any

from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, ValidationRule, validate
from graphql.validation import recommended_rules, specified_rules
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError

# Comparing fields that may have to be merged is what costs most in hostile documents: .6 s with the library's own limit
# (500,000), .07 s with this one, which 100 repetitions of a field stay below. The library reads its limit from there.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000

MAX_ERRORS = 20
MAX_LETTERS = 5_000  # of all errors; an error may print a whole literal, which takes 12 ms where it is a large one


class BoundedErrors(ValidationRule):
    """No rule of its own: it ends the validation where the errors of the others have become too long."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._report = context.on_error
        self._letters = 0
        context.on_error = self._count

    def _count(self, error: GraphQLError) -> None:
        self._report(error)
        self._letters += len(error.message)
        if self._letters > MAX_LETTERS:
            raise ValidationAbortedError("Too many validation errors, error limit reached. Validation aborted.")


RULES: tuple[type[ASTValidationRule], ...] = (
    BoundedErrors,
    *specified_rules,
    *(rule for rule in recommended_rules if rule not in specified_rules),
)


def validation_errors(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """The validation errors of a document, up to a maximum. Raises RecursionError."""
    return validate(schema, document, RULES, max_errors=MAX_ERRORS)
