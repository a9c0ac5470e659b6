"""Get other people's MCP servers that the tests start, as far as they can be had here.

The reference servers and the conformance checks are packages of npm's: requirements/mcp-servers/
pins each by version and by the hash of its archive, and names no registry. They are installed once
into the user's cache; no script of theirs runs meanwhile. Where there is no node, or no registry
answers, their tests are skipped and say so. Never fails.

Usage: python scripts/mcp_servers.py
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "mcp-servers"
FILES = ("package.json", "package-lock.json")
OLDEST = 20
"""The major version of node that the servers ask for."""


def folder() -> Path:
    """Where the servers of this lock are, once they are installed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    together = hashlib.sha256(b"".join((LOCK / name).read_bytes() for name in FILES))
    return cache / "ringfence" / "mcp-servers" / together.hexdigest()[:16]


def why_not() -> str | None:
    """Why they cannot be run here; None where they can be, once they are installed."""
    node = shutil.which("node")
    if node is None:
        return "there is no node on PATH"
    said = subprocess.run([node, "--version"], check=False, text=True, capture_output=True).stdout
    version = re.match(r"v([0-9]+)\.", said)
    if version is None or int(version[1]) < OLDEST:
        return f"node is {said.strip() or 'broken'}; they ask for {OLDEST} or newer"
    return None


def install() -> str:
    """Install them if they are missing and that can be done; return what came of it."""
    target = folder()
    if reason := why_not():
        return f"not here, their tests are skipped: {reason}"
    if target.is_dir():
        return "here"
    npm = shutil.which("npm")
    if npm is None:
        return "not here, their tests are skipped: there is no npm on PATH"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".installing-") as scratch:
        for name in FILES:
            shutil.copy(LOCK / name, scratch)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=scratch, check=False, text=True, capture_output=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            return f"npm failed, their tests are skipped: {last}"
        try:
            Path(scratch).chmod(0o755)
            Path(scratch).rename(target)
        except OSError:
            if not target.is_dir():  # somebody else was quicker
                raise
        else:
            Path(scratch).mkdir()  # for the one who removes it
    return "installed"


if __name__ == "__main__":
    print(f"mcp-servers: {install()}", file=sys.stderr)
