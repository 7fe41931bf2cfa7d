"""Line-ups of Tunarr in a temporary file: each programme once, with its channels, the shows and seasons beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

STAGES_OF_TUNARR = ("show", "season", "programme")
MAKE_TABLES = """
CREATE TABLE show (key TEXT PRIMARY KEY, told TEXT);
CREATE TABLE season (key TEXT PRIMARY KEY, told TEXT);
CREATE TABLE programme (key TEXT PRIMARY KEY, told TEXT);
CREATE TABLE airing (programme TEXT, channel TEXT, place INTEGER, PRIMARY KEY (programme, channel));
"""
PUT = "INSERT INTO {table} VALUES (?, ?) ON CONFLICT DO NOTHING"
PUT_AIRING = "INSERT INTO airing VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
STORED = "SELECT key, told FROM {table} ORDER BY key"
AIRINGS = "SELECT channel, place FROM airing WHERE programme = ? ORDER BY channel"


class LineUp(NamedTuple):
    """A page of the line-up of a channel, from a place on; programmes: by id, those that it names."""

    channel: str
    offset: int
    entries: Sequence[Mapping[str, Any]]
    programmes: Any


class TunarrStore:
    """To be closed. Its users are threads, one after the other."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.executescript(MAKE_TABLES)

    def add(self, page: LineUp) -> None:
        self._database.execute("BEGIN")
        programmes = page.programmes if isinstance(page.programmes, dict) else {}
        for place, entry in enumerate(page.entries, page.offset):
            # What is neither content nor a part of a custom show is a break, or leads to another channel.
            if entry.get("type") in ("content", "custom", "filler") and entry.get("id"):
                key = str(entry["id"])
                content = programmes.get(key) or entry
                if isinstance(content, dict):
                    self._put(key, content.get("program") or content, content)
                    self._database.execute(PUT_AIRING, (key, page.channel, place))
        self._database.execute("COMMIT")

    def _put(self, key: str, programme: Any, content: Mapping[str, Any]) -> None:
        """A programme, and the show and season that it is of. Older servers tell it in the entry itself."""
        if not isinstance(programme, dict) or not (programme.get("title") or programme.get("episodeTitle")):
            return
        type_ = content.get("subtype") if programme is content else programme.get("type")
        told = {**programme, "key": key, "type": type_}
        told.setdefault("duration", content.get("duration"))
        if type_ == "episode":
            told |= self._above(programme)
        self._database.execute(PUT.format(table="programme"), (key, text_of_json(told)))

    def _above(self, programme: Mapping[str, Any]) -> dict[str, Any]:
        """Stores the show and the season of an episode; the key of what it hangs on, and the season's number."""
        season = first_object(programme.get("season"), programme.get("parent"))
        show = first_object(programme.get("show"), season.get("show"), programme.get("grandparent"))
        if not show and programme.get("episodeTitle"):
            show = {"title": programme.get("title")}  # of the oldest servers the title is the show's
        if not show.get("title"):
            return {}
        show_key = f"show:{show.get('uuid') or show.get('id') or show['title']}"
        self._database.execute(PUT.format(table="show"), (show_key, text_of_json({**show, "key": show_key})))
        number = season.get("index", programme.get("seasonNumber"))
        if not isinstance(number, int) or isinstance(number, bool):
            return {"above": show_key}
        season_key = f"{show_key}:season:{number}"
        told = {**season, "key": season_key, "show": show_key, "index": number}
        self._database.execute(PUT.format(table="season"), (season_key, text_of_json(told)))
        return {"above": season_key, "season_index": number}

    def count(self) -> int:
        return sum(self._database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in STAGES_OF_TUNARR)

    def stored(self, table: str) -> Iterator[tuple[str, list[tuple[str, int]]]]:
        """What was stored, always in the same order, with channels and places."""
        for key, told in self._database.execute(STORED.format(table=table)):
            airings = self._database.execute(AIRINGS, (key,)).fetchall() if table == "programme" else []
            yield told, airings

    def close(self) -> None:
        self._database.close()


def first_object(*candidates: Any) -> dict[str, Any]:
    return next((one for one in candidates if isinstance(one, dict)), {})


def text_of_json(value: Any) -> str:
    """JSON of what was read as JSON; a number that no float holds is the next one."""
    return orjson.dumps(value, default=float).decode()
