"""What a process that is started for one guest gives up before it is that guest, on POSIX systems:
root's rights, files, cores, and processor time without end. setuid(2), setrlimit(2).
"""

from __future__ import annotations

import errno
import os
import pwd
import random
import resource
import time

from ringfence.jail.guest_limits import GuestLimits, process_seconds

__all__ = ["bound", "give_up_root"]

_MOST_FILES = 64


def give_up_root() -> None:
    """Be an unprivileged user for good, if root is who this process is or may be again.

    An id that nobody else has is best: whoever breaks out could signal its siblings. Where ids are
    not ours to choose it is ``nobody``.
    """
    if os.getuid() and os.geteuid():
        return
    os.seteuid(0)
    os.setgroups([])
    chosen = random.SystemRandom().randrange(0x6000_0000, 0x7000_0000)
    try:
        os.setgid(chosen)
        os.setuid(chosen)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        nobody = pwd.getpwnam("nobody")
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)


def bound(limits: GuestLimits) -> None:
    """Hold this process to what its guest may."""
    seconds = process_seconds(limits) + int(time.process_time()) + 1
    for which, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _MOST_FILES),
        (resource.RLIMIT_CPU, seconds),
    ):
        _, hard = resource.getrlimit(which)
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (least, least))
