"""What a freshly forked guest does to itself before guest code runs: a list of system calls.

The list is made before the fork, with every argument converted, because what costs time in a fresh
copy of a process is the first touch of each page. The order is the kernel's: mounts before
Landlock (a restricted task may not mount), capabilities until then, the last filter at the end.
"""

from __future__ import annotations

import os
import signal
import struct
from collections.abc import Sequence

from ringfence.jail import libc, namespaces, rlimits, seccomp
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import CHANNEL, SCRATCH, Profile

__all__ = ["Confinement", "Steps"]

_REHEARSALS = 24


class Steps:
    """The calls of one set of limits.

    Attributes:
        before: up to the new user namespace.
        maps: (call that opens, text to write) of the id maps.
        after: the rest; the filter is the last.
    """

    __slots__ = ("after", "before", "maps", "threads")

    def __init__(
        self,
        before: list[libc.Prepared],
        maps: list[tuple[list[libc.Prepared], bytes]],
        after: list[libc.Prepared],
        threads: bool,
    ) -> None:
        self.before = before
        self.maps = maps
        self.after = after
        self.threads = threads


class Confinement:
    """Confines guests of one image.

    Args:
        profile: the jail.
        proc: a descriptor of /proc.
        ruleset: a Landlock ruleset that guests restrict themselves by, or -1.
        data: VmData of the image.
        address_space: VmSize of the image.
        descriptors: how many each guest is given.
    """

    def __init__(
        self,
        profile: Profile,
        proc: int,
        ruleset: int,
        *,
        data: int,
        address_space: int,
        descriptors: int = 1,
    ) -> None:
        if CHANNEL <= ruleset < CHANNEL + descriptors:
            raise ValueError("the ruleset has a number that a guest's own descriptors will have")
        self._given = descriptors
        self._profile = profile
        self._namespaces = profile.namespaces
        self._proc = proc
        self._zygote = os.getpid()
        self._ruleset = ruleset
        self._ends_first = _may_ask_to_end(proc)
        self._data = data
        self._address_space = address_space
        self._filtered = "seccomp" in profile.walls
        self._filters = {
            threads: seccomp.layer_two(
                profile.machine, paths=profile.paths, scratch=profile.scratch, threads=threads
            )
            for threads in ((False, True) if self._filtered else ())
        }
        # A guest is pid 1 of its namespace; without one its pid is patched in after the fork.
        self._programs = {
            threads: libc.seccomp_filter(layer.for_pid(1))
            for threads, layer in self._filters.items()
        }

    def steps(self, limits: GuestLimits) -> Steps:
        """The calls for these limits. Made in the zygote, before the fork, and used again."""
        profile, prepare = self._profile, libc.prepare
        before = [
            prepare("prctl", libc.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0),
            # The null device opened anew: its flags would be one variable that all guests share.
            prepare("close", 0),
            prepare("openat", self._proc, b"self/fd/1", os.O_RDWR),
            prepare("dup3", 0, 1, 0),
            prepare("dup3", 0, 2, 0),
        ]
        maps: list[tuple[list[libc.Prepared], bytes]] = []
        after: list[libc.Prepared] = []
        if profile.namespaces:
            before.append(prepare("unshare", namespaces.GUEST_FLAGS))
            inside = namespaces.INSIDE_ID
            for path, text in namespaces.id_maps(inside, inside):
                flags = os.O_WRONLY | os.O_CLOEXEC
                maps.append(([prepare("openat", self._proc, path.encode(), flags)], text))
            if self._ends_first:
                opening = prepare("openat", self._proc, b"self/oom_score_adj", os.O_WRONLY)
                maps.append(([opening], rlimits.FIRST_TO_END))
            if profile.scratch:
                # Always, or the guest would write to the image's, which its siblings share. Without
                # disk there is room for the root folder alone (0 would mean no bound to tmpfs).
                usable = limits.disk > 0 and limits.files > 0
                size, inodes = (limits.disk, limits.files + 1) if usable else (4_096, 1)
                options = f"size={size},nr_inodes={inodes},mode=700".encode()
                place = SCRATCH.encode()
                kind = b"tmpfs"
                after.append(
                    prepare("mount", b"scratch", place, kind, namespaces.SCRATCH_FLAGS, options)
                )
                after.append(prepare("chdir", place))
        for which, value in rlimits.guest_rlimits(
            limits, self._data, self._address_space, count_threads=profile.namespaces
        ):
            after.append(prepare("prlimit64", 0, which, struct.pack("QQ", value, value), 0))
        after.append(prepare("prctl", libc.PR_SET_DUMPABLE, 0, 0, 0, 0))
        after.append(prepare("capset", *libc.NO_CAPABILITIES))
        if self._ruleset >= 0:
            after.append(prepare("landlock_restrict_self", self._ruleset, 0))
        after.append(prepare("close_range", CHANNEL + self._given, 0xFFFF_FFFF, 0))
        threads = limits.threads > 0
        if self._filtered:
            after.append(self._programs[threads].prepared())
        return Steps(before, maps, after, threads)

    def rehearse(self) -> None:
        """Do what :meth:`enter` does with calls that change nothing. Bytecode that has run a few
        times looks no names up, and so writes to fewer pages; a guest runs it but once.
        """
        asking = [libc.prepare("getppid")]
        steps = Steps(asking * 3, [], asking * 3, threads=False)
        own = self._namespaces, self._filtered
        self._namespaces, self._filtered = True, False  # no other parent to expect, no filter
        try:
            for _ in range(_REHEARSALS):
                self.enter(steps, (CHANNEL,))
        finally:
            self._namespaces, self._filtered = own

    def enter(self, steps: Steps, given: Sequence[int]) -> None:
        """Confine the calling process, for good. Called in the guest, right after the fork.

        Args:
            steps: for its limits.
            given: the descriptors that it keeps, the channel first. None is :data:`CHANNEL` itself,
                the zygote's own socket, nor below the number that it gets: another one would have
                taken its place by then.

        Raises:
            OSError, ValueError: a step failed; the process must end.
        """
        libc.perform(steps.before)
        if not self._namespaces and os.getppid() != self._zygote:
            raise ProcessLookupError("the zygote ended before its death could be a signal")
        for opening, text in steps.maps:
            os.write(libc.perform(opening), text)
        for number, descriptor in enumerate(given, CHANNEL):
            if descriptor > number:
                os.dup2(descriptor, number, False)
            elif descriptor < number:
                raise ValueError(f"descriptor {descriptor} was to become {number}")
        if self._filtered and not self._namespaces:
            threads = steps.threads
            self._programs[threads].patch(self._filters[threads].for_pid(os.getpid()))
        libc.perform(steps.after)


def _may_ask_to_end(proc: int) -> bool:
    """Whether a process may say here that it ends before others: /proc may be read-only."""
    try:
        os.close(os.open("self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC, dir_fd=proc))
    except OSError:
        return False
    return True
