"""The named nouns that media carry, each declared once.

From here come their filter field, their list on media and root fields, the three mutations with their input type, the
kept counts and copies, the bound, the type of their events in the history, and the tests that walk over all of them.
What a noun is beside that stands in its own files: loaders/<noun>.py and schema/<noun>.py."""

from __future__ import annotations

from dataclasses import dataclass


def type_name(noun: str) -> str:
    """Of a noun as the schema has it: ReleaseGroup of release_group."""
    return "".join(part.capitalize() for part in noun.split("_"))


@dataclass(frozen=True, slots=True)
class Membership:
    """A noun with the tables <noun>, <noun>_name, media_<noun> and <noun>_media_count.

    bound: how many of it one media may carry; event: what history calls a change of that; is_tree: whether table
    <noun>_parent says which stand above which; creates: whether names that are not known are made if an edit does not
    say."""

    noun: str
    plural: str
    bound: int
    event: str
    is_tree: bool = False
    creates: bool = False

    @property
    def table(self) -> str:
        """Which media carry which."""
        return f"media_{self.noun}"

    @property
    def type_name(self) -> str:
        """As the schema has it: ReleaseGroup."""
        return type_name(self.noun)


MEMBERSHIPS = (
    Membership("tag", "tags", bound=256, event="TAGGED", is_tree=True, creates=True),
    Membership("genre", "genres", bound=64, event="GENRES_CHANGED"),
    Membership("channel", "channels", bound=64, event="CHANNELS_CHANGED"),
)

BY_NOUN = {one.noun: one for one in MEMBERSHIPS}
