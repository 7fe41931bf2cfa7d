"""What an operation costs, in quarters of a row: pages, lists, edits, values in the answer; what costs most."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLError

from engine.documents.document import too_complex
from engine.documents.price import Price
from engine.limits import Limits
from tests.engine.test_limits import DEFAULTS, document, quarters


def priced(text: str) -> Price:
    [operation] = document(text).operations.values()
    return operation.price


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("{ __typename }", 1),
        ('{ node(id: "media_1") { id } }', 1 + 4 + 1),
        ("{ media { nodes { id } } }", 1 + 80 + 1 + 20 + 20),
        (
            "{ media(first: 100) { edges { node { id } } totalCount pageInfo { endCursor } } }",
            1 + 400 + 1 + 100 + 100 * (1 + 1 + 1) + 4 + 1 + 1 + 1,
        ),
        ("{ media(last: 7) { nodes { id } } }", 2 + 7 * 6),
        ("{ media(first: 3, last: 9) { nodes { id } } }", 2 + 9 * 6),
        ("{ media(first: 1000000000) { nodes { id } } }", 2 + 100 * 6),
        ("{ media(first: 0) { nodes { id } } }", 2),
        ("{ media(first: -5) { nodes { id } } }", 2),
        ("{ media(first: null) { nodes { id } } }", 2 + 20 * 6),
        ("{ media(first: 10) { nodes { tags { id } } } }", 2 + 10 * 5 + 10 * (1 + 16 * 2)),
        ("{ media(first: 10) { nodes { genres { id name } } } }", 2 + 10 * 5 + 10 * (1 + 4 * 3)),
        (
            "{ media(first: 10) { nodes { tags { media(first: 2) { nodes { id } } } } } }",
            2 + 10 * 5 + 10 * (1 + 16 * 4 + 16 * (2 + 2 * 6)),
        ),
        (
            "{ media(first: 10) { nodes { library { id } credits(first: 5) { nodes { person { id } } } } } }",
            2 + 10 * 5 + 10 * (6 + 2 + 5 * 5 + 5 * 6),
        ),
        ("{ a: media(first: 1) { nodes { id } } b: media(first: 2) { nodes { id } } }", 8 + 14),
        ("{ media(first: 1) { nodes { id } nodes { title } } }", 1 + 4 + 3 + 3),
        ("{ media(first: 10) { nodes { title overview metadata } } }", 2 + 10 * (5 + 1 + 24 + 24)),
        ('{ tag(name: "a") { aliases } }', 1 + 4 + 1 + 4),
        (f'{{ node(id: "media_1") {{ {"a" * 32}: id {"b" * 64}: id }} }}', 1 + 4 + 2 + 3),
        (f'{{ {"a" * 95}: node(id: "media_1") {{ id }} }}', 3 + 4 + 1),
        ('{ nodes(ids: ["media_1", "tag_1", "tag_1"]) { id } }', 1 + 3 * 5),
        ('{ nodes(ids: "media_1") { id } }', 1 + 5),
        ('{ _entities(representations: [{id: "a"}, {id: "b"}]) { __typename } }', 1 + 2 * 5),
        # A facet counts a hundred rows, each value an object with its values.
        (
            "{ media(first: 0) { facets(of: [GENRE, TAG], first: 3) { field values { label count } } } }",
            2 + 2 * 400 + 2 * (1 + 1 + 3 * (1 + 2)),
        ),
        ("{ media(first: 0) { facets(of: GENRE, first: 999) { values { label } } } }", 2 + 400 + 1 + 100 * 2),
        ("{ media(first: 0) { facets(of: [], first: -1) { values { label } } } }", 2),
        ("{ media(first: 0) { count { value precision } } }", 2 + 4 + 2),
        ("{ media(first: 9) @skip(if: true) { nodes { id } } }", 2 + 9 * 6),
        ("{ ... @include(if: false) { media(first: 9) { nodes { id } } } }", 2 + 9 * 6),
        ("{ ...a ...a } fragment a on Query { media(first: 9) { nodes { id } } }", 2 * (2 + 9 * 6)),
    ],
)
def test_a_price_counts_rows_by_sizes_and_usual_lengths_and_everything_in_the_answer(text: str, price: int) -> None:
    assert quarters(text) == price


@pytest.mark.parametrize(
    ("declared", "variables", "size"),
    [
        ("$n: Int", {"n": 5}, 5),
        ("$n: Int", {}, 20),
        ("$n: Int", {"n": None}, 20),
        ("$n: Int = 7", {}, 7),
        ("$n: Int = 7", {"n": 5}, 5),
        ("$n: Int = 7", {"n": None}, 20),
        ("$n: Int", {"n": 50.0}, 50),
        ("$n: Int", {"n": 10**12}, 100),
        ("$n: Int", {"n": 1e300}, 100),
        ("$n: Int", {"n": -1}, 0),
        ("$n: Int", {"n": "80"}, 20),
        ("$n: Int", {"n": [80]}, 20),
    ],
)
def test_a_page_size_in_a_variable_is_priced_with_its_value(declared: str, variables: Any, size: int) -> None:
    assert quarters(f"query({declared}) {{ media(first: $n) {{ nodes {{ id }} }} }}", **variables) == 2 + 6 * size


def test_the_price_of_one_document_follows_its_variables_and_the_limits() -> None:
    price = priced("query($n: Int) { media(first: $n) { nodes { tags { id } } } tags { nodes { id } } }")
    other = Limits(page_default=10, averages={"tags_by_media_id": 20})

    for _ in range(2):
        assert price.quarters({"n": 1}, DEFAULTS) == 2 + 5 + 33 + 122
        assert price.quarters({"n": 3}, DEFAULTS) == 2 + 3 * 38 + 122
        assert price.quarters({}, other) == 2 + 10 * (5 + 1 + 30 * 2) + 62


def test_lists_in_variables_are_priced_with_their_length() -> None:
    assert quarters("query($i: [ID!]!) { nodes(ids: $i) { id } }", i=["a"] * 50) == 1 + 50 * 5
    assert quarters('query($i: [ID!]! = ["a", "b"]) { nodes(ids: $i) { id } }') == 1 + 2 * 5
    assert quarters("query($i: [ID!]!) { nodes(ids: $i) { id } }", i="a") == 1 + 5
    fields = "... on Media { credits(first: 10) { nodes { id } } }"
    entities = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {fields} }} }}"
    assert quarters(entities, r=[{}] * 50) == 1 + 50 * (4 + 2 + 10 * 6)


@pytest.mark.parametrize(
    ("average", "length"),
    [(0, 16), (1.2, 16), (10.6, 16), (10.7, 17), (60.0, 90), (170.0, 255), (171.0, 256), (1e9, 256)],
)
def test_a_list_counts_what_it_usually_has_and_never_more_than_its_bound(average: float, length: int) -> None:
    limits = Limits(averages={"tags_by_media_id": average, "genres_by_media_id": 1e9})
    price = priced('{ mediaItem(id: "media_1") { tags { id } } }')

    assert price.quarters({}, limits) == 1 + 4 + 1 + 2 * length


@pytest.mark.parametrize(
    ("first", "average", "length"),
    [
        (5, 0, 5),
        (100, 0, 34),
        (20, 0, 10),
        (30, 0, 10),
        (31, 0, 11),
        (100, 23.0, 35),
        (9, 6.7, 9),
        (100, 66.0, 99),
        (100, 1e9, 100),
    ],
)
def test_a_page_of_what_hangs_on_media_counts_what_there_usually_is(first: int, average: float, length: int) -> None:
    limits = Limits(averages={"credit_pages_by_media_id": average, "media_pages_by_tag_id": 1.0})
    credits = priced(f'{{ mediaItem(id: "media_1") {{ credits(first: {first}) {{ nodes {{ id }} }} }} }}')
    media = priced(f'{{ tag(id: "tag_1") {{ media(first: {first}) {{ nodes {{ id }} }} }} }}')

    assert credits.quarters({}, limits) == 1 + 4 + 2 + 6 * length
    assert media.quarters({}, limits) == 1 + 4 + 2 + 6 * first


def test_every_value_of_a_filter_or_order_counts_for_each_parent() -> None:
    filter = "filter: { year: { min: 1, max: 2 }, or: [{ kind: [MOVIE, CLIP] }] }, orderBy: { field: YEAR }"
    nested = "genres(first: 3) { nodes { media(first: 2, filter: $f) { nodes { id } } } }"
    bare = 2 + 3 * 5 + 3 * (2 + 2 * 6)

    assert quarters(f"{{ media(first: 2, {filter}) {{ nodes {{ id }} }} }}") == 2 + 2 * 6 + 5 * 4
    text = f"query ($f: MediaFilter) {{ {nested} }}"
    assert quarters(text, f=None) == bare
    assert quarters(text, f={"title": "a", "and": [{"id": ["media_1"] * 10}]}) == bare + 3 * 11 * 4
    with_default = text.replace("$f: MediaFilter", '$f: MediaFilter = { title: "a", year: { min: 1 } }')
    assert quarters(with_default) == bare + 3 * 2 * 4
    deep: Any = {"title": "a"}
    for _ in range(5_000):
        deep = {"not": deep}
    assert quarters(text, f=deep) == bare + 3 * 4


def items(media: int, tags: int) -> dict[str, Any]:
    return {"media": [f"media_{n + 1}" for n in range(media)], "tags": [{"name": f"t{n}"} for n in range(tags)]}


ADD = "mutation ($items: [TagEdit!]!) { addTags(items: $items) { media { title tags { name } } errors { code } } }"
READ_BACK = 4 + 1 + (1 + 16 * 2) + 1 + 1  # of each media: row, title, tags; and an error at most


@pytest.mark.parametrize(
    ("given", "targets", "things"),
    [
        ([items(1, 1)], 1, 1),
        ([items(2, 3), items(1, 5)], 3, 11),
        ([items(500, 256)], 500, 128_000),
        ([items(0, 3)], 1, 3),
        (items(2, 2), 2, 4),
        ([], 0, 0),
        ({"media": "media_1", "tags": {"name": "x"}}, 1, 1),
        ("nonsense", 1, 0),
        ([None, 3, {}], 3, 0),
    ],
)
def test_an_edit_costs_its_targets_and_what_is_done_with_them(given: Any, targets: int, things: int) -> None:
    assert quarters(ADD, items=given) == 1 + 2 + 4 * targets + things + READ_BACK * targets


def test_an_edit_is_counted_alike_in_the_document_and_in_variables() -> None:
    literal = 'mutation { addTags(items: [{ media: ["media_1", "media_2"], tags: [{ name: "x" }] }]) { succeeded } }'
    mixed = """mutation ($media: [ID!]!, $tag: String!) {
        addTags(items: [{ media: $media, tags: [{ name: $tag }] }]) { succeeded } }"""
    item = "mutation ($item: TagEdit!) { addTags(items: [$item]) { succeeded } }"

    assert quarters(literal) == 1 + 2 * 4 + 2 + 1
    assert quarters(mixed, media=["media_1", "media_2"], tag="x") == quarters(literal)
    assert quarters(item, item=items(2, 1)) == quarters(literal)


@pytest.mark.parametrize(
    ("text", "variables", "price"),
    [
        ("mutation ($i: [NewMedia!]!) { createMedia(items: $i) { media { id } } }", {"i": [{}] * 7}, 2 + 7 * (4 + 5)),
        ("mutation ($i: [MediaChanges!]!) { updateMedia(items: $i) { failed } }", {"i": [{}] * 7}, 2 + 7 * 4),
        ("mutation ($m: [ID!]!) { deleteMedia(media: $m) { deletedIds } }", {"m": ["a"] * 7}, 2 + 7 * (4 + 1)),
        (
            'mutation ($m: [ID!]!) { markProcessed(media: $m, process: "t") { errors { id code } } }',
            {"m": ["a"] * 7},
            2 + 7 * (4 + 3),
        ),
        (
            "mutation ($i: [CategoryEdit!]!) { setCategories(items: $i) { succeeded } }",
            {"i": [{"media": ["a", "b"], "categories": [{}] * 5}]},
            2 + 2 * 4 + 10,
        ),
        (
            """mutation { splitTag(id: "tag_1", name: "x", filter: { and: [{ title: "a" }, { year: { min: 1 } }] })
                { token } }""",
            {},
            1 + 1 + 1 + 2 * 4,
        ),
        (
            'mutation ($f: MediaFilter!) { splitTag(id: "tag_1", name: "x", filter: $f) { token } }',
            {"f": {"or": [{"title": "a"}] * 30}},
            1 + 1 + 1 + 30 * 4,
        ),
        ('mutation { createLibrary(name: "L") { library { id } } }', {}, 1 + 1 + 1 + 4 + 1),
    ],
)
def test_each_kind_of_edit_is_priced_by_what_it_is_given(text: str, variables: dict[str, Any], price: int) -> None:
    assert quarters(text, **variables) == price


def test_edits_and_reads_that_their_bounds_promise_are_allowed() -> None:
    natural = "{ genres(first: 40) { nodes { media(first: 20) { nodes { title tags { name } } } } } }"
    two = """mutation { a: addTags(items: { media: "media_1", tags: { name: "x" } }) {
        media { title tags { name } categories { category value } } }
        b: addGenres(items: { media: "media_1", genres: { name: "y" } }) { media { genres { name } } } }"""
    full = "{ title overview tags { name } genres { name } categories { value } }"
    created = f"mutation ($items: [NewMedia!]!) {{ createMedia(items: $items) {{ media {full} }} }}"

    for text, variables in (
        (natural, {}),
        (two, {}),
        (ADD, {"items": [items(500, 256)]}),
        (created, {"items": [{"title": "x"}] * 500}),
    ):
        assert priced(text).cost(variables, DEFAULTS) <= DEFAULTS.nodes, text


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ media(first: 100) { nodes { tags { media(first: 100) { nodes { id } } } } } }", {}),
        ("{ media(first: 100) { " + " ".join(f"a{n}: nodes {{ id title overview }}" for n in range(98)) + " } }", {}),
        ("{ media(first: 100) { nodes { " + " ".join(f"a{n}: metadata" for n in range(99)) + " } } }", {}),
        (f"{{ media(first: 100) {{ nodes {{ {'a' * 70_000}: id }} }} }}", {}),
        (ADD, {"items": [items(1_000, 256)]}),
        (ADD, {"items": [items(500, 256), items(500, 256)]}),
    ],
)
def test_what_is_repeated_within_rows_that_are_read_once_is_refused_as_well(text: str, variables: Any) -> None:
    assert priced(text).cost(variables, DEFAULTS) > DEFAULTS.nodes


def test_what_two_hundred_edits_are_given_by_one_variable_is_counted_once() -> None:
    class Counted(list[Any]):
        walks = 0

        def __iter__(self) -> Any:
            Counted.walks += 1
            return super().__iter__()

    text = (
        "mutation ($i: [TagEdit!]!) { " + " ".join(f"a{n}: addTags(items: $i) {{ failed }}" for n in range(99)) + " }"
    )
    assert quarters(text, i=Counted([items(1, 1)] * 10)) == 99 * (2 + 10 * 5)
    assert Counted.walks == 1


@pytest.mark.parametrize(
    ("text", "variables", "path"),
    [
        ("{ media(first: 9) { nodes { id } } }", {}, "media"),
        ("{ a: tags { nodes { id } } b: media(first: 99) { nodes { id } } }", {}, "b"),
        (
            "{ media(first: 100) { nodes { tags { media(first: 100) { nodes { title } } } } } }",
            {},
            "media.nodes.tags.media",
        ),
        (
            "{ media { ...a } } fragment a on MediaConnection { edges { node { ... on Media { metadata } } } }",
            {},
            "media.edges.node",
        ),
        (ADD, {"items": [items(500, 256)]}, "addTags"),
        (
            "mutation ($i: [NewMedia!]!) { createMedia(items: $i) { media { credits(first: 90) { nodes { id } } } } }",
            {"i": [{}] * 100},
            "createMedia.media.credits",
        ),
    ],
)
def test_the_field_that_costs_most_is_the_lowest_that_has_most_of_the_cost(
    text: str, variables: Any, path: str
) -> None:
    assert priced(text).costliest(variables, DEFAULTS)[0] == path


def test_a_refusal_tells_cost_limit_and_field_however_great_they_are() -> None:
    levels = "media(first: 100) { nodes { tags { " * 3 + "id" + " } } }" * 3
    deep = document(f"{{ {levels} }}")
    [(name, operation)] = deep.operations.items()
    path, share = operation.price.costliest({}, DEFAULTS)
    with pytest.raises(GraphQLError, match="tags costs") as raised:
        deep.choose(name).check_price({}, DEFAULTS)

    assert raised.value.extensions == {
        "code": "TOO_COMPLEX",
        "cost": operation.price.cost({}, DEFAULTS),
        "limit": 50_000,
        "field": path,
        "fieldCost": share,
    }
    assert path == "media.nodes.tags.media.nodes.tags.media.nodes.tags"


def test_costs_beyond_what_json_holds_are_told_as_much_as_it_holds() -> None:
    error = too_complex(10**30, 50_000, "media", 10**29)

    assert (error.extensions or {})["cost"] == (error.extensions or {})["fieldCost"] == 10**15


def test_an_upsert_costs_its_items_and_the_elements_of_all_their_lists() -> None:
    text = "mutation ($items: [MediaUpsert!]!) { upsertMedia(items: $items) { counts { failed } } }"
    empty = quarters(text, items=[])
    one = {"tags": [{"name": "x"}] * 3, "credits": [{}] * 10, "externalIds": None, "taglines": "one"}

    assert quarters(text, items=[{}]) - empty == 4
    assert quarters(text, items=[one, {}, one]) - empty == 3 * 4 + 2 * (3 + 10 + 1)
