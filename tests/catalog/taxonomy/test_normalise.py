"""Names cleaned by rules: what each rule does, what is merged, the command, and how long operations can be undone."""

from __future__ import annotations

import getpass
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from app.process.normalise import normalise
from catalog.taxonomy.noun import GENRE, PERSON, TAG
from catalog.taxonomy.retention import prune_journal
from catalog.taxonomy.rules import Ampersand, NameCase, Rules, singular_word
from database.connect_args import ConnectArgs
from database.open_session import open_session
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media, add_name, add_person, mark
from tests.support.taxonomy import FIELDS, stored

NORMALISE = f"""mutation ($rules: NormaliseRules!, $preview: Boolean, $token: String) {{
    normaliseTags(rules: $rules, preview: $preview, token: $token) {FIELDS} }}"""
UNDO = "mutation ($id: ID!) { undo(operation: $id) { conflicts { message } } }"


@pytest.mark.parametrize(
    ("rules", "name", "cleaned"),
    [
        (Rules(separators=True), "sci-fi", "sci fi"),
        (Rules(separators=True), "sci_fi", "sci fi"),
        (Rules(separators=True), "sciFi", "sci Fi"),
        (Rules(separators=True), "HTTPServer", "HTTP Server"),
        (Rules(separators=True), "based on a true story - not", "based on a true story - not"),
        (Rules(punctuation=True), "Rock 'n' Roll!", "Rock n Roll"),
        (Rules(punctuation=True), "a.k.a.", "a k a"),
        (Rules(ampersand=Ampersand.AND), "Rock & Roll", "Rock and Roll"),
        (Rules(ampersand=Ampersand.SIGN), "Rock and Roll", "Rock & Roll"),
        (Rules(numbers=True), "Top Ten", "Top 10"),
        (Rules(numbers=True), "Seven", "Seven"),
        (Rules(plurals=True), "love stories", "love story"),
        (Rules(plurals=True), "Boxes", "Box"),
        (Rules(plurals=True), "robots", "robot"),
        (Rules(plurals=True), "class", "class"),
        (Rules(plurals=True), "virus", "virus"),
        (Rules(plurals=True, kept=frozenset({"series"})), "TV series", "TV series"),
        (Rules(accents=True), "Café", "Cafe"),
        (Rules(accents=True), "हिन्दी", "हिन्दी"),
        (Rules(case=NameCase.LOWER), "ÉTÉ", "été"),
        (Rules(case=NameCase.TITLE), "science FICTION", "Science Fiction"),
        (Rules(case=NameCase.SENTENCE), "science FICTION", "Science fiction"),
        (Rules(), "  a   b ", "a b"),
        (Rules(spaces=False), "a  b", "a  b"),
        (Rules(names={"sf": "science fiction"}, case=NameCase.TITLE), "SF", "Science Fiction"),
        (Rules(separators=True, punctuation=True, plurals=True), "🎬", "🎬"),
    ],
)
def test_what_a_rule_makes_of_a_name(rules: Rules, name: str, cleaned: str) -> None:
    assert rules.clean(name) == cleaned


async def test_names_are_renamed_or_merged_where_the_cleaned_name_exists(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    one, two = [await add_media(connection, library) for _ in range(2)]
    for name, media in (("Robots", one), ("robot", two), ("sci_fi", one), ("Movie", two), ("!!", one)):
        await mark(connection, "tag", media, await add_name(connection, "tag", name))
    await connection.execute("INSERT INTO tag_name VALUES ('film', 4, false)")
    await mark(connection, "tag", one, await add_name(connection, "tag", "films"))
    before = await stored(connection, TAG)
    rules = {"separators": True, "punctuation": True, "plurals": True, "case": "LOWER"}

    shown = (await api.run(NORMALISE, rules=rules, preview=True))["normaliseTags"]
    done = (await api.run(NORMALISE, rules=rules, token=shown["token"]))["normaliseTags"]

    assert done["counts"] == shown["counts"] == {"renamed": 2, "merged": 2, "moved": 2}
    assert [(one["code"], one["id"]) for one in done["conflicts"]] == [("BAD_ARGUMENT", "tag_5")]
    rows = await connection.fetch("SELECT id, name FROM tag ORDER BY id")
    assert [tuple(row) for row in rows] == [(2, "robot"), (3, "sci fi"), (4, "movie"), (5, "!!")]
    rows = await connection.fetch("SELECT media_id, tag_id FROM media_tag ORDER BY 1, 2")
    assert [tuple(row) for row in rows] == [(one, 2), (one, 3), (one, 4), (one, 5), (two, 2), (two, 4)]
    await assert_no_drift(connection)
    again = (await api.run(NORMALISE, rules=rules))["normaliseTags"]
    assert (again["operation"], again["counts"]["renamed"]) == (None, 0)
    assert (await api.run(UNDO, id=done["operation"]["id"]))["undo"]["conflicts"] == []
    assert await stored(connection, TAG) == before
    await assert_no_drift(connection)


async def test_names_that_change_places(api: Api, connection: Any) -> None:
    await add_name(connection, "tag", "a")
    await add_name(connection, "tag", "b")
    before = await stored(connection, TAG)
    names = [{"name": "a", "becomes": "b"}, {"name": "b", "becomes": "a"}]

    done = (await api.run(NORMALISE, rules={"names": names}))["normaliseTags"]

    assert await connection.fetchval("SELECT string_agg(name, ' ' ORDER BY id) FROM tag") == "b a"
    assert (await api.run(UNDO, id=done["operation"]["id"]))["undo"]["conflicts"] == []
    assert await stored(connection, TAG) == before


async def test_people_of_one_name_are_told_of_and_not_merged(api: Api, connection: Any) -> None:
    for name in ("ann lee", "Ann-Lee"):
        await add_person(connection, name)
    text = NORMALISE.replace("normaliseTags", "normalisePeople")

    done = (await api.run(text, rules={"separators": True, "case": "TITLE"}))["normalisePeople"]

    assert done["counts"] == {"renamed": 2, "merged": 0, "moved": 0}
    assert [one["code"] for one in done["conflicts"]] == ["SAME_NAME"]
    assert [row[0] for row in (await stored_names(connection))] == ["Ann Lee", "Ann Lee"]


async def stored_names(connection: Any) -> Any:
    return await connection.fetch(f"SELECT name FROM {PERSON.name}")


async def test_the_command_shows_a_table_and_can_be_undone(writer: ConnectArgs, connection: Any, api: Api) -> None:
    library = await add_library(connection)
    for name in ("Dramas", "drama"):
        await mark(connection, "genre", await add_media(connection, library), await add_name(connection, "genre", name))
    before = await stored(connection, GENRE)
    rules = Rules(plurals=True, case=NameCase.LOWER)
    console = Console(record=True, width=100)

    await normalise(writer, console, GENRE, rules, is_preview=True)
    assert await stored(connection, GENRE) == before
    await normalise(writer, console, GENRE, rules, is_preview=False)

    told = console.export_text()
    assert "Preview of genres: 0 renamed, 1 merged, 1 links of media moved. Nothing was changed." in told
    assert 'undo(operation: "taxonomy_operation_1")' in told
    assert "genre_2" in told
    operation = await connection.fetchrow("SELECT origin, who FROM taxonomy_operation WHERE id = 1")
    assert tuple(operation) == ("COMMAND", getpass.getuser())
    await api.run(UNDO, id="taxonomy_operation_1")
    assert await stored(connection, GENRE) == before


async def test_journals_go_by_age_and_number(writer: ConnectArgs, connection: Any, api: Api) -> None:
    await connection.execute(
        "INSERT INTO setting (key, value) VALUES ('taxonomy.undo_operations', '2'), ('taxonomy.undo_days', '10')"
    )
    await add_name(connection, "tag", "a")
    for name in "bcde":
        await api.run(f'mutation {{ renameTag(id: "tag_1", name: "{name}") {{ token }} }}')
    await connection.execute("UPDATE taxonomy_operation SET at = at - $1::interval WHERE id = 3", timedelta(days=11))

    async with open_session(writer) as session:
        assert await prune_journal(session) == 3
        assert await prune_journal(session) == 0

    rows = await connection.fetch("SELECT DISTINCT operation_id FROM taxonomy_row")
    assert [row[0] for row in rows] == [4]
    assert await api.codes(UNDO, id="taxonomy_operation_1") == ["NOT_UNDOABLE"]
    assert await api.codes(UNDO, id="taxonomy_operation_4") == []
    assert await api.codes(UNDO, id="taxonomy_operation_99") == ["NOT_FOUND"]


def test_plurals_of_words_in_ie_lose_their_s_alone() -> None:
    words = {"movies": "movie", "Zombies": "Zombie", "stories": "story", "boxes": "box", "robots": "robot"}
    assert {word: singular_word(word) for word in words} == words
