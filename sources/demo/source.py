"""The demo as a source of media: its parts, each for a library of its own.

A location is `demo:PART`, for example `demo:series`. Files of tunes and clips are written to a folder first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from catalog.upsert.item import Item, MatchBy
from domain.enums import CreditRole, MediaKind
from sources.demo.clips import CLIPS, FRAMES, HEIGHT, WIDTH, Clip, frame
from sources.demo.facts import read_facts
from sources.demo.movies import movie_items
from sources.demo.owned import OWNED, TRILOGIES, OwnedMovie
from sources.demo.series import SHOWS, Show
from sources.demo.tunes import TUNES, tune_file
from sources.format import Format, Option
from sources.midi.folder import open_midi_folder
from sources.source import Known, Reading, SourceError, SourceItem, nothing_known

Items: TypeAlias = Iterator[SourceItem]

PREFIX = "demo:"
SOURCE = "demo"  # of the external ids of what is no real movie
RECORDED = datetime(2024, 1, 1, tzinfo=UTC)
ITEMS_AT_ONCE = 500


class DemoPart:
    """A part of the demo; always the same items in the same order."""

    def __init__(self, items: Callable[[], Items], total: int) -> None:
        self._items = items
        self.total: int | None = total

    async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        """`position`: how many items were read."""
        start = int(position or 0)
        items = islice(self._items(), start, None)
        while batch := await asyncio.to_thread(list, islice(items, ITEMS_AT_ONCE)):
            for place, one in enumerate(batch, start + 1):
                yield replace(one, position=str(place))
            start += len(batch)

    async def has(self, key: str) -> bool | None:
        return any(one.key == key for one in self._items())


class TunesPart(DemoPart):
    """Tunes, whose facts are those of their files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(lambda: iter(()), len(TUNES))
        self._folder = folder

    async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        """The files as the source of MIDI folders reads them, with what is known of each tune beside."""
        await asyncio.to_thread(write_tunes, self._folder)
        async for one in open_midi_folder(str(self._folder), {}).read(position):
            yield with_tune(one) if isinstance(one, SourceItem) else one

    async def has(self, key: str) -> bool | None:
        return key in {f"{tune.slug}.mid" for tune in TUNES}


def open_demo(location: str, options: Mapping[str, str]) -> DemoPart:
    """`demo:movies` (option `scale`: how many), `demo:owned`, `demo:series`, `demo:tunes`, `demo:clips`.

    Option `folder`: where files are written, `.marquee/demo` if it is not given. SourceError."""
    name = location.removeprefix(PREFIX)
    folder = Path(options.get("folder", ".marquee/demo")).absolute()
    scale = demo_scale_of(options["scale"]) if "scale" in options else len(read_facts().movies)
    parts: dict[str, Callable[[], DemoPart]] = {
        "movies": lambda: DemoPart(partial(movie_items, scale), scale),
        "owned": lambda: DemoPart(owned_items, len(OWNED)),
        "series": lambda: DemoPart(series_items, len(list(series_items()))),
        "tunes": lambda: TunesPart(folder / "tunes"),
        "clips": lambda: DemoPart(partial(clip_items, folder / "clips"), len(CLIPS)),
    }
    if name not in parts:
        raise SourceError(f"The demo has the parts {', '.join(parts)}: there is no {location}.")
    return parts[name]()


def demo_scale_of(given: str) -> int:
    """SourceError."""
    most = len(read_facts().movies)
    if not given.isascii() or not given.isdigit() or len(given) > len(str(most)) or int(given) > most:
        raise SourceError(f"scale is a number of movies, at most {most}.")
    return int(given)


def known_as(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"source": source, "value": value} for source, value in pairs]


def owned_items() -> Items:
    """What the owner of some movies has of them; to be merged into the movies."""
    articles = {(movie.title, movie.year): movie.article for movie in read_facts().movies}
    for one in OWNED:
        article = articles[one.title, one.year]
        assert article is not None
        yield SourceItem(
            one.imdb, Item(0, values={"title": one.title, "year": one.year}, lists=owned_lists(one, article))
        )


def owned_lists(one: OwnedMovie, article: str) -> dict[str, Any]:
    name = f"{one.title.replace(':', ' -')} ({one.year})"
    path = f"/media/movies/{name}/{name}"
    lists: dict[str, Any] = {
        "external_ids": known_as(("wikipedia", article), ("imdb", one.imdb)),
        "channels": [one.channel],
        "categories": [{"category": "daypart", "value": "late" if one.channel == "Night Owl" else "evening"}],
        "files": [
            {
                "path": f"{path}.mkv",
                "size": 4_000_000_000 + int(one.imdb[2:]) * 1000,
                "modified_at": RECORDED,
                "container": "mkv",
                "codecs": ["h264", "aac"],
                "width": 1920,
                "height": 1080,
            }
        ],
        "subtitles": [
            {"language": "en", "format": "srt", "path": f"{path}.en.srt", "state": "DOWNLOADED"},
            {"language": "de", "format": "srt", "state": "WANTED"},
        ],
    }
    for collection, titles in TRILOGIES.items():
        if one.title in titles:
            lists["collections"] = [{"collection_id": collection, "position": titles.index(one.title)}]
    return lists


def series_items() -> Items:
    """Each series, then its seasons, each with its episodes."""
    for show in SHOWS:
        yield show_item(show)
        for number, (year, titles) in enumerate(show.seasons, 1):
            season = f"{show.slug}/s{number:02}"
            values = {"title": f"Season {number}", "year": year, "season_number": number}
            yield demo_item(season, MediaKind.SEASON, values, {}, parent=show.slug)
            for place, title in enumerate(titles, 1):
                told = {"title": title, "year": year, "season_number": number, "episode_number": place}
                told["runtime_minutes"] = show.runtime
                yield demo_item(f"{season}e{place:02}", MediaKind.EPISODE, told, {}, parent=season)


def show_item(show: Show) -> SourceItem:
    lists: dict[str, Any] = {
        "external_ids": known_as((SOURCE, show.slug), ("imdb", show.imdb)),
        "genres": list(show.genres),
        "credits": [{"person_id": name, "role": CreditRole.WRITER.value, "job": "Creator"} for name in show.creators],
    }
    values = {"title": show.title, "year": show.seasons[0][0], "runtime_minutes": show.runtime}
    return demo_item(show.slug, MediaKind.SERIES, values, lists)


def demo_item(
    key: str, kind: MediaKind, values: Mapping[str, Any], lists: Mapping[str, Any], parent: str | None = None
) -> SourceItem:
    """An item that is the demo's own: its key is its external id."""
    given = {"external_ids": known_as((SOURCE, key)), **lists}
    values = {"kind": kind.value, "added_at": RECORDED, **values}
    return SourceItem(key, Item(0, values=values, lists=given), parent=parent)


def write_tunes(folder: Path) -> None:
    """The files of the tunes, all with one time, so that they are the same at every load."""
    folder.mkdir(parents=True, exist_ok=True)
    for tune in TUNES:
        write_once(folder / f"{tune.slug}.mid", tune_file(tune))


def write_once(path: Path, data: bytes) -> None:
    """A file that is there with these contents stays as it is."""
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def with_tune(found: SourceItem) -> SourceItem:
    """A file's track with what the demo knows of its tune."""
    [place] = [place for place, tune in enumerate(TUNES) if f"{tune.slug}.mid" == found.key]
    tune = TUNES[place]
    lists = {
        **found.item.lists,
        "external_ids": known_as((SOURCE, f"tune/{tune.slug}")),
        "genres": ["Folk" if tune.composer is None else "Classical"],
        "tags": [tune.kind, "public domain"],
        "collections": [{"collection_id": "Tunes for a Session", "position": place}],
    }
    if tune.composer is not None:
        lists["credits"] = [{"person_id": tune.composer, "role": CreditRole.COMPOSER.value}]
    values = {**found.item.values, "title": tune.title, "year": tune.year, "added_at": RECORDED}
    return replace(found, item=replace(found.item, values=values, lists=lists))


def clip_items(folder: Path) -> Items:
    """The clips, with pictures of them in files."""
    folder.mkdir(parents=True, exist_ok=True)
    for clip in CLIPS:
        yield clip_item(clip, folder)


def clip_item(clip: Clip, folder: Path) -> SourceItem:
    thumbnails: Sequence[dict[str, Any]] = [
        {
            "offset_ms": clip.seconds * 1000 * place // FRAMES,
            "state": "READY",
            "path": str(folder / f"{clip.slug}-{place}.png"),
            "width": WIDTH,
            "height": HEIGHT,
        }
        for place in range(FRAMES)
    ]
    for place, one in enumerate(thumbnails):
        write_once(Path(one["path"]), frame(clip, place))
    lists = {
        "channels": [clip.channel],
        "tags": [clip.kind],
        "clip": {"channel_id": clip.channel, "duration_ms": clip.seconds * 1000},
        "thumbnails": [*thumbnails, {"offset_ms": clip.seconds * 1000 - 1, "state": "PENDING"}],
    }
    return demo_item(f"clip/{clip.slug}", MediaKind.CLIP, {"title": clip.title}, lists)


DEMO = Format(
    "demo",
    "A part of the demo: demo:movies, demo:owned, demo:series, demo:tunes or demo:clips.",
    "the location begins with demo:",
    lambda location: float(location.startswith(PREFIX)),
    open_demo,
    (
        Option("scale", "how many of the movies demo:movies has.", "all", check=demo_scale_of),
        Option("folder", "where the files of tunes and clips are written.", ".marquee/demo", True),
    ),
    reads=(
        ("movies", "movies with their tags, genres, credits and pictures"),
        ("owned", "files, subtitles, ids, channels and collections of some movies"),
        ("series", "series with seasons and episodes"),
        ("tunes", "tracks with MIDI files"),
        ("clips", "clips with thumbnails"),
    ),
    match_by=(MatchBy.EXTERNAL_ID,),
)
