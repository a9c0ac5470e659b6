"""The audit chain, and those who rewrite it."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import text

from ringfence.database.chain import FIRST, Head
from ringfence.errors import StoreNotUsable
from ringfence.server.store import Store, Work
from ringfence.server.store.audit import AuditRow
from tests.server.store.scenes import audit_of, opened, raised, scenario, told, verified


async def make(store: Store) -> None:
    def append(number: int) -> Callable[[Work], None]:
        return lambda work: work.audit.append("run", f"tenant-{number}", "0" * 16, {"n": number})

    for number in range(1, 6):
        await store.write(append(number))


def execute(*statements: str) -> Any:
    def change(work: Work) -> None:
        for one in statements:
            assert work.connection.execute(text(one)).rowcount

    return change


@scenario
async def test_rows_are_in_order_and_each_hangs_on_the_one_before(address: str) -> None:
    async with opened(address) as store:
        await make(store)
        rows = await audit_of(store)
        assert [row.number for row in rows] == [1, 2, 3, 4, 5]
        assert [row.tenant for row in rows] == [f"tenant-{n}" for n in range(1, 6)]
        assert [row.previous for row in rows] == [FIRST, *(row.hash for row in rows[:-1])]
        assert await verified(store) == 5
        after = await store.read(lambda work: [row.number for row in work.audit.rows(2, most=2)])
        assert after == [3, 4]
        last = await store.read(lambda work: work.audit.last(2, kind="run"))
        assert [row.number for row in last] == [4, 5]
        one = await store.read(lambda work: work.audit.last(9, tenant="tenant-2"))
        assert [row.number for row in one] == [2]


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"text": "\x00 \ud800 é 漢 \x1b[2J", "float": 0.1, "big": 2**70, "list": [None, True]},
        {"b": 1, "a": 2},
    ],
)
@scenario
async def test_details_come_back_as_they_were_hashed(
    address: str, details: Mapping[str, Any]
) -> None:
    async with opened(address) as store:
        await store.write(lambda work: work.audit.append("run", "acme", None, details))
        assert await verified(store) == 1
        (row,) = await audit_of(store)
        assert json.loads(row.details) == details
        assert row.key_id is None


@scenario
async def test_a_long_chain_is_read_in_pieces(address: str) -> None:
    def many(work: Work) -> None:
        for number in range(2_500):
            work.audit.append("run", "acme", None, {"n": number})

    async with opened(address) as store:
        await store.write(many)
        assert await verified(store) == 2_500


NOT_WRITTEN = r"row {} \(run at .*\) is not what was written"
TAMPERINGS = {
    "a tenant": (("UPDATE audit SET tenant = 'x' WHERE number = 2",), NOT_WRITTEN.format(2)),
    "a kind": (("UPDATE audit SET kind = 'x' WHERE number = 2",), r"row 2 \(x at .*\) is not what"),
    "a key": (("UPDATE audit SET key_id = NULL WHERE number = 4",), NOT_WRITTEN.format(4)),
    "details": (("UPDATE audit SET details = '{}' WHERE number = 1",), NOT_WRITTEN.format(1)),
    "the space in details": (
        ("UPDATE audit SET details = '{\"n\": 1}' WHERE number = 1",),
        NOT_WRITTEN.format(1),
    ),
    "a time": (("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE number = 3",), NOT_WRITTEN.format(3)),
    "a hash": (("UPDATE audit SET hash = previous WHERE number = 3",), NOT_WRITTEN.format(3)),
    "what was before": (("UPDATE audit SET previous = hash WHERE number = 5",), NOT_WRITTEN.format(5)),
    "a missing row": (("DELETE FROM audit WHERE number = 3",), "row 3 is missing, row 4 follows"),
    "the first row is missing": (("DELETE FROM audit WHERE number = 1",), "row 1 is missing"),
    "a row that was numbered anew over a missing one": (
        ("DELETE FROM audit WHERE number = 3", "UPDATE audit SET number = number - 1 WHERE number > 3"),
        NOT_WRITTEN.format(3),
    ),
    "two rows that were swapped": (
        (
            "UPDATE audit SET number = CASE number WHEN 2 THEN -3 ELSE -2 END WHERE number IN (2, 3)",
            "UPDATE audit SET number = -number WHERE number < 0",
        ),
        NOT_WRITTEN.format(2),
    ),
    "a row that was put in at the end": (
        (
            "INSERT INTO audit SELECT 6, at, kind, tenant, key_id, details, hash, hash FROM audit "
            "WHERE number = 5",
        ),
        NOT_WRITTEN.format(6),
    ),
    "rows that are missing at the end": (
        ("DELETE FROM audit WHERE number > 3",),
        "it ends at row 3, and row 5 was written",
    ),
    "all rows are missing": (("DELETE FROM audit",), "it ends at row 0, and row 5 was written"),
    "the end was moved": (("UPDATE owner SET audit_number = 4",), "it ends at row 5, and row 4 was"),
    "no owner": (("DELETE FROM owner",), "has no owner: its row was removed"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
@scenario
async def test_what_was_tampered_with_is_found_and_named(address: str, what: str) -> None:
    statements, said = TAMPERINGS[what]
    async with opened(address) as store:
        await make(store)
        with store._writing.begin() as connection:
            for one in statements:
                connection.execute(text(one))
        error = await raised(verified(store), StoreNotUsable)
        assert re.search(said, str(error)), error


@scenario
async def test_rows_that_were_taken_from_the_end_differ_from_what_was_noted(address: str) -> None:
    async with opened(address) as store:
        await make(store)
        noted = await store.read(lambda work: work.audit.head())
        await store.write(told("later"))
        assert await verified(store, noted) == 6
        assert await verified(store, Head(0, FIRST)) == 6
        third = (await audit_of(store))[2]
        # Who can write anything takes rows away together with the note of the end.
        await store.write(
            execute(
                "DELETE FROM audit WHERE number > 3",
            )
        )
        set_end(store, third)
        assert await verified(store) == 3  # by itself the database does not know better
        error = await raised(verified(store, noted), StoreNotUsable)
        assert "was written anew: row 5 is not the one that was noted" in str(error)
        assert await verified(store, Head(3, third.hash)) == 3


@scenario
async def test_a_chain_that_was_written_anew_differs_from_what_was_noted(address: str) -> None:
    async with opened(address) as store:
        await make(store)
        noted = await store.read(lambda work: work.audit.head())
        await store.write(execute("DELETE FROM audit"))
        with store._writing.begin() as connection:
            connection.execute(text(f"UPDATE owner SET audit_number = 0, audit_hash = '{FIRST}'"))
        for _ in range(5):
            await store.write(told("forged"))
        assert await verified(store) == 5
        error = await raised(verified(store, noted), StoreNotUsable)
        assert "was written anew: row 5 is not the one that was noted" in str(error)


def set_end(store: Store, row: AuditRow) -> None:
    with store._writing.begin() as connection:
        connection.execute(
            text("UPDATE owner SET audit_number = :number, audit_hash = :hash"),
            {"number": row.number, "hash": row.hash},
        )


@pytest.mark.parametrize("value", [float("nan"), object(), b"bytes"])
@scenario
async def test_values_that_are_no_json_are_not_kept(address: str, value: object) -> None:
    async with opened(address) as store:
        error = await raised(
            store.write(lambda work: work.audit.append("run", "acme", None, {"value": value})),
            (ValueError, TypeError),
        )
        assert "JSON" in str(error)
        assert await verified(store) == 0


@pytest.mark.parametrize(
    ("kind", "tenant", "key_id"),
    [
        ("k" * 65, "acme", None),
        ("run", "t" * 65, None),
        ("run", "acme", "0" * 17),
        ("run", "a\0b", None),
        ("run", "\ud800", None),
    ],
)
@scenario
async def test_rows_that_no_table_holds_fail_alone(
    address: str, kind: str, tenant: str, key_id: str | None
) -> None:
    async with opened(address) as store:
        held = threading.Event()
        waiting: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(store.write(lambda _: held.wait())),
            asyncio.ensure_future(
                store.write(lambda work: work.audit.append(kind, tenant, key_id, {}))
            ),
            asyncio.ensure_future(store.write(told("beside"))),
        ]
        await asyncio.sleep(0)
        held.set()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in outcomes] == [bool, ValueError, type(None)]
        assert await verified(store) == 1
