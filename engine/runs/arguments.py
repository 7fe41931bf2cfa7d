"""Arguments of fields: as graphql-core reads them, and in Python's names and types as Strawberry does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import VariableNode
from graphql.execution.values import get_argument_values

from engine.plans.inputs import Conversion
from engine.plans.plan import Field
from engine.runs.execution import Execution
from engine.types import strawberry_type

NO_ARGUMENTS: Mapping[str, Any] = {}


def arguments(execution: Execution, field: Field) -> dict[str, Any]:
    """The field's arguments as graphql-core reads them, for a resolver that may do with them what it likes."""
    definition, details = field.definition, field.details[0]
    if not definition.args and not field.nodes[0].arguments:
        return {}
    return get_argument_values(definition, details.node, execution.variables, details.fragment_variable_values)


def declared_arguments(execution: Execution, field: Field) -> Mapping[str, Any]:
    """A declared field's arguments in Python's names and types.

    Those without variables are read once a plan and kept in `field.arguments`; one that is a variable is converted once
    an execution, whatever the number of its uses."""
    if not field.definition.args:
        field.arguments = NO_ARGUMENTS
        return NO_ARGUMENTS
    found = arguments(execution, field)
    known = execution.converted
    converted: dict[str, Any] = {}
    for name, python, convert, shared in conversions(execution, field):
        if name not in found:
            continue
        if shared is None:
            converted[python] = convert(found[name])
        else:
            if shared not in known:
                known[shared] = convert(found[name])
            converted[python] = known[shared]
    if not field.uses_variables:
        field.arguments = converted
    return converted


def conversions(execution: Execution, field: Field) -> list[Conversion]:
    """How a field's arguments are converted."""
    if field.conversions is None:
        configuration = execution.configuration
        variables = {
            argument.name.value: argument.value.name.value
            for argument in field.nodes[0].arguments or ()
            if isinstance(argument.value, VariableNode)
        }
        field.conversions = []
        for one in strawberry_type(field.definition).arguments:
            name = configuration.strawberry.name_converter.from_argument(one)
            shared = (variables[name], str(field.definition.args[name].type)) if name in variables else None
            field.conversions.append(
                Conversion(name, one.python_name, configuration.inputs.conversion(one.type), shared)
            )
    return field.conversions
