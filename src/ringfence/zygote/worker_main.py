"""A process that is started for one guest: warmed, told its limits, and then that guest.

It runs under the same bare interpreter as a zygote. The walls around the program are the program's
own; what is here is what every POSIX system has: nobody's rights, no file, no core, a bound of CPU.
"""

from __future__ import annotations

import errno
import os
import pwd
import random
import resource
import socket
import time
from typing import Any, NoReturn, Protocol, cast

from ringfence.jail.profile import Profile
from ringfence.jail.rlimits import GuestLimits, process_seconds
from ringfence.zygote.failure import describe_failure
from ringfence.zygote.post import receive_message, send_message
from ringfence.zygote.program import EnterStage, load_program

__all__ = ["LoneProgram", "main"]

_POST = 3
_MOST_FILES = 64


class LoneProgram(Protocol):
    """A program that can be the only guest of its process; used in this order."""

    def warm_alone(self, enter_stage: EnterStage) -> None:
        """Make everything ready that needs no limits."""

    def serve_alone(self, limits: GuestLimits, given: tuple[int, ...]) -> NoReturn:
        """Be a guest.

        Args:
            limits: the guest's.
            given: its descriptors, the channel first.
        """


class _Stage:
    """Where the start is, for the error message."""

    name = "configuration"


def _enter_stage(name: str) -> None:
    _Stage.name = name


def main() -> NoReturn:
    """Be what the post says."""
    post = socket.socket(fileno=_POST)
    post.setblocking(True)
    try:
        config, _ = receive_message(post)
        if config is None:
            os._exit(1)
        program = _load(config)
        program.warm_alone(_enter_stage)
        _enter_stage("privileges")
        _give_up_root()
    except BaseException as error:  # every failure of the start is reported to the host
        _report(post, error)
    try:
        send_message(post, {"ready": True})
        told, given = receive_message(post)
        if told is None or len(given) != told["descriptors"]:
            os._exit(1)  # the host is gone, or this process may have no more descriptors
        limits = GuestLimits(*told["limits"])
        _bound(limits)
        send_message(post, {"cpu": time.process_time()})
    except OSError:
        os._exit(1)
    program.serve_alone(limits, tuple(given))


def _load(config: Any) -> LoneProgram:
    profile = Profile.from_json(config["profile"])
    return cast("LoneProgram", load_program(config["program"], config["settings"], profile))


def _report(post: socket.socket, error: BaseException) -> NoReturn:
    message = describe_failure(_Stage.name, error)
    try:
        send_message(post, message)
    finally:
        os._exit(1)


def _give_up_root() -> None:
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


def _bound(limits: GuestLimits) -> None:
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
