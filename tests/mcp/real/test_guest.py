"""A guest, and tools of servers that others wrote: the parts together, without a client."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ringfence import AsyncSandbox, Result
from ringfence.mcp.broker.broker import Broker
from ringfence.mcp.broker.calls import ApprovalRequest, RunIdentity
from ringfence.mcp.broker.configuration import read_configuration
from ringfence.mcp.broker.rules import ToolRules
from ringfence.mcp.guest.functions import Lending
from ringfence.mcp.guest.modules import guest_modules
from ringfence.mcp.recording import Unrecorded
from tests.mcp.real.test_done_when import PROGRAM, TASK


async def yes(_: ApprovalRequest) -> bool:
    return True


async def ran(configuration: Path, code: str, *allow: str) -> Result:
    """What came of a program that may call these tools."""
    servers = read_configuration(None, configuration).servers
    lending = Lending()
    async with (
        Broker(servers, ToolRules(allow), approve=yes, recorder=Unrecorded()) as broker,
        AsyncSandbox(functions=lending.functions, modules=guest_modules()) as box,
    ):
        view = broker.view(RunIdentity("test", None, "1"))
        lending.begin(view)
        try:
            return await box.run(code)
        finally:
            lending.end()
            await view.close()


@pytest.mark.usefixtures("standing")
def test_many_steps_over_two_servers(configuration: Path, repository: Path) -> None:
    code = TASK.format(repository=str(repository))
    result = asyncio.run(ran(configuration, code, "filesystem.*", "git.*"))
    result.raise_for_status()
    report = "alpha: 1\nbeta: 2\ngamma: 1"
    assert result.value == {"commits": 3, "report": report, "staged": True}


@pytest.mark.usefixtures("standing")
def test_the_program_of_the_page(configuration: Path, repository: Path) -> None:
    code = PROGRAM.format(file=str(repository / "a.txt"))
    result = asyncio.run(ran(configuration, code, "filesystem"))
    result.raise_for_status()
    count, rest = result.stdout.split("\n", 1)
    assert count == "11"
    assert "alpha" in rest


@pytest.mark.usefixtures("standing")
def test_a_wrong_argument_is_an_exception_that_names_it(configuration: Path) -> None:
    code = "await call_mcp_tool('mcp__filesystem__read_file', {'path': 7})"
    result = asyncio.run(ran(configuration, code, "filesystem"))
    assert result.status == "error"
    assert result.error is not None
    assert "path" in result.error.message
    assert "7" in result.error.message or "string" in result.error.message
