"""What is sent to a tagger and what it answers. From these types come the checks of answers and, by
`python -m app tagger-schema`, docs/tagger.schema.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StrictInt, StrictStr, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema

from domain.bounds import CATEGORY_LETTERS, NAME_LETTERS, ROWS_OF_A_MEDIA
from domain.errors import Code
from domain.text import storable
from providers.errors import ProviderError

MAX_BATCH = 100  # media of one request
MOST_TAGS, MOST_CATEGORIES = ROWS_OF_A_MEDIA["media_tag"], ROWS_OF_A_MEDIA["categorisation"]
ERROR_LETTERS = 500
CONFIG = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


def check_storable_text(text: str) -> str:
    """ValueError."""
    if not storable(text):
        raise ValueError("has U+0000 or half of a surrogate pair")
    return text


STORABLE = AfterValidator(check_storable_text)
TagName = Annotated[StrictStr, Field(min_length=1, max_length=NAME_LETTERS), STORABLE]
CategoryText = Annotated[StrictStr, Field(min_length=1, max_length=CATEGORY_LETTERS), STORABLE]
ErrorText = Annotated[StrictStr, Field(min_length=1, max_length=ERROR_LETTERS), STORABLE]


@dataclass(frozen=True, slots=True)
class MediaCategory:
    """A category with its value, such as mood and dark."""

    __pydantic_config__ = CONFIG

    category: CategoryText
    value: CategoryText


@dataclass(frozen=True, slots=True)
class TaggerMedia:
    """A media as a tagger sees it. What is not known is left out."""

    __pydantic_config__ = CONFIG

    id: Annotated[StrictStr, Field(description="By which the answer names it.", pattern="^media_[1-9][0-9]*$")]
    kind: Annotated[StrictStr, Field(description="MOVIE, SERIES, SEASON, EPISODE, CLIP or TRACK.")]
    title: StrictStr
    original_title: StrictStr | None = None
    year: StrictInt | None = None
    overview: StrictStr | None = None
    series: Annotated[StrictStr | None, Field(description="The title of the series of a season or episode.")] = None
    season_number: StrictInt | None = None
    episode_number: StrictInt | None = None
    genres: list[StrictStr] = field(default_factory=list)
    tags: Annotated[list[StrictStr], Field(description="Those that it has already.")] = field(default_factory=list)
    categories: Annotated[list[MediaCategory], Field(description="Those that it has already.")] = field(
        default_factory=list
    )


@dataclass(frozen=True, slots=True)
class TaggerRequest:
    """The body of `POST /tag`: some media, each once."""

    media: Annotated[list[TaggerMedia], Field(min_length=1, max_length=MAX_BATCH)]


@dataclass(frozen=True, slots=True)
class TaggedMedia:
    """What a media is to have beside what it has; or why the tagger cannot say."""

    __pydantic_config__ = CONFIG

    id: Annotated[StrictStr, Field(description="As it was sent.")]
    tags: Annotated[list[TagName], Field(max_length=MOST_TAGS)] = field(default_factory=list)
    categories: Annotated[list[MediaCategory], Field(max_length=MOST_CATEGORIES)] = field(default_factory=list)
    error: Annotated[ErrorText | None, Field(description="In words; then this media is not tagged.")] = None


@dataclass(frozen=True, slots=True)
class TaggerAnswer:
    """The body of the answer: one object for each media that was sent, in any order."""

    media: list[TaggedMedia]


REQUEST, ANSWER, TAGGED = TypeAdapter(TaggerRequest), TypeAdapter(TaggerAnswer), TypeAdapter(TaggedMedia)


def request_of(media: Sequence[TaggerMedia]) -> Any:
    """The body of a request, as JSON."""
    return REQUEST.dump_python(TaggerRequest(list(media)), by_alias=True, exclude_none=True)


def read_answer(answer: Any, ids: Sequence[str], provider: str) -> list[TaggedMedia | ProviderError]:
    """What it says of each of these media, in their order. A media that it says nothing usable of has an error of its
    own; others that it names are not looked at. ProviderError where it is no answer at all."""
    given = answer.get("media") if isinstance(answer, dict) else None
    if not isinstance(given, list):
        raise ProviderError(Code.PROVIDER_BAD_ANSWER, f"{provider}: the answer is no object with a list, media.")
    found: dict[str, list[Any]] = {id: [] for id in ids}
    for one in given:
        id = one.get("id") if isinstance(one, dict) else None
        if isinstance(id, str) and id in found:
            found[id].append(one)
    return [read_tagged(found[id], provider) for id in ids]


def read_tagged(given: Sequence[Mapping[str, Any]], provider: str) -> TaggedMedia | ProviderError:
    """What is said of one media."""
    if len(given) != 1:
        what = "names this media more than once" if given else "does not name this media"
        return ProviderError(Code.PROVIDER_BAD_ANSWER, f"{provider}: the answer {what}.")
    try:
        tagged = TAGGED.validate_python(given[0])
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return ProviderError(Code.PROVIDER_BAD_ANSWER, f"{provider}: {where}: {first['msg']}.")
    if tagged.error is not None:
        return ProviderError(Code.PROVIDER_REFUSED, f"{provider}: {tagged.error}")
    return tagged


class UntitledSchema(GenerateJsonSchema):
    """Without titles that say nothing but the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def tagger_schema() -> dict[str, Any]:
    """Requests and answers as a JSON Schema, draft 2020-12."""
    _, schema = TypeAdapter.json_schemas(
        [("request", "validation", REQUEST), ("answer", "validation", ANSWER)],
        title="Marquee's outside taggers",
        description="`POST /tag`: a TaggerRequest, answered by a TaggerAnswer. See docs/tagger.md.",
        schema_generator=UntitledSchema,
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
