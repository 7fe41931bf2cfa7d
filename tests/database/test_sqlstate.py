"""What PostgreSQL's errors mean to clients, by the errors of a real server."""

from __future__ import annotations

import logging

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from database.session import Session
from database.sqlstate import AGAIN, is_transient
from database.transaction import Transaction
from domain.errors import CatalogError, Code
from tests.support.pools import open_test_pool, sql

STATES = {
    "25006": "READ_ONLY",
    "42501": "READ_ONLY",
    "53100": "DATABASE_FULL",
    "53200": "DATABASE_BUSY",
    "53400": "TOO_EXPENSIVE",
    "54001": "TOO_EXPENSIVE",
    "55P03": "LOCK_TIMEOUT",
    "57014": "STATEMENT_TIMEOUT",
    "57P01": "DATABASE_UNAVAILABLE",
    "57P03": "DATABASE_UNAVAILABLE",
    "53300": "DATABASE_UNAVAILABLE",
    "40001": "CONFLICT",
    "08006": "DATABASE_UNAVAILABLE",
}
PASSING = {"53200", "53300", "55P03", "57P01", "57P03", "40001", "08006"}


def failing(state: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '{state}'; END $$"


@pytest.mark.parametrize(("state", "code"), STATES.items())
async def test_reads_and_edits_end_in_the_same_code_without_a_traceback(
    writer: ConnectArgs, state: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.fetch(sql(failing(state)), ())

    async with open_test_pool(writer) as pool:
        database = Session(pool)
        with caplog.at_level(logging.WARNING):
            for run in (database.fetch(sql(failing(state)), ()), database.transact(work, lambda statement: None)):
                with pytest.raises(CatalogError) as raised:
                    await run
                assert raised.value.extensions["code"] == code
                assert is_transient(raised.value) is (state in PASSING)
                assert "secret" not in str(raised.value)
        [row] = await database.fetch(sql("SELECT 7"), ())
        assert row[0] == 7
        await database.close()
    assert all(record.exc_info is None for record in caplog.records)


async def test_what_is_a_fault_of_ours_stays_one(writer: ConnectArgs) -> None:
    async with open_test_pool(writer) as pool:
        database = Session(pool)
        with pytest.raises(asyncpg.DivisionByZeroError):
            await database.fetch(sql("SELECT 1 / 0"), ())
        await database.close()


def test_conflicts_of_edits_do_not_pass_by_themselves() -> None:
    for code in (Code.CONFLICT, Code.NOT_FOUND, Code.VERSION_CONFLICT, Code.QUEUE_FULL):
        assert not is_transient(CatalogError(code, "Somebody else has changed this."))
    assert is_transient(CatalogError(Code.CONFLICT, AGAIN))
    assert is_transient(CatalogError(Code.OUTCOME_UNKNOWN, "?"))
    assert is_transient(TimeoutError())
    assert not is_transient(ValueError())
