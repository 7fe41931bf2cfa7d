"""What edits of other nouns than media cost: further rows of the second table of docs/statements.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.edit_shapes import EditShape, Variables, ids

# 500 of each noun, and media that carry the first half of them.
FILL_NOUNS = """
INSERT INTO tag (name, folded_name, slug) SELECT 'T' || n, 't' || n, 't' || n FROM generate_series(1, 500) n;
INSERT INTO tag_name (folded, tag_id, is_primary) SELECT folded_name, id, true FROM tag;
INSERT INTO genre (name, folded_name, slug) SELECT name, folded_name, slug FROM tag ORDER BY id;
INSERT INTO genre_name (folded, genre_id, is_primary) SELECT folded_name, id, true FROM genre;
INSERT INTO channel (name, folded_name, slug) SELECT name, folded_name, slug FROM tag ORDER BY id;
INSERT INTO channel_name (folded, channel_id, is_primary) SELECT folded_name, id, true FROM channel;
INSERT INTO person (name, folded_name) SELECT name, folded_name FROM tag ORDER BY id;
INSERT INTO collection (kind, name, folded_name) SELECT 'OTHER', name, folded_name FROM tag ORDER BY id;
INSERT INTO release_group (name, folded_name) SELECT name, folded_name FROM tag ORDER BY id;
INSERT INTO credit (media_id, person_id, role, library_id)
SELECT n, 1 + n / 2, 'ACTOR', 1 FROM generate_series(1, 500) n;
INSERT INTO media_collection (media_id, collection_id, library_id, sort_title, added_at)
SELECT m.id, c.id, m.library_id, m.sort_title, m.added_at FROM media m, LATERAL (VALUES (1), (2 + m.id / 2)) AS c(id);
INSERT INTO media_tag (media_id, tag_id, library_id, sort_title, added_at)
SELECT m.id, 1 + m.id / 2, m.library_id, m.sort_title, m.added_at FROM media m;
"""


def made(**others: Any) -> Variables:
    return lambda number: {"items": [{"name": f"New {number}-{place}", **others} for place in range(number)]}


def changed(noun: str, **others: Any) -> Variables:
    return lambda number: {
        "items": [{"id": f"{noun}_{1 + place}", "name": f"Other {number}-{place}", **others} for place in range(number)]
    }


def person_ids(variables: Variables) -> Variables:
    """People who are given other external ids at each call."""

    def with_ids(number: int) -> dict[str, Any]:
        ids = ({"source": source, "value": f"{number}"} for source in map(str, range(10_000)))
        return {"items": [{**one, "externalIds": [next(ids), next(ids)]} for one in variables(number)["items"]]}

    return with_ids


def items_shape(name: str, input_type: str, statements: int, variables: Variables) -> EditShape:
    given = ", createMissing: true" if name.endswith("Credits") else ""
    text = f"mutation ($items: [{input_type}!]!) {{ {name}(items: $items{given}) {{ succeeded }} }}"
    return EditShape(name, text, statements, variables)


def delete_shape(name: str, noun: str, statements: int, *, used: bool = True) -> EditShape:
    given = ", evenIfUsed: true" if used else ""
    text = f"mutation ($ids: [ID!]!) {{ {name}(ids: $ids{given}) {{ succeeded }} }}"
    return EditShape(name, text, statements, lambda number: {"ids": [f"{noun}_{1 + place}" for place in range(number)]})


def collection_shape(name: str, statements: int) -> EditShape:
    given = "" if name == "removeFromCollection" else ", position: 2"
    number = 500 if name == "addToCollection" else 1  # which no media is in, and all
    collection = f'collection: "collection_{number}"'
    text = f"mutation ($media: [ID!]!) {{ {name}({collection}, media: $media{given}) {{ succeeded }} }}"
    return EditShape(name, text, statements, lambda number: {"media": ids(number)})


def new_credits(number: int) -> dict[str, Any]:
    return {
        "items": [
            {"media": one, "person": {"name": f"New {number}-{place}"}, "role": "WRITER"}
            for place, one in enumerate(ids(number))
        ]
    }


def changed_credits(number: int) -> dict[str, Any]:
    return {
        "items": [
            {"id": f"credit_{1 + place}", "person": {"name": f"Other {number}-{place}"}, "job": f"Job {number}"}
            for place in range(number)
        ]
    }


PARENTS = [{"id": "tag_500"}]

NOUN_EDITS = [
    items_shape("createTags", "NewTag", 7, made(parents=PARENTS)),
    items_shape("updateTags", "TagChanges", 12, changed("tag")),
    items_shape("createGenres", "NewGenre", 3, made()),
    items_shape("updateGenres", "GenreChanges", 7, changed("genre")),
    items_shape("createChannels", "NewChannel", 3, made()),
    items_shape("updateChannels", "ChannelChanges", 7, changed("channel")),
    items_shape("createPeople", "NewPerson", 1, made()),
    items_shape("updatePeople", "PersonChanges", 2, changed("person")),
    replace(items_shape("createPeople", "NewPerson", 3, person_ids(made())), name="createPeople with externalIds"),
    replace(
        items_shape("updatePeople", "PersonChanges", 5, person_ids(changed("person"))),
        name="updatePeople with externalIds",
    ),
    delete_shape("deletePeople", "person", 6),
    items_shape("createCollections", "NewCollection", 1, made(kind="OTHER")),
    items_shape("updateCollections", "CollectionChanges", 2, changed("collection")),
    delete_shape("deleteCollections", "collection", 6),
    collection_shape("addToCollection", 6),
    collection_shape("moveInCollection", 5),
    collection_shape("removeFromCollection", 6),
    items_shape("createReleaseGroups", "NewReleaseGroup", 2, made()),
    items_shape("updateReleaseGroups", "ReleaseGroupChanges", 3, changed("release_group")),
    delete_shape("deleteReleaseGroups", "release_group", 3),
    items_shape("createCredits", "NewCredit", 7, new_credits),
    items_shape("updateCredits", "CreditChanges", 10, changed_credits),
    delete_shape("deleteCredits", "credit", 5, used=False),
]
