"""The size of an answer, counted while it is built: before objects are made, and before their text is written.

An object counts the names of its fields, their texts, and as much again as Python needs for it at least."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from graphql import GraphQLError

from engine.plans.object_size import OF_VALUE
from engine.plans.plan import Field
from engine.runs.bucket import Bucket

# Texts that are not looked at, which is all of them in a usual answer: it would take a tenth of its time.
TRUSTED_TEXTS = 500


class AnswerTooLarge(GraphQLError):
    """The answer is too large: it is replaced by this error."""


class AnswerSize:
    """How many bytes an answer has so far, of how many at most."""

    __slots__ = ("_trusted", "bytes", "most")

    def __init__(self, most: int) -> None:
        self._trusted = TRUSTED_TEXTS
        self.bytes = 0
        self.most = most

    def add_objects(self, bucket: Bucket) -> None:
        """Objects that are to be made. Raises AnswerTooLarge."""
        self.bytes += len(bucket.objects) * bucket.selection.width
        if self.bytes > self.most:
            raise answer_too_large(self.most, bucket, bucket.field)

    def add_texts(self, bucket: Bucket) -> None:
        """The texts of objects that were made. Raises AnswerTooLarge."""
        self._trusted -= len(bucket.answers) * len(bucket.selection.texts)
        if self._trusted >= 0:
            return
        for key in bucket.selection.texts:
            self._add(letters(list(map(itemgetter(key), bucket.answers))), bucket, bucket.field)

    def add_leaf(self, value: Any, bucket: Bucket, field: Field) -> None:
        """One value that no builder has read. Raises AnswerTooLarge."""
        self._add(OF_VALUE + letters([value]), bucket, field)

    def add_copies(self, number: int, before: int, bucket: Bucket) -> None:
        """Objects that stand in several places: so many more, each as large as the bucket's on average.

        before: the bytes before these were made. Raises AnswerTooLarge."""
        each = (self.bytes - before) // max(1, len(bucket.answers))
        self._add(number * each, bucket, bucket.field)

    def _add(self, number: int, bucket: Bucket, field: Field | None) -> None:
        self.bytes += number
        if self.bytes > self.most:
            raise answer_too_large(self.most, bucket, field)


def answer_too_large(most: int, bucket: Bucket, field: Field | None) -> AnswerTooLarge:
    """The refusal, which names the field that is one too many."""
    keys: list[str] = [] if field is None or field is bucket.field else [field.key]
    above: Bucket | None = bucket
    while above is not None and above.field is not None:
        keys.append(above.field.key)
        above = above.parent
    keys.reverse()
    return AnswerTooLarge(
        f"The answer has more than {most} bytes with {'.'.join(keys)}: ask for smaller pages or fewer fields.",
        None if field is None else field.nodes,
        path=keys,
        extensions={"code": "ANSWER_TOO_LARGE"},
    )


def letters(values: Sequence[Any]) -> int:
    """The letters of texts among leaf values, and of those within lists and objects of free JSON."""
    try:
        return len("".join(values))
    except TypeError:  # null, or no text
        pass
    texts = [value for value in values if value.__class__ is str]
    others = [value for value in values if value.__class__ in (dict, list)]
    return sum(map(len, texts)) + sum(map(letters_within, others))


def letters_within(value: Any) -> int:
    """The letters of a JSON value, about."""
    found = 0
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found += len(one)
        elif isinstance(one, dict):
            found += OF_VALUE + sum(map(len, one))
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        found += OF_VALUE
    return found
