"""What files of a media folder are by their names: videos, sidecars, extras, and what is passed over."""

from __future__ import annotations

import re

VIDEOS = frozenset(
    (
        *("3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "iso", "img", "m2ts", "m2v", "m4v"),
        *("mk3d", "mkv", "mov", "mp4", "mpe", "mpeg", "mpg", "mts", "mxf", "nsv", "ogm", "ogv"),
        *("qt", "rm", "rmvb", "ts", "vob", "webm", "wmv", "wtv", "xvid"),
    )
)
SUBTITLES = frozenset("srt,ass,ssa,vtt,sub,smi,sup,idx,ttml".split(","))  # noqa: SIM905
PICTURE_ENDINGS = frozenset("jpg,jpeg,png,webp,gif,bmp,tbn,avif".split(","))  # noqa: SIM905
NOTES = frozenset(("nfo",))
SIDECARS = SUBTITLES | PICTURE_ENDINGS | NOTES

# What systems, media servers and network storage leave behind.
HIDDEN = re.compile(
    r"\..*|@eadir|#recycle|#snapshot|\$recycle\.bin|\$\w+|system volume information|lost\+found|recycler|.+\.trickplay"
    r"|thumbs\.db|desktop\.ini|__macosx",
    re.IGNORECASE,
)

# Folders of a disc: the whole folder is one media.
DISCS = {"video_ts": "dvd", "bdmv": "bluray", "hvdvd_ts": "hddvd"}

EXTRA_FOLDERS = frozenset(
    (
        *("extras", "extra", "featurettes", "behind the scenes", "deleted scenes", "interviews"),
        *("scenes", "shorts", "clips", "other", "trailers", "trailer", "samples", "sample", "bonus"),
        *("backdrops", "theme-music", "proof"),
    )
)
SUBTITLE_FOLDERS = frozenset(("subs", "subtitles", "sub", "vobsubs"))
EXTRA = re.compile(
    r"(?:(?P<of>.*?)[-._](?P<suffix>trailer|sample|scene|clip|interview|behindthescenes|deleted|deletedscene|featurette"
    r"|short|extra)\d{0,2}|(?P<alone>trailer|sample|theme|rarbg(?:\.com)?|etrg)\d{0,2}"
    r"|sample[-._](?P<behind>.*))",
    re.IGNORECASE,
)
OVER = ("sample", "samples", "proof", "backdrops", "theme-music")  # never a clip that anybody wants


def ending_of(name: str) -> str:
    """In small letters, without the dot; "" for a name without one."""
    return name.rpartition(".")[2].lower() if "." in name[1:] else ""


def stem_of(name: str) -> str:
    return name.rpartition(".")[0] if "." in name[1:] else name


def extra_of(name: str, folder: str | None) -> str | None:
    """Which sort of extra a file is, by its name or by the folder of extras that it is in; None for none."""
    match = EXTRA.fullmatch(stem_of(name))
    if match is not None:
        return (match["suffix"] or match["alone"] or "sample").lower()
    return folder.lower() if folder is not None else None
