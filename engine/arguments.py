"""Arguments of fields: as graphql-core reads them, and in Python's names and types as Strawberry does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql.execution.values import get_argument_values

from engine.inputs import Convert
from engine.plan import Field
from engine.types import strawberry_type

if TYPE_CHECKING:
    from engine.run import Run


NONE: Mapping[str, Any] = {}


def arguments(run: Run, field: Field) -> dict[str, Any]:
    """The field's arguments as graphql-core reads them, for a resolver that may do with them what it likes."""
    definition, details = field.definition, field.details[0]
    if not definition.args and not field.nodes[0].arguments:
        return {}
    return get_argument_values(definition, details.node, run.variables, details.fragment_variable_values)


def declared_arguments(run: Run, field: Field) -> Mapping[str, Any]:
    """A declared field's arguments in Python's names and types. Those without variables are read once a plan."""
    if field.arguments is not None:
        return field.arguments
    if not field.definition.args:
        return NONE
    found = arguments(run, field)
    converted = {python: convert(found[name]) for name, python, convert in conversions(run, field) if name in found}
    if not field.uses_variables:
        field.arguments = converted
    return converted


def conversions(run: Run, field: Field) -> list[tuple[str, str, Convert]]:
    """A field's arguments: name, Python's name, and how the value is converted."""
    if field.conversions is None:
        config, _ = run.strawberry
        field.conversions = [
            (config.name_converter.from_argument(one), one.python_name, run.inputs.conversion(one.type))
            for one in strawberry_type(field.definition).arguments
        ]
    return field.conversions
