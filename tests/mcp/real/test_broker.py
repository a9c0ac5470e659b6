"""The broker and servers that others wrote, really started."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ringfence.errors import ToolRefused
from ringfence.mcp.broker.broker import Broker
from ringfence.mcp.broker.calls import ApprovalRequest, RunIdentity
from ringfence.mcp.broker.configuration import read_configuration
from ringfence.mcp.broker.rules import ToolRules
from ringfence.mcp.broker.view import ToolView
from ringfence.mcp.recording import Unrecorded
from ringfence.mcp.setup.tokens import counter, estimate, tool_schema

EVERYTHING = ("filesystem.*", "git.*", "memory.*", "everything.*")


async def yes(_: ApprovalRequest) -> bool:
    return True


@contextlib.asynccontextmanager
async def viewed(
    configuration: Path, *allow: str, approving: bool = False
) -> AsyncIterator[ToolView]:
    servers = read_configuration(None, configuration).servers
    approve = yes if approving else None
    async with Broker(
        servers, ToolRules(allow or EVERYTHING), approve=approve, recorder=Unrecorded()
    ) as broker:
        yield broker.view(RunIdentity("test", None, "1"))
        assert broker.problems == {}


def test_all_of_them_answer_and_say_what_they_may_destroy(configuration: Path) -> None:
    async def use() -> None:
        async with viewed(configuration) as view:
            tools = await view.tools()
        counts: dict[str, int] = {}
        for tool in tools:
            counts[tool.server] = counts.get(tool.server, 0) + 1
        assert counts == {"everything": 13, "filesystem": 14, "git": 12, "memory": 9}
        destructive = {one.tool for one in tools if one.server == "filesystem" and one.destructive}
        assert destructive == {"edit_file", "move_file", "write_file"}

    asyncio.run(use())


def test_an_estimate_of_their_tokens_is_right_within_a_tenth(configuration: Path) -> None:
    async def use() -> None:
        async with viewed(configuration) as view:
            tools = await view.tools()
        counts = counter()
        assert counts.exact
        for server in {one.server for one in tools}:
            text = tool_schema(
                (one.name, one.description, one.input_schema)
                for one in tools
                if one.server == server
            )
            assert abs(estimate(text) / counts.count(text) - 1) < 0.1, server

    asyncio.run(use())


def test_files_commits_and_entities_at_the_same_time(configuration: Path, repository: Path) -> None:
    async def use() -> None:
        async with viewed(configuration, approving=True) as view:
            file, log, graph, echo = await asyncio.gather(
                view.call("mcp__filesystem__read_text_file", {"path": str(repository / "b.txt")}),
                view.call("mcp__git__git_log", {"repo_path": str(repository), "max_count": 2}),
                view.call(
                    "mcp__memory__create_entities",
                    {"entities": [{"name": "Ada", "entityType": "person", "observations": ["x"]}]},
                ),
                view.call("mcp__everything__get-sum", {"a": 2, "b": 3}),
            )
            assert "beta\nbeta" in str(file).replace("\\n", "\n")
            assert "Add c.txt" in str(log)
            assert "Add a.txt" not in str(log)
            assert "Ada" in str(graph)
            assert "5" in str(echo)
            assert view.calls == 4

    asyncio.run(use())


@pytest.mark.parametrize(
    ("name", "arguments", "code", "text"),
    [
        ("mcp__filesystem__read_text_file", {"path": 7}, "arguments", "path"),
        ("mcp__filesystem__read_text_file", {}, "arguments", "path"),
        ("mcp__filesystem__read_text_file", {"path": "/etc/passwd"}, "server", "outside"),
        ("mcp__filesystem__red_file", {}, "unknown", "mcp__filesystem__read_file"),
        ("mcp__filesystem__write_file", {"path": "x", "content": "y"}, "approval", ""),
    ],
)
def test_what_is_wrong_is_told_so_that_a_model_can_mend_it(
    configuration: Path, name: str, arguments: dict[str, object], code: str, text: str
) -> None:
    async def use() -> None:
        async with viewed(configuration, "filesystem.*") as view:
            await view.tools()
            with pytest.raises(ToolRefused) as refused:
                await view.call(name, arguments)
            assert (refused.value.code, text in str(refused.value)) == (code, True), refused.value

    asyncio.run(use())


def test_the_server_that_gives_its_environment_gives_no_secret(
    configuration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERATORS", "s3cr3t-of-the-operator")
    written = json.loads(configuration.read_text())
    written["mcpServers"]["everything"]["env"] = {"LENT": "${OPERATORS}", "MODE": "quietly"}
    configuration.write_text(json.dumps(written))

    async def use() -> None:
        async with viewed(configuration, approving=True) as view:
            told = str(await view.call("mcp__everything__get-env", {}))
        assert '"LENT": "[redacted]"' in told
        assert '"MODE": "quietly"' in told
        assert "s3cr3t-of-the-operator" not in told

    asyncio.run(use())
