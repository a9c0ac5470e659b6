"""Get the peer that `make bench` measures beside Ringfence and that pip cannot install: bubblewrap.

As root on Debian or Ubuntu it is installed; otherwise its row is left out of the table, and this
says how to get it. Never fails: a bench without one peer is still a bench.
"""

import os
import shutil
import subprocess
import sys


def install_bubblewrap() -> str:
    """Install bubblewrap if it is missing and that can be done; return what came of it."""
    if shutil.which("bwrap"):
        return "bubblewrap: here"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return "bubblewrap: not here, its row is left out (as root: apt-get install bubblewrap)"
    for command in (["update"], ["install", "-y", "--no-install-recommends", "bubblewrap"]):
        done = subprocess.run(["apt-get", *command], check=False, text=True, capture_output=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            return f"bubblewrap: apt-get {command[0]} failed, its row is left out: {last}"
    return "bubblewrap: installed"


if __name__ == "__main__":
    print(install_bubblewrap(), file=sys.stderr)
