"""``ringfence mcp approve`` at a terminal: a real one."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mcp.server.serving import environment


def at_terminal(folder: Path, *arguments: str, typed: list[str]) -> tuple[int, str]:
    """What somebody sees who types this, a line for each question; and the exit status."""
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", "mcp", *arguments],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env={**environment(folder), "TERM": "dumb", "COLUMNS": "200"},
        cwd=folder,
        start_new_session=True,
    )
    os.close(inner)
    seen = b""
    with contextlib.suppress(OSError):  # EIO: nobody has the other end any more
        while piece := os.read(outer, 65_536):
            seen += piece
            if seen.endswith(b": ") and typed:
                os.write(outer, typed.pop(0).encode())
    os.close(outer)
    return process.wait(30), seen.decode().replace("\r\n", "\n")


def project(folder: Path, **servers: Any) -> None:
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))


def approved(folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "mcp", "approvals", "--json"],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line)["name"] for line in done.stdout.splitlines()]


def test_only_a_typed_yes_approves(tmp_path: Path) -> None:
    project(
        tmp_path, one={"command": "x", "args": ["a b"], "env": {"K": "${T}"}}, two={"command": "y"}
    )
    for answers in (["\n", "no\n"], ["y\n", "\x04"], ["Yes!\n", "yes please\n"]):
        status, seen = at_terminal(tmp_path, "approve", typed=list(answers))
        assert (status, approved(tmp_path)) == (1, [])
        assert "one is not approved" in seen
        assert "two is not approved" in seen
    status, seen = at_terminal(tmp_path, "approve", typed=["yes\n", "no\n"])
    assert (status, approved(tmp_path)) == (1, ["one"])
    assert "  program   x\n  argument  a b\n" in seen
    assert "  variable  K=${T}\n" in seen
    assert "Let it be started as you? Type yes to approve of one: yes\n" in seen
    status, seen = at_terminal(tmp_path, "approve", "one", typed=[])
    assert (status, "one is approved already" in seen) == (0, True)
    # After any change the approval does not hold.
    project(tmp_path, one={"command": "x", "args": ["a  b"], "env": {"K": "${T}"}})
    status, seen = at_terminal(tmp_path, "approve", typed=["\n"])
    assert status == 1


def test_what_is_shown_is_what_is_there(tmp_path: Path) -> None:
    hostile = "\x1b[2K\r  program   /bin/true\u202e\u2028\x9b2J"
    project(
        tmp_path,
        one={"command": hostile, "args": [f"x{' ' * 1_000}evil", "a\nb"], "env": {"A": hostile}},
    )
    status, seen = at_terminal(tmp_path, "approve", typed=["no\n"])
    assert status == 1
    assert not re.search("[\x1b\x9b\u202e\u2028\r]", seen)
    assert "  argument  x\\x20*1000evil\n" in seen
    assert "  argument  a\\x0ab\n" in seen
    assert not any(line.startswith("  program   /bin/true") for line in seen.splitlines())


@pytest.mark.parametrize(
    "more",
    [{"args": ["x"] * 900}, {"args": ["y" * 30_000]}, {"env": {f"V{n}": "x" for n in range(100)}}],
)
def test_what_would_scroll_out_of_sight_is_not_asked_about(tmp_path: Path, more: Any) -> None:
    project(tmp_path, one={"command": "evil", **more})
    status, seen = at_terminal(tmp_path, "approve", typed=["yes\n"])
    assert (status, approved(tmp_path)) == (1, [])
    assert "is too much to be looked at here" in seen
    assert "Type yes" not in seen
    status, _ = at_terminal(tmp_path, "approve", "one", "--yes", typed=[])
    assert (status, approved(tmp_path)) == (0, ["one"])
