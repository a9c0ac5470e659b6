"""Get the nginx that the tests put in front of a service, if it can be had.

Debian's package, taken apart in the user's cache: nothing is installed, no daemon is started. Where
it cannot be had, its tests are skipped and say so. Never fails.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = "nginx"


def folder() -> Path:
    """Where the package is taken apart."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "ringfence" / "nginx"


def program() -> Path | None:
    """The program; None where there is none."""
    installed = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    own = folder() / "usr" / "sbin" / "nginx"
    return Path(installed) if installed else own if own.exists() else None


def get() -> str:
    """Get it if it is missing and can be had; return what came of it."""
    if program():
        return "here"
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return "not here, its tests are skipped (it is a package of Debian's)"
    with tempfile.TemporaryDirectory() as where:
        commands = [["apt-get", "download", PACKAGE]]
        if os.geteuid() == 0:
            commands.insert(0, ["apt-get", "update"])
            commands[1][1:1] = ["-o", "APT::Sandbox::User=root"]
        for command in commands:
            done = subprocess.run(command, check=False, text=True, capture_output=True, cwd=where)
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                return f"{' '.join(command)} failed, its tests are skipped: {last}"
        (archive,) = Path(where).glob("*.deb")
        folder().mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg", "-x", archive, folder()], check=True)
    return "taken apart"


if __name__ == "__main__":
    print(f"nginx: {get()}", file=sys.stderr)
