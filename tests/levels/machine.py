"""What the kernel gives this process, asked without the product. ``python -m tests.levels.machine``
ends with 0 where it makes namespaces.
"""

from __future__ import annotations

import os
import sys

from ringfence.jail import libc

__all__ = ["makes_namespaces"]


def makes_namespaces() -> bool:
    """Whether it lets this process mount something in namespaces of its own."""
    child = os.fork()
    if child == 0:
        try:
            libc.unshare(libc.CLONE_NEWUSER | libc.CLONE_NEWNS)
            libc.mount(None, b"/", None, libc.MS_REC | libc.MS_PRIVATE, None)
        finally:
            os._exit(sys.exc_info()[0] is not None)
    return os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    sys.exit(not makes_namespaces())
