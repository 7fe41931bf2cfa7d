"""Fields of an answer, read one by one: what is not of its type ends the reading with a reason, not with a guess."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from domain.bounds import TIME_YEARS
from domain.errors import Code
from domain.text import storable
from providers.errors import ProviderError

DATE = re.compile(r"(\d{4})-\d{2}-\d{2}")
MAX_ID = 2**53 - 1


class AnswerFields:
    """An object of an answer. where: what is read, for messages: "movie/603.credits"."""

    def __init__(self, value: Any, where: str, provider: str) -> None:
        self.where = where
        self._provider = provider
        if not isinstance(value, dict):
            raise self.bad("is no object")
        self._value = value

    def bad(self, what: str) -> ProviderError:
        """What is wrong, without anything of the answer."""
        return ProviderError(Code.PROVIDER_BAD_ANSWER, f"{self._provider}: {self.where} {what}.")

    def _bad_field(self, name: str, what: str) -> ProviderError:
        return ProviderError(Code.PROVIDER_BAD_ANSWER, f"{self._provider}: {self.where}.{name} {what}.")

    def text(self, name: str, most: int) -> str | None:
        """A text without blanks around it, cut to so many letters; None where there is none, or an empty one."""
        value = self._value.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._bad_field(name, "is no text")
        if not storable(value):
            raise self._bad_field(name, "has characters that cannot be stored")
        return value.strip()[:most].strip() or None

    def needed_text(self, name: str, most: int) -> str:
        found = self.text(name, most)
        if found is None:
            raise self._bad_field(name, "is missing")
        return found

    def whole(self, name: str, most: int = MAX_ID) -> int | None:
        """A whole number that is not negative."""
        value = self._value.get(name)
        if value is None:
            return None
        if type(value) is not int or not 0 <= value <= most:
            raise self._bad_field(name, f"is no whole number from 0 to {most}")
        return value

    def id(self, name: str = "id") -> int:
        found = self.whole(name)
        if not found:
            raise self._bad_field(name, "is missing")
        return found

    def number(self, name: str, most: float) -> float:
        """A number that is not negative; 0 where there is none."""
        value = self._value.get(name)
        if value is None:
            return 0.0
        if type(value) not in (int, float) or not 0 <= value <= most:
            raise self._bad_field(name, f"is no number from 0 to {most:g}")
        return float(value)

    def year(self, name: str) -> int | None:
        """The year of a date; None where there is none, or what is no date of the form 1999-03-30."""
        value = self.text(name, 40)
        match = DATE.fullmatch(value or "")
        return int(match[1]) if match else None

    def moment(self, name: str) -> datetime | None:
        """A time with its zone, as ISO 8601 writes it."""
        text = self.text(name, 40)
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = datetime.min
        if found.tzinfo is None or not TIME_YEARS.holds(found.year):
            raise self._bad_field(name, "is no time with its zone, as ISO 8601 writes it")
        return found.astimezone(UTC)

    def path(self, name: str) -> str | None:
        """The path of a picture: "/abc.jpg"."""
        found = self.text(name, 300)
        if found is not None and (not re.fullmatch(r"/[\w.-]+", found, re.ASCII) or ".." in found):
            raise self._bad_field(name, "is no path of a picture")
        return found

    def objects(self, name: str, most: int) -> list[AnswerFields]:
        """The first objects of a list; none where it is missing."""
        value = self._value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._bad_field(name, "is no list")
        return [
            AnswerFields(one, f"{self.where}.{name}.{place}", self._provider) for place, one in enumerate(value[:most])
        ]

    def needed_objects(self, name: str, most: int) -> list[AnswerFields]:
        if self._value.get(name) is None:
            raise self._bad_field(name, "is missing")
        return self.objects(name, most)

    def part(self, name: str) -> AnswerFields:
        """An object within; an empty one where it is missing."""
        value = self._value.get(name)
        return AnswerFields({} if value is None else value, f"{self.where}.{name}", self._provider)

    def needed_whole(self, name: str, most: int) -> int:
        found = self.whole(name, most)
        if found is None:
            raise self._bad_field(name, "is missing")
        return found

    def first_whole(self, name: str, most: int) -> int | None:
        """The first of a list of whole numbers; None where there is none."""
        value = self._value.get(name)
        if not value:
            return None
        if not isinstance(value, list):
            raise self._bad_field(name, "is no list")
        return AnswerFields({"0": value[0]}, f"{self.where}.{name}", self._provider).whole("0", most)
