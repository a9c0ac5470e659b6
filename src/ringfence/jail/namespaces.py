"""Namespaces and the empty root: what a guest cannot even see. namespaces(7), pivot_root(2).

The order is dictated by the kernel. With real root, the tree is built and entered *before* the user
namespace (mounts made before it become locked, and an interpreter below a private home must still
be reachable), then root is given up. An ordinary user needs the user namespace first.
"""

from __future__ import annotations

import errno
import os
import random
import socket

from ringfence.jail import libc
from ringfence.jail.profile import SCRATCH, Profile

__all__ = [
    "GUEST_FLAGS",
    "INSIDE_ID",
    "SCRATCH_FLAGS",
    "enter",
    "give_up_root",
    "id_maps",
    "map_user",
    "may_change_user",
    "mount_scratch",
]

INSIDE_ID = 1000
"""User and group id of every guest, as the guest sees it."""

GUEST_FLAGS = (
    libc.CLONE_NEWUSER
    | libc.CLONE_NEWNS
    | libc.CLONE_NEWIPC
    | libc.CLONE_NEWUTS
    | libc.CLONE_NEWCGROUP
)
"""New for each guest, besides a PID namespace. The empty network namespace is the image's: making
one costs 0.3 ms, and a guest has no ``socket`` call."""

_IMAGE_FLAGS = (
    libc.CLONE_NEWNS
    | libc.CLONE_NEWNET
    | libc.CLONE_NEWIPC
    | libc.CLONE_NEWUTS
    | libc.CLONE_NEWCGROUP
    | libc.CLONE_NEWPID
)
SCRATCH_FLAGS = libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC
"""How scratch folders are mounted."""

_MASK = -1
_IMAGE_SCRATCH = b"size=16m,nr_inodes=1000,mode=700"
_SPOTS = ("/tmp", "/var", "/usr", "/etc")  # any folder will do: what it hides is not needed again


def enter(profile: Profile, proc: int) -> None:
    """Put the calling process into fresh namespaces with only the profile's tree visible.

    The process itself is not in the new PID namespace; its next child is, as pid 1.

    Args:
        profile: what to show.
        proc: a descriptor (O_PATH) of /proc, which the tree does not have.
    """
    if os.geteuid() == 0 and may_change_user():
        libc.unshare(libc.CLONE_NEWNS)
        _build_and_pivot(profile)
        ids = give_up_root()
        libc.unshare(libc.CLONE_NEWUSER | _IMAGE_FLAGS)
        map_user(proc, *ids)
    else:
        ids = os.getuid(), os.getgid()
        libc.unshare(libc.CLONE_NEWUSER | _IMAGE_FLAGS)
        map_user(proc, *ids)
        _build_and_pivot(profile)
    if profile.scratch:
        mount_scratch(_IMAGE_SCRATCH)
    socket.sethostname("box")


def may_change_user() -> bool:
    """Whether root can become somebody else. In a user namespace that maps no id but root's (a
    container without subordinate ids, ``unshare -r``) it cannot: root there is an ordinary user
    outside, and is treated as one. user_namespaces(7).
    """
    with open("/proc/self/uid_map", encoding="ascii") as lines:
        return sum(int(line.split()[2]) for line in lines) > 1


def give_up_root() -> tuple[int, int]:
    """Become an unprivileged user for good; returns (uid, gid).

    An id that nobody else has is best: then no other process shares its resource counts. Where ids
    are not ours to choose (a container with a narrow id map) it is ``nobody``.
    """
    chosen = random.SystemRandom().randrange(0x6000_0000, 0x7000_0000)
    for ident in (chosen, 65534):
        try:
            os.setgroups([])
            os.setresgid(ident, ident, ident)
            os.setresuid(ident, ident, ident)
        except OSError as error:
            if error.errno != errno.EINVAL or ident == 65534:
                raise
            continue
        break
    libc.prctl(libc.PR_SET_DUMPABLE, 1)  # setresuid cleared it, and uid_map must be ours to write
    return ident, ident


def id_maps(uid: int, gid: int) -> tuple[tuple[str, bytes], ...]:
    """What to write where below /proc, in order, so that ``uid`` and ``gid`` of the parent user
    namespace become :data:`INSIDE_ID`. user_namespaces(7).
    """
    return (
        ("self/uid_map", b"%d %d 1" % (INSIDE_ID, uid)),
        ("self/gid_map", b"%d %d 1" % (INSIDE_ID, gid)),
    )


def map_user(proc: int, uid: int, gid: int) -> None:
    """Write :func:`id_maps`, and give up changing groups, which whoever maps a group must; user
    namespaces below inherit that.
    """
    for path, text in (("self/setgroups", b"deny"), *id_maps(uid, gid)):
        _write(path, text, proc)


def _write(path: str, data: bytes, folder: int) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)


def _build_and_pivot(profile: Profile) -> None:
    """An empty tmpfs with read-only copies of the profile's paths becomes the root."""
    libc.mount(None, b"/", None, libc.MS_REC | libc.MS_PRIVATE, None)
    trees = []
    for source, place in [*((p, p) for p in profile.read), *profile.mounts]:
        real = os.path.realpath(source)
        trees.append((libc.clone_tree(real), place, os.path.isdir(real)))
    trees += [(_MASK, place, True) for place in profile.masks]
    root = next(spot for spot in _SPOTS if os.path.isdir(spot))
    libc.mount(
        b"jail",
        root.encode(),
        b"tmpfs",
        libc.MS_NOSUID | libc.MS_NODEV,
        b"size=4m,nr_inodes=16384,mode=755",
    )
    for fd, place, folder in sorted(trees, key=lambda tree: tree[1].count("/")):
        target = root + place
        if folder:
            os.makedirs(target, exist_ok=True)
        elif not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
        if fd == _MASK:
            options = b"size=1m,nr_inodes=4096,mode=755"
            libc.mount(b"mask", target.encode(), b"tmpfs", libc.MS_NOSUID | libc.MS_NODEV, options)
            continue
        libc.attach_mount(fd, target)
        os.close(fd)
    os.makedirs(root + SCRATCH, exist_ok=True)
    os.makedirs(root + "/.old")
    if profile.scratch and not os.path.lexists(root + "/tmp"):
        os.symlink(SCRATCH, root + "/tmp")
    libc.pivot_root(root.encode(), (root + "/.old").encode())
    os.chdir("/")
    libc.umount(b"/.old", libc.MNT_DETACH)
    os.rmdir("/.old")
    flags = libc.MS_REMOUNT | libc.MS_BIND | libc.MS_RDONLY | libc.MS_NOSUID | libc.MS_NODEV
    for place in ("/", *profile.masks):
        libc.mount(None, os.fsencode(place), None, flags, None)


def mount_scratch(options: bytes) -> None:
    """Mount a tmpfs where scratch files go. The image has one too: packages write caches when they
    are imported. A guest's own covers it.
    """
    libc.mount(b"scratch", SCRATCH.encode(), b"tmpfs", SCRATCH_FLAGS, options)
