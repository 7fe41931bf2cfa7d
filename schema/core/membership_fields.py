"""Fields that a type has for each noun that media carry (domain/memberships.py), and for each plain list of a media
(domain/media_lists.py): made, not written out.

    @strawberry.type
    @membership_fields(make)
    class Media:
        channels: Any = carried("The TV channels that it is on, by name")

A line like this gives the field its place among the others, and may give it words of its own; the fields of nouns that
have no line stand at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, ForwardRef, NamedTuple, TypeVar

import strawberry

from domain.media_lists import MEDIA_LISTS, MediaList
from domain.memberships import MEMBERSHIPS, Membership

T = TypeVar("T")
D = TypeVar("D", Membership, MediaList)


class MadeField(NamedTuple):
    """name: in Python; annotation: of its type."""

    name: str
    annotation: Any
    field: Any


@dataclass(frozen=True, slots=True)
class Carried:
    """A field's place, and its description where that is not made as well."""

    words: str


def carried(words: str = "") -> Any:
    """The place of a field that is made."""
    return Carried(words)


# Makes the fields of one noun; `words`: of the place that it has, or "".
Make = Callable[[D, str], Iterator[MadeField]]


def membership_fields(make: Make[Membership]) -> Callable[[type[T]], type[T]]:
    """Gives a class the fields of all nouns that media carry, before Strawberry makes it a type."""
    return made_fields(MEMBERSHIPS, make)


def media_list_fields(make: Make[MediaList]) -> Callable[[type[T]], type[T]]:
    """Gives a class the fields of all plain lists of a media, before Strawberry makes it a type."""
    return made_fields(MEDIA_LISTS, make)


def made_fields(nouns: Iterable[D], make: Make[D]) -> Callable[[type[T]], type[T]]:
    def decorate(cls: type[T]) -> type[T]:
        for one in nouns:
            place = vars(cls).get(one.plural)
            for made in make(one, place.words if isinstance(place, Carried) else ""):
                cls.__annotations__[made.name] = made.annotation
                setattr(cls, made.name, made.field)
        return cls

    return decorate


def module_of(one: Membership | MediaList) -> str:
    return "schema." + one.noun


def lazy(one: Membership | MediaList) -> Any:
    """The annotation of a noun's type, which is looked for in schema/<noun>.py when the schema is made."""
    return Annotated[ForwardRef(one.type_name), strawberry.lazy(module_of(one))]


def named_types() -> list[type]:
    """The types of all nouns."""
    return [getattr(import_module(module_of(one)), one.type_name) for one in MEMBERSHIPS]


def either(words: Sequence[str]) -> str:
    """ "tag, genre or channel"."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
