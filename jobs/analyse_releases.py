"""The job that asks a release index for releases, in batches of one category, and scores their groups.

Nothing waits for the index within a transaction. What it has said is kept at once, so that a chunk that was not stored
is taken from the cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from catalog.releases.analysis import AnalysedRelease, store_analysis
from catalog.releases.due import (
    FIRST_PLACE,
    DueRelease,
    DueScope,
    Place,
    count_due_releases,
    database_time,
    next_due_releases,
)
from catalog.releases.scores import AnalysedAt, ScoredGroups, score_groups
from catalog.transaction import Writer, transact
from domain.enums import JobLogLevel
from domain.errors import CatalogError, Code
from domain.ids import format_id
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.parameters import parameter
from jobs.release_calls import (
    Batch,
    BatchPlan,
    Findings,
    ask_batches,
    facts_of_release,
    kept_findings,
    key_of,
)
from jobs.release_report import ReleaseReport
from providers.releases.service import ReleaseIndex
from providers.services import configured

ANALYSIS_NAME = "analyse_releases"
# A chunk ends when it has work for all calls that may run at once, or has so many releases.
RELEASES_A_CHUNK = 2_000
RELEASES_A_PAGE = 500
SCORED_A_CHUNK = 500  # releases whose groups are scored


@dataclass(frozen=True, slots=True)
class AnalyseReleases:
    """Which releases; all that were not analysed yet, if nothing is given."""

    category: str | None = parameter("Only releases of this category.", default=None)
    releases: list[int] | None = parameter(
        "Only these releases, also those that were analysed already.", default=None, id_of="release"
    )
    library_id: int | None = parameter("Only releases of media of this library.", default=None, id_of="library")
    older_than_days: int | None = parameter(
        "Also releases that were analysed so many days ago, or longer.", default=None
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. started: by the database's clock; after: the release that was done last; scored: the
    one whose group was scored last, None while releases are analysed."""

    started: datetime
    after: Place
    scored: AnalysedAt | None
    report: ReleaseReport

    def as_state(self) -> dict[str, object]:
        return {
            "started": self.started.isoformat(),
            "after": list(self.after),
            "scored": None if self.scored is None else [self.scored[0].isoformat(), self.scored[1]],
            "report": self.report.as_state(),
        }


@dataclass(frozen=True, slots=True)
class Chunk:
    """Releases that are done together. kept: what the cache knew of them; batches: what the index is to be asked."""

    releases: Sequence[DueRelease]
    kept: Findings
    batches: Sequence[Batch]


async def analyse_releases(context: JobContext, parameters: AnalyseReleases) -> str:
    index = configured(context.services.releases, "MARQUEE_RELEASES_URL")
    at, total = await begin(context, parameters)
    run = ReleaseRun(context, index, due_scope(parameters, at.started), at, total)
    if at.scored is None:
        context.step("analyse releases")
        await run.analyse_all()
    context.step("score groups")
    await run.score_all()
    report = run.at.report
    return f"{report.succeeded} analysed, {report.failed} that could not be; {report.groups} groups scored."


async def begin(context: JobContext, parameters: AnalyseReleases) -> tuple[Progress, int | None]:
    """Where to go on; and how many releases there are, where the run begins."""
    if context.state:
        state = context.state
        category, release_state, id = state["after"]
        report = ReleaseReport.from_state(state["report"])
        started = datetime.fromisoformat(state["started"])
        scored = state["scored"] and (datetime.fromisoformat(state["scored"][0]), state["scored"][1])
        return Progress(started, (category, release_state, id), scored, report), None

    async def work(writer: Writer) -> tuple[Progress, int]:
        at = Progress(await database_time(writer), FIRST_PLACE, None, ReleaseReport())
        total = await count_due_releases(writer, due_scope(parameters, at.started))
        await context.save(writer, at.as_state(), context.counts, at.report.as_json())
        return at, total

    return await transact(context.session, context.viewer, ANALYSIS_NAME, work)


def due_scope(parameters: AnalyseReleases, started: datetime) -> DueScope:
    days = parameters.older_than_days
    before = None if days is None else started - timedelta(days=days)
    return DueScope(parameters.category, parameters.releases, parameters.library_id, before)


class ReleaseRun:
    """A run, chunk by chunk. at: where it stands."""

    def __init__(
        self, context: JobContext, index: ReleaseIndex, scope: DueScope, at: Progress, total: int | None
    ) -> None:
        self._context = context
        self._index = index
        self._scope = scope
        self._total = total
        self._since = monotonic()  # from when on its seconds are not in the report yet
        self.at = at

    async def analyse_all(self) -> None:
        self._context.progress(self._context.counts, self._total)
        while (chunk := await self._next_chunk()).releases:
            findings = chunk.kept | await ask_batches(self._context, self._index, chunk.batches)
            analysed = [AnalysedRelease(one, facts_of_release(findings[key_of(one)])) for one in chunk.releases]
            outcomes = await self._store(chunk, analysed)
            for one in outcomes:
                if isinstance(one.found, CatalogError):
                    reason = f"{format_id('release', one.release.id)}: {one.found.extensions['code']}: {one.found}"
                    self._context.log(reason, JobLogLevel.WARNING)
            self._context.progress(self._context.counts, self._total, chunk.releases[-1].name)

    async def _next_chunk(self) -> Chunk:
        """As many releases as fill the batches of all calls that may run at once. Those that the cache knows fill
        none."""
        plan = BatchPlan(self._index.batch_size, self._index.parallel)
        releases: list[DueRelease] = []
        kept: Findings = {}
        while len(releases) < RELEASES_A_CHUNK and not plan.is_full:
            page = await self._next_page(releases[-1].place if releases else self.at.after)
            known = await kept_findings(self._index, page)
            taken = [*plan.take(page, known)]
            releases += taken
            kept |= known
            if not page or len(taken) < len(page):
                break
        return Chunk(releases, kept, plan.batches())

    async def _next_page(self, after: Place) -> list[DueRelease]:
        most = min(self._index.batch_size * self._index.parallel, RELEASES_A_PAGE)

        async def work(writer: Writer) -> list[DueRelease]:
            return await next_due_releases(writer, self._scope, after, most)

        return await transact(self._context.session, self._context.viewer, ANALYSIS_NAME, work)

    async def _store(self, chunk: Chunk, analysed: Sequence[AnalysedRelease]) -> list[AnalysedRelease]:
        """Stores what was found, with where to go on; what has become of each release."""

        async def work(writer: Writer) -> tuple[list[AnalysedRelease], Progress]:
            outcomes = await store_analysis(writer, analysed)
            report = self._report()
            report.add(outcomes)
            report.cache_hits += sum(key_of(one) in chunk.kept for one in chunk.releases)
            report.calls += len(chunk.batches)
            return outcomes, await self._save(writer, replace(self.at, after=chunk.releases[-1].place, report=report))

        outcomes, at = await transact(self._context.session, self._context.viewer, ANALYSIS_NAME, work)
        self._come_to(at)
        return outcomes

    async def score_all(self) -> None:
        """Chunk by chunk: the groups of the releases that the run has analysed."""
        while (scored := await self._score_chunk()).last is not None:
            self._context.progress(self._context.counts, self._total, format_id("release", scored.last[1]))

    async def _score_chunk(self) -> ScoredGroups:
        async def work(writer: Writer) -> tuple[ScoredGroups, Progress]:
            after = self.at.scored or (self.at.started, 0)
            scored = await score_groups(writer, after, SCORED_A_CHUNK, self.at.started)
            report = self._report()
            report.groups += scored.number
            at = replace(self.at, scored=scored.last or after, report=report)
            return scored, await self._save(writer, at)

        scored, at = await transact(self._context.session, self._context.viewer, ANALYSIS_NAME, work)
        self._come_to(at)
        return scored

    def _report(self) -> ReleaseReport:
        """A copy of the report, up to now: a transaction may be begun anew."""
        report = ReleaseReport.from_state(self.at.report.as_state())
        report.seconds += monotonic() - self._since
        return report

    async def _save(self, writer: Writer, at: Progress) -> Progress:
        report = at.report
        by_outcome = {"analysed": report.succeeded} if report.succeeded else {}
        counts = JobCounts(report.succeeded, report.failed, by_outcome, report.failures)
        await self._context.save(writer, at.as_state(), counts, report.as_json())
        return at

    def _come_to(self, at: Progress) -> None:
        self._since += at.report.seconds - self.at.report.seconds
        self.at = at


def check_analysis(parameters: AnalyseReleases) -> None:
    """BAD_ARGUMENT."""
    days = parameters.older_than_days
    if days is not None and not 0 <= days <= 36_500:
        raise CatalogError(Code.BAD_ARGUMENT, "olderThanDays is a number from 0 to 36500.")


ANALYSE_RELEASES = JobKind(
    name=ANALYSIS_NAME,
    description="Asks the release index for releases, and scores their groups.",
    parameters=AnalyseReleases,
    run=analyse_releases,
    check=check_analysis,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: ANALYSIS_NAME,
)
