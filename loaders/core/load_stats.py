"""What an operation's loads cost: one entry a batch, kept only where somebody wants to know.

Times are seconds of time.perf_counter()."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter

from database.sent_statement import SentStatement
from domain.errors import CatalogError

# The batch whose statements run in this task.
CURRENT_BATCH: ContextVar[BatchStats | None] = ContextVar("current batch", default=None)


# A place in the answer, and the offset of its field in the document: two fields may answer under one name.
Site = tuple[str, int]

# A field that asks with a level: "Media.tags", its place in the answer, its offset, number of keys, since when.
Asked = tuple[str, str, int, int, float]


def error_name(error: BaseException) -> str:
    """Its code, or its class; never its words, which can hold literals."""
    return str(error.extensions["code"]) if isinstance(error, CatalogError) else type(error).__name__


@dataclass(slots=True)
class SiteLoads:
    """What one site has put into a batch."""

    field: str
    first_load: float
    loads: int = 0


@dataclass(slots=True)
class BatchStats:
    """The loads of one loader that were sent together.

    keys: loads that asked for one; unique: keys sent; hits: loads that were answered from the operation's cache.
    fields: loads by field ("Media.tags"); sites: what each place in the answer and the document loaded afresh.
    is_hurried: it was sent although a late resolver might still have added to it."""

    loader: str
    first_load: float
    keys: int = 0
    unique: int = 0
    hits: int = 0
    wave: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    sites: dict[Site, SiteLoads] = field(default_factory=dict)
    started: float | None = None
    ended: float | None = None
    sent: list[SentStatement] = field(default_factory=list)
    error: str | None = None
    is_hurried: bool = False

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.sent)

    @property
    def waited(self) -> float:
        """From the first load to the first statement: for siblings, for the connection."""
        begun = self.started
        if self.sent:
            begun = self.sent[0].started if self.sent[0].was_sent else self.ended
        return max(0.0, (begun or self.first_load) - self.first_load)

    @property
    def ran(self) -> float:
        """In the database."""
        return sum(one.ended - one.started for one in self.sent)


@dataclass(frozen=True, slots=True)
class BatchSplit:
    """A site whose loads came apart: into which batches, how many loads came late, and by how many seconds."""

    field: str
    batches: tuple[BatchStats, ...]
    late_loads: int
    late_by: float


class LoadStats:
    """The entries of one operation, in the order of their first loads."""

    __slots__ = ("_hurried", "batches", "field", "site", "unbatched")

    def __init__(self) -> None:
        self.batches: list[BatchStats] = []
        self.unbatched: list[str] = []
        self._hurried: set[str] = set()
        self.field = "?"
        self.site: Site = ("?", 0)

    def visit(self, field: str, site: str, offset: int) -> None:
        """The loads that follow come from this field, at this place of the answer and of the document."""
        self.field = field
        self.site = (site, offset)

    def send_incomplete(self, loader: str) -> None:
        """The loader's next batch goes without what a late resolver may still ask for."""
        self._hurried.add(loader)

    def open_batch(self, loader: str, first_load: float) -> BatchStats:
        """A new entry. Its wave follows the last one of which a batch was back when it was first asked for."""
        batch = BatchStats(loader, first_load, is_hurried=loader in self._hurried)
        self._hurried.discard(loader)
        ended = [one.wave for one in self.batches if one.ended is not None and one.ended <= first_load]
        batch.wave = 1 + max(ended, default=-1)
        self.batches.append(batch)
        return batch

    def add_statement(self, name: str, text: str, *, of_loader: bool = True) -> SentStatement:
        """A statement is about to be sent, by the batch of this task or by nobody."""
        sent = SentStatement(name, text, of_loader)
        batch = CURRENT_BATCH.get()
        if batch is None:
            self.unbatched.append(name)
        else:
            batch.sent.append(sent)
        return sent

    @property
    def splits(self) -> list[BatchSplit]:
        """The sites whose loads came apart into several batches of one loader, or after one that could not wait."""
        found: dict[tuple[str, Site], list[BatchStats]] = {}
        hurried: dict[str, BatchStats] = {}
        for batch in self.batches:
            for site in batch.sites:
                before = found.setdefault((batch.loader, site), [])
                if not before and batch.loader in hurried:
                    before.append(hurried[batch.loader])
                before.append(batch)
            if batch.is_hurried:
                hurried.setdefault(batch.loader, batch)
        return [describe_split(site, batches) for (_, site), batches in found.items() if len(batches) > 1]

    @property
    def split_batches(self) -> set[int]:
        """The places in `batches` of those that are parts of a split."""
        parts = {id(batch) for one in self.splits for batch in one.batches}
        return {place for place, batch in enumerate(self.batches) if id(batch) in parts}


class LoaderStats:
    """What the loads of one loader cost: keeps to which of its batches they go."""

    __slots__ = ("_collecting", "_ledger", "_loader", "_newest")
    _newest: BatchStats

    def __init__(self, stats: LoadStats, loader: str) -> None:
        self._ledger = stats
        self._loader = loader
        self._collecting: deque[BatchStats] = deque()

    def count_load(self, *, cached: bool, opens: bool) -> None:
        """A load of the visited field. `opens`: it is the first one of a new batch."""
        now = perf_counter()
        stats = self._ledger
        if opens:
            self._newest = stats.open_batch(self._loader, now)
            self._collecting.append(self._newest)
        batch = self._newest if cached else self._collecting[-1]
        batch.keys += 1
        batch.hits += cached
        batch.fields[stats.field] = batch.fields.get(stats.field, 0) + 1
        if not cached:
            batch.sites.setdefault(stats.site, SiteLoads(stats.field, now)).loads += 1

    def share_batch_of(self, other: LoaderStats) -> None:
        """The other loader's last batch has brought answers of this one: they are hits of it."""
        self._newest = other._newest

    def send_collected(self, unique: int) -> AbstractContextManager[None]:
        """The loads of the oldest batch that collects are sent."""
        return measured(self._collecting.popleft(), unique)

    def send_level(self, asked: Sequence[Asked], keys: int, unique: int) -> AbstractContextManager[None]:
        """A whole level asks: `unique` keys are sent; where none is, its hits go to the newest batch."""
        if unique:
            first_load = min((since for *_, since in asked), default=perf_counter())
            self._newest = self._ledger.open_batch(self._loader, first_load)
        batch = self._newest
        number = sum(one[3] for one in asked) or keys
        batch.keys += number
        batch.hits += number - unique
        for name, site, offset, loads, since in asked:
            batch.fields[name] = batch.fields.get(name, 0) + loads
            if unique:
                batch.sites.setdefault((site, offset), SiteLoads(name, since)).loads += loads
        return measured(batch, unique)


@contextmanager
def measured(batch: BatchStats, unique: int) -> Iterator[None]:
    """The loads of a batch are sent: statements of this task are theirs."""
    batch.started = perf_counter()
    batch.unique = unique
    before = CURRENT_BATCH.set(batch)
    try:
        yield
    except BaseException as error:
        batch.error = error_name(error)
        raise
    finally:
        batch.ended = perf_counter()
        CURRENT_BATCH.reset(before)


def describe_split(site: Site, batches: list[BatchStats]) -> BatchSplit:
    """What is to be said of a site with several batches."""
    first, *later = batches
    late = [one.sites[site] for one in later]
    late_by = late[0].first_load - (first.started or first.first_load)
    return BatchSplit(late[0].field, tuple(batches), sum(one.loads for one in late), max(0.0, late_by))
