"""Plans: an operation's selections merged once, each field with how it is got and which loaders it leads to.

Merging is graphql-core's own. A plan holds for one set of values of the variables that @skip and @include use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetailsList,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from engine.plans.access import Access, access_of
from engine.plans.codegen import LEFT_TO_JSON, Build, Inline, build_function
from engine.plans.inputs import Conversion
from engine.plans.object_size import width
from engine.relation import Declaration, Reference
from engine.types import TypeGuard, nullability, possible_types, type_guard

# Of a plan, each once for every type that it is selected on. Beyond them graphql-core's way, as it goes, is cheaper.
MAX_PLAN_FIELDS = 4_000

# Leaf types whose values are short, beside all enums.
SHORT_TYPES = (GraphQLInt, GraphQLFloat, GraphQLBoolean, GraphQLID)

NO_LOADERS: frozenset[str] = frozenset()


class Unsupported(Exception):
    """Why an operation is left to graphql-core."""


class Field:
    """One key of a selection on one object type.

    nullable: for the value and, in lists, for the items of each level, whether null may stand there.
    below: names of the loaders that its selections lead to. rank: how near the root it stands, then in what order."""

    __slots__ = (
        *("access", "arguments", "below", "conversions", "definition", "details", "is_abstract", "is_leaf"),
        *("is_unread", "key", "list_depth", "lists", "name", "named_type", "nodes", "nullable", "offset"),
        *("parent_type", "position", "rank", "read", "selections", "type", "type_guard", "uses_variables"),
    )

    def __init__(
        self, schema: GraphQLSchema, parent_type: GraphQLObjectType, key: str, details: FieldDetailsList, position: int
    ) -> None:
        self.key, self.details, self.parent_type, self.position = key, details, parent_type, position
        self.rank = (0, 0)
        self.nodes: list[FieldNode] = [one.node for one in details]
        node = self.nodes[0]
        self.name = node.name.value
        definition = schema.get_field(parent_type, self.name)
        assert definition is not None
        self.definition: GraphQLField = definition
        self.type: GraphQLOutputType = definition.type
        self.nullable, self.named_type = nullability(definition.type)
        self.list_depth = len(self.nullable) - 1
        self.is_leaf = is_leaf_type(self.named_type)
        self.is_abstract = is_abstract_type(self.named_type)
        self.type_guard = TypeGuard() if self.is_leaf else type_guard(schema, self.named_type)
        self.access: Access = access_of(definition, parent_type)
        self.read: Callable[[Any], Any] | None = None  # where it is read from its parent, and not by the builder
        self.uses_variables = any(mentions_variable(argument.value) for argument in node.arguments or ())
        self.arguments: Mapping[str, Any] | None = None  # those without variables, once they were read
        self.conversions: list[Conversion] | None = None  # of its arguments (engine/runs/arguments.py)
        self.selections: dict[str, Selection] = {}  # by the name of the object type
        self.below: frozenset[str] = NO_LOADERS
        self.is_unread = False  # a page of which nothing is asked but how long the whole list is
        self.lists: list[tuple[str, Reference]] = []  # of a look-up: the lists on its object, by column
        self.offset = node.loc.start if node.loc else 0

    @property
    def declaration(self) -> Declaration | None:
        return self.access.declaration

    @property
    def is_inline(self) -> bool:
        """Whether the builder of the selection reads it."""
        return self.is_leaf and self.list_depth == 0 and self.access.source is not None

    @property
    def leads_to(self) -> frozenset[str]:
        """The loaders that may be asked from here on, its own included."""
        declaration = self.access.declaration
        if declaration is None:
            return self.below
        return self.below.union([ref.name for ref in declaration.refs] or [loader_name(declaration)])


def loader_name(declaration: Declaration) -> str:
    """The name of a declared field's loader. Which one counts, or looks up, only its target knows."""
    return declaration.kind if declaration.ref is None else declaration.ref.name


class Selection:
    """The selection set on one object type. `to_resolve`: the fields that its builder leaves open, in order."""

    __slots__ = ("build", "inline", "leads_to", "source", "template", "texts", "to_resolve", "type", "width")

    build: Build
    width: int  # of an object's answer, in bytes, but for its texts

    def __init__(self, type_: GraphQLObjectType) -> None:
        self.type = type_
        self.inline: list[Field] = []
        self.to_resolve: list[Field] = []
        self.template: dict[str, str | None] = {}  # an answer before anything is known of it
        self.leads_to: frozenset[str] = NO_LOADERS
        self.source = ""
        self.texts: tuple[str, ...] = ()  # the fields that its builder reads whose values are of any length

    def finish(self, fields: list[Field], typenames: list[str], order: list[str]) -> None:
        """Its fields are known: the builder is made."""
        self.inline = [field for field in fields if field.is_inline]
        self.to_resolve = [field for field in fields if not field.is_inline]
        for field in self.to_resolve:
            field.read = field.access.read
        self.leads_to = frozenset[str]().union(*(field.leads_to for field in self.to_resolve))
        inline = {
            field.key: Inline(field.access.source, field.named_type, field.nullable[0])
            for field in self.inline
            if field.access.source is not None
        }
        constants = dict.fromkeys(typenames, self.type.name)
        self.template = {key: constants.get(key) for key in order}
        self.width = width(order)
        self.texts = tuple(field.key for field in self.inline if not is_short(field.named_type))
        self.build, self.source = build_function(self.type.name, order, inline, constants)


class Plan:
    """An operation, ready to run. serial: its root fields run one after the other; size: its fields and selections."""

    __slots__ = ("fragments", "operation", "root", "serial", "size")

    def __init__(
        self,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        root: Selection,
        size: int,
    ) -> None:
        self.size = size
        self.operation = operation
        self.fragments = dict(fragments)
        self.root = root
        self.serial = operation.operation is OperationType.MUTATION


def make_plan(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues,
) -> Plan:
    """The plan of an operation for these values of its conditions. Raises Unsupported."""
    root_type = schema.get_root_type(operation.operation)
    if root_type is None:
        raise Unsupported(operation.operation.value)
    planner = Planner(schema, operation, fragments, variables)
    collected = collect_fields(schema, planner.fragments, variables, root_type, operation)
    root = planner.selection(root_type, collected)
    return Plan(operation, fragments, root, planner.count)


class Planner:
    """Makes the selections of one operation; equal ones on the same type are one."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.variables = variables
        self.fragments = {name: FragmentDetails(node) for name, node in fragments.items()}
        self._known: dict[tuple[str, tuple[int, ...]], Selection] = {}
        self._level = 0
        self.count = 0

    def selection(self, type_: GraphQLObjectType, collected: CollectedFields) -> Selection:
        """The selection of collected fields on a type."""
        if collected.new_defer_usages:
            raise Unsupported("defer")
        selection = Selection(type_)
        self.count += 1
        fields: list[Field] = []
        typenames: list[str] = []
        order: list[str] = []
        for key, details in collected.grouped_field_set.items():
            name = details[0].node.name.value
            if name == "__typename":
                typenames.append(key)
                self.count += 1
            elif name.startswith("__"):
                raise Unsupported("introspection")
            elif name in type_.fields:
                fields.append(self.field(type_, key, details, len(order)))
            else:  # on an abstract type's other member: graphql-core passes it over as well
                continue
            order.append(key)
        selection.finish(fields, typenames, order)
        return selection

    def field(self, type_: GraphQLObjectType, key: str, details: FieldDetailsList, position: int) -> Field:
        field = Field(self.schema, type_, key, details, position)
        field.rank = (self._level, self.count)
        self.count += 1
        if self.count > MAX_PLAN_FIELDS:
            raise Unsupported(f"more than {MAX_PLAN_FIELDS} fields")
        self._level += 1
        if not field.is_leaf:
            for possible in possible_types(self.schema, field.named_type):
                field.selections[possible.name] = self.below(possible, details)
            field.below = frozenset[str]().union(*(one.leads_to for one in field.selections.values()))
            is_page = field.declaration is not None and field.declaration.kind == "page"
            field.is_unread = is_page and all(map(asks_for_totals, field.selections.values()))
            # Of a look-up alone: below a list, one statement more or less would hang on the number of rows.
            is_single = field.declaration is not None and field.declaration.kind == "lookup" and field.list_depth == 0
            if is_single and len(field.selections) == 1:
                field.lists = list(lists_on(next(iter(field.selections.values()))))
        self._level -= 1
        return field

    def below(self, type_: GraphQLObjectType, details: FieldDetailsList) -> Selection:
        """The selection below merged fields on a type."""
        place = (type_.name, tuple(id(one.node) for one in details))
        if place not in self._known:
            collected = collect_subfields(
                self.schema, self.fragments, self.variables, self.operation, type_, details, hide_suggestions=False
            )
            self._known[place] = self.selection(type_, collected)
        return self._known[place]


def is_short(type_: Any) -> bool:
    """Whether values of a leaf type are short, whatever they are."""
    return type_ in SHORT_TYPES or is_enum_type(type_) or bool(type_.extensions.get(LEFT_TO_JSON))


def asks_for_totals(selection: Selection) -> bool:
    """Whether nothing but totals is selected."""
    fields = selection.to_resolve
    return not selection.inline and all(
        (known := one.declaration) is not None and known.kind == "total" and not known.reads_page for one in fields
    )


def lists_on(selection: Selection) -> Iterator[tuple[str, Reference]]:
    """The relations of a selection that are whole lists, by the column that is their key."""
    for field in selection.to_resolve:
        declaration = field.access.declaration
        if declaration is not None and declaration.kind == "many" and declaration.column and declaration.ref:
            yield declaration.column, declaration.ref


def mentions_variable(node: Any) -> bool:
    """Whether a variable stands in an argument."""
    if isinstance(node, ObjectValueNode):
        return any(mentions_variable(field.value) for field in node.fields)
    if isinstance(node, ListValueNode):
        return any(map(mentions_variable, node.values))
    return isinstance(node, VariableNode)
