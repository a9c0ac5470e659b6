"""``ringfence mcp doctor``: real servers, and what docs/mcp.md says that they cost."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.docs.documents import ROOT
from tests.mcp.real.serving import environment


def examined(folder: Path, *arguments: str, status: int = 0) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "mcp", "doctor", *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


def test_the_documents_figures_are_what_it_counts(tmp_path: Path, configuration: Path) -> None:
    found = examined(
        tmp_path, "--json", "--user-config", str(configuration), "--allow", "filesystem"
    )
    page = (ROOT / "docs/mcp.md").read_text("utf-8")
    table = page.partition("<!-- tokens:begin -->")[2].partition("<!-- tokens:end -->")[0]
    rows = re.findall(
        r"^\| (?:`.*?-(\w+)` [\d.]+|(all four)) \| (.+) \| (.+) \| (.+) \|$", table, re.M
    )
    told = {server or every: tuple(figures) for server, every, *figures in rows}
    own = f"{found['own']:,}"
    assert found["tokenizer"] == "tiktoken's cl100k_base"
    assert found["exact"] is True
    assert told == {
        **{one["name"]: (str(one["tools"]), f"{one['tokens']:,}", own) for one in found["servers"]},
        "all four": (
            str(sum(one["tools"] for one in found["servers"])),
            f"{found['tokens']:,}",
            own,
        ),
    }
    assert found["own"] < 2_000
    allowed = {one["name"]: one["allowed"] for one in found["servers"]}
    assert allowed == {"filesystem": 11, "git": 0, "memory": 0, "everything": 0}


def test_it_says_who_does_not_answer_and_what_to_do(tmp_path: Path) -> None:
    dead = {"mcpServers": {"dead": {"command": "/nowhere/server"}}}
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps(dead))
    file.chmod(0o600)
    (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": {"new": {"command": "x"}}}))
    output = examined(tmp_path, "--user-config", str(file), status=1)
    assert "dead: its program or its folder is not there" in output
    assert "ringfence mcp approve new" in output
    assert "0 tools before a model: 0 tokens." in output


def test_without_any_server_it_says_how_to_have_one(tmp_path: Path) -> None:
    assert "ringfence mcp setup --move" in examined(tmp_path)
