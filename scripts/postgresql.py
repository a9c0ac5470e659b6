"""Get the PostgreSQL server that tests of the workshop and the service start, if it can be had.

Debian's package, which pip cannot install: as root on Debian by apt-get. The tests start servers of
their own in temporary folders, and touch no other. Where there is none, their half that needs one
is skipped and says so. Never fails.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGE = "postgresql"


def programs() -> Path | None:
    """The folder of the server's programs, the newest version's; None where there is none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    numbered = [path for path in versions if path.parent.parent.name.isdecimal()]
    return max(numbered, key=lambda path: int(path.parent.parent.name)).parent if numbered else None


def install() -> str:
    """Install it if it is missing and that can be done; return what came of it."""
    if programs():
        return "here"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return f"not here, its tests are skipped (as root: apt-get install {PACKAGE})"
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", PACKAGE]):
        done = subprocess.run(
            ["apt-get", *command], check=False, text=True, capture_output=True, env=quiet
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            return f"apt-get {command[0]} failed, its tests are skipped: {last}"
    return "installed"


if __name__ == "__main__":
    print(f"postgresql: {install()}", file=sys.stderr)
