"""Get the peers that `make bench` measures beside Ringfence, as far as they can be had here.

bubblewrap, which pip cannot install: as root on Debian or Ubuntu by apt-get. Packages of PyPI by
pip, into a folder of the bench (bench/out/.peers): not into .venv, which holds what the locks name
and nothing else. What is missing has no row in the table, and this says how to get it. Never
fails: a bench without one peer is still a bench.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PEER_FOLDER = Path(__file__).resolve().parent.parent / "bench" / "out" / ".peers"
PACKAGES = (  # peers to measure, nothing that is shipped: not in the locks
    "pydantic-monty==1.4.0",
    "RestrictedPython==9.0",
    "asteval==1.0.10",
    "starlark-pyo3==2026.1.3",
    "bandit==1.9.4",
)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]


def install_bubblewrap() -> str:
    """Install bubblewrap if it is missing and that can be done; return what came of it."""
    if shutil.which("bwrap"):
        return "bubblewrap: here"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return "bubblewrap: not here, its rows are left out (as root: apt-get install bubblewrap)"
    for command in (["update"], ["install", "-y", "--no-install-recommends", "bubblewrap"]):
        done = subprocess.run(["apt-get", *command], check=False, text=True, capture_output=True)
        if done.returncode:
            last = _last_line(done.stderr)
            return f"bubblewrap: apt-get {command[0]} failed, its rows are left out: {last}"
    return "bubblewrap: installed"


def install_packages() -> str:
    """Install those of PyPI if one is missing; return what came of it."""
    stamp = PEER_FOLDER / ".packages"
    wanted = "\n".join(PACKAGES)
    names = ", ".join(package.partition("==")[0] for package in PACKAGES)
    if stamp.is_file() and stamp.read_text() == wanted:
        return f"{names}: here"
    shutil.rmtree(PEER_FOLDER, ignore_errors=True)
    command = [sys.executable, "-I", "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--quiet", "--only-binary", ":all:", "--target", str(PEER_FOLDER), *PACKAGES]
    done = subprocess.run(command, check=False, text=True, capture_output=True)
    if done.returncode:
        shutil.rmtree(PEER_FOLDER, ignore_errors=True)
        return f"{names}: pip failed, their rows are left out: {_last_line(done.stderr)}"
    stamp.write_text(wanted)
    return f"{names}: installed"


if __name__ == "__main__":
    for outcome in (install_bubblewrap(), install_packages()):
        print(f"bench: {outcome}", file=sys.stderr)
