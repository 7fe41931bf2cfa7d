"""The documents of taggers: the schema is that of the code, and the example of the README does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.process.outbound import open_services
from app.settings import Settings
from database.connect import Connector
from database.connect_args import ConnectArgs
from database.open_session import OPTIONS
from database.pool import Pool, PoolLimits
from jobs.kinds import KINDS
from jobs.tag_media import TAG_MEDIA, TagParameters
from providers.tagger.messages import REQUEST, read_answer
from tests.support.factories import add_library, add_media
from tests.support.jobs import queue, until_status, working

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENT = (CHECKOUT / "docs" / "tagger.md").read_text()
NAMES = """
SELECT m.title, array(SELECT t.name FROM media_tag x JOIN tag t ON t.id = x.tag_id WHERE x.media_id = m.id ORDER BY 1),
       array(SELECT c.category || ' ' || c.value FROM categorisation c WHERE c.media_id = m.id)
FROM media m ORDER BY m.id
"""


def test_the_schema_is_printed_by_the_command() -> None:
    printed = CliRunner().invoke(cli, ["tagger-schema"])
    assert printed.exit_code == 0
    assert printed.stdout == (CHECKOUT / "docs" / "tagger.schema.json").read_text()


def test_the_examples_of_the_document_are_what_the_schema_says() -> None:
    request, answer = re.findall(r"^```json\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    sent = REQUEST.validate_json(request)
    first, second = read_answer(orjson.loads(answer), [one.id for one in sent.media], "tagger")
    assert getattr(first, "tags", None) == ["space", "monster"]
    assert str(second) == "tagger: It has no overview."


@contextmanager
def example_tagger() -> Iterator[str]:
    """Its address: as the README starts it, on a free port."""
    command = [sys.executable, "-m", "examples.tagger", "--port", "0"]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            lines = []
            for line in process.stderr:
                lines.append(line)
                if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                    yield found[1]
                    return
            raise AssertionError("".join(lines))
        finally:
            process.kill()


@pytest.fixture
def settings_of_readme(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the README exports."""
    [line] = re.findall(r"^    export (MARQUEE_TAGGER_URL=.*)$", (CHECKOUT / "README.md").read_text(), re.MULTILINE)
    found = dict(one.split("=", 1) for one in line.split())
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


async def test_the_example_of_the_readme_tags_media(
    settings_of_readme: dict[str, str],
    writer: ConnectArgs,
    connection: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert settings_of_readme.keys() == {"MARQUEE_TAGGER_URL", "MARQUEE_TAGGER_ALLOW_PRIVATE"}
    library = await add_library(connection)
    await add_media(connection, library, "Alien", overview="A crew in deep space meets what kills it.")
    await add_media(connection, library, "Heat", overview="Robbers and a detective.")
    await add_media(connection, library, "Untitled")
    run = await queue(writer, TAG_MEDIA, TagParameters())
    connector = Connector(writer, OPTIONS)
    pool = Pool(connector.open, PoolLimits(min=0, max=4))
    await pool.start()
    with example_tagger() as url:
        assert os.environ["MARQUEE_TAGGER_URL"].startswith("http://127.0.0.1:")
        monkeypatch.setenv("MARQUEE_TAGGER_URL", url)
        services = open_services(Settings(DATABASE_URL=writer.dsn), pool, connector)
        try:
            async with working(writer, kinds=KINDS, services=services):
                row = await until_status(connection, run, "SUCCEEDED", "FAILED")
        finally:
            await services.close()
            await pool.close()
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 3, 0), row["error"]
    assert [tuple(one) for one in await connection.fetch(NAMES)] == [
        ("Alien", ["space"], ["mood dark"]),
        ("Heat", ["detective", "heist"], []),
        ("Untitled", [], []),
    ]


def test_the_example_is_short() -> None:
    assert len((CHECKOUT / "examples" / "tagger" / "__main__.py").read_text().splitlines()) <= 50
