"""Stepping down for real: hosts on which some wall cannot stand.

A :class:`Level` is what a process does to itself before it uses the library: it installs the filter
that a container runtime would have installed, closes user namespaces, becomes an ordinary user. None
of it can be undone, so a level is entered in a process of its own::

    python -m tests.support.levels docker -- MODULE ARGUMENT …

enters the level and runs the module as ``python -m`` would. Several levels are joined by ``+`` and
entered from left to right: ``nobody+docker``. Where this machine does not let a process enter it, the
exit status is :data:`NOT_ENTERED`, and standard error says why.
"""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import runpy
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import ringfence
from ringfence.jail import libc
from ringfence.jail.bpf import Branch, Here, Label, Load, Return, Statement, assemble
from ringfence.jail.syscalls import find_machine
from ringfence.model import Policy
from tests.support.bare import become_bare
from tests.support.container import enter_container, read_only_root

__all__ = ["HERE", "LEVELS", "NOT_ENTERED", "command", "enter", "weaker_options"]

HERE = Path(__file__).resolve().parents[2]
"""The repository."""

NOT_ENTERED = 77
"""The exit status of a process that could not enter its level."""

ORDINARY_ID = 61_234
"""User and group of ``nobody`` levels: an id that no account has."""

_ALLOW, _ERRNO = 0x7FFF_0000, 0x0005_0000
_NUMBER, _FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data
_NEW_NAMESPACES = 0x7E02_0000  # the CLONE_NEW* bits of clone(2)
_PR_CAPBSET_DROP, _PR_SET_DUMPABLE = 24, 4

# What moby's profiles/seccomp/default.json allows only with a capability that containers do not
# have, or not at all, as far as it has to do with what the jail is made of.
_DOCKER_REFUSES = """
    add_key bpf fanotify_init fsconfig fsmount fsopen fspick io_uring_enter io_uring_register
    io_uring_setup kcmp keyctl lookup_dcookie mount mount_setattr move_mount move_pages
    open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_vm_readv
    process_vm_writev quotactl request_key setdomainname sethostname setns syslog umount2 unshare
    userfaultfd
"""
# CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT
# MKNOD AUDIT_WRITE SETFCAP: what containers have. capabilities(7).
_DOCKER_CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
_LAST_CAPABILITY = 40

# What AppArmor's profile of unprivileged user namespaces refuses once one was made.
_APPARMOR_REFUSES = "mount mount_setattr move_mount open_tree pivot_root sethostname umount2"


# --- filters ---------------------------------------------------------------------------------


def _refuse(calls: str, error: int, extra: Iterable[Statement] = ()) -> None:
    """Install a filter under which ``calls`` fail with ``error``; it is inherited by everything."""
    numbers = find_machine(platform.machine()).numbers
    refuse = Label("refuse")
    program: list[Statement] = [Load(_NUMBER), *extra]
    program += [Branch("==", numbers[name], refuse) for name in calls.split() if name in numbers]
    program += [Return(_ALLOW), Here(refuse), Return(_ERRNO | error)]
    with contextlib.suppress(PermissionError):  # no_new_privs, or the right to do without
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.seccomp_filter(assemble(program).code).install()


def _docker() -> None:
    """Root in a container under Docker's default profile, or an ordinary user there."""
    numbers = find_machine(platform.machine()).numbers
    after, new, no = Label("after"), Label("new namespaces"), Label("not clone3")
    extra: list[Statement] = [
        Branch("==", numbers["clone3"], None, no),
        Return(_ERRNO | errno.ENOSYS),
        Here(no),
        Branch("==", numbers["clone"], None, after),
        Load(_FIRST_ARGUMENT),
        Branch("&", _NEW_NAMESPACES, new),
        Return(_ALLOW),
        Here(new),
        Return(_ERRNO | errno.EPERM),
        Here(after),
    ]
    if os.geteuid() == 0:
        for capability in range(_LAST_CAPABILITY + 1):
            if capability not in _DOCKER_CAPABILITIES:
                with contextlib.suppress(OSError):  # newer than the kernel
                    libc.prctl(_PR_CAPBSET_DROP, capability)
    _refuse(_DOCKER_REFUSES, errno.EPERM, extra)


def _apparmor() -> None:
    """Ubuntu 23.10 and later for an ordinary user: a user namespace can be made, and is useless."""
    _refuse(_APPARMOR_REFUSES, errno.EACCES)


# --- user namespaces -------------------------------------------------------------------------


def _userns(most: int) -> Callable[[], None]:
    def limit() -> None:
        """``user.max_user_namespaces``, as far as this process can see.

        The setting belongs to a user namespace: one is made for it, with the ids as they were, so
        that the machine's own setting is not touched. user_namespaces(7), namespaces(7).
        """
        user, group = os.geteuid(), os.getegid()
        with _maps_written_from_outside(user, group):
            libc.unshare(libc.CLONE_NEWUSER)
        Path("/proc/sys/user/max_user_namespaces").write_text(str(most))
        if user:
            libc.drop_capabilities()

    return limit


class _maps_written_from_outside:  # noqa: N801 - reads as what it does
    """A child of this process writes the id maps once the block has made a user namespace: root's
    whole map can only be written from the namespace above.
    """

    def __init__(self, user: int, group: int) -> None:
        everything = "0 0 4294967295"
        self._maps = {
            "setgroups": "allow" if user == 0 else "deny",
            "uid_map": everything if user == 0 else f"{user} {user} 1",
            "gid_map": everything if user == 0 else f"{group} {group} 1",
        }

    def __enter__(self) -> None:
        parent = os.getpid()
        read, self._made = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(self._made)
            os.read(read, 1)  # until the parent has made it, or is gone
            try:
                for name, text in self._maps.items():
                    Path(f"/proc/{parent}/{name}").write_text(text)
            finally:
                os._exit(0)
        os.close(read)

    def __exit__(self, *_: object) -> None:
        os.close(self._made)
        os.waitpid(self._child, 0)


# --- users -----------------------------------------------------------------------------------


def _open() -> None:
    """What the interpreter and the repository need can be read by everybody, in a mount namespace of
    this process: root's home usually is closed. An ordinary user's is as it is.
    """
    if os.geteuid():
        return
    libc.unshare(libc.CLONE_NEWNS)
    libc.mount(None, b"/", None, libc.MS_REC | libc.MS_PRIVATE, None)
    _lay_open({sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), str(HERE), _source()})


def _nobody() -> None:
    """An ordinary user. One who runs the tests is one already."""
    if os.geteuid():
        return
    _open()
    os.setgroups([])
    os.setresgid(ORDINARY_ID, ORDINARY_ID, ORDINARY_ID)
    os.setresuid(ORDINARY_ID, ORDINARY_ID, ORDINARY_ID)
    libc.prctl(_PR_SET_DUMPABLE, 1)  # lost with the id, and with it /proc/self
    os.environ["HOME"] = "/"


def _source() -> str:
    return str(Path(ringfence.__file__).parents[1])


def _lay_open(paths: set[str]) -> None:
    """Show ``paths`` below folders that everybody may pass."""
    closed: dict[str, list[str]] = {}
    for path in sorted(paths):
        for folder in reversed(Path(path).parents):
            if not folder.stat().st_mode & 0o001:
                closed.setdefault(str(folder), []).append(path)
                break
    for outer, inside in closed.items():
        trees = [(path, libc.clone_tree(path), Path(path).is_dir()) for path in inside]
        libc.mount(b"open", os.fsencode(outer), b"tmpfs", 0, b"mode=755")
        for path, tree, is_folder in trees:
            if Path(path).exists():  # below another of them
                os.close(tree)
                continue
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).mkdir() if is_folder else Path(path).touch()
            libc.attach_mount(tree, path)
            os.close(tree)


# --- Landlock --------------------------------------------------------------------------------


def _landlock(abi: int) -> Callable[[], None]:
    def limit() -> None:
        """A kernel that knows Landlock up to this ABI."""
        from ringfence._engines.native.engine import NativeEngine

        NativeEngine.__init__.__defaults__ = (abi,)

    return limit


LEVELS: Mapping[str, Callable[[], None]] = {
    "plain": lambda: None,
    "bare": become_bare,
    "open": _open,
    "docker": _docker,
    "apparmor": _apparmor,
    "no-userns": _userns(0),
    "userns-3": _userns(3),
    "nobody": _nobody,
    "read-only": read_only_root,
    "compose": enter_container,
    **{f"landlock-{abi}": _landlock(abi) for abi in (0, 1, 2, 4)},
}
"""What there is to step down to."""


def enter(level: str) -> None:
    """Enter a level, or several that are joined by ``+``. For good."""
    for name in level.split("+"):
        LEVELS[name]()


def command(level: str, module: str, *arguments: str) -> list[str]:
    """The command that runs a module at a level; run it in :data:`HERE`."""
    return [sys.executable, "-m", "tests.support.levels", level, "--", module, *arguments]


# --- weaker walls ----------------------------------------------------------------------------


def weaker_options(walls: Iterable[str]) -> dict[str, Any]:
    """The arguments of a sandbox that accepts exactly these walls, and asks for nothing that they
    cannot enforce.

    As root and without namespaces, a guest needs an interpreter that everybody can read: where this
    one is not, it is the system's.
    """
    options: dict[str, Any] = {"policy": Policy(walls=[walls])}
    if "namespaces" not in walls:
        options["limits"] = ringfence.Limits(threads=0, disk=0)
        if os.geteuid() == 0 and not _open_to_all(os.path.realpath(sys.executable)):
            options["python"] = "/usr/bin/python3"
    return options


def _open_to_all(path: str) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (Path(path), *Path(path).parents))


def main(arguments: list[str]) -> None:
    """``LEVEL -- MODULE ARGUMENT …``."""
    level, dashes, module, *rest = arguments
    if dashes != "--":
        raise SystemExit("usage: python -m tests.support.levels LEVEL -- MODULE ARGUMENT …")
    try:
        enter(level)
    except OSError as error:
        sys.stderr.write(f"{level} cannot be entered here: {error}\n")
        raise SystemExit(NOT_ENTERED) from None
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
