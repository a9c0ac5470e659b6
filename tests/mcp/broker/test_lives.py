"""Servers start when they are needed, again when they died, and none is left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ringfence.errors import ConfigurationError
from ringfence.mcp.broker.approvals import Approvals
from ringfence.mcp.broker.configuration import ServerEntry
from tests.mcp.broker.serving import HERE, RUN, alive, broker, entry, refusal, run, started


def test_a_server_is_started_when_it_is_needed_and_once(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def scenario() -> None:
        async with broker(entry("wild", "", str(note))) as one:
            views = [one.view(RUN) for _ in range(5)]
            assert started(note) == []
            await asyncio.gather(*(view.tools() for view in views))
        assert len(started(note)) == 1
        assert not any(map(alive, started(note)))

    run(scenario())


def test_no_process_is_left_of_a_server_that_ignores_its_end(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def scenario() -> list[int]:
        async with broker(entry("wild", "stubborn", str(note))) as one:
            child = int(await one.view(RUN).call("mcp__wild__spawn", {}))
            found = [*started(note), child]
            assert all(map(alive, found))
        return found

    assert not any(map(alive, run(scenario())))


def test_a_broker_that_is_left_while_a_server_starts_leaves_none(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def scenario() -> None:
        async with broker(entry("wild", "hangs", str(note))) as one:
            asking = asyncio.create_task(one.view(RUN).tools())
            while not started(note):
                await asyncio.sleep(0.01)
        assert await asking == []
        assert not any(map(alive, started(note)))

    run(scenario())


def test_who_asks_may_be_cancelled_and_the_server_starts_for_the_others() -> None:
    async def scenario() -> None:
        async with broker() as one:
            first = asyncio.create_task(one.view(RUN).tools())
            second = asyncio.create_task(one.view(RUN).tools())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            first.cancel()
            assert len(await second) > 5
            assert one.connections["wild"].starts == 1

    run(scenario())


def test_a_call_that_is_cancelled_harms_no_other() -> None:
    async def scenario() -> None:
        async with broker() as one:
            view = one.view(RUN)
            await view.tools()
            sleeping = asyncio.create_task(view.call("mcp__wild__sleep", {}))
            await view.call("mcp__wild__echo", {"text": "x"})
            sleeping.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sleeping
            assert await view.call("mcp__wild__echo", {"text": "x"}) == "x"
            assert one.connections["wild"].starts == 1

    run(scenario())


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        ("hangs", "it did not start within 0.5 s"),
        ("dies", "it ended by itself; its last words: cannot find the moon"),
    ],
)
def test_a_server_that_does_not_start_is_a_problem_and_no_more(mode: str, problem: str) -> None:
    async def scenario() -> None:
        async with broker(entry("bad", mode), entry("good"), start_timeout=0.5) as one:
            tools = await one.view(RUN).tools()
            assert {tool.server for tool in tools} == {"good"}
            assert list(one.problems) == ["bad"]
            told, report = one.problems["bad"], one.reports["bad"]
            assert problem in report
            # What a guest reads has nothing of the server's errors, nor where a file is.
            error = await refusal(one.view(RUN).call("mcp__bad__echo", {"text": "x"}))
            for text in (told, str(error)):
                assert "moon" not in text
                assert "mcp.json" not in text

    run(scenario())


def test_a_server_that_lists_nothing_in_time_is_a_problem() -> None:
    async def scenario() -> None:
        async with broker(entry("bad", "lists-nothing"), entry("good"), start_timeout=0.5) as one:
            assert {tool.server for tool in await one.view(RUN).tools()} == {"good"}
            assert one.problems == {"bad": "bad did not answer in time: listing its tools"}

    run(scenario())


def test_a_server_that_takes_long_to_start_does_not_keep_the_others_back() -> None:
    async def scenario() -> None:
        async with broker(entry("slow", "hangs"), entry("good"), discovery_timeout=0.5) as one:
            assert {tool.server for tool in await one.view(RUN).tools()} == {"good"}
            assert one.problems == {"slow": "it is still starting; ask again"}

    run(scenario())


def test_a_listing_that_the_protocol_does_not_have_is_a_problem() -> None:
    async def scenario() -> None:
        async with broker(entry("bad", "malformed")) as one:
            assert await one.view(RUN).tools() == []
            assert one.problems == {"bad": "bad answered with what the protocol does not have"}

    run(scenario())


def test_a_program_that_is_not_there_is_a_problem() -> None:
    server = entry("gone")
    object.__setattr__(server, "command", "/nowhere/program")

    async def scenario() -> None:
        async with broker(server) as one:
            assert await one.view(RUN).tools() == []
            assert "its program or its folder is not there" in one.problems["gone"]

    run(scenario())


def test_what_dies_again_and_again_is_left_alone_for_longer_and_longer(tmp_path: Path) -> None:
    note = tmp_path / "note"
    now = [100.0]

    async def scenario() -> None:
        one = broker(entry("bad", "dies", str(note)))
        connection = one.connections["bad"]
        connection._clock = lambda: now[0]
        waits = []
        async with one:
            for _ in range(9):
                await refusal(connection.listing())
                waits.append(connection._not_before - now[0])
                now[0] = connection._not_before
            assert waits == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]
            now[0] -= 30
            error = await refusal(connection.listing())
            assert "failed 9 times in a row and is not started again for 30.0 s" in str(error)
        assert len(started(note)) == 9

    run(scenario())


def test_of_what_it_writes_to_its_errors_the_end_is_kept() -> None:
    async def scenario() -> None:
        async with broker() as one:
            assert await one.view(RUN).call("mcp__wild__shout", {}) == "shouted"
            await refusal(one.view(RUN).call("mcp__wild__die", {}))
            connection = one.connections["wild"]
            assert connection._living is not None
            await asyncio.wait([connection._living])
            life = connection._life
            assert life is not None
            assert len(life.errors) == 4_000
            assert life.errors.endswith(b"hoarse\ndying of nothing\n")

    run(scenario())


def test_a_server_that_does_not_read_is_ended() -> None:
    """Answers to its questions would wait in memory, and so would others' calls."""

    async def scenario() -> None:
        async with broker(entry("wild", "deaf"), call_timeout=0.2) as one:
            view = one.view(RUN)
            error = await refusal(view.call("mcp__wild__echo", {"text": "x" * 1_000_000}))
            assert error.code == "timeout"
            living = one.connections["wild"]._living
            assert living is not None
            await asyncio.wait([living])
            assert one.problems == {"wild": "it did not read what it was sent for 0.4 s"}

    run(scenario())


def test_what_it_prints_beside_the_protocol_is_passed_over() -> None:
    async def scenario() -> None:
        async with broker(entry("wild", "chatty")) as one:
            assert await one.view(RUN).call("mcp__wild__echo", {"text": "x"}) == "x"

    run(scenario())


def test_a_server_gets_nothing_of_the_operators_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    monkeypatch.setenv("OPERATORS_TOKEN", "hidden")
    monkeypatch.setenv("LENT", "for-this-one")
    server = entry("wild", "", str(note), env={"GIVEN": "a ${LENT}", "PLAIN": "${UNSET:-none}"})

    async def scenario() -> None:
        async with broker(server) as one:
            assert await one.view(RUN).call("mcp__wild__echo", {"text": "x"}) == "x"
            (server_process,) = started(note)
            written = Path(f"/proc/{server_process}/environ").read_text().split("\0")
            found = dict(line.split("=", 1) for line in written if line)
            assert "OPERATORS_TOKEN" not in found
            assert "LENT" not in found
            assert (found["GIVEN"], found["PLAIN"]) == ("a for-this-one", "none")
            assert found["RINGFENCE_MCP_BROKER"] == "1"
            ours = {"GIVEN", "PLAIN", "RINGFENCE_MCP_BROKER", "LC_CTYPE"}
            assert set(found) - ours <= {"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"}

    run(scenario())


def test_secrets_are_not_in_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REAL", "s3cr3t-value")
    server = entry("wild", env={"SECRET": "${REAL}"})

    async def scenario() -> None:
        async with broker(server) as one:
            connection = one.connections["wild"]
            await refusal(one.view(RUN).call("mcp__wild__die", {}))
            living = connection._living
            assert living is not None
            await asyncio.wait([living])
            assert connection.problem == "it ended by itself"
            assert connection.report == "it ended by itself; its last words: dying of …"
            assert "s3cr3t" not in repr(server)

    run(scenario())


def test_a_reference_that_leads_nowhere_is_a_problem() -> None:
    async def scenario() -> None:
        async with broker(entry("wild", env={"X": "${env:NOT_THERE}"})) as one:
            assert await one.view(RUN).tools() == []
            assert "the environment has no NOT_THERE" in one.problems["wild"]

    run(scenario())


def test_what_a_reference_makes_of_a_command_is_not_ourselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROGRAM", "ringfence")
    hidden = ServerEntry("hidden", "stdio", "user", HERE / "mcp.json", "${PROGRAM}", ("mcp",))

    async def scenario() -> None:
        async with broker(hidden) as one:
            assert await one.view(RUN).tools() == []
            assert "the broker does not start itself" in one.problems["hidden"]

    run(scenario())


def test_two_servers_have_two_names() -> None:
    with pytest.raises(ConfigurationError, match="two servers are called wild"):
        broker(entry(), entry())


def test_a_projects_server_runs_only_as_it_was_approved(tmp_path: Path) -> None:
    note, file = tmp_path / "note", tmp_path / "state" / "approvals.json"
    server = entry("wild", "", str(note), origin="project")

    async def scenario() -> None:
        async with broker(server, approvals=file) as one:
            view = one.view(RUN)
            assert await view.tools() == []
            assert "ringfence mcp approve wild" in one.problems["wild"]
            assert view.problems == one.problems
            assert one.view(RUN, ["other"]).problems == {}
            assert started(note) == []
            Approvals(file).add(server)
            assert await view.call("mcp__wild__echo", {"text": "x"}) == "x"
        changed = entry("wild", "", str(note), origin="project", env={"LD_PRELOAD": "x.so"})
        async with broker(changed, approvals=file) as one:
            assert await one.view(RUN).tools() == []
        file.chmod(0o666)
        async with broker(server, approvals=file) as one:
            assert await one.view(RUN).tools() == []
            assert "it is open to others" in one.reports["wild"]
            assert str(tmp_path) not in one.problems["wild"]
        assert len(started(note)) == 1

    run(scenario())
