"""Random operations that are valid for a schema: aliases, fragments, variables, directives, arguments of every kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any
from zlib import crc32

from graphql import (
    GraphQLBoolean,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
)

from tests.differential.inputs import Inputs, literal, spoiled

CONDITION = GraphQLNonNull(GraphQLBoolean)  # of @skip and @include


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large an operation gets. fields: about how many are written; depth: of the deepest of them."""

    depth: int = 6
    fields: int = 30
    width: int = 5


@dataclass(frozen=True, slots=True)
class Operation:
    """A document, the name of the operation to run, and several sets of variables to run it with."""

    text: str
    name: str | None
    variables: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class Variable:
    """A variable of the operation that is written, for what it was made; `default`: its literal."""

    purpose: str
    type: str
    values: Any
    default: str | None = None
    is_optional: bool = False


@dataclass(slots=True)
class Draft:
    """What an operation has so far."""

    random: Random
    left: int
    variables: dict[str, Variable] = field(default_factory=dict)
    fragments: dict[str, tuple[Any, int, str]] = field(default_factory=dict)  # type, depth, text


class Generator:
    """Writes operations. The key of a field in the answer tells its type and arguments, so that all merge well.

    `queries_only`: of a schema whose mutations change what the next operation finds; `roots`: of these fields alone."""

    def __init__(
        self,
        schema: GraphQLSchema,
        inputs: Inputs,
        bounds: Bounds | None = None,
        *,
        queries_only: bool = False,
        roots: tuple[str, ...] = (),
    ) -> None:
        self._schema = schema
        self._roots = roots
        self._mutation_type = None if queries_only else schema.mutation_type
        self._inputs = inputs
        self._bounds = bounds or Bounds()
        self._composites = [one for one in schema.type_map.values() if is_composite_type(one) and one.name[:2] != "__"]
        self._types_by_field: dict[str, set[str]] = {}
        for type_ in self._composites:
            for name, definition in getattr(type_, "fields", {}).items():
                self._types_by_field.setdefault(name, set()).add(str(definition.type))

    def operation(self, seed: int) -> Operation:
        """The operation of a seed; a mutation now and then, where there are any."""
        random = Random(seed)
        draft = Draft(random, random.randint(8, self._bounds.fields))
        is_mutation = self._mutation_type is not None and random.random() < 0.12
        root = self._mutation_type if is_mutation else self._schema.query_type
        selections = self._selections(draft, root, self._bounds.depth)
        declared = ", ".join(f"${name}: {one.type}{one.default or ''}" for name, one in draft.variables.items())
        kind = "mutation" if is_mutation else "query"
        name = random.choice((None, None, "Only"))
        head = f"{kind} {name or ''}{f'({declared})' if declared else ''}"
        text = "\n".join([f"{head} {selections}", *(found[2] for found in draft.fragments.values())])
        if name is not None and random.random() < 0.3:
            text += "\nquery Other { __typename }"
        return Operation(text, name, tuple(self._given(draft) for _ in range(3 if draft.variables else 1)))

    def _given(self, draft: Draft) -> dict[str, Any]:
        """One set of variables: some are left out, a few are wrong."""
        random = draft.random
        given: dict[str, Any] = {}
        for name, variable in draft.variables.items():
            if variable.is_optional and random.random() < 0.25:
                continue
            given[name] = variable.values()
            if random.random() < 0.01:
                given[name] = spoiled(given[name], random)
        return given

    def _selections(self, draft: Draft, type_: Any, depth: int) -> str:
        """A selection set in braces."""
        random = draft.random
        fields = list(getattr(type_, "fields", {}))
        if self._roots and type_ is self._schema.query_type:
            fields = list(self._roots)
        found: list[str] = []
        if depth <= 1:
            fields = [name for name in fields if not is_composite_type(get_named_type(type_.fields[name].type))]
        for _ in range(random.randint(1, self._bounds.width)):
            roll = random.random()
            if roll < 0.06 or not (fields or is_abstract_type(type_)):
                found.append(random.choice(("__typename", "kind: __typename", "__typename")))
            elif roll < 0.25 or not fields:
                found.append(self._fragment(draft, type_, depth))
            else:
                name = random.choice(fields)
                found.append(self._field(draft, type_, name, depth))
                if random.random() < 0.08:
                    found.append(self._field(draft, type_, name, depth))
        return "{ " + " ".join(filter(None, found) if any(found) else ["__typename"]) + " }"

    def _field(self, draft: Draft, type_: Any, name: str, depth: int) -> str:
        """One field with its selections; nothing where there is no room for any."""
        definition = type_.fields[name]
        is_parent = is_composite_type(get_named_type(definition.type))
        if draft.left <= 0 or (is_parent and depth <= 1):
            return ""
        draft.left -= 1
        arguments = self._arguments(draft, name, definition)
        text = f"{self._alias(draft, type_, name, arguments)}{name}{arguments}{self._directives(draft)}"
        return f"{text} {self._selections(draft, get_named_type(definition.type), depth - 1)}" if is_parent else text

    def _alias(self, draft: Draft, type_: Any, name: str, arguments: str) -> str:
        """An alias with its colon where one is needed, or wished."""
        own = str(type_.fields[name].type) if len(self._types_by_field[name]) > 1 else ""
        mark = f"{name}_{crc32((own + arguments).encode()) % 10**6}" if own or arguments else name
        key = draft.random.choice((mark, mark, mark, f"a_{mark}", f"b_{mark}"))
        return "" if key == name else f"{key}: "

    def _arguments(self, draft: Draft, field: str, definition: Any) -> str:
        optional = [name for name, argument in definition.args.items() if not is_required_argument(argument)]
        left_out = set(optional) - set(self._inputs.given(field, optional, draft.random))
        given = [
            f"{name}: {self._argument(draft, f'{field}.{name}', argument)}"
            for name, argument in definition.args.items()
            if name not in left_out
        ]
        return f"({', '.join(given)})" if given else ""

    def _argument(self, draft: Draft, name: str, argument: Any) -> str:
        """A literal or a variable, which at times stands within a list or an object."""
        random = draft.random
        if random.random() < 0.45:
            has_default = argument.default is not None
            return self._variable(draft, name, argument.type, may_be_null=has_default)
        inner = argument.type.of_type if is_non_null_type(argument.type) else argument.type
        if is_list_type(inner) and random.random() < 0.3:
            return f"[{self._variable(draft, name, inner.of_type)}]"
        if hasattr(inner, "is_one_of") and not inner.is_one_of and random.random() < 0.5:
            value = self._inputs.value(argument.type, name, random)
            if isinstance(value, dict) and value:
                chosen = random.choice(list(value))
                parts = {part: literal(given) for part, given in value.items()}
                parts[chosen] = self._variable(draft, f"{name}.{chosen}", inner.fields[chosen].type)
                return "{" + ", ".join(f"{part}: {text}" for part, text in parts.items()) + "}"
        return literal(self._inputs.value(argument.type, name, random))

    def _variable(self, draft: Draft, name: str, type_: Any, *, may_be_null: bool = False) -> str:
        """A variable that may stand where the type is wanted; one that is there already at times."""
        random = draft.random
        wanted = str(type_)
        for known, variable in draft.variables.items():
            if variable.type == wanted and random.random() < (0.5 if variable.purpose == name else 0.1):
                return f"${known}"
        required = wanted.endswith("!")
        made = Variable(name, wanted, lambda: self._inputs.value(type_, name, random), is_optional=not required)
        if required and random.random() < 0.5:
            made.type = wanted[:-1]
            if not may_be_null or random.random() < 0.5:
                made.default = f" = {literal(self._inputs.value(type_, name, random))}"
            made.is_optional = True
        elif not required and random.random() < 0.3:
            made.default = f" = {literal(self._inputs.value(type_, name, random))}"
        elif not required and random.random() < 0.1 and not wanted.startswith("["):
            made.type, made.is_optional = f"{wanted}!", False
        draft.variables[f"v{len(draft.variables)}"] = made
        return f"$v{len(draft.variables) - 1}"

    def _directives(self, draft: Draft) -> str:
        """@skip and @include, seldom; mostly such that the field stays."""
        random = draft.random
        text = ""
        for name in ("skip", "include"):
            if random.random() < 0.06:
                text += f" @{name}(if: {self._condition(draft, name)})"
        return text

    def _condition(self, draft: Draft, name: str) -> str:
        random = draft.random
        if random.random() < 0.4:
            return "true" if (name == "include") == (random.random() < 0.7) else "false"
        return self._variable(draft, name, CONDITION)

    def _fragment(self, draft: Draft, type_: Any, depth: int) -> str:
        """An inline fragment or the spread of a named one."""
        random = draft.random
        if depth <= 0 or draft.left <= 0:
            return ""
        if random.random() < 0.25:
            return f"...{self._directives(draft)} {self._selections(draft, type_, depth)}"
        condition = random.choice([one for one in self._composites if self._meet(one, type_)])
        if random.random() < 0.5:
            return f"... on {condition.name}{self._directives(draft)} {self._selections(draft, condition, depth)}"
        for name, (known, its_depth, _) in draft.fragments.items():
            if its_depth <= depth and self._meet(known, type_) and random.random() < 0.4:
                return f"...{name}{self._directives(draft)}"
        body = self._selections(draft, condition, depth)
        name = f"F{len(draft.fragments)}"
        draft.fragments[name] = (condition, depth, f"fragment {name} on {condition.name} {body}")
        return f"...{name}{self._directives(draft)}"

    def _meet(self, one: Any, other: Any) -> bool:
        """Whether an object can be of both types."""
        return bool(self._possible(one) & self._possible(other))

    def _possible(self, type_: Any) -> set[str]:
        if is_object_type(type_):
            return {type_.name}
        return {possible.name for possible in self._schema.get_possible_types(type_)}
