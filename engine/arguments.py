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
    if field.plain_names is None:
        field.plain_names = plain_names(run, field)
    found = arguments(run, field)
    if field.plain_names:
        found = {python: found[name] for name, python in field.plain_names.items() if name in found}
    else:
        known = strawberry_type(field.definition)
        config, scalars = run.strawberry
        found = convert_arguments(found, known.arguments, scalar_registry=scalars, config=config)
    if not field.uses_variables:
        field.arguments = found
    return found


def plain_names(run: Run, field: Field) -> dict[str, str]:
    """Python's names of a field's arguments, by GraphQL's; none unless all are plain scalars: others are converted."""
    config, _ = run.strawberry
    known = strawberry_type(field.definition)
    if not all(get_nullable_type(argument.type) in PLAIN for argument in field.definition.args.values()):
        return {}
    return {config.name_converter.from_argument(one): one.python_name for one in known.arguments}
