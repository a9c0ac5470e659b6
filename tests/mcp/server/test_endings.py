"""What a client is told of sessions and runs that ended while it did not look."""

from __future__ import annotations

import asyncio
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp_types import ElicitRequestParams, ElicitResult

from tests.mcp.server.serving import over_stdio, rows, run, text, value, with_wild

STUBBORN = """
while True:
    try:
        progress(0.1, 'under way')
        while True:
            pass
    except KeyboardInterrupt:
        pass
"""
"""Goes on, at whatever moment it is interrupted: its guest is killed."""

_HEARING = "progress(0.1, 'under way')\nwhile True:\n    pass"


async def cancelled(client: Client, code: str, **more: object) -> None:
    """A run of a program that says when it is under way, and is cancelled then."""
    with anyio.CancelScope() as scope:

        async def progress(progress: float, total: float | None, message: str | None) -> None:
            if message == "under way":
                scope.cancel()

        await client.call_tool(
            "run_python",
            {"code": code, "timeout_seconds": 200, **more},
            progress_callback=progress,
        )
    assert scope.cancelled_caught


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_session_that_a_cancellation_ended_is_told_of_once(tmp_path: Path, mode: str) -> None:
    async def main() -> None:
        async with over_stdio(tmp_path, mode=mode) as client:
            await run(client, "x = 1", session_id="s")
            await cancelled(client, STUBBORN, session_id="s")
            told = (
                "the earlier session s was ended, because what ran in it was cancelled: its "
                "variables and files are gone, and this one began empty"
            )
            again = await run(client, "'x' in globals()", session_id="s")
            assert (value(again), again.structured_content["notices"]) == (False, [told])
            assert text(again) == f"false\n[notice] {told}"
            await cancelled(client, _HEARING, session_id="s")
            once = await run(client, "1", session_id="s")
            assert once.structured_content["notices"] == []

            await cancelled(client, STUBBORN, session_id="s")
            await client.call_tool("close_session", {"session_id": "s"})
            closed = await run(client, "1", session_id="s")
            assert closed.structured_content["notices"] == []

    asyncio.run(main())


def test_what_waits_for_a_session_that_ends_runs_in_the_next_one(tmp_path: Path) -> None:
    async def main() -> None:
        async with over_stdio(tmp_path) as client:
            ending = "import os, time\nprogress(0.1, 'under way')\ntime.sleep(0.5)\nos._exit(0)"
            under_way = asyncio.Event()

            async def progress(progress: float, total: float | None, message: str | None) -> None:
                under_way.set()

            given = {"code": ending, "session_id": "s"}
            first = asyncio.create_task(
                client.call_tool("run_python", given, progress_callback=progress)
            )
            await under_way.wait()
            second = await run(client, "'os' in globals()", session_id="s")
            assert (await first).structured_content["status"] == "crashed"
            assert value(second) is False
            (notice,) = second.structured_content["notices"]
            assert "the earlier session s was ended, because what ran in it ended it" in notice

    asyncio.run(main())


def test_a_session_that_nobody_uses_ends_and_its_client_is_told(tmp_path: Path) -> None:
    async def main() -> None:
        more = {"RINGFENCE_MCP_SESSION_SECONDS": "1"}
        async with over_stdio(tmp_path, more=more) as client:
            await run(client, "x = 1", session_id="s")
            while (await client.call_tool("list_sessions")).structured_content["sessions"]:
                pass
            again = await run(client, "'x' in globals()", session_id="s")
            assert value(again) is False
            assert again.structured_content["notices"] == [
                "the earlier session s was ended, because nobody used it for 1 seconds: its "
                "variables and files are gone, and this one began empty"
            ]

    asyncio.run(main())


def test_a_run_that_says_nothing_is_said_to_run(tmp_path: Path) -> None:
    async def main() -> None:
        told: list[tuple[float, str | None]] = []

        async def progress(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, message))

        more = {"RINGFENCE_MCP_HEARTBEAT": "0.2"}
        async with over_stdio(tmp_path, more=more) as client:
            await client.call_tool(
                "run_python",
                {"code": "while True: pass", "timeout_seconds": 1.5},
                progress_callback=progress,
            )
        assert len(told) >= 2
        assert all(
            message is not None and message.startswith("running for ") for _, message in told
        )
        numbers = [number for number, _ in told]
        assert numbers == sorted(set(numbers))

    asyncio.run(main())


def test_a_run_whose_client_does_not_come_back_with_an_answer_ends(tmp_path: Path) -> None:
    """Of the era in which a client calls again: it is told what is asked, and goes."""
    asked = asyncio.Event()

    async def elicited(_: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody answers")

    async def main() -> None:
        options = with_wild(tmp_path, "--max-sessions", "3")
        more = {"RINGFENCE_MCP_APPROVAL_SECONDS": "1.5", "RINGFENCE_MCP_RUNNING": "1"}
        async with over_stdio(
            tmp_path, *options, more=more, elicitation_callback=elicited
        ) as client:
            code = (
                "x = 1\ntry:\n    await call_mcp_tool('mcp__wild__remove', {'path': '/x'})\n"
                "except Exception: pass\nwhile True: pass"
            )
            calling = asyncio.create_task(run(client, code, session_id="s", timeout_seconds=200))
            await asked.wait()
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
            # Its place is free and its session is gone only once it has been ended.
            while not (ended := rows(tmp_path, "mcp.run")):
                await client.call_tool("list_sessions")
            assert [one["outcome"] for one in ended] == ["cancelled"]
            assert value(await run(client, "1", session_id="s")) == 1

    asyncio.run(main())


def test_more_calls_than_may_be_under_way_are_refused(tmp_path: Path) -> None:
    async def main() -> None:
        more = {"RINGFENCE_MCP_RUNNING": "1", "RINGFENCE_MCP_QUEUE": "0"}
        async with over_stdio(tmp_path, more=more) as client:
            await run(client, "1", session_id="s")
            spinning = asyncio.create_task(
                run(client, "while True: pass", session_id="s", timeout_seconds=200)
            )
            while not (await client.call_tool("list_sessions")).structured_content["sessions"][0][
                "busy"
            ]:
                pass
            waiting = [asyncio.create_task(run(client, "2", session_id="s")) for _ in range(40)]
            for refused, answer in enumerate(asyncio.as_completed(waiting), 1):
                told = await answer
                assert text(told) == (
                    "Nothing was done: 25 calls of yours are under way. Wait for one of them."
                )
                if refused == 16:
                    break
            spinning.cancel()
            for one in waiting:
                one.cancel()
            await asyncio.gather(spinning, *waiting, return_exceptions=True)
            while (await run(client, "3")).is_error:
                pass  # those that were cancelled end

    asyncio.run(main())
