"""Get the browser that the tests of the applications drive, as far as it can be had here.

Debian's chromium, which pip cannot install, and a font for what it shows: as root on Debian by
apt-get. Where there is none, those tests are skipped and say so. Never fails.
"""

import os
import shutil
import subprocess
import sys

PACKAGES = ["chromium", "fonts-dejavu-core"]


def install() -> str:
    """Install it if it is missing and that can be done; return what came of it."""
    if shutil.which("chromium"):
        return "here"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return f"not here, its tests are skipped (as root: apt-get install {' '.join(PACKAGES)})"
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(["apt-get", *command], check=False, text=True, capture_output=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            return f"apt-get {command[0]} failed, its tests are skipped: {last}"
    return "installed"


if __name__ == "__main__":
    print(f"browser: chromium: {install()}", file=sys.stderr)
