"""Formats: guessed by what lies at a location, said why, chosen by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from sources.format import Format, Option
from sources.formats import open_source
from sources.source import Known, Reading, Source, SourceError, nothing_known


class Nothing:
    """A source without items, which keeps how it was opened."""

    total = 0

    def __init__(self, location: str, options: Mapping[str, str]) -> None:
        self.opened = (location, dict(options))

    async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        return
        yield

    async def has(self, key: str) -> bool | None:
        return False


def open_nothing(location: str, options: Mapping[str, str]) -> Source:
    return Nothing(location, options)


def made(name: str, sure: float, **more: object) -> Format:
    values: dict[str, object] = {
        "description": name,
        "told_by": f"it looks like {name}",
        "guess": lambda location: sure,
        "open": open_nothing,
        "options": (Option("depth", "How deep."),),
    }
    return Format(name=name, **{**values, **more})  # type: ignore[arg-type]


FORMATS = (made("unsure", 0.2), made("none", 0), made("sure", 0.9), made("also", 0.9))


async def test_the_surest_format_is_taken_and_it_says_why(tmp_path: Path) -> None:
    opened = await open_source(str(tmp_path), options={"depth": "2"}, formats=FORMATS)

    assert (opened.format.name, opened.reason) == ("sure", "The format is sure: it looks like sure.")
    assert isinstance(opened.source, Nothing)
    assert opened.source.opened == (str(tmp_path), {"depth": "2"})


async def test_a_format_is_chosen_by_its_name_whatever_is_guessed(tmp_path: Path) -> None:
    opened = await open_source(str(tmp_path), "none", formats=FORMATS)

    assert (opened.format.name, opened.reason) == ("none", "The format none was asked for.")


async def test_what_lies_behind_a_url_is_asked() -> None:
    async def yes(location: str, options: Mapping[str, str]) -> bool:
        return True

    async def no(location: str, options: Mapping[str, str]) -> bool:
        return False

    formats = (made("not it", 0.9, ask=no), made("it", 0.5, ask=yes))

    opened = await open_source("http://localhost:1", formats=formats)

    assert opened.format.name == "it"


@pytest.mark.parametrize(
    ("location", "format", "options", "message"),
    [
        ("{tmp}/a", None, {}, "{tmp}/a is not there."),
        ("{tmp}/a\0", None, {}, "{tmp}/a\0 cannot be read: embedded null byte."),
        ("{tmp}", "other", {}, "There is no format other. There are unsure, none, sure, also."),
        ("/dev/null", None, {}, "/dev/null is neither a file nor a folder."),
        ("{tmp}", None, {"width": "1"}, "The format sure has no option width. It has depth."),
    ],
)
async def test_what_cannot_be_opened_says_what_to_do(
    tmp_path: Path, location: str, format: str | None, options: dict[str, str], message: str
) -> None:
    with pytest.raises(SourceError) as error:
        await open_source(location.format(tmp=tmp_path), format, options, FORMATS)
    assert str(error.value) == message.format(tmp=tmp_path)


async def test_a_location_of_no_known_format_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        await open_source(str(tmp_path), formats=FORMATS[1:2])
    assert str(error.value) == f"{tmp_path} is of no format that is known: choose one by its name, of none."
