"""The page /browse over HTTP: its addresses, its policy, and the setting for pictures of other hosts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.http.application import create_app
from app.http.browse_page import PICTURES, TOLD
from app.settings import CHECKOUT, Settings
from database.connect_args import ConnectArgs

SOURCE = CHECKOUT / "ui" / "browse.html"
ADDRESSES = ("/browse", "/browse/", "/browse/media/media_1", "/browse/person/person_1?q=%F0%9F%8E%AC")


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of built pages with the source of this one in it."""
    monkeypatch.setattr("app.http.application.DIST", tmp_path)
    (tmp_path / "browse.html").write_text(SOURCE.read_text())
    return tmp_path


def client(writer: ConnectArgs, **settings: Any) -> httpx.AsyncClient:
    app = create_app(Settings(database_url=writer.dsn, trace_pages=False, **settings))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def test_the_page_is_at_each_of_its_addresses_and_shows_no_pictures_of_others(
    writer: ConnectArgs, dist: Path
) -> None:
    async with client(writer) as http:
        for address in ADDRESSES:
            answer = await http.get(address)
            assert (answer.status_code, answer.text) == (200, SOURCE.read_text()), address
            assert PICTURES[0] + ";" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert TOLD[0] in answer.text
        assert (await http.post("/browse")).status_code == 405


async def test_a_setting_lets_the_page_show_pictures_of_other_hosts_and_tells_it_so(
    writer: ConnectArgs, dist: Path
) -> None:
    async with client(writer, outside_pictures=True) as http:
        for address in ADDRESSES:
            answer = await http.get(address)
            assert answer.text == SOURCE.read_text().replace(*TOLD) != SOURCE.read_text()
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; ")
            assert PICTURES[1] + ";" in policy
            assert policy.count("https:") == 1


async def test_the_address_of_the_server_leads_to_the_page_and_says_where_it_is_not_built(
    writer: ConnectArgs, dist: Path
) -> None:
    async with client(writer) as http:
        home = await http.get("/")
        assert (home.status_code, home.headers["location"]) == (307, "/browse")
        await asyncio.to_thread((dist / "browse.html").unlink)
        missing = await http.get("/browse/media/media_1")
        assert (missing.status_code, missing.text) == (404, "The pages are not built: run `make ui`.")
