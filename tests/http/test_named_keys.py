"""Keys with names: what is done with one tells of it."""

from __future__ import annotations

from typing import Any

from database.connect_args import ConnectArgs
from tests.support.factories import add_name
from tests.support.in_process import serving_in_process

ANN, NOBODY = "the-key-of-ann-in-tests", "a-key-without-a-name"
RENAME = """
mutation ($to: String!, $from: ID!) { renameTag(id: $from, name: $to) { operation { who } } }
"""


async def test_an_operation_tells_whose_key_did_it(writer: ConnectArgs, connection: Any) -> None:
    tag = f"tag_{await add_name(connection, 'tag', 'Noir')}"
    async with serving_in_process(writer, keys=f"ann@example.com:{ANN},{NOBODY}") as served:
        found = []
        for number, key in enumerate((ANN, NOBODY)):
            async with served.http(authorization=f"Bearer {key}") as http:
                body = {"query": RENAME, "variables": {"from": tag, "to": f"Noir {number}"}}
                found.append((await http.post(served.url, json=body)).json())
        async with served.socket(init={"authorization": f"Bearer {ANN}"}) as client:
            await client.tell("subscribe", id="1", payload={"query": RENAME, "variables": {"from": tag, "to": "Last"}})
            found.append((await client.next())["payload"])

    assert found == [
        {"data": {"renameTag": {"operation": {"who": who}}}} for who in ("ann@example.com", None, "ann@example.com")
    ]
