"""Plans that are kept, bounded by the number of their fields, which are what they weigh; the least recently used go.

A plan lies with its operation and goes with its document at the latest; here is only the order of their use."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from weakref import ref

from engine.plans.plan import Plan

if TYPE_CHECKING:
    from engine.documents.document import Operation

# A field takes up to 3 kB (measured), all of them so at most 60 MB; a thousand usual operations have 20,000.
MAX_KEPT_FIELDS = 20_000

Variant = tuple[Any, ...]  # the values of the variables in @skip and @include


class PlanCache:
    """The plans of an engine. `fields`: of all that are kept, those of dropped documents until their turn comes."""

    __slots__ = ("_most", "_used", "fields")

    def __init__(self, most: int = MAX_KEPT_FIELDS) -> None:
        self._most = most
        self._used: OrderedDict[tuple[ref[Operation], Variant], int] = OrderedDict()
        self.fields = 0

    def __len__(self) -> int:
        return len(self._used)

    def get(self, operation: Operation, variant: Variant) -> Plan | None:
        plan = operation.plans.get(variant)
        if plan is not None:
            self._used.move_to_end((ref(operation), variant))
        return plan

    def keep(self, operation: Operation, variant: Variant, plan: Plan) -> None:
        operation.plans[variant] = plan
        self._used[ref(operation), variant] = plan.size
        self.fields += plan.size
        while self.fields > self._most:
            (oldest, values), size = self._used.popitem(last=False)
            self.fields -= size
            if (dropped := oldest()) is not None:
                del dropped.plans[values]
