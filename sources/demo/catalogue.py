"""Whether a catalogue is the demo's, and which movies of the demo it has that no import brought in."""

from __future__ import annotations

from catalog.importing import statements
from catalog.importing.checkpoint import IMPORT_NAME
from catalog.importing.fingerprint import Fingerprints
from catalog.importing.plan import ImportPlan
from catalog.transaction import Writer
from database.session import Session
from database.statement import plain
from sources.demo.facts import read_facts
from sources.demo.movies import ARTICLE, movie_item

# Media that no import of the demo knows and that have none of its ids, with their articles; whether they are anything
# else than a movie of the demo from before it was imported: of another kind, or of another import.
OTHERS = plain(
    IMPORT_NAME,
    """
    SELECT m.id, m.title, m.year,
        ARRAY(SELECT x.value FROM external_id x WHERE x.media_id = m.id AND x.source = $1::text),
        m.kind <> 'MOVIE' OR EXISTS (SELECT FROM import_item i WHERE i.media_id = m.id)
    FROM media m
    WHERE NOT EXISTS (
        SELECT FROM import_item i JOIN import_source s ON s.id = i.source_id
        WHERE i.media_id = m.id AND s.format = 'demo'
    ) AND NOT EXISTS (SELECT FROM external_id x WHERE x.media_id = m.id AND x.source = 'demo')
    ORDER BY m.id LIMIT $2::integer
    """,
)
COUNT_ALL = plain(IMPORT_NAME, "SELECT count(*) FROM media")


class ForeignCatalogueError(Exception):
    """The catalogue holds media that are not the demo's. Nothing was changed."""

    code = "DEMO_FOREIGN_CATALOGUE"

    def __init__(self, media: int) -> None:
        super().__init__(
            f"the catalogue holds {media} media that are not just the demo's, so the demo was not loaded: "
            "give it an empty database"
        )


async def count_media(session: Session) -> int:
    [[count]] = await session.fetch(COUNT_ALL, ())
    return int(count)


async def movies_present(session: Session) -> dict[int, int]:
    """Movies of the demo that were brought in by COPY: their places in the facts, with their media.

    Raises ForeignCatalogueError where the catalogue holds media that are not the demo's."""
    movies = read_facts().movies
    places: dict[object, int] = {
        movie.article or (movie.title, movie.year): place for place, movie in enumerate(movies)
    }
    found: dict[int, int] = {}
    for media, title, year, articles, is_other in await session.fetch(OTHERS, (ARTICLE, len(movies) + 1)):
        place = places.get(articles[0] if articles else (title, year))
        if is_other or place is None or place in found:
            raise ForeignCatalogueError(await count_media(session))
        found[place] = media
    return found


async def note_imported(writer: Writer, plan: ImportPlan, present: dict[int, int]) -> None:
    """Movies that are there count as imported, so that the import passes them over as unchanged."""
    source = plan.library, plan.format, plan.location
    await writer.fetch(statements.ADD_SOURCE, *source)
    [[id, run, _]] = await writer.fetch(statements.SOURCE, *source)
    fingerprints, movies = Fingerprints(plan), read_facts().movies
    items = [movie_item(movies[place], place) for place in present]
    await writer.fetch(
        statements.PUT_ITEMS,
        *(id, run),
        [one.key for one in items],
        [fingerprints.of(one) for one in items],
        list(present.values()),
        *([False] * len(items), [None] * len(items)),
    )
