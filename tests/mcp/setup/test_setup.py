"""``ringfence mcp setup``: what a client's file says is shown, written, and taken back."""

from __future__ import annotations

import json
import os
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.mcp.setup.conftest import Home

COMMAND = str(Path(sys.executable).with_name("ringfence"))
FILES = {
    "claude-desktop": ".config/Claude/claude_desktop_config.json",
    "claude-code": ".claude.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".config/Code/User/mcp.json",
    "windsurf": ".codeium/windsurf/mcp_config.json",
    "cline": ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/"
    "cline_mcp_settings.json",
    "gemini-cli": ".gemini/settings.json",
    "codex": ".codex/config.toml",
    "zed": ".config/zed/settings.json",
}
TABLES = {"vscode": "servers", "codex": "mcp_servers", "zed": "context_servers"}
EXTRAS = {
    "claude-code": {"type": "stdio"},
    "vscode": {"type": "stdio"},
    "zed": {"source": "custom"},
}


def said(home: Home, client: str) -> Any:
    path = home.path / FILES[client]
    if path.suffix == ".toml":
        return tomllib.loads(path.read_text())
    return json.loads(path.read_text())


def test_every_client_is_written_as_its_documentation_has_it(home: Home) -> None:
    named = [word for client in FILES for word in ("--client", client)]
    home.setup(*named, "--yes", "--allow", "git", "--allow", "fs.read_*")
    assert set(home.files()) == set(FILES.values())
    for client in FILES:
        entry = {"command": COMMAND, "args": ["mcp", "--allow", "git", "--allow", "fs.read_*"]}
        table = TABLES.get(client, "mcpServers")
        assert said(home, client) == {table: {"ringfence": EXTRAS.get(client, {}) | entry}}, client


def test_it_finds_the_clients_that_are_there(home: Home) -> None:
    home.write(".cursor/mcp.json", "{}")
    home.write(".codex/auth.json", "{}")
    (home.path / ".claude").mkdir()
    output = home.setup("--yes")
    titles = [line.split(":")[0] for line in output.splitlines() if line[:1] not in ("", " ")]
    assert titles == ["Claude Code", "Cursor", "Codex"]
    assert set(home.files()) == {
        ".claude.json",
        ".codex/auth.json",
        ".codex/config.toml",
        ".cursor/mcp.json",
    }


def test_nothing_is_written_unless_somebody_agrees(home: Home) -> None:
    home.write(".cursor/mcp.json", '{"mcpServers": {}}')
    before = home.files()
    output = home.setup(status=1)
    assert '+    "ringfence": {' in output
    assert "Nobody can be asked here: --yes writes it." in output
    assert home.files() == before
    assert not (home.path / ".local").exists()


def test_at_a_terminal_it_asks(home: Home) -> None:
    home.write(".cursor/mcp.json", "{}")
    before = home.files()
    for answer in ("n", ""):
        output = home.answering(answer, status=1)
        assert "Write this for Cursor? [y/N]" in output
        assert home.files() == before
    assert "Written: " in home.answering("y")
    assert list(said(home, "cursor")["mcpServers"]) == ["ringfence"]
    assert "Nothing was changed." in home.answering("n", "--undo", status=1)
    assert "Taken back." in home.answering("y", "--undo")
    assert home.files() == before


def test_a_file_that_is_changed_while_somebody_is_asked_is_left(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.write(".cursor/mcp.json", "{}")

    def changed(*_: object, **__: object) -> bool:
        path.write_text('{"theme": 1}')
        return True

    monkeypatch.setattr("typer.confirm", changed)
    output = home.answering("", status=2)
    assert "was changed while you were asked: it is left as it is, start again" in output
    assert path.read_text() == '{"theme": 1}'


def test_without_any_client_it_says_what_to_do(home: Home) -> None:
    assert "Name one: --client NAME" in home.setup(status=1)
    assert "no client 'emacs' is known" in home.setup("--client", "emacs", status=2)


def test_a_second_time_changes_nothing(home: Home) -> None:
    home.write(".cursor/mcp.json", "{}")
    home.setup("--yes", "--allow", "git")
    before = home.files()
    assert "It is set up already." in home.setup("--allow", "git")
    assert "It is set up already." in home.setup()  # what it may call is not taken away
    assert home.files() == before
    home.setup("--yes", "--allow", "fs")
    arguments = said(home, "cursor")["mcpServers"]["ringfence"]["args"]
    assert arguments == ["mcp", "--allow", "git", "--allow", "fs"]


def test_another_installation_is_replaced_and_its_owners_words_stay(home: Home) -> None:
    old = {"command": "/old/bin/ringfence", "args": ["mcp", "--store", "x"], "env": {"A": "b"}}
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": {"ringfence": old}}))
    home.setup("--yes", "--allow", "git")
    assert said(home, "cursor")["mcpServers"]["ringfence"] == {
        "command": COMMAND,
        "args": ["mcp", "--store", "x", "--allow", "git"],
        "env": {"A": "b"},
    }


def test_a_stranger_of_the_same_name_is_left_alone(home: Home) -> None:
    text = json.dumps({"mcpServers": {"ringfence": {"command": "fence", "args": []}}})
    path = home.write(".cursor/mcp.json", text)
    output = home.setup("--yes", status=2)
    assert "Cursor has another server called 'ringfence': give this one another name" in output
    assert path.read_text() == text
    home.setup("--yes", "--name", "python")
    assert list(said(home, "cursor")["mcpServers"]) == ["ringfence", "python"]


SERVERS = """\
{
  // What I use.
  "mcpServers": {
    "files": {"command": "npx", "args": ["-y", "files", "/data"]}, // all of it
    "forge": {
      "command": "forge", "args": ["--api-key", "k3y", "--token=t0ken", "serve"],
      "env": {"FORGE": "s3cret", "HOME": "${env:HOME}"}
    },
    "away": {"url": "https://p4ss@mcp.example/?key=q", "headers": {"Authorization": "b34rer"}},
  },
  "theme": "dark"
}
"""


def test_moving_takes_the_servers_behind_the_broker(home: Home) -> None:
    home.write(".cursor/mcp.json", SERVERS)
    output = home.setup("--yes", "--move", "--allow", "files")
    assert json.loads(home.broker.read_text()) == {
        "mcpServers": {
            "files": {"command": "npx", "args": ["-y", "files", "/data"]},
            "forge": {
                "command": "forge",
                "args": ["--api-key", "k3y", "--token=t0ken", "serve"],
                "env": {"FORGE": "s3cret", "HOME": "${env:HOME}"},
            },
            "away": {
                "type": "http",
                "url": "https://p4ss@mcp.example/?key=q",
                "headers": {"Authorization": "b34rer"},
            },
        }
    }
    assert stat.S_IMODE(home.broker.stat().st_mode) == 0o600
    now = (home.path / ".cursor/mcp.json").read_text()
    assert "// What I use." in now
    assert '"theme": "dark"' in now
    assert "forge" not in now
    for secret in ("k3y", "t0ken", "s3cret", "p4ss", "key=q", "b34rer"):
        assert secret not in output
    assert "forge goes behind the broker." in output
    kept = list((home.path / ".local/state/ringfence/mcp-setup").iterdir())
    assert len(kept) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert any(path.read_text() == SERVERS for path in kept)
    before = home.files()
    assert "It is set up already." in home.setup("--move")
    assert home.files() == before


def test_without_move_nothing_leaves(home: Home) -> None:
    home.write(".cursor/mcp.json", SERVERS)
    output = home.setup("--yes")
    assert "It has 3 more: files, forge, away. They stay as they are" in output
    assert not home.broker.exists()
    now = (home.path / ".cursor/mcp.json").read_text()
    own = json.dumps({"command": COMMAND, "args": ["mcp"]}, indent=2).replace("\n", "\n    ")
    assert now == SERVERS.replace('"b34rer"}},\n', f'"b34rer"}}}},\n    "ringfence": {own},\n')


def test_only_what_is_named_moves(home: Home) -> None:
    home.write(".cursor/mcp.json", SERVERS)
    output = home.setup("--yes", "--move", "--only", "files", "--only", "gone")
    assert "gone stays: there is no server of this name." in output
    assert list(json.loads(home.broker.read_text())["mcpServers"]) == ["files"]
    assert "--only says what to move" in home.setup("--only", "files", status=2)


@pytest.mark.parametrize(
    ("client", "entry", "reason"),
    [
        ("cursor", {"command": "x", "disabled": True}, "it is switched off"),
        ("cursor", {"command": "x", "cwd": "y"}, "its cwd is not a whole path"),
        ("cursor", {"command": "x", "envFile": "/y"}, "the broker has no 'envFile'"),
        ("cursor", {"command": ["x"]}, "its command is no text"),
        ("cursor", {"command": "x", "args": "y"}, "its args are no list"),
        ("cursor", {"command": "x", "env": {"A": 1}}, "env.A is no text"),
        ("cursor", {"url": "http://x", "type": "sse"}, "it is reached by 'sse', which the broker does not speak"),
        ("cursor", {}, "it has neither a command nor an address"),
        ("cursor", 7, "it is no table"),
        ("cursor", {"command": "x", "args": ["${workspaceFolder}"]}, "an argument refers to ${workspaceFolder}, which the broker reads otherwise"),
        ("vscode", {"command": "x", "env": {"K": "${input:key}"}}, "env.K refers to ${input:key}, which the broker reads otherwise"),
        ("claude-desktop", {"command": "x", "args": ["${HOME}"]}, "an argument refers to ${HOME}, which the broker reads otherwise"),
        ("gemini-cli", {"command": "x", "includeTools": ["a"]}, "includeTools hides tools of it, which the broker would show"),
        ("gemini-cli", {"url": "http://x"}, "it is reached by 'sse', which the broker does not speak"),
        ("zed", {"source": "extension", "settings": {}}, "it has neither a command nor an address"),
    ],
)  # fmt: skip
def test_a_server_that_would_be_another_one_stays(
    home: Home, client: str, entry: Any, reason: str
) -> None:
    table = TABLES.get(client, "mcpServers")
    home.write(FILES[client], json.dumps({table: {"s": entry}}))
    output = home.setup("--client", client, "--yes", "--move")
    assert f"  s stays: {reason}.\n" in output
    assert said(home, client)[table]["s"] == entry
    assert not home.broker.exists()


@pytest.mark.parametrize(
    ("client", "entry", "moved"),
    [
        ("gemini-cli", {"command": "x", "env": {"K": "$TOKEN"}, "trust": True}, {"command": "x", "args": [], "env": {"K": "${TOKEN}"}}),
        ("gemini-cli", {"httpUrl": "http://x"}, {"type": "http", "url": "http://x"}),
        ("gemini-cli", {"command": "x", "cwd": "/y"}, {"command": "x", "args": [], "cwd": "/y"}),
        ("windsurf", {"serverUrl": "http://x"}, {"type": "http", "url": "http://x"}),
        ("claude-code", {"type": "http", "url": "${U:-http://x}"}, {"type": "http", "url": "${U:-http://x}"}),
        ("cline", {"command": "x", "args": ["y"], "alwaysAllow": ["z"], "disabled": False}, {"command": "x", "args": ["y"]}),
    ],
)  # fmt: skip
def test_what_a_client_says_in_its_own_words_is_put_into_the_brokers(
    home: Home, client: str, entry: Any, moved: Any
) -> None:
    home.write(FILES[client], json.dumps({"mcpServers": {"s": entry}}))
    home.setup("--client", client, "--yes", "--move")
    assert json.loads(home.broker.read_text()) == {"mcpServers": {"s": moved}}


CODEX = """\
model = "m" # mine

[mcp_servers.docs]
command = "npx"
args = ["docs"]
env_vars = ["TOKEN"]

[mcp_servers.docs.env]
KEY = 'v'

[mcp_servers.web]
url = "https://x"
bearer_token_env_var = "WEB"

[profiles.a]
b = 1
"""


def test_codex_tables_move_and_come_back(home: Home) -> None:
    path = home.write(".codex/config.toml", CODEX)
    home.setup("--yes", "--move")
    assert json.loads(home.broker.read_text())["mcpServers"] == {
        "docs": {"command": "npx", "args": ["docs"], "env": {"KEY": "v", "TOKEN": "${TOKEN}"}},
        "web": {
            "type": "http",
            "url": "https://x",
            "headers": {"Authorization": "Bearer ${WEB}"},
        },
    }
    assert path.read_text() == (
        'model = "m" # mine\n\n[profiles.a]\nb = 1\n\n[mcp_servers.ringfence]\n'
        f'command = "{COMMAND}"\nargs = ["mcp"]\n'
    )
    home.setup("--undo", "--yes")
    assert home.files() == {".codex/config.toml": CODEX.encode()}


@pytest.mark.parametrize("text", ["mcp_servers = {}\n", 'mcp_servers.a.command = "x"\n'])
def test_a_layout_that_nobody_foresaw_is_left_as_it_is(home: Home, text: str) -> None:
    path = home.write(".codex/config.toml", text)
    output = home.setup("--yes", "--move", status=2)
    assert "is laid out in a way that cannot be changed safely" in output
    assert path.read_text() == text
    assert not home.broker.exists()


def test_undo_of_files_that_nobody_changed_is_exact(home: Home) -> None:
    home.write(".cursor/mcp.json", SERVERS)
    home.write(".config/ringfence/mcp.json", '{"mcpServers":{}}')
    before = home.files()
    home.setup("--yes", "--move")
    home.setup("--undo", status=1)
    assert home.files() != before
    home.setup("--undo", "--yes")
    assert home.files() == before
    assert "There is nothing to take back." in home.setup("--undo")


def test_undo_of_a_file_that_was_changed_since_takes_back_its_own_part(home: Home) -> None:
    path = home.write(".cursor/mcp.json", SERVERS)
    home.setup("--yes", "--move")
    path.write_text(path.read_text().replace('"dark"', '"light"'))
    home.setup("--undo", "--yes")
    now = path.read_text()
    assert "ringfence" not in now
    assert '"theme": "light"' in now
    assert "// What I use." in now
    assert now.count("forge") == 2


def test_undo_leaves_what_somebody_else_wrote_there(home: Home) -> None:
    path = home.write(".cursor/mcp.json", "{}")
    home.setup("--yes")
    mine = {"mcpServers": {"ringfence": {"command": "mine"}}}
    path.write_text(json.dumps(mine))
    output = home.setup("--undo", "--yes")
    assert "mcpServers.ringfence was changed since, and stays" in output
    assert json.loads(path.read_text()) == mine


def test_undo_of_one_client(home: Home) -> None:
    home.write(".cursor/mcp.json", "{}")
    home.setup("--yes", "--client", "cursor")
    home.setup("--yes", "--client", "gemini-cli")
    home.setup("--undo", "--yes", "--client", "cursor")
    assert set(home.files()) == {".cursor/mcp.json", ".gemini/settings.json"}
    assert said(home, "cursor") == {}


def test_a_users_link_is_followed_and_stays_a_link(home: Home) -> None:
    real = home.write("dotfiles/mcp.json", "{}")
    real.chmod(0o640)
    (home.path / ".cursor").mkdir()
    (home.path / ".cursor/mcp.json").symlink_to(real)
    home.setup("--yes")
    assert (home.path / ".cursor/mcp.json").is_symlink()
    assert "ringfence" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes files of others")
def test_a_file_keeps_its_owner(home: Home) -> None:
    path = home.write(".cursor/mcp.json", "{}")
    os.chown(path, 65534, 65534)
    home.setup("--yes")
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)


def test_a_project_cannot_lead_out_of_itself(home: Home, tmp_path: Path) -> None:
    victim = home.write(".bashrc", "{}")
    project = tmp_path / "cloned"
    project.mkdir()
    (project / ".mcp.json").symlink_to(victim)
    output = home.setup("--project", str(project), "--yes", status=2)
    assert "leads out of the project" in output
    assert victim.read_text() == "{}"


def test_a_projects_files_are_set_up_and_none_is_made(home: Home, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / ".vscode").mkdir(parents=True)
    (project / ".vscode/mcp.json").write_text('{"servers": {}}')
    home.write(".cursor/mcp.json", "{}")
    home.setup("--project", str(project), "--yes")
    assert [path.name for path in project.rglob("*.json")] == ["mcp.json"]
    assert said(home, "cursor") == {}
    home.setup("--project", str(project), "--client", "claude-code", "--yes")
    assert json.loads((project / ".mcp.json").read_text()) == {
        "mcpServers": {"ringfence": {"type": "stdio", "command": COMMAND, "args": ["mcp"]}}
    }
    assert "there is no folder" in home.setup("--project", str(tmp_path / "none"), status=2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"mcpServers": [}', "is not understood, and is left as it is: line 1: a value is"),
        (b"\xff", "is not understood, and is left as it is: 'utf-8' codec"),
        (b'{"mcpServers": []}', "mcpServers is no table"),
    ],
)
def test_a_file_that_is_not_understood_is_left(home: Home, content: bytes, reason: str) -> None:
    path = home.write(".cursor/mcp.json", "")
    path.write_bytes(content)
    assert reason in home.setup("--yes", status=2)
    assert path.read_bytes() == content


def test_what_is_no_plain_file_is_not_waited_for(home: Home) -> None:
    (home.path / ".cursor").mkdir()
    os.mkfifo(home.path / ".cursor/mcp.json")
    assert "is no plain file" in home.setup("--yes", status=2)


def test_names_in_files_cannot_write_on_the_terminal(home: Home) -> None:
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": {"\x1b]0;x\x07": {"command": "c"}}}))
    output = home.setup("--move", status=1)
    assert "\x1b" not in output
    assert "\\x1b]0;x\\x07 stays: the broker's names are 1 to 64 letters" in output


def test_ringfence_never_goes_behind_itself(home: Home) -> None:
    other = {"command": "uvx", "args": ["--from", "ringfence[mcp]", "ringfence", "mcp"]}
    home.write(".cursor/mcp.json", json.dumps({"mcpServers": {"another": other}}))
    home.setup("--yes", "--move")
    assert said(home, "cursor")["mcpServers"]["another"] == other
    assert not home.broker.exists()
