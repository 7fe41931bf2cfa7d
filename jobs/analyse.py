"""The job that analyses MIDI files: of given media, or of all whose files were not analysed since they were written."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace

from catalog.music_analysis import AnalysedChunk, analyse_music
from catalog.transaction import Writer
from domain.enums import JobLogLevel
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.parameters import parameter
from sources.midi.analyser import MidiAnalyser

UNREADABLE = "UNREADABLE"  # the code of files that cannot be analysed


@dataclass(frozen=True, slots=True)
class AnalyseParameters:
    """What is to be analysed."""

    media: list[int] | None = parameter(
        "Media whose MIDI files are analysed anew; all that need it, if not given.", default=None, id_of="media"
    )


async def run_analyse(context: JobContext, parameters: AnalyseParameters) -> str:
    """Goes on behind the media that was done last."""
    counts = context.counts

    async def save(writer: Writer, chunk: AnalysedChunk) -> None:
        await context.save(writer, {"after": chunk.last}, with_chunk(counts, chunk))

    async with MidiAnalyser() as analyser:
        after = int(context.state.get("after", 0))
        chunks = analyse_music(context.session, context.viewer, analyser, parameters.media, after=after, save=save)
        async with aclosing(chunks):
            async for chunk in chunks:
                counts = with_chunk(counts, chunk)
                for one in chunk.failures:
                    context.log(f"media_{one.media}, {one.path}: {one.reason}", JobLogLevel.WARNING)
                context.progress(counts)
    return f"{counts.succeeded} analysed, {counts.failed} that cannot be."


def with_chunk(counts: JobCounts, chunk: AnalysedChunk) -> JobCounts:
    """The counts after a chunk."""
    failed = counts.failed + len(chunk.failures)
    by_code = {UNREADABLE: failed} if failed else {}
    return replace(counts, succeeded=counts.succeeded + chunk.analysed, failed=failed, by_code=by_code)


ANALYSE_MIDI = JobKind(
    "analyse",
    "Finds out tempo, key, time signature, instruments, notes and duration of MIDI files.",
    AnalyseParameters,
    run_analyse,
    exclusive_key=lambda parameters: "analyse" if parameters.media is None else None,
)
