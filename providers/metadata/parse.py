"""Answers of TMDB's API as the catalogue's words. https://developer.themoviedb.org/reference has their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from domain.bounds import LONG_NAME_LETTERS, NAME_LETTERS, OVERVIEW_LETTERS, TITLE_LETTERS
from domain.enums import ArtworkType, CreditRole, MediaKind
from domain.text import fold
from providers.metadata.answers import (
    CreditAnswer,
    EpisodeDetails,
    FoundTitle,
    ImageAddresses,
    Picture,
    SeasonDetails,
    TitleDetails,
)
from providers.metadata.fields import AnswerFields

# How much of an answer's lists is taken. A media has at most 64 pictures.
MOST_RESULTS, MOST_CAST, MOST_CREW, MOST_GENRES, MOST_EPISODES = 100, 100, 1_000, 64, 2_000
MOST_PICTURES = {"posters": 10, "backdrops": 10, "logos": 5, "stills": 5}
PICTURES = {
    "posters": ArtworkType.POSTER,
    "backdrops": ArtworkType.BACKDROP,
    "logos": ArtworkType.LOGO,
    "stills": ArtworkType.THUMBNAIL,
}
PIXELS, MINUTES, SEASONS = 100_000, 100_000, 100_000
POPULARITY = 1e9
TITLES = {MediaKind.MOVIE: ("title", "original_title", "release_date"),
          MediaKind.SERIES: ("name", "original_name", "first_air_date")}  # fmt: skip
# By the job of who is of the crew; who has another job is left out.
JOBS: Mapping[str, CreditRole] = {
    "Director": CreditRole.DIRECTOR,
    "Co-Director": CreditRole.DIRECTOR,
    "Writer": CreditRole.WRITER,
    "Screenplay": CreditRole.WRITER,
    "Story": CreditRole.WRITER,
    "Teleplay": CreditRole.WRITER,
    "Novel": CreditRole.WRITER,
    "Characters": CreditRole.WRITER,
    "Producer": CreditRole.PRODUCER,
    "Executive Producer": CreditRole.PRODUCER,
    "Original Music Composer": CreditRole.COMPOSER,
    "Music": CreditRole.COMPOSER,
}
# What the service calls an id, and the catalogue's name of the other service: of films, of series.
OTHER_IDS = {"imdb_id": ("imdb", "imdb"), "wikidata_id": ("wikidata", "wikidata"), "tvdb_id": (None, "tvdb_series")}


def parse_found(answer: AnswerFields, kind: MediaKind, name: str = "results") -> list[FoundTitle]:
    """What a search or another service's id has led to, of one kind."""
    return [found_title(one, kind) for one in answer.objects(name, MOST_RESULTS)]


def found_title(one: AnswerFields, kind: MediaKind) -> FoundTitle:
    title, original, date = TITLES[kind]
    name = one.needed_text(title, TITLE_LETTERS)
    return FoundTitle(
        kind,
        one.id(),
        name,
        other_than(one.text(original, TITLE_LETTERS), name),
        one.year(date),
        one.text("overview", OVERVIEW_LETTERS),
        one.number("popularity", POPULARITY),
        one.path("poster_path"),
    )


def parse_title(answer: AnswerFields, kind: MediaKind) -> TitleDetails:
    """A film or series with credits, images and external ids."""
    found = found_title(answer, kind)
    return TitleDetails(
        kind,
        found.id,
        found.title,
        found.original_title,
        found.year,
        found.overview,
        rating(answer),
        answer.whole("runtime", MINUTES) or None if kind is MediaKind.MOVIE else run_time_of_episodes(answer),
        found.popularity,
        answer.text("tagline", 1_000),
        distinct_names(one.needed_text("name", NAME_LETTERS) for one in answer.objects("genres", MOST_GENRES)),
        parse_credits(answer.part("credits")),
        parse_pictures(answer.part("images")),
        list(external_ids(answer, kind, found.id)),
        answer.part("belongs_to_collection").text("name", LONG_NAME_LETTERS),
        found.poster_path,
    )


def other_than(text: str | None, title: str) -> str | None:
    return None if text == title else text


def rating(answer: AnswerFields) -> int | None:
    """In tenths; None where nobody has rated it."""
    given = answer.number("vote_average", 10)
    return round(given * 10) if given and answer.whole("vote_count") != 0 else None


def run_time_of_episodes(answer: AnswerFields) -> int | None:
    """Of a series: the usual length of its episodes is a list of numbers, of which the first counts."""
    return answer.first_whole("episode_run_time", MINUTES) or None


def distinct_names(names: Iterable[str]) -> Sequence[str]:
    """Each once, as names are compared."""
    return list({fold(name): name for name in names}.values())


def parse_credits(answer: AnswerFields, actors: Sequence[str] = ("cast",)) -> Sequence[CreditAnswer]:
    """The cast in its order, then those of the crew whose jobs are known; each once."""
    found: dict[object, CreditAnswer] = {}
    for name in actors:
        for one in answer.objects(name, MOST_CAST):
            person, character = one.needed_text("name", LONG_NAME_LETTERS), one.text("character", 500)
            found.setdefault((fold(person), character), CreditAnswer(person, CreditRole.ACTOR, character, None))
    for one in answer.objects("crew", MOST_CREW):
        job = one.text("job", 200)
        if (role := JOBS.get(job or "")) is not None:
            person = one.needed_text("name", LONG_NAME_LETTERS)
            found.setdefault((fold(person), role, job), CreditAnswer(person, role, None, job))
    return list(found.values())


def parse_pictures(answer: AnswerFields) -> Sequence[Picture]:
    found: dict[tuple[ArtworkType, str], Picture] = {}
    for name, type in PICTURES.items():
        for one in answer.objects(name, MOST_PICTURES[name]):
            path = one.path("file_path")
            if path is not None:
                width, height = one.whole("width", PIXELS) or None, one.whole("height", PIXELS) or None
                found.setdefault((type, path), Picture(type, path, width, height))
    return list(found.values())


def one_picture(path: str | None, type: ArtworkType) -> Sequence[Picture]:
    return [] if path is None else [Picture(type, path, None, None)]


def external_ids(answer: AnswerFields, kind: MediaKind, id: int) -> Iterator[tuple[str, str]]:
    """Its id here, and those at other services."""
    is_series = kind is MediaKind.SERIES
    yield "tmdb_series" if is_series else "tmdb", str(id)
    ids = answer.part("external_ids")
    for name, sources in OTHER_IDS.items():
        value = ids.whole(name) if name == "tvdb_id" else ids.text(name, 100)
        if value and (source := sources[is_series]) is not None:
            yield source, str(value)


def parse_season(answer: AnswerFields) -> SeasonDetails:
    """A season; its episodes have who plays and works in them."""
    poster = answer.path("poster_path")
    return SeasonDetails(
        answer.id(),
        answer.needed_whole("season_number", SEASONS),
        answer.needed_text("name", TITLE_LETTERS),
        answer.year("air_date"),
        answer.text("overview", OVERVIEW_LETTERS),
        parse_pictures(answer.part("images")) or one_picture(poster, ArtworkType.POSTER),
        [parse_episode(one) for one in answer.objects("episodes", MOST_EPISODES)],
    )


def parse_episode(one: AnswerFields) -> EpisodeDetails:
    return EpisodeDetails(
        one.id(),
        one.needed_whole("episode_number", SEASONS),
        one.needed_text("name", TITLE_LETTERS),
        one.year("air_date"),
        one.text("overview", OVERVIEW_LETTERS),
        rating(one),
        one.whole("runtime", MINUTES) or None,
        parse_credits(one, ("guest_stars",)),
        one_picture(one.path("still_path"), ArtworkType.THUMBNAIL),
    )


def parse_configuration(answer: AnswerFields) -> ImageAddresses:
    """The address of images, which is stored with every picture: an http(s) one without user or query."""
    images = answer.part("images")
    base = images.text("secure_base_url", 500) or images.needed_text("base_url", 500)
    try:
        parts = urlsplit(base)
        is_plain = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_plain = False
    if not is_plain or parts.query or parts.fragment or not base.endswith("/"):
        raise images.bad("has no address that ends in /")
    return ImageAddresses(base)
