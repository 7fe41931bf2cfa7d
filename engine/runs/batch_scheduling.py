"""Batches by rank: which loader is asked next, so that each place of an operation is asked for once.

A loader is sent when nothing that is still pending can lead to it again: its keys are complete then, however late
their parts came. Where two wait for each other, as in a query that comes back to where it began, the one asked for
nearest the root goes first. None of this looks at a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from engine.plans.plan import Field
from engine.relation import Asked, Loader
from engine.runs.bucket import Bucket, site

Deliver = Callable[[list[Any]], None]
leads_on = attrgetter("leads_on")


class Request:
    """What one field asks of a loader: a key for each of some objects. `deliver` takes the values, in order."""

    __slots__ = ("bucket", "deliver", "field", "keys", "loader", "name", "rows", "since")

    def __init__(
        self,
        loader: Loader,
        name: str,
        bucket: Bucket,
        field: Field,
        keys: list[Any],
        rows: list[int] | None,
    ) -> None:
        self.loader = loader
        self.name = name
        self.bucket = bucket
        self.field = field
        self.keys = keys
        self.rows = rows
        self.deliver: Deliver | None = None
        self.since = 0.0

    def add(self, key: Any, row: int) -> None:
        """One more object and its key."""
        assert self.rows is not None
        self.keys.append(key)
        self.rows.append(row)

    @property
    def is_wanted(self) -> bool:
        """Whether somebody still needs an answer."""
        return any(map(self.bucket.is_wanted, self._all_rows))

    @property
    def _all_rows(self) -> Sequence[int]:
        return range(len(self.bucket.objects)) if self.rows is None else self.rows

    def keep_wanted(self) -> bool:
        """Leaves out the objects whose answers have been nulled; False where none is left."""
        rows = self._all_rows
        wanted = [place for place, row in enumerate(rows) if self.bucket.is_wanted(row)]
        if self.deliver is None and len(wanted) < len(rows):
            self.keys = [self.keys[place] for place in wanted]
            self.rows = [rows[place] for place in wanted]
        return bool(wanted)

    def asked(self) -> Asked:
        """Who asks, for the report."""
        name = f"{self.field.parent_type.name}.{self.field.name}"
        return name, site(self.bucket, self.field), self.field.offset, len(self.keys), self.since


class Group:
    """The pending requests to one loader: one batch. `leads_on`: its values may make somebody ask at all."""

    __slots__ = ("leads_on", "loader", "name", "requests")

    def __init__(self, loader: Loader, name: str) -> None:
        self.loader = loader
        self.name = name
        self.requests: list[Request] = []
        self.leads_on = False

    def leads_to(self, name: str) -> bool:
        """Whether its values may make somebody ask a loader."""
        return any(name in request.field.below for request in self.requests)

    @property
    def keys(self) -> list[Any]:
        if len(self.requests) == 1:
            return self.requests[0].keys
        return [key for request in self.requests for key in request.keys]

    @property
    def rank(self) -> tuple[int, int]:
        return min(request.field.rank for request in self.requests)


class Batches:
    """The pending requests of one execution."""

    __slots__ = ("groups",)

    def __init__(self) -> None:
        self.groups: dict[int, Group] = {}

    def add(self, request: Request) -> None:
        group = self.groups.get(id(request.loader))
        if group is None:
            group = self.groups[id(request.loader)] = Group(request.loader, request.name)
        group.requests.append(request)
        group.leads_on = group.leads_on or bool(request.field.below)

    def take(self, others: Iterable[Field] = (), *, anyway: bool = False) -> Group | None:
        """The batch to send next, None where every one waits for the fields `others`.

        With `anyway` one is sent all the same: what it waits for has had its time."""
        groups = list(self.groups.values())
        chosen: Group | None = groups[0]
        if others or (len(groups) > 1 and any(map(leads_on, groups))):
            held = frozenset[str]() if anyway else frozenset[str]().union(*(field.below for field in others))
            chosen = min(unblocked(groups, held), key=lambda group: group.rank, default=None)
        if chosen is not None:
            del self.groups[id(chosen.loader)]
        return chosen

    def drop(self) -> None:
        """Forgets the keys whose answers nobody needs any more."""
        for key, group in list(self.groups.items()):
            group.requests = [request for request in group.requests if request.keep_wanted()]
            if not group.requests:
                del self.groups[key]


def unblocked(groups: list[Group], held: frozenset[str]) -> list[Group]:
    """The groups to which nothing leads: no field that is waited for, no other group but those of their own circle."""
    # Worked out by names: a hundred aliases of one page are a hundred groups.
    names = {group.name for group in groups}
    direct = {group: {name for name in names if group.leads_to(name)} for group in groups}
    steps: dict[str, set[str]] = {name: set() for name in names}
    for group in groups:
        steps[group.name] |= direct[group]
    for between in names:
        for name in names:
            if between in steps[name]:
                steps[name] |= steps[between]
    reached = {group: direct[group].union(*(steps[name] for name in direct[group])) for group in groups}
    into: dict[str, set[str]] = {name: {group.name for group in groups if name in reached[group]} for name in names}
    return [group for group in groups if group.name not in held and into[group.name] <= reached[group] | {group.name}]
