"""The process that guests are copies of: jailed first, then warmed, then forking on request.

It runs under an interpreter with nothing but the standard library, ``ringfence.jail`` and what the
engine's program needs. The order is the point:

1. namespaces, an empty root with read-only copies of what was granted, no privileges;
2. as pid 2 below a pid 1 that does nothing: OpenSSL notices a fork by the pid, and a guest is pid 1
   of a namespace of its own;
3. limits, no new privileges, the first seccomp layer (and Landlock where there are no namespaces);
4. only then the program is warmed: packages are imported;
5. one thread, no stray descriptor: checked, not assumed;
6. for each request a fork, which confines itself further and becomes a guest.

No code of a guest ever runs here, so nothing a guest does reaches its siblings.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import sys
import time
from typing import Any, NoReturn

from ringfence.jail import landlock, libc, namespaces, rlimits, seccomp
from ringfence.jail.profile import SCRATCH, Profile
from ringfence.zygote import huge_pages
from ringfence.zygote.failure import describe_failure
from ringfence.zygote.gaps import fill_gaps
from ringfence.zygote.program import Program, load_program
from ringfence.zygote.room import Room
from ringfence.zygote.spawner import Spawner

__all__ = ["CONTROL", "main"]

CONTROL = 3
"""The descriptor of the control socket when the process starts."""

_MAX_CONFIG = 1 << 20
_START_SECONDS = 150  # longer than the host waits; for a host that was killed meanwhile
_ENDING_SECONDS = 0.5


class _Stage:
    """Where the start is, for the error message."""

    name = "configuration"


def _enter_stage(name: str) -> None:
    _Stage.name = name


def main(room: Room) -> NoReturn:
    """Build the jail that the control socket describes, and serve spawn requests.

    Args:
        room: for what is going to be imported.
    """
    control = socket.socket(fileno=CONTROL)
    control.setblocking(True)
    try:
        config = json.loads(control.recv(_MAX_CONFIG))
        profile = Profile.from_json(config["profile"])
        program = _load(config, profile)
        sys.path[:] = [path for path in sys.path if path and path not in sys.argv[1:]]
        proc = os.open("/proc", os.O_PATH | os.O_CLOEXEC)
        null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        view, ruleset = _contain(profile, proc, control, room)
        spawner = _warm(program, profile, proc, null, view, ruleset, control, room)
    except BaseException as error:  # every failure of the start is reported to the host
        _report(control, error)
    spawner.serve()


def _load(config: dict[str, Any], profile: Profile) -> Program:
    sys.modules["ssl"] = None  # type: ignore[assignment] # asyncio would load OpenSSL for no network
    program = load_program(config["program"], config["settings"], profile)
    del sys.modules["ssl"]
    return program


def _report(control: socket.socket, error: BaseException) -> NoReturn:
    message = describe_failure(_Stage.name, error)
    try:
        control.send(json.dumps(message).encode())
    finally:
        os._exit(1)


class _SelfView:
    """This process's own entries of /proc, opened while they can be."""

    def __init__(self, proc: int) -> None:
        flags = os.O_RDONLY | os.O_CLOEXEC
        self.task = os.open("self/task", flags | os.O_DIRECTORY, dir_fd=proc)
        self.fd = os.open("self/fd", flags | os.O_DIRECTORY, dir_fd=proc)
        self.status = os.open("self/status", flags, dir_fd=proc)
        self.maps = os.open("self/maps", flags, dir_fd=proc)

    def sizes(self) -> dict[str, int]:
        """The ``Vm`` lines of status, in bytes."""
        lines = os.pread(self.status, 16_384, 0).decode().splitlines()
        pairs = (line.split(":", 1) for line in lines if line.startswith("Vm"))
        return {name: int(text.split()[0]) * 1024 for name, text in pairs}

    def mappings(self) -> str:
        """What ``maps`` says."""
        with open(self.maps, encoding="utf-8", errors="replace", closefd=False) as lines:
            return lines.read()

    def descriptors(self) -> tuple[int, ...]:
        """Its own."""
        return self.task, self.fd, self.status, self.maps

    def close(self) -> None:
        for fd in self.descriptors():
            os.close(fd)


def _contain(
    profile: Profile, proc: int, control: socket.socket, room: Room
) -> tuple[_SelfView, int]:
    """Steps 1 to 3. Returns in the process that will be the zygote."""
    rlimits.end_before_host(proc, guests_follow=profile.namespaces)
    rlimits.raise_soft_limits()  # a user namespace keeps the bound that it was made under
    if profile.namespaces:
        _Stage.name = "namespaces"
        namespaces.enter(profile, proc)
        _fork_below(_wait_for, control, room)  # the child is pid 1 of the new PID namespace …
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
        _fork_below(_be_init, control, room)  # … and its child is the zygote, pid 2
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    elif os.geteuid() == 0:
        _Stage.name = "privileges"
        if namespaces.may_change_user():
            namespaces.give_up_root()
        else:
            libc.drop_capabilities()
    view = _SelfView(proc)
    _Stage.name = "limits"
    rlimits.apply_image()
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    ruleset = -1
    if profile.landlock_abi:
        _Stage.name = "landlock"
        ruleset = _ruleset(profile)
        if not profile.namespaces:  # no mounts will be needed: the zygote can be confined as well
            libc.landlock_restrict(ruleset)
            os.close(ruleset)
            ruleset = -1
    if "seccomp" in profile.walls:
        _Stage.name = "seccomp"
        layer = seccomp.layer_one(profile.machine, paths=profile.paths, scratch=profile.scratch)
        libc.seccomp_filter(layer).install()
    return view, ruleset


def _fork_below(parent_becomes: Any, control: socket.socket, room: Room) -> None:
    child = os.fork()
    if child:
        control.close()
        room.leave()
        parent_becomes(child)


def _wait_for(child: int) -> NoReturn:
    """The process that the host started: it only lends its pid to the host."""
    _, status = os.waitpid(child, 0)
    os._exit(_exit_code(status))


def _exit_code(status: int) -> int:
    """What a shell makes of a wait status: 128 + the signal, if one ended the process."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _be_init(zygote: int) -> NoReturn:
    """Pid 1: reaps, and takes everything down with it when the zygote ends."""
    libc.drop_capabilities()
    while True:
        child, status = os.wait()
        if child == zygote:
            os._exit(_exit_code(status))


def _ruleset(profile: Profile) -> int:
    """The Landlock ruleset of guests (and of the zygote where there are no namespaces)."""
    if profile.namespaces:
        read = [*profile.read, *(place for _, place in profile.mounts)]
        # A rule on a folder does not reach a file system that is mounted on it later: the scratch
        # folder's parent is named instead. The rest of the parent is read-only.
        scratch = [os.path.dirname(SCRATCH)] if profile.scratch else []
        return landlock.make_ruleset(profile.landlock_abi, read, scratch, profile.list)
    read = [*profile.read, *(source for source, _ in profile.mounts)]
    for mask in profile.masks:
        read = [part for path in read for part in _without(path, mask)]
    # Each guest opens the null device anew, below this same ruleset.
    return landlock.make_ruleset(profile.landlock_abi, read, ["/dev/null"], profile.list)


def _without(path: str, mask: str) -> list[str]:
    """``path``, or what is in it beside ``mask``: Landlock grants folders, it subtracts none."""
    if mask != path and not mask.startswith(path + "/"):
        return [path]
    if mask == path:
        return []
    inner: list[str] = []
    for name in os.listdir(path):
        inner += _without(os.path.join(path, name), mask)
    return inner


def _warm(
    program: Program,
    profile: Profile,
    proc: int,
    null: int,
    view: _SelfView,
    ruleset: int,
    control: socket.socket,
    room: Room,
) -> Spawner:
    """Steps 4 to 6."""
    _Stage.name = "start"
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    # What hangs in a package does not notice that the host is gone.
    signal.setitimer(signal.ITIMER_REAL, _START_SECONDS)
    pid = os.getpid()
    program.warm(_enter_stage, proc)
    if os.getpid() != pid:  # a package forked, and this is the copy: there is one zygote
        os._exit(0)
    _Stage.name = "check"
    _check_self(view, {0, 1, 2, control.fileno(), proc, null, ruleset, *program.held})
    room.leave()
    fill_gaps()
    sizes = view.sizes()
    data, size = sizes["VmData"], sizes["VmSize"]
    spawner = Spawner(control, profile, proc, ruleset, program, data=data, address_space=size)
    os.close(null)
    gc.collect()
    gc.freeze()
    huge_pages.gather(view.mappings(), room.places)
    view.close()
    gc.disable()  # a collection here would touch every page that guests share; guests enable it
    control.setblocking(False)
    signal.setitimer(signal.ITIMER_REAL, 0)
    spawner.send({"ready": True, "python": sys.version.split()[0], "data": data})
    return spawner


def _count_threads(view: _SelfView) -> int:
    """How many there are. One that has ended is there until the kernel has taken it away."""
    until = time.monotonic() + _ENDING_SECONDS
    while True:
        threads = len(os.listdir(view.task))
        if threads == 1 or time.monotonic() > until:
            return threads
        os.sched_yield()


def _check_self(view: _SelfView, expected: set[int]) -> None:
    """Assert that there is one thread and no child, and close what a package left open."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        raise RuntimeError("one of the packages leaves a process running when it is imported")
    threads = _count_threads(view)
    if threads != 1:
        raise RuntimeError(
            f"{threads} threads after importing the packages; one of them starts threads at import"
        )
    own = set(view.descriptors())
    for stray in {int(name) for name in os.listdir(view.fd)} - expected - own:
        with contextlib.suppress(OSError):  # the descriptor of this very listing
            os.close(stray)
