"""Audit rows that are written behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ringfence.errors import StoreUnavailable
from ringfence.mcp.recording import StoreRecorder, owner_of
from ringfence.server.store import Store
from tests.mcp.server.serving import rows, store


def test_what_waits_together_is_kept_in_order(tmp_path: Path) -> None:
    async def main() -> None:
        opened = Store.open(store(tmp_path), owning=False)
        recorder = StoreRecorder(opened)
        for number in range(50):
            recorder.note("mcp.tool", f"tenant:{'ab' * 8}", {"number": number})
        await asyncio.gather(*(recorder.flush() for _ in range(5)))
        await opened.close()

    asyncio.run(main())
    assert rows(tmp_path, "mcp.tool") == [
        {"number": number, "tenant": "tenant", "key_id": "ab" * 8} for number in range(50)
    ]


def test_nothing_is_done_that_could_not_be_noted(tmp_path: Path) -> None:
    async def main() -> None:
        opened = Store.open(store(tmp_path), owning=False)
        recorder = StoreRecorder(opened)
        await opened.close()
        await recorder.ready()
        recorder.note("mcp.run", "stdio", {})
        for attempt in (recorder.flush, recorder.ready):
            with pytest.raises(StoreUnavailable):
                await attempt()

    asyncio.run(main())


def test_a_client_has_a_tenant_and_perhaps_a_key() -> None:
    assert owner_of("stdio") == ("local", None)
    assert owner_of("a:b:" + "0" * 16) == ("a:b", "0" * 16)
    assert owner_of("a:b") == ("local", None)
