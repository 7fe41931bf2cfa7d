"""What an operation costs, known before it runs.

Built once a document; priced with each request's variables. The cost is counted in quarters of a row:

- a row that is read counts one: a page its size, a list of a parent its usual length (lengths.py), an edit the
  targets that it is given; a row of a list from which nothing further is read counts a quarter, and so does each
  thing that an edit does with a target;
- everything that comes into the answer counts a quarter, a value as well as an object that was read already, and so
  does each further stretch of a long name; a field may declare that its values are longer (WEIGHT);
- a page's filter and order, and the filter of an edit (FILTER), count one for each value in them, for each parent.

Everything counts as often as its parents. Introspection counts by the average lengths of its lists."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from engine.documents.introspection import usual
from engine.documents.lengths import usual_length, usual_page
from engine.documents.priced_arguments import GivenVariables, Targets, argument, depends, elements, number, page_size
from engine.limits import Limits
from engine.relation import FILTER, TARGETS, WEIGHT, Declaration, declaration_of
from engine.types import strawberry_type

UNITS = 4  # of one row
LEAF_ROW = 1
THING = 1
VALUE = 1
TOTAL = 4
NAME = 32  # letters of a name in the answer that the value beside it covers
LIST = 4  # elements of a list that nothing is known of


class PricedSelection:
    """What is selected on objects: fields with selections of their own, and the values of the others.

    values: quarters an object. listed: quarters an element of its lists of values."""

    __slots__ = ("listed", "parts", "values")

    def __init__(self) -> None:
        self.parts: list[PricedField] = []
        self.values = 0
        self.listed = 0

    def add(self, other: PricedSelection) -> None:
        """Takes what a fragment has."""
        self.parts += other.parts
        self.values += other.values
        self.listed += other.listed

    def add_value(self, node: FieldNode, definition: GraphQLField, known: Any) -> None:
        """Takes a field without a selection."""
        weight = known.metadata.get(WEIGHT, VALUE) if known is not None else VALUE
        if known is not None and declaration_of(definition) is not None:
            weight = TOTAL
        if is_list_type(get_nullable_type(definition.type)):
            self.listed += weight
            weight = VALUE
        self.values += weight + len(response_name(node)) // NAME


class PricedField:
    """A field of an operation with a selection: what says how many objects it has a parent, and what each has.

    own: quarters a parent for its name. many: a list whose length depends on the field above. varies: on variables."""

    __slots__ = ("declaration", "filter", "known", "many", "node", "own", "selection", "targets", "varies")

    def __init__(self, node: FieldNode, definition: GraphQLField, declaration: Declaration | None) -> None:
        known = strawberry_type(definition)
        self.node = node
        self.declaration = declaration
        self.targets: Targets | None = known.metadata.get(TARGETS) if known is not None else None
        self.filter: str | None = known.metadata.get(FILTER) if known is not None else None
        self.many = is_list_type(get_nullable_type(definition.type))
        self.own = VALUE + len(response_name(node)) // NAME
        self.selection = PricedSelection()
        self.varies = False
        self.known: tuple[Limits, int, int] | None = None  # for which limits and size, and the cost

    def close(self) -> None:
        """Once its selection is known."""
        declaration = self.declaration
        sized = declaration is not None and (declaration.kind == "page" or declaration.sized_by is not None)
        depending = (sized or self.targets is not None or self.filter is not None) and depends(self.node)
        self.varies = depending or any(part.varies for part in self.selection.parts)


class Price:
    """The priced form of one operation."""

    def __init__(
        self, schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._shared: dict[str, PricedSelection] = {}
        self._defaults = {
            definition.variable.name.value: definition.default_value
            for definition in operation.variable_definitions or ()
            if definition.default_value is not None
        }
        root = schema.get_root_type(operation.operation)
        self.selection = (
            self._select(operation.selection_set, root, PricedSelection()) if root is not None else PricedSelection()
        )
        self._varies = any(part.varies for part in self.selection.parts)
        self._known: tuple[Limits, int] | None = None  # of an operation whose variables do not count

    def _select(
        self, selection_set: SelectionSetNode, parent: GraphQLCompositeType, found: PricedSelection
    ) -> PricedSelection:
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                found.add(self._fragment(node.name.value))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                type_: Any = self._schema.type_map[condition.name.value] if condition else parent
                self._select(node.selection_set, type_, found)
            elif isinstance(node, FieldNode):
                self._field(node, parent, found)
        return found

    def _fragment(self, name: str) -> PricedSelection:
        if name not in self._shared:
            fragment = self._fragments[name]
            type_: Any = self._schema.type_map[fragment.type_condition.name.value]
            self._shared[name] = self._select(fragment.selection_set, type_, PricedSelection())
        return self._shared[name]

    def _field(self, node: FieldNode, parent: GraphQLCompositeType, found: PricedSelection) -> None:
        definition = self._schema.get_field(parent, node.name.value)
        if definition is None:
            return
        introspection = node.name.value.startswith("__") or parent.name.startswith("__")
        known = strawberry_type(definition)
        type_ = get_named_type(definition.type)
        if not is_composite_type(type_) or node.selection_set is None:
            found.add_value(node, definition, known)
            return
        is_list = introspection and is_list_type(get_nullable_type(definition.type))
        part = PricedField(node, definition, self._listed(node) if is_list else declaration_of(definition))
        self._select(node.selection_set, type_, part.selection)
        part.close()
        found.parts.append(part)

    def _listed(self, node: FieldNode) -> Declaration | None:
        """What stands for the declaration of a list of introspection."""
        length = usual(self._schema).get(node.name.value)
        return None if length is None else Declaration("lookup", bound=max(1, ceil(length)))

    def cost(self, variables: Mapping[str, Any], limits: Limits) -> int:
        """What the operation costs with these variables, rounded up to rows."""
        return -(-self.quarters(variables, limits) // UNITS)

    def quarters(self, variables: Mapping[str, Any], limits: Limits) -> int:
        """The same, exactly."""
        if self._known is not None and self._known[0] is limits:
            return self._known[1]
        cost = Pricing(GivenVariables(self._defaults, variables), limits).selection(self.selection, LIST)
        if not self._varies:
            self._known = (limits, cost)
        return cost

    def costliest(self, variables: Mapping[str, Any], limits: Limits) -> tuple[str, int]:
        """The path of the field that most of the cost is for, and what it costs."""
        path, cost = Pricing(GivenVariables(self._defaults, variables), limits).costliest(self.selection)
        return ".".join(path), -(-cost // UNITS)


class Pricing:
    """The pricing of an operation for one request. Every cost is in quarters."""

    __slots__ = ("_costs", "_counted", "limits", "variables")

    def __init__(self, variables: GivenVariables, limits: Limits) -> None:
        self.variables = variables
        self.limits = limits
        # By variable, or value of the document: what a hundred edits are given by one is counted once.
        self._counted: dict[tuple[int, int], tuple[int, int]] = {}
        self._costs: dict[tuple[PricedField, int], int] | None = None  # where they are asked for again and again

    def selection(self, selection: PricedSelection, size: int) -> int:
        """What is selected costs an object. size: the length of lists that the field above gives."""
        cost = selection.values + selection.listed * size
        for part in selection.parts:
            cost += self.part(part, size)
        return cost

    def part(self, part: PricedField, size: int) -> int:
        """What a field costs a parent."""
        if (known := part.known) is not None and known[1] == size and known[0] is self.limits:
            return known[2]
        if self._costs is not None and (part, size) in self._costs:
            return self._costs[part, size]
        read, objects, inner = self.reach(part, size)
        cost = part.own + read + objects * self.selection(part.selection, inner)
        if not part.varies:
            part.known = (self.limits, size, cost)
        elif self._costs is not None:
            self._costs[part, size] = cost
        return cost

    def reach(self, part: PricedField, size: int) -> tuple[int, int, int]:
        """Of a field for one parent: what reading costs, its objects, and the length of the lists right below it."""
        declaration = part.declaration
        if part.targets is not None:
            targets, things = self.count(part.node, part.targets)
            return targets * UNITS + things * THING, 1, targets
        if declaration is None:
            objects = size if part.many else 1
            return objects * VALUE + values(part, self.variables) * UNITS, objects, LIST
        if declaration.kind == "page":
            asked = page_size(part.node, self.variables, self.limits)
            rows = usual_page(declaration, asked, self.limits.averages)
            return (rows + values(part, self.variables)) * UNITS, 1, rows
        if declaration.kind == "total":
            return self.total(part, declaration)
        rows = self.rows(part, declaration, size)
        is_leaf = declaration.kind == "many" and not part.selection.parts
        return rows * (LEAF_ROW if is_leaf else UNITS), rows, LIST

    def total(self, part: PricedField, declaration: Declaration) -> tuple[int, int, int]:
        """What is known of a whole list, as objects; the argument of the lists below them is at most a page's size."""
        sized, below = declaration.sized_by, declaration.lists_sized_by
        objects = self.looked_up(part.node, sized, declaration) if sized is not None else 1
        if below is None:
            return objects * declaration.rows * UNITS, objects, LIST
        length = number(argument(part.node, below, self.variables))
        inner = self.limits.page_default if length is None else int(max(0, min(self.limits.page_max, length)))
        return objects * declaration.rows * UNITS, objects, inner

    def count(self, node: FieldNode, targets: Targets) -> tuple[int, int]:
        """What an edit is given. The same variable may be given to many edits."""
        given = argument(node, targets.argument, self.variables)
        key = (id(given), id(targets))
        if key not in self._counted:
            self._counted[key] = targets.count(given, self.variables)
        return self._counted[key]

    def rows(self, part: PricedField, declaration: Declaration, size: int) -> int:
        """The rows of a field that is no page, a parent."""
        if declaration.kind == "many":
            return usual_length(declaration, self.limits.averages)
        if declaration.sized_above:
            return size
        if declaration.sized_by is not None:
            return self.looked_up(part.node, declaration.sized_by, declaration)
        return declaration.bound or 1

    def looked_up(self, node: FieldNode, name: str, declaration: Declaration) -> int:
        """The rows of a look-up by a list argument, one where it is missing: then the request is refused later on."""
        given = argument(node, name, self.variables)
        found = elements(given) if given is not None else (None,)
        weigh = declaration.weigh
        return len(found) if weigh is None else weigh(found, self.limits.elements)

    def costliest(self, selection: PricedSelection) -> tuple[list[str], int]:
        """The way down to the field that costs most, as long as one field has most of what the one above it costs."""
        path: list[str] = []
        self._costs = {}
        size, parents, cost = LIST, 1, self.selection(selection, LIST)
        while selection.parts:
            below = max(selection.parts, key=lambda part: self.part(part, size))
            share = parents * self.part(below, size)
            if path and share * 2 < cost:
                break
            path.append(response_name(below.node))
            cost = share
            _, objects, size = self.reach(below, size)
            parents *= objects
            selection = below.selection
        return path, cost


def response_name(node: FieldNode) -> str:
    """The name of a field in the answer."""
    return (node.alias or node.name).value


def values(part: PricedField, variables: GivenVariables) -> int:
    """The values in the input objects that choose and order a page's rows, or choose what an edit changes."""
    is_page = part.declaration is not None and part.declaration.kind == "page"
    if not is_page and part.filter is None:
        return 0
    given = (one for one in part.node.arguments or () if is_page or one.name.value == part.filter)
    return variables.values_in(one.value for one in given)
