"""Requests that are made to cost much: each small, or within the documented limits, and why it costs much."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """`body` makes what is sent by POST."""

    name: str
    title: str
    body: Callable[[], bytes]


def request(query: str, **variables: Any) -> bytes:
    return json.dumps({"query": query, "variables": variables}, ensure_ascii=False, separators=(",", ":")).encode()


def aliased(number: int, field: str) -> str:
    """A field, so many times, each under a name of its own."""
    return " ".join(f"a{place}: {field}" for place in range(number))


def empty_conditions(conditions: int, uses: int) -> bytes:
    query = f"query ($f: MediaFilter) {{ {aliased(uses, 'media(first: 1, filter: $f) { nodes { id } }')} }}"
    return request(query, f={"or": [{}] * conditions})


def long_list(values: int, uses: int) -> bytes:
    query = f"query ($f: MediaFilter) {{ {aliased(uses, 'media(first: 1, filter: $f) { nodes { id } }')} }}"
    return request(query, f={"year": {"in": [1] * values}})


def large_answer(pages: int) -> bytes:
    fields = "id title overview addedAt updatedAt year rating runtimeMinutes version kind"
    return request(f"{{ media(first: 100) {{ {aliased(pages, f'nodes {{ {fields} }}')} }} }}")


def long_names(letters: int, uses: int) -> bytes:
    """U+FDFA is one letter that compatibility normalisation makes eighteen of."""
    names = "[" + "{name: $t} " * 100 + "]"
    fields = aliased(uses, f"media(first: 1, filter: {{tags: {{any: {names}}}}}) {{ nodes {{ id }} }}")
    return request(f"query ($t: String!) {{ {fields} }}", t="\ufdfa" * letters)


def name_patterns() -> str:
    letters = " ".join(f'{{matching: {{contains: "{letter}"}}}}' for letter in "abcdefghijklmnopqrst")
    return f"media(first: 1, filter: {{people: {{all: [{letters}]}}}}) {{ totalCount nodes {{ id }} }}"


def unknown_fields() -> bytes:
    return request("{ " + " ".join(f"f{place}" for place in range(1_900)) + " }")


def repeated_fields() -> bytes:
    return request("{ media { nodes { " + "title " * 1_900 + "} } }")


def crossed_fragments(number: int) -> bytes:
    spread = " ".join(f"...F{place}" for place in range(number))
    fragments = " ".join(
        f"fragment F{place} on Media {{ title year ...F{(place + 1) % number if place < number - 1 else 0} }}"
        for place in range(number)
    )
    return request(f"{{ media {{ nodes {{ {spread} }} }} }} {fragments}")


INTROSPECTED = "name description args { name description defaultValue type { name kind } } type { name kind }"


def introspection(uses: int) -> bytes:
    return request("{ " + aliased(uses, f"__schema {{ types {{ name fields {{ {INTROSPECTED} }} }} }}") + " }")


def wrong_values(number: int) -> bytes:
    return request("query ($f: [ID!]!) { nodes(ids: $f) { id } }", f=[{"no": "id"}] * number)


def deep_list(levels: int) -> bytes:
    nested = "[" * levels + "]" * levels
    return b'{"query": "query ($f: MediaFilter) { media(filter: $f) { nodes { id } } }", "variables": {"f": {"or": ' + (
        nested.encode() + b"}}}"
    )


DOCUMENTS: Sequence[Case] = (
    Case(
        "empty-conditions", "10,000 empty conditions in a variable, used 20 times", lambda: empty_conditions(10_000, 20)
    ),
    Case("empty-conditions-80k", "78,000 of them, used 99 times", lambda: empty_conditions(78_000, 99)),
    Case("long-list", "120,000 years in a variable, used 99 times", lambda: long_list(120_000, 99)),
    Case("large-answer", "A page of 100 media, its nodes 98 times", lambda: large_answer(98)),
    Case("long-names", "A name of 4,000 letters that become 72,000, used 100 times", lambda: long_names(4_000, 1)),
    Case("long-names-80k", "A name of 70,000 of them, used 2,000 times", lambda: long_names(70_000, 20)),
    Case(
        "name-patterns",
        "Twenty letters that the names of people contain, with the total",
        lambda: request(f"{{ {name_patterns()} }}"),
    ),
    Case("unknown-fields", "1,900 unknown fields", unknown_fields),
    Case("repeated-fields", "A field 1,900 times", repeated_fields),
    Case("crossed-fragments", "150 fragments that spread each other", lambda: crossed_fragments(150)),
    Case("introspection", "All types with their fields and arguments", lambda: introspection(1)),
    Case("introspection-20", "The same twenty times", lambda: introspection(20)),
    Case("wrong-values", "15,000 wrong values in a list", lambda: wrong_values(15_000)),
    Case("deep-list", "A variable nested 100,000 levels deep", lambda: deep_list(100_000)),
)

# Requests that are accepted one by one; ten at once stand beside a query for one row.
TOGETHER: Sequence[Case] = (
    Case(
        "name-patterns", "Twenty letters that the names of people contain", lambda: request(f"{{ {name_patterns()} }}")
    ),
    Case(
        "random-pages",
        "Pages in a random order, with the total",
        lambda: request(
            '{ media(first: 100, orderBy: [{field: RANDOM, seed: 1}], filter: {title: "the"}) {'
            " totalCount nodes { id } } }"
        ),
    ),
    Case(
        "wide-pages",
        "Pages of 100 media with tags, genres and credits",
        lambda: request(
            "{ media(first: 100) { nodes { title tags { name } genres { name }"
            " credits(first: 10) { nodes { person { name } } } } } }"
        ),
    ),
)

ONE_ROW = request('{ node(id: "media_1") { id ... on Media { title } } }')
