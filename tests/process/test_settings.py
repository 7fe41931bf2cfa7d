"""What settings accept, and what is said of those that are wrong."""

from __future__ import annotations

import os
import traceback

import pytest
from pydantic import ValidationError

from app.http.keys import AccessKey
from app.settings import CHECKOUT, Settings, SettingsError, misspelt, read_settings, variable
from app.settings_page import settings_page, settings_table
from database.connect_args import ConnectArgs

KEY = "a-key-of-this-test"


@pytest.fixture(autouse=True)
def _no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("MARQUEE_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)


def test_without_any_variable_the_defaults_hold() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.state_dir == CHECKOUT / ".marquee"
    assert settings.database_url is None


def test_a_variable_sets_its_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_PORT", "9000")
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/films")
    settings = read_settings()
    assert settings.port == 9000
    assert settings.connect_args().kwargs() == {"dsn": "postgresql://localhost/films"}


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_PORT", "")
    monkeypatch.setenv("DATABASE_URL", "")
    assert read_settings().port == 8000
    assert read_settings().database_url is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_a_loopback_address_is_accepted(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("MARQUEE_HOST", host)
    assert read_settings().host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org"])
def test_any_other_address_is_refused(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("MARQUEE_HOST", host)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert refused.value.lines == [
        f"MARQUEE_HOST: got '{host}', wants a loopback address such as 127.0.0.1, ::1 or localhost; "
        "any other one only with a key: export MARQUEE_KEYS=$(make -s key)"
    ]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "127.0.0.1", "localhost"])
def test_with_a_key_any_address_is_accepted(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("MARQUEE_HOST", host)
    monkeypatch.setenv("MARQUEE_KEYS", f" {KEY}, {KEY[::-1]}\n")
    assert read_settings().host == host
    assert read_settings().key_values == (AccessKey(KEY), AccessKey(KEY[::-1]))


def test_a_name_is_no_address_even_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_HOST", "example.org")
    monkeypatch.setenv("MARQUEE_KEYS", KEY)
    with pytest.raises(SettingsError, match=r"^MARQUEE_HOST: got 'example\.org'"):
        read_settings()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (",", "holds no key"),
        (" ", "holds no key"),
        ("s3cret", "the key has 6 characters"),
        (f"{KEY},s3cret", "key 2 of 2 has 6 characters"),
        (f"{KEY},s3cret s3cret s3cret", "key 2 of 2 has a character that is no letter"),
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_keys_that_cannot_be_used_are_refused_in_one_line_that_shows_none(
    monkeypatch: pytest.MonkeyPatch, keys: str, words: str, host: str
) -> None:
    monkeypatch.setenv("MARQUEE_HOST", host)
    monkeypatch.setenv("MARQUEE_KEYS", keys)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    [line] = refused.value.lines
    assert line.startswith(f"MARQUEE_KEYS: {words}")
    shown = "".join(traceback.format_exception(refused.value))
    assert "s3cret" not in shown
    assert KEY not in shown


def test_an_empty_list_of_keys_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_KEYS", "")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert refused.value.lines == [
        "MARQUEE_KEYS: is empty; wants keys of 16 to 256 characters with commas between them (`make -s key` makes one)"
        ", or not to be set at all"
    ]


def test_keys_are_never_shown_by_settings() -> None:
    settings = Settings(keys=KEY)
    assert settings.key_values == (AccessKey(KEY),)
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert KEY not in shown
    with pytest.raises(ValidationError) as refused:
        Settings(keys=f"{KEY},s3cret")
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("MARQUEE_PORT", "abc", "MARQUEE_PORT: got 'abc', wants a whole number from 0 to 65535"),
        ("MARQUEE_PORT", "65536", "MARQUEE_PORT: got '65536', wants a whole number from 0 to 65535"),
        ("MARQUEE_PORT", "80.5", "MARQUEE_PORT: got '80.5', wants a whole number from 0 to 65535"),
        ("MARQUEE_WORKERS", "0", "MARQUEE_WORKERS: got '0', wants a whole number from 1 to 256"),
        ("MARQUEE_PAGE_MAX", "501", "MARQUEE_PAGE_MAX: got '501', wants a whole number from 1 to 500"),
        ("MARQUEE_DEMO", "maybe", "MARQUEE_DEMO: got 'maybe', wants true or false"),
        ("MARQUEE_COUNT_TIMEOUT", "0", "MARQUEE_COUNT_TIMEOUT: got '0', wants a number of seconds above 0"),
        ("MARQUEE_COUNT_TIMEOUT", "nan", "MARQUEE_COUNT_TIMEOUT: got 'nan', wants a number of seconds above 0"),
        ("MARQUEE_MAX_DEPTH", "-1", "MARQUEE_MAX_DEPTH: got '-1', wants a whole number from 1 up"),
        ("MARQUEE_POOL_MAX", "1", "MARQUEE_POOL_MAX: got '1', wants at least MARQUEE_POOL_MIN (2)"),
        ("MARQUEE_POOL_MIN", "11", "MARQUEE_POOL_MAX: got '10', wants at least MARQUEE_POOL_MIN (11)"),
        ("MARQUEE_PAGE_MAX", "10", "MARQUEE_PAGE_DEFAULT: got '20', wants at most MARQUEE_PAGE_MAX (10)"),
        (
            "DATABASE_URL",
            "mysql://me:secret@db/films",
            "DATABASE_URL: got 'mysql://me:***@db/films', "
            "wants an address like postgresql://user:password@host:5432/database",
        ),
    ],
)
def test_a_wrong_setting_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert refused.value.lines == [line]


def test_all_wrong_settings_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_PORT", "x")
    monkeypatch.setenv("MARQUEE_WORKERS", "x")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert [line.partition(":")[0] for line in refused.value.lines] == ["MARQUEE_PORT", "MARQUEE_WORKERS"]


def test_the_state_folder_is_taken_from_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_STATE_DIR", "../state")
    assert read_settings().state_dir == CHECKOUT.parent / "state"


def test_a_misspelt_variable_is_noticed_and_a_foreign_one_is_not() -> None:
    environ = {"MARQUEE_PROT": "1", "MARQUEE_PORT": "1", "MARQUEE_SERVICE_HOST": "x", "PORT": "1"}
    assert list(misspelt(environ)) == [("MARQUEE_PROT", "MARQUEE_PORT")]


def test_the_page_of_settings_is_what_the_command_prints() -> None:
    assert (CHECKOUT / "docs" / "settings.md").read_text() == settings_page()


def test_the_table_describes_every_setting() -> None:
    rows = settings_table()
    assert [row[0] for row in rows] == [f"`{variable(name)}`" for name in Settings.model_fields]
    assert ("`MARQUEE_PAGE_DEFAULT`", "20", "a whole number from 1 to 500") in [row[:3] for row in rows]
    assert all(takes and description for _, _, takes, description in rows)
    assert not any("|" in cell for row in rows for cell in row)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("MARQUEE_TRACE_PAGES", "true or false"),
        ("MARQUEE_DEMO", "true or false"),
        ("MARQUEE_POOL_LONG", "a whole number from 1 up"),
        ("MARQUEE_BATCH_WAIT", "a number of seconds from 0 to 5"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_wanted(monkeypatch: pytest.MonkeyPatch, name: str, wanted: str) -> None:
    monkeypatch.setenv(name, "perhaps")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert refused.value.lines == [f"{name}: got 'perhaps', wants {wanted}"]


@pytest.mark.parametrize("dsn", ["postgresql://me:se:cr@et@db/films", "postgresql://db/films?user=me&password=secret"])
def test_a_password_is_never_shown(dsn: str) -> None:
    shown = repr(ConnectArgs(dsn))
    assert "***" in shown
    assert "cr" not in shown
    assert dsn not in repr(Settings(database_url=dsn))
