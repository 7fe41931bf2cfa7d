"""What MIDI files are analysed for: which media need it, and the facts stored chunk by chunk.

A media that was analysed is marked as processed by `analyse`, whether or not its file could be read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

from catalog.process import mark_processed
from catalog.transaction import Writer, statement, transact
from catalog.upsert.item import Item, MatchBy, Status
from catalog.upsert.upsert import upsert_media
from database.session import Session
from domain.viewer import Viewer

B = TypeVar("B")

PROCESS = "analyse"
NAME_OF_ANALYSIS = "analyse_music"  # of its statements
CHUNK_OF_MEDIA = 250

# Media with a MIDI file that come after $1. $2: only these, null for all that were not analysed since their file was
# written to; $3: the libraries that may be changed, $4: how many.
TO_ANALYSE = """
SELECT m.id, f.path FROM media m
CROSS JOIN LATERAL (
    SELECT path, modified_at FROM media_file
    WHERE media_id = m.id AND container IN ('mid', 'midi') ORDER BY path LIMIT 1
) f
LEFT JOIN process_timestamp p ON p.media_id = m.id AND p.process = 'analyse'
WHERE m.id > $1::bigint AND ($2::bigint[] IS NULL OR m.id = any($2::bigint[]))
  AND ($3::bigint[] IS NULL OR m.library_id = any($3::bigint[]))
  AND ($2::bigint[] IS NOT NULL OR p.processed_at < f.modified_at
       OR p.processed_at IS NULL AND NOT EXISTS (SELECT FROM music u WHERE u.media_id = m.id))
ORDER BY m.id LIMIT $4::integer
"""


class FileAnalysis(Protocol):
    """Of one file: columns of table music, or why there are none."""

    @property
    def facts(self) -> Mapping[str, Any] | None: ...

    @property
    def reason(self) -> str: ...


class Analyser(Protocol):
    """What reads files (sources/midi/analyser.py): the analyses of each batch of paths, in the order given."""

    def analyse(
        self, batches: AsyncIterable[tuple[B, Sequence[str]]]
    ) -> AsyncIterator[tuple[B, Sequence[FileAnalysis]]]: ...


@dataclass(frozen=True, slots=True)
class AnalysisFailure:
    """A media whose file could not be analysed, or whose facts could not be stored."""

    media: int
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnalysedChunk:
    """What became of some media. last: the id of the last of them, after which the rest comes."""

    last: int
    analysed: int
    failures: Sequence[AnalysisFailure]


SaveChunk: TypeAlias = Callable[[Writer, AnalysedChunk], Awaitable[None]]


async def not_saved(writer: Writer, chunk: AnalysedChunk) -> None:
    """Nobody wants to go on from here."""


async def analyse_music(
    session: Session,
    viewer: Viewer,
    analyser: Analyser,
    media: Sequence[int] | None = None,
    *,
    after: int = 0,
    save: SaveChunk = not_saved,
) -> AsyncGenerator[AnalysedChunk, None]:
    """Analyses the MIDI files of these media, None: of all that need it; tells of each chunk once it is stored.

    after: only media with a greater id. save: called within the transaction of each chunk, maybe more than once.
    Media that are given and have no MIDI file are passed over."""
    batches = media_to_analyse(session, viewer, media, after)
    async for chunk, analyses in analyser.analyse(batches):
        found = list(zip(chunk, analyses, strict=True))
        failures = [AnalysisFailure(*one, analysis.reason) for one, analysis in found if analysis.facts is None]
        facts = {one: analysis.facts for one, analysis in found if analysis.facts is not None}
        work = partial(store, facts=facts, failed=failures, last=chunk[-1][0], at=datetime.now(UTC), save=save)
        yield await transact(session, viewer, NAME_OF_ANALYSIS, work)


async def media_to_analyse(
    session: Session, viewer: Viewer, media: Sequence[int] | None, after: int
) -> AsyncIterator[tuple[list[tuple[int, str]], list[str]]]:
    """Ids with paths, chunk by chunk."""
    while True:
        values = (after, media, viewer.libraries, CHUNK_OF_MEDIA)
        rows = await session.fetch(statement(NAME_OF_ANALYSIS, TO_ANALYSE), values)
        if not rows:
            return
        chunk = [(row[0], row[1]) for row in rows]
        yield chunk, [path for _, path in chunk]
        after = chunk[-1][0]


async def store(
    writer: Writer,
    facts: Mapping[tuple[int, str], Mapping[str, Any]],
    failed: Sequence[AnalysisFailure],
    last: int,
    at: datetime,
    save: SaveChunk,
) -> AnalysedChunk:
    """Stores facts, and that the media were analysed."""
    given = list(facts.items())
    items = [Item(place, id=media, lists={"music": one}) for place, ((media, _), one) in enumerate(given)]  # type: ignore[dict-item]
    results = await upsert_media(writer, items, match_by=[MatchBy.ID])
    done = [media for media, _ in facts] + [one.media for one in failed]
    await mark_processed(writer, {media: place for place, media in enumerate(sorted(done))}, PROCESS, at)
    failures = [
        AnalysisFailure(*given[result.place][0], result.message or "")
        for result in results
        if result.status is Status.FAILED
    ]
    chunk = AnalysedChunk(last, len(results) - len(failures), [*failed, *failures])
    await save(writer, chunk)
    return chunk
