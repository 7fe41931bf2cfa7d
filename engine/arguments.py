"""Arguments of fields: as graphql-core reads them, and in Python's names and types as Strawberry does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import get_nullable_type
from graphql.execution.values import get_argument_values
from strawberry.types.arguments import convert_arguments

from engine.plan import Field
from engine.types import strawberry_type
from engine.variables import PLAIN

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
    converted: dict[str, Any] = {}
    for name, python, argument in converters(run, field):
        if name not in found:
            continue
        value = found[name]
        if argument is None or value is None:
            converted[python] = value
        else:
            config, scalars = run.strawberry
            converted.update(convert_arguments({name: value}, [argument], scalar_registry=scalars, config=config))
    if not field.uses_variables:
        field.arguments = converted
    return converted


def converters(run: Run, field: Field) -> list[tuple[str, str, Any]]:
    """A field's arguments: name, Python's name, and Strawberry's definition where the value is to be converted."""
    if field.converters is None:
        config, _ = run.strawberry
        field.converters = []
        for argument in strawberry_type(field.definition).arguments:
            name = config.name_converter.from_argument(argument)
            is_plain = get_nullable_type(field.definition.args[name].type) in PLAIN
            field.converters.append((name, argument.python_name, None if is_plain else argument))
    return field.converters
