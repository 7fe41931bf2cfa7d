"""Numbers in JSON: kept as they were written or refused, on every way in, and told as they are stored."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.application import create_app
from app.settings import Settings
from database.connect_args import ConnectArgs
from domain import exact_json
from tests.support.api import Api
from tests.support.factories import add_library, add_media

KEPT = (
    *(
        "0",
        "-0",
        "1",
        "-1",
        "1.5",
        "0.1",
        "-0.1",
        "1e3",
        "1E+22",
        "1e22",
        "0.10",
        "123456789012345.6",
        "1e300",
        "1e-300",
    ),
    *("9007199254740993", "9223372036854775807", "-9223372036854775808", "18446744073709551615"),
    *("0.30000000000000004", "1.7976931348623157e308", "5e-324", "100000000000000000000000"),
)
REFUSED = (
    *("12345678901234567890123", "-12345678901234567890123", "18446744073709551616", "1e400", "-1e400", "1e-400"),
    *("0.12345678901234567891", "3.14159265358979323846264338327950288", "123456789012345678.9", "1" * 400),
    *("1" * 5_000, "1e99999999999999999999", "1e-99999999999999999999", "0.1" + "0" * 40 + "1"),
)
EDIT = 'updateMedia(items: [{ id: "media_1", metadata: %s }]) { errors { code message } }'
BY_VARIABLE = f"mutation ($m: JSON) {{ {EDIT % '$m'} }}"
BY_LITERAL = f"mutation {{ {EDIT} }}"


@pytest.fixture(params=["compiled", "reference"])
async def client(request: pytest.FixtureRequest, writer: ConnectArgs, connection: Any) -> Any:
    """Sends a body as it is written, and gives the text of the answer."""
    await add_media(connection, await add_library(connection))
    app = create_app(Settings(database_url=writer.dsn, pool_min=1, engine=request.param))
    await app.state.pool.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as own:

        async def send(query: str, variables: str = "{}") -> str:
            body = f'{{"query": {json.dumps(query)}, "variables": {variables}}}'
            answer = await own.post("/graphql", content=body, headers={"content-type": "application/json"})
            return answer.text

        yield send
    await app.state.pool.close()


def numbers_in(answer: str) -> dict[str, Any]:
    """The metadata in an answer, its numbers as they are written."""
    data = json.loads(answer, parse_int=Decimal, parse_float=Decimal)
    return dict(data["data"]["mediaItem"]["metadata"])


@pytest.mark.parametrize("by_variable", [True, False])
async def test_numbers_are_kept_as_they_were_written(client: Any, by_variable: bool) -> None:
    written = ", ".join(f"n{place}: {number}" for place, number in enumerate(KEPT))
    value = "{" + written + ", deep: {list: [" + ", ".join(KEPT) + "]}}"
    if by_variable:
        value = re.sub(r"(\w+):", r'"\1":', value)
        answer = await client(BY_VARIABLE, f'{{"m": {value}}}')
    else:
        answer = await client(BY_LITERAL % value)
    assert json.loads(answer)["data"]["updateMedia"]["errors"] == [], answer

    found = numbers_in(await client('{ mediaItem(id: "media_1") { metadata } }'))
    expected = [Decimal(number) for number in KEPT]
    assert [found[f"n{place}"] for place in range(len(KEPT))] == expected
    assert found["deep"]["list"] == expected


@pytest.mark.parametrize("by_variable", [True, False])
async def test_numbers_that_would_be_rounded_are_refused(client: Any, connection: Any, by_variable: bool) -> None:
    for inner in (*REFUSED, f"[{{a: {REFUSED[0]}}}]"):
        if by_variable:
            answer = await client(
                BY_VARIABLE, f'{{"m": {{"n": {inner.replace("a:", chr(34) + "a" + chr(34) + ":")}}}}}'
            )
        else:
            answer = await client(BY_LITERAL % f"{{n: {inner}}}")
        [error] = json.loads(answer)["data"]["updateMedia"]["errors"]
        assert error["code"] == "BAD_ARGUMENT"
        assert "kept exactly" in error["message"]
    assert await connection.fetchval("SELECT metadata::text FROM media") == "{}"


async def test_what_is_no_json_number_is_no_json(client: Any) -> None:
    more = ', "big": 12345678901234567890123'
    for number in ("NaN", "Infinity", "-Infinity", "01", "1.", "+1"):
        answer = await client(BY_VARIABLE, f'{{"m": {{"n": {number}}}{more}}}')
        assert json.loads(answer)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_numbers_that_others_have_stored_are_told_as_they_are(client: Any, connection: Any) -> None:
    numbers = [number for number in (*KEPT, *REFUSED) if "99999999" not in number]
    stored = json.dumps({f"n{place}": None for place in range(len(numbers))})
    for number in numbers:
        stored = stored.replace("null", number, 1)
    await connection.execute("UPDATE media SET metadata = $1::text::jsonb", stored)
    found = numbers_in(await client('{ mediaItem(id: "media_1") { metadata } }'))
    assert list(found.values()) == [Decimal(number) for number in numbers]

    # An edit of something else leaves them alone, and history tells them.
    await client(BY_LITERAL % "{n: 1}")
    text = "{ history(first: 9) { nodes { detail } } }"
    assert "12345678901234567890123" in await client(text)


async def test_numbers_of_filters_and_settings_are_exact_too(client: Any) -> None:
    for path in ("eq", "contains"):
        text = f'query ($v: JSON) {{ media(filter: {{ metadata: [{{ path: ["n"], {path}: $v }}] }}) {{ totalCount }} }}'
        for number in ("12345678901234567890123", "0.12345678901234567891"):
            answer = json.loads(await client(text, f'{{"v": {number}}}'))
            assert answer["errors"][0]["extensions"]["code"] == "BAD_ARGUMENT"
            answer = json.loads(await client(text.replace("$v }", f"{number} }}").replace("query ($v: JSON) ", "")))
            assert answer["errors"][0]["extensions"]["code"] == "BAD_ARGUMENT"
        assert json.loads(await client(text, '{"v": 0.1}'))["data"] == {"media": {"totalCount": 0}}
    text = 'mutation ($v: JSON) { setSetting(key: "tagger.rate_per_second", value: $v) { setting { value } } }'
    assert json.loads(await client(text, '{"v": 2.00000000000000000001}'))["errors"][0]["extensions"] == {
        "code": "BAD_ARGUMENT"
    }
    assert json.loads(await client(text, '{"v": 2.5}'))["data"]["setSetting"]["setting"] == {"value": 2.5}


async def test_other_variables_are_not_held_to_json_s_numbers(client: Any) -> None:
    text = "query ($r: Float, $n: Int) { media(filter: { rating: { min: $r } }, first: $n) { totalCount } }"
    for rating in ("7.12345678901234567891", "12345678901234567890123", "0.1"):
        assert json.loads(await client(text, f'{{"r": {rating}, "n": 1}}'))["data"] == {"media": {"totalCount": 0}}
    for variables in ('{"n": 12345678901234567890123}', '{"r": 1e400}', '{"n": 1e400}'):
        assert json.loads(await client(text, variables))["errors"][0]["extensions"]["code"] == "BAD_ARGUMENT"


async def test_levels_and_bytes_of_json_are_bounded_in_words(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    deep: Any = 1
    for _ in range(98):
        deep = [deep]
    assert (await api.run(BY_VARIABLE, m={"a": deep}))["updateMedia"]["errors"] == []
    [error] = (await api.run(BY_VARIABLE, m={"a": [deep]}))["updateMedia"]["errors"]
    assert error == {"code": "BAD_ARGUMENT", "message": "JSON is at most 100 levels deep."}
    [error] = (await api.run(BY_VARIABLE, m={"a": "x" * 65_536}))["updateMedia"]["errors"]
    assert error["code"] == "BAD_ARGUMENT"


@given(
    st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr).map(Decimal)
)
def test_a_number_is_held_or_marked(number: Decimal) -> None:
    text = format(number, "f") if abs(number.adjusted()) < 400 else f"{number:E}"
    [read] = exact_json.loads(f"[{text}]".encode())
    if exact_json.is_exact(read):
        assert Decimal(text) == Decimal(repr(read))
    else:
        assert isinstance(read, exact_json.Rounded)
    [stored] = json.loads(
        orjson.dumps(exact_json.loads_stored(f"[{text}]".encode())), parse_int=Decimal, parse_float=Decimal
    )
    assert stored == Decimal(text)
