"""Starting a zygote: the process, its first message, and what can go wrong before it is ready."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from typing import Any

import ringfence
from ringfence.errors import EngineFailure
from ringfence.jail.profile import Profile
from ringfence.zygote.shortage import explain_shortage

__all__ = [
    "HOME",
    "START_SECONDS",
    "StartFailed",
    "ZygoteConfig",
    "describe_end",
    "explain_exhausted",
    "introduce",
    "launch",
]

START_SECONDS = 120.0
"""How long a zygote may take until it is ready; importing the packages is most of it."""

_END_SECONDS = 10.0
HOME = os.path.dirname(os.path.dirname(os.path.abspath(str(ringfence.__file__))))
"""The folder that Ringfence is imported from."""

_SHIFT = (
    "import os,sys;fd=int(sys.argv.pop(1));fd==3 or os.dup2(fd,3,inheritable=False);"
    "fd==3 or os.close(fd);os.set_inheritable(3,False);"
)
_BOOT = (
    "import os,sys;real=os.register_at_fork;os.register_at_fork=lambda **hooks:None;"
    "size=int(sys.argv.pop(1));sys.path[:0]=sys.argv[1:];"
    "from ringfence.zygote.room import Room;room=Room(size);"
    "from ringfence.zygote.main import main;main(room)"
)
_BOOT_ALONE = (
    "import socket,sys;del sys.argv[1];sys.path[:0]=sys.argv[1:];post=socket.socket(fileno=3);"
    "from ringfence.zygote.worker_main import main;main(post)"
)
# Fork hooks of the standard library (random, threading, logging, …) are not registered in a zygote:
# it has one thread and holds no lock when it forks, and they would cost every guest 0.2 ms.


class StartFailed(EngineFailure):
    """A zygote could not be started, or a worker that is to stand without one.

    Attributes:
        stage: where: ``namespaces``, ``landlock``, ``seccomp``, ``packages``, …
        errno: the kernel's answer, if it was a system call.
        detail: the traceback inside the zygote.
    """

    def __init__(
        self, stage: str, code: int | None, text: str, detail: str = "", *, what: str = "zygote"
    ) -> None:
        super().__init__(f"the {what} failed at {stage}: {text}")
        self.stage = stage
        self.errno = code
        self.text = text
        self.detail = detail


def explain_exhausted(error: StartFailed) -> EngineFailure:
    """The error for a start that failed because the machine has run out of something: that is no
    fact about walls.
    """
    why = explain_shortage(error.errno, str(error))
    return EngineFailure(f"the machine is out of memory, processes or files: {why}")


@dataclass(frozen=True)
class ZygoteConfig:
    """What a zygote is started with, or each guest where nothing can be forked.

    Attributes:
        command: the interpreter and its options, up to ``-c``.
        environment: of the process; the guests' own is made inside.
        profile: the jail.
        program: the module of the program that its guests run.
        settings: what the program is made with: a mapping, as JSON.
        room: MiB that its objects are going to need, about (:mod:`ringfence.zygote.room`).
        boot_path: folders that the program is imported from, besides Ringfence's own.
        alone: whether each guest is a process that is started for it alone
            (:mod:`ringfence.zygote.workers`); of a program that can be that.
        notes: what is odd about the packages, for the message when they cannot be imported.
    """

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    profile: Profile
    program: str
    settings: str
    room: int = 16
    boot_path: tuple[str, ...] = ()
    alone: bool = False
    notes: tuple[str, ...] = field(default=(), compare=False)


def launch(config: ZygoteConfig, control: socket.socket) -> subprocess.Popen[bytes]:
    """Start the process; ``control`` is its end of the control socket.

    Raises:
        StartFailed: there is no such program, or no process for it.
    """
    path = [HOME, *config.boot_path]
    command = [
        *config.command,
        "-c",
        _SHIFT + (_BOOT_ALONE if config.alone else _BOOT),
        str(control.fileno()),
        str(config.room),
        *path,
    ]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(config.environment),
            pass_fds=(control.fileno(),),
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise StartFailed("start", error.errno, f"{command[0]}: {error.strerror}") from error


def introduce(
    config: ZygoteConfig, control: socket.socket, process: subprocess.Popen[bytes]
) -> dict[str, Any]:
    """Tell a started zygote what it is to be, and wait until it is ready.

    Returns:
        what it says of itself.

    Raises:
        StartFailed: the jail could not be built, or a package could not be imported.
    """
    message = {
        "profile": config.profile.to_json(),
        "program": config.program,
        "settings": json.loads(config.settings),
    }
    data = json.dumps(message).encode()
    control.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, max(212_992, 2 * len(data)))
    control.settimeout(START_SECONDS)
    try:
        control.send(data)
        answer = control.recv(65_536)
    except TimeoutError:
        raise StartFailed("start", None, f"no answer within {START_SECONDS:g} s") from None
    except (BrokenPipeError, ConnectionResetError):
        answer = b""
    except OSError as error:
        raise StartFailed("start", error.errno, str(error.strerror)) from None
    if not answer:
        raise StartFailed("start", None, f"the process {describe_end(process)}")
    info: dict[str, Any] = json.loads(answer)
    if "failed" in info:
        raise StartFailed(info["failed"], info["errno"], info["error"], info["traceback"])
    return info


def describe_end(process: subprocess.Popen[bytes]) -> str:
    """How a process ended that has closed its control socket."""
    try:
        code = process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        return "closed its control socket"
    number = -code if code < 0 else code - 128
    if 0 < number < signal.NSIG:
        return f"was ended by signal {number} ({signal.strsignal(number)})"
    return f"ended with code {code}"
