"""``ringfence mcp doctor`` and ``wrappers`` before servers and files that mean no good."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.mcp.server.serving import WILD, environment

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def said(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ringfence", "mcp", *arguments],
        env={**environment(folder), "COLUMNS": "300"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_of_theirs_acts_on_the_terminal(tmp_path: Path) -> None:
    forged = "\x1b]0;owned\x07\u202e\nall  user  yes\r[red]markup[/red]"
    project = {forged: {"command": "x"}, "long" * 40: {"command": "x"}, "odd": {"command": forged}}
    (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": project}))
    mess = {"command": sys.executable, "args": [str(WILD), "mess"]}
    missing = {"command": f"/nowhere/{forged}"}
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"mcpServers": {"mess": mess, "missing": missing}}))
    file.chmod(0o600)
    for arguments in (
        ("doctor", "--user-config", str(file), "--allow", "mess"),
        ("doctor", "--user-config", str(file), "--json"),
        ("wrappers", "--user-config", str(file), "--allow", "mess", "-o", str(tmp_path / "out")),
    ):
        done = said(tmp_path, *arguments)
        assert done.returncode == (arguments[0] == "doctor"), done.stderr
        whole = done.stdout + done.stderr
        assert not ACTING.search(whole), arguments
        assert not any(line.startswith("all  user") for line in whole.splitlines())
        if "--json" in arguments:
            found = {one["name"]: one for one in json.loads(done.stdout)["servers"]}
            assert set(found) == {"mess", "missing", "odd"}
            assert found["missing"]["problem"] and found["odd"]["problem"]
