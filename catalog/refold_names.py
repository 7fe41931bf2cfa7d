"""Folded names of which no two things of a noun may have one, brought to the rule by which texts are compared now.

Where names become one, nothing is merged: who had the name so far keeps it, then the oldest; any other is kept under
the name with its number, and is reported. Aliases are kept folded alone, so what was lost of them cannot come back."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from catalog.noun_edit.names import store_names
from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from domain.bounds import NAME_BYTES
from domain.memberships import MEMBERSHIPS
from domain.text import fold, slug
from domain.viewer import UNRESTRICTED

NOUNS = ("library", "release_group")
NOUNS_WITH_ALIASES = tuple(one.noun for one in MEMBERSHIPS)

READ_NAMES = "SELECT id, name, folded_name FROM {noun} ORDER BY id FOR UPDATE"
READ_ALIASES = (
    "SELECT folded, {noun}_id AS id FROM {noun}_name WHERE NOT is_primary ORDER BY {noun}_id, folded FOR UPDATE"
)

# Names move out of each other's way first: one may take what another one leaves.
MAKE_ROOM = "UPDATE {noun} SET folded_name = chr(1) || id WHERE id = any($1::bigint[])"
WRITE_NAMES = """
UPDATE {noun} t SET folded_name = n.folded FROM unnest($1::bigint[], $2::text[]) AS n(id, folded) WHERE t.id = n.id
"""
READ_SLUGS = "SELECT id, name, slug FROM {noun}"
WRITE_SLUGS = "UPDATE {noun} t SET slug = n.slug FROM unnest($1::bigint[], $2::text[]) AS n(id, slug) WHERE t.id = n.id"


@dataclass(slots=True)
class NounNames:
    """The names of one noun as they are to be: who has which, and in words which of them have become one."""

    noun: str
    owner: dict[str, int] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    def assign(self, folded: str, id: int, name: str) -> str:
        """The folded name that a thing gets: this one, or one with its number where another has it."""
        folded = cut(folded)
        holder = self.owner.setdefault(folded, id)
        if holder == id:
            return folded
        other = f"{cut(folded, 50)} #{id}"
        while self.owner.get(other, id) != id:
            other += "'"
        self.owner[other] = id
        self.messages.append(
            f"{self.noun}_{id} ({name!r}) and {self.noun}_{holder} have one name now: "
            f"the first is found by its id, or as {other!r}, until one of them gets another name"
        )
        return other


def cut(text: str, room: int = 0) -> str:
    """As much of a text as its column takes."""
    return text.encode()[: NAME_BYTES - room].decode(errors="ignore")


async def refold_names(session: WritingSession) -> list[str]:
    """Folds all of them anew, noun by noun; in words, which names have become one."""
    renamed: list[str] = []
    for noun in (*NOUNS, *NOUNS_WITH_ALIASES):
        renamed += await transact(
            session, UNRESTRICTED, "refold_names", partial(refold_noun, noun, noun in NOUNS_WITH_ALIASES)
        )
    return renamed


async def refold_noun(noun: str, has_aliases: bool, writer: Writer) -> list[str]:
    rows = await writer.fetch(READ_NAMES.format(noun=noun))
    aliases = await writer.fetch(READ_ALIASES.format(noun=noun)) if has_aliases else []
    names = NounNames(noun)
    stay = {row["id"]: row["folded_name"] for row in rows if cut(fold(row["name"])) == row["folded_name"]}
    names.owner = {folded: id for id, folded in stay.items()}
    names.owner |= {row["folded"]: row["id"] for row in aliases if fold(row["folded"]) == row["folded"]}
    new = {row["id"]: names.assign(fold(row["name"]), row["id"], row["name"]) for row in rows if row["id"] not in stay}
    moved = {row["id"]: new[row["id"]] for row in rows if row["id"] in new and new[row["id"]] != row["folded_name"]}
    await writer.fetch(MAKE_ROOM.format(noun=noun), list(moved))
    await writer.fetch(WRITE_NAMES.format(noun=noun), list(moved), list(moved.values()))
    if has_aliases:
        kept = {names.assign(fold(row["folded"]), row["id"], row["folded"]): (row["id"], False) for row in aliases}
        primary = {stay.get(row["id"]) or new[row["id"]]: (row["id"], True) for row in rows}
        before = {row["folded"]: (row["id"], False) for row in aliases}
        before |= {row["folded_name"]: (row["id"], True) for row in rows}
        await write_names(writer, noun, before, {**kept, **primary})
        await write_slugs(writer, noun)
    return names.messages


async def write_names(
    writer: Writer, noun: str, before: dict[str, tuple[int, bool]], wanted: dict[str, tuple[int, bool]]
) -> None:
    """By folded name whose it is, and whether it is its name, not an alias: a thing's name goes before an alias that
    has become the same."""
    gone = [(id, folded) for folded, (id, is_primary) in before.items() if wanted.get(folded) != (id, is_primary)]
    new = [(id, folded, own) for folded, (id, own) in wanted.items() if before.get(folded) != (id, own)]
    if gone or new:
        await store_names(writer, noun, gone, new)


async def write_slugs(writer: Writer, noun: str) -> None:
    rows = await writer.fetch(READ_SLUGS.format(noun=noun))
    moved = {row["id"]: new for row in rows if (new := slug(row["name"])) != row["slug"]}
    await writer.fetch(WRITE_SLUGS.format(noun=noun), list(moved), list(moved.values()))
