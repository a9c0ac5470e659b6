"""Each line of docs/limitations/mcp.md, shown. A line without a witness fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping

import pytest

from ringfence.errors import ConfigurationError
from ringfence.mcp.setup.clients import Homes
from ringfence.mcp.setup.tokens import counter
from tests.docs.limitations import lines_of
from tests.mcp.broker import limits
from tests.mcp.server import limits as server_limits
from tests.mcp.setup.conftest import Home

LINES = lines_of("mcp")


@pytest.fixture
def home(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Home:
    return Home.new(tmp_path_factory.mktemp("home"), monkeypatch, capsys)


def not_the_same_server(home: Home, _: pytest.MonkeyPatch) -> None:
    there = {"mcpServers": {"s": {"command": "x", "args": ["${workspaceFolder}"]}}}
    home.write(".cursor/mcp.json", json.dumps(there))
    assert "s stays: an argument refers to ${workspaceFolder}" in home.setup("--yes", "--move")


def servers_of_one_project(home: Home, _: pytest.MonkeyPatch) -> None:
    of_one = {"/p": {"mcpServers": {"one": {"command": "x"}}}}
    there = {"mcpServers": {"all": {"command": "y"}}, "projects": of_one}
    path = home.write(".claude.json", json.dumps(there))
    home.setup("--yes", "--move")
    assert json.loads(path.read_text())["projects"] == of_one
    assert list(json.loads(home.broker.read_text())["mcpServers"]) == ["all"]


def windows(_: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ConfigurationError, match="Windows"):
        Homes.here()


def inline_tables(home: Home, _: pytest.MonkeyPatch) -> None:
    path = home.write(".codex/config.toml", 'mcp_servers = {a = {command = "x"}}\n')
    assert "change mcp_servers.ringfence by hand" in home.setup("--yes", status=2)
    assert path.read_text() == 'mcp_servers = {a = {command = "x"}}\n'


def no_vocabulary(_: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    counts = counter()
    assert not counts.exact
    assert counts.name.startswith("estimated, 4.6 bytes for a token")
    assert counts.count("x" * 46) == 10


def not_the_projects(home: Home, _: pytest.MonkeyPatch) -> None:
    path = home.write("project/.mcp.json", '{"mcpServers": {"s": {"command": "x"}}}')
    output = home.setup("--project", str(path.parent), "--move", "--yes", status=2)
    assert "what a project starts is approved one by one" in output
    assert not home.broker.exists()


def no_secret_by_its_look(home: Home, _: pytest.MonkeyPatch) -> None:
    there = {"mcpServers": {"s": {"command": "x", "args": ["correct horse battery staple"]}}}
    home.write(".cursor/mcp.json", json.dumps(there))
    assert "correct horse battery staple" in home.setup("--yes", "--move")


WITNESSES: Mapping[str, Callable[[Home, pytest.MonkeyPatch], None]] = {
    "A program can print what looks like a notice.": (
        lambda home, _: server_limits.forged_notice(home.path)
    ),
    "HTML and SVG of a guest reach the client as they are.": (
        lambda home, _: server_limits.markup(home.path)
    ),
    "Whether a picture can be decoded is not checked.": (
        lambda home, _: server_limits.pixels(home.path)
    ),
    "Below the level `full` guests have neither threads nor files.": (
        lambda _, __: server_limits.neither_threads_nor_files()
    ),
    "The service and `ringfence mcp --http` each count a tenant's runs by themselves.": (
        lambda home, _: server_limits.counted_apart(home.path)
    ),
    "A project's servers are not moved behind the broker.": not_the_projects,
    "What looks like no secret is shown.": no_secret_by_its_look,
    "A server that the broker would not start as it is stays with its client.": not_the_same_server,
    "Claude Code's servers of one project, within `~/.claude.json`, are left alone.": (
        servers_of_one_project
    ),
    "Clients on Windows are not set up.": windows,
    "A TOML file with inline or dotted tables of servers is not changed.": inline_tables,
    "Servers are not sandboxed.": lambda _, __: limits.no_sandbox(),
    "A process that leaves its server's process group outlives the broker.": (
        lambda _, __: limits.out_of_the_group()
    ),
    "What you approve is a command, and not the files that it leads to.": (
        lambda home, _: limits.approved_by_its_command(home.path)
    ),
    "A secret that a server tells in other words is not taken out of its results.": (
        lambda _, monkeypatch: limits.secrets_in_other_words(monkeypatch)
    ),
    "A hash of arguments tells them to who can guess them.": (
        lambda _, __: limits.hashes_that_can_be_guessed()
    ),
    "The transport of HTTP with SSE, of 2024, is not spoken.": (
        lambda home, _: limits.no_sse(home.path)
    ),
    "Proxies of the environment are not used for servers at an address.": (
        lambda _, monkeypatch: limits.no_proxies(monkeypatch)
    ),
    "One tool that the protocol does not have takes its server's listing with it.": (
        lambda _, __: limits.all_or_nothing()
    ),
    "A pattern with look-around or back references, or too large a one, is not checked.": (
        lambda _, __: limits.patterns_that_check_nothing()
    ),
    "`format`, `unevaluatedProperties` and `$dynamicRef` of a schema are not checked.": (
        lambda _, __: limits.keywords_that_check_nothing()
    ),
    "New tools of a server of 2026-07-28 are seen after a minute.": (
        lambda _, __: limits.new_tools_of_modern_servers()
    ),
    "Without a vocabulary they are estimated.": no_vocabulary,
}


def test_every_line_has_a_witness() -> None:
    assert list(WITNESSES) == LINES


@pytest.mark.parametrize("line", LINES)
def test_line(line: str, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    WITNESSES[line](home, monkeypatch)
