"""A process that is started for one guest: warmed, told its limits, and then that guest.

It runs under the same bare interpreter as a zygote. The walls around the program are the program's
own.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from typing import Any, NoReturn, Protocol, cast

from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import Profile
from ringfence.zygote.failure import describe_failure
from ringfence.zygote.post import receive_message, send_message
from ringfence.zygote.program import EnterStage, load_program

__all__ = ["LoneProgram", "main"]

if sys.platform != "win32":  # where a process is bounded from outside
    from ringfence.zygote.worker_bounds import bound, give_up_root


class LoneProgram(Protocol):
    """A program that can be the only guest of its process; used in this order."""

    def warm_alone(self, enter_stage: EnterStage) -> None:
        """Make everything ready that needs no limits."""

    def serve_alone(self, limits: GuestLimits, given: tuple[socket.socket, ...]) -> NoReturn:
        """Be a guest.

        Args:
            limits: the guest's.
            given: its sockets, the channel first.
        """


class _Stage:
    """Where the start is, for the error message."""

    name = "configuration"


def _enter_stage(name: str) -> None:
    _Stage.name = name


def main(post: socket.socket) -> NoReturn:
    """Be what the post says."""
    post.setblocking(True)
    try:
        config, _ = receive_message(post)
        if config is None:
            os._exit(1)
        program = _load(config)
        program.warm_alone(_enter_stage)
        if sys.platform != "win32":
            _enter_stage("privileges")
            give_up_root()
    except BaseException as error:  # every failure of the start is reported to the host
        _report(post, error)
    try:
        send_message(post, {"ready": True})
        told, given = receive_message(post)
        if told is None or len(given) != told["sockets"]:
            os._exit(1)  # the host is gone, or this process may have no more descriptors
        limits = GuestLimits(*told["limits"])
        if sys.platform != "win32":
            bound(limits)
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
        post.shutdown(socket.SHUT_WR)  # or on Windows what was said would end with this process
    finally:
        os._exit(1)
