"""The edits that are measured. Each takes back what the one before has done, as far as it can."""

from __future__ import annotations

from collections.abc import Callable

from bench.catalogue.database import NOTE, TAG
from bench.catalogue.operation import Figure, Operation, Variables
from bench.catalogue.subject import Subject

MOST = 201  # requests of an edit: one to warm up, half of the others one after the other, half at once


def batches(size: int) -> Callable[[Subject], Variables]:
    """Media in batches of a size, no media twice."""

    def variables(subject: Subject) -> Variables:
        count = min(MOST, subject.size // size)
        return [
            {
                "items": [
                    {
                        "media": [f"media_{number}" for number in range(1 + place * size, 1 + (place + 1) * size)],
                        "tags": [{"name": TAG}],
                    }
                ]
            }
            for place in range(count)
        ]

    return variables


def tagging(verb: str, size: int) -> Operation:
    name = f"{verb}{size}"
    words = "a media" if size == 1 else f"{size} media"
    return Operation(
        name,
        f"A tag is added to {words}" if verb == "add" else f"A tag is taken from {words}",
        f"mutation {name}($items: [TagEdit!]!) {{ {verb}Tags(items: $items) {{ succeeded }} }}",
        rf'"succeeded":{size}\b',
        (Figure("R1", 100),) if size == 1 else (),
        batches(size),
        is_edit=True,
    )


EDITS = (
    Operation(
        "update",
        "A media is changed",
        "mutation update($items: [MediaChanges!]!) { updateMedia(items: $items) "
        "{ succeeded media { id version overview } } }",
        r'"succeeded":1\b',
        (Figure("R1", 100),),
        lambda subject: [{"items": [{"id": one, "overview": f"{NOTE}: {one}"}]} for one in subject.media[:MOST]],
        is_edit=True,
    ),
    *(tagging(verb, size) for size in (1, 100, 500) for verb in ("add", "remove")),
    Operation(
        "create",
        "A media is made",
        """mutation create($items: [NewMedia!]!) {
            createMedia(items: $items, allowDuplicates: true) { succeeded media { id title } } }""",
        r'"succeeded":1\b',
        (Figure("R1", 300),),
        lambda subject: [
            {"items": [{"library": subject.library, "title": f"Benchmark {place}", "year": 1990 + place % 30}]}
            for place in range(MOST)
        ],
        is_edit=True,
    ),
    Operation(
        "delete",
        "A media is deleted",
        "mutation delete($media: [ID!]!) { deleteMedia(media: $media) { succeeded } }",
        r'"succeeded":1\b',
        (Figure("R1", 50),),
        lambda subject: [{"media": [one]} for one in subject.made],
        is_edit=True,
    ),
)
