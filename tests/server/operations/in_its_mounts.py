"""``python tests/server/operations/in_its_mounts.py PID serve``: ``ringfence`` that sees what PID has mounted."""

import os
import sys

from ringfence.jail import libc

if __name__ == "__main__":
    namespace = os.open(f"/proc/{sys.argv.pop(1)}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    libc.syscall("setns", namespace, libc.CLONE_NEWNS)
    from ringfence.cli import main

    main()
