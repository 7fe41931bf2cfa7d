"""Signed links: whom they let in, and for how long."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.file_type import FileType
from providers.files.file_error import FileError
from providers.files.links import FileLinks, key_in_file, key_of_secret

HASH = "ab" * 32
CHECKOUT = Path(__file__).resolve().parents[3]


def parts_of(url: str) -> tuple[str, str, str]:
    split = urlsplit(url)
    query = parse_qs(split.query)
    return split.path.removeprefix("/files/"), query["expires"][0], query["signature"][0]


def test_a_link_is_good_for_its_time_and_no_longer() -> None:
    now = [1_050.0]
    links = FileLinks(lambda: b"k", 100, clock=lambda: now[0])
    given = parts_of(links.url(HASH, FileType.JPEG))

    assert given[:2] == (f"{HASH}.jpg", "1200")
    assert links.allows(*given)
    now[0] = 1_099.0
    assert parts_of(links.url(HASH, FileType.JPEG)) == given  # browsers keep what they have
    now[0] = 1_199.9
    assert links.allows(*given)
    now[0] = 1_200.0
    assert not links.allows(*given)


@pytest.mark.parametrize(
    "change",
    [
        lambda name, expires, signature: ("cd" * 32 + ".jpg", expires, signature),
        lambda name, expires, signature: (name.replace("jpg", "png"), expires, signature),
        lambda name, expires, signature: (name, "9999999999", signature),
        lambda name, expires, signature: (name, f"0{expires}", signature),
        lambda name, expires, signature: (name, "٣", signature),
        lambda name, expires, signature: (name, "", signature),
        lambda name, expires, signature: (name, expires, ""),
        lambda name, expires, signature: (name, expires, "é\ud800"),
        lambda name, expires, signature: (name, expires, signature[:-1]),
    ],
)
def test_a_link_that_was_changed_is_refused(change: object) -> None:
    links = FileLinks(lambda: b"k", 100, clock=lambda: 1_000.0)
    given = parts_of(links.url(HASH, FileType.JPEG))
    assert callable(change)
    assert not links.allows(*change(*given))


def test_links_of_another_key_are_refused() -> None:
    one, other = FileLinks(key_of_secret("first" * 4), 100), FileLinks(key_of_secret("second" * 4), 100)
    assert one.allows(*parts_of(one.url(HASH, FileType.PNG)))
    assert not other.allows(*parts_of(one.url(HASH, FileType.PNG)))


def test_links_have_the_address_of_the_server_where_that_is_set() -> None:
    links = FileLinks(lambda: b"k", 100, "https://media.example.com/")
    assert links.url(HASH, FileType.SRT).startswith(f"https://media.example.com/files/{HASH}.srt?expires=")


MAKE = """
import sys
from pathlib import Path
from providers.files.file_error import FileError
from providers.files.links import key_in_file
print(key_in_file(Path(sys.argv[1]))().hex())
"""


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    path = tmp_path / "files" / "key"
    command = [sys.executable, "-c", MAKE, str(path)]
    started = [subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = {process.communicate()[0].strip() for process in started}

    assert keys == {path.read_bytes().hex()}
    assert len(path.read_bytes()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["key"]


def test_a_key_that_was_cut_off_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(FileError, match="holds none") as found:
        key_in_file(tmp_path / "key")()
    assert str(tmp_path) not in str(found.value)


def test_a_key_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"")
    with pytest.raises(FileError) as found:
        key_in_file(tmp_path / "files" / "key")()
    assert found.value.extensions["code"] == "FILES_UNAVAILABLE"
