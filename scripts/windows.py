"""Get a Windows to run the tests on, as far as it can be had here: Wine, and a CPython for it.

Debian's Wine is taken apart in the user's cache, and CPython compiled for Windows with the compiler
of the image ``wasi``, because no registry has one; packages are those of requirements/dev.lock.
Where one of them cannot be had, the tests on Windows are skipped and say so. Never fails.

Usage: python scripts/windows.py
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ringfence.errors import RingfenceError
from ringfence.images.cache import ImageCache
from scripts.windows_python.build import find, make


def install() -> str:
    """Make what is missing; return what came of it."""
    try:
        cache = ImageCache()
        if find(cache):
            return "here"
        began = time.monotonic()
        make(cache, lambda step: print(f"windows: {step}", file=sys.stderr))
    except (RingfenceError, OSError) as error:
        return f"not here, its tests are skipped: {error}"
    return f"made in {time.monotonic() - began:.0f} seconds"


if __name__ == "__main__":
    print(f"windows: {install()}", file=sys.stderr)
