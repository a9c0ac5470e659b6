"""What to do when the machine has run out of something. For the host and for the zygote."""

from __future__ import annotations

import errno
import os

__all__ = ["EXHAUSTED", "explain_shortage"]

EXHAUSTED = (errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE)
"""Errors that say something about the moment, and nothing about what the machine can do."""

_REMEDIES = {
    errno.EMFILE: "raise the limit of open files (ulimit -n) or close sandboxes",
    errno.ENFILE: "raise the sysctl fs.file-max or close sandboxes",
    errno.ETOOMANYREFS: "raise the limit of open files (ulimit -n) or start fewer at once",
    errno.EAGAIN: "raise the limit of processes (ulimit -u, or pids.max of the cgroup) or close "
    "sandboxes",
    errno.ENOMEM: "give the machine more memory or close sandboxes",
    errno.ENOBUFS: "give the machine more memory or close sandboxes",
    errno.ENOSPC: "raise the sysctls user.max_*_namespaces and fs.mount-max or close sandboxes",
}


def explain_shortage(code: int | None, text: str | None = None) -> str:
    """What happened, and what would help if the machine has run out of something.

    Args:
        code: the kernel's answer.
        text: what happened, if it is more than the name of that answer.
    """
    if text is None:
        text = os.strerror(code) if code else "unknown error"
    remedy = _REMEDIES.get(code or 0)
    return f"{text}; {remedy}" if remedy else text
