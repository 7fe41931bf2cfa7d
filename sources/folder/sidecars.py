"""What lies beside a media's file: pictures and subtitles, by the names that Kodi and Jellyfin give them."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sources.folder.endings import NOTES, PICTURE_ENDINGS, SUBTITLES, ending_of, stem_of
from sources.folder.files import FileState
from sources.folder.languages import language_tag
from sources.folder.walk import Folder, wrong_name

MAX_SUBTITLES = 64  # of one media, as the catalogue has it
MAX_PICTURES = 64
UNKNOWN_LANGUAGE = "und"

PICTURE_TYPES = {
    **dict.fromkeys(("poster", "folder", "cover", "default", "movie", "show", "keyart"), "POSTER"),
    **dict.fromkeys(("fanart", "backdrop", "background", "art", "extrafanart"), "BACKDROP"),
    **dict.fromkeys(("thumb", "landscape", "banner"), "THUMBNAIL"),
    **dict.fromkeys(("logo", "clearlogo", "clearart"), "LOGO"),
}
PICTURE = re.compile(rf"(?P<word>{'|'.join(PICTURE_TYPES)})(?:[-_ ]?\d{{1,3}})?", re.IGNORECASE)
SEASON_PICTURE = re.compile(
    r"season[ -_]?(?P<number>\d{1,4}|-specials|specials|-all|all)[-_ ]?(?P<word>poster|fanart|banner|thumb|landscape)?",
    re.IGNORECASE,
)
FORCED = frozenset(("forced", "foreign"))
IMPAIRED = frozenset(("sdh", "cc", "hi", "hearing", "impaired"))
NO_LANGUAGE = frozenset(("default", "full", "signs", "commentary"))


def beside(folder: Folder, stem: str) -> Iterator[str]:
    """Sidecars of a folder whose names start with a file's."""
    place = bisect_left(folder.sidecars, stem)
    while place < len(folder.sidecars) and folder.sidecars[place].startswith(stem):
        yield folder.sidecars[place]
        place += 1


def behind_stem(name: str, stem: str) -> str | None:
    """What a sidecar's name says behind the stem of the file that it belongs to; None if it belongs to another."""
    rest = stem_of(name)[len(stem) :]
    return rest if not rest or rest[0] in "-._ ([" else None


def own_pictures(folder: Folder, stems: Sequence[str], *, alone: bool) -> list[tuple[str, str]]:
    """Types and names of the pictures of a file; with `alone` those of the folder too, since nothing else is in it."""
    found = []
    for stem in stems:
        for name in beside(folder, stem):
            if ending_of(name) not in PICTURE_ENDINGS or (rest := behind_stem(name, stem)) is None:
                continue
            match = PICTURE.fullmatch(rest.strip("-._ "))
            if match is not None or not rest:
                found.append((PICTURE_TYPES[match["word"].lower()] if match else "POSTER", name))
    return found + (folder_pictures(folder) if alone else [])


def folder_pictures(folder: Folder) -> list[tuple[str, str]]:
    """poster.jpg, fanart2.png, logo.png and so on."""
    found = []
    for name in folder.sidecars:
        match = PICTURE.fullmatch(stem_of(name)) if ending_of(name) in PICTURE_ENDINGS else None
        if match is not None:
            found.append((PICTURE_TYPES[match["word"].lower()], name))
    return found


def season_pictures(folder: Folder, number: int) -> list[tuple[str, str]]:
    """season01-poster.jpg and season-specials-fanart.jpg in the series' folder."""
    found = []
    for name in folder.sidecars:
        match = SEASON_PICTURE.fullmatch(stem_of(name)) if ending_of(name) in PICTURE_ENDINGS else None
        if match is not None and season_number(match["number"]) == number:
            found.append((PICTURE_TYPES[(match["word"] or "poster").lower()], name))
    return found


def season_number(text: str) -> int | None:
    plain = text.strip("-").lower()
    return 0 if plain == "specials" else int(plain) if plain.isdigit() else None


def artwork(root: Path, pictures: Sequence[tuple[str, FileState]]) -> list[dict[str, Any]]:
    """The rows of a media's list: pictures that are there already, so they have a path."""
    rows: dict[str, dict[str, Any]] = {}
    for type_, file in pictures[:MAX_PICTURES]:
        path = os.fspath(root / file.path)
        rows.setdefault(path, {"type": type_, "url": Path(path).as_uri(), "state": "DOWNLOADED", "path": path})
    return list(rows.values())


def own_subtitles(root: Path, folder: Folder, stems: Sequence[str], *, alone: bool) -> dict[str, str]:
    """By path, what their names say behind a file's. From Subs/ those of its name, with `alone` all."""
    found: dict[str, str] = {}
    for stem in stems:
        for name in beside(folder, stem):
            if ending_of(name) in SUBTITLES and (rest := behind_stem(name, stem)) is not None:
                found[folder.path_of(name)] = rest
    for path, name in subtitle_folder(root, folder, stems, alone):
        found.setdefault(path, name)
    return dict(list(found.items())[:MAX_SUBTITLES])


def subtitle_folder(root: Path, folder: Folder, stems: Sequence[str], alone: bool) -> Iterator[tuple[str, str]]:
    """Subs/Name.en.srt, Subs/Name/2_English.srt, and Subs/English.srt of the only media of a folder."""
    for inner in folder.subtitles:
        for name in names_in(root, folder.path_of(inner)):
            path = folder.path_of(f"{inner}/{name}")
            stem = next((one for one in stems if name.startswith(one)), None)
            if ending_of(name) in SUBTITLES and (stem is not None or alone):
                yield path, stem_of(name)[len(stem or "") :]
            elif name in stems:
                for file in names_in(root, path):
                    if ending_of(file) in SUBTITLES:
                        yield f"{path}/{file}", stem_of(file)


def names_in(root: Path, path: str) -> list[str]:
    """Sorted; [] where no folder is there that may be read."""
    try:
        names = os.listdir(root / path)  # noqa: PTH208
    except OSError:
        return []
    return sorted(one for one in names if wrong_name(one) is None)


def subtitles(root: Path, files: Mapping[FileState, str]) -> list[dict[str, Any]]:
    """The rows of a media's list: subtitles that are there already. What is not known of a language is "und"."""
    rows = {}
    for file, says in files.items():
        path = os.fspath(root / file.path)
        words = [one.lower() for one in re.split(r"[-._ ()\[\]]+", says) if one]
        row = {
            "language": tag_of(says, words),
            "format": ending_of(path),
            "path": path,
            "url": Path(path).as_uri(),
            "is_forced": not FORCED.isdisjoint(words),
            "is_for_hearing_impaired": is_impaired(words),
            "state": "DOWNLOADED",
        }
        rows[path] = row
    return list(rows.values())


def is_impaired(words: Sequence[str]) -> bool:
    """ "hi" alone is the language Hindi."""
    marks = IMPAIRED.intersection(words)
    others = [one for one in words if one not in IMPAIRED and language_tag(one) is not None]
    return bool(marks - {"hi"}) or ("hi" in marks and bool(others))


def tag_of(says: str, words: Sequence[str]) -> str:
    """The last word that is a language; pt-BR and zh_Hans are one word."""
    for one in reversed(re.split(r"[. ()\[\]]+|_(?=[A-Z][a-z])", says)):
        if "-" in one.strip("-_") and (tag := language_tag(one.strip("-_"))) is not None:
            return tag
    for word in reversed(words):
        if word in IMPAIRED - {"hi"} or word in FORCED or word in NO_LANGUAGE:
            continue
        if word == "hi" and is_impaired(words):
            continue
        if (tag := language_tag(word)) is not None:
            return tag
    return UNKNOWN_LANGUAGE


def notes_beside(folder: Folder, stems: Sequence[str], names: Sequence[str]) -> list[str]:
    """The .nfo files of a file: by its own name, else by general ones."""
    for stem in stems:
        own = [name for name in beside(folder, f"{stem}.") if ending_of(name) in NOTES and stem_of(name) == stem]
        if own:
            return own
    return [name for name in folder.sidecars if name.lower() in names][:1] if names else []
