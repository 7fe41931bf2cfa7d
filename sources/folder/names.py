"""What a file's name and its folders' names say of the media: guessit's facts, and rules of our own where it errs.

docs/names.md lists the rules and how often names are read right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sources.folder.cleaning import clean_name, take_ids
from sources.folder.endings import SIDECARS, VIDEOS, ending_of
from sources.folder.folders import FolderNames, read_folders
from sources.folder.guess import NameGuess, guess_name
from sources.folder.marks import DateMark, Mark, find_date, find_mark, find_number
from sources.folder.titles import (
    PAY_PER_VIEW,
    YEAR,
    episode_title,
    has_group,
    movie_title,
    pick_year,
    series_title,
    title_words,
)

ENDINGS = VIDEOS | SIDECARS | {"torrent", "nzb"}
BROADCAST = frozenset(("HDTV", "Digital TV", "Satellite", "TV", "Analog HDTV"))
CAMERA = re.compile(r"(?i)(?:img|vid|mvi|dsc[fn]?|pxl|mov|gopr|g[xh]|dji|whatsapp video)[-_ ]?\d{4}")
NUMBER_ALONE = re.compile(r"[1-9]\d{0,3}")
NUMBER_BEFORE_WORD = re.compile(r"[1-9]\d{0,2}[ .](?=[^\W\d])")
NUMBER_FIRST = re.compile(r"(?P<episode>\d{1,3})(?:[ ._-]+(?P<title>\D.*))?")
MAX_EPISODE_NUMBER = 10_000


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a name says. title: of the movie or the series, "" where the name has none; date: of a broadcast.

    country: tells series of one title apart (US, UK); ids: by provider."""

    title: str
    is_episode: bool
    year: int | None = None
    seasons: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    date: date | None = None
    episode_title: str | None = None
    country: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


def read_name(path: str) -> NameFacts:
    """The facts of a path below the root, with / between its parts."""
    *folders, base = unicodedata.normalize("NFC", path).split("/")
    base, ids = take_ids(base)
    around = read_folders(folders)
    ending = f".{ending_of(base)}" if ending_of(base) in ENDINGS else ""
    stem = clean_name(base[: len(base) - len(ending)])
    guess = guess_name(around.names, stem, ending)
    facts = facts_of(guess, around)
    return replace(facts, ids={**around.ids, **ids})


def facts_of(guess: NameGuess, around: FolderNames) -> NameFacts:
    if CAMERA.match(guess.stem):
        return NameFacts(guess.stem, is_episode=False)
    mark = mark_in(guess)
    if mark is None and around.season is not None:
        mark = number_first(guess.stem)
    own_date = find_date(guess.stem) if mark is None or mark.season is None else None
    if mark is None and own_date is None:
        mark = part_of_broadcast(guess)
    if is_movie(guess, mark, own_date, around):
        return film_of_series(guess, mark) if mark is not None else movie_facts(guess)
    cut = cut_of(guess, mark, own_date)
    title, year = series_title(guess, cut, around)
    return NameFacts(
        title=title,
        is_episode=True,
        year=year if own_date is None or year != own_date.day.year else None,
        seasons=season_numbers(guess, mark, around, own_date),
        episodes=episode_numbers(guess, mark, own_date),
        date=own_date.day if own_date is not None else guess.date,
        episode_title=episode_title(guess, cut),
        country=guess.text("country"),
    )


def cut_of(guess: NameGuess, mark: Mark | None, own_date: DateMark | None) -> Mark | None:
    """Where the title ends at the latest: at the number, or at a date that guessit has not found."""
    if own_date is None or (guess.date is not None and guess.first("title") is not None):
        return mark
    if mark is not None and mark.start < own_date.start:
        return mark
    return Mark(own_date.start, own_date.end, None, ())


def mark_in(guess: NameGuess) -> Mark | None:
    """What says which episode it is; bare numbers only where guessit takes the name for an episode's, too."""
    if (found := find_mark(guess.stem)) is not None:
        return found
    if has_group(guess.stem):
        return find_number(guess.stem, bare=True)
    found = find_number(guess.stem, bare=False) if guess.is_episode and guess.numbers("episode") else None
    return None if found is None or is_season_and_episode(guess, found) else found


def is_season_and_episode(guess: NameGuess, mark: Mark) -> bool:
    """Whether guessit takes a number of three digits for both, 101 for the first of the first season."""
    together = {
        100 * season + episode for season in guess.numbers("season") for episode in guess.numbers("episode") if episode
    }
    return len(mark.episodes) == 1 and mark.episodes[0] < 1000 and mark.episodes[0] in together


def is_movie(guess: NameGuess, mark: Mark | None, own_date: DateMark | None, around: FolderNames) -> bool:
    if around.season is not None or own_date is not None:
        return False
    if mark is not None:
        return mark.season is None and is_film_of_series(guess, mark)
    if PAY_PER_VIEW.search(guess.stem):
        return True
    if NUMBER_ALONE.fullmatch(guess.stem):
        return not any(one.start < 0 for one in guess.all("season"))
    return not guess.is_episode or is_number_first(guess) or year_of_numbers(guess) is not None


def part_of_broadcast(guess: NameGuess) -> Mark | None:
    """ "Title Part 2 HDTV": what was broadcast in parts, and has no year behind them, is a series of one season."""
    part, source = guess.first("part"), guess.text("source")
    if part is None or not isinstance(part.value, int) or source not in BROADCAST:
        return None
    if any(one.start > part.start for one in guess.all("year")):
        return None
    start = re.search(r"(?i)[ ._-]*(?:part|pt)?[ ._]*$", guess.stem[: part.start])
    return Mark(start.start() if start is not None else part.start, part.end, 1, (part.value,))


def is_film_of_series(guess: NameGuess, mark: Mark) -> bool:
    """ "Star Wars Episode 2 Attack of the Clones 2002": an episode's number, words, and then a year."""
    year = YEAR.search(guess.stem[mark.end :])
    if year is None or "-" in guess.stem[max(0, mark.start - 2) : mark.start]:
        return False
    between = guess.stem[mark.end :][: year.start()]
    return (
        re.match(r"(?i)episode", guess.stem[mark.start :]) is not None and len(re.findall(r"[^\W\d]{2,}", between)) > 1
    )


def film_of_series(guess: NameGuess, mark: Mark) -> NameFacts:
    year = YEAR.search(guess.stem, mark.end)
    end = year.start() if year is not None else len(guess.stem)
    return NameFacts(title_words(guess.stem[:end]), is_episode=False, year=int(year[0]) if year is not None else None)


def is_number_first(guess: NameGuess) -> bool:
    """ "22 Jump Street": a number that guessit takes for an episode's, though nothing stands before it."""
    return NUMBER_BEFORE_WORD.match(guess.stem) is not None and not guess.numbers("season") and guess.date is None


def year_of_numbers(guess: NameGuess) -> re.Match[str] | None:
    """ "Blade Runner 2049": what looks like a year, though guessit takes it for season 20, episode 49."""
    seasons, episodes = guess.numbers("season"), guess.numbers("episode")
    for match in re.finditer(r"(?<![\da-zA-Z])(?:19|20)\d\d(?![\da-zA-Z])", guess.stem):
        if seasons == (int(match[0]) // 100,) and int(match[0]) % 100 in episodes and match.start() > 0:
            return match
    return None


def movie_facts(guess: NameGuess) -> NameFacts:
    if (number := year_of_numbers(guess)) is not None:
        year = YEAR.search(guess.stem, number.end())
        return NameFacts(
            title_words(guess.stem[: number.end()]), False, int(year[0]) if year is not None else pick_year(guess)
        )
    return NameFacts(title=movie_title(guess), is_episode=False, year=pick_year(guess))


def number_first(stem: str) -> Mark | None:
    """Within a season's folder a file's name may start with the episode's number."""
    match = NUMBER_FIRST.fullmatch(stem)
    return Mark(0, match.end("episode"), None, (int(match["episode"]),)) if match is not None else None


def season_numbers(
    guess: NameGuess, mark: Mark | None, around: FolderNames, own_date: DateMark | None
) -> tuple[int, ...]:
    if mark is not None and mark.season is not None:
        return (mark.season,)
    own = [one for one in guess.all("season") if one.start >= 0]
    if around.season is not None and not own:
        return (around.season,)
    if own_date is not None and guess.date is None:
        return ()
    years = {one.value for one in guess.all("year")}
    hundreds = {one // 100 for one in mark.episodes} if mark is not None else set()
    return tuple(
        one
        for one in guess.numbers("season")
        if (one not in years or f"S{one}" in guess.stem.upper()) and (one not in hundreds or one == 0)
    )


def episode_numbers(guess: NameGuess, mark: Mark | None, own_date: DateMark | None) -> tuple[int, ...]:
    if mark is not None and mark.episodes:
        return mark.episodes
    if own_date is not None and guess.date is None:
        return ()
    return tuple(one for one in guess.numbers("episode") if one < MAX_EPISODE_NUMBER)
