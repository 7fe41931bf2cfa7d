"""Parameters of a kind of job: declared once, for the database, the mutation and the command line."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from domain.bounds import BIGINT
from domain.errors import CatalogError, Code
from domain.ids import format_id
from domain.text import storable

P = TypeVar("P")

METADATA = "parameter"
MAX_LETTERS = 4_096
ID = re.compile(r"([a-z_]+)_([1-9][0-9]{0,18})")
MAX_ITEMS = 10_000
TYPES: tuple[type, ...] = (int, float, bool, str)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as its kind declares it.

    type: int, float, bool, str or a StrEnum, of each value where is_list; id_of: the noun whose id it is, "library";
    default: what it is where it is not given, MISSING where it must be."""

    name: str
    type: type
    description: str
    is_list: bool
    is_optional: bool
    id_of: str | None
    default: Any

    @property
    def is_required(self) -> bool:
        return self.default is dataclasses.MISSING

    @property
    def public_name(self) -> str:
        """As clients have it: isForced; library for the field library_id."""
        first, *others = (self.name.removesuffix("_id") if self.id_of else self.name).split("_")
        return first + "".join(map(str.capitalize, others))


def parameter(description: str, *, default: Any = dataclasses.MISSING, id_of: str | None = None) -> Any:
    """A field of a dataclass of parameters: `library_id: int = parameter("Of which library.", id_of="library")`."""
    metadata = {METADATA: (description, id_of)}
    if isinstance(default, list):
        return dataclasses.field(default_factory=lambda: list(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def parameters_of(declared: type[Any]) -> list[Parameter]:
    """The parameters of a kind's dataclass, in their order. TypeError for a field that can be none."""
    hints = typing.get_type_hints(declared)
    found = []
    for one in dataclasses.fields(declared):
        if METADATA not in one.metadata:
            raise TypeError(f"{declared.__name__}.{one.name} is declared by parameter(...).")
        description, id_of = one.metadata[METADATA]
        type_, is_list, is_optional = _read_type(hints[one.name])
        if type_ not in TYPES and not issubclass(type_, StrEnum):
            raise TypeError(f"{declared.__name__}.{one.name} is of a type that no parameter can have.")
        default = one.default if one.default_factory is dataclasses.MISSING else one.default_factory()
        found.append(Parameter(one.name, type_, description, is_list, is_optional, id_of, default))
    return found


def _read_type(hint: Any) -> tuple[type, bool, bool]:
    """The type of one value, whether there is a list of them, and whether it can be None."""
    is_optional = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        others = [one for one in typing.get_args(hint) if one is not types.NoneType]
        is_optional, hint = len(others) < len(typing.get_args(hint)), others[0]
    if typing.get_origin(hint) in (list, tuple):
        return typing.get_args(hint)[0], True, is_optional
    return hint, False, is_optional


def to_json(parameters: Any) -> dict[str, Any]:
    """What job_run.parameters has, and clients see: by their names, with ids as clients have them."""
    return {one.public_name: _public(one, getattr(parameters, one.name)) for one in parameters_of(type(parameters))}


def _public(declared: Parameter, value: Any) -> Any:
    if declared.id_of is None or value is None:
        return value
    if declared.is_list:
        return [format_id(declared.id_of, one) for one in value]
    return format_id(declared.id_of, value)


def from_values(declared: type[P], values: Mapping[str, Any]) -> P:
    """The parameters of these values, by their public names, as JSON, a mutation or a command gives them.

    BAD_ARGUMENT; BAD_ID."""
    known = {one.public_name: one for one in parameters_of(declared)}
    if unknown := sorted(values.keys() - known.keys()):
        raise _refused(f"There is no parameter {unknown[0]}: there are {', '.join(known) or 'none'}.")
    for one in known.values():
        if one.is_required and values.get(one.public_name) is None:
            raise _refused(f"{one.public_name} is missing.")
    read = {known[name].name: _read(known[name], value) for name, value in values.items()}
    return declared(**read)


def _read(declared: Parameter, value: Any) -> Any:
    if value is None:
        return None if declared.is_optional else declared.default
    if not declared.is_list:
        return _read_one(declared, value)
    if not isinstance(value, list | tuple) or len(value) > MAX_ITEMS:
        raise _refused(f"{declared.public_name} is a list of at most {MAX_ITEMS}.")
    return [_read_one(declared, one) for one in value]


def _read_one(declared: Parameter, value: Any) -> Any:
    if declared.id_of is not None:
        return _read_id(declared, value)
    if issubclass(declared.type, StrEnum):
        if value not in declared.type.__members__.values():
            raise _refused(f"{declared.public_name} is one of {', '.join(declared.type.__members__)}.")
        return declared.type(value)
    if declared.type is float and type(value) is int:
        value = float(value)
    if type(value) is not declared.type:
        raise _refused(f"{declared.public_name} is a value of type {declared.type.__name__}.")
    if isinstance(value, str) and (len(value) > MAX_LETTERS or not storable(value)):
        raise _refused(f"{declared.public_name} has at most {MAX_LETTERS} letters, without U+0000 and halves of pairs.")
    if type(value) is int and not BIGINT.least <= value <= BIGINT.most:
        raise _refused(f"{declared.public_name} is too large.")
    return value


def _read_id(declared: Parameter, value: Any) -> int:
    match = ID.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[1] != declared.id_of or int(match[2]) > BIGINT.most:
        raise CatalogError(Code.BAD_ID, f"{declared.public_name} is the id of a {declared.id_of}.")
    return int(match[2])


def _refused(message: str) -> CatalogError:
    return CatalogError(Code.BAD_ARGUMENT, message)
