"""The settings of the process: environment variables, their limits, and words for what is wrong with them."""

from __future__ import annotations

import difflib
import ipaddress
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import StartError
from app.http.keys import LONGEST, SHORTEST, AccessKey, read_keys
from app.provider_settings import PREFIX, PROVIDER_WORDS, SERVICE_URLS, ProviderSettings
from database.connect_args import ConnectArgs, without_password

CHECKOUT = Path(__file__).resolve().parent.parent
# Seconds for which requests under way may go on after the request to stop.
GRACE = 5


class ServerSettings(BaseSettings):
    """What of the settings is about the server itself; times are in seconds."""

    keys: SecretStr | None = Field(
        None,
        repr=False,
        description="keys, with commas between them, of which every request must send one; NAME:KEY gives one a name",
    )
    # Read by the source itself (sources/http_client.py), which may run where there is no app.
    import_api_key: SecretStr | None = Field(
        None, repr=False, description="the key of a library that is imported over HTTP (docs/sources.md)"
    )
    host: str = Field("127.0.0.1", description="address to listen on; without a key only a loopback one")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    allowed_hosts: str = Field(
        "", description="names, with commas between them, by which clients reach the server beside localhost; * for any"
    )
    state_dir: Path = Field(
        Path(".marquee"),
        description="folder of the embedded database, taken from the checkout when relative",
    )
    workers: int = Field(1, ge=1, le=256, description="processes that serve requests")
    analysis_workers: int | None = Field(
        None, ge=1, le=256, description="processes that analyse MIDI files; by itself one a processor"
    )
    demo: bool = Field(True, description="load the demo data when the embedded database starts for the first time")
    job_workers: int | None = Field(
        None,
        ge=0,
        le=256,
        description="processes of `serve` that run jobs; by itself half as many as processors with the embedded"
        " database, and none with another one: there `python -m app work` runs them",
    )
    job_slots: int = Field(4, ge=1, le=100, description="jobs that each of these processes runs at once")
    job_lost_after: float = Field(
        30,
        ge=5,
        description="a process that runs jobs and is not heard of for so long is dead: its jobs go on elsewhere",
    )
    database_url: str | None = Field(
        None,
        validation_alias="DATABASE_URL",
        repr=False,
        description="address of an outside PostgreSQL to use in place of the embedded one",
    )

    pool_min: int = Field(2, ge=0, le=10000, description="connections that each worker keeps open")
    pool_max: int = Field(
        10, ge=1, le=10000, description="connections that each worker opens at most, beside one that listens"
    )
    acquire_timeout: float = Field(8, gt=0, description="longest wait for a free connection")
    pool_idle_timeout: float = Field(300, gt=0, description="a connection unused for this long is closed")
    pool_max_age: float = Field(1800, gt=0, description="a connection older than this is replaced")
    pool_max_statements: int = Field(50000, ge=1, description="a connection is replaced after this many statements")
    pool_check_after: float = Field(30, ge=0, description="a connection idle for longer is checked before its use")
    pool_waiting: int = Field(500, ge=1, description="requests that may wait for a connection, or for a long statement")
    pool_long: int | None = Field(
        None,
        ge=1,
        description="long statements that each worker runs at once; by itself its share of the processors",
    )
    max_cost: int = Field(5000000, ge=1, description="what a statement may cost by PostgreSQL's own estimate")
    statement_timeout: float = Field(5, gt=0, description="longest run of one statement")
    lock_timeout: float = Field(3, gt=0, description="longest wait of an edit for what another one changes")
    statement_cache_size: int = Field(
        200, ge=0, description="prepared statements kept by a connection; 0 behind a pooler that drops settings unseen"
    )
    count_timeout: float = Field(1, gt=0, description="longest run of a statement that counts matches")

    page_max: int = Field(100, ge=1, le=500, description="largest page that a query can ask for")
    page_default: int = Field(20, ge=1, le=500, description="size of a page when the query names none")
    max_nodes: int = Field(50000, ge=1, description="what an operation may cost, in rows: see docs/errors.md")
    max_depth: int = Field(15, ge=1, description="nesting of a query")
    max_aliases: int = Field(100, ge=0, description="aliases in a query")
    max_fields: int = Field(2000, ge=1, description="fields in a query, fragments written out")
    max_tokens: int = Field(4000, ge=1, description="tokens in a query")
    max_document_length: int = Field(262144, ge=1, description="letters in a query, without its variables")
    max_values: int = Field(20000, ge=1, description="values in the inputs of a request, each as often as it is used")
    max_body_bytes: int = Field(2097152, ge=1024, description="size of a request's body")
    max_answer_bytes: int = Field(16000000, ge=1024, description="size of an answer")
    max_entities: int = Field(
        500, ge=1, le=5000, description="ids in one list, or different representations in one `_entities` call"
    )
    max_rows: int = Field(100000, ge=1, description="rows that one request may read")
    request_timeout: float = Field(10, gt=0, description="longest run of one request")
    operation_timeout: float = Field(
        300,
        gt=0,
        description="longest run of a merge, split, undo or the like, or of `deleteLibrary`, beside its request's",
    )

    max_connections: int = Field(
        1000, ge=16, le=50000, description="connections of clients to each worker; the oldest idle ones make room"
    )
    max_header_bytes: int = Field(65536, ge=1024, description="size of a request's URL and headers")
    max_url_bytes: int = Field(16384, ge=256, le=65535, description="size of a request's URL")
    keep_alive: float = Field(75, gt=0, description="a connection without a request for this long is closed")
    header_timeout: float = Field(10, gt=0, description="longest wait for a request's headers")
    body_timeout: float = Field(10, gt=0, description="longest wait for a request's body")
    send_timeout: float = Field(
        30, gt=0, description="from then on a client that takes less than 32 KB of its answer a second is given up"
    )
    max_unsent_bytes: int = Field(
        67108864, ge=65536, description="answers in each worker that wait for their clients; the slowest are given up"
    )

    import_chunk: int = Field(1000, ge=1, le=10000, description="items that an import stores in one transaction")
    import_folders: str = Field(
        "", description="folders, with colons between them, that `startImport` may read; none without a value"
    )
    import_hosts: str = Field(
        "", description="hosts, with commas between them, that `startImport` may ask; none without a value"
    )
    max_streams: int = Field(
        500, ge=1, le=50000, description="WebSockets and event streams of each worker, within its connections"
    )
    max_subscriptions: int = Field(
        100, ge=1, le=10000, description="operations under way of one WebSocket, or of one reserved event stream"
    )
    socket_init_timeout: float = Field(
        3, gt=0, description="longest wait for the first message of a WebSocket, `connection_init`"
    )

    engine: Literal["compiled", "reference"] = Field(
        "compiled", description="who executes operations: our compiled plans, or graphql-core"
    )
    batch_wait: float = Field(
        0, ge=0, le=5, description="longest time for which a resolver that waits for something outside holds up batches"
    )

    report: bool = Field(True, description="answer requests that ask for it with a batch report")
    n_plus_one_guard: bool = Field(False, description="fail requests whose loads came apart, for developers")
    slow_request: float = Field(0.1, ge=0, description="a request longer than this is logged with its parts")
    trace_pages: bool | None = Field(
        None, description="keep traces and show them at /traces; without a value only with the embedded database"
    )
    outside_pictures: bool = Field(
        False, description="let the page /browse show pictures of other hosts by their HTTPS addresses"
    )
    traces_kept: int = Field(500, ge=1, le=100000, description="traces that the trace pages keep")

    @field_validator("keys")
    @classmethod
    def _keys_can_be_used(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None:
            read_keys(keys.get_secret_value())
        return keys

    @field_validator("host")
    @classmethod
    def _host_is_loopback_or_keys_are_required(cls, host: str, info: ValidationInfo) -> str:
        # Keys that cannot be used are complained of already.
        is_open = "keys" in info.data and info.data["keys"] is None
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback and is_open:
            raise ValueError("not a loopback address")
        return host

    @field_validator("state_dir")
    @classmethod
    def _state_dir_is_absolute(cls, path: Path) -> Path:
        return Path(os.path.normpath(CHECKOUT / os.path.expanduser(path)))  # noqa: PTH111 (pathlib's raises)

    @field_validator("database_url")
    @classmethod
    def _database_url_is_an_address(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme not in ("postgres", "postgresql"):
            raise ValueError("not an address of a PostgreSQL database")
        return url

    @field_validator("pool_max")
    @classmethod
    def _pool_max_holds_pool_min(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("pool_min", 0):
            raise ValueError(f"at least {variable('pool_min')} ({info.data['pool_min']})")
        return value

    @field_validator("page_default")
    @classmethod
    def _page_default_fits_page_max(cls, value: int, info: ValidationInfo) -> int:
        if value > info.data.get("page_max", value):
            raise ValueError(f"at most {variable('page_max')} ({info.data['page_max']})")
        return value


class Settings(ProviderSettings, ServerSettings):
    """Read from MARQUEE_* and DATABASE_URL; an empty variable counts as not set. Times are in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )

    @property
    def key_values(self) -> tuple[AccessKey, ...]:
        """The keys as clients send them."""
        return () if self.keys is None else read_keys(self.keys.get_secret_value())

    def connect_args(self) -> ConnectArgs:
        """How to reach the database that DATABASE_URL names; the supervisor sets it for its workers."""
        if self.database_url is None:
            raise SettingsError(["DATABASE_URL: not set, wants " + wants("database_url")])
        return ConnectArgs(self.database_url)


class SettingsError(StartError):
    """Settings that cannot be used: one line each, ready to be shown."""

    exit_status = 2

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def read_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises SettingsError."""
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError([_line(detail) for detail in error.errors()]) from None
    if settings.keys is None and os.environ.get(variable("keys")) == "":
        # Taken for not set it would open what was to be closed, as after `MARQUEE_KEYS=$(cat no-such-file)`.
        raise SettingsError([f"{variable('keys')}: is empty; wants {wants('keys')}, or not to be set at all"])
    return settings


def variable(name: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else PREFIX + name.upper()


def wants(name: str) -> str:
    """In words, what the field accepts."""
    special = {
        **PROVIDER_WORDS,
        "keys": f"keys of {SHORTEST} to {LONGEST} characters with commas between them (`make -s key` makes one)",
        "host": "a loopback address such as 127.0.0.1, ::1 or localhost; any other one only with a key: "
        "export MARQUEE_KEYS=$(make -s key)",
        "allowed_hosts": "names with commas between them, or *",
        "state_dir": "a folder",
        "import_folders": "absolute folders with colons between them",
        "import_hosts": "names of hosts with commas between them",
        "import_api_key": "the key as the library gives it out",
        "engine": "compiled or reference",
        "database_url": "an address like postgresql://user:password@host:5432/database",
    }
    field = Settings.model_fields[name]
    if name in special:
        return special[name]
    if field.annotation in (bool, bool | None):
        return "true or false"
    return ("a whole number" if field.annotation in (int, int | None) else "a number of seconds") + _range(field)


def misspelt(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variables that are no setting but look like one, each with the setting it looks like."""
    known = [variable(name) for name in Settings.model_fields]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            for near in difflib.get_close_matches(name, known, n=1, cutoff=0.8):
                yield name, near


def _range(field: FieldInfo) -> str:
    limits = {
        kind: getattr(item, kind) for item in field.metadata for kind in ("ge", "gt", "le") if hasattr(item, kind)
    }
    if "le" in limits:
        return f" from {limits['ge']} to {limits['le']}"
    return f" above {limits['gt']:g}" if "gt" in limits else f" from {limits['ge']} up"


def _line(detail: ErrorDetails) -> str:
    if not detail["loc"]:  # of several settings together
        return str(detail["ctx"]["error"])
    location = str(detail["loc"][0])
    name = next(name for name in Settings.model_fields if location in (name, variable(name)))
    if name == "keys":
        return f"{variable(name)}: {detail['ctx']['error']}; wants {wants(name)}"
    if name in SERVICE_URLS:  # a key may stand in it, where it does not belong
        return f"{variable(name)}: wants {wants(name)}"
    got = without_password(str(detail["input"]))
    relation = str(detail.get("ctx", {}).get("error", ""))
    limit = relation if relation.startswith(("at least", "at most")) else wants(name)
    return f"{variable(name)}: got {got!r}, wants {limit}"
