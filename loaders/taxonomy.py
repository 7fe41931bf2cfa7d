"""Which media of a tag, genre, channel or person a filter lets through, for those who edit these as wholes."""

from __future__ import annotations

from database.row import Row
from domain.viewer import UNRESTRICTED, Viewer
from loaders.sql.condition import All
from loaders.sql.statement import Composer


class Everybody:
    """Sees all: who may not change all that is found is refused later."""

    viewer: Viewer = UNRESTRICTED

    def columns(self, row: type[Row]) -> frozenset[str]:
        return frozenset()


def matching_media(noun: str, id: int, filter: All | None) -> tuple[str, list[object]]:
    """The statement for ids of the media that have one of a noun and that a filter lets through, and its values."""
    composer = Composer(Everybody(), Row)
    here = composer.parameter(id)
    text = f"SELECT m.id FROM media m JOIN media_{noun} j ON j.media_id = m.id AND j.{noun}_id = {here}::bigint"
    conditions = list(filter.conditions(composer)) if filter is not None else []
    return composer.finish(f"{text} WHERE {' AND '.join(['true', *conditions])} ORDER BY m.id"), composer.values
