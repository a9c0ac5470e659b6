"""The gate: what a project, an operator or a machine without walls makes of ``run_python``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from ringfence.mcp.server.gate import ALIAS, switched_off
from tests.mcp.server.serving import environment, over_stdio, rows, run, text
from tests.support import levels


async def is_closed(folder: Path, why: str, more: dict[str, str], *options: str) -> None:
    """Everything says why nothing is run, and nothing is."""
    async with over_stdio(folder, *options, more=more) as client:
        described = (await client.list_tools()).tools[0].description or ""
        assert described.startswith("NOT AVAILABLE. Nothing is run here"), described
        assert why in described
        for name, arguments in (
            ("run_python", {"code": "1"}),
            ("run_python", {"code": 1}),
            ("list_sessions", {}),
            ("close_session", {"session_id": "s"}),
        ):
            answer = await client.call_tool(name, arguments)
            assert why in text(answer)
        assert rows(folder, "mcp.run") == []


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (
            lambda path: path.write_text('{"executors": {"python": {"enabled": false}}}'),
            "executors.python.enabled = false",
        ),
        (lambda path: path.symlink_to("/dev/zero"), "is no plain file"),
        (os.mkfifo, "is no plain file"),
    ],
    ids=["says so", "device", "pipe"],
)
def test_a_project_can_switch_it_off_and_can_do_no_more(
    tmp_path: Path, make: Callable[[Path], object], why: str
) -> None:
    make(tmp_path / ALIAS)
    asyncio.run(is_closed(tmp_path, why, {}))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("[]", "cannot be read"),
        ('{"executors": []}', "executors is no object"),
        ('{"executors": {"python": {"enabled": 0}}}', "neither true nor false"),
        ('{"executors": {"python": {"enabled": false}}, "executors": {}}', "something twice"),
        ("x" * (2 << 20), "is larger than 1 MiB"),
        ('\ufeff{"executors": {"python": {"enabled": true}}}', None),
        ('{"executors": {}}', None),
    ],
)
def test_a_file_that_is_not_understood_may_have_said_no(
    tmp_path: Path, content: str, why: str | None
) -> None:
    (tmp_path / ALIAS).write_text(content)
    said = switched_off(tmp_path, enabled=True)
    assert said is None if why is None else said is not None and why in said
    assert switched_off(tmp_path, enabled=False) is not None


def test_without_an_engine_it_starts_and_runs_nothing(tmp_path: Path) -> None:
    more = {"RINGFENCE_MCP_ENGINE": "wasi", "XDG_CACHE_HOME": str(tmp_path / "empty")}
    asyncio.run(is_closed(tmp_path, "no engine with walls of the level 'full'", more))


@pytest.mark.parametrize(
    ("host", "level", "walls"),
    [
        ("nobody+docker", "full", None),
        ("nobody+docker", "landlock", ["landlock", "seccomp"]),
        ("nobody+docker+landlock-0", "landlock", None),
        ("nobody+docker+landlock-0", "seccomp", ["seccomp"]),
    ],
)
def test_weaker_walls_are_accepted_only_by_name(
    tmp_path: Path, host: str, level: str, walls: list[str] | None
) -> None:
    if os.geteuid():
        pytest.skip("only root can become nobody")
    tmp_path.chmod(0o777)
    for folder in tmp_path.parents[:2]:
        folder.chmod(0o755)
    first, *rest = levels.command(
        host, "ringfence", "mcp", "--store", "none", "--engine", "native", "--level", level
    )
    given = environment(tmp_path, {"XDG_CACHE_HOME": str(tmp_path / "cache")})
    parameters = StdioServerParameters(command=first, args=rest, env=given, cwd=levels.HERE)

    async def main() -> None:
        async with Client(parameters) as client:
            described = (await client.list_tools()).tools[0].description or ""
            ran = await run(client, "6 * 7")
            if walls is None:
                why = f"Nothing is run here: no engine with walls of the level '{level}' works"
                assert described.startswith(f"NOT AVAILABLE. {why}")
                assert ran.is_error
                assert text(ran).startswith(why)
            else:
                assert not described.startswith("NOT AVAILABLE")
                assert (text(ran), ran.structured_content["walls"]) == ("42", walls)

    asyncio.run(main())
