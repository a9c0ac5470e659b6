"""What is configured, what may be started of it, and the commands that say so."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ringfence.cli.mcp.approve import approvals, approve, revoke
from ringfence.errors import ConfigurationError
from ringfence.mcp.broker.approvals import Approvals
from ringfence.mcp.broker.broker import Broker
from ringfence.mcp.broker.configuration import (
    ServerEntry,
    read_configuration,
    user_configuration_file,
)
from ringfence.mcp.broker.names import full_name, python_names, split_name
from ringfence.mcp.broker.references import resolved
from ringfence.mcp.broker.rules import ToolRules
from ringfence.mcp.broker.selves import MARK_VARIABLE, refuse_if_nested, starts_ringfence
from ringfence.mcp.recording import Unrecorded


def written(path: Path, servers: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"mcpServers": servers}))
    path.chmod(0o600)
    return path


def test_two_files_are_one_configuration(tmp_path: Path) -> None:
    user = written(
        tmp_path / "user.json",
        {
            "git": {"command": "git-server", "args": ["-v"], "env": {"A": "${env:B}"}},
            "far": {"type": "http", "url": "https://example.test/mcp", "headers": {"X": "${K}"}},
            "off": {"command": "x", "disabled": True},
        },
    )
    (tmp_path / "project").mkdir()
    project = written(
        tmp_path / "project" / ".mcp.json",
        {
            "git": {"command": "git-server", "args": ["-v"], "env": {"A": "${env:B}"}},
            "own": {"command": "./s", "cwd": "sub"},
        },
    )
    found = read_configuration(project, user)
    assert found.warnings == ()
    assert [(one.name, one.origin, one.transport, one.cwd) for one in found.servers] == [
        ("git", "user", "stdio", str(tmp_path)),
        ("far", "user", "http", ""),
        ("own", "project", "stdio", str(tmp_path / "project" / "sub")),
    ]
    assert found.servers[0].env == {"A": "${env:B}"}
    assert "env:B" not in repr(found)


def test_toml_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "mcp.toml"
    file.write_text('[servers.git]\ncommand = "git-server"\nargs = ["x"]\n')
    file.chmod(0o600)
    (git,) = read_configuration(None, file).servers
    assert (git.name, git.command, git.args) == ("git", "git-server", ("x",))


def test_files_that_are_not_there_have_no_servers(tmp_path: Path) -> None:
    assert read_configuration(tmp_path / "a", tmp_path / "b").servers == ()


def test_a_project_cannot_replace_a_server_of_the_users(tmp_path: Path) -> None:
    user = written(tmp_path / "user.json", {"git": {"command": "git-server"}})
    project = written(tmp_path / ".mcp.json", {"git": {"command": "evil"}})
    with pytest.raises(ConfigurationError) as raised:
        read_configuration(project, user)
    assert str(user) in str(raised.value)
    assert str(project) in str(raised.value)


@pytest.mark.parametrize(
    ("yours", "theirs"),
    [("my_files", "my-files"), ("git", "Git"), ("1x", "server_1x"), ("a-b", "a_b")],
)
def test_a_project_cannot_have_the_module_of_a_server_of_the_users(
    tmp_path: Path, yours: str, theirs: str
) -> None:
    user = written(tmp_path / "user.json", {yours: {"command": "x"}})
    project = written(tmp_path / ".mcp.json", {theirs: {"command": "x"}})
    with pytest.raises(ConfigurationError, match="as the same module; rename one of the two"):
        read_configuration(project, user)


@pytest.mark.parametrize("entry", [{"command": "x", "disabled": True}, {"command": ""}])
def test_a_project_cannot_have_the_name_of_a_server_that_is_disabled(
    tmp_path: Path, entry: dict[str, Any]
) -> None:
    """The operator's lists of tools go by names."""
    user = written(tmp_path / "user.json", {"git": entry})
    project = written(tmp_path / ".mcp.json", {"git": {"command": "evil"}})
    found = read_configuration(project, user)
    assert found.servers == ()
    assert found.warnings[-1] == (
        f"{project}: server git is left out: git is the name of one of yours that is disabled or "
        "cannot be used"
    )


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_a_file_that_never_ends_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    file = tmp_path / ".mcp.json"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to("/dev/zero")
    with pytest.raises(ConfigurationError, match=str(file)):
        read_configuration(file, None)


def test_a_users_file_that_others_can_write_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "user.json", {})
    file.chmod(0o666)
    with pytest.raises(ConfigurationError, match="can be written by others"):
        read_configuration(None, file)
    assert read_configuration(file, None).servers == ()  # a project's is not trusted anyway


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"mcpServers": []}',
        "[" * 100_000,
        '{"mcpServers": {}, "mcpServers": {}}',
        "x" * 2_000_000,
        '{"a": "\xff"}',
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / ".mcp.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=str(file)):
        read_configuration(file, None)


@pytest.mark.parametrize(
    "server",
    [
        3,
        {},
        {"command": ""},
        {"command": 3},
        {"command": "x", "args": "y"},
        {"command": "x", "args": [1]},
        {"command": "x\0"},
        {"command": "x", "env": {"A=B": "c"}},
        {"command": "x", "env": {"A": 1}},
        {"type": "sse", "url": "http://x"},
        {"type": "telnet", "url": "http://x"},
        {"url": "file:///etc/passwd"},
        {"type": "http", "url": "http://x", "headers": {"A\n": "b"}},
        {"type": "http", "url": "http://x", "headers": {"X-Ringfence-MCP-Broker": ""}},
        {"command": "ringfence", "args": ["mcp"]},
    ],
)
def test_an_entry_that_cannot_be_used_is_left_out_and_the_others_are_not(
    tmp_path: Path, server: Any
) -> None:
    file = written(tmp_path / ".mcp.json", {"bad": server, "good": {"command": "x"}})
    found = read_configuration(file, None)
    assert [one.name for one in found.servers] == ["good"]
    (warning,) = found.warnings
    assert warning.startswith(f"{file}: server 'bad' is left out: ")


@pytest.mark.parametrize("name", ["", "a__b", "_a", "a_", "a b", "a.b", "é", "x" * 65])
def test_a_name_that_could_be_read_in_two_ways_is_left_out(tmp_path: Path, name: str) -> None:
    file = written(tmp_path / ".mcp.json", {name: {"command": "x"}})
    found = read_configuration(file, None)
    assert found.servers == ()
    assert len(found.warnings) == 1


def test_a_fingerprint_is_of_everything_that_is_started() -> None:
    def one(**more: Any) -> str:
        given = {"command": "c", "args": ("a",), "env": {"K": "v"}, "cwd": "/d", **more}
        source = Path(given.pop("source", "/p/.mcp.json"))
        return ServerEntry("n", "stdio", "project", source, **given).fingerprint

    changes: list[dict[str, Any]] = [
        {},
        {"command": "d"},
        {"args": ("a", "")},
        {"args": ()},
        {"env": {"K": "w"}},
        {"env": {}},
        {"cwd": "/e"},
        {"source": "/q/.mcp.json"},  # references to files are read from there
    ]
    assert len({one(**change) for change in changes}) == len(changes)
    assert one() == one()


def test_a_fingerprint_is_of_everything_that_is_sent_to_an_address() -> None:
    def one(**more: Any) -> str:
        given = {"name": "n", "url": "https://a", "headers": {"K": "${V}"}, **more}
        name = given.pop("name")
        return ServerEntry(name, "http", "project", Path("/p/.mcp.json"), **given).fingerprint

    changes: list[dict[str, Any]] = [
        {},
        {"name": "m"},
        {"url": "https://b"},
        {"headers": {"K": "${W}"}},
        {"headers": {"L": "${V}"}},
        {"headers": {}},
    ]
    assert len({one(**change) for change in changes}) == len(changes)


def test_references(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from-file\n")
    environment = {"A": "1", "EMPTY": "", "ODD": "${A}"}
    for text, expected in {
        "${A}-${env:A}": "1-1",
        "${file:key}": "from-file",
        "Bearer ${NONE:-default}": "Bearer default",
        "${EMPTY:-default}": "default",
        "${EMPTY}": "",
        "${ODD}": "${A}",  # what is put in is not looked at again
        "$A $(x) ${9}": "$A $(x) ${9}",
    }.items():
        assert resolved(text, environment, tmp_path) == expected
    os.mkfifo(tmp_path / "pipe")
    for text in ("${NONE}", "${env:NONE}", "${file:none}", "${file:.}", "${file:pipe}"):
        with pytest.raises(ConfigurationError):
            resolved(text, environment, tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "ringfence mcp",
        "/usr/bin/ringfence mcp serve",
        "python -m ringfence mcp",
        "python3.12 -X dev -m ringfence mcp --http 1:2",
        "uvx ringfence[mcp] mcp",
        "uvx --from ringfence==0.1 ringfence mcp",
        "pipx run ringfence mcp",
        "npx -y ringfence mcp",
        "env A=b ringfence mcp",
        "uv run --with ringfence[mcp]>=0.1 ringfence mcp",
        "/opt/venv/bin/ringfence --x mcp",
    ],
)
def test_the_broker_does_not_start_itself(line: str) -> None:
    command, *args = line.split()
    assert starts_ringfence(command, args)
    assert starts_ringfence("sh", ["-c", f"exec {line}"])


@pytest.mark.parametrize(
    "line",
    ["mcp-server-git --repository /home/ringfence", "ringfence serve", "npx mcp", "python -m mcp"],
)
def test_others_are_not_taken_for_it(line: str) -> None:
    command, *args = line.split()
    assert not starts_ringfence(command, args)


def test_a_process_that_a_broker_started_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_if_nested({})
    with pytest.raises(ConfigurationError, match="started as a server of another ringfence mcp"):
        refuse_if_nested({MARK_VARIABLE: "1"})
    monkeypatch.setenv(MARK_VARIABLE, "1")
    with pytest.raises(ConfigurationError, match="started as a server of another ringfence mcp"):
        Broker([], ToolRules(), approve=None, recorder=Unrecorded())


def test_names() -> None:
    assert split_name(full_name("my_server", "a__b")) == ("my_server", "a__b")
    assert split_name("mcp__a__b__c") == ("a", "b__c")
    assert python_names(["b-c", "b_c", "b.c", "import", "import_", "__init__", "2x"]) == {
        "b_c": "b_c",
        "import_": "import_",
        "2x": "_2x",
        "__init__": "init__",
        "b-c": "b_c_2",
        "b.c": "b_c_3",
        "import": "import_2",
    }


# ------------------------------------------------------------------------------- the commands


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return written(
        tmp_path / ".mcp.json",
        {
            "one": {"command": sys.executable, "args": ["-m", "x\x1b[2J"], "env": {"K": "${S}"}},
            "two": {"command": "other"},
        },
    )


def command(*args: str) -> tuple[int, str]:
    app = typer.Typer()
    for function in (approve, approvals, revoke):
        app.command()(function)
    result = CliRunner().invoke(app, args)
    return result.exit_code, result.output


def test_approving_listing_and_revoking(project: Path, tmp_path: Path) -> None:
    one, two = read_configuration(project, None).servers
    assert user_configuration_file() == tmp_path / "config" / "ringfence" / "mcp.json"
    assert not Approvals().holds(one)

    status, output = command("approve", "one", "--yes")
    assert status == 0
    assert output.splitlines() == [
        f"one, of {project}:",
        f"  program   {sys.executable}",
        "  argument  -m",
        "  argument  x\\x1b[2J",
        f"  folder    {tmp_path}",
        "  variable  K=${S}",
        "one is approved",
    ]
    assert Approvals().holds(one)
    assert not Approvals().holds(two)
    file = tmp_path / "state" / "ringfence" / "mcp-approvals.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700

    assert command("approve", "one", "--yes") == (0, "one is approved already\n")
    status, output = command("approvals", "--json")
    assert json.loads(output)["fingerprint"] == one.fingerprint
    status, output = command("revoke", "one")
    assert (status, output) == (0, f"one {one.fingerprint[:12]} is not approved any more\n")
    assert not Approvals().holds(one)
    assert command("revoke", "one")[0] == 1


def test_an_approval_in_one_project_is_none_in_another(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same words, and another script: references to files begin in the project's folder."""
    runs = {"s": {"command": "sh", "args": ["-c", "${file:start.sh}"], "cwd": "/"}}
    far = {"f": {"type": "http", "url": "https://example.test", "headers": {"K": "${file:.env}"}}}
    trusted, cloned = (
        read_configuration(written(tmp_path_factory.mktemp("p") / ".mcp.json", runs | far), None)
        for _ in range(2)
    )
    for one in trusted.servers:
        Approvals().add(one)
    assert [Approvals().holds(one) for one in trusted.servers] == [True, True]
    assert [Approvals().holds(one) for one in cloned.servers] == [False, False]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["approve", "three", "--yes"], "has no server 'three'; it has one, two"),
        (["approve", "--yes"], "--yes: name the servers"),
        (["approve", "one"], "there is no terminal to ask at"),
        (["approve", "--config", "nowhere.json"], "has no server; it has none"),
    ],
)
def test_an_approval_that_cannot_be_asked_for(project: Path, args: list[str], words: str) -> None:
    status, output = command(*args)
    assert status == 2
    assert words in output
    assert Approvals().all() == []


def test_approvals_that_others_could_have_written_do_not_hold(
    project: Path, tmp_path: Path
) -> None:
    one, _ = read_configuration(project, None).servers
    kept = Approvals()
    kept.add(one)
    for spoil in (
        lambda: kept.path.write_text("{}"),
        lambda: kept.path.chmod(0o660),
        lambda: kept.path.parent.chmod(0o777),
    ):
        spoil()
        with pytest.raises(ConfigurationError):
            kept.holds(one)
    kept.path.parent.chmod(0o700)
    kept.path.unlink()
    kept.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError):
        kept.holds(one)
